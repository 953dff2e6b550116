"""The page in a headless Chromium: what it shows, keys and pointer, themes, speed, and that it needs nothing else."""

from __future__ import annotations

import json
import re
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from chromium import Browser
from profile_programs import RESULTS, compute, load, program, store
from tpu_mlir.profile import analyse, find_remedies
from tpu_mlir.profile.html import write_page

SEARCH = "document.getElementById('search')"
OPS = ("stem/conv", "body/add</script><b>", "body.1/conv", "head")


def written(folder: Path, made) -> Path:
    profile = analyse(made)
    write_page(profile, find_remedies(profile), folder / "profile.html")
    return folder / "profile.html"


def instructions(count: int, seed: int = 5, ops: int = 4) -> list:
    """Loads, computations and stores as double buffering gives them, over ops that overlap."""
    random = np.random.default_rng(seed)
    made, loads = [], 0
    for number in range(count // 3):
        op = min(ops - 1, number * ops // (count // 3))
        made.append(load(op, int(random.integers(20, 200)), RESULTS if number % 3 else 1))
        loads += 1
        made.append(compute(op, int(random.integers(10, 300)), waits=loads, ideal=9.0, macs=1000))
        made.append(store(op, int(random.integers(5, 60)), waits=number + 1))
        loads += 1
    return made


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    return written(tmp_path_factory.mktemp("page"), program(instructions(300), OPS))


@pytest.fixture
def opened(browser: Browser, page: Path) -> Browser:
    browser.open(page)
    assert browser.problems() == []
    browser.run("document.getElementById('timeline').focus()")
    return browser


def seen(browser: Browser) -> tuple[float, float]:
    return tuple(browser.run("[tpuProfile.view.from, tpuProfile.view.to]"))


def details(browser: Browser) -> str:
    return browser.run("document.getElementById('details').innerText")


def place_of(browser: Browser, engine: int, row: int) -> tuple[float, float]:
    """The middle of an instruction, in pixels of the window."""
    return tuple(
        browser.run(
            f"""(() => {{
                const lane = tpuProfile.lanes[{engine}], middle = (lane.start[{row}] + lane.end[{row}]) / 2;
                const box = document.getElementById("timeline").getBoundingClientRect();
                return [box.left + tpuProfile.toX(middle), box.top + tpuProfile.laneTop({engine}) + 10];
            }})()"""
        )
    )


def test_the_page_is_one_file_that_asks_for_nothing(opened, page):
    assert opened.requests() == [page.resolve().as_uri()]
    text = page.read_text()
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#|data:)""", text)
    assert "http://" not in text
    assert "https://" not in text
    assert "default-src 'none'" in text


def test_names_are_text_and_no_markup(opened):
    assert "body/add</script><b>" in opened.run("document.getElementById('ops').innerText")
    assert opened.run("document.querySelectorAll('#ops b').length") == 0


def test_columns_come_out_as_they_went_in(opened):
    made = program(instructions(300), OPS)
    critical = made.queues.critical()
    for engine in range(2):
        rows = np.flatnonzero(made.engine == engine)
        lane = json.loads(
            opened.run(
                f"""JSON.stringify(Object.fromEntries(["start", "end", "op", "id", "critical", "read", "written"].map(
                (key) => [key, Array.from(tpuProfile.lanes[{engine}][key])])))"""
            )
        )
        assert lane["start"] == made.start[rows].tolist()
        assert lane["end"] == made.end[rows].tolist()
        assert lane["op"] == made.op[rows].tolist()
        assert lane["id"] == made.id[rows].tolist()
        assert lane["critical"] == critical[rows].astype(int).tolist()
        assert lane["read"] == made.bytes_read[rows].tolist()
        assert lane["written"] == made.bytes_written[rows].tolist()


def test_keys_zoom_and_move(opened):
    total = program(instructions(300), OPS).total
    assert seen(opened) == (0, total)
    opened.key("+")
    assert seen(opened) == pytest.approx((0.15 * total, 0.85 * total))
    opened.key("ArrowRight")
    assert seen(opened) == pytest.approx((0.255 * total, 0.955 * total))
    opened.key("End")
    assert seen(opened) == pytest.approx((0.3 * total, total))
    opened.key("Home")
    opened.key("ArrowLeft")
    assert seen(opened) == pytest.approx((0, 0.7 * total))
    opened.key("-")
    opened.key("s")
    assert seen(opened) == (0, total)
    for _ in range(60):
        opened.key("w")
    assert seen(opened)[1] - seen(opened)[0] == pytest.approx(8)
    opened.key("f")
    assert seen(opened) == (0, total)


def test_instructions_are_reached_by_keys_and_read_out(opened):
    opened.key("n")
    assert "TIU 1: CONV normal" in details(opened)
    assert "waits for GDMA 1" in details(opened)
    opened.key("j")
    assert "GDMA 1: DMA_tensor" in details(opened)
    opened.key("n")
    assert "GDMA 2:" in details(opened)
    opened.key("p")
    opened.key("t")
    assert "TIU 1:" in details(opened)
    opened.key("Enter")
    lane_end = opened.run("tpuProfile.lanes[0].end[0]")
    assert seen(opened)[1] < 3 * lane_end
    assert opened.run("document.querySelector('#ops tr.selected td').textContent") == "stem/conv"
    opened.key("Escape")
    assert details(opened) == "Nothing is selected."
    assert opened.run("document.getElementById('details').getAttribute('aria-live')") == "polite"


def test_pointer_selects_drags_and_zooms(opened):
    opened.run("tpuProfile.show(0, 3000)")
    opened.frame()
    x, y = place_of(opened, 0, 3)
    opened.click(x, y)
    assert "TIU 4:" in details(opened)
    opened.mouse("mouseMoved", *place_of(opened, 1, 2))
    opened.frame()
    assert "GDMA 3:" in opened.run("document.getElementById('tip').innerText")
    before = seen(opened)
    opened.mouse("mouseWheel", x, y, deltaX=0, deltaY=-200)
    opened.frame()
    opened.run("new Promise(done => setTimeout(done, 100))")
    after = seen(opened)
    assert after[1] - after[0] < 0.8 * (before[1] - before[0])
    opened.run("tpuProfile.show(1000, 3000)")
    opened.frame()
    opened.mouse("mousePressed", 700, y, button="left", clickCount=1)
    opened.mouse("mouseMoved", 600, y, button="left", buttons=1)
    opened.mouse("mouseReleased", 600, y, button="left", clickCount=1)
    opened.frame()
    moved = seen(opened)
    assert moved[0] > 1050
    assert moved[1] - moved[0] == pytest.approx(2000)
    opened.mouse("mousePressed", 600, y, button="left", clickCount=1, modifiers=8)
    opened.mouse("mouseMoved", 700, y, button="left", buttons=1, modifiers=8)
    opened.mouse("mouseReleased", 700, y, button="left", clickCount=1, modifiers=8)
    opened.frame()
    assert seen(opened)[1] - seen(opened)[0] < 400


def test_the_wheel_scrolls_the_page_unless_the_timeline_has_the_focus(opened):
    opened.run("document.activeElement.blur(); document.getElementById('timeline').scrollIntoView()")
    x, y = place_of(opened, 0, 3)
    before = seen(opened)
    opened.mouse("mouseWheel", x, y, deltaX=0, deltaY=-200)
    opened.run("new Promise(done => setTimeout(done, 100))")
    assert seen(opened) == before


def test_the_table_has_the_figures_and_sorts(opened):
    rows = analyse(program(instructions(300), OPS)).rows
    names = "[...document.querySelectorAll('#ops tbody tr td:first-child')].map(cell => cell.textContent)"
    assert opened.run(names) == [row.op.name for row in sorted(rows, key=lambda row: -row.critical)]
    assert opened.run("document.querySelector('#ops th[aria-sort]').innerText").startswith("critical")
    opened.run("document.querySelector('#ops thead th button').click()")
    assert opened.run(names) == sorted((row.op.name for row in rows), key=str.lower)
    opened.run("document.querySelector('#ops thead th button').click()")
    assert opened.run(names) == sorted((row.op.name for row in rows), key=str.lower, reverse=True)
    assert opened.run("document.querySelector('#ops th').getAttribute('aria-sort')") == "descending"
    for row in rows:
        line = opened.run(
            "[...document.querySelectorAll('#ops tbody tr')]"
            f".find(line => line.cells[0].textContent === {json.dumps(row.op.name)}).innerText"
        )
        assert f"{row.tiu_cycles:,}" in line
        assert f"{row.gdma_cycles:,}" in line
        assert row.bound in line


def test_search_filters_and_goes_to_the_next_match(opened):
    opened.key("/")
    assert opened.run("document.activeElement.id") == "search"
    opened.page("Input.insertText", text="tpu.add")
    opened.frame()
    assert opened.run("document.getElementById('matches').textContent") == "2 of 4 ops"
    opened.run("search.value = 'BODY'; search.dispatchEvent(new Event('input'))".replace("search", SEARCH))
    assert opened.run("document.querySelectorAll('#ops tbody tr:not([hidden])').length") == 2
    opened.run("document.getElementById('search').focus()")
    opened.key("Enter")
    assert "body/add" in details(opened)
    opened.key("Enter")
    assert "body.1/conv" in details(opened)
    opened.key("Escape")
    assert opened.run("document.querySelectorAll('#ops tbody tr:not([hidden])').length") == 4


def test_remedies_and_roofline_are_shown_and_lead_to_their_ops(opened):
    remedies = find_remedies(analyse(program(instructions(300), OPS)))
    assert len(remedies) == 3
    text = opened.run("document.getElementById('remedies').innerText")
    for remedy in remedies:
        assert remedy.title in text
        assert f"{remedy.saving:,} cycles" in text
    opened.run("document.querySelector('#remedies button').click()")
    assert OPS[remedies[0].ops[0]] in details(opened)
    assert "times the roofline" in opened.run("document.getElementById('roofline-text').innerText")


def brightness(picture: bytes) -> float:
    """Mean brightness of a PNG, 0 to 255."""
    data, at = b"", 8
    width = height = channels = 0
    while at < len(picture):
        length, kind = struct.unpack(">I4s", picture[at : at + 8])
        body = picture[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", body[:10])
            channels = {2: 3, 6: 4}[colour]
        if kind == b"IDAT":
            data += body
        at += 12 + length
    lines = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(height, 1 + width * channels)
    previous = np.zeros(width * channels, dtype=np.int64)
    total = 0.0
    for line in lines.astype(np.int64):
        previous = unfiltered(int(line[0]), line[1:], previous, channels)
        total += previous.mean()
    return total / height


def unfiltered(kind: int, line: np.ndarray, above: np.ndarray, step: int) -> np.ndarray:
    if kind == 0:
        return line
    if kind == 2:
        return (line + above) & 255
    result = line.copy()
    for i in range(len(line)):
        left = int(result[i - step]) if i >= step else 0
        corner = int(above[i - step]) if i >= step else 0
        up = int(above[i])
        guess = left + up - corner
        nearest = min((left, up, corner), key=lambda value: abs(guess - value))
        result[i] = (line[i] + {1: left, 3: (left + up) // 2, 4: nearest}[kind]) & 255
    return result


LUMINANCE = """const luminance = (rgb) => {
  const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
"""
CONTRAST = f"""(() => {{
  {LUMINANCE}
  const parse = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const ground = (node) => {{
    for (; node; node = node.parentElement) {{
      const colour = getComputedStyle(node).backgroundColor;
      if (!/, 0\\)$/.test(colour) && colour !== "transparent") return parse(colour);
    }}
    return [255, 255, 255];
  }};
  const texts = "h1, h2, h3, p, dd, dt, td, li, b, label, summary, button, .number, #matches";
  return Math.min(...[...document.querySelectorAll(texts)]
    .filter(node => node.textContent.trim() && node.offsetParent)
    .map(node => contrast(luminance(parse(getComputedStyle(node).color)), luminance(ground(node)))));
}})()"""
FILL_CONTRAST = f"""(() => {{
  {LUMINANCE}
  const probe = document.createElement("canvas").getContext("2d", {{ willReadFrequently: true }});
  const shown = (colour) => {{
    probe.fillStyle = colour;
    probe.fillRect(0, 0, 1, 1);
    return luminance([...probe.getImageData(0, 0, 1, 1).data].slice(0, 3));
  }};
  const found = [];
  for (const dark of [false, true]) {{
    colours.dark = dark;
    for (let hue = 0; hue < 360; hue += 7) found.push(contrast(shown(colours.fill(hue, 0.75)), shown(colours.text)));
  }}
  return Math.min(...found);
}})()"""


@pytest.mark.parametrize("dark", [False, True])
def test_light_and_dark_follow_the_system_and_are_readable(browser, page, dark):
    browser.open(page, dark=dark)
    assert browser.run("document.documentElement.dataset.theme") == ("dark" if dark else "light")
    assert browser.run(CONTRAST) >= 4.5
    browser.run("tpuProfile.draw()")
    picture = brightness(browser.screenshot())
    assert picture < 90 if dark else picture > 190
    browser.run("document.getElementById('theme').click()")
    assert browser.run("document.documentElement.dataset.theme") == ("light" if dark else "dark")
    assert browser.problems() == []


def test_text_on_the_fills_is_readable(opened):
    assert opened.run(FILL_CONTRAST) >= 4.5


def test_controls_have_names_and_the_help_opens(opened):
    tree = opened.page("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "searchbox", "combobox", "checkbox", "application", "table"}
    controls = [node for node in tree if node.get("role", {}).get("value") in roles and not node.get("ignored")]
    assert len(controls) > 15
    assert all(node["name"]["value"] for node in controls if node["role"]["value"] != "table")
    opened.key("?")
    assert opened.run("document.getElementById('help').open") is True


def test_critical_path_and_colours_can_be_chosen(opened):
    pictures = {opened.screenshot()}
    for mode in ("op", "unit", "used", "group"):
        opened.run(
            f"document.getElementById('colour').value = '{mode}';"
            "document.getElementById('colour').dispatchEvent(new Event('change'))"
        )
        opened.frame()
        pictures.add(opened.screenshot())
    opened.run("document.getElementById('critical').click()")
    opened.frame()
    pictures.add(opened.screenshot())
    assert len(pictures) == 6
    assert opened.run("tpuProfile.view.onlyCritical") is True


def test_twenty_thousand_instructions_are_drawn_fast(browser, tmp_path):
    names = [f"/network/stage.{number // 100}/block.{number}/Conv_output_0_Conv" for number in range(1000)]
    path = written(tmp_path, program(instructions(21_000, ops=1000), names))
    assert path.stat().st_size < 2_000_000
    began = time.monotonic()
    browser.open(path)
    assert time.monotonic() - began < 10
    whole = browser.run("tpuProfile.draw(), tpuProfile.draw(), tpuProfile.draw.last")
    # At most a rectangle per pixel and engine, whatever the number of instructions.
    assert whole["drawn"] < 2 * 1300
    times = browser.run(
        """Array.from({ length: 40 }, () => {
            tpuProfile.zoom(0.8);
            tpuProfile.draw();
            return tpuProfile.draw.last.milliseconds;
        }).sort((a, b) => a - b)"""
    )
    assert times[len(times) // 2] < 50  # milliseconds, without a graphics card on a shared machine
    browser.key("f")
    assert browser.problems() == []


def test_a_page_without_ops_shows_kinds_and_says_so(browser, tmp_path):
    made = program(instructions(30), ("TIU CONV normal", "GDMA DMA_tensor", "x", "y"), source="kinds")
    made.notes.append("The file does not say which op an instruction comes from.")
    browser.open(written(tmp_path, made))
    assert "does not say" in browser.run("document.getElementById('notes').innerText")
    assert browser.problems() == []
