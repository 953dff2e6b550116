"""`benchmark --cycles`: how fast the compiled networks are by the cycle model, and how far from what the chip could do.

Nothing is validated or simulated, so all networks take about a minute once their tables are made; modules and
calibration tables stay in the work folder. Columns:

    / upstream   cycles divided by those of upstream's bmodel (regression/upstream.json)
    busy         what the busier engine works, of all cycles: 1 where the engines overlap completely
    roofline     the least that the network needs, of all cycles: arithmetic at the full rate of the array, or weights,
                 inputs and outputs moved once, whichever takes longer
    no quirks    cycles without choices that only pay because of how the model prices them, divided by upstream's
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

NETWORKS = ["resnet18", "resnet50", "mobilenet_v2", "squeezenet", "yolov5s_320", "yolov5s_640", "unet"]
MODES = ["F32", "F16", "INT8"]

ARRAY_RATE = {"F32": 64 * 16, "F16": 64 * 4 * 32, "BF16": 64 * 4 * 32, "INT8": 64 * 4 * 64, "INT8_ASYM": 64 * 4 * 64}
"""Multiply-adds per cycle of convolutions and matrix products."""
LOAD_RATE, STORE_RATE = 58, 44
"""Bytes per cycle that GDMA moves at best, from global memory and to it."""


@dataclass
class CycleFigures:
    """One network in one mode. bound: cycles of the roofline. seconds: wall time of model_deploy.py."""

    network: str
    mode: str
    cycles: int
    tiu_busy: int
    gdma_busy: int
    bound: int
    ddr_bytes: int
    instructions: int
    seconds: float
    upstream_cycles: int | None = None
    upstream_ddr_bytes: int | None = None
    plain_cycles: int | None = None

    @property
    def ratio(self) -> float | None:
        """Cycles by upstream's."""
        return self.cycles / self.upstream_cycles if self.upstream_cycles else None

    @property
    def plain_ratio(self) -> float | None:
        """Cycles without quirks of the price model by upstream's."""
        return self.plain_cycles / self.upstream_cycles if self.upstream_cycles and self.plain_cycles else None


def roofline(final: str, mode: str, ports: Sequence[int]) -> int:
    """Cycles of the least work: of the text of NAME_final.mlir and the bytes of all inputs and all outputs."""
    flops = re.search(r"module\.FLOPs = (\d+)", final)
    weights = re.search(r"module\.coeff_size = (\d+)", final)
    if flops is None or weights is None:
        raise ValueError("the module says neither its FLOPs nor the bytes of its weights")
    array = int(flops.group(1)) / 2 / ARRAY_RATE[mode]
    moves = (int(weights.group(1)) + ports[0]) / LOAD_RATE + ports[1] / STORE_RATE
    return math.ceil(max(array, moves))


def port_bytes(bmodel: object) -> list[int]:
    """Bytes of the inputs and of the outputs."""
    from tpu_mlir.runtime.bmodel import STORED

    sums = []
    for ports in (bmodel.inputs(), bmodel.outputs()):  # type: ignore[attr-defined]
        sums.append(sum(math.prod(port.shape) * STORED[port.dtype]().itemsize for port in ports))
    return sums


Deploy = Callable[[str, str, Path, Sequence[str]], float]
"""deploy(network, mode, model, options) writes the bmodel; wall seconds."""


def measure(network: str, mode: str, folder: Path, deploy: Deploy, options: Sequence[str]) -> CycleFigures:
    """Compiles into a new folder below ``folder``, so that no plan of an earlier run is found."""
    from tpu_mlir.runtime.bmodel import BModel

    work = folder / f"cycles_{mode}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    model = work / f"{network}.bmodel"
    seconds = deploy(network, mode, model, options)
    (final,) = work.glob("*_final.mlir")
    bmodel = BModel(model)
    report = bmodel.cycles()
    return CycleFigures(
        network,
        mode,
        cycles=report["total_cycles"],
        tiu_busy=report["tiu_cycles"],
        gdma_busy=report["gdma_cycles"],
        bound=roofline(final.read_text(), mode, port_bytes(bmodel)),
        ddr_bytes=report["bytes_read"] + report["bytes_written"],
        instructions=report["tiu_instructions"] + report["gdma_instructions"],
        seconds=seconds,
    )


def number(value: float | None, form: str) -> str:
    """The figure, "-" where there is none."""
    return "-" if value is None else format(value, form)


def row(figures: CycleFigures) -> list[str]:
    """A line of the table."""
    bytes_ratio = figures.ddr_bytes / figures.upstream_ddr_bytes if figures.upstream_ddr_bytes else None
    return [
        figures.network,
        figures.mode,
        f"{figures.cycles:,}",
        number(figures.upstream_cycles, ","),
        number(figures.ratio, ".3f"),
        f"{max(figures.tiu_busy, figures.gdma_busy) / figures.cycles:.2f}",
        f"{figures.bound / figures.cycles:.2f}",
        f"{figures.ddr_bytes:,}",
        number(bytes_ratio, ".2f"),
        str(figures.instructions),
        f"{figures.seconds:.1f}",
        number(figures.plain_ratio, ".3f"),
    ]


HEADER = ["network", "mode", "cycles", "upstream", "/ upstream", "busy", "roofline", "DDR bytes", "/ upstream"]
HEADER += ["instructions", "compile s", "no quirks"]


def table(results: Sequence[CycleFigures]) -> str:
    """All figures as a Markdown table."""
    cells = [HEADER, ["---"] * len(HEADER), *(row(figures) for figures in results)]
    if all(figures.plain_cycles is None for figures in results):
        cells = [line[:-1] for line in cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in cells)


def mean(ratios: Sequence[float]) -> float:
    """The geometric mean."""
    return math.exp(sum(math.log(ratio) for ratio in ratios) / len(ratios))


def summary(results: Sequence[CycleFigures]) -> str:
    """Geometric means and the worst network, by mode and of all."""
    lines = []
    modes = list(dict.fromkeys(figures.mode for figures in results))
    for mode in [*modes, "all"] if len(modes) > 1 else modes:
        chosen = [figures for figures in results if mode in (figures.mode, "all") and figures.ratio is not None]
        if not chosen:
            continue
        worst = max(chosen, key=lambda figures: figures.ratio or 0)
        text = f"{mode}: geometric mean of cycles / upstream {mean([f.ratio or 1 for f in chosen]):.3f}, "
        text += f"the largest {worst.ratio:.3f} ({worst.network} {worst.mode}), "
        text += f"roofline {mean([f.bound / f.cycles for f in chosen]):.2f}"
        plain = [figures.plain_ratio for figures in chosen if figures.plain_ratio is not None]
        if len(plain) == len(chosen):
            text += f"; without quirks {mean(plain):.3f}, the largest {max(plain):.3f}"
        lines.append(text)
    return "\n".join(lines)
