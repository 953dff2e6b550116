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
    """One conversion. data: the second file of formats that have their weights there. input_shapes, input_types and
    output_names: empty for those of the file. directory: where results go. trust_pickle: whether files may be loaded
    that can run any code."""

    model: Path
    data: Path | None
    name: str
    input_shapes: Sequence[Sequence[int]]
    output_names: Sequence[str]
    preprocess: PreprocessAttributes
    directory: Path
    input_types: Sequence[str] = ()
    trust_pickle: bool = False

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
    of all tensors by Top names. runtime: what it is called. has_data: whether the weights are in a second file.
    is_untyped: whether files may not say the element types of inputs. has_pickles: whether files may be pickles.
    has_preprocessing: whether files say how pictures become inputs."""

    framework: str
    runtime: str
    convert: Callable[[Request], ConvertedModel]
    run: Callable[[Path, Path | None, Mapping[str, np.ndarray], ConvertedModel], dict[str, np.ndarray]]
    has_data: bool = False
    is_untyped: bool = False
    has_pickles: bool = False
    has_preprocessing: bool = False


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


def _convert_torch(request: Request) -> ConvertedModel:
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise UserError("reading PyTorch models needs PyTorch: pip install 'tpu-mlir[torch]'") from error
    from .frontend.torch import convert_torch

    return convert_torch(
        request.model,
        request.name,
        input_types=request.input_types or None,
        trust_pickle=request.trust_pickle,
        **request.settings(),
    )


def _convert_top(request: Request) -> ConvertedModel:
    from .frontend.top import convert_module

    return convert_module(request.model, request.name, **request.settings())


TORCH = SourceKind("PyTorch", "PyTorch", _convert_torch, reference.torch_tensors, is_untyped=True, has_pickles=True)
KINDS = {
    ".onnx": SourceKind("ONNX", "onnxruntime", _convert_onnx, _run_onnx),
    ".tflite": SourceKind("TFLite", "LiteRT", _convert_tflite, _run_tflite),
    ".prototxt": SourceKind("Caffe", "OpenCV", _convert_caffe, reference.caffe_tensors, has_data=True),
    ".pt": TORCH,
    ".pt2": TORCH,
    ".pth": TORCH,
    ".mlir": SourceKind("Top", "the file itself", _convert_top, reference.top_tensors, has_preprocessing=True),
}


def kind_of(model: Path) -> SourceKind:
    """The kind by the file's suffix; UserError when it cannot be read."""
    suffix = model.suffix.lower()
    if suffix in KINDS:
        return KINDS[suffix]
    if suffix == ".caffemodel":
        raise UserError(
            f"{model}: holds only weights; give the .prototxt with --model_def and this file with --model_data"
        )
    ends: dict[str, list[str]] = {}
    for end, known_kind in KINDS.items():
        ends.setdefault(known_kind.framework, []).append(end)
    known = " and ".join(f"{framework} ({', '.join(listed)})" for framework, listed in ends.items())
    raise UserError(f"{model}: only {known} models can be read; export the network to ONNX")
