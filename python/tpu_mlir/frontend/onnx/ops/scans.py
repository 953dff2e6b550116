"""Running sums and products, triangles, and discrete Fourier transforms as products with constant matrices."""

from __future__ import annotations

import math

import numpy as np

from ...compose import Formula
from ..call import Call, Tensor
from ..registry import ANY, onnx_op


def _axis_input(call: Call, index: int, what: str) -> int:
    axis, rank = call.ints(index, what)[0], len(call.shape(0))
    if not -rank <= axis < rank:
        call.refuse(f"its axis {axis} is out of range")
    return axis % rank


def _shifted(f: Formula, x: Tensor, axis: int, by: int, fill: float) -> Tensor:
    """Moved towards the end of an axis, what is free at its beginning filled."""
    begins = [by if place == axis else 0 for place in range(x.rank)]
    return f.pad(f.part(x, axis, 0, x.shape[axis] - by), begins, [0] * x.rank, fill)


@onnx_op("CumSum", since=11, data=ANY)
def cumulative_sum(call: Call) -> None:
    f, axis = Formula(call), _axis_input(call, 1, "its axis")
    reverse, exclusive = bool(call.attr("reverse", 0)), bool(call.attr("exclusive", 0))
    x = f.flip(call.x(0), axis) if reverse else call.x(0)
    total = call.step("sum", "CumSum", [x, call.none], x.shape, axis=axis)
    if exclusive:
        total = _shifted(f, total, axis, 1, 0.0) if x.shape[axis] > 1 else f.weight("zero", np.zeros(x.shape))
    call.bind(f.flip(total, axis) if reverse else total)


@onnx_op("CumProd", since=26, data=ANY)
def cumulative_product(call: Call) -> None:
    """In steps that double how many elements each product covers."""
    f, axis = Formula(call), _axis_input(call, 1, "its axis")
    reverse, exclusive = bool(call.attr("reverse", 0)), bool(call.attr("exclusive", 0))
    x = f.flip(call.x(0), axis) if reverse else call.x(0)
    size = x.shape[axis]
    if exclusive:
        x = _shifted(f, x, axis, 1, 1.0) if size > 1 else f.weight("one", np.ones(x.shape))
    reach = 1
    while reach < size:
        x = f.mul(x, _shifted(f, x, axis, reach, 1.0))
        reach *= 2
    call.bind(f.flip(x, axis) if reverse else x)


@onnx_op("Trilu", since=14, data=ANY)
def triangle(call: Call) -> None:
    shape = call.shape(0)
    if len(shape) < 2:
        call.refuse(f"an input of {len(shape)} dimensions is not a matrix")
    diagonal = call.ints(1, "its diagonal")[0] if call.has(1) else 0
    diagonal = max(-shape[-2], min(shape[-1], diagonal))
    call.finish("Trilu", [call.x(0)], upper=int(bool(call.attr("upper", 1))), diagonal=diagonal)


MAX_TRANSFORM = 1 << 24
"""Bound on the elements of one transform matrix."""


def _transform(call: Call, count: int, length: int, inverse: bool) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and sines [length, count] of the transform of ``length`` numbers to ``count`` frequencies."""
    if count * length > MAX_TRANSFORM:
        call.refuse(f"a transform of {length} numbers needs too large a matrix")
    turns = np.outer(np.arange(length), np.arange(count)) % length
    angle = 2 * math.pi * turns / length * (1 if inverse else -1)
    scale = 1 / length if inverse else 1.0
    return np.cos(angle) * scale, np.sin(angle) * scale


def _complex_product(
    f: Formula, real: Tensor, imaginary: Tensor | None, cosine: np.ndarray, sine: np.ndarray
) -> Tensor:
    """[rows, length] times a complex matrix: [rows, count, 2]."""
    matrices = f.weight("cosine", cosine), f.weight("sine", sine)
    parts = [f.matmul(real, matrices[0]), f.matmul(real, matrices[1])]
    if imaginary is not None:
        parts[0] = f.sub(parts[0], f.matmul(imaginary, matrices[1]))
        parts[1] = f.add(parts[1], f.matmul(imaginary, matrices[0]))
    return f.join([f.reshape(part, [*part.shape, 1]) for part in parts], parts[0].rank)


def _dft(call: Call, axis: int) -> None:
    """One axis, cut or filled with zeros to the wanted length. The last axis holds real and imaginary parts."""
    f, x, shape = Formula(call), call.x(0), call.shape(0)
    inverse, onesided = bool(call.attr("inverse", 0)), bool(call.attr("onesided", 0))
    length = call.ints(1, "its length")[0] if call.has(1) else shape[axis]
    if inverse and onesided:
        _inverse_real(call, f, x, axis, call.ints(1, "its length")[0] if call.has(1) else 2 * (shape[axis] - 1))
        return
    if length < 1 or shape[-1] not in (1, 2):
        call.refuse(f"its length {length} or the last axis of size {shape[-1]} is not valid")
    if onesided and shape[-1] != 1:
        call.refuse("a one-sided transform of complex numbers is not defined")
    count = length // 2 + 1 if onesided else length
    cosine, sine = _transform(call, count, length, inverse)
    used = min(length, shape[axis])
    cosine, sine = cosine[:used], sine[:used]
    x = f.part(x, axis, 0, used)
    order = [place for place in range(len(shape)) if place != axis]
    moved = f.permute(x, [*order, axis])  # [..., real or complex, time]
    rows = math.prod(moved.shape[:-2])
    planes = f.reshape(moved, [rows, shape[-1], used])
    parts = [f.reshape(f.part(planes, 1, place, place + 1), [rows, used]) for place in range(shape[-1])]
    result = _complex_product(f, parts[0], parts[1] if len(parts) > 1 else None, cosine, sine)
    outer = [shape[place] for place in order[:-1]]
    result = f.reshape(result, [*outer, count, 2])
    back = [*range(axis), len(outer), *range(axis, len(outer)), len(outer) + 1]
    call.bind(f.permute(result, back))


def _inverse_real(call: Call, f: Formula, x: Tensor, axis: int, length: int) -> None:
    """From half of a spectrum to real numbers: the other half is its mirror image and conjugate."""
    shape = call.shape(0)
    count = length // 2 + 1
    if length < 1 or shape[-1] != 2:
        call.refuse(f"its length {length} or the last axis of size {shape[-1]} is not valid")
    used = min(count, shape[axis])
    cosine, sine = _transform(call, count, length, True)  # [length, count]
    weight = np.where((np.arange(count) == 0) | (2 * np.arange(count) == length), 1.0, 2.0)
    tables = (cosine * weight).T[:used], (-sine * weight).T[:used]
    order = [place for place in range(len(shape)) if place != axis]
    moved = f.permute(f.part(x, axis, 0, used), [*order, axis])
    rows = math.prod(moved.shape[:-2])
    planes = f.reshape(moved, [rows, 2 * used])
    product = f.matmul(planes, f.weight("tables", np.concatenate(tables)))
    outer = [shape[place] for place in order[:-1]]
    result = f.reshape(product, [*outer, length, 1])
    call.bind(f.permute(result, [*range(axis), len(outer), *range(axis, len(outer)), len(outer) + 1]))


@onnx_op("DFT", since=20)
def dft(call: Call) -> None:
    _dft(call, _axis_input(call, 2, "its axis") if call.has(2) else len(call.shape(0)) - 2)


@onnx_op("DFT", since=17)
def dft_with_attribute(call: Call) -> None:
    axis, rank = int(call.attr("axis", 1)), len(call.shape(0))
    if not -rank <= axis < rank:
        call.refuse(f"its attribute axis = {axis} is out of range")
    _dft(call, axis % rank)


MAX_FRAMES = 4096
"""A signal is cut into at most this many frames."""


@onnx_op("STFT", since=17)
def short_time_transform(call: Call) -> None:
    """Frames of the signal, each times the window and transformed; both are one matrix."""
    f, shape = Formula(call), call.shape(0)
    step = call.ints(1, "the step between frames")[0]
    window = call.need_const(2, "its window").reshape(-1) if call.has(2) else None
    length = call.ints(3, "the length of frames")[0] if call.has(3) else 0
    if window is not None:
        if length not in (0, window.size):
            call.refuse(f"its window has {window.size} elements, its frames {length}")
        length = window.size
    batch, size = shape[0], shape[1]
    channels = shape[2] if len(shape) > 2 else 1
    if not 1 <= length <= size or step < 1 or channels not in (1, 2):
        call.refuse(f"frames of length {length} every {step} do not fit a signal of shape {list(shape)}")
    frames = (size - length) // step + 1
    if frames > MAX_FRAMES:
        call.refuse(f"it has {frames} frames, more than {MAX_FRAMES}")
    onesided = bool(call.attr("onesided", 1))
    if onesided and channels == 2:
        call.refuse("a one-sided transform of complex numbers is not defined")
    count = length // 2 + 1 if onesided else length
    cosine, sine = _transform(call, count, length, False)
    if window is not None:
        cosine, sine = cosine * window[:, None], sine * window[:, None]
    signal = f.reshape(call.x(0), [batch, size, channels])
    parts = []
    for channel in range(channels):
        plane = f.reshape(f.part(signal, 2, channel, channel + 1), [batch, size])
        pieces = [f.part(plane, 1, start, start + length) for start in range(0, frames * step, step)]
        stacked = f.join([f.reshape(piece, [batch, 1, length]) for piece in pieces], 1)
        parts.append(f.reshape(stacked, [batch * frames, length]))
    result = _complex_product(f, parts[0], parts[1] if channels > 1 else None, cosine, sine)
    call.bind(f.reshape(result, [batch, frames, count, 2]))
