"""Single instructions: the NumPy models, our simulator and the vendor's agree bit by bit.

Random commands of every family, with special values; after each command of the comparison with the vendor the whole
local memory (and a part of global memory) must be the same.
"""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import cases_compute
import cases_other
import numpy as np
import pytest
from devices import LockstepDevice, SimulatorDevice

NEEDS_VENDOR = {"t_kernels"}  # its commands come from the vendor's kernel library
CASES = [
    (module, name)
    for module in (cases_compute, cases_other)
    for name in sorted(vars(module))
    if name.startswith("t_") and callable(vars(module)[name])
]
IDS = [f"{module.__name__}-{name[2:]}" for module, name in CASES]


def run_case(module: types.ModuleType, name: str, device: Any, simulator: Any, lib_dir: str) -> None:
    """Runs one group of cases on a device whose local memory holds random bytes, the same in every lane."""
    module.cm = device
    module.R = np.random.default_rng(20240)
    if module is cases_other:
        module.sim, module.LIB = simulator, lib_dir
    device.lmem[:] = module.R.integers(0, 256, device.lmem.shape[1], dtype=np.uint8)[None]
    with np.errstate(all="ignore"):
        vars(module)[name]()


@pytest.mark.parametrize(("module", "name"), CASES, ids=IDS)
def test_simulator_equals_numpy_model(module: types.ModuleType, name: str, simulator: Any, request: Any) -> None:
    lib_dir = str(request.getfixturevalue("vendor_home") / "lib") if name in NEEDS_VENDOR else ""
    run_case(module, name, SimulatorDevice(simulator), simulator, lib_dir)


@pytest.fixture(scope="session")
def lockstep(simulator: Any, vendor_home: Path) -> LockstepDevice:
    return LockstepDevice(simulator, str(vendor_home / "lib"))


@pytest.mark.vendor
@pytest.mark.parametrize(("module", "name"), CASES, ids=IDS)
def test_simulator_equals_vendor(
    module: types.ModuleType, name: str, simulator: Any, vendor_home: Path, lockstep: LockstepDevice
) -> None:
    before = lockstep.compared
    run_case(module, name, lockstep, simulator, str(vendor_home / "lib"))
    assert lockstep.compared > before


@pytest.mark.vendor
def test_static_memory_equals_vendor(lockstep: LockstepDevice, simulator: Any) -> None:
    lockstep.vendor.smem[:] = 0
    lockstep.vendor.lib.load_lookup_tables()
    assert np.array_equal(lockstep.vendor.smem, simulator.Machine().static)


@pytest.mark.vendor
def test_nan_payloads_equal_vendor(lockstep: LockstepDevice) -> None:
    """All pairs of special f32 values, quiet and signalling NaN with payloads among them, through AR arithmetic."""
    from vendor_cmodel import TIU, encode_tiu

    special = [
        0x7FA00001,
        0xFFA00002,
        0x7FC00003,
        0xFFC00004,
        0x7F800000,
        0xFF800000,
        0,
        0x80000000,
        1,
        0x3F800000,
        0xC0000000,
    ]
    a, b = (np.ascontiguousarray(x.ravel(), np.uint32) for x in np.meshgrid(special, special))
    count = a.size
    for operation in (0, 2, 3, 4, 5, 12, 18, 26, 27):
        lockstep.seen.clear()
        lockstep.lmem[:] = 0
        lockstep.lmem[0, : 4 * count] = a.view(np.uint8)
        lockstep.lmem[0, 0x4000 : 0x4000 + 4 * count] = b.view(np.uint8)
        lockstep.lmem[0, 0x8000 : 0x8000 + 4 * count] = np.full(count, 0x3F800000, np.uint32).view(np.uint8)
        fields = dict(
            tsk_typ=3, tsk_eu_typ=operation, tsk_opd_num=2, opd0_prec=2, opd1_prec=2, res0_prec=2, opd2_n_str=2
        )
        lockstep.run(
            TIU, encode_tiu(res0_n=1, res0_c=1, res0_h=1, res0_w=count, opd1_addr=0x4000, res0_addr=0x8000, **fields)
        )


@pytest.mark.vendor
@pytest.mark.parametrize("precision", [1, 2, 5], ids=["f16", "f32", "bf16"])
def test_maximum_pooling_of_special_values_equals_vendor(lockstep: LockstepDevice, precision: int) -> None:
    """NaN only survive in the last place of a window; denormals count as zero in f32 and bf16."""
    from model_compute import put_aligned
    from vendor_cmodel import TIU, encode_tiu

    dtype = np.uint32 if precision == 2 else np.uint16
    special = {
        1: [0x7D01, 0xFE02, 0x7C00, 0xFC00, 0, 0x8000, 1, 0x8002, 0x3C00, 0xBC00],
        2: [0x7FA00001, 0xFFC00002, 0x7F800000, 0xFF800000, 0, 0x80000000, 1, 0x80000002, 0x3F800000, 0xBF800000],
        5: [0x7FA1, 0xFFC2, 0x7F80, 0xFF80, 0, 0x8000, 1, 0x8002, 0x3F80, 0xBF80],
    }[precision]
    image = np.array(special, dtype)[np.random.default_rng(3).integers(0, len(special), (1, 70, 9, 11))]
    lockstep.seen.clear()
    put_aligned(lockstep.lmem, 0, image)
    fields = dict(
        tsk_typ=1,
        tsk_eu_typ=4,
        opd0_prec=precision,
        opd1_prec=precision,
        res0_prec=precision,
        opd3_const=1,
        opd2_const=1,
    )
    fields |= dict(opd1_h=2, opd1_w=2, res_op_y_str=1, res_op_x_str=1, opd0_c=70, opd0_h=9, opd0_w=11, res0_addr=0x8000)
    lockstep.run(TIU, encode_tiu(res0_n=1, res0_c=70, res0_h=8, res0_w=10, **fields))
