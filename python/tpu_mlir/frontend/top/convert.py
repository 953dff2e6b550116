"""From a Top module in a file to NAME_origin.mlir and its weights."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ... import _tpu_mlir, ir, pipelines
from ...dialects import top as _top
from ...files import save_text
from ..converted import ConvertedModel, PreprocessAttributes
from ..errors import FrontendError
from ..rehearsal import RehearsalBuilder

TOP: Any = _top
STATES = ("TOP_F32", "TOP_QUANTIZED")


def convert_module(
    model: str | os.PathLike[str],
    model_name: str,
    *,
    input_shapes: Sequence[Sequence[int]] | None = None,
    output_names: Sequence[str] | None = None,
    preprocess: PreprocessAttributes | None = None,
    directory: str | os.PathLike[str] = ".",
) -> ConvertedModel:
    """Reads a Top module, canonical or as a front end wrote it, whose weight file lies beside it.

    input_shapes: must be those of the file, -1 stands for any. output_names: tensors at which the network is cut.
    preprocess: attributes for inputs in place of their own. directory: where NAME_origin.mlir and its weights go.
    Raises FrontendError or MLIRError with one sentence.
    """
    path = Path(model)
    module = pipelines.load(path, ir.Context())
    function, inputs = _frame(module, path.name)
    _check_shapes(path.name, inputs, input_shapes)
    if output_names:
        _cut(path.name, function, output_names)
    with module.context:
        for op in inputs:
            _set_preprocessing(op, preprocess)
        module.operation.attributes["sym_name"] = ir.StringAttr.get(model_name)
    function, inputs = _frame(module, path.name)  # some are others now
    file = f"{model_name}_top_f32_all_origin_weight.npz"
    _tpu_mlir.save_weights(module.operation, os.fspath(directory), file)
    mlir_path = Path(directory) / f"{model_name}_origin.mlir"
    save_text(mlir_path, str(module.operation.get_asm(enable_debug_info=True)))
    names = _names(function)
    terminator = function.regions[0].blocks[0].operations[-1]
    outputs = [name for name in (_value_name(value) for value in terminator.operands) if name]
    return ConvertedModel(
        RehearsalBuilder(),
        {_value_name(op.results[0]): tuple(op.results[0].type.shape) for op in inputs},
        {name: name for name in outputs},
        {name: name for name in names},
        mlir_path,
        Path(directory) / file,
    )


def _frame(module: ir.Module, label: str) -> tuple[ir.OpView, list[ir.OpView]]:
    """The function of the network and its inputs; FrontendError where this is no Top module."""
    attributes = module.operation.attributes
    state = str(attributes["module.state"].value) if "module.state" in attributes else ""
    if state not in STATES:
        raise FrontendError(
            f"{label}: is no Top module (module.state is '{state or 'missing'}'); give a canonical .mlir or an "
            "_origin.mlir"
        )
    functions = [op for op in module.body.operations if op.operation.name == "func.func"]
    named = [op for op in functions if str(op.operation.attributes["sym_name"].value) == "main"]
    if len(named) != 1:
        raise FrontendError(f"{label}: has no function 'main'")
    function = named[0].operation
    body = list(function.regions[0].blocks[0].operations)
    inputs = [op for op in body if op.operation.name == "top.Input"]
    if not inputs:
        raise FrontendError(f"{label}: has no inputs")
    return function, inputs


def _value_name(value: ir.Value) -> str:
    """The name of a result: that of the op's location, or its own part of a fused one."""
    location = value.location
    parts = list(location.locations)
    if parts and isinstance(value, ir.OpResult) and value.result_number < len(parts):
        return parts[value.result_number].name_str or ""
    return location.name_str or ""


def _names(function: ir.OpView) -> dict[str, ir.Value]:
    """All values of the network by name."""
    found: dict[str, ir.Value] = {}
    for op in function.regions[0].blocks[0].operations:
        if op.operation.name.startswith("top.") and op.operation.name not in ("top.Weight", "top.None"):
            for value in op.operation.results:
                name = _value_name(value)
                if name:
                    found[name] = value
    return found


def _check_shapes(label: str, inputs: Sequence[ir.OpView], wanted: Sequence[Sequence[int]] | None) -> None:
    if not wanted:
        return
    stated = [tuple(op.results[0].type.shape) for op in inputs]
    fits = len(wanted) == len(stated) and all(
        len(given) == len(shape) and all(size in (-1, own) for size, own in zip(given, shape, strict=True))
        for given, shape in zip(wanted, stated, strict=True)
    )
    if not fits:
        raise FrontendError(
            f"{label}: has the input shapes {[list(shape) for shape in stated]}, --input_shapes gives "
            f"{[list(shape) for shape in wanted]}; transform the source network with these shapes"
        )


def _cut(label: str, function: ir.OpView, names: Sequence[str]) -> None:
    """Returns the named values; what nobody needs then goes with the passes."""
    known = _names(function)
    for name in names:
        if name not in known:
            raise FrontendError(f"{label}: there is no tensor '{name}' to be an output")
    if len(set(names)) != len(names):
        raise FrontendError(f"{label}: an output is named twice in {list(names)}")
    block = function.regions[0].blocks[0]
    values = [known[name] for name in names]
    with function.context, ir.Location.unknown():
        block.operations[-1].operation.erase()
        with ir.InsertionPoint(block):
            ir.Operation.create("func.return", operands=values)
        arguments = [argument.type for argument in block.arguments]
        signature = ir.FunctionType.get(arguments, [value.type for value in values])
        function.attributes["function_type"] = ir.TypeAttr.get(signature)


def _set_preprocessing(op: ir.OpView, preprocess: PreprocessAttributes | None) -> None:
    """Replaces the input by one with the wanted preprocessing, where any is wanted."""
    result = op.operation.results[0]
    given = preprocess(_value_name(result), tuple(result.type.shape)) if preprocess is not None else {}
    if not given:
        return
    with ir.InsertionPoint(op.operation):
        made = TOP.InputOp(result.type, op.operation.operands[0], **given, loc=op.operation.location)
    result.replace_all_uses_with(made.operation.results[0])
    op.operation.erase()


__all__ = ["convert_module"]
