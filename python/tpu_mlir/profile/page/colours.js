// Colours by what the user chose, in both themes. Fills are light with dark text, or dark with light text.
const HUES = {
  "tpu.Conv2D": 212, "tpu.Conv3D": 212, "tpu.Deconv": 228, "tpu.MatMul": 262, "tpu.Pool2D": 180, "tpu.Add": 130, "tpu.Mul": 96,
  "tpu.Sub": 145, "tpu.Active": 45, "tpu.Lut": 60, "tpu.Concat": 322, "tpu.Permute": 300, "tpu.Slice": 285, "tpu.Cast": 15,
  "tpu.Softmax": 30, "tpu.LayerNorm": 160, "tpu.Upsample": 340, "tpu.Interp": 350, "tpu.Scale": 75, "tpu.Reshape": 0,
  CONV: 212, MM: 262, MM2: 252, AR: 130, SFU: 45, PorD: 180, RQ_DQ: 75, SG: 60, CMP: 96, LIN: 145, TRANS_BC: 300,
  DMA_tensor: 25, DMA_matrix: 8, DMA_general: 340, DMA_cw_transpose: 322,
};
const UNIT_HUES = [212, 130, 20, 300];
const spread = (number) => (number * 137.508) % 360; // the golden angle: neighbours differ

function hashHue(text) {
  let hash = 7;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) >>> 0;
  return spread(hash % 97);
}
/// Relative luminance of hsl, which says how readable text on it is.
function luminance(hue, saturation, lightness) {
  const spread = saturation * Math.min(lightness, 1 - lightness);
  const channel = (n) => {
    const k = (n + hue / 30) % 12, value = lightness - spread * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(0) + 0.7152 * channel(8) + 0.0722 * channel(4);
}
const colours = {
  mode: "type",
  dark: false,
  /// Fill for an instruction.
  of(lane, i) {
    const op = lane.op[i];
    if (this.mode === "used") return this.fill(lane.used[i] * 1.25, 0.75);
    if (this.mode === "unit") return this.fill(UNIT_HUES[lane.unit[i]], 0.6);
    return this.ofOp(op);
  },
  ofOp(index) {
    if (index < 0) return this.fill(0, 0);
    if (this.mode === "op") return this.fill(spread(index), 0.62);
    if (this.mode === "group") return this.fill(spread(opOf(index).group), opOf(index).group < 0 ? 0 : 0.62);
    return this.ofType(opOf(index).type);
  },
  ofType(type) { return this.fill(HUES[type] ?? hashHue(type), type ? 0.6 : 0); },
  cache: new Map(),
  fill(hue, saturation) {
    const key = (Math.round(hue) * 128 + Math.round(saturation * 100)) * 2 + (this.dark ? 1 : 0);
    let made = this.cache.get(key);
    if (!made) {
      // All hues equally bright, so that their text is equally readable.
      let lightness = this.dark ? 20 : 60;
      while (lightness < 95 && luminance(hue, saturation, lightness / 100) < (this.dark ? 0.12 : 0.5)) lightness++;
      made = `hsl(${Math.round(hue)} ${Math.round(saturation * 100)}% ${lightness}%)`;
      this.cache.set(key, made);
    }
    return made;
  },
  get text() { return this.dark ? "#f2f5f8" : "#10151b"; },
  /// [fill, words] of the legend.
  legend() {
    if (this.mode === "unit") return UNITS.map((name, unit) => [this.fill(UNIT_HUES[unit], 0.6), name]);
    if (this.mode === "used") return [0, 25, 50, 75, 100].map((part) => [this.fill(part * 1.25, 0.75), part + " % of the best rate"]);
    if (this.mode === "op") return [[this.fill(0, 0), "every op has its own colour"]];
    if (this.mode === "group") return [[this.fill(0, 0), "in no layer group"]];
    const types = new Map();
    for (const row of P.rows) types.set(opOf(row.op).type, (types.get(opOf(row.op).type) || 0) + row.tiuCritical + row.gdmaCritical);
    return [...types].sort((a, b) => b[1] - a[1]).slice(0, 14).map(([type]) => [this.ofType(type), type || "(none)"]);
  },
};
