"""The source framework's own results, which the canonical module is compared with."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .errors import UserError


def onnx_tensors(
    model: str | os.PathLike[str], inputs: Mapping[str, np.ndarray], tensors: Mapping[str, str]
) -> dict[str, np.ndarray]:
    """Runs an ONNX model with onnxruntime.

    inputs: by ONNX input name. tensors: ONNX tensor name -> name under which its value (float32) is returned.

    Raises:
        UserError: onnxruntime is not installed, or cannot run the model.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise UserError("comparing with the ONNX model needs onnxruntime: pip install onnxruntime") from error
    import onnx

    loaded = onnx.load(os.fspath(model))
    computed = {name for node in loaded.graph.node for name in node.output}
    wanted = [name for name in tensors if name in computed]
    del loaded.graph.output[:]
    loaded.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    with tempfile.TemporaryDirectory() as folder:
        source = _serialized(loaded, Path(folder))
        try:
            session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
            feeds = {spec.name: _typed(inputs[spec.name], spec) for spec in session.get_inputs()}
            values = session.run(wanted, feeds)
        except UserError:
            raise
        except Exception as error:  # onnxruntime has no common base class for its errors
            reason = str(error).splitlines()[0]
            raise UserError(f"onnxruntime cannot run {model}: {reason}") from error
    result = {tensors[name]: np.asarray(inputs[name]) for name in tensors if name in inputs}
    for name, value in zip(wanted, values, strict=True):
        if isinstance(value, np.ndarray) and (np.issubdtype(value.dtype, np.number) or value.dtype == np.bool_):
            result[tensors[name]] = value.astype(np.float32)
    return result


def _serialized(model: object, folder: Path) -> bytes | str:
    """The model as onnxruntime takes it: its bytes, or a file with external data where protobuf's limit is near."""
    import onnx

    assert isinstance(model, onnx.ModelProto)
    if model.ByteSize() < 1_900_000_000:
        return model.SerializeToString()
    path = folder / "model.onnx"
    onnx.save(model, os.fspath(path), save_as_external_data=True, location="model.data")
    return os.fspath(path)


ONNX_TYPES = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(int16)": np.int16,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
    "tensor(uint16)": np.uint16,
    "tensor(uint32)": np.uint32,
    "tensor(uint64)": np.uint64,
    "tensor(bool)": np.bool_,
}


def _typed(array: np.ndarray, spec: object) -> np.ndarray:
    kind = getattr(spec, "type", "")
    if kind not in ONNX_TYPES:
        raise UserError(f"the input '{getattr(spec, 'name', '')}' has the type {kind}, which is not supported")
    if array.dtype.kind not in "biuf":
        raise UserError(f"the input '{getattr(spec, 'name', '')}' holds values of type {array.dtype}, not real numbers")
    return array.astype(ONNX_TYPES[kind], copy=False)
