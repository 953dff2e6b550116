"""Ops of the user's own: evaluated by the function that is registered under their name."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tpu_mlir import ir, pipelines
from tpu_mlir._tpu_mlir import MLIRError
from tpu_mlir.evaluation import ModuleInterpreter

sys.path.insert(0, str(Path(__file__).resolve().parent))

TEXT = """module attributes {module.weight_file = "none.npz"} {
func.func @main(%p: tensor<2x3xf32>) -> (tensor<3x2xf32>, tensor<1xf32>) {
  %x = "top.Input"(%p) : (tensor<2x3xf32>) -> tensor<2x3xf32> loc("x")
  %y:2 = "top.Custom"(%x) {name = "turn", params = [{factor = 2.0 : f64, names = ["a", "b"]}, {}]}
      : (tensor<2x3xf32>) -> (tensor<3x2xf32>, tensor<1xf32>) loc(fused["y", "s"])
  return %y#0, %y#1 : tensor<3x2xf32>, tensor<1xf32>
}
}"""
X = np.arange(6, dtype=np.float32).reshape(2, 3)


def turn(inputs: list[np.ndarray], params: list[dict]) -> Sequence[np.ndarray]:
    assert params == [{"factor": 2.0, "names": ["a", "b"]}, {}]
    return [inputs[0].T * params[0]["factor"], inputs[0].sum(keepdims=True).reshape(1).astype(np.float64)]


def run(function=None) -> dict[str, np.ndarray]:
    module = ir.Module.parse(TEXT, ir.Context())
    custom = {} if function is None else {"turn": function}
    return ModuleInterpreter(module, custom).run({"x": X}).values


def test_a_function_evaluates_the_op() -> None:
    found = run(lambda inputs, params: [a.astype(np.float32) for a in turn(inputs, params)])
    np.testing.assert_array_equal(found["y"], 2 * X.T)
    np.testing.assert_array_equal(found["s"], [15])


def test_without_a_function_it_is_refused() -> None:
    with pytest.raises(MLIRError, match="needs a function for 'turn'; give it to ModuleInterpreter as custom="):
        run()


def test_errors_of_the_function_are_those_of_the_caller() -> None:
    def fails(inputs: list[np.ndarray], params: list[dict]) -> Sequence[np.ndarray]:
        raise KeyError("what the user's code raised")

    with pytest.raises(KeyError, match="what the user's code raised"):
        run(fails)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda inputs, params: [], "gave 0 results where 2 are needed"),
        (lambda inputs, params: [inputs[0], inputs[0]], r"gave a result of shape \[2, 3\] where \[3, 2\] is needed"),
    ],
)
def test_results_that_do_not_fit_are_refused(function, reason: str) -> None:
    with pytest.raises(MLIRError, match=reason):
        run(function)


def test_inputs_cannot_be_written_to() -> None:
    def writes(inputs: list[np.ndarray], params: list[dict]) -> Sequence[np.ndarray]:
        inputs[0][:] = 0
        return []

    with pytest.raises(ValueError, match="read-only"):
        run(writes)


def test_shapes_must_be_stated(tmp_path: Path) -> None:
    text = TEXT.replace("tensor<3x2xf32>, tensor<1xf32>) loc", "tensor<*xf32>, tensor<1xf32>) loc")
    text = text.replace("-> (tensor<3x2xf32>, tensor<1xf32>) {", "-> (tensor<*xf32>, tensor<1xf32>) {")
    (tmp_path / "net.mlir").write_text(text.replace("%y#1 : tensor<3x2xf32>", "%y#1 : tensor<*xf32>"))
    module = pipelines.load(tmp_path / "net.mlir", ir.Context())
    with pytest.raises(MLIRError, match="'turn' of a user's op, whose results must state their shapes"):
        pipelines.run(module, ["shape-infer"])
