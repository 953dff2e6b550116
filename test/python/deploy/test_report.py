"""The report of --compare_all: complete, self-contained, safe to open, and right in its figures."""

from __future__ import annotations

import csv
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from tpu_mlir.deploy.layers import Layer, clipped_share, compare_layers
from tpu_mlir.deploy.report import COLUMNS, write_csv, write_html
from tpu_mlir.npz.compare import Tolerance

TOLERANCE = Tolerance(0.9, 0.8)
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Checks that tags are closed in order; collects ids, links, tags and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: dict[str, int] = {}
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "xlink:href", "src"):
                self.links.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    assert page.open == []
    return page


def example(names: list[str]) -> tuple[list[Layer], dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Layers with errors that grow, each computed from the one before."""
    random = np.random.default_rng(0)
    layers, computed, reference = [], {}, {}
    for index, name in enumerate(names):
        source = (names[index - 1],) if index else ()
        layers.append(Layer(name, "Conv2D", (1, 4, 5, 5), "si8", 0.02, 0, -2.56, 2.54, source))
        reference[name] = random.standard_normal((1, 4, 5, 5)).astype(np.float32)
        computed[name] = reference[name] + np.float32(0.02 * index) * random.standard_normal((1, 4, 5, 5)).astype("f4")
    return layers, computed, reference


def test_layers_are_judged_by_what_was_before_them():
    layers, computed, reference = example(["a", "b", "c"])
    cast = Layer("b_f16", "Cast", (1, 4, 5, 5), "f16", sources=("b",))
    layers[2] = Layer("c", "Conv2D", (1, 4, 5, 5), "si8", 0.02, 0, -2.56, 2.54, ("b_f16",))
    layers.insert(2, cast)
    report = compare_layers(layers, computed, reference, TOLERANCE, keep=2)
    losses = {loss.layer.name: loss for loss in report.losses}
    assert set(losses) == {"a", "b", "c"}
    expected = losses["b"].similarity.cosine - losses["c"].similarity.cosine
    assert losses["c"].drop == pytest.approx(max(expected, 0.0))
    assert [loss.layer.name for loss in report.worst(1)] == ["c"]
    assert set(report.samples) == {"b", "c"}
    without = compare_layers(layers, computed, reference, TOLERANCE, excepts=["b"])
    assert {loss.layer.name for loss in without.losses} == {"a", "c"}


def test_clipped_share_counts_what_the_type_cannot_hold():
    values = np.array([-2.6, -2.565, 0.0, 2.5, 2.56, 2.9], np.float32)
    layer = Layer("x", "Conv2D", (6,), "si8", 0.02, 0, -2.56, 2.54)
    assert clipped_share(layer, values) == pytest.approx(3 / 6)
    assert clipped_share(Layer("x", "Conv2D", (6,), "f32"), values) == 0.0
    assert clipped_share(Layer("x", "Conv2D", (6,), "f16", low=-65504, high=65504), values * 30000) == pytest.approx(
        5 / 6
    )


def test_the_page_is_complete_and_needs_nothing_from_elsewhere(tmp_path):
    names = [f"layer_{index}" for index in range(30)]
    layers, computed, reference = example(names)
    report = compare_layers(layers, computed, reference, TOLERANCE, keep=3)
    write_html(tmp_path / "r.html", "net on chip", report, TOLERANCE)
    page = parsed(tmp_path / "r.html")
    assert page.tags["svg"] == 1 + 2 * 3
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in page.links)
    assert len(set(page.ids)) == len(page.ids)
    for index in range(30):
        assert f"layer-{index}" in page.ids
        assert page.links.count(f"#layer-{index}") >= 4  # the bars of four plots
    fragments = {link[1:] for link in page.links if link.startswith("#")}
    assert fragments <= set(page.ids)
    for name in names:
        assert name in page.text
    assert "script" not in page.tags
    assert (tmp_path / "r.html").stat().st_size < 1_000_000


def test_plots_are_well_formed(tmp_path):
    layers, computed, reference = example(["a", "b", "c"])
    write_html(tmp_path / "r.html", "t", compare_layers(layers, computed, reference, TOLERANCE, keep=1), TOLERANCE)
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    parts = text.split("<svg")[1:]
    assert len(parts) == 3
    for part in parts:
        ElementTree.fromstring("<svg" + part[: part.index("</svg>") + len("</svg>")])


def test_names_cannot_break_the_page(tmp_path):
    names = ['<script>alert("1")</script>', "a&b<c>", "q\"uote's", "é/ü:0"]
    layers, computed, reference = example(names)
    report = compare_layers(layers, computed, reference, TOLERANCE, keep=4)
    write_html(tmp_path / "r.html", names[0], report, TOLERANCE)
    page = parsed(tmp_path / "r.html")
    assert "script" not in page.tags
    for name in names:
        assert name in page.text
    write_csv(tmp_path / "r.csv", report)
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as file:
        assert [row["layer"] for row in csv.DictReader(file)] == names


@pytest.mark.parametrize("fill", [np.nan, np.inf, 0.0, 1e30])
def test_values_that_are_no_numbers_are_drawn_nevertheless(tmp_path, fill):
    layers, computed, reference = example(["a", "b"])
    computed["b"] = np.full_like(computed["b"], fill)
    report = compare_layers(layers, computed, reference, TOLERANCE, keep=2)
    write_html(tmp_path / "r.html", "t", report, TOLERANCE)
    write_csv(tmp_path / "r.csv", report)
    assert parsed(tmp_path / "r.html").tags["svg"] == 5


def test_nothing_to_compare_is_a_page_too(tmp_path):
    write_html(tmp_path / "r.html", "t", compare_layers([], {}, {}, TOLERANCE), TOLERANCE)
    assert "0 tensors" in parsed(tmp_path / "r.html").text


def test_the_command_writes_what_it_compared(deploy, tmp_path):
    status, out, err = deploy("--quantize", "INT8", "--calibration_table", "TABLE", "--compare_all")
    assert status == 0, err
    assert "small_bm1684x_int8_sym_compare.html" in out
    with (tmp_path / "small_bm1684x_int8_sym_compare.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [row["layer"] for row in rows] == ["r_Relu", "p_MaxPool", "f_Flatten", "y_Gemm"]
    assert all(float(row["cosine"]) > 0.99 and 0 <= float(row["clipped"]) < 0.1 for row in rows)
    for row in rows[:3]:  # 8 bits: what they hold follows from scale and zero point
        assert row["type"] == "ui8"
        assert float(row["high"]) == pytest.approx(255 * float(row["scale"]), rel=1e-4)
        assert float(row["low"]) == 0
    assert "y_Gemm" in parsed(tmp_path / "small_bm1684x_int8_sym_compare.html").text


def test_the_report_stays_when_the_comparison_fails(deploy, tmp_path):
    status, _, _ = deploy(
        "--quantize", "INT8", "--calibration_table", "TABLE", "--compare_all", "--tolerance", "0.9999999,0.9999999"
    )
    assert status == 1
    page = parsed(tmp_path / "small_bm1684x_int8_sym_compare.html")
    assert "4 below the tolerance" in page.text
    assert not (tmp_path / "small.bmodel").exists()


def test_a_browser_shows_it(tmp_path):
    names = ("chromium", "google-chrome", "chromium-browser")
    browser = next((found for name in names if (found := shutil.which(name))), "")
    if not browser:
        pytest.skip("no Chromium on this machine")
    layers, computed, reference = example(["a", "b", "c"])
    page, picture = tmp_path / "r.html", tmp_path / "r.png"
    write_html(page, "t", compare_layers(layers, computed, reference, TOLERANCE, keep=1), TOLERANCE)
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--screenshot={picture}"]
    done = subprocess.run([browser, *options, str(page)], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert picture.stat().st_size > 10_000
