"""Networks that were quantized before reach the chip with their own scales, without a calibration table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from tpu_mlir import ir, pipelines
from tpu_mlir.deploy import DeployOptions, deploy
from tpu_mlir.evaluation import ModuleInterpreter, evaluate_module
from tpu_mlir.frontend.onnx import convert_onnx
from tpu_mlir.npz.compare import Tolerance
from tpu_mlir.runtime.bmodel import BModel
from tpu_mlir.transform import TransformOptions, transform

SHAPE = (1, 3, 17, 19)


def _weights(**shapes: tuple[int, ...]) -> list[onnx.TensorProto]:
    random = np.random.default_rng(7)
    made = []
    for name, shape in shapes.items():
        fan = max(1, int(np.prod(shape[1:])))
        made.append(numpy_helper.from_array((random.standard_normal(shape) / fan**0.5).astype(np.float32), name))
    return made


def residual_network(path: Path) -> Path:
    """Convolutions plain, strided, grouped and depthwise, a skip connection, both pools, a concatenation, a product."""
    n = helper.make_node
    nodes = [
        n("Conv", ["x", "w0", "b0"], ["c0"], name="c0", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
        n("Relu", ["c0"], ["r0"], name="r0"),
        n("Conv", ["r0", "w1", "b1"], ["c1"], name="c1", kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=8),
        n("Relu", ["c1"], ["r1"], name="r1"),
        n("Conv", ["r1", "w2"], ["c2"], name="c2", kernel_shape=[1, 1]),
        n("Add", ["c2", "r0"], ["a"], name="a"),
        n("Relu", ["a"], ["ar"], name="ar"),
        n("MaxPool", ["ar"], ["m"], name="m", kernel_shape=[2, 2], strides=[2, 2]),
        n("Conv", ["m", "w3", "b3"], ["c3"], name="c3", kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=2),
        n("Sigmoid", ["c3"], ["s"], name="s"),
        n("Concat", ["s", "m"], ["k"], name="k", axis=1),
        n("GlobalAveragePool", ["k"], ["g"], name="g"),
        n("Flatten", ["g"], ["f"], name="f"),
        n("Gemm", ["f", "w4", "b4"], ["y"], name="y", transB=1),
    ]
    constants = _weights(
        w0=(8, 3, 3, 3),
        b0=(8,),
        w1=(8, 1, 3, 3),
        b1=(8,),
        w2=(8, 8, 1, 1),
        w3=(6, 4, 3, 3),
        b3=(6,),
        w4=(5, 14),
        b4=(5,),
    )
    graph = helper.make_graph(
        nodes,
        "residual",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, SHAPE)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, 5])],
        constants,
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


class _Samples(CalibrationDataReader):
    def __init__(self) -> None:
        self._items: Iterator[np.ndarray] = iter(
            np.random.default_rng(seed).standard_normal(SHAPE).astype(np.float32) for seed in range(8)
        )

    def get_next(self) -> dict[str, np.ndarray] | None:
        item = next(self._items, None)
        return None if item is None else {"x": item}


KINDS = {
    "u8s8": (QuantType.QUInt8, QuantType.QInt8, True, QuantFormat.QDQ, False),
    "s8s8": (QuantType.QInt8, QuantType.QInt8, True, QuantFormat.QDQ, False),
    "u8u8": (QuantType.QUInt8, QuantType.QUInt8, False, QuantFormat.QDQ, False),
    "symmetric": (QuantType.QInt8, QuantType.QInt8, True, QuantFormat.QDQ, True),
    "operators": (QuantType.QUInt8, QuantType.QInt8, True, QuantFormat.QOperator, False),
}
"""Activations, weights, scales per channel, form, zero points of 0 only (rectifiers then are no saturation)."""


def quantized(folder: Path, kind: str) -> Path:
    activation, weight, per_channel, form, symmetric = KINDS[kind]
    path = folder / f"{kind}.onnx"
    quantize_static(
        residual_network(folder / "float.onnx"),
        path,
        _Samples(),
        quant_format=form,
        activation_type=activation,
        weight_type=weight,
        per_channel=per_channel,
        extra_options={"ActivationSymmetric": symmetric},
    )
    return path


def expected(path: Path, x: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def last_step(path: Path) -> float:
    """The scale of the network's output."""
    model = onnx.load(path)
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    last = next(node for node in model.graph.node if "y" in node.output)
    return float(constants[last.input[1]])


def top(path: Path) -> ir.Module:
    module = convert_onnx(path, "net", directory=None).module()
    pipelines.run(module, pipelines.TRANSFORM)
    return module


def sample(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(SHAPE).astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_integers_stay_within_one_step_of_onnxruntime(tmp_path: Path, kind: str) -> None:
    """Top as onnxruntime; the chip rounds scaled sums where onnxruntime rounds quotients, which differs at ties."""
    path = quantized(tmp_path, kind)
    step = last_step(path)
    module, lowered = top(path), top(path)
    pipelines.run(lowered, pipelines.Lowering("bm1684x", "INT8").passes("w.npz"))
    text = str(lowered.operation.get_asm(enable_debug_info=False))
    assert text.count("tpu.Conv2D") == 4 and "xf16" not in text and "tpu.Lut" in text
    results = []
    for seed in range(100, 104):
        x = sample(seed)
        want = expected(path, x)
        assert np.abs(evaluate_module(module, {"x": x}).in_order()[0] - want).max() <= 1.001 * step
        results.append(evaluate_module(lowered, {"x": x}).in_order()[0])
        assert np.abs(results[-1] - want).max() <= 1.001 * step
    pipelines.run(lowered, pipelines.final())
    pipelines.run(lowered, pipelines.codegen(tmp_path / "net.bmodel"))
    model = BModel(tmp_path / "net.bmodel")
    for seed, result in zip(range(100, 104), results, strict=True):
        np.testing.assert_array_equal(next(iter(model.run({"x": sample(seed)}).values())), result)


@pytest.mark.parametrize("mode", ["F32", "F16"])
def test_float_modes_keep_the_roundings(tmp_path: Path, mode: str) -> None:
    path = quantized(tmp_path, "u8s8")
    module = top(path)
    pipelines.run(module, pipelines.Lowering("bm1684x", mode).passes("w.npz"))
    x = sample(100)
    got = evaluate_module(module, {"x": x}).in_order()[0]
    assert np.abs(got - expected(path, x)).max() <= (1.001 if mode == "F32" else 2.001) * last_step(path)


@pytest.mark.parametrize("mode", ["INT8", "QDQ"])
def test_model_deploy_needs_no_table(tmp_path: Path, mode: str) -> None:
    path = quantized(tmp_path, "s8s8")
    np.savez(tmp_path / "in.npz", x=sample(100))
    made = transform(
        TransformOptions(
            "net",
            path,
            tmp_path / "net.mlir",
            test_input=[tmp_path / "in.npz"],
            test_result=tmp_path / "top.npz",
            tolerance=Tolerance(0.9999, 0.999),
        )
    )
    assert made.comparison is not None and made.comparison.passed
    report = deploy(
        DeployOptions(
            mlir=tmp_path / "net.mlir",
            mode=mode,
            chip="bm1684x",
            model=tmp_path / "net.bmodel",
            test_input=[tmp_path / "in.npz"],
        )
    )
    assert not report.failures
    assert [stage.comparison is not None for stage in report.stages if stage.name == "bmodel / Tpu"] == [True]


def test_wanted_values_are_real_ones(tmp_path: Path) -> None:
    interpreter = ModuleInterpreter(top(quantized(tmp_path, "u8s8")))
    inputs = {"x": sample(100)}
    everything = interpreter.run(inputs, every_tensor=True).values
    names = [name for name in everything if name.endswith("_QuantizeLinear")]
    assert len(names) > 5
    for name, value in interpreter.run(inputs, wanted=names).values.items():
        np.testing.assert_array_equal(value, everything[name])
