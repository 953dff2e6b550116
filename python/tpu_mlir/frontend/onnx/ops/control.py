"""Branches and loops that depend on data become If and Loop of the Top dialect; others were taken apart before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...emit import Tensor, top_shape
from ..call import Call
from ..graph import Region, with_regions
from ..registry import OWN, onnx_op

_MANY = 1 << 20
"""The limit that no loop reaches; exporters write the largest integer where only a condition counts."""


@onnx_op("If", data=OWN)
def convert_if(call: Call) -> None:
    """The branch that is taken gives the results."""
    _refuse_inner(call)
    condition = call.x(0)
    used = [index for index in range(len(call.node.outputs)) if call.uses(index)]
    for index in used:
        if call.module.graph.info[call.node.outputs[index]].shape is None:
            call.refuse(f"its branches give '{call.node.outputs[index]}' different shapes, or some that depend on data")
    names = [call.module.unique(f"{call.node.outputs[index]}_If") for index in used]
    shapes = [call.out_shape(index) for index in used]
    bodies = [((), _body(call, region, used)) for region in call.node.regions]
    for index, tensor in zip(used, call.emit_nested(names, "If", [condition], shapes, bodies), strict=True):
        call.bind(tensor, index)


@onnx_op("Loop", data=OWN)
def convert_loop(call: Call) -> None:
    """The body runs while its number is below the limit and the condition holds."""
    _refuse_inner(call)
    (region,) = call.node.regions
    info = call.module.graph.info
    initial = [call.x(index) for index in range(2, call.attr("own_inputs"))]
    shapes: list[tuple[int, ...]] = [tensor.shape for tensor in initial]
    made = list(range(len(initial)))
    for index in range(len(initial), len(call.node.outputs)):
        if not call.uses(index):
            continue
        name = call.node.outputs[index]
        if info[name].shape is None:
            call.refuse(f"how much it collects in '{name}' depends on data")
        made.append(index)
        shapes.append((call.out_shape(index)[0], *top_shape(info[region.outputs[index + 1]].shape or ())))
    names = [call.module.unique(f"{call.node.outputs[index] or call.node.label}_Loop") for index in made]
    arguments = [top_shape(info[name].shape or ()) for name in region.arguments]
    operands = [_limit(call), call.x(1) if call.has(1) else call.none, initial]
    body = (arguments, _body(call, region, [0, *(index + 1 for index in made)]))
    for index, tensor in zip(made, call.emit_nested(names, "Loop", operands, shapes, [body]), strict=True):
        if call.node.outputs[index]:
            call.bind(tensor, index)


def _refuse_inner(call: Call) -> None:
    """Names the first node of a region that no converter knows."""
    unknown = {id(node): reason for node, reason in call.module.graph.refused}
    for region in call.node.regions:
        for node in with_regions(region.nodes):
            if id(node) in unknown:
                call.refuse(f"its node '{node.label}' (op type {node.op_type}) is not supported: {unknown[id(node)]}")


def _limit(call: Call) -> object:
    """The number of iterations, or nothing where only the condition ends the loop."""
    if not call.has(0):
        return call.none
    value = call.const(0)
    if value is None:
        return call.x(0)
    trips = int(value.reshape(-1)[0])
    if trips > _MANY and call.has(1):
        return call.none
    if trips > _MANY:
        call.refuse(f"it runs {trips} times, which is more than {_MANY}")
    return call.own_weight("trips", np.array([max(trips, 0)], np.float32))


def _body(call: Call, region: Region, wanted: Sequence[int]) -> Callable[[list[Tensor]], list[Tensor]]:
    """Converts the nodes of a region, which yields the wanted ones of its outputs."""
    module = call.module

    def build(given: list[Tensor]) -> list[Tensor]:
        assert module.convert is not None
        module.values.update(zip(region.arguments, given, strict=True))
        for node in region.nodes:
            inner = module.convert(node)
            module.values.update(inner.bound)
            call.reads |= inner.reads
        outputs = [region.outputs[index] for index in wanted]
        call.reads |= set(outputs)
        return [_yielded(call, name) for name in outputs]

    return build


def _yielded(call: Call, name: str) -> Tensor:
    if name in call.module.values:
        return call.module.values[name]
    return call.module.weight(name, call.module.graph.constants[name])
