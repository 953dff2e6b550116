"""Call kernel API functions (tpu_bdc_* / tpu_gdma_*) of the vendor's backend
library and collect the command bytes they emit.

    emit(lib_dir, "tpu_bdc_fp32_exp", u(0x4000), u(0x8000), ..., shape(1, 64, 8, 8))
        -> (tiu_bytes, gdma_bytes) or None if the call died

Each call runs in a forked child, because wrong arguments abort the process.
The result does not contain the end command and is not padded.
"""
import ctypes as C
import os
import pickle

u = C.c_uint
i = C.c_int
f = C.c_float
addr40 = C.c_ulonglong
NULL = None
# data type codes of the kernel API
DT = dict(u8=0, i8=1, f16=3, f32=5, u16=6, i16=7, u32=8, i32=9, bf16=11)


class Dim4(C.Structure):
    """sizes n, c, h, w"""

    _fields_ = [(k, C.c_int) for k in "nchw"]


class Dim2(C.Structure):
    """sizes h, w"""

    _fields_ = [(k, C.c_int) for k in "hw"]


class Var(C.Structure):
    """operand of a select: type 0 scalar, 1 vector, 2 tensor"""
    _fields_ = [("type", C.c_int), ("v", C.c_uint)]


def shape(*d):
    return C.byref(Dim4(*d))


def dim2(h, w):
    return C.byref(Dim2(h, w))


def _child(lib_dir, fn, args):
    lib = C.CDLL(os.path.join(lib_dir, "libbackend_bm1684x.so"), mode=os.RTLD_LOCAL | os.RTLD_LAZY)
    lib.cmodel_init.argtypes = [C.c_int, C.c_uint64]
    lib.create_cmd_id_node.restype = C.c_void_p
    for name in ("set_id_node", "tpu_set_id_node", "reset_cmd_id"):
        getattr(lib, name).argtypes = [C.c_void_p]
    lib.set_ts_fe_cmd_id_ptr.argtypes = [C.c_void_p, C.c_void_p]
    lib.enable_active_mode.argtypes = [C.c_bool]
    lib.backend_api_get_tpu_inst_data.restype = C.c_void_p
    lib.backend_api_get_tpu_inst_data.argtypes = [C.c_char_p]
    lib.backend_api_get_tpu_inst_size.restype = C.c_uint
    lib.backend_api_get_tpu_inst_size.argtypes = [C.c_char_p]
    lib.cmodel_init(0, 1 << 26)
    node, b, g = (lib.create_cmd_id_node() for _ in range(3))
    lib.enable_active_mode(True)
    lib.set_id_node(node)
    lib.set_ts_fe_cmd_id_ptr(g, b)
    lib.tpu_set_id_node(node)
    lib.forbid_atomic_cmodel()
    lib.allow_store_cmd()
    lib.backend_api_set_core_info(0, 1)
    lib.backend_api_clear_tpu_inst_data()
    lib.reset_cmd_id(node)
    getattr(lib, fn)(*args)
    out = []
    for eng in ("tiu", "gdma"):
        d = b""
        for name in (eng, eng + ":0:0"):
            n = lib.backend_api_get_tpu_inst_size(name.encode())
            if n and not d:
                d = C.string_at(lib.backend_api_get_tpu_inst_data(name.encode()), n)
        out.append(d)
    return tuple(out)


def emit(lib_dir, fn, *args):
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(r)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        try:
            os.write(w, pickle.dumps(_child(lib_dir, fn, args)))
        finally:
            os._exit(0)
    os.close(w)
    data = b""
    while True:
        b = os.read(r, 65536)
        if not b:
            break
        data += b
    os.close(r)
    _, st = os.waitpid(pid, 0)
    return pickle.loads(data) if st == 0 and data else None
