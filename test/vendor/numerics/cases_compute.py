"""Random single commands of the compute instructions with the results of the NumPy model.

Every function t_* runs commands on the device `cm` (devices.py) and compares the results with the model bit by bit.
"""
import itertools

import model_compute as M
import numpy as np
from model_compute import BF16, F16, F32, I8, I16, I32, f32
from vendor_cmodel import TIU, encode_tiu

R = np.random.default_rng(20240)
SDT = {(I8, 1): np.int8, (I8, 0): np.uint8, (I16, 1): np.int16, (I16, 0): np.uint16,
       (I32, 1): np.int32, (I32, 0): np.uint32}
SDT_INT = (I8, I16, I32)
UDT = {F32: np.uint32, F16: np.uint16, BF16: np.uint16}
X0, W0, B0, P0, O0 = 0, 0x10000, 0x18000, 0x1C000, 0x20000
cm = None


def npt(p, s=1):
    return UDT[p] if p in UDT else SDT[(p, s)]


def check(name, got, exp, nan_equal=None):
    """bitwise comparison; nan_equal: precision for which any NaN == any NaN"""
    got, exp = np.asarray(got), np.asarray(exp)
    if nan_equal is not None:
        val = (lambda b: b.view(f32)) if nan_equal == F32 else (lambda b: M.half_to_f32(nan_equal, b))
        bad = (got != exp) & ~(np.isnan(val(got)) & np.isnan(val(exp)))
    else:
        bad = got.astype(np.int64) != exp.astype(np.int64)
    if bad.any():
        k = np.nonzero(bad.ravel())[0][0]
        raise AssertionError(f"{name}: {bad.sum()} of {bad.size} elements differ, first at {k}: "
                             f"{got.ravel()[k]} instead of {exp.ravel()[k]}")


def ri(p, s, shape):
    ii = np.iinfo(SDT[(p, s)])
    v = R.integers(ii.min, ii.max, shape, dtype=np.int64, endpoint=True)
    if p != I8:
        v = v >> R.integers(0, M.BITS[p], shape)
    return v.astype(SDT[(p, s)])


SPECIAL = {
    F32: [0, 0x80000000, 1, 0x80000001, 0x7FFFFF, 0x800000, 0x7F800000, 0xFF800000, 0x7FC00000,
          0x7FA00000, 0xFFC00000, 0x7F7FFFFF, 0x3F800000],
    F16: [0, 0x8000, 1, 0x8001, 0x3FF, 0x400, 0x7C00, 0xFC00, 0x7E00, 0x7D00, 0xFE00, 0x7BFF, 0x3C00],
    BF16: [0, 0x8000, 1, 0x8001, 0x7F, 0x80, 0x7F80, 0xFF80, 0x7FC0, 0x7FA0, 0xFFC0, 0x7F7F, 0x3F80]}


def rf(p, shape, special=False, scale=1.0):
    """random float storage bits"""
    y = (R.standard_normal(shape) * scale).astype(f32)
    b = y.view(np.uint32) if p == F32 else M.f32_to_half(p, y)
    if special:
        anyb = R.integers(0, 1 << M.BITS[p], shape).astype(UDT[p])
        sp = np.array(SPECIAL[p], UDT[p])[R.integers(0, len(SPECIAL[p]), shape)]
        k = R.integers(0, 4, shape)
        b = np.where(k == 0, sp, np.where(k == 1, anyb, b)).astype(UDT[p])
    return b


def val(p, b):
    return b.view(f32) if p == F32 else M.half_to_f32(p, b)


def bits(p, v):
    return np.ascontiguousarray(v, f32).view(np.uint32) if p == F32 else M.f32_to_half(p, v)


def run(**f):
    cm.run(TIU, encode_tiu(**f))


def conv_fields(k, s, d, p, ins, rot, pm):
    return dict(opd1_h=k[0], opd1_w=k[1], res_op_y_str=s[0], res_op_x_str=s[1],
                opd1_y_ins0=d[0] - 1, opd1_x_ins0=d[1] - 1, opd0_up_pad=p[0], opd0_dn_pad=p[1],
                opd0_lf_pad=p[2], opd0_rt_pad=p[3], opd0_y_ins0=ins[0], opd0_x_ins0=ins[1],
                kernel_rotate=rot, pad_mode=pm)


GEOMS = [  # k, stride, dilation, pad(u,d,l,r), insert, rotate, pad_mode
    ((3, 3), (1, 1), (1, 1), (0, 0, 0, 0), (0, 0), 0, 0),
    ((3, 2), (2, 1), (1, 2), (1, 2, 3, 1), (0, 0), 0, 0),
    ((2, 3), (1, 3), (2, 1), (1, 0, 2, 2), (0, 0), 1, 0),
    ((3, 3), (1, 1), (1, 1), (2, 2, 1, 1), (1, 2), 1, 0),
    ((3, 3), (1, 2), (1, 1), (2, 1, 2, 3), (0, 0), 0, 1),
    ((3, 3), (1, 1), (1, 1), (2, 1, 2, 3), (0, 0), 0, 2),
    ((3, 3), (1, 1), (1, 1), (2, 1, 2, 3), (0, 0), 0, 3)]
SHAPES = [(1, 3, 7, 9, 5), (2, 70, 6, 5, 66), (1, 130, 5, 7, 3)]


def rot(w, r):
    return w[..., ::-1, ::-1] if r else w


def t_conv_int8():
    for (n, ic, h, w, oc), g in itertools.product(SHAPES, GEOMS):
        k, s, d, p, ins, ro, pm = g
        for (sx, sw), kz_vec, pad_vec, radd in ((( 1, 1), 0, 0, 0), ((0, 1), 1, 0, 0), ((1, 0), 0, 1, 1), ((0, 0), 1, 1, 0), ((1, 1), 1, 1, 1)):
            x, wt = ri(I8, sx, (n, ic, h, w)), ri(I8, sw, (oc, ic) + k)
            pv, iv = (ri(I8, sx, (ic,)), ri(I8, sx, (ic,))) if pad_vec else (ri(I8, sx, (1,)), ri(I8, sx, (1,)))
            kz = ri(I8, sw, (oc,) if kz_vec else (1,))
            M.put_aligned(cm.lmem, X0, x)
            M.put_weights(cm.lmem, W0, wt)
            win = M.windows(x.astype(np.int64), k, s, d, p, pv, ins, iv, pm)
            oh, ow = win.shape[4:]
            f = dict(tsk_typ=0, opd0_sign=sx, opd1_sign=sw, opd2_sign=sw, opd0_prec=I8, opd1_prec=I8, res0_prec=I32,
                     res_add=radd, res0_n=n, res0_c=oc, res0_h=oh, res0_w=ow, opd0_c=ic, opd0_h=h, opd0_w=w,
                     res0_addr=O0, opd0_addr=X0, opd1_addr=W0, **conv_fields(k, s, d, p, ins, ro, pm))
            if kz_vec:
                M.put_compact(cm.lmem, B0, kz.reshape(-1, 1))
                f.update(opd2_addr=B0)
            else:
                f.update(opd2_const=1, opd2_addr=int(kz[0]) & 0xFF)
            if pad_vec:
                M.put_compact(cm.lmem, P0, np.stack([pv, iv], 1))
                f.update(opd3_addr=P0)
            else:
                f.update(opd3_const=1, opd3_addr=int(pv[0]) & 0xFF, res1_addr=int(iv[0]) & 0xFF)
            old = ri(I32, 1, (n, oc, oh, ow))
            M.put_aligned(cm.lmem, O0, old)
            run(**f)
            o = M.get_aligned(cm.lmem, O0, (n, oc, oh, ow), np.int32)
            check("conv int8 -> i32", o, M.conv_int8(win, rot(wt, ro), kz, I32, res=old.astype(np.int64) if radd else None))
            sg = 1 if (sx or sw or kz.any()) else 0
            if sx or sw:
                run(**dict(f, res0_prec=I16))
                o = M.get_aligned(cm.lmem, O0, (n, oc, oh, ow), SDT[(I16, sg)])
                check("conv int8 -> i16", o, M.conv_int8(win, rot(wt, ro), kz, I16, bool(sg)))
            for relu, out, sb, sh in ((0, I8, 1, 9), (1, I8, 1, 8), (0, I16, 1, 3), (1, I16, 0, 5), (0, I8, 0, 7)):
                b = ri(I16, sb, (oc,))
                M.put_compact(cm.lmem, B0, b.reshape(-1, 1))
                sg = 1 if (sx or sw or sb) else 0
                run(**dict(f, tsk_eu_typ=1 + relu, res_add=0, opd2_sign=sb, opd2_const=0, opd2_addr=B0, res0_prec=out,
                           opd3_const=1, opd3_addr=sh, res1_addr=0))
                so = 0 if relu else sg
                o = M.get_aligned(cm.lmem, O0, (n, oc, oh, ow), SDT[(out, so)])
                wz = M.windows(x.astype(np.int64), k, s, d, p, 0, ins, 0, pm)
                check("conv.wrq / wrqrelu", o, M.conv_int8_rq(wz, rot(wt, ro), b, sh, out, bool(sg), relu))


def t_conv_float():
    for p in (F32, F16, BF16):
        for (n, ic, h, w, oc), g in itertools.product(SHAPES, GEOMS):
            k, s, d, pd, ins, ro, pm = g
            for bias, radd, out, special in ((0, 0, F32, 0), (1, 0, p, 0), (0, 1, F32, 0), (1, 1, p, 0), (1, 1, F32, 1)):
                if special and g is not GEOMS[0]:
                    continue
                x, wt = rf(p, (n, ic, h, w), special and ic < 10), rf(p, (oc, ic) + k, special and ic < 10)
                b = rf(F32, (oc,)) if bias else None
                M.put_aligned(cm.lmem, X0, x)
                M.put_weights(cm.lmem, W0, wt)
                win = M.windows(val(p, x), k, s, d, pd, 0, ins, 0, pm)
                oh, ow = win.shape[4:]
                old = rf(F32, (n, oc, oh, ow), scale=10)
                M.put_aligned(cm.lmem, O0, old)
                f = dict(tsk_typ=0, opd0_prec=p, opd1_prec=p, res0_prec=out, res_add=radd, opd2_const=1, opd3_const=1,
                         res0_n=n, res0_c=oc, res0_h=oh, res0_w=ow, opd0_c=ic, opd0_h=h, opd0_w=w,
                         res0_addr=O0, opd0_addr=X0, opd1_addr=W0, **conv_fields(k, s, d, pd, ins, ro, pm))
                if bias:
                    M.put_compact(cm.lmem, B0, b.reshape(-1, 1))
                    f.update(opd2_const=0, opd2_addr=B0)
                run(**f)
                o = M.get_aligned(cm.lmem, O0, (n, oc, oh, ow), npt(out))
                m = M.conv_float(p, win, rot(val(p, wt), ro), None if b is None else val(F32, b), val(F32, old) if radd else None)
                check("conv %s -> %s%s" % ("f32 f16 bf16".split()[(F32, F16, BF16).index(p)], "f32" if out == F32 else "half",
                                          " specials" if special else ""), o, bits(out, m), out if special else None)


def pord_fields(n, c, h, w, oh, ow, g):
    k, s, d, p, ins, ro, pm = g
    return dict(tsk_typ=1, opd3_const=1, opd2_const=1, res0_n=n, res0_c=c, res0_h=oh, res0_w=ow, opd0_c=c, opd0_h=h,
                opd0_w=w, res0_addr=O0, opd0_addr=X0, opd1_addr=W0, **conv_fields(k, s, d, p, ins, ro, pm))


def t_pord():
    n, c, h, w = 2, 70, 8, 9
    for g in GEOMS:
        k, s, d, p, ins, ro, pm = g
        for sx, sw in ((1, 1), (0, 1), (1, 0), (0, 0)):
            x, wt = ri(I8, sx, (n, c, h, w)), ri(I8, sw, (c,) + k)
            M.put_aligned(cm.lmem, X0, x)
            M.put_compact(cm.lmem, W0, wt.reshape(c, -1))
            pv, iv = int(ri(I8, sx, ())), int(ri(I8, sx, ()))
            win = M.windows(x.astype(np.int64), k, s, d, p, pv, ins, iv, pm)
            oh, ow = win.shape[4:]
            base = pord_fields(n, c, h, w, oh, ow, g)
            base.update(opd0_prec=I8, opd1_prec=I8, opd0_sign=sx, opd1_sign=sw, opd3_addr=pv & 0xFF)
            for sb, relu, out, rm, sh in ((1, 0, I8, 5, 7), (1, 1, I8, 1, 6), (0, 0, I16, 0, 3), (1, 0, I32, 2, 2), (1, 0, I16, 4, 5), (0, 1, I16, 3, 5), (1, 0, I8, 6, 8)):
                b = R.integers(-(1 << 16) if sb else 0, 1 << 16, c).astype(np.int32)
                M.put_compact(cm.lmem, B0, b.reshape(-1, 1))
                sg = 1 if (sx or sw or sb) else 0
                run(**dict(base, tsk_eu_typ=2 if relu else 0, opd2_sign=sb, opd2_const=0, opd2_addr=B0, res0_prec=out,
                           opd2_n_str=rm, res1_addr=(iv & 0xFF) | (sh << 8)))
                o = M.get_aligned(cm.lmem, O0, (n, c, oh, ow), SDT[(out, 0 if relu else sg)])
                check("depthwise int8", o, M.depthwise_int8(win, rot(wt, ro), b, sh, rm, out, bool(sg), relu))
            for out, sc, sh in ((I8, 28, 8), (I16, 255, 3), (I32, 7, 2)):
                wz = M.windows(x.astype(np.int64), k, s, d, p, 0, ins, 0, pm)
                run(**dict(base, tsk_eu_typ=1, opd1_sign=0, opd1_const=1, opd1_addr=sc, opd2_addr=sh, res0_prec=out, opd3_addr=0))
                o = M.get_aligned(cm.lmem, O0, (n, c, oh, ow), SDT[(out, sx)])
                check("avgpool int8", o, M.avgpool_int8(wz, sc, sh, out, bool(sx)))
            wz = M.windows(x.astype(np.int64), k, s, d, p, pv, ins, 0, pm)
            run(**dict(base, tsk_eu_typ=4, res0_prec=I8))
            o = M.get_aligned(cm.lmem, O0, (n, c, oh, ow), SDT[(I8, sx)])
            check("maxpool int8", o, M.maxpool(wz))
        for p_ in (F32, F16, BF16):
            x, wt, b = rf(p_, (n, c, h, w)), rf(p_, (c,) + k), rf(p_, (c,))
            M.put_aligned(cm.lmem, X0, x)
            M.put_compact(cm.lmem, W0, wt.reshape(c, -1))
            M.put_compact(cm.lmem, B0, b.reshape(-1, 1))
            win = M.windows(val(p_, x), k, s, d, p, 0, ins, 0, pm)
            oh, ow = win.shape[4:]
            base = dict(pord_fields(n, c, h, w, oh, ow, g), opd0_prec=p_, opd1_prec=p_, res0_prec=p_)
            nm = "f32 f16 bf16".split()[(F32, F16, BF16).index(p_)]
            for bias in (0, 1):
                run(**dict(base, opd2_const=1 - bias, opd2_addr=B0 if bias else 0))
                o = M.get_aligned(cm.lmem, O0, (n, c, oh, ow), npt(p_))
                check("depthwise " + nm, o, bits(p_, M.depthwise_float(p_, win, rot(val(p_, wt), ro), val(p_, b) if bias else None)))
            sc = rf(p_, (1,))
            run(**dict(base, tsk_eu_typ=1, opd1_const=1, opd1_addr=int(sc[0])))
            o = M.get_aligned(cm.lmem, O0, (n, c, oh, ow), npt(p_))
            check("avgpool " + nm, o, bits(p_, M.avgpool_float(p_, win, val(p_, sc)[0])))
            pvb = bits(p_, np.array([-np.inf], f32))
            run(**dict(base, tsk_eu_typ=4, opd3_addr=int(pvb[0])))
            o = M.get_aligned(cm.lmem, O0, (n, c, oh, ow), npt(p_))
            check("maxpool " + nm, o, bits(p_, M.maxpool(M.windows(val(p_, x), k, s, d, p, -np.inf, ins, 0, pm), p_)))


def t_rqdq():
    shp = (2, 70, 3, 5)
    n, c, h, w = shp
    base = dict(tsk_typ=4, res0_n=n, res0_c=c, res0_h=h, res0_w=w, res0_addr=O0, opd0_addr=X0, opd1_addr=P0)
    fb = lambda v: int(np.array([v], f32).view(np.uint32)[0])
    outs = ((I8, 1), (I8, 0), (I16, 1), (I16, 0))
    for (sp, ss), (op, os_) in itertools.product(((I32, 1), (I16, 1), (I16, 0)), outs):
        x = ri(sp, ss, shp)
        M.put_aligned(cm.lmem, X0, x)
        f = dict(base, opd0_prec=sp, opd0_sign=ss, res0_prec=op, opd2_sign=os_)
        for rm in range(7):
            for mult, sh, zp in ((12345, -20, 9), (-12345, -24, -1000), (2**31 - 1, -40, 77), (3, 0, 5), (3, 5, 0), (-2**31, -62, 3), (7, -63, 1), (5, 40, 0), (3, -100, 1)):
                run(**dict(f, tsk_eu_typ=1, opd1_const=1, opd1_addr=mult & 0xFFFFFFFF, opd2_addr=((zp & 0xFFFF) << 16) | (sh & 0xFF), opd2_n_str=rm))
                z = zp if os_ else zp & 0xFFFF
                check("rq1 const", M.get_aligned(cm.lmem, O0, shp, SDT[(op, os_)]), M.rq1(x, mult, sh, z, op, bool(os_), rm))
            mult, sh, zp = ri(I32, 1, (c,)), R.integers(-50, 5, c), R.integers(0 if not os_ else -20000, 20000, c)
            M.put_params(cm.lmem, P0, np.stack([mult, sh, zp], 1).astype(np.int32))
            run(**dict(f, tsk_eu_typ=1, opd2_n_str=rm))
            check("rq1 per channel", M.get_aligned(cm.lmem, O0, shp, SDT[(op, os_)]), M.rq1(x, mult, sh, zp, op, bool(os_), rm))
        for i2f, f2i in itertools.product(range(5), range(5)):
            for sc, of in ((1.5, 2.5), (3e-4, 3.3), (1e-6, .5), (-.25, .25), (.5, 0)):
                run(**dict(f, tsk_eu_typ=0, opd1_const=1, opd1_addr=fb(sc), opd2_addr=fb(of), opd2_n_str=i2f | (f2i << 3)))
                check("rq0 const", M.get_aligned(cm.lmem, O0, shp, SDT[(op, os_)]), M.rq0(x, sc, of, op, bool(os_), i2f, f2i))
            sc, of = rf(F32, (c,), scale=1e-3), rf(F32, (c,), scale=3)
            M.put_params(cm.lmem, P0, np.stack([sc, of], 1))
            run(**dict(f, tsk_eu_typ=0, opd2_n_str=i2f | (f2i << 3)))
            check("rq0 per channel", M.get_aligned(cm.lmem, O0, shp, SDT[(op, os_)]), M.rq0(x, sc.view(f32), of.view(f32), op, bool(os_), i2f, f2i))
    for sp, ss in outs:
        x = ri(sp, ss, shp)
        M.put_aligned(cm.lmem, X0, x)
        f = dict(base, opd0_prec=sp, opd0_sign=ss)
        for zp, sc in itertools.product((0, 3, -5, 40000), (1.5, -3e-3)):
            run(**dict(f, tsk_eu_typ=3, res0_prec=F32, opd2_sign=1, opd1_const=1, opd1_addr=zp & 0xFFFFFFFF, opd2_addr=fb(sc)))
            check("dq0 const", M.get_aligned(cm.lmem, O0, shp, np.uint32), bits(F32, M.dq0(x, zp, sc, bool(ss))))
        zp, sc = ri(I32, 1, (c,)), rf(F32, (c,))
        M.put_params(cm.lmem, P0, np.stack([zp.view(np.uint32), sc], 1))
        run(**dict(f, tsk_eu_typ=3, res0_prec=F32, opd2_sign=1))
        check("dq0 per channel", M.get_aligned(cm.lmem, O0, shp, np.uint32), bits(F32, M.dq0(x, zp, sc.view(f32), bool(ss))))
        for op, os_ in ((I32, 1), (I16, 1), (I16, 0), (I8, 1), (I8, 0)):
            for rm in range(7):
                for zp, (mult, sh) in itertools.product((0, -5, 40000), ((12345, -7), (-12345, -10), (2**31 - 1, -20), (77, 0), (77, 5), (3, 40), (3, -70))):
                    run(**dict(f, tsk_eu_typ=4, res0_prec=op, opd2_sign=os_, opd1_const=1, opd1_addr=((sh & 0xFFFF) << 16) | (zp & 0xFFFF), opd2_addr=mult & 0xFFFFFFFF, opd2_n_str=rm))
                    check("dq1 const", M.get_aligned(cm.lmem, O0, shp, SDT[(op, os_ or op == I32)]), M.dq1(x, zp, mult, sh, bool(ss), op, bool(os_), rm))
                zp, mult, sh = R.integers(-20000, 20000, c), ri(I32, 1, (c,)), R.integers(-40, 3, c)
                M.put_params(cm.lmem, P0, np.stack([zp, mult, sh], 1).astype(np.int32))
                run(**dict(f, tsk_eu_typ=4, res0_prec=op, opd2_sign=os_, opd2_n_str=rm))
                check("dq1 per channel", M.get_aligned(cm.lmem, O0, shp, SDT[(op, os_ or op == I32)]), M.dq1(x, zp, mult, sh, bool(ss), op, bool(os_), rm))


def ar_base(shp, **k):
    n, c, h, w = shp
    return dict(dict(tsk_typ=3, tsk_opd_num=2, res0_n=n, res0_c=c, res0_h=h, res0_w=w, opd0_n=n, opd0_c=c, opd0_h=h, opd0_w=w,
                     opd1_n=n, opd1_c=c, opd1_h=h, opd1_w=w, res0_addr=O0, opd0_addr=X0, opd1_addr=W0, opd2_addr=B0), **k)


def t_ar():
    shp = (2, 64, 8, 32)
    for p in (F32, F16, BF16):
        nm = "f32 f16 bf16".split()[(F32, F16, BF16).index(p)]
        a, b, c = rf(p, shp, True), rf(p, shp, True), rf(p, shp, True)
        M.put_aligned(cm.lmem, X0, a)
        M.put_aligned(cm.lmem, W0, b)
        f = ar_base(shp, opd0_prec=p, opd1_prec=p, res0_prec=p, opd0_sign=1, opd1_sign=1)
        get = lambda: M.get_aligned(cm.lmem, O0, shp, npt(p))
        for op, on in ((M.MUL, "mul"), (M.ADD, "add"), (M.SUB, "sub"), (M.MAX, "max"), (M.MIN, "min")):
            run(**dict(f, tsk_eu_typ=op))
            m = M.ar_float(op, p, val(p, a), val(p, b))
            check("ar %s %s" % (nm, on), get(), bits(p, m), p)
        run(**dict(f, tsk_eu_typ=27))
        check("ar %s fsubabs" % nm, get(), bits(p, M.ar_fsubabs(p, val(p, a), val(p, b))), p)
        run(**dict(f, tsk_eu_typ=26, tsk_opd_num=1))
        check("ar %s abs" % nm, get(), a & UDT[p]((1 << (M.BITS[p] - 1)) - 1))
        run(**dict(f, tsk_eu_typ=19, tsk_opd_num=1))
        check("ar %s copy" % nm, get(), a)
        if p == F32:
            M.put_aligned(cm.lmem, O0, c)
            run(**dict(f, tsk_eu_typ=18))
            check("ar f32 mac", get(), bits(p, M.ar_mac_f32(val(p, a), val(p, b), val(p, c))), p)
    shp = (1, 70, 3, 5)
    combos = ((I8, I8, I8), (I8, I8, I16), (I8, I8, I32), (I16, I8, I16), (I16, I16, I16), (I16, I16, I32), (I16, I16, I8), (I32, I32, I32), (I32, I16, I32), (I32, I32, I8))
    for op in (M.MUL, M.ADD, M.SUB, M.ADDS, M.SUBS, M.MULS):
        for (pa, pb, po), (sa, sb) in itertools.product(combos, ((1, 1), (0, 0), (1, 0), (0, 1))):
            a, b = ri(pa, sa, shp), ri(pb, sb, shp)
            M.put_aligned(cm.lmem, X0, a)
            M.put_aligned(cm.lmem, W0, b)
            for sh, rm in ((0, 0), (-1, 0), (-3, 1), (-3, 5), (-5, 2), (-2, 3), (-4, 4), (-3, 6), (2, 0)):
                run(**ar_base(shp, tsk_eu_typ=op, tsk_opd_num=3, opd2_const=1, opd2_addr=sh & 0xFF, opd2_n_str=rm,
                              opd0_prec=pa, opd1_prec=pb, res0_prec=po, opd0_sign=sa, opd1_sign=sb))
                o = M.get_aligned(cm.lmem, O0, shp, SDT[(po, 0)])
                e = np.asarray(M.ar_int(op, a, b, sh, rm, po, sa, sb)) & ((1 << M.BITS[po]) - 1)
                check("ar int add/sub/mul (wrap, satu)", o, e)
    # shifts, bit ops, max/min
    for pa, sa, po in itertools.product((I8, I16, I32), (0, 1), (I8, I16, I32)):
        a, s = ri(pa, sa, shp), R.integers(-20, 6, shp).astype(np.int8)
        M.put_aligned(cm.lmem, X0, a)
        M.put_aligned(cm.lmem, W0, s)
        for rm in range(7):
            run(**ar_base(shp, tsk_eu_typ=21, opd0_prec=pa, opd0_sign=sa, opd1_prec=I8, opd1_sign=1, res0_prec=po, opd2_n_str=rm))
            o = M.get_aligned(cm.lmem, O0, shp, SDT[(po, sa)])
            t = np.vectorize(lambda v, k: int(M.shift(np.int64(v), int(k), rm)), otypes=[np.int64])(a.astype(np.int64), s)
            msk = (1 << M.BITS[po]) - 1
            check("ar arithmetic shift", o.astype(np.int64) & msk, t & msk)
    for pa, sa in itertools.product((I8, I16, I32), (0, 1)):
        a, b = ri(pa, sa, shp), ri(pa, sa, shp)
        M.put_aligned(cm.lmem, X0, a)
        M.put_aligned(cm.lmem, W0, b)
        for op, fn in ((4, np.maximum), (5, np.minimum), (7, np.bitwise_and), (8, np.bitwise_or), (9, np.bitwise_xor)):
            run(**ar_base(shp, tsk_eu_typ=op, opd0_prec=pa, opd1_prec=pa, res0_prec=pa, opd0_sign=sa, opd1_sign=sa))
            check("ar int max/min/and/or/xor", M.get_aligned(cm.lmem, O0, shp, SDT[(pa, sa)]), fn(a, b))


def t_cast():
    shp = (1, 64, 8, 64)
    ints = [(I8, 1), (I8, 0), (I16, 1), (I16, 0), (I32, 1), (I32, 0)]
    names = {I8: "i8", I16: "i16", I32: "i32", F32: "f32", F16: "f16", BF16: "bf16"}
    for (sp, ss), (dp, ds) in itertools.product(ints + [(F32, 1), (F16, 1), (BF16, 1)], repeat=2):
        isf = lambda p: p in UDT
        if (sp == dp and isf(sp)) or {sp, dp} == {F16, BF16}:
            continue
        for rm in range(5 if dp in SDT_INT and isf(sp) else 7):
            x = rf(sp, shp, True) if isf(sp) else ri(sp, ss, shp)
            M.put_aligned(cm.lmem, X0, x)
            run(**ar_base(shp, tsk_eu_typ=14, tsk_opd_num=1, opd0_prec=sp, opd0_sign=ss, res0_prec=dp, opd2_sign=ds, opd2_n_str=rm))
            o = M.get_aligned(cm.lmem, O0, shp, npt(dp, ds))
            m = M.cast(x.view(f32) if sp == F32 else x, sp, bool(ss), dp, bool(ds), rm)
            check("cast %s -> %s" % (names[sp], names[dp]), o, m.view(np.uint32) if dp == F32 else m)


def t_mm2():
    def rows(addr, m):
        M.put_aligned(cm.lmem, addr, np.ascontiguousarray(m).reshape(1, m.shape[0], 1, m.shape[1]))
    for (m_, k_, n_), eu in itertools.product(((5, 7, 9), (70, 100, 66), (3, 200, 130)), (4, 5, 6)):
        rc, rw = (m_, n_) if eu != 6 else (n_, m_)
        def fields(l, r, p, out, **k):
            return dict(tsk_typ=2, tsk_eu_typ=eu, opd0_prec=p, opd1_prec=p, res0_prec=out, opd2_const=1, res0_n=1, res0_c=rc, res0_h=1, res0_w=rw,
                        opd1_n=1, opd1_c=r.shape[0], opd1_h=1, opd1_w=r.shape[1], opd0_n=1, opd0_c=l.shape[0], opd0_h=1, opd0_w=l.shape[1],
                        res0_addr=O0, opd0_addr=X0, opd1_addr=W0, **k)
        T = lambda v: v if eu != 6 else v.T
        for (sl, sr), zvec, radd in itertools.product(((1, 1), (0, 1), (1, 0), (0, 0)), (0, 1), (0, 1)):
            a, b = ri(I8, sl, (m_, k_)), ri(I8, sr, (k_, n_))
            l, r = (a if eu != 6 else a.T), (b if eu == 4 else b.T)
            rows(X0, l)
            rows(W0, r)
            z = ri(I8, sr, (n_,) if zvec else (1,))
            f = fields(l, r, I8, I32, opd0_sign=sl, opd1_sign=sr, opd2_addr=int(z[0]) & 0xFF, res_add=radd)
            if zvec:
                if eu == 6:
                    M.put_compact(cm.lmem, P0, z.reshape(-1, 1))
                else:
                    M.put_aligned(cm.lmem, P0, np.repeat(z.reshape(1, 1, 1, -1), 64, 1))
                f.update(opd2_const=0, opd2_addr=P0)
            old = R.integers(-100000, 100000, (rc, rw)).astype(np.int32)
            rows(O0, old)
            run(**f)
            o = M.get_aligned(cm.lmem, O0, (1, rc, 1, rw), np.int32)[0, :, 0]
            check("mm2 int8", o, T(M.mm2_int8(a, b, z, T(old).astype(np.int64) if radd else None)))
        for p, radd in itertools.product((F16, BF16), (0, 1)):
            a, b = rf(p, (m_, k_)), rf(p, (k_, n_))
            l, r = (a if eu != 6 else a.T), (b if eu == 4 else b.T)
            for out in (F32, p):
                rows(X0, l)
                rows(W0, r)
                old = rf(F32, (rc, rw), scale=5)
                rows(O0, old)
                run(**fields(l, r, p, out, res_add=radd))
                o = M.get_aligned(cm.lmem, O0, (1, rc, 1, rw), npt(out))[0, :, 0]
                acc = M.mm2_half(p, val(p, a), val(p, b), np.ascontiguousarray(T(old)).view(f32) if radd else None)
                check("mm2 %s" % ("f16" if p == F16 else "bf16"), o, bits(out, np.ascontiguousarray(T(acc))))


def t_mm():
    for (m_, k_, n_, lw, rw), tran in itertools.product(((5, 40, 96, 16, 16), (7, 50, 99, 8, 11), (3, 130, 70, 2, 1), (4, 33, 200, 5, 2)), (0, 1)):
        lr, lc = (k_, m_) if tran else (m_, k_)
        oc, nc = -(-lc // lw), -(-n_ // rw)
        base = dict(tsk_typ=2, left_tran=tran, opd2_const=1, res0_n=m_, res0_c=nc, res0_h=1, res0_w=rw, opd0_n=lr, opd0_c=oc, opd0_h=1, opd0_w=lw,
                    opd1_n=k_, opd1_c=nc, opd1_h=1, opd1_w=lc - (oc - 1) * lw, res0_addr=O0, opd0_addr=X0, opd1_addr=W0)
        for bias, radd in itertools.product((0, 1), (0, 1)):
            a, b, bb, old = rf(F32, (m_, k_)), rf(F32, (k_, n_)), rf(F32, (n_,)), rf(F32, (m_, n_))
            M.put_matrix(cm.lmem, X0, a.T if tran else a, lw)
            M.put_matrix(cm.lmem, W0, b, rw)
            M.put_matrix(cm.lmem, P0, bb.reshape(1, -1), rw)
            M.put_matrix(cm.lmem, O0, old, rw)
            run(**dict(base, tsk_eu_typ=1, opd0_prec=F32, opd1_prec=F32, res0_prec=F32, res_add=radd, opd2_const=1 - bias, opd2_addr=P0 if bias else 0))
            o = M.get_matrix(cm.lmem, O0, m_, n_, rw, np.uint32)
            check("mm f32", o, bits(F32, M.mm_f32(a.view(f32), b.view(f32), bb.view(f32) if bias else None, old.view(f32) if radd else None)))
        for relu, (sl, sr, sb), out, (ls, rs), radd in itertools.product((0, 1), ((1, 1, 1), (0, 1, 1), (0, 0, 0), (1, 0, 1)), (I8, I16), ((0, 0), (3, 9), (5, 13)), (0, 1)):
            sg = 1 if (sl or sr or sb) else 0
            a, b, bb, old = ri(I8, sl, (m_, k_)), ri(I8, sr, (k_, n_)), ri(I16, sb, (n_,)), ri(I16, sg, (m_, n_))
            M.put_matrix(cm.lmem, X0, a.T if tran else a, lw)
            M.put_matrix(cm.lmem, W0, b, rw)
            M.put_matrix(cm.lmem, P0, bb.reshape(1, -1), rw)
            M.put_matrix(cm.lmem, O0, old, rw)
            run(**dict(base, tsk_eu_typ=2 + relu, opd0_prec=I8, opd1_prec=I8, res0_prec=out, opd0_sign=sl, opd1_sign=sr, opd2_sign=sb, res_add=radd,
                       opd2_const=0, opd2_addr=P0, opd3_addr=ls | (rs << 8)))
            o = M.get_matrix(cm.lmem, O0, m_, n_, rw, SDT[(out, 0 if relu else sg)])
            check("mm.wrq / wrqrelu", o, M.mm_int8_rq(a, b, bb, ls, rs, out, bool(sg), relu, old if radd else None))
        for sh, rm in ((0, 0), (-5, 5), (-9, 1), (-20, 0), (3, 0)):
            a, b = ri(I32, 1, (m_, k_)), ri(I32, 1, (k_, n_))
            M.put_matrix(cm.lmem, X0, a.T if tran else a, lw)
            M.put_matrix(cm.lmem, W0, b, rw)
            run(**dict(base, tsk_eu_typ=1, opd0_prec=I32, opd1_prec=I32, res0_prec=I32, opd0_sign=1, opd1_sign=1, opd2_sign=1, opd2_addr=sh & 0xFF, opd2_n_str=rm))
            o = M.get_matrix(cm.lmem, O0, m_, n_, rw, np.int32)
            check("mm i32 (shift, saturate)", o, M.mm_int32(a, b, sh, rm))

