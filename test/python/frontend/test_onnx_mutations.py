"""Malformed models: ONNX's own operator tests with random changes are converted or refused, never anything else. They
run in worker processes, because a defect in native code would end the process."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Mapping

import numpy as np
import onnx
import onnx_node_suite
from onnx import AttributeProto, GraphProto, NodeProto, helper, numpy_helper
from tpu_mlir.frontend.onnx import convert_onnx
from tpu_mlir.frontend.rehearsal import RehearsalBuilder

COUNT = 500
NUMBERS = [0, -1, 1, 2, 3, 5, 7, 100, -100, 2**31, 2**62, -(2**63)]
Change = Callable[[random.Random, GraphProto, NodeProto], None]


def drop_attribute(chance: random.Random, graph: GraphProto, node: NodeProto) -> None:
    if node.attribute:
        del node.attribute[chance.randrange(len(node.attribute))]


def replace_attribute(chance: random.Random, graph: GraphProto, node: NodeProto) -> None:
    values = [*NUMBERS[:-1], 0.5, float("nan"), "word", "", [0], [-1, 5], [1, 1, 1, 1], [0.5], [2**60] * 2]
    if node.attribute:
        attribute = chance.choice(node.attribute)
        attribute.CopyFrom(helper.make_attribute(attribute.name, chance.choice(values)))


def change_attribute(chance: random.Random, graph: GraphProto, node: NodeProto) -> None:
    if not node.attribute:
        return
    attribute = chance.choice(node.attribute)
    if attribute.type == AttributeProto.INT:
        attribute.i = chance.choice(NUMBERS)
    elif attribute.type == AttributeProto.INTS and attribute.ints:
        attribute.ints[chance.randrange(len(attribute.ints))] = chance.choice(NUMBERS)
    elif attribute.type == AttributeProto.STRING:
        attribute.s = chance.choice([b"", b"bogus", b"SAME_UPPER", b"linear", b"\xff"])
    elif attribute.type == AttributeProto.FLOAT:
        attribute.f = chance.choice([0.0, -1.0, 1e38, float("nan"), float("inf")])


def change_inputs(chance: random.Random, graph: GraphProto, node: NodeProto) -> None:
    if not node.input:
        return
    if chance.random() < 0.5:
        del node.input[-1]
    else:
        node.input[chance.randrange(len(node.input))] = chance.choice(["", node.input[0], "nowhere"])


def add_output(chance: random.Random, graph: GraphProto, node: NodeProto) -> None:
    node.output.append("extra")


def change_input_type(chance: random.Random, graph: GraphProto, node: NodeProto) -> None:
    if not graph.input:
        return
    tensor = chance.choice(graph.input).type.tensor_type
    dims = tensor.shape.dim
    what = chance.randrange(4)
    if what == 0 and dims:
        dims[chance.randrange(len(dims))].dim_value = chance.choice([0, 1, 2, 3, 7, -1])
    elif what == 1 and dims:
        del dims[-1]
    elif what == 2:
        dims.add().dim_value = chance.choice([1, 2, 3])
    else:
        tensor.elem_type = chance.randrange(20)


def change_constant(chance: random.Random, graph: GraphProto, node: NodeProto) -> None:
    if not graph.initializer:
        return
    tensor = chance.choice(graph.initializer)
    array = numpy_helper.to_array(tensor).copy()
    if array.size and array.dtype.kind in "if" and chance.random() < 0.6:
        array.reshape(-1)[chance.randrange(array.size)] = chance.choice([0, -1, 1, 5, 100, -100, 2**31 - 1])
    else:
        array = chance.choice([array.reshape(-1), array[None], array[..., :0] if array.ndim else array])
    tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), tensor.name))


CHANGES: list[Change] = [
    drop_attribute,
    replace_attribute,
    change_attribute,
    change_inputs,
    add_output,
    change_input_type,
    change_constant,
]


def mutated(case: onnx_node_suite.Case, chance: random.Random) -> onnx_node_suite.Case:
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(chance.choice([1, 1, 2])):
            chance.choice(CHANGES)(chance, model.graph, chance.choice(model.graph.node))
    return onnx_node_suite.Case(case.name, case.operator, model, case.inputs, {})


def converts(model: onnx.ModelProto, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    convert_onnx(model, "case", builder=RehearsalBuilder(), directory=None)
    return {}


def test_changed_models_are_converted_or_refused() -> None:
    chance = random.Random(20)
    plain, _ = onnx_node_suite.collect()
    cases = [*plain, *(item for item in map(onnx_node_suite.frozen, plain) if item is not None)]
    changed = [mutated(chance.choice(cases), chance) for _ in range(COUNT)]
    verdicts = onnx_node_suite.run(changed, converts, jobs=2)
    assert [(case.name, v.reason) for case, v in zip(changed, verdicts, strict=True) if v.verdict == "wrong"] == []
    assert {v.verdict for v in verdicts} == {"pass", "refused"}
