// Pointer, wheel and keys of the timeline, and what is selected.

/// The instruction at a place of the canvas; in gathered columns the longest one near it.
function instructionAt(x, y) {
  const lane = lanes.find((candidate) => y >= laneTop(candidate.engine) && y <= laneTop(candidate.engine) + LANE);
  if (!lane || x < LABEL) return null;
  const reach = ((view.to - view.from) / plotWidth()) * 1.5, at = toCycle(x);
  let best = -1;
  for (let i = firstAbove(lane.end, at - reach); i < lane.n && lane.start[i] <= at + reach; i++) {
    const inside = lane.start[i] <= at && at < lane.end[i];
    if (inside && (best < 0 || lane.cycles[i] >= reach)) best = i;
    else if (best < 0 || (lane.cycles[i] > lane.cycles[best] && lane.cycles[best] < reach)) best = i;
  }
  return best < 0 ? null : { lane, i: best };
}
function opAt(x, y) {
  if (y < opsTop || y >= opsTop + opsHeight || x < LABEL) return null;
  const place = Math.floor((y - opsTop - 2) / OP_ROW), at = toCycle(x), reach = (view.to - view.from) / plotWidth();
  const found = packed.spans.filter((span) => span.place === place && span.row.start <= at + reach && span.row.end >= at - reach);
  return found.length ? found[found.length - 1].row : null;
}

function describe({ lane, i }) {
  const op = opOf(lane.op[i]), parts = [`${ENGINES[lane.engine]} ${lane.id[i]}: ${P.kinds[lane.kind[i]]}`];
  parts.push(`${whole(lane.cycles[i])} cycles from ${whole(lane.start[i])}`, `${lane.used[i]} % of the best rate`);
  if (lane.read[i]) parts.push(`reads ${bytes(lane.read[i])} of ${P.places[lane.reads[i]]}`);
  if (lane.written[i]) parts.push(`writes ${bytes(lane.written[i])} of ${P.places[lane.writes[i]]}`);
  if (lane.macs[i]) parts.push(`${whole(lane.macs[i])} multiply-adds`);
  if (lane.wait[i] >= 0) parts.push(`waits for ${ENGINES[1 - lane.engine]} ${lanes[1 - lane.engine].id[lane.wait[i]]}`);
  if (lane.critical[i]) parts.push("on the critical path");
  return { name: op.name, type: op.type, detail: P.details[lane.detail[i]], parts };
}
function describeRow(row) {
  const op = opOf(row.op), share = (row.tiuCritical + row.gdmaCritical) / P.total;
  return {
    name: op.name, type: op.type, detail: [op.shape, op.dtype].filter(Boolean).join(" "),
    parts: [`${whole(row.tiuCycles)} TIU and ${whole(row.gdmaCycles)} GDMA cycles`, `${percent(share)} of the critical path`,
      `bound by: ${row.bound}`, `${bytes(row.read + row.written)} from and to DDR`],
  };
}
function fillText(target, text) {
  target.replaceChildren(element("strong", text.name), document.createTextNode(text.type ? " · " + text.type : ""));
  if (text.detail) target.append(element("div", text.detail, "quiet"));
  target.append(element("div", text.parts.join(" · ")));
}

function select(chosen, row) {
  view.selected = chosen;
  const details = document.getElementById("details");
  if (chosen) fillText(details, describe(chosen));
  else if (row) fillText(details, describeRow(row));
  else details.textContent = "Nothing is selected.";
  markRow(chosen ? chosen.lane.op[chosen.i] : row ? row.op : null);
  redraw();
}
/// Selects and moves the view so that the instruction is seen.
function reveal(chosen) {
  const { lane, i } = chosen;
  if (lane.end[i] < view.from || lane.start[i] > view.to) {
    const half = (view.to - view.from) / 2, middle = (lane.start[i] + lane.end[i]) / 2;
    show(middle - half, middle + half);
  }
  select(chosen);
}
function selectOp(index, zoomed = true) {
  const row = rowOf.get(index);
  if (!row) return;
  if (zoomed) showSpan(row.start, row.end);
  select(null, row);
}

const pointers = new Map();
let drag = null;
const place = (event) => {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};
canvas.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  const [x, y] = place(event);
  pointers.set(event.pointerId, x);
  canvas.setPointerCapture(event.pointerId);
  canvas.focus();
  drag = { x, y, from: view.from, to: view.to, moved: false, range: event.shiftKey };
  tip.hidden = true;
});
canvas.addEventListener("pointermove", (event) => {
  const [x, y] = place(event);
  if (pointers.size === 2 && pointers.has(event.pointerId)) return pinch(event.pointerId, x);
  if (!drag) return hover(x, y);
  pointers.set(event.pointerId, x);
  if (Math.abs(x - drag.x) > 3) drag.moved = true;
  if (!drag.moved) return;
  if (drag.range) {
    view.range = [drag.x, x];
    return redraw();
  }
  canvas.classList.add("dragging");
  const cycles = ((drag.x - x) / plotWidth()) * (drag.to - drag.from);
  show(drag.from + cycles, drag.to + cycles);
});
/// Two fingers: the cycles under them stay under them.
function pinch(id, x) {
  const [other] = [...pointers].find(([key]) => key !== id) ? [...pointers].filter(([key]) => key !== id).map(([, at]) => at) : [x];
  const before = pointers.get(id), middle = (before + other) / 2;
  if (Math.abs(x - other) > 4) zoom(Math.abs(before - other) / Math.abs(x - other), toCycle(middle));
  pointers.set(id, x);
  if (drag) drag.moved = true;
}
function release(event) {
  pointers.delete(event.pointerId);
  canvas.classList.remove("dragging");
  if (!drag || pointers.size) return;
  const [x, y] = place(event), { moved, range, x: began } = drag;
  drag = null;
  view.range = null;
  if (range && moved) show(toCycle(Math.min(began, x)), toCycle(Math.max(began, x)));
  else if (!moved) {
    const row = opAt(x, y);
    select(row ? null : instructionAt(x, y), row);
  }
}
canvas.addEventListener("pointerup", release);
canvas.addEventListener("pointercancel", release);
canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
canvas.addEventListener("dblclick", (event) => {
  const [x, y] = place(event), found = instructionAt(x, y), row = opAt(x, y) || (found && rowOf.get(found.lane.op[found.i]));
  if (row) showSpan(row.start, row.end);
});

function hover(x, y) {
  const row = opAt(x, y), found = row ? null : instructionAt(x, y);
  tip.hidden = !row && !found;
  if (tip.hidden) return;
  fillText(tip, row ? describeRow(row) : describe(found));
  const box = canvas.parentElement.getBoundingClientRect(), top = canvas.offsetTop;
  tip.style.left = Math.max(4, Math.min(x + 14, box.width - tip.offsetWidth - 6)) + "px";
  tip.style.top = Math.max(0, Math.min(top + y + 16, box.height - tip.offsetHeight - 4)) + "px";
}

/// The wheel zooms where the timeline has the focus or Ctrl is held, else it scrolls the page; sideways it pans.
canvas.addEventListener("wheel", (event) => {
  const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
  const zooms = event.ctrlKey || event.metaKey || document.activeElement === canvas;
  if (!sideways && !zooms) return;
  event.preventDefault();
  const turn = sideways ? event.deltaX || event.deltaY : event.deltaY, pixels = event.deltaMode === 1 ? turn * 20 : turn;
  if (sideways) pan(pixels / plotWidth());
  else zoom(Math.exp(Math.max(-300, Math.min(300, pixels)) * 0.002), toCycle(place(event)[0]));
}, { passive: false });

let overviewDrag = false;
function centre(event) {
  const box = overview.getBoundingClientRect(), half = (view.to - view.from) / 2;
  const at = ((event.clientX - box.left - LABEL) / Math.max(1, box.width - LABEL)) * P.total;
  show(at - half, at + half);
}
overview.addEventListener("pointerdown", (event) => {
  overviewDrag = true;
  overview.setPointerCapture(event.pointerId);
  centre(event);
});
overview.addEventListener("pointermove", (event) => overviewDrag && centre(event));
overview.addEventListener("pointerup", () => { overviewDrag = false; });

function step(direction) {
  const lane = view.selected ? view.selected.lane : lanes[0].n ? lanes[0] : lanes[1];
  const from = view.selected ? view.selected.i + direction : firstAbove(lane.end, view.from);
  const allowed = (i) => (!view.matches || view.matches.has(lane.op[i])) && (!view.onlyCritical || lane.critical[i]);
  for (let i = from; i >= 0 && i < lane.n; i += direction) if (allowed(i)) return reveal({ lane, i });
}
function otherEngine() {
  if (!view.selected) return step(1);
  const { lane, i } = view.selected, other = lanes[1 - lane.engine];
  if (other.n) reveal({ lane: other, i: Math.min(other.n - 1, firstAbove(other.end, lane.start[i])) });
}
function jump() {
  if (!view.selected) return;
  const { lane, i } = view.selected;
  if (lane.wait[i] >= 0) reveal({ lane: lanes[1 - lane.engine], i: lane.wait[i] });
}
function zoomToSelected() {
  if (!view.selected) return;
  const { lane, i } = view.selected, margin = Math.max((lane.end[i] - lane.start[i]) * 0.15, SHORTEST / 2);
  const seen = Math.abs(view.to - view.from - (lane.end[i] - lane.start[i] + 2 * margin)) < 1, row = rowOf.get(lane.op[i]);
  if (seen && row) showSpan(row.start, row.end);
  else showSpan(lane.start[i], lane.end[i]);
}
const KEYS = {
  ArrowLeft: () => pan(-0.15), ArrowRight: () => pan(0.15), a: () => pan(-0.15), d: () => pan(0.15),
  ArrowUp: () => zoom(0.7), ArrowDown: () => zoom(1 / 0.7), w: () => zoom(0.7), s: () => zoom(1 / 0.7),
  "+": () => zoom(0.7), "=": () => zoom(0.7), "-": () => zoom(1 / 0.7), "−": () => zoom(1 / 0.7),
  Home: () => show(0, view.to - view.from), End: () => show(P.total - (view.to - view.from), P.total),
  f: fit, 0: fit, n: () => step(1), p: () => step(-1), t: otherEngine, j: jump, Enter: zoomToSelected, Escape: () => select(null),
  c: () => document.getElementById("critical").click(),
};
canvas.addEventListener("keydown", (event) => {
  const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act();
});
