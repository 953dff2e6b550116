"""Reads an ONNX file and its external data, trusting neither: what comes out is a parsed model whose external
tensors can only name regular files inside the model's own folder."""

from __future__ import annotations

import dataclasses
import math
import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from ..errors import FrontendError

NEWEST_OPSET = onnx.defs.onnx_opset_version()
STANDARD_DOMAINS = ("", "ai.onnx")
PROTOBUF_LIMIT_BYTES = 2**31 - 1


def canonical_domain(domain: str) -> str:
    """The default operator domain has two spellings; this returns the empty one for both."""
    return "" if domain in STANDARD_DOMAINS else domain


@dataclass(frozen=True)
class OnnxSource:
    """A parsed model. path is None for a model that was never a file; it then cannot have external data."""

    label: str
    model: onnx.ModelProto
    path: Path | None
    opsets: dict[str, int]
    _mapped: dict[Path, np.ndarray] = dataclasses.field(default_factory=dict, repr=False)

    def array(self, tensor: TensorProto) -> np.ndarray:
        """The values of an initializer or of a tensor attribute; FrontendError when its data are not usable."""
        try:
            if tensor.data_location == TensorProto.EXTERNAL:
                return self._external(tensor)
            return numpy_helper.to_array(tensor)
        except FrontendError:
            raise
        except Exception as error:  # the decoder raises many kinds on damaged tensors
            raise FrontendError(f"{self.label}: tensor '{tensor.name}' is damaged: {_first_line(error)}") from error

    def _external(self, tensor: TensorProto) -> np.ndarray:
        fields = {entry.key: entry.value for entry in tensor.external_data}
        location = fields.get("location", "")
        where = f"{self.label}: tensor '{tensor.name}'"
        if self.path is None:
            raise FrontendError(f"{where} has external data, which needs a model that was read from a file")
        path = _inside(self.path.parent, location)
        if path is None:
            raise FrontendError(
                f"{where} refers to external data '{location}' outside the model's folder; "
                "put the data file beside the model"
            )
        dtype = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type))
        dims = tuple(tensor.dims)
        if any(size < 0 for size in dims):
            raise FrontendError(f"{where} has a negative dimension: {list(dims)}")
        try:
            offset = int(fields.get("offset", "0"))
            length = int(fields["length"]) if "length" in fields else None
        except ValueError as error:
            raise FrontendError(f"{where} has an external offset or length that is not a number") from error
        packed = tensor.data_type in (TensorProto.INT4, TensorProto.UINT4, TensorProto.FLOAT4E2M1)
        count = math.prod(dims)
        need = (count + 1) // 2 if packed else count * dtype.itemsize
        raw = self._external_bytes(where, path, offset, length, need, list(dims))
        if packed:
            return numpy_helper.to_array(TensorProto(data_type=tensor.data_type, dims=dims, raw_data=raw.tobytes()))
        if offset % dtype.itemsize:
            raw = raw.copy()
        return raw.view(dtype.newbyteorder("<")).reshape(dims).astype(dtype, copy=False)

    def _external_bytes(
        self, where: str, path: Path, offset: int, length: int | None, need: int, dims: list[int]
    ) -> np.ndarray:
        """A view of the mapped file: what is never read costs no memory, the rest is shared with the system's cache."""
        if path not in self._mapped:
            if not path.is_file():
                raise FrontendError(f"{where}: external data file '{path.name}' does not exist")
            empty = path.stat().st_size == 0  # cannot be mapped
            self._mapped[path] = np.zeros(0, np.uint8) if empty else np.memmap(path, np.uint8, "r")
        mapped = self._mapped[path]
        if offset < 0 or (length is not None and length != need) or offset + need > mapped.size:
            stated = "to the end" if length is None else f"{length} bytes"
            raise FrontendError(
                f"{where}: external data '{path.name}' (offset {offset}, {stated}, file of {mapped.size} bytes) "
                f"does not hold the {need} bytes of shape {dims}"
            )
        return np.asarray(mapped[offset : offset + need])


def _inside(folder: Path, location: str) -> Path | None:
    """The real path of ``location`` when it lies in ``folder`` after all links are followed, else None."""
    if not location or "\0" in location or os.path.isabs(location) or ".." in Path(location).parts:
        return None
    root = folder.resolve()
    path = (root / location).resolve()
    return path if path.is_relative_to(root) else None


def load(path: str | os.PathLike[str]) -> OnnxSource:
    """Reads and parses a model file without touching its external data; FrontendError when that fails."""
    file = Path(path)
    label = file.name
    try:
        size = file.stat().st_size
        if size > PROTOBUF_LIMIT_BYTES:
            raise FrontendError(f"{label}: a file over 2 GiB is not valid ONNX; save the weights as external data")
        model = _parsed(file, label) if size else onnx.ModelProto()
    except OSError as error:
        raise FrontendError(f"{file}: cannot be read: {error.strerror}") from error
    return wrap(model, label, file)


def _parsed(file: Path, label: str) -> onnx.ModelProto:
    """The model of a file that is not empty; the file is mapped, so that its bytes are in memory once."""
    model = onnx.ModelProto()
    with (
        file.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        memoryview(mapped) as data,
    ):
        try:
            model.ParseFromString(data)
        except Exception as error:  # protobuf's DecodeError, whose module differs between its implementations
            raise FrontendError(f"{label}: is not an ONNX model or is truncated") from error
    return model


def wrap(model: onnx.ModelProto, label: str, path: Path | None = None) -> OnnxSource:
    """Checks the frame of a parsed model (graph, outputs, operator sets) and returns it as a source."""
    if not model.HasField("graph") or not model.graph.output:
        raise FrontendError(f"{label}: is not an ONNX model: it has no graph with outputs")
    if not _is_text(model):
        raise FrontendError(f"{label}: is not an ONNX model: it has names that are not text")
    opsets = {canonical_domain(entry.domain): int(entry.version) for entry in model.opset_import}
    version = opsets.get("")
    if version is None:
        if any(canonical_domain(node.domain) == "" for node in model.graph.node):
            raise FrontendError(f"{label}: does not say which operator set it uses; export it again")
    elif version > NEWEST_OPSET:
        raise FrontendError(
            f"{label}: uses operator set {version}, newer than {NEWEST_OPSET}, the newest that the installed "
            f"onnx package knows; install a newer onnx or export with opset {NEWEST_OPSET}"
        )
    elif version < 1:
        raise FrontendError(f"{label}: uses operator set {version}, which does not exist")
    if model.graph.sparse_initializer:
        raise FrontendError(f"{label}: has sparse initializers, which are not supported; store them dense")
    return OnnxSource(label, model, path, opsets)


def _is_text(message: Any) -> bool:
    """Whether all strings below are valid UTF-8; the parser hands others out as bytes."""
    if isinstance(message, TensorProto):
        return isinstance(message.name, str)
    for field, value in message.ListFields():
        if field.type == field.TYPE_STRING:
            items = [value] if isinstance(value, (str, bytes)) else value
            if any(isinstance(item, bytes) for item in items):
                return False
        elif field.type == field.TYPE_MESSAGE:
            items = [value] if hasattr(value, "ListFields") else value
            if not all(_is_text(item) for item in items):
                return False
    return True


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
