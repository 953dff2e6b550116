"""NumPy models of BM1684X TIU compute instructions (docs/simulator.md).

Floats are handled by value in numpy.float32; f16/bf16 storage is uint16.
numpy must run with default floating point flags (no FTZ/DAZ): where the
device flushes denormals the models do it explicitly with daz().
"""
import numpy as np

f32 = np.float32
I8, F16, F32, I16, I32, BF16, I4 = 0, 1, 2, 3, 4, 5, 6
BITS = {I8: 8, F16: 16, F32: 32, I16: 16, I32: 32, BF16: 16}
LANES, LANE_BYTES = 64, 256 * 1024
# rounding mode codes
RM_EVEN, RM_AWAY, RM_ZERO, RM_DOWN, RM_UP, RM_HALF_UP, RM_HALF_DOWN = range(7)


# ------------------------------------------------------------------ layouts
def _up(a, b):
    return -(-a // b) * b


def split_addr(addr):
    """local address -> (start lane, byte offset inside a lane)"""
    return divmod(addr, LANE_BYTES)


def aligned_strides(c, h, w, es, lane0=0):
    cs = _up(h * w * es, 64)
    return _up(lane0 + c, LANES) // LANES * cs, cs          # n, c stride (bytes)


def put_aligned(lmem, addr, x):
    """64-byte aligned NCHW: channel c -> lane (lane0+c)%64, each channel
    plane (h*w contiguous) starts on a 64-byte boundary."""
    n, c, h, w = x.shape
    es = x.dtype.itemsize
    l0, a = split_addr(addr)
    ns, cs = aligned_strides(c, h, w, es, l0)
    for i in range(n):
        for j in range(c):
            g, l = divmod(l0 + j, LANES)
            o = a + i * ns + g * cs
            lmem[l, o:o + h * w * es] = np.ascontiguousarray(x[i, j]).reshape(-1).view(np.uint8)


def get_aligned(lmem, addr, shape, dtype):
    n, c, h, w = shape
    es = np.dtype(dtype).itemsize
    l0, a = split_addr(addr)
    ns, cs = aligned_strides(c, h, w, es, l0)
    out = np.empty(shape, dtype)
    for i in range(n):
        for j in range(c):
            g, l = divmod(l0 + j, LANES)
            o = a + i * ns + g * cs
            out[i, j] = lmem[l, o:o + h * w * es].copy().view(dtype).reshape(h, w)
    return out


def put_compact(lmem, addr, x):
    """(c, k): channel c in lane (lane0+c)%64, group g at g*k*itemsize."""
    c, k = x.shape
    n = k * x.dtype.itemsize
    l0, a = split_addr(addr)
    for j in range(c):
        g, l = divmod(l0 + j, LANES)
        lmem[l, a + g * n:a + (g + 1) * n] = np.ascontiguousarray(x[j]).view(np.uint8)


def put_params(lmem, addr, words):
    """RQ&DQ per-channel records: (c, k) 32-bit words, channel group stride 64 B."""
    c, k = words.shape
    l0, a = split_addr(addr)
    for j in range(c):
        g, l = divmod(l0 + j, LANES)
        lmem[l, a + g * 64:a + g * 64 + 4 * k] = np.ascontiguousarray(words[j]).view(np.uint8)


CUBE = {1: 64, 2: 32, 4: 1}          # input channels per weight cell, by item size


def put_weights(lmem, addr, w):
    """CONV weights (oc,ic,kh,kw): oc -> lane; in a lane [oc/64][ic/cube][kh][kw][cube],
    ic zero padded to a multiple of cube, no alignment between oc groups."""
    oc, ic, kh, kw = w.shape
    cube = CUBE[w.dtype.itemsize]
    icp = _up(ic, cube)
    p = np.zeros((oc, icp, kh, kw), w.dtype)
    p[:, :ic] = w
    p = p.reshape(oc, icp // cube, cube, kh, kw).transpose(0, 1, 3, 4, 2)
    put_compact(lmem, addr, np.ascontiguousarray(p).reshape(oc, -1))


def put_matrix(lmem, addr, m, w):
    """MM matrices: row r = batch r; the columns are cut in chunks of w, one per
    channel; 64-byte aligned layout of shape (rows, ceil(cols/w), 1, w)."""
    R, C = m.shape
    c = -(-C // w)
    x = np.zeros((R, c * w), m.dtype)
    x[:, :C] = m
    put_aligned(lmem, addr, x.reshape(R, c, 1, w))


def get_matrix(lmem, addr, R, C, w, dtype):
    c = -(-C // w)
    return get_aligned(lmem, addr, (R, c, 1, w), dtype).reshape(R, c * w)[:, :C]


# ------------------------------------------------------- scalar conversions
def daz(x):
    """flush f32 denormals to zero, sign kept"""
    u = np.ascontiguousarray(x, f32).view(np.uint32)
    return np.where((u & 0x7F800000) == 0, u & np.uint32(0x80000000), u).astype(np.uint32).view(f32)


def bf16_to_f32(b):
    return (np.asarray(b, np.uint16).astype(np.uint32) << 16).view(f32)


def f16_to_f32(b):
    return np.asarray(b, np.uint16).view(np.float16).astype(f32)


def half_to_f32(p, b):
    return f16_to_f32(b) if p == F16 else bf16_to_f32(b)


def _round_real(y, m):
    """float64 -> integral float64"""
    with np.errstate(all="ignore"):
        if m == RM_EVEN:
            return np.rint(y)
        fl = np.floor(y)
        fr = y - fl
        up = {RM_AWAY: (fr > .5) | ((fr == .5) & (y >= 0)), RM_ZERO: (fr != 0) & (y < 0),
              RM_DOWN: np.zeros_like(fr, bool), RM_UP: fr != 0,
              RM_HALF_UP: fr >= .5, RM_HALF_DOWN: fr > .5}[m]
        return fl + up


def _round_mag(y, m):
    """conversions to f16/bf16/f32: the two half modes act on the magnitude"""
    if m == RM_HALF_UP:
        m = RM_AWAY
    if m == RM_HALF_DOWN:
        return np.copysign(_round_real(np.abs(y), RM_HALF_DOWN), y)
    return _round_real(y, m)


def real_to_half(p, x, m=RM_EVEN, saturate=False, by_value=False):
    """exact values (float64) -> f16/bf16 bits.  saturate: directed modes stop
    at the largest finite value (integer sources); otherwise overflow -> inf."""
    x = np.asarray(x, np.float64)
    prec, emin, big = (11, -14, 65504.0) if p == F16 else (8, -126, float(bf16_to_f32([0x7F7F])[0]))
    ax = np.abs(x)
    e = np.where((ax > 0) & np.isfinite(ax), np.frexp(np.where(np.isfinite(ax), ax, 1))[1] - 1, emin)
    q = np.ldexp(1.0, np.maximum(e, emin) - (prec - 1))
    with np.errstate(all="ignore"):
        t = np.where(np.isfinite(x), (_round_real if by_value else _round_mag)(x / q, m) * q, x)
        ovf = np.abs(t) > big
        lim = np.full(x.shape, np.inf)
        if saturate:
            pos = x > 0
            keep = {RM_ZERO: np.ones_like(pos), RM_DOWN: pos, RM_UP: ~pos}.get(m, np.zeros_like(pos))
            lim = np.where(keep & np.isfinite(x), big, np.inf)
        t = np.where(ovf, np.sign(t) * lim, t)
        if p == F16:
            b = t.astype(np.float16).view(np.uint16)
        else:
            b = (t.astype(f32).view(np.uint32) >> 16).astype(np.uint16)
    b = np.where(t == 0, np.where(np.signbit(x), 0x8000, 0), b)
    b = np.where(np.isnan(x), np.where(np.signbit(x), 0xFFFF, 0x7FFF), b)
    return b.astype(np.uint16)


def f32_to_half(p, x, m=RM_EVEN):
    """f32 denormal sources become zero; gradual underflow on the f16 side."""
    return real_to_half(p, daz(x).astype(np.float64), m)


def round_half(p, x):
    """value of x after storing it as p (identity for F32)"""
    return x if p == F32 else half_to_f32(p, f32_to_half(p, x))


def int_to_f32(v, m=RM_EVEN):
    v = np.asarray(v, np.int64)
    y = v.astype(f32)
    d = y.astype(np.float64)
    dn = np.where(d > v, np.nextafter(y, f32(-np.inf)), y)
    up = np.where(d < v, np.nextafter(y, f32(np.inf)), y)
    if m in (RM_AWAY, RM_HALF_UP, RM_HALF_DOWN):       # differ on ties only
        tie = (v - dn.astype(np.float64)) == (up.astype(np.float64) - v)
        return np.where(tie, {RM_AWAY: np.where(v >= 0, up, dn), RM_HALF_UP: up, RM_HALF_DOWN: dn}[m], y)
    return {RM_EVEN: y, RM_ZERO: np.where(v >= 0, dn, up), RM_DOWN: dn, RM_UP: up}[m]


def limits(p, signed):
    b = BITS[p]
    return (-(1 << (b - 1)), (1 << (b - 1)) - 1) if signed else (0, (1 << b) - 1)


def float_to_int(x, p, signed, m):
    """modes 0..4 only; NaN -> 0; saturates; infinities saturate"""
    lo, hi = limits(p, signed)
    x = np.asarray(x, np.float64)
    with np.errstate(all="ignore"):
        t = np.clip(_round_real(x, m), lo, hi)
    return np.where(np.isnan(x), 0, t).astype(np.int64)


def rshift(v, s, m):
    """rounded arithmetic right shift of int64 values, s >= 0"""
    v = np.asarray(v, np.int64)
    if s == 0:
        return v
    if s > 63:
        return {RM_DOWN: (v < 0) * -1, RM_UP: (v > 0) * 1}.get(m, np.zeros_like(v)).astype(np.int64)
    fl = v >> s
    fr = (v - (fl << s)).astype(np.uint64)
    half = np.uint64(1 << (s - 1))
    up = {RM_EVEN: (fr > half) | ((fr == half) & ((fl & 1) == 1)),
          RM_AWAY: (fr > half) | ((fr == half) & (v >= 0)),
          RM_ZERO: (fr != 0) & (v < 0), RM_DOWN: np.zeros(v.shape, bool),
          RM_UP: fr != 0, RM_HALF_UP: fr >= half, RM_HALF_DOWN: fr > half}[m]
    return fl + up


def shift(v, s, m):
    """s > 0: left (64-bit wrap, count modulo 64), s <= 0: rounded right"""
    v = np.asarray(v, np.int64)
    with np.errstate(over="ignore"):
        return v << np.int64(s & 63) if s > 0 else rshift(v, -s, m)


def shift_big(v, s, m):
    """unbounded integers (object arrays)"""
    if s >= 0:
        return v << s
    s = -s
    fl = v >> s
    fr, half = v - (fl << s), 1 << (s - 1)
    up = {RM_EVEN: (fr > half) | ((fr == half) & ((fl & 1) == 1)), RM_AWAY: (fr > half) | ((fr == half) & (v >= 0)),
          RM_ZERO: (fr != 0) & (v < 0), RM_DOWN: fr < 0, RM_UP: fr != 0, RM_HALF_UP: fr >= half,
          RM_HALF_DOWN: fr > half}[m]
    return fl + up.astype(object)


def shift_each(v, s, m):
    """v (n,c,h,w), s (c,)"""
    return np.stack([shift(v[:, j], int(s[j]), m) for j in range(v.shape[1])], 1)


# -------------------------------------------------------------- CONV / PorD
def windows(x, k, stride=(1, 1), dil=(1, 1), pad=(0, 0, 0, 0), pad_val=0, ins=(0, 0),
            ins_val=0, pad_mode=0):
    """(kh, kw, n, c, oh, ow) view of the padded/zero-inserted input.
    pad = (up, down, left, right); pad_val/ins_val scalar or per channel;
    pad_mode 0 constant, 1 reflect, 2 edge, 3 wrap."""
    n, c, h, w = x.shape
    if ins[0] or ins[1]:
        y = np.empty((n, c, (h - 1) * (ins[0] + 1) + 1, (w - 1) * (ins[1] + 1) + 1), x.dtype)
        y[:] = np.asarray(ins_val, x.dtype).reshape(1, -1, 1, 1)
        y[:, :, ::ins[0] + 1, ::ins[1] + 1] = x
        x = y
    pw = ((0, 0), (0, 0), pad[:2], pad[2:])
    if pad_mode == 0:
        xp = np.empty((n, c, x.shape[2] + pad[0] + pad[1], x.shape[3] + pad[2] + pad[3]), x.dtype)
        xp[:] = np.asarray(pad_val, x.dtype).reshape(1, -1, 1, 1)
        xp[:, :, pad[0]:pad[0] + x.shape[2], pad[2]:pad[2] + x.shape[3]] = x
    else:
        xp = np.pad(x, pw, mode=("", "reflect", "edge", "wrap")[pad_mode])
    (kh, kw), (sh, sw), (dh, dw) = k, stride, dil
    oh = (xp.shape[2] - ((kh - 1) * dh + 1)) // sh + 1
    ow = (xp.shape[3] - ((kw - 1) * dw + 1)) // sw + 1
    o = np.empty((kh, kw, n, c, oh, ow), x.dtype)
    for i in range(kh):
        for j in range(kw):
            o[i, j] = xp[:, :, i * dh:i * dh + (oh - 1) * sh + 1:sh, j * dw:j * dw + (ow - 1) * sw + 1:sw]
    return o


def conv_int8(win, w, kzp=0, out=I32, signed=True, res=None):
    """sum x*(w-kzp); I32: + old contents; I16: saturated, old contents ignored"""
    wq = w.astype(np.int64) - np.asarray(kzp, np.int64).reshape(-1, 1, 1, 1)
    acc = np.einsum("ijnchw,ocij->nohw", win.astype(np.int64), wq)
    if out == I32:
        if res is not None:
            acc = acc + res
        return ((acc + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
    return np.clip(acc, *limits(out, signed))


def conv_int8_rq(win, w, bias, rsh, out, signed, relu):
    """conv.wrq / conv.wrqrelu: one shift for all channels, round half up"""
    acc = np.einsum("ijnchw,ocij->nohw", win.astype(np.int64), w.astype(np.int64))
    t = rshift(acc + np.asarray(bias, np.int64).reshape(1, -1, 1, 1), rsh, RM_HALF_UP)
    return np.clip(np.maximum(t, 0), *limits(out, False)) if relu else np.clip(t, *limits(out, signed))


CANON_NAN = np.array([0xFFC00000], np.uint32).view(f32)[0]


def dot_group(P):
    """P (k, ...): exact products as float64 (k <= 32).  Fixed point sum:
    LSB = 2^(emax-24), every product truncated toward zero to the LSB, exact
    sum, one rounding to nearest even f32."""
    fin = np.isfinite(P)
    ok = fin.all(0)
    Pf = np.where(fin, P, 0.0)
    e = np.where(Pf == 0, -4000, np.frexp(Pf)[1] - 1).max(0)
    e = np.where(e == -4000, 0, e)
    q = np.trunc(np.ldexp(Pf, 24 - e)).sum(0)
    with np.errstate(all="ignore"):
        y = daz(np.ldexp(q, e - 24).astype(f32))
        pos, neg = (P == np.inf).any(0), (P == -np.inf).any(0)     # an infinity hides NaNs
        bad = np.where(pos & ~neg, f32(np.inf), np.where(neg & ~pos, f32(-np.inf), CANON_NAN))
    return np.where(ok, y, bad).astype(f32)


def _outer(win_k, w_k):
    return win_k[:, None] * w_k.reshape(1, -1, 1, 1)


def _half_products(a, b):
    """products of two halves: exact, through f32 range with flush"""
    with np.errstate(all="ignore"):
        return daz((a.astype(np.float64) * b.astype(np.float64)).astype(f32)).astype(np.float64)


def conv_float(p, win, w, bias=None, res=None):
    """win, w: float32 values.  Returns the f32 accumulator (round with
    f32_to_half for half outputs).  res: old accumulator, always f32."""
    kh, kw, n, ic, oh, ow = win.shape
    shp = (n, w.shape[0], oh, ow)
    b = np.zeros(shp, f32) if bias is None else np.broadcast_to(bias.reshape(1, -1, 1, 1), shp).astype(f32)
    if p != F32:
        if p == BF16:
            win, w = daz(win), daz(w)
        acc = b if res is None else daz(res + b)
        for c in range(0, ic, 32):
            for i in range(kh):
                for j in range(kw):
                    P = np.stack([_half_products(*np.broadcast_arrays(win[i, j, :, k][:, None], w[:, k, i, j].reshape(1, -1, 1, 1)))
                                  for k in range(c, min(ic, c + 32))])
                    with np.errstate(all="ignore"):
                        acc = daz(acc + dot_group(P))
        return acc
    win, w = daz(win), daz(w)
    odd, even = (b, np.zeros(shp, f32)) if res is None else (np.asarray(res, f32), b)
    acc, t = [even, odd], 0
    with np.errstate(all="ignore"):
        for c in range(ic):
            for i in range(kh):
                for j in range(kw):
                    acc[t & 1] = daz(acc[t & 1] + daz(_outer(win[i, j, :, c], w[:, c, i, j])))
                    t += 1
        return daz(acc[1] + acc[0])


def depthwise_float(p, win, w, bias=None, zero=0.0):
    """p F32/F16/BF16.  Every product and sum is rounded to p.  Tap t (row-major)
    goes to accumulator t&1; accumulator 1 starts with the bias."""
    R = (lambda v: daz(v)) if p == F32 else (lambda v: round_half(p, v))
    z = np.full(win.shape[2:], zero, f32)
    acc = [z, z if bias is None else z + bias.reshape(1, -1, 1, 1)]
    if p != F16:
        win, w = daz(win), daz(w)
    kh, kw = win.shape[:2]
    t = 0
    for i in range(kh):
        for j in range(kw):
            acc[t & 1] = R(acc[t & 1] + R(win[i, j] * np.asarray(w[..., i, j], f32).reshape(1, -1, 1, 1)))
            t += 1
    return R(acc[1] + acc[0])


def avgpool_float(p, win, scale):
    """depthwise with one constant weight, no bias; the sums start without an
    initial +0 (visible only as -0 results)"""
    kh, kw, n, c = win.shape[:4]
    return depthwise_float(p, win, np.full((c, kh, kw), scale, f32), zero=-0.0)


def depthwise_int8(win, w, bias, rsh, rm, out, signed, relu=False):
    acc = np.einsum("ijnchw,cij->nchw", win.astype(np.int64), w.astype(np.int64))
    if bias is not None:
        acc = acc + np.asarray(bias, np.int64).reshape(1, -1, 1, 1)
    t = rshift(acc, rsh, rm)
    return np.clip(np.maximum(t, 0), *limits(out, False)) if relu else np.clip(t, *limits(out, signed))


def avgpool_int8(win, scale, rsh, out, signed):
    """round half up whatever the rounding field says"""
    return np.clip(rshift(win.astype(np.int64).sum((0, 1)) * scale, rsh, RM_HALF_UP), *limits(out, signed))


LOWEST = {F32: float(np.finfo(f32).min), F16: -65504.0, BF16: -float(bf16_to_f32([0x7F7F])[0])}


def maxpool(win, p=I8):
    """float maxima start from the lowest finite value (an all -inf window
    gives that value, not -inf)"""
    m = win.max((0, 1))
    return np.maximum(m, f32(LOWEST[p])) if p in LOWEST else m


# ------------------------------------------------------------------ RQ & DQ
def rq0(x, scale, offset, out, signed, i2f_rm, f2i_rm):
    """per channel (or scalar) f32 scale/offset"""
    s, o = np.asarray(scale, f32).reshape(1, -1, 1, 1), np.asarray(offset, f32).reshape(1, -1, 1, 1)
    return float_to_int(daz(daz(int_to_f32(x, i2f_rm) * s) + o), out, signed, f2i_rm)


def rq1(x, mult, sh, zp, out, signed, rm):
    v = np.asarray(x, np.int64) * np.asarray(mult, np.int64).reshape(1, -1, 1, 1)
    t = shift_each(v, sh, rm) if np.ndim(sh) else shift(v, int(sh), rm)
    return np.clip(t + np.asarray(zp, np.int64).reshape(1, -1, 1, 1), *limits(out, signed))


def _zp16(zp, signed):
    z = np.asarray(zp, np.int64) & 0xFFFF
    return np.where(signed & (z > 32767), z - 65536, z).reshape(1, -1, 1, 1)


def dq0(x, zp, scale, src_signed):
    return daz(int_to_f32(np.asarray(x, np.int64) - _zp16(zp, src_signed)) * np.asarray(scale, f32).reshape(1, -1, 1, 1))


def dq1(x, zp, mult, sh, src_signed, out, signed, rm):
    v = (np.asarray(x, np.int64) - _zp16(zp, src_signed)) * np.asarray(mult, np.int64).reshape(1, -1, 1, 1)
    t = shift_each(v, sh, rm) if np.ndim(sh) else shift(v, int(sh), rm)
    return np.clip(t, *limits(out, True if out == I32 else signed))


# ----------------------------------------------------------------------- AR
MUL, ADD, SUB, MAX, MIN, ADDS, SUBS, MULS = 0, 2, 3, 4, 5, 15, 16, 20


def ar_float(op, p, a, b):
    """a, b float32 values of p (F32/F16/BF16); returns the value of the result.
    NaN payloads are not modelled for F32 (f16/bf16 arithmetic gives 0x7fff)."""
    g = (lambda v: v) if p == F16 else daz
    a, b = g(a), g(b)
    with np.errstate(all="ignore"):
        if op == MAX:
            return np.where(a > b, a, b)
        if op == MIN:
            return np.where(a >= b, b, a)
        y = g({MUL: np.multiply, ADD: np.add, SUB: np.subtract}[op](a, b))
        return round_half(p, y)


def ar_fsubabs(p, a, b):
    d = ar_float(SUB, p, b, a)
    if p == F32:
        return np.where(d < 0, -d, d)
    g = (lambda v: v) if p == F16 else daz
    return np.where(g(a) > g(b), ar_float(SUB, p, a, b), d)


def ar_mac_f32(a, b, old):
    with np.errstate(all="ignore"):
        return daz(daz(old) + daz(daz(a) * daz(b)))


def ar_int(op, a, b, sh, rm, out, a_signed, b_signed):
    wide = np.asarray(a).dtype.itemsize == 4 or np.asarray(b).dtype.itemsize == 4
    a, b = (np.asarray(t).astype(object if wide else np.int64) for t in (a, b))
    v = {MUL: a * b, MULS: a * b, ADD: a + b, ADDS: a + b, SUB: a - b, SUBS: a - b}[op]
    t = shift_big(v, sh, rm) if wide else shift(v, sh, rm)
    if op in (ADDS, SUBS, MULS):
        return np.clip(t, *limits(out, bool(a_signed or b_signed or op == SUBS)))
    return t & ((1 << BITS[out]) - 1)                   # caller reinterprets


def cast(x, src, src_signed, dst, dst_signed, rm):
    """x: integers, f32 values (F32) or uint16 bits (F16/BF16)."""
    isint = lambda p: p in (I8, I16, I32)
    if isint(src):
        v = np.asarray(x, np.int64)
        if isint(dst):
            return np.clip(v, *limits(dst, dst_signed))
        if dst == F32:
            return int_to_f32(v, rm)
        return real_to_half(dst, v.astype(np.float64), rm, saturate=(src == I32), by_value=(src == I32))
    v = np.asarray(x, f32) if src == F32 else half_to_f32(src, x)
    if isint(dst):
        return float_to_int(v, dst, dst_signed, rm)
    if dst == F32:                                     # from F16/BF16
        if src == BF16:
            return v
        u = v.view(np.uint32)
        return np.where(np.isnan(v), (u & np.uint32(0x80000000)) | np.uint32(0x7FFFFFFF), u).astype(np.uint32).view(f32)
    return f32_to_half(dst, v, rm)


# ------------------------------------------------------------------ MM, MM2
def mm2_int8(a, b, zp=0, res=None):
    """a (M,K), b (K,N) already untransposed; zp scalar or per column of b"""
    r = a.astype(np.int64) @ (b.astype(np.int64) - np.asarray(zp, np.int64).reshape(1, -1))
    return r if res is None else r + res


def mm2_half(p, a, b, res=None):
    """f32 accumulator; K is consumed in groups of 32"""
    acc = np.zeros((a.shape[0], b.shape[1]), f32) if res is None else np.asarray(res, f32)
    if p == BF16:
        a, b = daz(a), daz(b)
    for k in range(0, a.shape[1], 32):
        P = np.stack([_half_products(*np.broadcast_arrays(a[:, i][:, None], b[i][None])) for i in range(k, min(a.shape[1], k + 32))])
        with np.errstate(all="ignore"):
            acc = daz(acc + dot_group(P))
    return acc


def mm_f32(a, b, bias=None, res=None):
    z = np.zeros((a.shape[0], b.shape[1]), f32)
    bb = z if bias is None else z + bias
    acc = [z, bb] if res is None else [bb, np.asarray(res, f32)]
    a, b = daz(a), daz(b)
    with np.errstate(all="ignore"):
        for k in range(a.shape[1]):
            acc[k & 1] = daz(acc[k & 1] + daz(np.multiply.outer(a[:, k], b[k])))
        return daz(acc[1] + acc[0])


def mm_int8_rq(a, b, bias, lsh, rsh, out, signed, relu, res16=None):
    """mm.wrq/mm.wrqrelu; res16: old result, 16-bit layout whatever the output"""
    acc = a.astype(np.int64) @ b.astype(np.int64) + np.asarray(bias, np.int64)
    if res16 is not None:
        acc = acc + (np.asarray(res16, np.int64) << lsh)
    t = rshift(acc, rsh, RM_HALF_UP)
    return np.clip(np.maximum(t, 0), *limits(out, False)) if relu else np.clip(t, *limits(out, signed))


def mm_int32(a, b, sh, rm):
    """I32 x I32 -> I32: 64-bit accumulation, shift, signed saturation"""
    with np.errstate(over="ignore"):
        acc = np.zeros((a.shape[0], b.shape[1]), np.int64)
        for k in range(a.shape[1]):
            acc = acc + np.multiply.outer(a[:, k].astype(np.int64), b[k].astype(np.int64))
    return np.clip(shift(acc, sh, rm), *limits(I32, True))
