"""Random single commands of the remaining instructions, GDMA moves and function macros with the results of the NumPy
model; as cases_compute.py."""
import itertools

import kernel_driver as KD
import model_compute as M
import model_other as O
import numpy as np
from model_compute import BF16, F16, F32, I8, I16, I32, f32
from model_other import UDT, bits, val
from vendor_cmodel import GDMA, TIU, encode_tiu

R = np.random.default_rng(7)
LIB = ""
cm = None
sim = None                                      # the simulator's Python module: encoder of GDMA commands
NAME = {F32: "f32", F16: "f16", BF16: "bf16", I8: "i8", I16: "i16", I32: "i32"}
A0, B0, C0, D0, O0, O1 = 0, 0x4000, 0x8000, 0xC000, 0x10000, 0x14000
SPECIAL = {
    F32: [0, 0x80000000, 1, 0x80000001, 0x7FFFFF, 0x800000, 0x80800000, 0xBF800000, 0x7F800000, 0xFF800000, 0x7FC00000,
          0xFFC00000, 0x7FA00000, 0x7F7FFFFF, 0x3F800000, 0xFF7FFFFF, 0x00FFFFFF, 0x7E800000, 0x3F000000, 0xBF000000],
    F16: [0, 0x8000, 1, 0x8001, 0x3FF, 0x400, 0x7C00, 0xFC00, 0x7E00, 0xFE00, 0x7D00, 0x7BFF, 0x3C00, 0xBC00, 0x3800, 0xB800],
    BF16: [0, 0x8000, 1, 0x8001, 0x7F, 0x80, 0x7F80, 0xFF80, 0x7FC0, 0xFFC0, 0x7FA0, 0x7F7F, 0x3F80, 0xBF80, 0x3F00, 0xBF00]}


def check(name, got, exp, nan_equal=None):
    got, exp = np.asarray(got), np.asarray(exp)
    bad = got != exp
    if nan_equal is not None:
        bad &= ~(np.isnan(val(nan_equal, got)) & np.isnan(val(nan_equal, exp)))
    if bad.any():
        k = np.nonzero(bad.ravel())[0][0]
        raise AssertionError(f"{name}: {bad.sum()} of {bad.size} elements differ, first at {k}: "
                             f"{got.ravel()[k]:#x} instead of {exp.ravel()[k]:#x}")


def ri(p, shape):
    v = R.integers(0, 1 << M.BITS[p], shape, dtype=np.uint64)
    return (v >> R.integers(0, M.BITS[p], shape).astype(np.uint64)).astype(UDT[p]) if R.integers(2) else v.astype(UDT[p])


def rf(p, shape, special=True, scale=1.0):
    b = bits(p, (R.standard_normal(shape) * scale).astype(f32))
    if special:
        anyb = R.integers(0, 1 << M.BITS[p], shape, dtype=np.uint64).astype(UDT[p])
        sp = np.array(SPECIAL[p], UDT[p])[R.integers(0, len(SPECIAL[p]), shape)]
        k = R.integers(0, 4, shape)
        b = np.where(k == 0, sp, np.where(k == 1, anyb, b)).astype(UDT[p])
    return b


def rnd(p, shape):
    return rf(p, shape) if p in O.FLOATS else ri(p, shape)


def pairs(p, shape):
    """random pairs with many equal ones and all pairs of special values"""
    a, b = rnd(p, shape), rnd(p, shape)
    b = np.where(R.integers(0, 3, shape) == 0, a, b).astype(UDT[p])
    if p in O.FLOATS:
        g = np.array(list(itertools.product(SPECIAL[p], repeat=2)), UDT[p])
        a.ravel()[:len(g)], b.ravel()[:len(g)] = g[:, 0], g[:, 1]
    return a, b


def put(addr, x):
    M.put_aligned(cm.lmem, addr, x)


def get(addr, shape, p):
    return M.get_aligned(cm.lmem, addr, shape, UDT[p])


def run(**f):
    cm.run(TIU, encode_tiu(**f))


def dims(pre, s):
    return {pre + k: v for k, v in zip(("_n", "_c", "_h", "_w"), s)}


def run_stream(data, engine="tiu"):
    """execute a packed command buffer"""
    for command in sim.split(data, engine):
        cm.run(TIU if engine == "tiu" else GDMA, command)


# -------------------------------------------------------------------------- SFU
def sfu(x, p, eu, rp=None, coeff=None, it=0):
    rp = p if rp is None else rp
    put(A0, x)
    n = 0
    if coeff is not None:
        cb = np.ascontiguousarray(coeff).view(np.uint8)
        cm.lmem[:, B0:B0 + cb.size] = cb
        n = len(coeff)
    run(tsk_typ=9, tsk_eu_typ=eu, res0_prec=rp, opd0_prec=p, opd2_n_str=it, opd1_n=n, res0_addr=O0, opd0_addr=A0, opd1_addr=B0,
        **dims("res0", x.shape))
    return get(O0, x.shape, rp)


def t_sfu():
    shp = (2, 70, 4, 33)
    for p in O.FLOATS:
        for eu, n, sp in itertools.product((12, 13), (2, 3, 10, 17), (False, True)):
            x, c = rf(p, shp, sp), rf(p, (n,), False)
            o = sfu(x, p, eu, coeff=c, it=int(R.integers(4)))
            check("sfu taylor " + NAME[p], o, bits(p, O.taylor(p, val(p, x), val(p, c))), p)
    for p in (F16, BF16):
        x = np.arange(65536, dtype=np.uint16).reshape(1, 64, 8, 128)
        for rp in (p, I16):
            check("sfu normalize %s (all inputs)" % NAME[p], sfu(x, p, 15, rp), O.normalize(p, x, rp == I16).astype(np.uint16))
    x = rf(F32, (1, 64, 16, 64))
    near = (x & np.uint32(0xFF800000)) | R.integers(0x2AAA98, 0x2AAAC0, x.shape).astype(np.uint32)
    x = np.where(R.integers(0, 2, x.shape) == 0, near, x).astype(np.uint32)
    for rp in (F32, I32):
        check("sfu normalize f32", sfu(x, F32, 15, rp), O.normalize(F32, x, rp == I32).astype(np.uint32))
    for it in range(4):
        x = rf(F32, (1, 64, 16, 64))
        check("sfu rsqrt f32", sfu(x, F32, 17, it=it), bits(F32, O.rsqrt(val(F32, x), it)), F32)


# --------------------------------------------------------------- AR, CMP, LIN, VC
def ar(eu, pa, a, pb=None, b=None, pr=None, sa=1, sb=1, n=None, old=None, **k):
    pr = pa if pr is None else pr
    pb = pa if pb is None else pb
    put(A0, a)
    if b is not None:
        put(B0, b)
    put(O0, old if old is not None else np.full(a.shape, 0xA5A5A5A5, np.uint32))
    run(**dict(dict(tsk_typ=3, tsk_eu_typ=eu, tsk_opd_num=n if n is not None else (1 if b is None else 2), res0_prec=pr, opd0_prec=pa, opd1_prec=pb,
                    opd0_sign=sa, opd1_sign=sb, res0_addr=O0, opd0_addr=A0, opd1_addr=B0, **dims("res0", a.shape), **dims("opd0", a.shape),
                    **dims("opd1", a.shape)), **k))
    return get(O0, a.shape, pr)


def t_ar():
    shp = (1, 64, 8, 32)
    for it in range(4):
        a, b = rf(F32, shp), rf(F32, shp)
        check("ar div f32", ar(12, F32, a, b=b, opd2_n_str=it), bits(F32, O.div(val(F32, a), val(F32, b), it)), F32)
        c = rf(F32, (1,))
        o = ar(12, F32, a, b=b, opd2_n_str=it, opd0_const=1, opd0_addr=int(c[0]))
        check("ar div f32, constant numerator", o, bits(F32, O.div(val(F32, c), val(F32, b), it)), F32)
    for p in O.FLOATS:
        a, b = rf(p, shp), rf(p, shp)
        for eu, fn in ((0, O.mul), (2, O.add), (3, O.sub)):
            check("ar mul/add/sub, flush after rounding", ar(eu, p, a, b=b), bits(p, fn(p, val(p, a), val(p, b))), p)
        x = np.concatenate([rf(p, shp), bits(p, (R.integers(-20, 20, shp) / 2).astype(f32))], 2)
        for rm in range(7):
            o = ar(14, p, x, opd2_n_str=rm, opd2_sign=1)
            check("ar cast to same float (rounding)", o, bits(p, O.round_float(p, val(p, x), rm)), p)
    for p, s in [(p, 1) for p in O.FLOATS] + list(itertools.product((I8, I16, I32), (0, 1))):
        for eu, pr in itertools.product((10, 11, 13), (F32, F16, BF16, I8, I16, I32)):
            if M.BITS[pr] > M.BITS[p]:
                continue
            a, b = pairs(p, shp)
            c = int(R.integers(1 << 32))
            o = ar(eu, p, a, b=b, pr=pr, sa=s, sb=s, n=3, opd2_const=1, opd2_addr=c & ((1 << M.BITS[pr]) - 1), opd2_prec=pr)
            check("ar select (10, 11, 13)", o, O.ar_select(eu, p, s, a, b, c, pr))
    shp = (1, 64, 2, 16)
    for p, s in itertools.product((I8, I16, I32), (0, 1)):
        a, b, n = ri(p, shp), ri(p, shp), M.BITS[p]
        for pb in (I8, I16, I32):
            if M.BITS[pb] > n:
                continue
            k = R.integers(-n, n if p != I32 else 32, shp).astype(O.SIGNED[pb])
            for rm in range(7):
                o = ar(6, p, a, pb=pb, b=k.view(UDT[pb]), sa=s, opd2_n_str=rm)
                check("ar logic shift", o, O.logic_shift(a, p, k, rm))
            check("ar circular shift", ar(22, p, a, pb=pb, b=k.view(UDT[pb]), sa=s), O.circular_shift(a, p, k))
        for rm in range(7):
            check("ar mulDHR", ar(23, p, a, b=b, sa=s, sb=s, opd2_n_str=rm), O.mul_dhr(a, b, p, s, rm))
        check("ar not", ar(1, p, a, sa=s), ~a)
        check("ar abs int", ar(26, p, a, sa=s), np.abs(O.ints(p, s, a)).astype(UDT[p]))
        check("ar first one", ar(29, p, a, sa=s), O.first_bit(a, p, 1))
        check("ar first zero", ar(30, p, ~a, sa=s), O.first_bit(~a, p, 0))
    for sa, sb, (l, r), rm in itertools.product((0, 1), (0, 1), ((0, 0), (2, 3), (1, 8), (0, 7), (3, 4)), range(7)):
        a, b, old = ri(I8, shp), ri(I8, shp), ri(I16, shp)
        o = ar(18, I8, a, b=b, pr=I16, sa=sa, sb=sb, n=3, old=old, opd2_const=1, opd2_addr=(r << 8) | l, opd2_n_str=rm)
        check("ar mac i8 -> i16", o, O.mac_i8(a, b, sa, sb, old, l, r, rm))


def t_cmp():
    shp = (2, 70, 3, 9)
    pl = [(p, 1) for p in O.FLOATS] + list(itertools.product((I8, I16, I32), (0, 1)))
    for (p, s), p2, eu in itertools.product(pl, (F32, F16, BF16, I8, I16, I32), (22, 23, 24, 25, 26)):
        a, b = pairs(p, shp)
        c, d = rnd(p2, shp), rnd(p2, shp)
        for cst in (0, 1 << R.integers(4), int(R.integers(16))):      # bits: which of A B C D are constants
            for addr, x in ((A0, a), (B0, b), (C0, c), (D0, d)):
                put(addr, x)
            put(O0, np.full(shp, 0xA5A5A5A5, np.uint32))
            put(O1, np.full(shp, 0xA5A5A5A5, np.uint32))
            f = dict(tsk_typ=13, tsk_eu_typ=eu, opd0_prec=p, opd2_prec=p2, opd0_sign=s, res0_addr=O0, res1_addr=O1, **dims("res0", shp))
            v = []
            for i, (addr, x) in enumerate(((A0, a), (B0, b), (C0, c), (D0, d))):
                k = cst >> i & 1
                f.update({"opd%d_addr" % i: int(x.ravel()[0]) if k else addr, "opd%d_const" % i: k})
                v.append(np.full(shp, x.ravel()[0]) if k else x)
            run(**f)
            m, sel = O.cmp_op(eu, p, s, *v)
            nm = "cmp constants" if cst else "cmp"
            if m is None:
                check(nm, get(O0, shp, p2), sel)
            else:
                check(nm + " min/max", get(O0, shp, p), m)
                check(nm, get(O1, shp, p2), sel)


def t_lin():
    shp = (2, 70, 3, 9)
    n, c, h, w = shp
    for p, eu, cst in itertools.product(O.FLOATS, (1, 20, 21), (0, 1)):
        a, b, d = rf(p, shp), rf(p, (c,)), rf(p, (c,))
        put(A0, a)
        M.put_compact(cm.lmem, B0, b.reshape(-1, 1))
        M.put_compact(cm.lmem, C0, d.reshape(-1, 1))
        if cst:
            b, d = b[:1], d[:1]
        run(tsk_typ=10, tsk_eu_typ=eu, res0_prec=p, opd0_prec=p, res0_addr=O0, opd0_addr=A0, opd1_const=cst, opd2_const=cst if eu == 1 else 0,
            opd1_addr=int(b[0]) if cst else B0, opd2_addr=int(d[0]) if cst else C0, **dims("res0", shp))
        V = lambda t: val(p, t).reshape(1, -1, 1, 1)
        check("lin " + NAME[p], get(O0, shp, p), bits(p, O.lin(eu, p, val(p, a), V(b), V(d))), p)


def t_vc():
    def vc(eu, p, a, b, pr, s0=1, s1=1, wa=5, wb=3, **k):
        la, lb = len(a), len(b)
        ca, cb = -(-la // wa), -(-lb // wb)
        M.put_matrix(cm.lmem, A0, a.reshape(1, -1), wa)
        M.put_matrix(cm.lmem, B0, b.reshape(1, -1), wb)
        run(**dict(dict(tsk_typ=14, tsk_eu_typ=eu, res0_prec=pr, opd0_prec=p, opd1_prec=p, opd0_sign=s0, opd1_sign=s1, res0_n=la, res0_c=cb, res0_h=1,
                        res0_w=wb, opd0_c=ca, opd0_h=1, opd0_w=wa, opd1_w=la - (ca - 1) * wa, res0_addr=O0, opd0_addr=A0, opd1_addr=B0), **k))
        return M.get_matrix(cm.lmem, O0, la, lb, wb, UDT[pr])
    for la, lb, wa, wb in ((37, 70, 5, 3), (5, 200, 1, 2), (130, 9, 2, 9)):
        for p in O.FLOATS:
            a, b = rf(p, (la,)), rf(p, (lb,))
            fns = [(0, O.mul), (2, O.add), (3, O.sub), (4, O.fmax), (5, O.fmin)] + ([(12, None)] if p == F32 else [])
            for eu, fn in fns:
                g = (lambda q, x, y: O.div(x, y, 2)) if fn is None else fn
                m = O.outer(lambda x, y: g(p, x, y), val(p, a), val(p, b))
                check("vc float", vc(eu, p, a, b, p, wa=wa, wb=wb, opd2_n_str=2), bits(p, m), p)
        for p, (s0, s1) in itertools.product((I8, I16, I32), ((1, 1), (0, 0), (1, 0), (0, 1))):
            a, b = ri(p, (la,)), ri(p, (lb,))
            A, B = O.ints(p, s0, a), O.ints(p, s1, b)
            for eu, pr in itertools.product((0, 2, 3, 15, 16, 20), (I8, I16, I32)):
                if M.BITS[pr] < M.BITS[p]:
                    continue
                e = O.outer(lambda x, y: np.asarray(M.ar_int(eu, x, y, 0, 0, pr, s0, s1)), a.view(O.SIGNED[p] if s0 else UDT[p]), b.view(O.SIGNED[p] if s1 else UDT[p]))
                check("vc int add/sub/mul", vc(eu, p, a, b, pr, s0, s1, wa, wb), (e.astype(object) & ((1 << M.BITS[pr]) - 1)).astype(np.uint64).astype(UDT[pr]))
            if s0 == s1:
                for eu, fn in ((4, np.maximum), (5, np.minimum), (7, np.bitwise_and), (8, np.bitwise_or), (9, np.bitwise_xor)):
                    e = (O.outer(fn, A, B) & ((1 << M.BITS[p]) - 1)).astype(UDT[p])
                    check("vc int max/min/bits", vc(eu, p, a, b, p, s0, s1, wa, wb), e)
        for p in O.FLOATS + (I8, I16, I32):
            a, b = rnd(p, (la,)), rnd(p, (lb,))
            b[:5] = a[:5]
            for eu in (10, 11, 13):
                c = int(R.integers(1, 100))
                o = vc(eu, p, a, b, p, wa=wa, wb=wb, opd2_addr=c, opd2_const=1, opd2_prec=p)
                check("vc select", o, O.outer(lambda x, y: O.ar_select(eu, p, 1, x, y, c, p), a, b))


# ------------------------------------------------------------ TRANS&BC, SG, SGL
L = M.LANE_BYTES


def t_trans():
    def go(eu, p, rs, oc, ow, src, dst):
        run(tsk_typ=5, tsk_eu_typ=eu, res0_prec=p, opd0_c=oc, opd0_w=ow, res0_addr=dst, opd0_addr=src, **dims("res0", rs))
    for p, shp in itertools.product((I8, F16, F32, I16, I32, BF16), ((1, 5, 3, 7), (2, 70, 3, 40), (1, 40, 2, 130), (1, 64, 4, 64), (2, 3, 5, 1), (1, 130, 1, 200))):
        n, c, h, w = shp
        x = ri(p, (n, w, h, c))
        for src, dst in ((0, 0x20000), (3 * L, 0x20000), (0, 0x20000 + 5 * L)):
            put(src, x)
            go(0, p, shp, w, c, src, dst)
            check("cw_ts (source aligned, result line-aligned)", O.get_lines(cm.lmem, dst, shp, UDT[p]), np.swapaxes(x, 1, 3))
            go(1, p, shp, w, c, src, dst)
            check("wc_ts (source and result aligned)", get(dst, shp, p), np.swapaxes(x, 1, 3))
        y = ri(p, shp)
        for src, dst in ((0, 0x20000), (3 * L, 0x20000 + 10 * L), (9 * L + 0x40, 0x20000 + 2 * L)):
            put(src, y)
            go(2, p, shp, c, w, src, dst)
            check("l_copy", get(dst, shp, p), y)
            if c <= 40:
                y1 = ri(p, (n, 1, h, w))
                put(src, y1)
                go(3, p, shp, 1, w, src, dst)
                check("l_bc", get(dst, shp, p), np.repeat(y1, c, 1))
    tables = cm.smem.copy()
    cm.smem[:] = R.integers(0, 256, cm.smem.size, dtype=np.uint8)
    for p, off, w, c, lane in itertools.product((I8, F16, F32), (0, 0x400, 0x9C0), (1, 7, 32, 200), (1, 5, 40), (0, 7)):
        s = cm.smem[off:off + w * M.BITS[p] // 8].view(UDT[p])
        cm.lmem[:, 0x20000:0x21000] = 0x33
        go(4, p, (1, c, 1, w), c, w, 0x9000000 + off, 0x20000 + lane * L)
        check("s_bc", get(0x20000 + lane * L, (1, c, 1, w), p), np.broadcast_to(s, (1, c, 1, w)))
        cm.lmem[:, 0x20000:0x21000] = 0x33
        go(5, p, (1, w, 1, 1), w, 1, 0x9000000 + off, 0x20000)
        got = np.array([cm.lmem[j % 64, 0x20000 + (j // 64) * s.itemsize:][:s.itemsize].copy().view(UDT[p])[0] for j in range(w)])
        check("s_distribute (compact)", got, s)
    cm.smem[:] = tables


def t_sg():
    base = lambda eu, p, ip, shp, **k: run(**dict(dict(tsk_typ=6, tsk_eu_typ=eu, res0_prec=p, opd0_prec=p, opd1_prec=ip, res0_addr=O0, opd0_addr=A0,
                                                      opd1_addr=B0, res1_addr=O1, opd0_h=1, **dims("res0", shp)), **k))

    def index(ip, top, shp, lim=0):
        ix = R.integers(0, min(top, 1 << M.BITS[ip]), shp).astype(UDT[ip])
        return np.where(R.integers(0, 4, shp) == 0, np.iinfo(UDT[ip]).max, ix).astype(UDT[ip]) if lim else ix
    for p, ip, (n, c, wp, w) in itertools.product((I8, F16, F32), (I8, I16), ((1, 5, 20, 33), (2, 70, 100, 14), (1, 130, 9, 70))):
        shp, fill = (n, c, 1, w), int(R.integers(100))
        for lim, fl in ((0, None), (1, None), (1, fill)):
            top = wp
            lf = dict(opd3_const=lim, opd2_const=int(fl is not None), opd2_addr=fl or 0)
            nm = ["", " limit, unchanged", " limit, fill"][lim + (fl is not None)]
            a, old, ix = ri(p, (n, c, 1, wp)), ri(p, shp), index(ip, top, (w,), lim)
            put(A0, a), put(O0, old), M.put_compact(cm.lmem, B0, ix.reshape(-1, 1))
            base(0, p, ip, shp, opd0_w=wp, opd1_c=w, opd1_w=1, **lf)
            check("sg 0 gather_d1" + nm, get(O0, shp, p), O.gather_d1(a, ix, old, lim, fl))
            a1, ix2 = ri(p, (1, c, 1, wp)), index(ip, top, shp, lim)
            for eu in (5, 13):
                put(A0, a1), put(O0, old), put(B0, ix2)
                base(eu, p, ip, shp, opd0_w=wp, opd1_c=c, opd1_w=w, **lf)
                check("sg 5, 13 gather per element" + nm, get(O0, shp, p), O.gather_pe(a1, ix2, old, lim, fl))
                if c <= 64:
                    put(O0, old)
                    base(eu, p, ip, shp, opd0_w=wp, opd1_c=c, opd1_w=w, opd0_str=4, **lf)
                    check("sg 5, 13 table code 4" + nm, get(O0, shp, p), O.gather_pe(a1, ix2, old, lim, fl))
            if fl is None:
                k = wp
                src, ix, old = ri(p, (n, c, 1, k)), index(ip, w, (k,), lim), ri(p, shp)
                put(A0, src), put(O0, old), M.put_compact(cm.lmem, B0, ix.reshape(-1, 1))
                base(3, p, ip, shp, opd0_w=k, opd1_c=k, opd1_w=1, **lf)
                check("sg 3 scatter_d1" + nm, get(O0, shp, p), O.scatter_d1(src, ix, old, lim))
                for eu in (6, 14):
                    src, ix = ri(p, (1, c, 1, k)), index(ip, w, (n, c, 1, k), lim)
                    put(A0, src), put(O0, old), put(B0, ix)
                    base(eu, p, ip, shp, opd0_w=k, opd1_c=c, opd1_w=k, **lf)
                    check("sg 6, 14 scatter per element" + nm, get(O0, shp, p), O.scatter_pe(src, ix, old, lim))
        for eu, mp in itertools.product((8, 15), (I8, I16, I32)):
            a, mk = ri(p, (1, c, 1, w)), (ri(mp, shp) * R.integers(0, 2, shp)).astype(UDT[mp])
            old = ri(p, shp)
            put(A0, a), put(O0, old), put(B0, mk)
            base(eu, p, mp, shp, opd0_w=w, opd1_c=c, opd1_w=w)
            r, cnt = O.mask_select(a, mk, old)
            check("sg 8, 15 mask_select", get(O0, shp, p), r)
            g = -(-c // 64)
            got = np.array([[cm.lmem[j % 64, O1 + 2 * (i * g + j // 64):][:2].copy().view(np.uint16)[0] for j in range(c)] for i in range(n)])
            check("sg 8, 15 counts (compact u16)", got, cnt)
        for eu, ap, rp in itertools.product((9, 16), (I8, I16, I32), (I16, I32)):
            a, old = (ri(ap, shp) * R.integers(0, 2, shp)).astype(UDT[ap]), ri(rp, shp)
            put(A0, a), put(O0, old)
            base(eu, ap, ap, shp, res0_prec=rp, opd0_w=w, opd1_c=c, opd1_w=w)
            r, cnt = O.nonzero_pe(a, old, UDT[rp])
            check("sg 9, 16 nonzero", get(O0, shp, rp), r)
            got = np.array([[cm.lmem[j % 64, O1 + 2 * (i * g + j // 64):][:2].copy().view(np.uint16)[0] for j in range(c)] for i in range(n)])
            check("sg 9, 16 counts", got, cnt)
    for p, (n, c, h, w, k) in itertools.product((I8, F16, F32), ((1, 5, 7, 12, 33), (2, 70, 9, 10, 15))):
        a, old = ri(p, (n, c, h, w)), ri(p, (n, c, 1, k))
        for lim, fl in ((0, None), (1, None), (1, 77)):
            wh = np.stack([R.integers(0, w, k), R.integers(0, h, k)], 1).astype(np.uint16)
            if lim:
                wh[R.integers(0, k, 3)] = 0xFFFF
            put(A0, a), put(O0, old), M.put_compact(cm.lmem, B0, wh)
            base(1, p, I16, (n, c, 1, k), opd0_h=h, opd0_w=w, opd1_c=k, opd1_w=1, opd3_const=lim, opd2_const=int(fl is not None), opd2_addr=fl or 0)
            check("sg 1 gather_d2", get(O0, (n, c, 1, k), p), O.gather_d2(a, wh, old, lim, fl))
        wh = np.stack([R.integers(0, w, k), R.integers(0, h, k)], 1).astype(np.uint16)
        src, old = ri(p, (n, c, 1, k)), ri(p, (n, c, h, w))
        put(A0, src), put(O0, old), M.put_compact(cm.lmem, B0, wh)
        base(4, p, I16, (n, c, h, w), opd0_h=1, opd0_w=k, opd1_c=k, opd1_w=1)
        check("sg 4 scatter_d2", get(O0, (n, c, h, w), p), O.scatter_d2(src, wh, old))


def t_sg_four_banks():
    """One table for all slots of a lane, there four times, 32 KiB apart."""
    table_at, index_at, result_at = 0x4000, 0, 0x28000
    for p, ip, (c, wp, w) in itertools.product((I8, F16, F32), (I8, I16), ((5, 20, 33), (64, 256, 700), (130, 9, 70))):
        shp = (1, c, 1, w)
        table = ri(p, (1, min(c, 64), 1, wp))
        ix = R.integers(0, min(wp, 1 << M.BITS[ip]), shp).astype(UDT[ip])
        old = ri(p, shp)
        for copy in range(4):
            put(table_at + copy * 0x8000, table)
        put(result_at, old), put(index_at, ix)
        run(tsk_typ=6, tsk_eu_typ=7, res0_prec=p, opd0_prec=p, opd1_prec=ip, res0_addr=result_at, opd0_addr=table_at,
            opd1_addr=index_at, opd0_str=4, opd0_h=1, opd0_w=wp, opd1_c=c, opd1_w=w, **dims("res0", shp))
        check("sg 7 gather in four banks", get(result_at, shp, p), O.gather_pe(table[:, np.arange(c) % 64], ix, old, 0, None))


def t_sgl():
    for p, ip, (n, c, hp, h, w) in itertools.product((I8, F16, F32), (I8, I16), ((1, 5, 6, 9, 33), (2, 64, 12, 5, 14), (1, 64, 3, 4, 100))):
        shp = (n, c, h, w)
        for rep, lim, fl in ((0, 0, None), (1, 0, None), (0, 1, None), (0, 1, 77)):
            a, old = ri(p, (1, c, hp, w)), ri(p, shp)
            if rep:
                a = np.repeat(a[:, :1], c, 1)
            ix = R.integers(0, hp, (n, c, h, 1)).astype(UDT[ip])
            O.put_lines(cm.lmem, A0, a), O.put_lines(cm.lmem, O0, old), put(B0, ix)
            f = dict(tsk_typ=6, res0_prec=p, opd0_prec=p, opd1_prec=ip, res0_addr=O0, opd0_addr=A0, opd1_addr=B0, opd0_str=4 if rep else 3,
                     opd3_const=lim, opd2_const=int(fl is not None), opd2_addr=fl or 0)
            run(tsk_eu_typ=17, opd0_h=hp, **f, **dims("res0", shp))
            check("sgl 17 gather lines" + ("", " limit")[lim], O.get_lines(cm.lmem, O0, shp, UDT[p]), O.gather_lines(a, ix, old, lim, fl))
        k = hp
        src, old = ri(p, (1, c, k, w)), ri(p, shp)
        ix = R.integers(0, h, (n, c, k, 1)).astype(UDT[ip])
        O.put_lines(cm.lmem, A0, src), O.put_lines(cm.lmem, O0, old), put(B0, ix)
        run(tsk_typ=6, tsk_eu_typ=18, res0_prec=p, opd0_prec=p, opd1_prec=ip, res0_addr=O0, opd0_addr=A0, opd1_addr=B0, opd0_str=3, opd0_h=k, **dims("res0", shp))
        check("sgl 18 scatter lines", O.get_lines(cm.lmem, O0, shp, UDT[p]), O.scatter_lines(src, ix, old))


# ------------------------------------------------------------------------- GDMA
def gdma(insn, src=0, dst=0, index=None, mask=(1 << 64) - 1, **f):
    f.update(src_start_addr_l32=src & 0xFFFFFFFF, src_start_addr_h8=src >> 32, dst_start_addr_l32=dst & 0xFFFFFFFF, dst_start_addr_h8=dst >> 32,
             localmem_mask_l32=mask & 0xFFFFFFFF, localmem_mask_h32=mask >> 32)
    if index is not None:
        k = "mask" if insn == "DMA_masked_select" else "index"
        f.update({k + "_start_addr_l32": index & 0xFFFFFFFF, k + "_start_addr_h8": index >> 32})
    cm.run(GDMA, sim.encode(insn, {name: int(value) for name, value in f.items()} | {"cmd_id_en": 0}))


def dsz(pre, shape, strides=None):
    f = {"%s_%ssize" % (pre, k): v for k, v in zip("nchw", shape)}
    if strides:
        f.update({"%s_%sstride" % (pre, k): v for k, v in zip("nchw", strides)})
    return f


def t_gdma():
    GS = 1 << 20
    flat = cm.lmem.reshape(-1)
    LO, GL = O.LOCAL, O.GLOBAL
    pool_l = R.integers(0, 256, 1 << 16, dtype=np.uint8)

    def go(name, model, insn, **f):
        """both memories are compared completely (first 64 KiB per lane, 1 MiB global)"""
        cm.lmem[:, :0x10000] = pool_l.reshape(1, -1) ^ np.arange(64, dtype=np.uint8)[:, None]
        cm.gmem[:GS] = np.resize(pool_l, GS) ^ (np.arange(GS, dtype=np.int64) >> 16).astype(np.uint8)
        ml, mg = flat.copy(), cm.gmem[:GS].copy()
        D = O.Dma(ml, mg)
        pre = f.pop("prep", None)
        if pre:
            pre(flat, cm.gmem)
            pre(ml, mg)
        model(D)
        gdma(insn, **f)
        bad = int((flat.reshape(64, -1)[:, :0x10000] != ml.reshape(64, -1)[:, :0x10000]).sum() + (cm.gmem[:GS] != mg).sum())
        check(name, np.array([bad]), np.array([0]))

    def strides(shape, lane0, local, es, src):
        """random non-overlapping strides; a source may also broadcast"""
        n, c, h, w = shape
        ws = int(R.integers(1, 4)) if R.integers(2) else 1
        hs = ws * w + int(R.integers(0, 5))
        cs = hs * h + int(R.integers(0, 9))
        ns = cs * (-(-(lane0 + c) // 64) if local else c) + int(R.integers(0, 9))
        st = [ns, cs, hs, ws]
        if src and R.integers(3) == 0:
            st[R.integers(3)] = 0
        return st
    FMT = ((I8, 1), (F16, 2), (F32, 4), (I16, 2), (I32, 4), (BF16, 2))
    for k in range(240):
        p, es = FMT[k % 6]
        shape = [int(R.integers(1, t)) for t in (4, 90, 6, 12)]
        sl, dl = R.integers(2, size=2)
        l0, l1 = int(R.integers(64)) if sl else 0, int(R.integers(64)) if dl else 0
        src = LO + l0 * L + es * int(R.integers(64)) if sl else GL + es * int(R.integers(64))
        dst = LO + l1 * L + 0x8000 + es * int(R.integers(64)) if dl else GL + 0x80000 + es * int(R.integers(64))
        ss, ds = strides(shape, l0, sl, es, True), strides(shape, l1, dl, es, False)
        nm = "gdma tensor %s2%s strided" % ("SL"[sl], "SL"[dl])
        go(nm, lambda D: D.copy(dst, src, es, shape, None, ss, ds), "DMA_tensor", src=src, dst=dst, src_data_format=p, stride_enable=1, nchw_copy=1,
           **dsz("src", shape, ss), **dsz("dst", (0, 0, 0, 0), ds))
        n, c, h, w = shape
        rs = [(n, c, w, h), (n * c, 1, h, w), (1, n * c * h * w, 1, 1), (n, 1, c * h, w)][k % 4]
        if rs[0] * -(-(l1 + rs[1]) // 64) * 64 * rs[2] > 20000:
            rs = (n, c, w, h)
        d2 = dst & ~63 if dl else dst
        go("gdma tensor reshape (nchw_copy=0)", lambda D: D.copy(d2, src, es, shape, rs, ss, D.default(d2, rs, es)), "DMA_tensor", src=src, dst=d2,
           src_data_format=p, stride_enable=1, nchw_copy=0, **dsz("src", shape, ss), **dsz("dst", rs, O.Dma(flat, cm.gmem).default(d2, rs, es)))
        s2 = src & ~63
        go("gdma tensor default layouts", lambda D: D.copy(d2, s2, es, shape), "DMA_tensor", src=s2, dst=d2, src_data_format=p, stride_enable=0, nchw_copy=1,
           **dsz("src", shape))
        cst = int(R.integers(1 << 32))
        cb = np.array([cst], np.uint32).view(np.uint8)[:es]
        go("gdma fill", lambda D: D.store(dst, shape, ds, es, cb), "DMA_tensor", src=0, dst=dst, src_data_format=p, stride_enable=1, fill_constant_en=1,
           constant_value=cst, **dsz("dst", shape, ds))
        if dl:
            mask = int(R.integers(1 << 63)) * 2 + 1
            go("gdma lane mask", lambda D: D.copy(dst, src, es, shape, None, ss, ds, mask), "DMA_tensor", src=src, dst=dst, mask=mask, src_data_format=p,
               stride_enable=1, nchw_copy=1, **dsz("src", shape, ss), **dsz("dst", (0, 0, 0, 0), ds))
        sh = [int(R.integers(1, t)) for t in ((20, 70, 4, 9) if dl else (6, 70, 4, 9))]
        go("gdma nc transpose", lambda D: D.nc_trans(d2, s2, es, sh), "DMA_tensor", src=s2, dst=d2, src_data_format=p, cmd_special_function=1, nchw_copy=1,
           **dsz("src", sh))
        go("gdma cw transpose", lambda D: D.cw_trans(d2, s2, es, sh), "DMA_cw_transpose", src=s2, dst=d2, src_data_format=p, nchw_copy=1, **dsz("src", sh))
        if dl:
            n, c, h, w = shape
            c = min(c, 64 - l1)
            b1 = (n, c, h, w)
            sb, db = strides((n, 1, h, w), l0, sl, es, False), strides(b1, l1, True, es, False)
            go("gdma channel broadcast", lambda D: D.bcast(dst, src, es, b1, sb, db), "DMA_tensor", src=src, dst=dst, src_data_format=p,
               cmd_special_function=3, stride_enable=1, **dsz("src", (n, 1, h, w), sb), **dsz("dst", b1, db))
        # matrices
        rows, cols, w, tr = int(R.integers(1, 20)), int(R.integers(1, 300)), int(R.integers(1, 20)), int(R.integers(2))
        if tr:
            rows, cols = cols, rows
        lr, lc = (cols, rows) if tr else (rows, cols)
        l2 = int(R.integers(8))
        cc, loc, glob = -(-lc // w), LO + l2 * L + 64 * int(R.integers(8)), GL + es * int(R.integers(9))
        cs = -(-w * es // 64) * 64 // es
        ns, rst = cs * -(-(l2 + cc) // 64), cols + int(R.integers(4))
        f = dict(src_data_format=p, stride_enable=1, cmd_special_function=tr)
        if lr * ns * es < 0xF000:
            go("gdma matrix S2L" + " trans" * tr, lambda D: D.matrix(loc, glob, es, rows, cols, w, rst, ns, cs, True, tr), "DMA_matrix", src=glob, dst=loc,
               src_hsize=rows, src_wsize=cols, src_hstride=rst, dst_nsize=lr, dst_csize=cc, dst_wsize=w, dst_nstride=ns, dst_cstride=cs, **f)
            go("gdma matrix L2S" + " trans" * tr, lambda D: D.matrix(loc, glob, es, rows, cols, w, rst, ns, cs, False, tr), "DMA_matrix", src=loc, dst=glob,
               dst_hsize=rows, dst_wsize=cols, dst_hstride=rst, src_nsize=lr, src_csize=cc, src_wsize=w, src_nstride=ns, src_cstride=cs, **f)
        # linear copy
        cnt = int(R.integers(1, 5000))
        go("gdma general", lambda D: D.copy(GL + 0x80000, GL + es, es, (1, 1, 1, cnt)), "DMA_general", src=GL + es, dst=GL + 0x80000, src_data_format=p, move_length=cnt)
        c = int(R.integers(1, 64 - l1 + 1))
        dl1 = LO + l1 * L + 0x8000
        go("gdma general broadcast", lambda D: D.bcast(dl1, GL, es, (1, c, 1, min(cnt, 900))), "DMA_general", src=GL, dst=dl1, src_data_format=p,
           move_length=min(cnt, 900), dst_csize=c, cmd_special_function=1)


def t_gdma_index():
    GS = 1 << 20
    flat = cm.lmem.reshape(-1)
    LO, GL = O.LOCAL, O.GLOBAL
    for k in range(60):
        p, es = ((I8, 1), (F16, 2), (F32, 4))[k % 3]
        c, sh, w, ih = (int(R.integers(1, t)) for t in (80, 30, 20, 25))
        sl, dl, il = R.integers(2, size=3)
        src = LO + 0 if sl else GL
        dst = LO + 0x8000 if dl else GL + 0x80000
        idx = LO + 0x4000 if il else GL + 0x40000
        s_c, i_c = c if R.integers(2) else 1, c if R.integers(3) else 1
        c = max(s_c, i_c)
        ix = R.integers(0, sh + 6, (1, i_c, ih, 1)).astype(np.uint32)
        cst = int(R.integers(1 << 32))
        cm.lmem[:, :0x10000] = R.integers(0, 256, (1, 0x10000), dtype=np.uint8)
        cm.gmem[:GS] = R.integers(0, 256, GS, dtype=np.uint8)
        D0 = O.Dma(flat, cm.gmem)

        def compare(name, model, insn, **f):
            ml, mg = flat.copy(), cm.gmem[:GS].copy()
            model(O.Dma(ml, mg))
            gdma(insn, **f)
            bad = int((flat.reshape(64, -1)[:, :0x10000] != ml.reshape(64, -1)[:, :0x10000]).sum() + (cm.gmem[:GS] != mg).sum())
            check(name, np.array([bad]), np.array([0]))
        D0.store(idx, ix.shape, None, 4, ix[..., None].view(np.uint8))
        base = dict(src=src, dst=dst, index=idx, src_data_format=p)
        compare("gdma gather", lambda D: D.gather(dst, src, idx, es, c, sh, w, ih, s_c, i_c, cst), "DMA_gather", **base, constant_value=cst, src_csize=s_c,
                src_hsize=sh, src_wsize=w, dst_csize=int(R.integers(99)), dst_hsize=ih, dst_wsize=w, index_csize=i_c, index_hsize=ih)
        dh = int(R.integers(1, 40))
        ix = R.integers(0, dh + 6, (1, i_c, sh, 1)).astype(np.uint32)
        D0.store(idx, ix.shape, None, 4, ix[..., None].view(np.uint8))
        compare("gdma scatter", lambda D: D.scatter(dst, src, idx, es, c, sh, w, dh, s_c, i_c), "DMA_scatter", **base, src_csize=s_c, src_hsize=sh, src_wsize=w,
                dst_csize=c, dst_hsize=dh, dst_wsize=w, index_csize=i_c, index_hsize=sh)
        shape = tuple(int(R.integers(1, t)) for t in (4, 70, 6, 9))
        for mp, mes in ((I8, 1), (I16, 2), (I32, 4)):
            D0.store(idx, shape, None, mes, (R.integers(0, 256, shape + (mes,)) * R.integers(0, 2, shape + (1,))).astype(np.uint8))
            compare("gdma masked select", lambda D: D.masked_select(GL + 0x80000, src, idx, es, mes, shape), "DMA_masked_select", src=src, dst=GL + 0x80000,
                    index=idx, src_data_format=p, mask_data_format=mp, **dsz("src", shape))
        D0.store(src, shape, None, es, (R.integers(0, 256, shape + (es,)) * R.integers(0, 2, shape + (1,))).astype(np.uint8))
        b = int(R.integers(1000))
        compare("gdma nonzero", lambda D: D.nonzero(GL + 0x80000, src, es, shape, b), "DMA_nonzero", src=src, dst=GL + 0x80000, src_data_format=(I8, I16, I32)[k % 3],
                index_data_format=I32, base_index=b, **dsz("src", shape))


# ---------------------------------------------------------------- kernel macros
K = None
ADDR = dict(dst=0x4000, src=0x8000, src1=0xC000, w0=0x10000, w1=0x14000, w2=0x18000, w3=0x1C000, c0=0x20000, c1=0x24000, tab=0x28000)
U = {k: KD.u(v) for k, v in ADDR.items()}


def call(fn, *args):
    r = KD.emit(LIB, fn, *args)
    if r is None:
        raise RuntimeError(fn + " emitted nothing")
    return r[0]


def t_kernels():
    """Function macros of the vendor's kernel library (needs its wheel for the commands)."""
    global K
    K = O.Kernels(O.static_tables(cm.smem))
    shp = (1, 64, 8, 64)
    S = KD.shape(*shp)
    dt = {F32: KD.i(5), F16: KD.i(3), BF16: KD.i(11)}

    def domain(p, lo=-30, hi=30):
        x = bits(p, R.uniform(lo, hi, shp).astype(f32))
        s = rf(p, shp, True)
        big = bits(p, (R.standard_normal(shp) * 200).astype(f32))
        k = R.integers(0, 6, shp)
        return np.where(k == 0, s, np.where(k == 1, big, x)).astype(UDT[p])

    def test(name, stream, model, p=F32, x=None, y=None, coeff=()):
        x = domain(p) if x is None else x
        put(ADDR["src"], x)
        if y is not None:
            put(ADDR["src1"], y)
        for c in coeff:
            run_stream(c)
        run_stream(stream)
        with np.errstate(all="ignore"):
            m = model(val(p, x)) if y is None else model(val(p, x), val(p, y))
        check("kernel " + name, get(ADDR["dst"], shp, p), bits(p, m), p)

    ld = lambda n, a, *r: call("tpu_bdc_load_" + n, U[a], *r)
    ce, cl, cf = ld("fp32_exp_coeff", "c0"), ld("fp32_log_coeff", "c0"), ld("fp32_erf_coeff", "c1")
    e1 = (U["dst"], U["src"], U["w0"], U["w1"], U["c0"], U["tab"], S)
    for name, fn, model in (("exp", "exp", K.exp), ("expm1", "expm1", K.expm1), ("sigmoid", "sigmoid", K.sigmoid), ("tanh", "tanh", K.tanh),
                            ("silu", "silu", K.silu), ("mish", "mish", K.mish), ("gelu_fast", "gelu_fast", K.gelu_fast), ("gelu_fast2", "gelu_fast2", K.gelu_fast2),
                            ("sinh", "sinh", K.sinh), ("cosh", "cosh", K.cosh), ("selu", "selu", K.selu)):
        test(name + " f32", call("tpu_bdc_fp32_" + fn, *e1), model, coeff=[ce])
    for beta in (1.0, 1.5):
        test("swish f32", call("tpu_bdc_fp32_swish", *e1[:-1], KD.f(beta), S), lambda x: K.swish(x, beta), coeff=[ce])
        test("elu f32", call("tpu_bdc_fp32_elu", *e1[:-1], KD.f(beta), S), lambda x: K.elu(x, f32(beta)), coeff=[ce])
    l1 = (U["dst"], U["src"], U["w0"], U["c0"], S)
    pos = np.where(R.integers(0, 8, shp) == 0, domain(F32), bits(F32, np.exp(R.uniform(-60, 60, shp)).astype(f32))).astype(np.uint32)
    test("log f32", call("tpu_bdc_fp32_log", *l1), K.log, x=pos, coeff=[cl])
    test("log1p f32", call("tpu_bdc_fp32_log1p", *l1), K.log1p, x=pos, coeff=[cl])
    for p in (F16, BF16):
        lp = np.where(R.integers(0, 8, shp) == 0, domain(p), bits(p, np.exp(R.uniform(-9, 9, shp)).astype(f32))).astype(UDT[p])
        test("exp " + NAME[p], call("tpu_bdc_fp_exp", *e1[:5], S, dt[p]), lambda x: K.exp(x, p), p, coeff=[ld("fp_exp_coeff", "c0", dt[p])])
        test("log " + NAME[p], call("tpu_bdc_fp_log", *l1, dt[p]), lambda x: K.log(x, p), p, x=lp, coeff=[ld("fp_log_coeff", "c0", dt[p])])
        test("sin " + NAME[p], call("tpu_bdc_fp_sin", *l1, dt[p]), lambda x: K.sin(x, p), p, coeff=[ld("fp_sin_coeff", "c0", dt[p])])
        test("cos " + NAME[p], call("tpu_bdc_fp_cos", *l1, dt[p]), lambda x: K.cos(x, p), p, coeff=[ld("fp_cos_coeff", "c0", dt[p])])
    test("sin f32", call("tpu_bdc_fp32_sin", *l1), K.sin, coeff=[ld("fp32_sin_coeff", "c0")])
    test("cos f32", call("tpu_bdc_fp32_cos", *l1), K.cos, coeff=[ld("fp32_cos_coeff", "c0")])
    test("tan f32", call("tpu_bdc_fp32_tan", *l1), K.tan, coeff=[ld("fp32_tan_coeff", "c0")])
    test("cot f32", call("tpu_bdc_fp32_cot", *l1), K.cot, coeff=[ld("fp32_tan_coeff", "c0")])
    one = np.where(R.integers(0, 8, shp) == 0, domain(F32), bits(F32, R.uniform(-1, 1, shp).astype(f32))).astype(np.uint32)
    ca = ld("fp32_arcsin_coeff", "c0")
    test("arcsin f32", call("tpu_bdc_fp32_arcsin", *l1), K.arcsin, x=one, coeff=[ca])
    test("arccos f32", call("tpu_bdc_fp32_arccos", *l1), K.arccos, x=one, coeff=[ca])
    test("arcsinh f32", call("tpu_bdc_fp32_arcsinh", *l1), K.arcsinh, coeff=[cl])
    test("arccosh f32", call("tpu_bdc_fp32_arccosh", *l1), K.arccosh, coeff=[cl])
    test("arctanh f32", call("tpu_bdc_fp32_arctanh", *l1), K.arctanh, x=one, coeff=[cl])
    er = (U["dst"], U["src"], U["w0"], U["w1"], U["w2"], U["c0"], U["c1"], U["tab"], S)
    test("erf f32", call("tpu_bdc_fp32_erf", *er), K.erf, coeff=[ce, cf])
    test("erfc f32", call("tpu_bdc_fp32_erfc", *er), K.erfc, coeff=[ce, cf])
    test("gelu f32", call("tpu_bdc_fp32_gelu", *er[:5], U["w3"], *er[5:]), K.gelu, coeff=[ce, cf])
    r1 = (U["dst"], U["src"], S)
    test("rsqrt f32", call("tpu_bdc_fp32_rsqrt", *r1), K.rsqrt, x=pos)
    test("sqrt f32", call("tpu_bdc_fp32_sqrt", *r1), K.sqrt, x=pos)
    test("reciprocal f32", call("tpu_bdc_fp32_reciprocal", *r1, None, None), K.reciprocal, x=rf(F32, shp))
    test("compensated reciprocal", call("tpu_bdc_fp32_compensate_reciprocal", U["dst"], U["src"], U["w0"], U["w1"], U["w2"], S, None, KD.i(1)),
         K.compensated_reciprocal)
    test("softsign f32", call("tpu_bdc_fp32_softsign", *r1), K.softsign)
    y = domain(F32, -4, 4)
    cl1 = ld("fp32_log_coeff", "c1")
    for name in ("softplus", "log_sigmoid", "pow"):
        T = KERNEL_ARGS[name]
        test(name + " f32", call(*T(S)), {"softplus": lambda x: K.softplus(x, 1.5), "log_sigmoid": K.log_sigmoid, "pow": K.pow}[name],
             x=None if name != "pow" else pos, y=None if name != "pow" else y, coeff=[ce, cl1])


KERNEL_ARGS = {
    "softplus": lambda S: ("tpu_bdc_fp32_softplus", U["dst"], U["src"], U["w0"], U["w1"], U["c0"], U["c1"], U["tab"], S, KD.f(1.5)),
    "log_sigmoid": lambda S: ("tpu_bdc_fp32_log_sigmoid", U["dst"], U["src"], U["w0"], U["w1"], U["c0"], U["tab"], U["c1"], S),
    "pow": lambda S: ("tpu_bdc_fp32_pow", U["dst"], U["src"], U["src1"], U["w0"], U["w1"], U["c0"], U["c1"], U["tab"], S)}

