"""Running a network at any stage: ONNX with onnxruntime, .mlir by evaluation, .bmodel on the simulator."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from .. import ir, pipelines, reference
from ..errors import UserError
from ..evaluation import ModuleInterpreter
from ..files import require_file
from ..inputs import fitting, network_inputs
from .bmodel import BModel

OTHER = {
    ".pt": "PyTorch models cannot be run, export the network to ONNX",
    ".pth": "PyTorch models cannot be run, export the network to ONNX",
    ".tflite": "TFLite models cannot be run, export the network to ONNX",
    ".prototxt": "Caffe models cannot be run, export the network to ONNX",
    ".cvimodel": "models of this chip family are not supported",
}


def run_model(
    model: Path, inputs: Mapping[str, np.ndarray], *, every_tensor: bool = False, raw_outputs: bool = False
) -> dict[str, np.ndarray]:
    """The network's outputs (or every tensor) by name, float32 unless ``raw_outputs`` asks for the stored types.

    Names are those of the Top module: an ONNX value is called OUTPUTNAME_OPTYPE.

    Raises:
        UserError, MLIRError: the file cannot be read or run, or an input is missing or has the wrong shape.
    """
    require_file(model, "the model")
    suffix = model.suffix.lower()
    if suffix == ".onnx":
        if raw_outputs:
            raise UserError("--out_fixed is for compiled models; onnxruntime gives the network's own types")
        return _run_onnx(model, inputs, every_tensor)
    if suffix == ".mlir":
        return _run_module(model, inputs, every_tensor, raw_outputs)
    if suffix == ".bmodel":
        if every_tensor:
            raise UserError(
                "a bmodel only keeps its outputs; for all tensors run the file _tpu.mlir (made with --debug)"
            )
        return BModel(model).run(inputs, raw_outputs=raw_outputs)
    raise UserError(f"{model}: " + OTHER.get(suffix, "the suffix is not .onnx, .mlir or .bmodel"))


def _run_module(
    model: Path, inputs: Mapping[str, np.ndarray], every_tensor: bool, raw_outputs: bool
) -> dict[str, np.ndarray]:
    module = pipelines.load(model, ir.Context())
    feeds = {spec.name: fitting(dict(inputs), spec, "the input file") for spec in network_inputs(module)}
    interpreter = ModuleInterpreter(module)
    return interpreter.run(feeds, every_tensor=every_tensor, native_types=raw_outputs).values


def _run_onnx(model: Path, inputs: Mapping[str, np.ndarray], every_tensor: bool) -> dict[str, np.ndarray]:
    import onnx

    try:
        graph = onnx.load(str(model), load_external_data=False).graph
    except Exception as error:  # protobuf's decoding errors have no public base class
        raise UserError(f"{model} is not a readable ONNX model") from error
    names = {name: f"{name}_{node.op_type}" for node in graph.node for name in node.output if name}
    constants = {tensor.name for tensor in graph.initializer}
    needed = [value.name for value in graph.input if value.name not in constants]
    for name in needed:
        if name not in inputs:
            known = ", ".join(list(inputs)[:6]) or "nothing"
            raise UserError(f"{model} takes the input '{name}'; there is {known}")
    wanted = names if every_tensor else {value.name: names.get(value.name, value.name) for value in graph.output}
    return reference.onnx_tensors(model, {name: inputs[name] for name in needed}, wanted)
