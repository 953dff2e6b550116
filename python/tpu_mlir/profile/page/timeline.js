// The timeline: what part is seen, drawing of 20,000 instructions and more, pointer and keys.
const canvas = document.getElementById("timeline"), overview = document.getElementById("overview");
const tip = document.getElementById("tip");
const AXIS = 22, LANE = 46, GAP = 6, DDR = 26, BEST_RATE = 58, OP_ROW = 14, MAX_OP_ROWS = 14, LABEL = 46, SHORTEST = 8;

const view = { from: 0, to: Math.max(1, P.total), selected: null, hovered: null, matches: null, onlyCritical: false, range: null };
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/// Rows in which the spans of ops do not overlap; ops beyond the last row share it.
function packOps() {
  const ends = [], spans = [];
  let shared = false;
  if (P.source === "kinds") return { spans, rows: 0, shared };
  for (const row of P.rows) {
    let place = ends.findIndex((end) => end <= row.start);
    if (place < 0) {
      shared ||= ends.length === MAX_OP_ROWS;
      place = Math.min(ends.length, MAX_OP_ROWS - 1);
    }
    ends[place] = Math.max(ends[place] || 0, row.end);
    spans.push({ row, place });
  }
  return { spans, rows: ends.length, shared };
}
const packed = packOps();
const opsTop = AXIS, opsHeight = packed.rows * OP_ROW + (packed.rows ? GAP : 0);
const laneTop = (engine) => opsTop + opsHeight + engine * (LANE + GAP);
const ddrTop = laneTop(2), HEIGHT = ddrTop + DDR + 4;

function surface(target, height) {
  const ratio = window.devicePixelRatio || 1, width = target.clientWidth;
  if (target.width !== Math.round(width * ratio) || target.height !== Math.round(height * ratio)) {
    target.width = Math.round(width * ratio);
    target.height = Math.round(height * ratio);
    target.style.height = height + "px";
  }
  const context = target.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return [context, width];
}
const plotWidth = () => Math.max(1, canvas.clientWidth - LABEL);
const toX = (cycle) => LABEL + ((cycle - view.from) / (view.to - view.from)) * plotWidth();
const toCycle = (x) => view.from + ((x - LABEL) / plotWidth()) * (view.to - view.from);

let wanted = false;
function redraw() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(() => { wanted = false; draw(); });
}

function draw() {
  const began = performance.now();
  const [g, width] = surface(canvas, HEIGHT);
  g.font = "11px system-ui, sans-serif";
  g.textBaseline = "middle";
  drawAxis(g, width);
  g.save();
  g.beginPath();
  g.rect(LABEL, 0, width - LABEL, HEIGHT);
  g.clip();
  drawOps(g);
  let drawn = 0;
  for (const lane of lanes) drawn += drawLane(g, lane);
  drawBytes(g);
  drawSelection(g);
  g.restore();
  drawLabels(g);
  drawOverview();
  draw.last = { milliseconds: performance.now() - began, drawn };
}

function drawAxis(g, width) {
  const span = view.to - view.from, target = (span / plotWidth()) * 110;
  const power = 10 ** Math.floor(Math.log10(Math.max(target, 1)));
  const step = Math.max(1, [1, 2, 5, 10].map((m) => m * power).find((candidate) => candidate >= target));
  g.strokeStyle = css("--line");
  g.fillStyle = css("--quiet");
  g.lineWidth = 1;
  g.beginPath();
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    const x = Math.round(toX(at)) + 0.5;
    g.moveTo(x, AXIS - 5);
    g.lineTo(x, HEIGHT);
    g.fillText(time(at), x + 3, AXIS / 2);
  }
  g.moveTo(0, AXIS - 0.5);
  g.lineTo(width, AXIS - 0.5);
  g.stroke();
}

function drawLabels(g) {
  g.fillStyle = css("--text");
  g.font = "600 11px system-ui, sans-serif";
  if (packed.rows) g.fillText("ops", 8, opsTop + (opsHeight - GAP) / 2);
  ENGINES.forEach((name, engine) => g.fillText(name, 8, laneTop(engine) + LANE / 2));
  g.fillText("DDR", 8, ddrTop + DDR / 2);
}

/// Bytes per cycle from and to DDR, one bar per pixel; a full bar is the best rate.
function drawBytes(g) {
  const lane = lanes[1], columns = Math.ceil(plotWidth()), per = (view.to - view.from) / columns;
  const read = new Float64Array(columns), written = new Float64Array(columns), last = firstAbove(lane.start, view.to);
  for (let i = firstAbove(lane.end, view.from); i < last; i++) {
    if (!lane.cycles[i] || !(lane.read[i] + lane.written[i])) continue;
    const stop = Math.min(columns - 1, Math.floor((lane.end[i] - view.from) / per));
    for (let at = Math.max(0, Math.floor((lane.start[i] - view.from) / per)); at <= stop; at++) {
      const begin = view.from + at * per, shared = Math.min(lane.end[i], begin + per) - Math.max(lane.start[i], begin);
      const part = Math.max(0, shared) / lane.cycles[i] / per;
      if (P.places[lane.reads[i]] !== "on-chip memory") read[at] += lane.read[i] * part;
      if (P.places[lane.writes[i]] !== "on-chip memory") written[at] += lane.written[i] * part;
    }
  }
  // Moves from DDR to DDR count twice and fill the lane.
  const bar = (x, bytes, below, colour) => {
    const height = Math.min(DDR - below, (bytes / BEST_RATE) * DDR);
    g.fillStyle = colour;
    g.fillRect(LABEL + x, ddrTop + DDR - below - height, 1, height);
    return height;
  };
  const loaded = css("--tiu"), stored = css("--gdma");
  for (let x = 0; x < columns; x++) bar(x, written[x], read[x] ? bar(x, read[x], 0, loaded) : 0, stored);
}

/// Faded when it does not match the search or is not on the critical path that was asked for.
function strength(op, critical) {
  if (view.matches && !view.matches.has(op)) return 0.15;
  return view.onlyCritical && !critical ? 0.15 : 1;
}

/// Names differ at their end, kinds at their beginning.
function label(g, text, x, y, room, keepsEnd = true) {
  if (room < 26) return;
  const letters = Math.floor((text.length * (room - 6)) / Math.max(1, g.measureText(text).width)) - 1;
  if (text.length > letters + 1) text = keepsEnd ? "…" + text.slice(1 - letters) : text.slice(0, letters - 1) + "…";
  g.fillText(text, x + 3, y);
}

function drawOps(g) {
  for (const { row, place } of packed.spans) {
    if (row.end < view.from || row.start > view.to) continue;
    const x = Math.max(toX(row.start), LABEL - 1), right = Math.min(toX(row.end), canvas.clientWidth + 1);
    const y = opsTop + 2 + place * OP_ROW;
    const shown = strength(row.op, row.tiuCritical + row.gdmaCritical > 0);
    // Pale from the first load to the last store, full while TIU works for the op.
    g.fillStyle = colours.ofOp(row.op);
    g.globalAlpha = 0.4 * shown;
    g.fillRect(x, y, Math.max(0.7, right - x - 0.7), OP_ROW - 2);
    g.globalAlpha = shown;
    const inner = Math.max(toX(row.computeStart), LABEL - 1), outer = Math.min(toX(row.computeEnd), right);
    g.fillRect(inner, y, Math.max(0.7, outer - inner - 0.7), OP_ROW - 2);
    g.fillStyle = colours.text;
    // Names in a row that ops share would lie on one another.
    if (!packed.shared || place < MAX_OP_ROWS - 1) label(g, opOf(row.op).name, x, y + OP_ROW / 2 - 1, right - x);
  }
  g.globalAlpha = 1;
}

/// Instructions narrower than a pixel are gathered: a column is as strong as the engine is busy in it and has the colour
/// of its longest instruction. Returns how many rectangles were drawn.
function drawLane(g, lane) {
  const y = laneTop(lane.engine), scale = plotWidth() / (view.to - view.from);
  const last = firstAbove(lane.start, view.to);
  let column = -1, busy = 0, longest = -1, drawn = 0;
  const flush = () => {
    if (column >= 0 && busy > 0) {
      g.globalAlpha = Math.min(1, 0.25 + busy) * strength(lane.op[longest], lane.critical[longest]);
      g.fillStyle = colours.of(lane, longest);
      g.fillRect(column, y, 1, LANE);
      drawn++;
    }
    column = -1;
    busy = 0;
  };
  for (let i = firstAbove(lane.end, view.from); i < last; i++) {
    const x = LABEL + (lane.start[i] - view.from) * scale, w = lane.cycles[i] * scale;
    if (w < 1) {
      const at = Math.floor(x);
      if (at !== column) {
        flush();
        column = at;
        longest = i;
      }
      busy += w;
      if (lane.cycles[i] > lane.cycles[longest]) longest = i;
      continue;
    }
    flush();
    const left = Math.max(x, LABEL - 1), right = Math.min(x + w, canvas.clientWidth + 1);
    g.globalAlpha = strength(lane.op[i], lane.critical[i]);
    g.fillStyle = colours.of(lane, i);
    g.fillRect(left, y, Math.max(0.6, right - left - (w > 3 ? 0.7 : 0)), LANE);
    drawn++;
    if (right - left >= 26) {
      g.fillStyle = colours.text;
      label(g, opOf(lane.op[i]).name, left, y + LANE / 2 - 8, right - left);
      label(g, P.kinds[lane.kind[i]], left, y + LANE / 2 + 8, right - left, false);
    }
  }
  flush();
  g.globalAlpha = 1;
  return drawn;
}

function outline(g, lane, i, colour, width) {
  const y = laneTop(lane.engine), x = toX(lane.start[i]), w = Math.max(2, toX(lane.end[i]) - x);
  g.strokeStyle = colour;
  g.lineWidth = width;
  g.strokeRect(x, y - 1, w, LANE + 2);
}

function drawSelection(g) {
  if (view.range) {
    g.fillStyle = css("--accent");
    g.globalAlpha = 0.2;
    g.fillRect(Math.min(...view.range), AXIS, Math.abs(view.range[1] - view.range[0]), HEIGHT - AXIS);
    g.globalAlpha = 1;
  }
  if (!view.selected) return;
  const { lane, i } = view.selected, other = lanes[1 - lane.engine], cause = lane.wait[i];
  outline(g, lane, i, css("--text"), 2);
  if (cause < 0) return;
  outline(g, other, cause, css("--accent"), 2);
  g.strokeStyle = css("--accent");
  g.beginPath();
  const down = lane.engine > other.engine;
  g.moveTo(toX(other.end[cause]), laneTop(other.engine) + (down ? LANE : 0));
  g.lineTo(toX(lane.start[i]), laneTop(lane.engine) + (down ? 0 : LANE));
  g.stroke();
}

function drawOverview() {
  const [g, width] = surface(overview, 36), room = Math.max(1, width - LABEL);
  if (!drawOverview.load || drawOverview.room !== room) {
    drawOverview.room = room;
    drawOverview.load = lanes.map((lane) => loadOf(lane, Math.ceil(room)));
  }
  lanes.forEach((lane, engine) => {
    g.fillStyle = css(engine ? "--gdma" : "--tiu");
    drawOverview.load[engine].forEach((load, x) => {
      const h = Math.min(1, load) * 15;
      g.fillRect(LABEL + x, 17 + engine * 17 - h, 1, h);
    });
  });
  const left = LABEL + (view.from / P.total) * room, right = LABEL + (view.to / P.total) * room;
  g.fillStyle = css("--text");
  g.globalAlpha = 0.12;
  g.fillRect(LABEL, 0, left - LABEL, 36);
  g.fillRect(right, 0, width - right, 36);
  g.globalAlpha = 1;
  g.strokeStyle = css("--accent");
  g.lineWidth = 2;
  g.strokeRect(left + 1, 1, Math.max(2, right - left - 2), 34);
  g.font = "11px system-ui, sans-serif";
  g.fillStyle = css("--quiet");
  g.fillText("load", 8, 18);
}

/// Part of the time that an engine is busy, by column of the whole.
function loadOf(lane, columns) {
  const load = new Float64Array(columns), per = P.total / columns;
  for (let i = 0; i < lane.n; i++) {
    const first = Math.floor(lane.start[i] / per);
    for (let at = first; at < columns && at * per < lane.end[i]; at++)
      load[at] += (Math.min(lane.end[i], (at + 1) * per) - Math.max(lane.start[i], at * per)) / per;
  }
  return load;
}

/// Shows a part of the time, kept inside of the whole and not shorter than a few cycles.
function show(from, to) {
  const span = Math.min(P.total, Math.max(SHORTEST, to - from));
  view.from = Math.min(Math.max(0, from), Math.max(0, P.total - span));
  view.to = view.from + span;
  tip.hidden = true;
  redraw();
}
function zoom(factor, at = (view.from + view.to) / 2) {
  const span = Math.min(P.total, Math.max(SHORTEST, (view.to - view.from) * factor));
  const part = (at - view.from) / (view.to - view.from);
  show(at - part * span, at - part * span + span);
}
const pan = (part) => show(view.from + part * (view.to - view.from), view.to + part * (view.to - view.from));
const fit = () => show(0, P.total);
function showSpan(start, end) {
  const margin = Math.max((end - start) * 0.15, SHORTEST / 2);
  show(start - margin, end + margin);
}
