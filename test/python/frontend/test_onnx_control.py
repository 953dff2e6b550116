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


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_loop_whose_length_depends_on_data(count: int) -> None:
    feeds = {"count": np.array(count, np.int64), "outer": values(2, 3), "start": values(2, 3, seed=5)}
    loop = node("Loop", "count yes start", "final all", body=accumulating())
    proto = model([loop, node("Sub", "final outer", "y")], feeds, {"yes": np.bool_(True)})
    assert "Loop" in kinds(check(proto, feeds))


def test_what_such_a_loop_collects_has_no_shape() -> None:
    feeds = {"count": np.array(3, np.int64), "outer": values(2, 3), "start": values(2, 3, seed=5)}
    proto = model(
        node("Loop", "count yes start", "final all", body=accumulating()), feeds, {"yes": np.bool_(True)}, "all"
    )
    with pytest.raises(
        FrontendError, match=r"op type Loop, opset 17\) is not supported: how much it collects in 'all'"
    ):
        convert(proto, feeds)


def doubling() -> onnx.GraphProto:
    """v, s = 2 v, s + 1 while the sum of v is below the limit from outside; each s collected."""
    nodes = [
        node("Add", "v v", "v_out"),
        node("Add", "s one", "s_out"),
        node("ReduceSum", "v_out", "sum", keepdims=0),
        node("Less", "sum limit", "again"),
    ]
    inputs = [value("i", INT64, []), value("c", BOOL, []), value("v", shape=[4]), value("s", shape=[])]
    outputs = [value("again", BOOL, []), value("v_out", shape=[4]), value("s_out", shape=[])]
    return body(nodes, inputs, outputs, one=np.float32(1))


@pytest.mark.parametrize("limit", [1.0, 40.0, 1e6])
@pytest.mark.parametrize("most", [None, 3, 2**63 - 1])
def test_a_loop_that_ends_by_a_computed_condition(limit: float, most: int | None) -> None:
    feeds = {"x": values(4, low=1), "limit": np.array(limit, np.float32), "go": np.array(True)}
    constants = {"zero": np.float32(0)} | ({} if most is None else {"most": np.int64(most)})
    loop = node("Loop", "- go x zero" if most is None else "most go x zero", "y steps", body=doubling())
    assert "Loop" in kinds(check(model(loop, feeds, constants, outputs="y steps"), feeds))


def choosing() -> onnx.NodeProto:
    """Two results; the branches use tensors from outside, constants, and each other's names."""
    first = [node("TopK", "x two", "best where", axis=1), node("Cast", "where", "p", to=FLOAT), node("Add", "p z", "q")]
    second = [node("Slice", "x from to", "p"), node("Identity", "w", "q")]
    constants = {"two": np.array([2], np.int64)}, {"from": np.array([0, 1]), "to": np.array([2, 3]), "w": values(2, 2)}
    results = [value("p", shape=[2, 2]), value("q", shape=[2, 2])]
    graphs = [
        helper.make_graph(
            nodes, "branch", [], results, [numpy_helper.from_array(np.asarray(a), n) for n, a in given.items()]
        )
        for nodes, given in zip((first, second), constants, strict=True)
    ]
    for graph in graphs:
        for item in graph.node:
            item.name = f"{item.op_type} of {item.output[0]}"
    return node("If", "choice", "y s", then_branch=graphs[0], else_branch=graphs[1])


@pytest.mark.parametrize("choice", [True, False])
@pytest.mark.parametrize("outputs", ["y s", "s"])
def test_branches_of_a_computed_condition(choice: bool, outputs: str) -> None:
    feeds = {"x": values(2, 5), "z": values(2, 2, seed=9), "switch": np.array([choice, False])}
    constants = {"zero": np.array(0, np.int64)}
    nodes = [node("Gather", "switch zero", "choice", axis=0), choosing()]
    builder = check(model(nodes, feeds, constants, outputs=outputs), feeds)
    assert "If" in kinds(builder)


def test_branches_in_loops_in_branches() -> None:
    odd = [node("Mod", "i two", "rest"), node("Cast", "rest", "odd", to=BOOL)]
    plus, minus = (
        helper.make_graph([node(kind, "v x", f"{kind}_out")], kind, [], [value(f"{kind}_out", shape=[3])])
        for kind in ("Add", "Sub")
    )
    nodes = [
        *odd,
        node("If", "odd", "v_out", then_branch=plus, else_branch=minus),
        node("Identity", "c", "again"),
    ]
    inputs = [value("i", INT64, []), value("c", BOOL, []), value("v", shape=[3])]
    inner = body(nodes, inputs, [value("again", BOOL, []), value("v_out", shape=[3])], two=np.int64(2))
    then = helper.make_graph([node("Loop", "n yes x", "l", body=inner)], "then", [], [value("l", shape=[3])])
    other = helper.make_graph([node("Neg", "x", "m")], "else", [], [value("m", shape=[3])])
    for choice in (True, False):
        feeds = {"x": values(3), "n": np.array(4, np.int64), "choice": np.array(choice)}
        proto = model(
            [node("If", "choice", "w", then_branch=then, else_branch=other), node("Abs", "w", "y")],
            feeds,
            {"yes": np.bool_(True)},
        )
        check(proto, feeds)


def test_branches_of_different_shapes_are_refused() -> None:
    then = helper.make_graph([node("Abs", "x", "a")], "then", [], [value("a")])
    other = helper.make_graph([node("Concat", "x x", "b", axis=0)], "else", [], [value("b")])
    feeds = {"x": values(3), "choice": np.array(True)}
    with pytest.raises(
        FrontendError, match=r"op type If, opset 17\) is not supported: its branches give 'y' different"
    ):
        convert(model(node("If", "choice", "y", then_branch=then, else_branch=other), feeds), feeds)


def test_an_operator_of_a_branch_that_is_not_supported_is_named() -> None:
    then = helper.make_graph([node("Unheard", "x", "a")], "then", [], [value("a")])
    other = helper.make_graph([node("Abs", "x", "b")], "else", [], [value("b")])
    feeds = {"x": values(3), "choice": np.array(True)}
    with pytest.raises(FrontendError, match=r"op type If, opset 17\) is not supported: its node .*Unheard\)"):
        convert(model(node("If", "choice", "y", then_branch=then, else_branch=other), feeds), feeds)


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


def test_a_function_of_every_element() -> None:
    inner = body(
        [node("Mul", "e factor", "m"), node("Add", "m outer", "o")],
        [value("e"), value("factor")],
        [value("o")],
    )
    nodes = [
        node("SplitToSequence", "x", "parts", axis=0),
        node("SequenceMap", "parts w", "mapped", body=inner),
        node("ConcatFromSequence", "mapped", "y", axis=1),
    ]
    feeds = {"x": values(3, 4), "w": values(1, 4, seed=2), "outer": values(1, 4, seed=3)}
    check(model(nodes, feeds), feeds)


def test_initial_states_of_another_size_are_refused() -> None:
    feeds = {"x": values(5, 2, 6)}
    constants = {"w": values(1, 32, 6), "r": values(1, 32, 8), "h": values(1, 2, 4), "c": values(1, 2, 8)}
    proto = model(node("LSTM", "x w r - - h c", hidden_size=8), feeds, constants)
    with pytest.raises(FrontendError, match=r"an initial state has the shape \[1, 2, 4\] instead of \[1, 2, 8\]"):
        convert(proto, feeds)
