"""A network with a branch that depends on data, through the commands: evaluated like its source, not for the chip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from command_support import one_sentence
from onnx import TensorProto, helper


def branching(path: Path) -> Path:
    """y = x * 2 where the sum of x is positive, -x elsewhere; then |y| + 1."""

    def branch(kind: str, inputs: list[str]) -> onnx.GraphProto:
        output = helper.make_tensor_value_info(f"{kind}_out", TensorProto.FLOAT, [1, 4])
        return helper.make_graph([helper.make_node(kind, inputs, [f"{kind}_out"], kind)], kind, [], [output])

    nodes = [
        helper.make_node("ReduceSum", ["x"], ["sum"], "sum", keepdims=0),
        helper.make_node("Greater", ["sum", "zero"], ["positive"], "positive"),
        helper.make_node(
            "If", ["positive"], ["y"], "if", then_branch=branch("Add", ["x", "x"]), else_branch=branch("Neg", ["x"])
        ),
        helper.make_node("Abs", ["y"], ["a"], "abs"),
        helper.make_node("Add", ["a", "one"], ["z"], "add"),
    ]
    x, z = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in "xz")
    constants = [helper.make_tensor(name, TensorProto.FLOAT, [], [value]) for name, value in (("zero", 0), ("one", 1))]
    model = helper.make_model(
        helper.make_graph(nodes, "branching", [x], [z], constants), opset_imports=[helper.make_opsetid("", 17)]
    )
    model.ir_version = 8
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("sign", [1, -1])
def test_control_flow_is_evaluated_and_refused_for_the_chip(run, tmp_path: Path, sign: int) -> None:
    branching(tmp_path / "n.onnx")
    (tmp_path / "samples").mkdir()
    np.savez(tmp_path / "samples" / "in.npz", x=sign * np.arange(1, 5, dtype=np.float32).reshape(1, 4))
    arguments = ["--model_name", "n", "--model_def", "n.onnx", "--test_input", "samples/in.npz"]
    status, out, err = run("model_transform", *arguments, "--test_result", "r.npz", "--mlir", "n.mlir")
    assert status == 0, err
    assert "top.If" in (tmp_path / "n.mlir").read_text()
    with np.load(tmp_path / "r.npz") as results:
        found = [results[name] for name in results.files if name.startswith("z")]
    np.testing.assert_array_equal(found[0], [[3, 5, 7, 9]] if sign > 0 else [[2, 3, 4, 5]])
    status, _, err = run("model_deploy", "--mlir", "n.mlir", "--quantize", "F16", "--model", "n.bmodel")
    assert status == 1
    one_sentence(err)
    status, _, err = run("run_calibration", "n.mlir", "--dataset", "samples", "-o", "t")
    assert status == 1 and "branches or loops that depend on data" in err
    one_sentence(err)
