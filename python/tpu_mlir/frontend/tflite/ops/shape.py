"""Operators that change the shape or the order of axes. A transposition only changes how a value is read."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..call import Call, Value, plain
from ..registry import ANY, tflite_op


def reshape_to(call: Call, shape: tuple[int, ...]) -> None:
    """Output 0 is input 0 with another shape; axes that stay keep the places where they are stored."""
    source = call.shape(0)
    if math.prod(source) != math.prod(shape):
        call.refuse(f"the shape {list(shape)} has not as many elements as the input {list(source)}")
    if shape == source:
        call.alias(call.value(0))
        return
    order = _same_axes(call.value(0), shape)
    if order is not None:
        stored = [shape[axis] for axis in order]
        call.finish("Reshape", [call.value(0).tensor], shape, order, shape=stored)
    elif _is_flat_picture(call, shape):
        _delay(call, shape)
    else:
        call.finish("Reshape", [call.x(0)], shape, plain(len(shape)), shape=list(shape) or [1])


def _same_axes(value: Value, shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """The order in which the result is stored when only axes of size 1 come or go, else None."""
    old = [axis for axis, size in enumerate(value.shape) if size != 1]
    new = [axis for axis, size in enumerate(shape) if size != 1]
    if [value.shape[axis] for axis in old] != [shape[axis] for axis in new] or not shape:
        return None
    moved = [new[old.index(axis)] for axis in value.order if axis in old]
    if moved == sorted(moved):
        return plain(len(shape))
    ones = [axis for axis, size in enumerate(shape) if size == 1]
    # the batch stays in front; other axes of size 1 go behind
    front = [axis for axis in ones if axis == 0]
    return (*front, *moved, *(axis for axis in ones if axis != 0))


def _is_flat_picture(call: Call, shape: tuple[int, ...]) -> bool:
    value = call.value(0)
    flat = len(shape) == 2 and len(value.shape) > 2 and shape[0] == value.shape[0]
    return flat and value.order[0] == 0 and value.order != plain(len(value.shape)) and call.same_quantization()


def _delay(call: Call, shape: tuple[int, ...]) -> None:
    """A matrix product reads the picture as it is stored; for others the file's order is made on demand."""
    call.check_shape(shape)
    module, value, number = call.module, call.value(0), call.node.outputs[0]
    name = call.out_info().name

    def make() -> Value:
        source = module.arranged(value, plain(len(value.shape)))
        made = call.emit(module.unique(name), "Reshape", [source], shape, {"shape": list(shape)})
        return Value(made, shape, plain(len(shape)))

    module.flat[number] = value
    module.delay(number, shape, make)


def resolved(call: Call, wanted: Sequence[int], size: int) -> tuple[int, ...]:
    """A shape in which one -1 stands for what is left."""
    if any(value < -1 for value in wanted) or list(wanted).count(-1) > 1:
        call.refuse(f"the shape {list(wanted)} is not one")
    if -1 not in wanted:
        return tuple(wanted)
    rest = math.prod(value for value in wanted if value != -1)
    if rest == 0 or size % rest:
        call.refuse(f"the shape {list(wanted)} does not fit {size} elements")
    return tuple(size // rest if value == -1 else value for value in wanted)


@tflite_op("RESHAPE", data=ANY)
def reshape(call: Call) -> None:
    """The shape is an operand, an attribute in old files, or else that of the result."""
    size = math.prod(call.shape(0))
    if call.has(1):
        wanted = call.ints(1, "its shape")
    elif call.node.options.get("NewShape"):
        wanted = [int(value) for value in call.option("NewShape")]
    else:
        wanted = list(call.out_info().shape)
    reshape_to(call, resolved(call, wanted, size))


@tflite_op("SQUEEZE", data=ANY)
def squeeze(call: Call) -> None:
    shape = call.shape(0)
    dims = [int(axis) for axis in call.node.options.get("SqueezeDims") or []]
    if any(not -len(shape) <= axis < len(shape) for axis in dims):
        call.refuse(f"its axes {dims} are out of range")
    axes = {axis % len(shape) for axis in dims} or {axis for axis, size in enumerate(shape) if size == 1}
    if any(shape[axis] != 1 for axis in axes):
        call.refuse(f"its axes {dims} of the input {list(shape)} are not all of size 1")
    reshape_to(call, tuple(size for axis, size in enumerate(shape) if axis not in axes))


@tflite_op("EXPAND_DIMS", data=ANY)
def expand_dims(call: Call) -> None:
    shape, axes = call.shape(0), call.ints(1, "its axis")
    if len(axes) != 1 or not -len(shape) - 1 <= axes[0] <= len(shape):
        call.refuse(f"its axis {axes} is out of range")
    axis = axes[0] % (len(shape) + 1)
    reshape_to(call, (*shape[:axis], 1, *shape[axis:]))


@tflite_op("TRANSPOSE", data=ANY)
def transpose(call: Call) -> None:
    shape, order = call.shape(0), call.ints(1, "its order of axes")
    if sorted(axis % max(len(shape), 1) for axis in order) != list(range(len(shape))):
        call.refuse(f"{order} is no order of the axes of the input {list(shape)}")
    places = [axis % len(shape) for axis in order]
    value = call.value(0)
    result = tuple(shape[axis] for axis in places)
    call.alias(Value(value.tensor, result, tuple(places.index(axis) for axis in value.order)))
