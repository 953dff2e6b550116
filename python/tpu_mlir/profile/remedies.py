"""What would help most, in words. Every proposal is weighed by playing the schedule again with the prices that it would
leave; the saving is an upper estimate, and savings do not add up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .analysis import Profile, op_of, repeated_weights, spilled
from .places import INPUTS, OUTPUTS
from .program import ARRAY, ENGINES, FP32, GDMA, HALF_TYPES, MEMORY, TIU, VECTOR, Program

WORTH = 0.005
"""Part of the total below which nothing is proposed."""
SHORT = 0.5
"""A move at less of its best rate than this has short bursts."""


@dataclass(frozen=True)
class Remedy:
    """A proposal. saving: cycles, at most; ops: numbers of the ops that it concerns most, the largest first."""

    key: str
    title: str
    text: str
    saving: int
    ops: list[int]


def find_remedies(profile: Profile, count: int = 3) -> list[Remedy]:
    """The most promising proposals, the best first; fewer when nothing is worth it."""
    found = [remedy for make in MAKERS if (remedy := make(profile)) is not None]
    found = [remedy for remedy in found if remedy.saving >= WORTH * profile.program.total]
    return sorted(found, key=lambda remedy: -remedy.saving)[:count]


def _saving(program: Program, cycles: np.ndarray) -> int:
    return max(0, round(program.total - program.queues.play(cycles)))


def _largest(program: Program, weights: np.ndarray, count: int = 3) -> list[int]:
    """Ops with the largest sums of a quantity that every instruction has."""
    known = program.op >= 0
    if not known.any():
        return []
    sums = np.bincount(program.op[known], weights=weights[known].astype(float))
    order = np.argsort(-sums, kind="stable")[:count]
    return [int(number) for number in order if sums[number] > 0]


def _names(program: Program, ops: list[int]) -> str:
    names = [op_of(program, number).name for number in ops]
    shown = [name if len(name) <= 48 else "…" + name[-46:] for name in names]
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1] if shown else "no single op"


def _thousands(number: float) -> str:
    return f"{round(number):,}"


def size(count: float) -> str:
    """Bytes for people: 1.5 MB."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{round(count)} bytes"


def _overlap(profile: Profile) -> Remedy | None:
    program, roofline = profile.program, profile.roofline
    busier = TIU if roofline.tiu_busy >= roofline.gdma_busy else GDMA
    saving = roofline.total - roofline.engines
    waiting = np.zeros(len(program))
    rows = np.flatnonzero(program.engine == busier)
    if not len(rows):
        return None
    free_at = np.where(program.queues.before[rows] >= 0, program.end[program.queues.before[rows]], 0)
    gaps = program.start[rows].astype(np.int64) - free_at.astype(np.int64)
    # A gap is charged to the op of the command that was waited for.
    causes = program.queues.waits_for[rows]
    np.add.at(waiting, np.where(causes >= 0, causes, rows), np.maximum(gaps, 0))
    ops = _largest(program, waiting)
    other = ENGINES[1 - busier]
    what = "loads and stores" if busier == TIU else "computation"
    return Remedy(
        "overlap",
        f"Let {ENGINES[busier]} work without gaps",
        f"{ENGINES[busier]} has the most to do, {_thousands(roofline.engines)} cycles, but waits "
        f"{_thousands(saving)} cycles for {what} on {other}, most for {_names(program, ops)}. Larger layer groups and "
        "earlier loads hide them: model_deploy --opt 3, or --autotune with a budget of seconds.",
        saving,
        ops,
    )


def _spills(profile: Profile) -> Remedy | None:
    program = profile.program
    moves = spilled(program)
    if not moves.any():
        return None
    saving = _saving(program, np.where(moves, 0, program.cycles))
    size_of = np.where(moves, program.bytes_read + program.bytes_written, 0)
    ops = _largest(program, size_of)
    return Remedy(
        "results",
        "Keep results in local memory",
        f"{size(float(size_of.sum()))} of results between ops pass through DDR, most for {_names(program, ops)}. Layer "
        "groups that keep them in local memory save the moves: model_deploy --opt 3 or --autotune; a smaller batch or "
        "F16/INT8 tensors make them fit.",
        saving,
        ops,
    )


def _weight_reloads(profile: Profile) -> Remedy | None:
    program = profile.program
    again = repeated_weights(program)
    if not again.any():
        return None
    saving = _saving(program, np.where(again, 0, program.cycles))
    extra = np.where(again, program.bytes_read, 0)
    ops = _largest(program, extra)
    return Remedy(
        "weights",
        "Load weights once",
        f"{size(float(extra.sum()))} of weights are loaded again for a further slice, most for {_names(program, ops)}. "
        "Fewer slices, or weights that stay in local memory across slices, avoid it: --autotune, or a layer group "
        "configuration with fewer slices there.",
        saving,
        ops,
    )


def _short_bursts(profile: Profile) -> Remedy | None:
    program = profile.program
    short = (program.unit == MEMORY) & (program.ideal < SHORT * program.cycles)
    if not short.any():
        return None
    saving = _saving(program, np.where(short, program.ideal, program.cycles))
    lost = np.where(short, program.cycles - program.ideal, 0)
    ops = _largest(program, lost)
    row = int(np.argmax(lost))
    return Remedy(
        "bursts",
        "Move longer runs of memory",
        f"{int(short.sum())} moves reach less than half of DDR's rate and lose {_thousands(float(lost.sum()))} cycles, "
        f"most for {_names(program, ops)} (the dearest: {program.details[program.detail[row]]}, "
        f"{_thousands(program.cycles[row])} cycles). Runs below 256 bytes cost 256, and moves whose channels start in "
        "one page use a quarter of the memory channels: slice along n or h rather than w, keep rows whole, keep "
        "channels in multiples of 64.",
        saving,
        ops,
    )


def _idle_array(profile: Profile) -> Remedy | None:
    program = profile.program
    array = program.unit == ARRAY
    lost = np.where(array, program.cycles - program.ideal, 0)
    if lost.sum() < 1:
        return None
    saving = _saving(program, np.where(array, program.ideal, program.cycles))
    ops = _largest(program, lost)
    used = float(program.ideal[array].sum()) / float(program.cycles[array].sum())
    row = int(np.argmax(lost))
    return Remedy(
        "array",
        "Fill the multiplier array",
        f"The array is {used:.0%} full while it works; the rest is lost most in {_names(program, ops)} (the dearest: "
        f"{program.details[program.detail[row]]}). It takes 64 result channels at once, and input channels in steps of "
        "64 in INT8, 32 in F16, 1 in F32: channel counts that are multiples of these, larger planes per instruction, "
        "or a larger batch for fully connected layers use it better.",
        saving,
        ops,
    )


def _precision(profile: Profile) -> Remedy | None:
    program = profile.program
    array = program.unit == ARRAY
    is_f32 = array & (program.precision == FP32)
    is_half = array & np.isin(program.precision, HALF_TYPES)
    cycles = program.cycles.astype(float)
    full, half = float(cycles[is_f32].sum()), float(cycles[is_half].sum())
    if not full and not half:
        return None
    affected, factor, option = (is_f32, 8, "F16") if full >= half else (is_half, 2, "INT8")
    cheaper = np.where(affected, cycles / factor, np.where(array, cycles, cycles / 2))
    ops = _largest(program, np.where(affected, cycles, 0))
    how = "--quantize F16" if option == "F16" else "--quantize INT8 with a calibration table (run_calibration)"
    return Remedy(
        "precision",
        f"Compute in {option}",
        f"The array multiplies {'F32' if option == 'F16' else 'half-precision'} numbers, most in "
        f"{_names(program, ops)}; it does {factor} times as many {option} products per cycle, and tensors and weights "
        f"take half of the bytes: {how}. Check the accuracy.",
        _saving(program, cheaper),
        ops,
    )


def _functions(profile: Profile) -> Remedy | None:
    program = profile.program
    vector = (program.unit == VECTOR) & (program.engine == TIU)
    if not vector.any():
        return None
    cycles = program.cycles.astype(float)
    saving = _saving(program, np.where(vector, cycles / 3, cycles))
    ops = _largest(program, np.where(vector, cycles, 0))
    share = float(cycles[vector].sum()) / max(1.0, float(cycles[program.engine == TIU].sum()))
    return Remedy(
        "functions",
        "Make elementwise work cheaper",
        f"{share:.0%} of TIU's cycles are elementwise, most in {_names(program, ops)}. Functions such as SiLU, GELU "
        "and softmax take 20 to 40 steps in F32 and F16: in INT8 they are one table look-up, and ReLU joins the "
        "convolution for nothing. A third of the steps would save this much.",
        saving,
        ops,
    )


def _casts(profile: Profile) -> Remedy | None:
    program = profile.program
    casts = [number for number, op in enumerate(program.ops) if op.type == "tpu.Cast"]
    border = (program.reads == INPUTS) | (program.writes == OUTPUTS)
    mine = np.isin(program.op, np.intersect1d(casts, np.unique(program.op[border])))
    if not mine.any():
        return None
    ops = _largest(program, np.where(mine, program.cycles, 0))
    return Remedy(
        "casts",
        "Give inputs in the type that the network computes in",
        f"Conversions of inputs and outputs ({_names(program, ops)}) take "
        f"{_thousands(float(program.cycles[mine].sum()))} cycles of the engines: --quant_input and --quant_output "
        "leave them out.",
        # The tensors still have to be moved, in no more than half of the bytes.
        _saving(program, np.where(mine, np.where(border, program.cycles / 2, 0), program.cycles)),
        ops,
    )


MAKERS: tuple[Callable[[Profile], Remedy | None], ...] = (
    _overlap,
    _spills,
    _weight_reloads,
    _short_bursts,
    _idle_array,
    _precision,
    _functions,
    _casts,
)
