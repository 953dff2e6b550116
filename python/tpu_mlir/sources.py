"""The kinds of files that networks come in: which front end reads them, and what runs them for comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import reference
from .errors import UserError

if TYPE_CHECKING:
    from .frontend.converted import ConvertedModel, PreprocessAttributes


@dataclass(frozen=True)
class Request:
    """One conversion. data: the second file of formats that have their weights there. input_shapes and output_names:
    empty for those of the file. directory: where results go."""

    model: Path
    data: Path | None
    name: str
    input_shapes: Sequence[Sequence[int]]
    output_names: Sequence[str]
    preprocess: PreprocessAttributes
    directory: Path

    def settings(self) -> dict[str, Any]:
        """The keyword arguments that all converters have."""
        return {
            "input_shapes": self.input_shapes or None,
            "output_names": self.output_names or None,
            "preprocess": self.preprocess,
            "directory": self.directory,
        }


@dataclass(frozen=True)
class SourceKind:
    """convert: reads and writes NAME_origin.mlir. run: the reference runtime; files, inputs by Top names -> real values
    of all tensors by Top names. runtime: what it is called. has_data: whether the weights are in a second file."""

    framework: str
    runtime: str
    convert: Callable[[Request], ConvertedModel]
    run: Callable[[Path, Path | None, Mapping[str, np.ndarray], ConvertedModel], dict[str, np.ndarray]]
    has_data: bool = False


def _convert_onnx(request: Request) -> ConvertedModel:
    from .frontend.onnx import convert_onnx

    return convert_onnx(request.model, request.name, **request.settings())


def _run_onnx(
    model: Path, data: Path | None, inputs: Mapping[str, np.ndarray], converted: ConvertedModel
) -> dict[str, np.ndarray]:
    feeds = {source: inputs[top] for source, top in converted.tensors.items() if top in inputs}
    return reference.onnx_tensors(model, feeds, converted.tensors)


def _convert_tflite(request: Request) -> ConvertedModel:
    from .frontend.tflite import convert_tflite

    return convert_tflite(request.model, request.name, **request.settings())


def _run_tflite(
    model: Path, data: Path | None, inputs: Mapping[str, np.ndarray], converted: ConvertedModel
) -> dict[str, np.ndarray]:
    return reference.tflite_tensors(model, inputs, converted)


def _convert_caffe(request: Request) -> ConvertedModel:
    try:
        from .frontend.caffe import convert_caffe
    except ImportError as error:
        raise UserError("reading Caffe models needs protobuf: pip install 'tpu-mlir[caffe]'") from error

    return convert_caffe(request.model, request.name, request.data, **request.settings())


KINDS = {
    ".onnx": SourceKind("ONNX", "onnxruntime", _convert_onnx, _run_onnx),
    ".tflite": SourceKind("TFLite", "LiteRT", _convert_tflite, _run_tflite),
    ".prototxt": SourceKind("Caffe", "OpenCV", _convert_caffe, reference.caffe_tensors, has_data=True),
}
OTHER_FRAMEWORKS = {".pt": "PyTorch", ".pth": "PyTorch"}


def kind_of(model: Path) -> SourceKind:
    """The kind by the file's suffix; UserError when it cannot be read."""
    suffix = model.suffix.lower()
    if suffix in KINDS:
        return KINDS[suffix]
    if suffix in OTHER_FRAMEWORKS:
        raise UserError(f"{model}: {OTHER_FRAMEWORKS[suffix]} models cannot be read yet; export the network to ONNX")
    if suffix == ".caffemodel":
        raise UserError(
            f"{model}: holds only weights; give the .prototxt with --model_def and this file with --model_data"
        )
    known = " and ".join(f"{kind.framework} ({end})" for end, kind in KINDS.items())
    raise UserError(f"{model}: only {known} models can be read; export the network to ONNX")
