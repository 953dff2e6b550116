#!/usr/bin/env python3
"""Vendor performance-model cycles of a BM1684X bmodel, from its command streams.

usage: vendor_cycles.py model.bmodel [--rows] [--json]
Only the standard library is used.  Field layouts: layout_bm1684x.json beside
this file (name, first bit, width per command form).  Formulas: see docs/cycle-model.md.
"""
import collections
import json
import os
import struct
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BYTES = {0: 1, 1: 2, 2: 4, 3: 2, 4: 4, 5: 2, 6: 1}      # precision code -> bytes (4-bit counted as 1)
LANES, LINE = 64, 64
LMEM = (0x8000000, 0x9000000)                            # address window of local memory seen by GDMA
PAGE, CHANNELS, GIB = 4096, 4, 1e9 / 2 ** 30
EPS = 6.4e-8                                             # the vendor computes in float32
cd = lambda a, b: -(-a // b)

# ------------------------------------------------------------------ decoding
def _tables():
    lay = json.load(open(os.path.join(HERE, 'layout_bm1684x.json')))
    t, d = {}, {}
    for e in lay['tiu']:
        shorts = (0, 1) if e['name'] in ('LAR', 'SYSID') else (e['short'],)
        for s in shorts:
            for eu in (e['eu'] or range(32)):
                t[(s, e['type'], eu)] = e
    for e in lay['dma']:
        d[(e['short'], e['type'])] = e
    return t, d

TIU, DMA = _tables()

def _fields(e, raw):
    v = int.from_bytes(raw, 'little')
    f = {n: (v >> o) & ((1 << w) - 1) for n, o, w in e['fields']}
    f['_name'], f['_short'] = e['name'], e['short']
    return f

def decode(buf, count, dma):
    out, o = [], 0
    while o + 8 <= len(buf) and (count is None or len(out) < count):
        h = int.from_bytes(buf[o:o + 8], 'little')
        key = ((h >> 3) & 1, (h >> 32) & 15) if dma else (h & 1, (h >> 41) & 15, (h >> 45) & 31)
        e = (DMA if dma else TIU).get(key)
        if e is None:
            raise ValueError('unknown %s command %r at byte %d' % ('GDMA' if dma else 'TIU', key, o))
        n = e['bits'] // 8
        out.append(_fields(e, buf[o:o + n]))
        o += n
    return out

class _Tab:                                              # minimal flatbuffer reader
    def __init__(self, b, p):
        self.b, self.p = b, p
        self.v = p - struct.unpack_from('<i', b, p)[0]
    def off(self, slot):
        n = struct.unpack_from('<H', self.b, self.v)[0]
        return struct.unpack_from('<H', self.b, self.v + slot)[0] if slot < n else 0
    def u32(self, slot):
        o = self.off(slot)
        return struct.unpack_from('<I', self.b, self.p + o)[0] if o else 0
    def pair(self, slot):
        o = self.off(slot)
        return struct.unpack_from('<QQ', self.b, self.p + o) if o else (0, 0)
    def text(self, slot):
        o = self.off(slot)
        if not o:
            return ''
        q = self.p + o
        q += struct.unpack_from('<I', self.b, q)[0]
        n = struct.unpack_from('<I', self.b, q)[0]
        return self.b[q + 4:q + 4 + n].decode()
    def vec(self, slot):
        o = self.off(slot)
        if not o:
            return []
        q = self.p + o
        q += struct.unpack_from('<I', self.b, q)[0]
        n = struct.unpack_from('<I', self.b, q)[0]
        r = []
        for i in range(n):
            a = q + 4 + 4 * i
            r.append(_Tab(self.b, a + struct.unpack_from('<I', self.b, a)[0]))
        return r

def groups(path):
    """yield (net, stage, subnet, group, tiu commands, gdma commands)"""
    b = open(path, 'rb').read()
    hs, fs = struct.unpack_from('<II', b, 4)
    fb, base = b[hs:hs + fs], hs + fs
    model = _Tab(fb, struct.unpack_from('<I', fb, 0)[0])
    chip = model.text(10)
    if chip and chip != 'BM1684X':
        raise SystemExit('bmodel is for %s, this model covers BM1684X' % chip)
    for ni, net in enumerate(model.vec(12)):
        for pi, par in enumerate(net.vec(10)):
            for si, sub in enumerate(par.vec(28)):
                gs = sub.vec(6)
                if not gs:
                    for cc in sub.vec(32):
                        gs = gs + cc.vec(4)
                for gi, g in enumerate(gs):
                    bufs = []
                    for num, binslot in ((4, 8), (6, 10)):
                        s, n = g.pair(binslot)
                        bufs.append(decode(b[base + s:base + s + n], g.u32(num), num == 6))
                    yield ni, pi, si, gi, bufs[0], bufs[1]

# ------------------------------------------------------------------ TIU costs
def rounds(f):
    """lane rounds: channels counted from the result's start lane (256 KiB per lane)"""
    return cd(((f['res0_addr'] >> 18) & 63) + f['res0_c'], LANES)

def per_lane(f, e, r=None):
    """output groups of e elements: batch x lane rounds x spatial groups"""
    return f['res0_n'] * (rounds(f) if r is None else r) * cd(f['res0_h'] * f['res0_w'], e)

def line_factor(f, p, e, groups_):
    """local-memory lines touched per group by a free-stride tensor (stride mode 3)"""
    if f.get(p + '_str', 0) != 3:
        return 0
    h, w, ws, hs = f['res0_h'], f['res0_w'], f[p + '_w_str'], f[p + '_h_str']
    if ws > 1:
        return min(ws, e)
    lines = cd(h * hs, e) if hs - w < e else h * cd(hs % e + w, e)
    return max(1, lines // groups_)

def same_bank(f, *ps, lane=True):
    """two start addresses in one 16 KiB bank (of one lane, or of any lane)"""
    b = [f[p + '_addr'] >> 14 & (0x3ff if lane else 15) for p in ps]
    return len(set(b)) < len(b)

def tiu_cost(f):
    name, eu = f['_name'], f['tsk_eu_typ']
    if name == 'CONV':
        b = BYTES[f['opd0_prec']]
        px, k = (16, f['opd0_c']) if b == 4 else (4, cd(f['opd0_c'], LINE // b))
        return per_lane(f, px, cd(f['res0_c'], LANES)) * k * f['opd1_h'] * f['opd1_w']
    if name == 'PorD':
        e = LINE // max(BYTES[f['res0_prec']], BYTES[f['opd0_prec']])
        h, w, kh, kw = f['res0_h'], f['res0_w'], f['opd1_h'], f['opd1_w']
        g = h * cd(w, e) if kh == 1 else cd(h * w, e)
        slow = 3 if eu < 5 and f.get('res_op_x_str', 1) > 1 and f.get('res_op_y_str', 1) > 1 else 1
        return f['res0_n'] * rounds(f) * g * kh * kw * slow
    if name == 'MM':
        m, k = f['opd0_n'], (f['opd0_c'] - 1) * f['opd0_w'] + f['opd1_w']
        if f.get('left_tran'):
            m, k = k, m
        fp32 = f['opd0_prec'] == 2
        bias = 0 if f['opd2_const'] or (eu == 1 and not fp32) else 1
        return m * rounds(f) * cd(f['res0_w'], 16 if fp32 else 64) * (k + bias + f['res_add'])
    if name == 'MM2':
        k = f['opd1_c'] if eu == 4 else f['opd1_w']
        return cd(f['res0_c'], LANES) * cd(f['res0_w'], 4) * cd(k, LINE // BYTES[f['opd0_prec']])
    if name == 'AR':
        num = f['tsk_opd_num']
        ops = ['res0'] + ['opd%d' % i for i in range(3) if (i == 0 or num > i) and not f['opd%d_const' % i]]
        e = LINE // max(BYTES[f[p + '_prec']] for p in ops)
        if eu == 12:                                     # divide: iteration code
            return per_lane(f, e) * (15 + 8 * (f['opd2_n_str'] & 7))
        g = cd(f['res0_h'] * f['res0_w'], e)
        read = sum(line_factor(f, p, e, g) for p in ops[1:] if p != 'opd2')
        clash = 1
        if eu not in (18, 19, 24, 25, 28):               # result written in place over an operand
            cand = [p for p in ops[1:] if p == 'opd0' or (p == 'opd1' and eu not in (6, 21, 22))]
            clash = 2 if any(f[p + '_addr'] == f['res0_addr'] for p in cand) else 1
        return per_lane(f, e) * max(1, read, line_factor(f, 'res0', e, g)) * clash
    if name == 'LIN':
        return per_lane(f, LINE // max(BYTES[f['res0_prec']], BYTES[f.get('opd0_prec', 0)]))
    if name == 'CMP':
        return 2 * per_lane(f, LINE // BYTES[f['opd2_prec']])
    if name == 'SFU':
        return per_lane(f, LINE // BYTES[f['res0_prec']]) * (f['opd1_n'] if eu in (12, 13) else 30 if eu == 17 else 1)
    if name == 'RQ&DQ':
        return per_lane(f, 16) * (2 if same_bank(f, 'res0', 'opd0') else 1)
    if name == 'VC':
        e = LINE // max(BYTES[f[p + '_prec']] for p in ('res0', 'opd0', 'opd1'))
        left = (f['opd0_c'] - 1) * f['opd0_w'] + f['opd1_w']
        return left * rounds(f) * cd(f['res0_w'], e)
    if name == 'TRANS&BC':
        e = LINE // BYTES[f['res0_prec']]
        n, c, h, w = (f['res0_' + x] for x in 'nchw')
        x = 2 if eu in (2, 3) and same_bank(f, 'res0', 'opd0') else 1
        return x * (n * h * cd(c, e), n * h * cd(w, e), n * c * rounds(f) * cd(h * w, e),
                n * rounds(f) * cd(h * w, e), cd(h * w, e), cd(c, e))[eu]
    if name == 'SG':
        nc, eu = f['res0_n'] * rounds(f), {13: 5, 14: 6, 15: 8, 16: 9}.get(eu, eu)
        if eu <= 4:
            return nc * f['opd1_c']
        if eu == 7:
            return max(1, nc * f['opd1_w'] // 4)
        x = {5: 1.5, 6: 1.5, 8: 3}.get(eu, 1) if same_bank(f, 'res0', 'opd0', 'opd1', lane=False) else 1
        return int(nc * f['opd1_w'] * x)
    if name == 'SGL':
        e = LINE // BYTES[f['res0_prec']]
        rows = f['res0_h'] if eu == 17 else f['opd0_h']
        return 2 * f['res0_n'] * rounds(f) * rows * cd(f['res0_w'], e)
    return 0                                             # SYSID, SEG, LAR: not priced

# ------------------------------------------------------------------ GDMA costs
def get(f, a):
    if a in f:
        return f[a]
    other = ('src' if a.startswith('dst') else 'dst') + a[3:]
    for k in (a + '/' + other, other + '/' + a):
        if k in f:
            return f[k]
    return 0

def local(f, p):
    l = f.get(p + '_start_addr_l32', f.get(p + '_start_addr_h32', 0))
    h = f.get(p + '_start_addr_h8', f.get(p + '_start_addr_l8', 0))
    return LMEM[0] <= ((h << 32) | l) < LMEM[1]

def run_bytes(H, W, st, b):
    if st[3] != 1 and W > 1:
        return b
    return W * b if H > 1 and st[2] != W else H * W * b

def channels_hit(N, C, H, st, b, hit):
    pages = min(CHANNELS, max(1, cd(H * st[2] * b, PAGE)))
    for n in range(N):
        if n * st[0] * b >= PAGE * CHANNELS:
            break
        for c in range(C):
            q = (n * st[0] + c * st[1]) * b // PAGE
            if q >= CHANNELS:                            # only starts in the first 16 KiB count
                break
            hit.update((q + j) % CHANNELS for j in range(pages))
            if len(hit) == CHANNELS:
                return CHANNELS
    return len(hit)

def gdma_cost(f):
    """-> (cycles, bytes, direction) ; direction 0 S2L 1 L2S 2 S2S 3 L2L"""
    t, sp = f['cmd_type'], f['cmd_special_function']
    if f['_name'] == 'sDMA_sys':
        return 0, 0, 4
    b = BYTES[f['src_data_format']]
    sl, dl = local(f, 'src'), local(f, 'dst')
    d = (0 if dl else 2) if not sl else (3 if dl else 1)
    const = f.get('fill_constant_en', 0)
    bw = (58, 44, 28, 28)[d]
    if t == 1:                                           # matrix
        p, q = ('src', 'dst') if sl else ('dst', 'src')
        rows, cols, w = get(f, q + '_hsize'), get(f, q + '_wsize'), get(f, p + '_wsize')
        size = rows * cols * b
        seg = (min(w, rows) if sp == 1 else w) * b
        v = size / seg * max(256, seg) / (bw * (0.75 if sp == 1 else 1)) if seg else 0
    elif t == 0 and const:
        N, C, H, W = (get(f, 'dst_%ssize' % x) for x in 'nchw')
        st = [get(f, 'dst_%sstride' % x) for x in 'nchw']
        seg, size = run_bytes(H, W, st, b), N * C * H * W * b
        v = size / seg * max(256, seg) / 58
        d = 0 if dl else 1
        return int(v + EPS * v), 0, d
    elif t == 0 and sp == 3:                             # broadcast to lanes
        N, C, H, W = (get(f, 'src_%ssize' % x) for x in 'nchw')
        size = N * C * H * W * b
        seg = run_bytes(H, W, [0, 0, get(f, 'src_hstride'), 1], b)
        v = size / seg * max(256, seg) / 58
    elif t == 0:
        N, C, H, W = (get(f, 'src_%ssize' % x) for x in 'nchw')
        D = [C, N, H, W] if sp == 1 else [N, C, H, W]
        size = N * C * H * W * b
        if f['stride_enable']:
            ss = [get(f, 'src_%sstride' % x) for x in 'nchw']
            ds = [get(f, 'dst_%sstride' % x) for x in 'nchw']
            n0, n1 = N, D[0]
        else:                                            # compact form
            ss, ds = [C * H * W, H * W, W, 1], [D[1] * H * W, H * W, W, 1]
            n0 = n1 = 1
        seg = min(run_bytes(H, W, ss, b), run_bytes(H, W, ds, b))
        m, hit = 1.0, set()
        if not sl:
            m *= CHANNELS / channels_hit(n0, C, H, ss, b, hit)
        if not dl:
            m *= CHANNELS / channels_hit(n1, D[1], H, ds, b, hit)
        v = size / seg * max(256, seg) * m / (bw * GIB)
    else:
        if t == 3:
            size = get(f, 'src_cstride(move length)') * b
        elif t == 7:
            size = get(f, 'src_csize') * get(f, 'dst_hsize') * get(f, 'src_wsize') * b
        elif t == 8:
            size = get(f, 'src_csize') * get(f, 'src_hsize') * get(f, 'src_wsize') * b
        else:
            size = b
            for x in 'nchw':
                size *= get(f, 'src_%ssize' % x)
            if t == 5:                                   # nonzero writes 32-bit indices
                size = size // b * 4
        v = size / (32 if d == 3 else 64)
    return int(v + EPS * v), int(size), d

# ------------------------------------------------------------------ schedule
def schedule(tiu, dma):
    """Both queues in order; a command starts when its queue is free and the other
    engine's command named by cmd_id_dep is done.  -> total, rows"""
    end = {'T': {0: 0}, 'D': {0: 0}}
    free = {'T': 0, 'D': 0}
    last = {'T': 0, 'D': 0}
    q = {'T': list(tiu), 'D': list(dma)}
    pos = {'T': 0, 'D': 0}
    rows = []
    while pos['T'] < len(q['T']) or pos['D'] < len(q['D']):
        moved = False
        for e, o in (('T', 'D'), ('D', 'T')):
            while pos[e] < len(q[e]):
                f = q[e][pos[e]]
                sysc = f['_name'] in ('SYSID', 'sDMA_sys')
                dep = f.get('cmd_id_dep', 0)
                if sysc:
                    pos[e] += 1
                    moved = True
                    last[e] = max(last[e], f['cmd_id'])
                    end[e][f['cmd_id']] = free[e]
                    continue
                if dep > last[o] and pos[o] < len(q[o]):
                    break
                if e == 'T':
                    c, size, d = tiu_cost(f), 0, None
                else:
                    c, size, d = gdma_cost(f)
                s = max(free[e], end[o].get(dep, 0))
                free[e] = s + c
                end[e][f['cmd_id']] = free[e]
                last[e] = f['cmd_id']
                rows.append((e, f['cmd_id'], s, c, size, d, f))
                pos[e] += 1
                moved = True
        if not moved:
            raise ValueError('dependency deadlock at TIU %d / GDMA %d' % (pos['T'], pos['D']))
    return max(free.values()), rows

KIND = {0: 'tensor', 1: 'matrix', 2: 'masked_select', 3: 'general', 4: 'cw_transpose', 5: 'nonzero', 7: 'gather', 8: 'scatter'}

def analyse(path):
    total, parts, kinds = 0, [], collections.defaultdict(lambda: [0, 0])
    busy, rd, wr, allrows = {'T': 0, 'D': 0}, 0, 0, []
    for ni, pi, si, gi, t, d in groups(path):
        n, rows = schedule(t, d)
        parts.append(((ni, pi, si, gi), n, len(t), len(d)))
        total += n
        allrows.append(rows)
        for e, _, s, c, size, dr, f in rows:
            busy[e] += c
            k = 'TIU ' + f['_name'] if e == 'T' else 'GDMA ' + KIND.get(f['cmd_type'], '?') + ('.const' if f.get('fill_constant_en') else '')
            kinds[k][0] += 1
            kinds[k][1] += c
            if e == 'D':
                rd += size * (dr in (0, 2))
                wr += size * (dr in (1, 2))
    return dict(total=total, tiu_busy=busy['T'], gdma_busy=busy['D'], ddr_read=rd, ddr_write=wr,
                kinds={k: dict(count=v[0], cycles=v[1]) for k, v in kinds.items()}, parts=parts), allrows

def main(a):
    r, rows = analyse(a[1])
    if '--json' in a:
        print(json.dumps(r))
        return
    if '--rows' in a:
        for part in rows:
            for e, i, s, c, size, d, f in part:
                print('TIU ' if e == 'T' else 'GDMA', i, f['_name'], 'start', s, 'cycles', c, 'bytes', size)
    if not r['parts']:
        print('no static command stream in this bmodel (dynamic subnets only): nothing to price')
        return
    print('total cycles   %d  (%.6f ms at 1 GHz)' % (r['total'], r['total'] / 1e6))
    print('TIU busy       %d' % r['tiu_busy'])
    print('GDMA busy      %d' % r['gdma_busy'])
    print('DDR read       %d bytes' % r['ddr_read'])
    print('DDR write      %d bytes' % r['ddr_write'])
    for k, v in sorted(r['kinds'].items(), key=lambda x: -x[1]['cycles']):
        print('  %-22s %6d commands %10d cycles' % (k, v['count'], v['cycles']))
    for (ni, pi, si, gi), n, t, d in r['parts']:
        print('  net %d stage %d subnet %d group %d: %d cycles (%d TIU, %d GDMA commands)' % (ni, pi, si, gi, n, t, d))

if __name__ == '__main__':
    main(sys.argv)
