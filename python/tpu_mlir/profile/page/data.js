// What the page shows: the packed columns unfolded into typed arrays, and texts for people.
const P = JSON.parse(document.getElementById("data").textContent);
const NONE = { name: "(none)", type: "", shape: "", dtype: "", group: -1 };
const ENGINES = ["TIU", "GDMA"];
const UNITS = ["multiplier array", "elementwise", "DDR", "lane moves"];

/// One engine. Instructions are in order, so starts and ends ascend; columns that are all zero are left out of the file.
function unpackLane(packed, engine) {
  const n = packed.cycles.length;
  const column = (key, type = Int32Array) => (packed[key] ? type.from(packed[key]) : new type(n));
  const lane = {
    engine, n,
    cycles: column("cycles", Float64Array), op: column("op"), kind: column("kind"), detail: column("detail"),
    wait: packed.wait ? Int32Array.from(packed.wait) : new Int32Array(n).fill(-1),
    critical: column("critical", Uint8Array), unit: column("unit", Uint8Array), used: column("used", Uint8Array),
    read: column("read", Float64Array), written: column("written", Float64Array),
    reads: column("reads", Uint8Array), writes: column("writes", Uint8Array), macs: column("macs", Float64Array),
    start: new Float64Array(n), end: new Float64Array(n),
  };
  const gaps = column("gap", Float64Array);
  let at = 0;
  for (let i = 0; i < n; i++) {
    lane.start[i] = at += gaps[i];
    lane.end[i] = at += lane.cycles[i];
  }
  lane.id = packed.id ? Int32Array.from(packed.id) : Int32Array.from({ length: n }, (_, i) => i + 1);
  return lane;
}

const lanes = P.lanes.map(unpackLane);
const opOf = (index) => (index < 0 ? NONE : P.ops[index]);
const rowOf = new Map(P.rows.map((row) => [row.op, row]));

const whole = (number) => Math.round(number).toLocaleString("en-US");
const percent = (part) => (100 * part).toFixed(part < 0.0995 || (part > 0.985 && part < 0.9995) ? 1 : 0) + " %";
function bytes(count) {
  for (const [scale, unit] of [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]])
    if (count >= scale) return (count / scale).toFixed(1) + " " + unit;
  return whole(count) + " B";
}
function time(cycles) {
  if (cycles >= 1e6) return (cycles / 1e6).toFixed(3) + " ms";
  return cycles >= 1e3 ? (cycles / 1e3).toFixed(2) + " µs" : whole(cycles) + " ns";
}
/// The first index whose value is above the limit in an ascending array.
function firstAbove(values, limit) {
  let low = 0, high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}
