"""Static shapes of the network's inputs, from the model and from what the user fixed."""

from __future__ import annotations

from collections.abc import Sequence

import onnx

from ..errors import FrontendError
from .graph import TensorInfo
from .source import OnnxSource


def input_values(source: OnnxSource) -> list[onnx.ValueInfoProto]:
    """The inputs that have no initializer, in order."""
    constants = {tensor.name for tensor in source.model.graph.initializer}
    return [value for value in source.model.graph.input if value.name not in constants]


def static_inputs(
    source: OnnxSource, input_shapes: Sequence[Sequence[int]] | None, batch: int | None
) -> dict[str, TensorInfo]:
    """Element type and static shape of every input; FrontendError when a size stays open or contradicts the model."""
    values = input_values(source)
    if input_shapes and len(input_shapes) != len(values):
        names = ", ".join(value.name for value in values)
        raise FrontendError(
            f"{source.label}: --input_shapes has {len(input_shapes)} shapes for {len(values)} inputs ({names})"
        )
    if batch is not None and batch < 1:
        raise FrontendError(f"the batch size {batch} is not positive")
    result = {}
    for index, value in enumerate(values):
        given = list(input_shapes[index]) if input_shapes else None
        result[value.name] = _static_input(source.label, value, given, batch)
    return result


def _static_input(label: str, value: onnx.ValueInfoProto, given: list[int] | None, batch: int | None) -> TensorInfo:
    where = f"{label}: input '{value.name}'"
    if value.type.WhichOneof("value") != "tensor_type":
        raise FrontendError(f"{where} is not a tensor; sequences, maps and optional values are not supported")
    tensor = value.type.tensor_type
    if not tensor.HasField("shape"):
        if given is None:
            raise FrontendError(f"{where} has no shape; give it with --input_shapes")
        return TensorInfo(tensor.elem_type, _static(where, given))
    stated = [_dimension(dim) for dim in tensor.shape.dim]
    if given is not None and len(given) != len(stated):
        raise FrontendError(f"{where} has {len(stated)} dimensions {_text(stated)}, --input_shapes gives {given}")
    shape: list[int] = []
    for axis, size in enumerate(stated):
        wanted = given[axis] if given is not None and given[axis] != -1 else None
        if isinstance(size, int):
            if wanted is not None and wanted != size:
                raise FrontendError(
                    f"{where} has the fixed shape {_text(stated)}, --input_shapes gives {given}; "
                    "export the model with that shape or with a symbolic dimension"
                )
            shape.append(size)
        elif wanted is not None:
            shape.append(wanted)
        elif axis == 0 and batch is not None:
            shape.append(batch)
        else:
            raise FrontendError(
                f"{where} has unknown dimensions {_text(stated)}; give the whole shape with --input_shapes"
            )
    return TensorInfo(tensor.elem_type, _static(where, shape))


def _dimension(dim: onnx.TensorShapeProto.Dimension) -> int | str:
    if dim.HasField("dim_value") and dim.dim_value > 0:
        return int(dim.dim_value)
    return dim.dim_param or "?"


def _static(where: str, shape: list[int]) -> tuple[int, ...]:
    if any(size < 0 for size in shape):
        raise FrontendError(f"{where} has the shape {shape}; no size can be negative")
    return tuple(shape)


def _text(stated: Sequence[int | str]) -> str:
    return "[" + ", ".join(str(size) for size in stated) + "]"
