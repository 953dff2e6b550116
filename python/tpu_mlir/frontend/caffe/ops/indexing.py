"""Layers that find positions or take values at positions that are values themselves."""

from __future__ import annotations

import math

from ...compose import Formula
from ...emit import Tensor
from ..call import Call
from ..registry import caffe_layer

LARGEST = 1 << 24
"""Most positions of which f32 holds every number."""


@caffe_layer("ArgMax")
def arg_max(call: Call) -> None:
    """Positions of the largest values, of equal ones the last first; along an axis, or of all values of an image."""
    given = call.parameters("argmax_param")
    call.only(1)
    shape, count = call.shape(), int(given.top_k)
    along = given.HasField("axis")
    axis = call.axis(given.axis, len(shape)) if along else 1
    size = shape[axis] if along else math.prod(shape[1:])
    if not 1 <= count <= size or size > LARGEST:
        call.refuse(f"the {count} largest of {size} values are not supported")
    f = Formula(call)
    if not along:
        kinds = ["positions", "values"] if given.out_max_val else ["positions"]
        found = _best(call, call.reshape(call.x(), [shape[0], size], "rows"), 1, count, kinds, "")
        result = [shape[0], len(kinds), count, *[1] * (len(shape) - 3)]
        call.finish("Reshape", [f.join(found, 1)], result, shape=result)
        return
    name = call.module.unique(call.layer.tops[0])
    call.bind(_best(call, call.x(), axis, count, ["values" if given.out_max_val else "positions"], name)[0])


def _best(call: Call, source: Tensor, axis: int, count: int, kinds: list[str], name: str) -> list[Tensor]:
    """Positions or values of the largest elements, in the order of ``kinds``. name: that of the only one, or empty."""
    shape = tuple(count if place == axis else extent for place, extent in enumerate(source.shape))
    names = {kind: name or call.module.unique(f"{call.prefix}_{kind}") for kind in kinds}
    indices, maxima = names.get("positions"), names.get("values")
    if count == 1:
        attributes = {"axis": axis, "keepdims": True, "mode": "ArgMax", "select_last_index": True}
        always = indices or call.module.unique(f"{call.prefix}_positions")  # the op has them in every case
        positions, values = call.emit_all([always, maxima], "Arg", [source], [shape, shape], attributes)
    else:
        # TopK finds the first one of equal values first.
        attributes = {"axis": axis, "K": count, "largest": True, "sorted": True}
        turned = Formula(call).flip(source, axis)
        places = call.module.unique(f"{call.prefix}_turned") if indices else None
        values, positions = call.emit_all([maxima, places], "TopK", [turned], [shape, shape], attributes)
        if indices:
            back = {"const_val": source.shape[axis] - 1.0, "is_reverse": True}
            positions = call.emit(indices, "SubConst", [positions], shape, back)
    return [positions if kind == "positions" else values for kind in kinds]


@caffe_layer("Embed")
def embed(call: Call) -> None:
    """Rows of a table, one for each value of the input."""
    given = call.parameters("embed_param")
    call.only(1)
    rows, width = int(given.input_dim), int(given.num_output)
    if rows < 1 or width < 1:
        call.refuse("its input_dim or num_output is missing")
    table = call.blob(0, [rows, width], "table")
    if given.bias_term:
        table = table + call.blob(1, [width], "bias")
    call.finish("Gather", [call.weight("table", table), call.x()], [*call.shape(), width], axis=0)


@caffe_layer("BatchReindex")
def batch_reindex(call: Call) -> None:
    """Images in the order that the second input says."""
    call.only(2)
    if len(call.shape(1)) != 1:
        call.refuse(f"its second input {list(call.shape(1))} is no list of images")
    call.finish("Gather", [call.x(0), call.x(1)], [*call.shape(1), *call.shape()[1:]], axis=0)
