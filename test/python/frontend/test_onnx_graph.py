"""What happens before single nodes are converted: static shapes, folding, functions, branches, cuts, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from onnx_models import check, convert, kinds, model, node, values
from reference_builder import ReferenceBuilder
from tpu_mlir.frontend import FrontendError
from tpu_mlir.frontend.onnx import convert_onnx, registry


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def test_shape_subgraphs_vanish() -> None:
    x = values(2, 3, 4, 5)
    nodes = [
        node("Shape", "x", "shape"),
        node("Gather", "shape zero", "n", axis=0),
        node("Unsqueeze", "n axes", "n1"),
        node("Concat", "n1 rest", "target", axis=0),
        node("Relu", "x", "r"),
        node("Reshape", "r target", "y"),
    ]
    constants = {"zero": np.array(0, np.int64), "axes": ints(0), "rest": ints(-1)}
    assert kinds(check(model(nodes, {"x": x}, constants), {"x": x})) == ["Relu", "Reshape"]


def test_constant_masks_are_folded_into_weights() -> None:
    x = values(3, 4)
    nodes = [
        node("Shape", "x", "s"),
        node("ConstantOfShape", "s", "ones", value=numpy_helper.from_array(np.array([1.5], np.float32))),
        node("Trilu", "ones", "mask", upper=1),
        node("Add", "x mask", "y"),
    ]
    builder = check(model(nodes, {"x": x}), {"x": x})
    assert kinds(builder) == ["Add"] and list(builder.weights) == ["mask"]


def test_decided_branches_are_inlined_with_outer_tensors() -> None:
    x = values(2, 3)
    relu = node("Relu", "x", "r")

    def branch(kind: str) -> onnx.GraphProto:
        inner = [helper.make_node("Constant", [], ["two"], value=numpy_helper.from_array(np.float32(2)))]
        inner.append(helper.make_node(kind, ["r", "two"], ["out"]))
        return helper.make_graph(inner, kind, [], [onnx.ValueInfoProto(name="out")])

    decided = helper.make_node("If", ["flag"], ["y"], then_branch=branch("Mul"), else_branch=branch("Add"))
    for flag, kind in ((True, "MulConst"), (False, "AddConst")):
        proto = model([relu, decided], {"x": x}, {"flag": np.array(flag)})
        _, builder = convert(proto, {"x": x})
        assert kinds(builder) == ["Relu", kind]


def test_functions_of_the_model_are_inlined() -> None:
    x = values(2, 3)
    body = [
        helper.make_node("Constant", [], ["c"]),
        helper.make_node("Mul", ["a", "c"], ["m"]),
        helper.make_node("Relu", ["m"], ["b"]),
    ]
    body[0].attribute.add(name="value_float", ref_attr_name="factor", type=onnx.AttributeProto.FLOAT)
    opsets = [helper.make_opsetid("", 17)]
    function = helper.make_function("local", "ScaledRelu", ["a"], ["b"], body, opsets, ["factor"])
    calls = [
        helper.make_node("ScaledRelu", ["x"], ["t"], domain="local", factor=3.0),
        helper.make_node("ScaledRelu", ["t"], ["y"], domain="local", factor=-0.5),
    ]
    proto = model(calls, {"x": x})
    proto.functions.append(function)
    proto.opset_import.append(helper.make_opsetid("local", 1))
    assert kinds(check(proto, {"x": x})) == ["MulConst", "Relu", "MulConst", "Relu"]


def test_recursive_functions_end_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tpu_mlir.frontend.onnx.propagate.MAX_NODES", 50)
    body = [helper.make_node("Again", ["a"], ["b"], domain="local")]
    function = helper.make_function("local", "Again", ["a"], ["b"], body, [helper.make_opsetid("local", 1)])
    proto = model([helper.make_node("Again", ["x"], ["y"], domain="local")], {"x": values(2)})
    proto.functions.append(function)
    proto.opset_import.append(helper.make_opsetid("local", 1))
    with pytest.raises(FrontendError, match="without end"):
        convert(proto, {"x": values(2)})


def test_weights_are_shared_and_names_are_those_of_upstream() -> None:
    x = values(2, 3)
    nodes = [node("Gemm", "x w", "a", transB=1), node("Gemm", "a w", "b", transB=1), node("Add", "b m", "y")]
    constants = {"w": values(3, 3), "m": values(2, 3)}
    converted, builder = convert(model(nodes, {"x": x}, constants), {"x": x})
    assert [name for _, name, _ in builder.emitted] == ["a_Gemm", "b_Gemm", "y_Add"]
    assert list(builder.weights) == ["w_fix", "m"]
    assert converted.outputs == {"y": "y_Add"} and converted.tensors["x"] == "x"


def test_half_and_double_precision_become_f32() -> None:
    for kind in (np.float16, np.float64):
        x = values(2, 3).astype(kind)
        check(model(node("Add", "x c"), {"x": x}, {"c": values(3).astype(kind)}), {"x": x}, 2e-3)


def test_output_names_cut_the_graph() -> None:
    x = values(2, 3)
    nodes = [node("Relu", "x", "a"), node("Exp", "a", "b"), node("NonZero", "b", "y")]
    proto = model(nodes, {"x": x})
    converted, builder = convert(proto, {"x": x}, output_names=["b", "a"])
    assert list(converted.outputs) == ["b", "a"] and kinds(builder) == ["Relu", "Exp"]
    with pytest.raises(FrontendError, match="no tensor 'q'"):
        convert(proto, {"x": x}, output_names=["q"])
    with pytest.raises(FrontendError, match="named twice"):
        convert(proto, {"x": x}, output_names=["a", "a"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, r"input 'x' has unknown dimensions \[n, 3, \?\]"),
        ({"batch": 2}, r"unknown dimensions"),
        ({"input_shapes": [[2, 3]]}, "has 3 dimensions"),
        ({"input_shapes": [[2, 4, 5]]}, "has the fixed shape"),
        ({"input_shapes": [[2, 3, -2]]}, "negative"),
        ({"input_shapes": [[2, 3, 5], [1]]}, r"has 2 shapes for 1 inputs \(x\)"),
        ({"batch": 0, "input_shapes": [[2, 3, 5]]}, "not positive"),
    ],
)
def test_open_shapes_must_be_given(options: dict[str, Any], message: str) -> None:
    x = values(2, 3, 5)
    proto = model(node("Relu", "x"), {"x": x}, shapes={"x": ["n", 3, ""]})
    with pytest.raises(FrontendError, match=message):
        convert(proto, {"x": x}, **options)


@pytest.mark.parametrize("options", [{"input_shapes": [[2, 3, 5]]}, {"input_shapes": [[2, -1, 5]]}])
def test_given_shapes_fix_the_graph(options: dict[str, Any]) -> None:
    x = values(2, 3, 5)
    proto = model(node("Relu", "x"), {"x": x}, shapes={"x": ["n", 3, ""]})
    converted, _ = convert(proto, {"x": x}, **options)
    assert converted.inputs == {"x": (2, 3, 5)}


def test_the_batch_option_fixes_the_first_dimension() -> None:
    x = values(4, 3)
    converted, _ = convert(model(node("Relu", "x"), {"x": x}, shapes={"x": ["n", 3]}), {"x": x}, batch=4)
    assert converted.inputs == {"x": (4, 3)}


def test_unsupported_nodes_are_counted_in_one_sentence() -> None:
    x = values(2, 3)
    nodes = [node("RandomUniformLike", "x", "h"), node("Multinomial", "x", "v"), node("Add", "h h", "y")]
    proto = model(nodes, {"x": x}, outputs="y v")
    with pytest.raises(FrontendError) as caught:
        convert(proto, {"x": x})
    text = str(caught.value)
    assert text.startswith("test.onnx: node 'the RandomUniformLike' (op type RandomUniformLike, opset 17) is not supp")
    assert text.endswith("(and 1 more such nodes: Multinomial)") and "\n" not in text


def test_operators_of_other_domains_are_refused() -> None:
    proto = model(helper.make_node("FusedThing", ["x"], ["y"], domain="acme"), {"x": values(2)})
    proto.opset_import.append(helper.make_opsetid("acme", 1))
    with pytest.raises(FrontendError, match=r"op type acme::FusedThing, opset 1\) is not supported: domain 'acme'"):
        convert(proto, {"x": values(2)})


def test_constant_outputs_are_weights() -> None:
    proto = model([node("Shape", "x", "y"), node("Relu", "x", "z")], {"x": values(2)}, outputs="y z")
    builder = check(proto, {"x": values(2)})
    assert list(builder.weights) == ["y"] and kinds(builder) == ["Relu"]


def test_a_network_may_be_constant() -> None:
    proto = model(node("Shape", "x", "y"), {"x": values(2, 3)})
    converted, builder = convert(proto, {"x": values(2, 3)})
    assert converted.inputs == {} and builder.results[0].tolist() == [2, 3]


def test_tensors_without_elements_are_constants() -> None:
    nodes = [
        node("Slice", "x zero zero", "nothing"),
        node("Concat", "nothing x", "y", axis=0),
        node("ReduceSum", "nothing", "z", keepdims=0),
    ]
    feeds = {"x": values(2, 3)}
    proto = model(nodes, feeds, {"zero": np.zeros(1, np.int64)}, outputs="y z")
    builder = check(proto, feeds)
    assert kinds(builder) == [] and list(builder.weights) == ["z"]


def test_inputs_that_are_no_tensors_are_refused() -> None:
    sequence = helper.make_sequence_type_proto(helper.make_tensor_type_proto(1, [2]))
    proto = model(node("SequenceAt", "s i"), {}, {"i": np.array(0, np.int64)})
    proto.graph.input.append(helper.make_value_info("s", sequence))
    with pytest.raises(FrontendError, match="input 's' is not a tensor"):
        convert(proto, {})


def test_inconsistent_shapes_name_the_node() -> None:
    feeds = {"a": values(2, 3), "b": values(4, 5)}
    with pytest.raises(FrontendError, match=r"node 'the MatMul' .* is not consistent"):
        convert(model(node("MatMul", "a b"), feeds), feeds)


def test_tensors_from_nowhere_are_reported() -> None:
    with pytest.raises(FrontendError, match="uses tensor 'ghost'"):
        convert(model(node("Add", "x ghost"), {"x": values(2)}), {"x": values(2)})


@pytest.mark.parametrize(("opset", "message"), [(0, "does not exist"), (999, "newer than")])
def test_operator_sets_out_of_range(opset: int, message: str) -> None:
    with pytest.raises(FrontendError, match=message):
        convert(model(node("Relu", "x"), {"x": values(2)}, opset=opset), {"x": values(2)})


def test_huge_constants_are_not_computed() -> None:
    nodes = [node("ConstantOfShape", "s", "c"), node("Add", "x c", "y")]
    proto = model(nodes, {"x": values(1)}, {"s": ints(1 << 20, 1 << 20)})
    with pytest.raises(FrontendError, match="constant of more than"):
        convert(proto, {"x": values(1)})
    nodes = [node("Range", "a b c", "r"), node("Add", "x r", "y")]
    limits = {"a": np.float32(0), "b": np.float32(1e12), "c": np.float32(1)}
    with pytest.raises(FrontendError, match="constant of more than"):
        convert(model(nodes, {"x": values(1)}, limits), {"x": values(1)})


def test_random_operators_are_never_folded() -> None:
    nodes = [node("RandomNormal", "", "r", shape=[2]), node("Add", "x r", "y")]
    with pytest.raises(FrontendError, match="RandomNormal"):
        convert(model(nodes, {"x": values(2)}), {"x": values(2)})


def test_every_registered_operator_exists_in_the_standard() -> None:
    assert len(registry.supported()) >= 90
    for name in registry.supported():
        domain, _, op_type = name.rpartition("::")
        if domain == registry.FREE_DOMAIN:
            assert not onnx.defs.has(op_type)
        elif domain != "com.microsoft":  # onnxruntime's own, not in the standard
            onnx.defs.get_schema(op_type, domain=domain)


def test_conversion_does_not_change_the_model() -> None:
    x = values(2, 3)
    proto = model(node("Gemm", "x w", transB=1), {"x": x}, {"w": values(4, 3)})
    before = proto.SerializeToString()
    convert_onnx(proto, "m", builder=ReferenceBuilder({"x": x}), directory=None)
    assert proto.SerializeToString() == before


def test_inputs_that_nothing_depends_on_are_left_out() -> None:
    feeds = {"a": values(2, 3), "b": values(2, 3, seed=1)}
    nodes = [node("Exp", "a", "e"), node("Where", "c e b", "y")]
    converted, builder = convert(model(nodes, feeds, {"c": np.array([False])}), feeds)
    assert list(converted.inputs) == ["b"] and "Exp" not in kinds(builder)


def test_contradictions_that_abort_the_onnx_package_are_found_before() -> None:
    x = values(6)
    with pytest.raises(FrontendError, match="num_outputs is 3 for 2 outputs"):
        convert(model(node("Split", "x", "a b", num_outputs=3), {"x": x}, outputs="a b", opset=18), {"x": x})


@pytest.mark.parametrize("target", [2**31 - 1, 2**40])
def test_gigantic_tensors_are_refused(target: int) -> None:
    x = values(1, 2, 3, 3)
    resize = node("Resize", "x - - s", mode="linear")
    with pytest.raises(FrontendError, match="too large"):
        convert(model(resize, {"x": x}, {"s": ints(1, 2, 3, target)}), {"x": x})
