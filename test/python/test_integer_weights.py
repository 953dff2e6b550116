"""Integer weights with half-precision activations, from the Top module to the bmodel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from tpu_mlir import ir, pipelines
from tpu_mlir.evaluation import evaluate_module
from tpu_mlir.frontend.onnx import convert_onnx
from tpu_mlir.npz.similarity import cosine_similarity
from tpu_mlir.runtime.bmodel import BModel


def network() -> onnx.ModelProto:
    """A strided and a depthwise convolution, a product with a group size that divides and one that it does not."""
    random = np.random.default_rng(3)

    def weight(name: str, *shape: int) -> onnx.TensorProto:
        values = random.standard_normal(shape) / np.prod(shape[1:]) ** 0.5
        return numpy_helper.from_array(values.astype(np.float32), name)

    n = helper.make_node
    nodes = [
        n("Conv", ["x", "w0", "b0"], ["c0"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        n("Relu", ["c0"], ["r0"]),
        n("Conv", ["r0", "w1"], ["c1"], kernel_shape=[3, 3], group=16),
        n("Flatten", ["c1"], ["f"]),
        n("Gemm", ["f", "w2", "b2"], ["g"]),
        n("Relu", ["g"], ["r"]),
        n("MatMul", ["r", "w3"], ["y"]),
    ]
    constants = [weight("w0", 16, 3, 3, 3), weight("b0", 16), weight("w1", 16, 1, 3, 3), weight("w2", 16 * 4 * 6, 50)]
    constants += [weight("b2", 50), weight("w3", 50, 20)]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [2, 3, 12, 15])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [2, 20])],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)


def top() -> ir.Module:
    module = convert_onnx(network(), "net", directory=None).module()
    pipelines.run(module, pipelines.TRANSFORM)
    return module


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize(
    ("mode", "smallest"), [("W8F16", 0.9995), ("W8BF16", 0.999), ("W4F16", 0.95), ("W4BF16", 0.95)]
)
def test_weights_of_8_and_4_bits(tmp_path: Path, mode: str, smallest: float, symmetric: bool) -> None:
    inputs = {"x": np.random.default_rng(0).standard_normal((2, 3, 12, 15)).astype(np.float32)}
    expected = evaluate_module(top(), inputs).in_order()[0]
    module = top()
    pipelines.run(module, pipelines.Lowering("bm1684x", mode, q_group_size=64, q_symmetric=symmetric).passes("w.npz"))
    text = str(module.operation.get_asm(enable_debug_info=False))
    assert text.count('"tpu.A16MatMul"') == 2 and text.count("xsi8>") >= 2 and '"tpu.MatMul"' not in text
    assert "q_group_size = 64 : i64, sign" in text and "q_group_size = 0 : i64, sign" in text
    computed = evaluate_module(module, inputs).in_order()[0]
    assert cosine_similarity(computed, expected) > smallest
    pipelines.run(module, pipelines.final())
    pipelines.run(module, pipelines.codegen(tmp_path / "net.bmodel"))
    simulated = next(iter(BModel(tmp_path / "net.bmodel").run(inputs).values()))
    assert cosine_similarity(simulated, computed) > (0.99999 if mode.endswith("F16") and "B" not in mode else 0.9995)
