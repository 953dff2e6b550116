"""NumPy models of the remaining BM1684X instructions (docs/simulator.md).

Same conventions as model_compute.py: float operands are float32 arrays holding
values of the storage type (F32, F16, BF16), FTZ/DAZ is applied explicitly.
"""
import numpy as np

import model_compute as M
from model_compute import (BF16, BITS, F16, F32, I8, I16, I32, LANE_BYTES, LANES, daz, f32, float_to_int,
                           limits, rshift, shift_big)

UDT = {I8: np.uint8, I16: np.uint16, I32: np.uint32, F16: np.uint16, BF16: np.uint16, F32: np.uint32}
SIGNED = {I8: np.int8, I16: np.int16, I32: np.int32}
FLOATS = (F32, F16, BF16)
MBITS = {F32: (23, 8), F16: (10, 5), BF16: (7, 8)}


def val(p, b):
    """storage bits -> float32 values"""
    return np.ascontiguousarray(b).view(f32) if p == F32 else M.half_to_f32(p, b)


def bits(p, v):
    return np.ascontiguousarray(v, f32).view(np.uint32) if p == F32 else M.f32_to_half(p, v)


def ints(p, signed, b):
    return np.ascontiguousarray(b).view(SIGNED[p] if signed else UDT[p]).astype(np.int64)


def flush_bits(p, b):
    """denormals -> zero of the same sign, on the bits; f16 is never flushed"""
    if p == F16 or p not in FLOATS:
        return b
    mb, eb = MBITS[p]
    e = b & UDT[p](((1 << eb) - 1) << mb)
    return np.where(e == 0, b & UDT[p](1 << (mb + eb)), b).astype(UDT[p])


# ----------------------------------------------------------- float primitives
_TINY = 2.0 ** -126 * (1 - 2.0 ** -25)          # smaller products are flushed


def _mul32(a, b):
    a, b = daz(a), daz(b)
    with np.errstate(all="ignore"):
        p = a.astype(np.float64) * b.astype(np.float64)          # exact
        r = p.astype(f32)
        return np.where(np.abs(p) < _TINY, np.copysign(f32(0), r), r).astype(f32)


def mul(p, a, b):
    if p == F16:
        with np.errstate(all="ignore"):
            return M.round_half(p, np.asarray(a, f32) * np.asarray(b, f32))
    y = _mul32(np.asarray(a, f32), np.asarray(b, f32))
    return y if p == F32 else M.round_half(p, y)


def add(p, a, b):
    a, b = np.asarray(a, f32), np.asarray(b, f32)
    with np.errstate(all="ignore"):
        if p == F16:
            return M.round_half(p, a + b)
        y = daz(daz(a) + daz(b))
        return y if p == F32 else M.round_half(p, y)


def sub(p, a, b):
    a, b = np.asarray(a, f32), np.asarray(b, f32)
    with np.errstate(all="ignore"):
        if p == F16:
            return M.round_half(p, a - b)
        y = daz(daz(a) - daz(b))
        return y if p == F32 else M.round_half(p, y)


def fmax(p, a, b):
    return M.ar_float(M.MAX, p, np.asarray(a, f32), np.asarray(b, f32))


def fmin(p, a, b):
    return M.ar_float(M.MIN, p, np.asarray(a, f32), np.asarray(b, f32))


def round_float(p, x, mode):
    """cast to the same float type: rounding to an integral value, all seven
    modes by value, sign of zero kept, NaN and infinities pass"""
    with np.errstate(all="ignore"):
        r = M._round_real(np.asarray(x, np.float64), mode)
    r = np.where(r == 0, np.copysign(0.0, x), r)
    return np.where(np.isnan(x), x, r.astype(f32)).astype(f32)


# ------------------------------------------------------------------------ SFU
def taylor(p, x, coeff):
    """coeff: ascending powers, n >= 2.  Horner, product and sum each rounded
    to p.  sfu 12 and 13 are the same."""
    y = np.full(np.shape(x), coeff[-1], f32)
    for c in coeff[-2::-1]:
        y = add(p, mul(p, y, x), c)
    return y


NORM_ADD = {F32: 0x555554, F16: 0x2AA, BF16: 0x54}


def normalize(p, b, as_int):
    """bits -> bits.  Positive numbers: constant added below the exponent, then
    exponent field; negative numbers: exponent field.  No special cases."""
    mb, eb = MBITS[p]
    x = b.astype(np.int64)
    s, a = x >> (mb + eb), x & ((1 << (mb + eb)) - 1)
    e = np.where(s == 1, a, a + NORM_ADD[p]) >> mb
    if as_int:
        return e.astype(np.int32)                   # f32 -> i32, halves -> i16
    return (((e << mb) & ((1 << (mb + eb)) - 1)) | (s << (mb + eb))).astype(UDT[p])


def rsqrt(x, it):
    """f32, it = opd2_n_str, it+1 Newton steps from the 0x5f3759df estimate"""
    x = np.ascontiguousarray(x, f32)
    y = daz((np.int32(0x5F3759DF) - (x.view(np.int32) >> 1)).astype(np.int32).view(f32))
    h = _mul32(f32(0.5), x)
    for _ in range(it + 1):
        y = _mul32(y, sub(F32, f32(1.5), _mul32(_mul32(h, y), y)))
    return y


def recip(x, it):
    """square of rsqrt(|x|), sign of x"""
    x = np.ascontiguousarray(x, f32)
    r = rsqrt(np.abs(x), it)
    y = _mul32(r, r)
    return np.where(np.signbit(x), -y, y).astype(f32)


def div(a, b, it=2):
    return _mul32(np.asarray(a, f32), recip(b, it))


# -------------------------------------------------------- comparison, select
GT, EQ, LT = "gt", "eq", "lt"


def relation(rel, p, signed, a, b):
    """a, b storage bits.  Floats: EQ compares bits (+0 != -0, NaN == same NaN);
    GT on flushed values, false with NaN; LT = neither GT nor equal value nor
    equal bits, hence true with NaN unless the bits are equal."""
    if p not in FLOATS:
        va, vb = ints(p, signed, a), ints(p, signed, b)
        return {GT: va > vb, EQ: va == vb, LT: va < vb}[rel]
    if rel == EQ:
        return a == b
    va, vb = val(p, flush_bits(p, a)), val(p, flush_bits(p, b))
    with np.errstate(all="ignore"):
        gt = va > vb
        return gt if rel == GT else ~(gt | (va == vb) | (a == b))


SELECT_OP = {10: GT, 11: EQ, 13: LT}
CMP_OP = {22: GT, 23: GT, 24: EQ, 25: LT, 26: LT}


def ar_select(op, p, signed, a, b, c, pr):
    """AR 10/11/13: rel ? c : 0, c = constant bits, pr = result precision"""
    c = UDT[pr](c & ((1 << BITS[pr]) - 1))
    return np.where(relation(SELECT_OP[op], p, signed, a, b), c, UDT[pr](0)).astype(UDT[pr])


def cmp_op(op, p, signed, a, b, c, d):
    """(min/max or None, selected), all storage bits"""
    r = relation(CMP_OP[op], p, signed, a, b)
    m = np.where(r, flush_bits(p, a), flush_bits(p, b)).astype(UDT[p]) if op in (22, 25) else None
    return m, np.where(r, c, d)


# ------------------------------------------------------------- integer AR ops
def logic_shift(a, p, s, rm):
    """a bits; |s| <= width, i32 left shifts < 32.  Zero extended operand,
    right shifts rounded, result truncated"""
    u = a.astype(object)
    t = np.array([int(shift_big(np.array([x], object), int(k), rm)[0]) for x, k in zip(u.ravel(), np.ravel(s))],
                 dtype=object).reshape(a.shape)
    return (t & ((1 << BITS[p]) - 1)).astype(np.uint64).astype(UDT[p])


def circular_shift(a, p, s):
    n = BITS[p]
    u, k = a.astype(np.uint64), (np.asarray(s, np.int64) % n).astype(np.uint64)
    return (((u << k) | (u >> ((np.uint64(n) - k) % np.uint64(n)))) & np.uint64((1 << n) - 1)).astype(UDT[p])


def mul_dhr(a, b, p, signed, rm):
    """round(2*a*b / 2^width), saturated"""
    lo, hi = limits(p, signed)
    v = ints(p, signed, a).astype(object) * ints(p, signed, b).astype(object) * 2
    t = np.array([min(hi, max(lo, int(shift_big(np.array([x], object), -BITS[p], rm)[0]))) for x in v.ravel()], dtype=object)
    return (t.reshape(a.shape) & ((1 << BITS[p]) - 1)).astype(np.uint64).astype(UDT[p])


def first_bit(a, p, one):
    """number of leading bits that differ from `one` (width if none matches)"""
    n = BITS[p]
    v = (a if one else ~a).astype(np.uint64)
    r = np.full(a.shape, n)
    for k in range(n):
        r = np.where((v >> np.uint64(k)) & np.uint64(1), n - 1 - k, r)
    return r.astype(UDT[p])


def mac_i8(a, b, sa, sb, old, lsh, rsh, rm):
    """i8 x i8 into i16 bits"""
    so = bool(sa or sb)
    t = rshift((ints(I16, so, old) << lsh) + ints(I8, sa, a) * ints(I8, sb, b), rsh, rm)
    return (np.clip(t, *limits(I16, so)) & 0xFFFF).astype(np.uint16)


# ------------------------------------------------------------------- LIN, VC
def lin(op, p, a, b, c=None):
    """1: a*b+c; 20: (a+b)^2; 21: (a-b)^2; every step rounded to p"""
    if op == 1:
        return add(p, mul(p, a, b), c)
    t = add(p, a, b) if op == 20 else sub(p, a, b)
    return mul(p, t, t)


# ----------------------------------------------------------------- VC, layouts
def outer(fn, a, b):
    """VC: a (la,), b (lb,) -> (la, lb)"""
    return fn(np.repeat(a[:, None], len(b), 1), np.repeat(b[None], len(a), 0))


def line_strides(c, h, w, es, lane0=0):
    hs = -(-w * es // 64) * 64
    return -(-(lane0 + c) // LANES) * hs * h, hs * h, hs            # n, c, h in bytes


def _lines(lmem, addr, shape, es):
    n, c, h, w = shape
    l0, a = divmod(addr, LANE_BYTES)
    ns, cs, hs = line_strides(c, h, w, es, l0)
    for i in range(n):
        for j in range(c):
            g, lane = divmod(l0 + j, LANES)
            for k in range(h):
                o = a + i * ns + g * cs + k * hs
                yield (i, j, k), lmem[lane, o:o + w * es]


def put_lines(lmem, addr, x):
    """line-aligned layout: every row starts on 64 bytes"""
    for at, m in _lines(lmem, addr, x.shape, x.dtype.itemsize):
        m[:] = np.ascontiguousarray(x[at]).view(np.uint8)


def get_lines(lmem, addr, shape, dtype):
    out = np.empty(shape, dtype)
    for at, m in _lines(lmem, addr, shape, out.itemsize):
        out[at] = m.copy().view(dtype)
    return out


# --------------------------------------------------------------------- SG, SGL
# limit=True (opd3_const=1): the all-ones index (0xff / 0xffff) is the exception
# code: gathers give `fill` (opd2_const=1) or leave the result, scatters skip.
# Every other out-of-range index, and the code without limit, is an error.
def _exc(idx):
    return idx == np.iinfo(idx.dtype).max


def gather_d1(a, idx, old, limit=False, fill=None):
    """eu 0.  a (n,c,1,wp), idx (w,)"""
    ok = ~_exc(idx) if limit else idx >= 0
    r = a[..., np.where(ok, idx, 0)]
    return np.where(ok, r, old if fill is None else a.dtype.type(fill))


def scatter_d1(a, idx, old, limit=False):
    """eu 3.  a (n,c,1,k), idx (k,), old (n,c,1,w); ascending order, last wins"""
    r = old.copy()
    for i, t in enumerate(idx):
        if not (limit and _exc(t)):
            r[..., t] = a[..., i]
    return r


def gather_d2(a, wh, old, limit=False, fill=None):
    """eu 1.  a (n,c,h,w), wh (k,2) pairs (w,h) -> (n,c,1,k)"""
    w, h = wh[:, 0], wh[:, 1]
    ok = ~(_exc(w) | _exc(h)) if limit else w >= 0
    r = a[:, :, np.where(ok, h, 0), np.where(ok, w, 0)][:, :, None]
    return np.where(ok, r, old if fill is None else a.dtype.type(fill))


def scatter_d2(a, wh, old):
    """eu 4.  a (n,c,1,k), old (n,c,h,w)"""
    r = old.copy()
    for i, (w, h) in enumerate(wh):
        r[:, :, h, w] = a[:, :, 0, i]
    return r


def gather_pe(a, idx, old, limit=False, fill=None):
    """eu 5/13 (a (1,c,1,wp), idx (n,c,1,w)); the same batch 0 of a for every n"""
    ok = ~_exc(idx) if limit else idx >= 0
    r = np.take_along_axis(np.broadcast_to(a, (idx.shape[0],) + a.shape[1:]), np.where(ok, idx, 0).astype(np.int64), 3)
    return np.where(ok, r, old if fill is None else a.dtype.type(fill))


def scatter_pe(a, idx, old, limit=False):
    """eu 6/14.  a (1,c,1,k), idx (n,c,1,k), old (n,c,1,w)"""
    r = old.copy()
    n, c, _, k = idx.shape
    for i, j, t in np.ndindex(n, c, k):
        if not (limit and _exc(idx[i, j, 0, t])):
            r[i, j, 0, idx[i, j, 0, t]] = a[0, j, 0, t]
    return r


def mask_select(a, mask, old):
    """eu 8/15.  a (1,c,1,w), mask (n,c,1,w) -> data (n,c,1,w), counts (n,c)"""
    r, cnt = old.copy(), np.zeros(mask.shape[:2], np.uint16)
    for i, j in np.ndindex(*mask.shape[:2]):
        v = a[0, j, 0][mask[i, j, 0] != 0]
        r[i, j, 0, :len(v)] = v
        cnt[i, j] = len(v)
    return r, cnt


def nonzero_pe(a, old, dt):
    """eu 9/16.  a (n,c,1,w) -> positions along w, counts"""
    r, cnt = old.copy(), np.zeros(a.shape[:2], np.uint16)
    for i, j in np.ndindex(*a.shape[:2]):
        v = np.nonzero(a[i, j, 0])[0]
        r[i, j, 0, :len(v)] = v.astype(dt)
        cnt[i, j] = len(v)
    return r, cnt


def gather_lines(a, idx, old, limit=False, fill=None):
    """eu 17.  a (1,c,hp,w), idx (n,c,h,1) -> (n,c,h,w)"""
    r = old.copy()
    for i, j, k in np.ndindex(*idx.shape[:3]):
        t = idx[i, j, k, 0]
        if not (limit and _exc(t)):
            r[i, j, k] = a[0, j, t]
        elif fill is not None:
            r[i, j, k] = fill
    return r


def scatter_lines(a, idx, old):
    """eu 18.  a (1,c,k,w), idx (n,c,k,1), old (n,c,h,w)"""
    r = old.copy()
    for i, j, k in np.ndindex(*idx.shape[:3]):
        r[i, j, idx[i, j, k, 0]] = a[0, j, k]
    return r


# ------------------------------------------------------------------------ GDMA
LOCAL, GLOBAL = 0x08000000, 0x100000000


class Dma:
    """address arithmetic of GDMA on byte arrays lmem (64*256K flat) and gmem"""

    def __init__(self, lmem, gmem):
        self.lmem, self.gmem = lmem, gmem

    def mem(self, addr):
        return (self.lmem, addr - LOCAL, True) if addr < 0x10000000 else (self.gmem, addr - GLOBAL, False)

    def default(self, addr, shape, es):
        n, c, h, w = shape
        if addr < 0x10000000:
            ns, cs = M.aligned_strides(c, h, w, es, (addr - LOCAL) // LANE_BYTES)
            return ns // es, cs // es, w, 1
        return c * h * w, h * w, w, 1

    def where(self, addr, shape, strides, es):
        """(memory, byte offset of every element)"""
        m, a, loc = self.mem(addr)
        i = [np.arange(d, dtype=np.int64).reshape([-1 if k == j else 1 for k in range(4)]) for j, d in enumerate(shape)]
        st = strides or self.default(addr, shape, es)
        c = i[1]
        base = a
        if loc:
            l0, a = divmod(a, LANE_BYTES)
            c, base = (l0 + i[1]) // LANES, (l0 + i[1]) % LANES * LANE_BYTES + a
        return m, np.broadcast_to(base + es * (i[0] * st[0] + c * st[1] + i[2] * st[2] + i[3] * st[3]), shape)

    def load(self, addr, shape, strides, es):
        m, o = self.where(addr, shape, strides, es)
        return m[o[..., None] + np.arange(es)]

    def store(self, addr, shape, strides, es, x, mask=None):
        m, o = self.where(addr, shape, strides, es)
        k = np.ones(shape, bool) if mask is None else np.broadcast_to(mask.reshape(1, -1, 1, 1), shape)
        m[(o[..., None] + np.arange(es))[k]] = np.broadcast_to(x, tuple(shape) + (es,))[k]

    def copy(self, dst, src, es, sshape, dshape=None, sstr=None, dstr=None, mask=None):
        """dshape: other shape with the same number of elements (nchw_copy=0)"""
        x = self.load(src, sshape, sstr, es)
        dshape = dshape or sshape
        if mask is not None:                 # lane mask of the local side (destination)
            l0 = (dst - LOCAL) // LANE_BYTES
            mask = np.array([mask >> ((l0 + c) % LANES) & 1 for c in range(dshape[1])], bool)
        self.store(dst, dshape, dstr, es, x.reshape(tuple(dshape) + (es,)), mask)

    def nc_trans(self, dst, src, es, sshape, sstr=None, dstr=None):
        n, c, h, w = sshape
        self.store(dst, (c, n, h, w), dstr, es, self.load(src, sshape, sstr, es).swapaxes(0, 1))

    def cw_trans(self, dst, src, es, sshape, sstr=None, dstr=None):
        n, c, h, w = sshape
        self.store(dst, (n, w, h, c), dstr, es, self.load(src, sshape, sstr, es).swapaxes(1, 3))

    def bcast(self, dst, src, es, shape, sstr=None, dstr=None):
        """sf 3: the W strides of the command are ignored (taken as 1)"""
        n, c, h, w = shape
        sstr, dstr = (s and [*s[:3], 1] for s in (sstr, dstr))
        self.store(dst, shape, dstr, es, self.load(src, (n, 1, h, w), sstr, es))

    def matrix(self, local, glob, es, rows, cols, w, row_str, nstr, cstr, to_local, trans):
        """rows, cols of the matrix in system memory; the local matrix is its
        transpose if trans; w columns per channel, last channel partial"""
        r, c = (cols, rows) if trans else (rows, cols)
        m, o = self.where(local, (r, -(-c // w), 1, w), (nstr, cstr, w, 1), es)
        o = o.reshape(r, -1)[:, :c]
        g = (glob - GLOBAL) + es * (np.arange(rows)[:, None] * row_str + np.arange(cols)[None])
        if trans:
            g = g.T
        b = np.arange(es)
        if to_local:
            m[o[..., None] + b] = self.gmem[g[..., None] + b]
        else:
            self.gmem[g[..., None] + b] = m[o[..., None] + b]

    def gather(self, dst, src, index, es, c, sh, w, ih, src_c=None, idx_c=None, const=0, strides=None):
        """dst[c,i,:] = src[c,index[c,i],:]; csize 1 of source or index broadcasts;
        c = max(src_csize, index_csize), dst_csize is not used"""
        src_c, idx_c = src_c or c, idx_c or c
        ss, ds, xs = strides or (None, None, None)
        x = self.load(src, (1, src_c, sh, w), ss, es)[0]
        ix = self.load(index, (1, idx_c, ih, 1), xs, 4)[0, :, :, 0].copy().view(np.uint32)[..., 0]
        fill = np.array([const], np.uint32).view(np.uint8)[:es]
        out = np.empty((1, c, ih, w, es), np.uint8)
        for j in range(c):
            for i in range(ih):
                t = int(ix[j % idx_c if idx_c == 1 else j, i])
                out[0, j, i] = x[0 if src_c == 1 else j, t] if t < sh else fill
        self.store(dst, (1, c, ih, w), ds, es, out)

    def scatter(self, dst, src, index, es, c, sh, w, dh, src_c=None, idx_c=None, strides=None):
        """dst[c,index[c,i],:] = src[c,i,:], index >= dh skipped, ascending i"""
        src_c, idx_c = src_c or c, idx_c or c
        ss, ds, xs = strides or (None, None, None)
        x = self.load(src, (1, src_c, sh, w), ss, es)[0]
        ix = self.load(index, (1, idx_c, sh, 1), xs, 4)[0, :, :, 0].copy().view(np.uint32)[..., 0]
        y = self.load(dst, (1, c, dh, w), ds, es)
        for j in range(c):
            for i in range(sh):
                t = int(ix[0 if idx_c == 1 else j, i])
                if t < dh:
                    y[0, j, t] = x[0 if src_c == 1 else j, i]
        self.store(dst, (1, c, dh, w), ds, es, y)

    def masked_select(self, dst, src, mask, es, mes, shape):
        x, k = self.load(src, shape, None, es), self.load(mask, shape, None, mes).any(-1)
        y = x[k].reshape(-1)
        m, a, _ = self.mem(dst)
        m[a:a + y.size] = y
        return int(k.sum())

    def nonzero(self, dst, src, es, shape, base):
        k = np.nonzero(self.load(src, shape, None, es).any(-1).reshape(-1))[0]
        y = (k + base).astype(np.uint32).view(np.uint8)
        m, a, _ = self.mem(dst)
        m[a:a + y.size] = y
        return len(k)


# ----------------------------------------------- function macros of the vendor
# name: (byte offset, 32-bit words) in static memory
TABLES = {
    "exp_taylor": (0x400, 32), "log_taylor": (0x480, 64), "erf": (0x580, 10), "sin_taylor": (0x6C0, 32), "cos_taylor": (0x740, 32),
    "arcsin_taylor": (0x7C0, 64), "tan_taylor": (0x8C0, 32), "exp_taylor_f16": (0x940, 8), "exp_taylor_bf16": (0x980, 8),
    "log_taylor_f16": (0x9C0, 8), "log_taylor_bf16": (0xA00, 8), "sin_taylor_f16": (0xA40, 8), "sin_taylor_bf16": (0xA80, 8),
    "cos_taylor_f16": (0xAC0, 8), "cos_taylor_bf16": (0xB00, 8)}


def static_tables(memory):
    """{name: uint32 words} of a static memory (uint8[16384])"""
    words = np.ascontiguousarray(memory).view(np.uint32)
    return {name: words[offset // 4:offset // 4 + count] for name, (offset, count) in TABLES.items()}


class Kernels:
    """exp, log, ... as the kernel library composes them.  it = 2 (three
    iterations) wherever the library has no parameter."""

    def __init__(self, tables):
        g = lambda n: tables[n]
        h = lambda n, p: M.half_to_f32(p, g(n).view(np.uint16))
        self.c_exp = {F32: g("exp_taylor").view(f32)[:10], F16: h("exp_taylor_f16", F16)[:7], BF16: h("exp_taylor_bf16", BF16)[:7]}
        self.c_log = {F32: g("log_taylor").view(f32)[:16], F16: h("log_taylor_f16", F16)[:8], BF16: h("log_taylor_bf16", BF16)[:8]}
        self.c_erf = g("erf").view(f32)[:10]
        self.c_sin = {F32: g("sin_taylor").view(f32)[:16], F16: h("sin_taylor_f16", F16), BF16: h("sin_taylor_bf16", BF16)}
        self.c_cos = {F32: g("cos_taylor").view(f32)[:16], F16: h("cos_taylor_f16", F16), BF16: h("cos_taylor_bf16", BF16)}
        self.c_arcsin = g("arcsin_taylor").view(f32)[:16]
        self.c_tan = g("tan_taylor").view(f32)[:16]

    @staticmethod
    def k(p, u):
        return f32(val(p, np.array([u], UDT[p]))[0])

    def exp(self, x, p=F32):
        k = self.k
        lim, l2e, ln2, emax, mb = {F32: (0x7A831265, 0x3FB8AA3B, 0x3F317218, 127, 23),
                                   F16: (0x798B, 0x3DC5, 0x398C, 15, 10), BF16: (0x7F7F, 0x3FB9, 0x3F31, 127, 7)}[p]
        lim = k(p, lim)
        x = fmin(p, fmax(p, x, -lim), lim)
        n = round_float(p, mul(p, x, k(p, l2e)), M.RM_DOWN)
        r = sub(p, x, mul(p, n, k(p, ln2)))
        e = np.clip(float_to_int(n, I8 if p == F16 else I16, True, M.RM_AWAY), -emax, emax)
        scale = val(p, ((e + emax) << mb).astype(UDT[p]))
        return mul(p, taylor(p, r, self.c_exp[p]), scale)

    def expm1(self, x, p=F32):
        return sub(p, self.exp(x, p), 1)

    def log(self, x, p=F32, clamped=None):
        """clamped: the function is inlined after a max; zero/inf tests then see the clamped value"""
        ln2, minb, bias, mb, inf = {F32: (0x3F317218, 0x800000, 127, 23, 0x7F800000), F16: (0x398C, 0x400, 15, 10, 0x7C00),
                                    BF16: (0x3F31, 0x80, 127, 7, 0x7F80)}[p]
        test = bits(p, x)
        y = fmax(p, x, self.k(p, minb))
        if clamped:
            test = bits(p, y)
        e = normalize(p, bits(p, y), True).astype(np.int64)
        s = ((2 * bias - e) << mb)
        lo, hi = limits(I32 if p == F32 else I16, True)
        s = np.clip(s, lo, hi).astype(SIGNED[I32 if p == F32 else I16]).view(UDT[p])
        t = taylor(p, sub(p, mul(p, y, val(p, s)), 1), self.c_log[p])
        t = np.where(test == 0, f32(-np.inf) if p == F32 else f32(0), t)     # the 16-bit form selects +0 there
        t = np.where(test == inf, f32(np.inf), t)
        return add(p, t, mul(p, (e - bias).astype(f32), self.k(p, ln2)))

    def log1p(self, x):
        return self.log(add(F32, x, 1), clamped=True)

    def logx(self, x, inv_ln_base):
        """inv_ln_base: 1/ln(base) rounded to f32"""
        return mul(F32, self.log(x), inv_ln_base)

    def sigmoid(self, x):
        return div(1, add(F32, self.exp(sub(F32, 0, x)), 1))

    def tanh(self, x):
        t = fmin(F32, add(F32, x, x), 100)
        return sub(F32, 1, div(2, add(F32, self.exp(t), 1)))

    def sign(self, x, p=F32):
        b, z = bits(p, x), np.zeros(1, UDT[p])
        return np.where(b == 0, f32(0), np.where(relation(GT, p, 1, b, z), f32(1), f32(-1)))

    def erf(self, x):
        t = div(1, add(F32, mul(F32, np.abs(x), .5), 1))
        y = sub(F32, taylor(F32, t, self.c_erf), mul(F32, x, x))
        return mul(F32, sub(F32, 1, mul(F32, self.exp(y), t)), self.sign(x))

    def erfc(self, x):
        return sub(F32, 1, self.erf(x))

    def gelu(self, x):
        e = self.erf(mul(F32, x, self.k(F32, 0x3F3504F3)))
        return mul(F32, mul(F32, add(F32, e, 1), .5), x)

    def gelu_fast(self, x):
        u = mul(F32, mul(F32, mul(F32, x, self.k(F32, 0x3D372713)), x), x)
        t = self.tanh(mul(F32, add(F32, u, x), self.k(F32, 0x3F4C422A)))
        return mul(F32, mul(F32, add(F32, t, 1), .5), x)

    def gelu_fast2(self, x):
        return mul(F32, self.sigmoid(mul(F32, x, self.k(F32, 0x3FD9DB23))), x)

    def silu(self, x):
        return mul(F32, self.sigmoid(x), x)

    def swish(self, x, beta):
        return mul(F32, self.sigmoid(mul(F32, x, beta)), x)

    def mish(self, x):
        e, hi, lo = self.exp(x), self.k(F32, 0x5F7FFFD8), self.k(F32, 0x1FFFFFDE)
        e = np.where(relation(GT, F32, 1, bits(F32, e), bits(F32, np.full_like(e, hi))), hi, e)
        e = np.where(relation(LT, F32, 1, bits(F32, e), bits(F32, np.full_like(e, lo))), lo, e)
        d = add(F32, lin(20, F32, e, f32(1)), 1)
        return add(F32, x, mul(F32, div(x, d), -2))

    def softplus(self, x, beta):
        """beta*log(1+exp(beta*x)) for x <= 20: the library divides by 1/beta"""
        y = self.log(add(F32, self.exp(mul(F32, x, beta)), 1), clamped=True)
        y = div(y, f32(1) / f32(beta))
        return np.where(relation(GT, F32, 1, bits(F32, x), np.array([0x41A00000], np.uint32)), x, y)

    def log_sigmoid(self, x):
        return sub(F32, x, self.log(add(F32, self.exp(x), 1)))

    def elu(self, x, alpha):
        y = mul(F32, self.expm1(x), alpha)
        return np.where(relation(GT, F32, 1, bits(F32, x), np.zeros(1, np.uint32)), x, y)

    def selu(self, x):
        return mul(F32, self.elu(x, self.k(F32, 0x3FD62D7D)), self.k(F32, 0x3F867D5F))

    def softsign(self, x):
        return div(x, add(F32, np.abs(x), 1))

    def sinh(self, x):
        e = self.exp(x)
        return mul(F32, sub(F32, e, div(1, e)), .5)

    def cosh(self, x):
        e = self.exp(x)
        return mul(F32, add(F32, e, div(1, e)), .5)

    def _turns(self, x, p):
        y = mul(p, x, self.k(p, {F32: 0x3E22F983, F16: 0x3118, BF16: 0x3E23}[p]))       # 1/(2 pi)
        d = sub(p, y, round_float(p, y, M.RM_AWAY))
        return d, mul(p, d, d)

    def sin(self, x, p=F32):
        d, q = self._turns(x, p)
        return mul(p, d, taylor(p, q, self.c_sin[p]))

    def cos(self, x, p=F32):
        return taylor(p, self._turns(x, p)[1], self.c_cos[p])

    def _tan_turns(self, y):
        s = sub(F32, y, round_float(F32, y, M.RM_EVEN))
        d = sub(F32, np.abs(s), .25)
        t = mul(F32, d, taylor(F32, mul(F32, d, d), self.c_tan))
        b = bits(F32, sub(F32, div(2, sub(F32, 1, t)), 1))
        return val(F32, b | (bits(F32, s) & np.uint32(0x80000000)))

    def tan(self, x):
        return self._tan_turns(mul(F32, x, self.k(F32, 0x3EA2F983)))

    def cot(self, x):
        return self._tan_turns(sub(F32, .5, mul(F32, x, self.k(F32, 0x3EA2F983))))

    def rsqrt(self, x, it=2):
        y = rsqrt(x, it)
        return np.where(bits(F32, y) == 0x7F800000, f32(0), y)

    def sqrt(self, x, it=2):
        b = bits(F32, x)
        y = np.where((b == 0) | (b == 0x80000000), f32(0), self.rsqrt(x, it))
        return mul(F32, y, x)

    def arcsin(self, x):
        w = sub(F32, .25, mul(F32, mul(F32, x, x), .25))
        w = sub(F32, .5, self.sqrt(w))
        y = mul(F32, mul(F32, taylor(F32, w, self.c_arcsin), self.sqrt(w)), 2)
        return mul(F32, y, self.sign(x))

    def arccos(self, x):
        return sub(F32, self.k(F32, 0x3FC90FDB), self.arcsin(x))

    def arcsinh(self, x):
        return self.log(add(F32, self.sqrt(add(F32, mul(F32, x, x), 1)), x), clamped=True)

    def arccosh(self, x):
        return self.log(add(F32, self.sqrt(sub(F32, mul(F32, x, x), 1)), x), clamped=True)

    def arctanh(self, x):
        return mul(F32, self.log(div(add(F32, x, 1), sub(F32, 1, x)), clamped=True), .5)

    def pow(self, x, y):
        return self.exp(mul(F32, self.log(x), y))

    def reciprocal(self, x, it=2):
        return div(1, x, it)

    def compensated_reciprocal(self, x, it=2):
        """one residual correction, kept only if it reduces |1 - r*x|"""
        r = div(1, x, it)
        e = sub(F32, 1, mul(F32, r, x))
        r2 = add(F32, r, mul(F32, r, e))
        e2 = sub(F32, 1, mul(F32, r2, x))
        keep = relation(LT, F32, 1, bits(F32, np.abs(e)), bits(F32, np.abs(e2)))
        return np.where(keep, r, r2)
