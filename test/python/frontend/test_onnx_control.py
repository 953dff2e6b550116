"""Loop and Scan with a known number of iterations become plain nodes; compared with onnxruntime."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from onnx_models import check, convert, kinds, model, node, values
from tpu_mlir.frontend import FrontendError

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
COUNT = settings(max_examples=25, deadline=None)


def value(name: str, element: int = FLOAT, shape: Any = None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, element, shape)


def body(nodes: list[onnx.NodeProto], inputs: list[Any], outputs: list[Any], **constants: Any) -> onnx.GraphProto:
    for item in nodes:  # onnxruntime wants different names
        item.name = f"{item.op_type} of {item.output[0]}"
    tensors = [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()]
    return helper.make_graph(nodes, "body", inputs, outputs, tensors)


def accumulating(until: int | None = None) -> onnx.GraphProto:
    """acc += outer * (iteration + 1), each acc collected; ends early after iteration ``until``."""
    nodes = [
        node("Add", "iteration one", "next"),
        node("Cast", "next", "factor", to=FLOAT),
        node("Mul", "outer factor", "step"),
        node("Add", "acc step", "acc_out"),
        node("Identity", "acc_out", "seen"),
        node("Identity", "cond", "again") if until is None else node("Less", "iteration last", "again"),
    ]
    inputs = [value("iteration", INT64, []), value("cond", BOOL, []), value("acc", shape=[2, 3])]
    outputs = [value("again", BOOL, []), value("acc_out", shape=[2, 3]), value("seen", shape=[2, 3])]
    constants = {"one": np.int64(1)} | ({} if until is None else {"last": np.int64(until)})
    return body(nodes, inputs, outputs, **constants)


@pytest.mark.parametrize(("count", "until", "copies"), [(1, None, 1), (4, None, 4), (9, 2, 3), (3, 7, 3)])
def test_loops_of_known_length(count: int, until: int | None, copies: int) -> None:
    feeds = {"outer": values(2, 3), "start": values(2, 3, seed=5)}
    proto = model(
        node("Loop", "count yes start", "final all", body=accumulating(until)),
        feeds,
        {"count": np.int64(count), "yes": np.bool_(True)},
        outputs="final all",
    )
    builder = check(proto, feeds)
    assert kinds(builder).count("Add") == copies


def test_a_loop_without_a_limit_ends_by_its_condition() -> None:
    feeds = {"outer": values(2, 3), "start": values(2, 3, seed=5)}
    proto = model(
        node("Loop", "- yes start", "final all", body=accumulating(3)), feeds, {"yes": np.bool_(True)}, "final all"
    )
    check(proto, feeds)


def test_a_loop_that_never_runs_gives_what_it_was_given() -> None:
    feeds = {"outer": values(2, 3), "start": values(2, 3, seed=5)}
    loop = node("Loop", "count yes start", "final all", body=accumulating())
    proto = model([loop, node("Add", "final outer", "y")], feeds, {"count": np.int64(0), "yes": np.bool_(True)})
    assert kinds(check(proto, feeds)) == ["Add"]


def test_weights_of_a_body_are_kept_once() -> None:
    nodes = [node("MatMul", "h w", "h_out"), node("Identity", "cond", "again")]
    inputs = [value("i", INT64, []), value("cond", BOOL, []), value("h", shape=[2, 4])]
    outputs = [value("again", BOOL, []), value("h_out", shape=[2, 4])]
    loop = node("Loop", "count yes x", "y", body=body(nodes, inputs, outputs, w=values(4, 4)))
    proto = model(loop, {"x": values(2, 4)}, {"count": np.int64(3), "yes": np.bool_(True)})
    builder = check(proto, {"x": values(2, 4)})
    assert len(builder.weights) == 1 and kinds(builder) == ["MatMul"] * 3


def test_nested_loops() -> None:
    inner_nodes = [node("Add", "b a", "b_out"), node("Identity", "c2", "again2")]
    inner = body(
        inner_nodes,
        [value("j", INT64, []), value("c2", BOOL, []), value("b", shape=[3])],
        [value("again2", BOOL, []), value("b_out", shape=[3])],
    )
    nodes = [node("Loop", "two yes2 a", "a_out", body=inner), node("Identity", "c1", "again1")]
    outer = body(
        nodes,
        [value("i", INT64, []), value("c1", BOOL, []), value("a", shape=[3])],
        [value("again1", BOOL, []), value("a_out", shape=[3])],
        two=np.int64(2),
        yes2=np.bool_(True),
    )
    constants = {"count": np.int64(2), "yes": np.bool_(True)}
    check(model(node("Loop", "count yes x", "y", body=outer), {"x": values(3)}, constants), {"x": values(3)})


@COUNT
@given(st.integers(1, 5), st.sampled_from([0, 1, -1]), st.booleans(), st.booleans(), st.sampled_from([9, 11, 17]))
def test_scans(length: int, axis: int, backward: bool, backward_out: bool, opset: int) -> None:
    """h = h * 0.5 + x_t, every h collected along another axis."""
    nodes = [
        node("Mul", "h half", "scaled"),
        node("Add", "scaled x_t", "h_out"),
        node("Identity", "h_out", "seen"),
    ]
    shape = [2, 3]
    graph = body(
        nodes,
        [value("h", shape=shape), value("x_t", shape=shape)],
        [value("h_out", shape=shape), value("seen", shape=shape)],
        half=np.float32(0.5),
    )
    full = list(shape)
    full.insert(axis if axis >= 0 else 2, length)
    feeds = {"h0": values(2, 3), "x": values(*full, seed=3)}
    scan = node(
        "Scan",
        "h0 x",
        "final all",
        body=graph,
        num_scan_inputs=1,
        scan_input_axes=[axis if opset >= 11 else axis % 3],
        scan_input_directions=[int(backward)],
        scan_output_axes=[1],
        scan_output_directions=[int(backward_out)],
    )
    check(model(scan, feeds, outputs="final all", opset=opset), feeds)


def test_a_loop_whose_length_depends_on_data_is_refused() -> None:
    feeds = {"count": np.array(3, np.int64), "outer": values(2, 3), "start": values(2, 3, seed=5)}
    proto = model(
        node("Loop", "count yes start", "final all", body=accumulating()), feeds, {"yes": np.bool_(True)}, "final"
    )
    with pytest.raises(FrontendError, match=r"op type Loop, opset 17\) is not supported: how often it runs"):
        convert(proto, feeds)


@pytest.mark.parametrize("opset", [11, 17])
@pytest.mark.parametrize(("split", "keep"), [(None, 1), (None, 0), (2, 1), ([1, 3, 1], 1)])
def test_split_sequences(split: Any, keep: int, opset: int) -> None:
    lists = {} if split is None else {"split": np.array(split, np.int64)}
    nodes = [
        node("SplitToSequence", "x split" if lists else "x", "parts", axis=1, keepdims=keep),
        node("SequenceLength", "parts", "length"),
        node("SequenceAt", "parts last", "p"),
        node("SequenceErase", "parts first", "fewer"),
        node("SequenceInsert", "fewer p", "more"),
        node("ConcatFromSequence", "more", "y", axis=int(split is not None), new_axis=int(split is None)),
        node("SequenceAt", "more first", "z"),
    ]
    feeds = {"x": values(2, 5, 3)}
    constants = lists | {"last": np.int64(-1), "first": np.int64(0)}
    check(model(nodes, feeds, constants, outputs="y z length", opset=opset), feeds)


def test_a_sequence_grows_in_a_loop() -> None:
    nodes = [node("SequenceInsert", "seq outer", "seq_out"), node("Identity", "cond", "again")]
    kind = helper.make_sequence_type_proto(helper.make_tensor_type_proto(FLOAT, [2, 3]))
    graph = body(
        nodes,
        [value("i", INT64, []), value("cond", BOOL, []), helper.make_value_info("seq", kind)],
        [value("again", BOOL, []), helper.make_value_info("seq_out", kind)],
    )
    made = [
        node("SequenceConstruct", "x outer", "start"),
        node("Loop", "count yes start", "grown", body=graph),
        node("ConcatFromSequence", "grown", "y", axis=1),
    ]
    feeds = {"x": values(2, 3), "outer": values(2, 3, seed=4)}
    check(model(made, feeds, {"count": np.int64(3), "yes": np.bool_(True)}), feeds)


def test_a_computed_position_in_a_sequence_is_refused() -> None:
    nodes = [node("SequenceConstruct", "x x", "s"), node("SequenceAt", "s at", "y")]
    feeds = {"x": values(2, 3), "at": np.array(1, np.int64)}
    with pytest.raises(FrontendError, match=r"\(op type SequenceAt, opset 17\) is not supported"):
        convert(model(nodes, feeds), feeds)
    with pytest.raises(FrontendError, match="output 's' is a sequence"):
        convert(model(nodes[0], {"x": values(2, 3)}, outputs="s"), {"x": values(2, 3)})
