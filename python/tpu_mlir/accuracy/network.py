"""A network at any stage behind one call: ONNX by onnxruntime, .mlir by evaluation, .bmodel on the simulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .. import ir, pipelines
from ..errors import UserError
from ..evaluation import ModuleInterpreter
from ..files import require_file
from ..inputs import NetworkInput, network_inputs
from ..preprocess import Preprocessing
from ..reference import ONNX_TYPES
from ..runtime.bmodel import BModel

Run = Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]


class Network:
    """A network that is opened once and run often; serves one thread.

    preprocessing: how pictures become inputs, for files that do not say it themselves (.onnx, .bmodel).

    Raises:
        UserError, MLIRError: the file cannot be opened.
    """

    def __init__(self, model: Path, preprocessing: Preprocessing | None = None):
        require_file(model, "the model")
        openers = {".onnx": _onnx, ".mlir": _module, ".bmodel": _bmodel}
        suffix = model.suffix.lower()
        if suffix not in openers:
            raise UserError(f"{model}: the suffix is not .onnx, .mlir or .bmodel")
        inputs, self.run = openers[suffix](model)
        self.inputs = [
            NetworkInput(spec.name, spec.shape, spec.element, spec.preprocessing or preprocessing) for spec in inputs
        ]


def preprocessing_of(module: Path) -> Preprocessing | None:
    """How the first picture input of a module is prepared."""
    found = [spec.preprocessing for spec in network_inputs(pipelines.load(module, ir.Context()))]
    return next((entry for entry in found if entry is not None), None)


def _module(model: Path) -> tuple[list[NetworkInput], Run]:
    module = pipelines.load(model, ir.Context())
    interpreter = ModuleInterpreter(module)
    return network_inputs(module), lambda feeds: interpreter.run(feeds).values


def _bmodel(model: Path) -> tuple[list[NetworkInput], Run]:
    opened = BModel(model)
    whole = ("int32", "uint32", "int16", "uint16")
    inputs = [
        NetworkInput(spec.name, spec.shape, "si32" if spec.dtype in whole else "f32", None) for spec in opened.inputs()
    ]
    return inputs, opened.run


def _onnx(model: Path) -> tuple[list[NetworkInput], Run]:
    try:
        import onnxruntime
    except ImportError as error:
        raise UserError("running the ONNX model needs onnxruntime: pip install tpu_mlir[eval]") from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1  # several samples are under way at once
    try:
        session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has no common base class for its errors
        raise UserError(f"onnxruntime cannot open {model}: {str(error).splitlines()[0]}") from error
    kinds = {spec.name: ONNX_TYPES.get(spec.type, np.float32) for spec in session.get_inputs()}
    inputs = [_onnx_input(spec, model) for spec in session.get_inputs()]
    names = [spec.name for spec in session.get_outputs()]

    def run(feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        typed: dict[str, np.ndarray] = {name: array.astype(kinds[name], copy=False) for name, array in feeds.items()}
        try:
            return dict(zip(names, session.run(names, typed), strict=True))
        except Exception as error:
            raise UserError(f"onnxruntime cannot run {model}: {str(error).splitlines()[0]}") from error

    return inputs, run


def _onnx_input(spec: Any, model: Path) -> NetworkInput:
    """An open first dimension is taken as 1, the others must be fixed."""
    shape = list(spec.shape)
    if shape and not isinstance(shape[0], int):
        shape[0] = 1
    if not all(isinstance(size, int) and size > 0 for size in shape):
        raise UserError(
            f"{model}: the input '{spec.name}' has the open shape {spec.shape}; evaluate the .mlir file that "
            "model_transform.py --input_shapes wrote"
        )
    kind = np.dtype(ONNX_TYPES.get(spec.type, np.float32))
    return NetworkInput(spec.name, tuple(shape), "si32" if kind.kind in "iu" else "f32", None)
