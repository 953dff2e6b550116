"""What the cases run on: our simulator, or the vendor's with ours in lock step."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from vendor_cmodel import TIU, VendorCModel

GLOBAL = 0x100000000
GLOBAL_BYTES = 64 << 20
COMPARED_BYTES = 1 << 20  # of global memory


class SimulatorDevice:
    """Our simulator with the surface of VendorCModel: lmem, gmem, smem and run(engine, command)."""

    def __init__(self, simulator: Any) -> None:
        self.machine = simulator.Machine()
        self.machine.add_global(GLOBAL, GLOBAL_BYTES)
        self.lmem = self.machine.local
        self.gmem = self.machine.global_view(GLOBAL, GLOBAL_BYTES)
        self.smem = self.machine.static

    def run(self, engine: int, command: bytes) -> None:
        self.machine.execute(bytes(command), "tiu" if engine == TIU else "gdma")


class LockstepDevice(SimulatorDevice):
    """Our simulator; the vendor's executes a part of the commands on the same memory, then the memories must be equal.

    The vendor's is slow and there are thousands of commands, so after the first three of a kind (engine, operation,
    types) only every 40th is compared.
    """

    def __init__(self, simulator: Any, lib_dir: str) -> None:
        super().__init__(simulator)
        self.vendor = VendorCModel(lib_dir, gmem_bytes=GLOBAL_BYTES)
        self.simulator = simulator
        self.seen: Counter[tuple[int, ...]] = Counter()
        self.compared = 0

    def kind(self, engine: int, command: bytes) -> tuple[int, ...]:
        head = int.from_bytes(command[:12], "little")
        if engine == TIU:
            return (engine, head & 1, head >> 41 & 15, head >> 45 & 31, head >> 72 & 0x1FF)
        return (engine, head >> 32 & 15, head >> 36 & 7, head >> 40 & 7)

    def run(self, engine: int, command: bytes) -> None:
        command = bytes(command)
        kind = self.kind(engine, command)
        self.seen[kind] += 1
        if self.seen[kind] > 3 and self.seen[kind] % 40:
            super().run(engine, command)
            return
        vendor = self.vendor
        vendor.lmem[:], vendor.smem[:] = self.lmem, self.smem
        vendor.gmem[:COMPARED_BYTES] = self.gmem[:COMPARED_BYTES]
        vendor.run(engine, command)
        super().run(engine, command)
        self.compared += 1
        text = self.simulator.disassemble(command, "tiu" if engine == TIU else "gdma")[0]
        if not np.array_equal(self.lmem, vendor.lmem):
            lane, byte = np.argwhere(self.lmem != vendor.lmem)[0]
            ours, theirs = self.lmem[lane, byte], vendor.lmem[lane, byte]
            raise AssertionError(f"lane {lane} byte {byte:#x}: {ours:#x} instead of {theirs:#x} after {text}")
        if not np.array_equal(self.gmem[:COMPARED_BYTES], vendor.gmem[:COMPARED_BYTES]):
            byte = np.argwhere(self.gmem[:COMPARED_BYTES] != vendor.gmem[:COMPARED_BYTES])[0][0]
            raise AssertionError(f"global byte {byte:#x} differs after {text}")
