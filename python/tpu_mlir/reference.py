"""The source framework's own results, which the canonical module is compared with."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import UserError

if TYPE_CHECKING:
    from .frontend.caffe.graph import Layer
    from .frontend.converted import ConvertedModel


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


def top_tensors(
    model: str | os.PathLike[str], data: object, inputs: Mapping[str, np.ndarray], converted: ConvertedModel
) -> dict[str, np.ndarray]:
    """Evaluates a Top module as it is in its file; all tensors by name.

    Raises:
        MLIRError: the module cannot be read or has an op without evaluation.
    """
    from . import ir, pipelines
    from .evaluation import evaluate_module

    module = pipelines.load(model, ir.Context())
    pipelines.run(module, ["shape-infer"])
    values = evaluate_module(module, inputs, every_tensor=True).values
    return {name: value for name, value in values.items() if name in converted.tensors}


def tflite_tensors(
    model: str | os.PathLike[str] | bytes, inputs: Mapping[str, np.ndarray], converted: ConvertedModel
) -> dict[str, np.ndarray]:
    """Runs a TFLite model with LiteRT.

    model: a file or its bytes. inputs: real values by name, stored as the module has them. Returns the real values
    (float32) of all tensors that the module has, by their Top names and in its order of axes.

    Raises:
        UserError: LiteRT is not installed, or cannot run the model.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
    except ImportError as error:
        raise UserError("comparing with the TFLite model needs LiteRT: pip install 'tpu-mlir[tflite]'") from error
    from .frontend.tflite.source import parse

    data = model if isinstance(model, bytes) else Path(model).read_bytes()
    graph = parse(data, "the model")
    names = {info.name: number for number, info in enumerate(graph.tensors)}
    try:
        interpreter = Interpreter(
            model_content=data,
            experimental_preserve_all_tensors=True,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            num_threads=1,
        )
        _feed(interpreter, {names[name]: _unstored(array, converted.axes.get(name)) for name, array in inputs.items()})
        interpreter.invoke()
        tensors = {detail["index"]: detail for detail in interpreter.get_tensor_details()}
        result = {}
        for name, top in {**converted.tensors, **converted.outputs}.items():
            if names[name] in tensors:
                value = _real(interpreter.get_tensor(names[name]), tensors[names[name]])
                result[top] = _stored(value, converted.axes.get(top))
        for node in graph.nodes:
            if node.kind == "TFLite_Detection_PostProcess" and len(node.outputs) == 4:
                found = int(interpreter.get_tensor(node.outputs[3]).reshape(-1)[0])
                for number in node.outputs[:3]:
                    top = converted.tensors.get(graph.tensors[number].name, "")
                    if top in result:
                        result[top][:, found:] = 0  # LiteRT leaves there what the memory held before
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"LiteRT cannot run the model: {reason}") from error
    return result


def _feed(interpreter: Any, inputs: Mapping[int, np.ndarray]) -> None:
    """Gives the inputs in the types that the network takes; sizes that it leaves open are set first."""
    details = {detail["index"]: detail for detail in interpreter.get_input_details()}
    for index, array in inputs.items():
        if tuple(details[index]["shape"]) != array.shape and details[index]["shape"].size:
            interpreter.resize_tensor_input(index, array.shape, strict=True)
    interpreter.allocate_tensors()
    for index, detail in details.items():
        if index not in inputs:
            continue
        values, dtype = inputs[index], detail["dtype"]
        scales = detail["quantization_parameters"]["scales"]
        if scales.size:
            limits = np.iinfo(dtype)
            zero = detail["quantization_parameters"]["zero_points"][0]
            values = np.clip(np.rint(values.astype(np.float32) / scales[0]) + zero, limits.min, limits.max)
        # a scalar has the shape [1] in the module
        is_scalar = not values.ndim or (values.size == 1 and not detail["shape"].size)
        interpreter.set_tensor(index, values.astype(dtype).reshape(detail["shape"] if is_scalar else values.shape))


def _real(value: np.ndarray, detail: Mapping[str, Any]) -> np.ndarray:
    scales = detail["quantization_parameters"]["scales"]
    if scales.size == 1 and value.dtype.kind in "iu":
        zero = int(detail["quantization_parameters"]["zero_points"][0])
        return (value.astype(np.int64) - zero).astype(np.float32) * np.float32(scales[0])
    return value.astype(np.float32)


def _stored(value: np.ndarray, axes: Sequence[int] | None) -> np.ndarray:
    """In the order of axes of the module; a scalar has the shape [1] there."""
    if value.ndim == 0:
        return value.reshape(1)
    return np.ascontiguousarray(value.transpose(axes)) if axes is not None and len(axes) == value.ndim else value


def _unstored(value: np.ndarray, axes: Sequence[int] | None) -> np.ndarray:
    """In the order of axes of the source."""
    return np.ascontiguousarray(value.transpose(np.argsort(axes))) if axes else value


def caffe_tensors(
    model: str | os.PathLike[str],
    weights: str | os.PathLike[str] | None,
    inputs: Mapping[str, np.ndarray],
    converted: ConvertedModel,
) -> dict[str, np.ndarray]:
    """Runs a Caffe model with OpenCV.

    model: the .prototxt, weights: the .caffemodel. inputs: by name. Returns the values (float32) of all tensors that
    the module has and OpenCV computes, by their Top names.

    Raises:
        UserError: OpenCV (version 4) is not installed, or cannot run the model.
    """
    try:
        import cv2
    except ImportError as error:
        raise UserError("comparing with the Caffe model needs OpenCV: pip install 'tpu-mlir[caffe]'") from error
    if not hasattr(cv2.dnn, "readNetFromCaffe"):
        raise UserError(f"OpenCV {cv2.__version__} reads no Caffe models any more: pip install 'tpu-mlir[caffe]'")
    from .frontend.caffe.source import load

    graph = load(model, weights)
    wanted = set(converted.tensors)
    # Its errors become ours; where the switch for its own messages is, differs between versions.
    set_level = getattr(cv2, "setLogLevel", None) or getattr(getattr(cv2.utils, "logging", None), "setLogLevel", None)
    if set_level is not None:
        set_level(0)
    try:
        net = cv2.dnn.readNetFromCaffe(*(os.fspath(path) for path in (model, weights) if path is not None))
        net.enableFusion(False)
        unread = {name: np.zeros(shape, np.float32) for name, shape in graph.inputs.items() if shape is not None}
        for name, array in {**unread, **inputs}.items():
            net.setInput(np.ascontiguousarray(array, np.float32), name)
        known = set(net.getLayerNames())
        layers = [layer for layer in graph.layers if layer.name in known and wanted.intersection(layer.tops)]
        values = net.forwardAndRetrieve([layer.name for layer in layers])
    except cv2.error as error:
        reason = " ".join(str(error).split())
        raise UserError(f"OpenCV cannot run the model: {reason}") from error
    result = {name: np.asarray(array) for name, array in inputs.items()}
    # OpenCV keeps first results; others may be overwritten by layers that read them.
    read = {bottom for layer in graph.layers for bottom in layer.bottoms}
    for layer, arrays in zip(layers, values, strict=True):
        for place, (top, array) in enumerate(zip(layer.tops, arrays, strict=False)):
            if top in wanted and (place == 0 or top not in read):
                result[converted.tensors[top]] = np.asarray(array, np.float32)
    for layer in layers:
        if layer.kind == "DetectionOutput":
            _fill_rows(layer, result, converted.tensors)
    return result


def _fill_rows(layer: Layer, values: dict[str, np.ndarray], names: Mapping[str, str]) -> None:
    """Gives the boxes of a DetectionOutput layer the rows of the Top tensor, which has as many as there can be, in
    Caffe's order: by image, class and falling score."""
    from .frontend.caffe.ops.detection import kept_boxes

    found, locations, priors = (values.get(names.get(blob, "")) for blob in (layer.tops[0], *layer.bottoms[::2]))
    if found is None or locations is None or priors is None:
        return
    images, keep = len(locations), kept_boxes(layer.message.detection_output_param, priors.shape[2] // 4)
    rows = np.full((images * keep, 7), -1, np.float32)
    boxes = found.reshape(-1, 7)
    boxes = boxes[boxes[:, 2] > 0]  # OpenCV gives a row of zeros when it finds nothing
    rows[: len(boxes)] = boxes[np.lexsort((-boxes[:, 2], boxes[:, 1], boxes[:, 0]))]
    if not len(boxes):
        rows[:images, 0] = range(images)
    values[names[layer.tops[0]]] = rows.reshape(images, 1, keep, 7)


def torch_tensors(
    model: str | os.PathLike[str],
    weights: str | os.PathLike[str] | None,
    inputs: Mapping[str, np.ndarray],
    converted: ConvertedModel,
) -> dict[str, np.ndarray]:
    """Runs a PyTorch model as it was recorded for the conversion.

    inputs: by name. Returns the values (float32) of all tensors that the module has, by their Top names; outputs are
    those of the file itself.

    Raises:
        UserError: PyTorch cannot run the model.
    """
    from .frontend.torch.convert import TorchModel

    assert isinstance(converted, TorchModel)
    try:
        return converted.run(inputs)
    except (RuntimeError, IndexError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"PyTorch cannot run {model}: {reason}") from error
