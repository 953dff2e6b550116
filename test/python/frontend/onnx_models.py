"""Small ONNX models for the front-end tests, and their comparison with onnxruntime."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from reference_builder import ReferenceBuilder
from tpu_mlir.frontend.onnx import ConvertedModel, convert_onnx

Arrays = Mapping[str, np.ndarray]


def node(op_type: str, inputs: str, outputs: str = "y", **attributes: Any) -> onnx.NodeProto:
    """A node; tensor names are separated by blanks, "-" is a missing optional one."""
    names = ["" if name == "-" else name for name in inputs.split()]
    return helper.make_node(op_type, names, outputs.split(), name=f"the {op_type}", **attributes)


def model(
    nodes: Sequence[onnx.NodeProto] | onnx.NodeProto,
    inputs: Arrays,
    constants: Arrays | None = None,
    outputs: str = "y",
    opset: int = 17,
    shapes: Mapping[str, Sequence[int | str]] | None = None,
) -> onnx.ModelProto:
    """A model with the types and shapes of the given arrays. shapes: what it declares instead, such as ["n", 3]."""
    declared = shapes or {}
    kinds = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype), list(declared.get(name, array.shape))
        )
        for name, array in inputs.items()
    ]
    results = [onnx.ValueInfoProto(name=name) for name in outputs.split()]
    tensors = [numpy_helper.from_array(np.asarray(array), name) for name, array in (constants or {}).items()]
    body = [nodes] if isinstance(nodes, onnx.NodeProto) else list(nodes)
    taken: set[str] = set()
    for item in body:  # onnxruntime wants different ones
        item.name += f" of {item.output[0]}" if item.name in taken else ""
        taken.add(item.name)
    graph = helper.make_graph(body, "graph", kinds, results, tensors)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    made.ir_version = 8
    return made


def run_onnxruntime(proto: onnx.ModelProto, inputs: Arrays) -> list[np.ndarray]:
    """The outputs as onnxruntime computes them, graph optimization off."""
    typed = onnx.ModelProto()
    typed.CopyFrom(onnx.shape_inference.infer_shapes(proto))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(typed.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return list(session.run(None, dict(inputs)))


def convert(proto: onnx.ModelProto, inputs: Arrays, **options: Any) -> tuple[ConvertedModel, ReferenceBuilder]:
    """Converts and evaluates with the meaning that the front end gives to each Top op."""
    builder = ReferenceBuilder(inputs)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return convert_onnx(proto, "test", builder=builder, directory=None, **options), builder


def check(proto: onnx.ModelProto, inputs: Arrays, tolerance: float = 1e-4) -> ReferenceBuilder:
    """Fails unless the conversion computes what onnxruntime does: by what the front end means with each op, and, where
    the compiler is built, by the optimized module. Scalars have the shape [1] in Top."""
    expected = run_onnxruntime(proto, inputs)
    _, builder = convert(proto, inputs)
    _compare(expected, builder.results, tolerance)
    if compiler_is_built():
        from onnx_node_suite import evaluate_top

        with np.errstate(all="ignore"):
            _compare(expected, list(evaluate_top(proto, inputs).values()), tolerance)
    return builder


def compiler_is_built() -> bool:
    """Whether the native module can be imported."""
    return importlib.util.find_spec("tpu_mlir._tpu_mlir") is not None


def _compare(expected: Sequence[np.ndarray], results: Sequence[np.ndarray], tolerance: float) -> None:
    for want, got in zip(expected, results, strict=True):
        assert got.shape == (want.shape or (1,))
        np.testing.assert_allclose(
            got.reshape(want.shape), want.astype(np.float32), rtol=tolerance, atol=tolerance, equal_nan=True
        )


def kinds(builder: ReferenceBuilder) -> list[str]:
    """The Top ops that were emitted, in order."""
    return [kind for kind, _, _ in builder.emitted]


def values(*shape: int, seed: int = 0, low: float = -3, high: float = 3) -> np.ndarray:
    """Random f32 numbers."""
    return np.random.default_rng(seed + sum(shape)).uniform(low, high, shape).astype(np.float32)
