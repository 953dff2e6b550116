// Everything around the timeline: summary, roofline, remedies, search, table of ops, themes.
const find = (id) => document.getElementById(id);

function summary() {
  find("title").textContent = P.network === P.model.replace(/\.bmodel$/, "") ? P.model : `${P.model} · ${P.network}`;
  find("subtitle").textContent = `BM1684X cycle model at 1 GHz · ${whole(lanes[0].n)} TIU and ${whole(lanes[1].n)} GDMA instructions`;
  const f = P.facts, tiles = [
    ["cycles", whole(P.total)], ["time", time(P.total)], ["TIU busy", percent(f.tiuBusy / P.total)],
    ["GDMA busy", percent(f.gdmaBusy / P.total)], ["from the roofline", (P.total / f.ideal).toFixed(2) + " ×"],
    ["DDR read", bytes(f.read)], ["DDR written", bytes(f.written)], ["multiply-adds", (f.macs / 1e9).toFixed(3) + " G"],
  ];
  for (const [name, value] of tiles) {
    const tile = element("div");
    tile.append(element("dt", name), element("dd", value));
    find("tiles").append(tile);
  }
  for (const note of P.notes) find("notes").append(element("li", note));
  find("notes").hidden = !P.notes.length;
}

/// Bars of cycles against the total; meaning: a longer word for the pointer.
function bars(target, rows) {
  const grid = element("div", undefined, "roof");
  for (const [name, cycles, meaning] of rows) {
    const track = element("div", undefined, "track"), fill = element("div", undefined, "fill"), words = element("span", name);
    fill.style.width = (100 * cycles) / P.total + "%";
    if (meaning) words.title = meaning;
    track.append(fill);
    grid.append(words, track, element("span", `${whole(cycles)} (${percent(cycles / P.total)})`, "number"));
  }
  find(target).append(grid);
}

function roofline() {
  const f = P.facts;
  bars("roofline", [["array at full rate", f.array], ["DDR, each byte once", f.memory], ["TIU busy", f.tiuBusy], ["GDMA busy", f.gdmaBusy], ["total", P.total]]);
  bars("parts", P.parts.filter(([, cycles]) => cycles > 0));
  find("roofline-text").textContent = P.rooflineText;
}

function remedies() {
  for (const remedy of P.remedies) {
    const item = element("li"), button = element("button", "Show"), text = element("div", remedy.text + " ");
    item.append(element("strong", remedy.title), document.createTextNode(" — up to "));
    item.append(element("b", `${whole(remedy.saving)} cycles (${percent(remedy.saving / P.total)})`), text);
    button.type = "button";
    button.setAttribute("aria-label", `Show the ops of: ${remedy.title}`);
    button.addEventListener("click", () => {
      highlight(new Set(remedy.ops), `${remedy.ops.length} ops of this remedy`);
      selectOp(remedy.ops[0]);
    });
    if (remedy.ops.length) text.append(button);
    find("remedies").append(item);
  }
  if (!P.remedies.length) find("remedies").replaceWith(element("p", "Nothing would save half a percent: this is as good as the model gets."));
}

const COLUMNS = [
  ["op", "name", (r) => opOf(r.op).name, null, "name of the op's first result"],
  ["type", "text", (r) => opOf(r.op).type, null, "kind of op"],
  ["result", "text", (r) => [opOf(r.op).shape, opOf(r.op).dtype].filter(Boolean).join(" "), null, "shape and type of the result"],
  ["group", "number", (r) => opOf(r.op).group, (v) => (v < 0 ? "" : whole(v)), "layer group"],
  ["start", "number", (r) => r.start, time, "when its first instruction starts"],
  ["critical", "share", (r) => r.tiuCritical + r.gdmaCritical, whole, "cycles on the critical path; they add up to the total"],
  ["TIU", "number", (r) => r.tiuCycles, whole, "cycles that TIU works for it"],
  ["used", "number", (r) => r.tiuUsed, (v, r) => (r.tiuCycles ? percent(v) : ""), "of TIU's best rate while it works for the op"],
  ["GDMA", "number", (r) => r.gdmaCycles, whole, "cycles that GDMA works for it"],
  ["used", "number", (r) => r.gdmaUsed, (v, r) => (r.gdmaCycles ? percent(v) : ""), "of GDMA's best rate while it works for the op"],
  ["DDR", "number", (r) => r.read + r.written, bytes, "bytes from and to DDR"],
  ["weights", "number", (r) => r.weights, (v) => (v ? bytes(v) : ""), "part of these that are weights"],
  ["multiply-adds", "number", (r) => r.macs, (v) => (v ? whole(v) : ""), "done by the array"],
  ["bound by", "text", (r) => r.bound, null, "what its part of the critical path does most"],
];
const table = { column: 5, ascending: false, rows: new Map() };

function buildTable() {
  COLUMNS.forEach(([name, kind, , , meaning], index) => {
    const head = element("th", undefined, kind === "number" || kind === "share" ? "number" : ""), button = element("button", name);
    head.scope = "col";
    button.type = "button";
    button.title = meaning;
    button.addEventListener("click", () => {
      table.ascending = table.column === index ? !table.ascending : kind === "name" || kind === "text";
      table.column = index;
      sortTable();
    });
    head.append(button);
    find("ops").tHead.rows[0].append(head);
  });
  for (const row of P.rows) table.rows.set(row.op, makeRow(row));
  footer();
  const parts = P.parts.map(([name, , meaning]) => [name, meaning]).filter(([name]) => !(name in P.bounds));
  const meanings = [...COLUMNS.map(([name, , , , meaning]) => [name, meaning]), ...Object.entries(P.bounds), ...parts];
  for (const [name, meaning] of meanings) find("meaning").append(element("dt", name), element("dd", meaning));
  sortTable();
}

function makeRow(row) {
  const line = element("tr");
  for (const [, kind, value, format] of COLUMNS) {
    const text = format ? format(value(row), row) : value(row), cell = element("td", undefined, kind === "share" ? "number" : kind);
    if (kind === "name") {
      const button = element("button", text);
      button.type = "button";
      button.setAttribute("aria-label", `Show ${text} in the timeline`);
      cell.append(button);
    } else if (kind === "share") {
      const bar = element("span", undefined, "share");
      bar.style.width = ((value(row) / P.total) * 5).toFixed(2) + "em";
      cell.append(bar, document.createTextNode(`${text} (${percent(value(row) / P.total)})`));
    } else cell.textContent = text;
    line.append(cell);
  }
  line.addEventListener("click", () => selectOp(row.op));
  return line;
}

function footer() {
  const sum = (key) => P.rows.reduce((total, row) => total + row[key], 0);
  const totals = { 0: "all ops", 5: whole(sum("tiuCritical") + sum("gdmaCritical")), 6: whole(sum("tiuCycles")), 8: whole(sum("gdmaCycles")), 10: bytes(sum("read") + sum("written")), 11: bytes(sum("weights")), 12: whole(sum("macs")) };
  COLUMNS.forEach(([, kind], index) => find("ops").tFoot.rows[0].append(element("td", totals[index] ?? "", kind === "share" ? "number" : kind)));
}

function sortTable() {
  const value = COLUMNS[table.column][2], sign = table.ascending ? 1 : -1;
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
  const sorted = [...P.rows].sort((a, b) => sign * compare(value(a), value(b)) || a.start - b.start);
  find("ops").tBodies[0].replaceChildren(...sorted.map((row) => table.rows.get(row.op)));
  [...find("ops").tHead.rows[0].cells].forEach((cell, index) => {
    if (index === table.column) cell.setAttribute("aria-sort", table.ascending ? "ascending" : "descending");
    else cell.removeAttribute("aria-sort");
    cell.firstChild.textContent = COLUMNS[index][0] + (index === table.column ? (table.ascending ? " ▲" : " ▼") : "");
  });
}
function markRow(op) {
  document.querySelector("#ops tr.selected")?.classList.remove("selected");
  if (op !== null) table.rows.get(op)?.classList.add("selected");
}

/// Fades everything but these ops; null shows all.
function highlight(matches, text = "") {
  view.matches = matches;
  view.next = 0;
  find("matches").textContent = text;
  for (const [op, line] of table.rows) line.hidden = matches !== null && !matches.has(op);
  redraw();
}
function search() {
  const text = find("search").value.trim().toLowerCase();
  if (!text) return highlight(null);
  const found = P.rows.filter(({ op }) => opOf(op).name.toLowerCase().includes(text) || opOf(op).type.toLowerCase().includes(text));
  highlight(new Set(found.map(({ op }) => op)), `${found.length} of ${P.rows.length} ops`);
}
find("search").addEventListener("input", search);
find("search").addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    find("search").value = "";
    highlight(null);
    canvas.focus();
  }
  if (event.key !== "Enter" || !view.matches?.size) return;
  const list = P.rows.filter(({ op }) => view.matches.has(op)); // in order of time
  selectOp(list[view.next++ % list.length].op);
});

function legend() {
  find("legend").replaceChildren(...colours.legend().map(([fill, words]) => {
    const item = element("li"), patch = element("i");
    patch.style.background = fill;
    item.append(patch, document.createTextNode(words));
    return item;
  }));
}
find("colour").addEventListener("change", (event) => {
  colours.mode = event.target.value;
  legend();
  redraw();
});
find("critical").addEventListener("change", (event) => {
  view.onlyCritical = event.target.checked;
  redraw();
});
find("zoom-in").addEventListener("click", () => zoom(0.5));
find("zoom-out").addEventListener("click", () => zoom(2));
find("fit").addEventListener("click", fit);
find("help-open").addEventListener("click", () => find("help").showModal());
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, select, textarea") || find("help").open) return;
  if (event.key === "?") find("help").showModal();
  if (event.key === "/") {
    event.preventDefault();
    find("search").focus();
  }
});

const system = matchMedia("(prefers-color-scheme: dark)");
let chosenTheme = null; // "light", "dark"; null as the system says
function theme() {
  colours.dark = chosenTheme ? chosenTheme === "dark" : system.matches;
  document.documentElement.dataset.theme = colours.dark ? "dark" : "light";
  find("theme").setAttribute("aria-label", `Colours: ${colours.dark ? "dark" : "light"}; change`);
  legend();
  redraw();
}
find("theme").addEventListener("click", () => {
  chosenTheme = colours.dark ? "light" : "dark";
  theme();
});
system.addEventListener("change", theme);

canvas.setAttribute("aria-label", `Timeline of ${P.model}: ${whole(P.total)} cycles on two engines. The table of ops below has the same figures.`);
summary();
roofline();
remedies();
buildTable();
theme();
new ResizeObserver(redraw).observe(canvas.parentElement);
draw();
// For scripts that drive the page.
window.tpuProfile = { view, lanes, show, zoom, pan, fit, select, selectOp, draw, instructionAt, toX, laneTop, columns: COLUMNS };
document.documentElement.dataset.ready = "yes";
