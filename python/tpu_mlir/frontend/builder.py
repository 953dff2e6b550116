"""The only contact between front ends and the IR: builds one Top module and writes it with its weights.

A front end describes tensors as NumPy arrays, tuples and strings; types, locations, insertion points and
attributes of the bindings stay in here. Tests replace the class by one that evaluates at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..files import Add, npz_written, save_text

if TYPE_CHECKING:
    from .. import ir

Handle = Any
"""A value of the module under construction; only the builder that made it knows what it is."""

Operand = Handle | Sequence[Handle]


@dataclass(frozen=True)
class InputSpec:
    """One input of the network.

    shape: sizes, at least one dimension. element: "f32", or "si32" for any integer or boolean input.
    attributes: preprocessing attributes of top.Input, empty for a plain tensor.
    """

    name: str
    shape: tuple[int, ...]
    element: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Body:
    """A branch or a loop's body.

    arguments: shapes of what it is given. build: makes its ops from handles of these and gives the handles that it
    yields. It may be called any number of times, each time for a copy of its own: names must differ each time, and
    handles from inside are good for nothing outside. Handles from outside may be used inside.
    """

    arguments: Sequence[tuple[int, ...]]
    build: Callable[[list[Handle]], Sequence[Handle]]


class GraphBuilder(Protocol):
    """What a front end needs. Calls come in order: start, then weights and ops, then finish."""

    def start(self, inputs: Sequence[InputSpec]) -> list[Handle]:
        """Opens the function and returns one f32 handle per input."""
        ...

    def none(self) -> Handle:
        """The absent operand."""
        ...

    def weight(self, name: str, array: np.ndarray, scales: Sequence[float] | None = None) -> Handle:
        """A constant tensor; ``name`` is unique among weights and ops, the array is float32 with rank >= 1.

        scales: of a constant that was quantized before, one or one per output channel.
        """
        ...

    def op(
        self, kind: str, operands: Sequence[Operand], attributes: Mapping[str, Any], name: str, element: str = "f32"
    ) -> Handle:
        """A Top op such as "Conv"; a variadic operand is a sequence. The result is named ``name``.

        element: the element type of the result, as the IR spells it.
        """
        ...

    def ops(
        self,
        kind: str,
        operands: Sequence[Operand],
        attributes: Mapping[str, Any],
        names: Sequence[str | None],
        variadic: bool = False,
    ) -> list[Handle]:
        """A Top op with several f32 results, one handle each.

        names: of the results; None for an optional one that is not wanted (its handle has the type none).
        variadic: whether the op has one variadic result, as Split has, and not a fixed number.
        """
        ...

    def nested(
        self,
        kind: str,
        operands: Sequence[Operand],
        attributes: Mapping[str, Any],
        names: Sequence[str],
        bodies: Sequence[Body],
    ) -> list[Handle]:
        """A Top op with regions, If or Loop, one handle per result.

        bodies: of If the branches for true and false, of Loop the one that is repeated.
        """
        ...

    def finish(self, outputs: Sequence[Handle]) -> None:
        """Returns the outputs from the function."""
        ...


class TopModuleBuilder:
    """Builds through ``tpu_mlir.ir``; ``save`` writes NAME_origin.mlir and its weight file.

    name: model name, platform: upstream's word for the source framework such as "ONNX".
    """

    def __init__(self, name: str, platform: str) -> None:
        from tpu_mlir import ir
        from tpu_mlir.dialects import top

        self._ir = ir
        self._top = top
        self.name = name
        self.weight_file = f"{name}_top_f32_all_origin_weight.npz"
        self.weights: dict[str, np.ndarray] = {}
        self._stream: Add | None = None
        self._weight_folder: Path | None = None
        self.context = ir.Context()
        with self.context, ir.Location.unknown():
            self.module = ir.Module.create()
            self._unranked = ir.UnrankedTensorType.get(ir.F32Type.get())
            attributes = self.module.operation.attributes
            attributes["sym_name"] = ir.StringAttr.get(name)
            attributes["module.chip"] = ir.StringAttr.get("ALL")
            attributes["module.platform"] = ir.StringAttr.get(platform)
            attributes["module.state"] = ir.StringAttr.get("TOP_F32")
            attributes["module.top_run_mode"] = ir.StringAttr.get("STATIC")
            attributes["module.weight_file"] = ir.StringAttr.get(self.weight_file)
        self._function: Any = None
        self._block: Any = None
        # The op of the function that is being filled; constants go before it, so that all of it sees them.
        self._nest: Any = None
        self._none: Handle | None = None

    def _type(self, shape: Sequence[int], element: str) -> Any:
        dimensions = "".join(f"{size}x" for size in shape)
        return self._ir.Type.parse(f"tensor<{dimensions}{element}>", context=self.context)

    def _emit(self, make: Callable[[Any], Any], name: str, constant: bool = False) -> Handle:
        ir = self._ir
        with self.context:
            location = ir.Location.name(name) if name else ir.Location.unknown()
            with ir.InsertionPoint(self._nest if constant and self._nest is not None else self._block):
                return make(location).result

    def start(self, inputs: Sequence[InputSpec]) -> list[Handle]:
        """Opens func.main and makes one top.Input per input."""
        ir = self._ir
        with self.context, ir.Location.unknown():
            arguments = [self._type(spec.shape, spec.element) for spec in inputs]
            self._function = self._make_function(arguments)
        handles = []
        self.none()
        for spec, argument in zip(inputs, self._block.arguments, strict=True):
            handles.append(self._input(spec, argument))
        return handles

    def _input(self, spec: InputSpec, argument: Any) -> Handle:
        result = self._type(spec.shape, "f32")
        return self._emit(lambda loc: self._top.InputOp(result, argument, **spec.attributes, loc=loc), spec.name)

    def _make_function(self, arguments: Sequence[Any]) -> Any:
        ir = self._ir
        function_type = ir.FunctionType.get(list(arguments), [])
        with ir.InsertionPoint(self.module.body):
            function = ir.Operation.create(
                "func.func",
                attributes={"sym_name": ir.StringAttr.get("main"), "function_type": ir.TypeAttr.get(function_type)},
                regions=1,
            )
        self._block = function.regions[0].append_block(list(arguments))
        return function

    def none(self) -> Handle:
        """The result of the only top.None."""
        if self._none is None:
            none_type = self._ir.Type.parse("none", context=self.context)
            self._none = self._emit(lambda loc: self._top.NoneOp(none_type, loc=loc), "", constant=True)
        return self._none

    def weight(self, name: str, array: np.ndarray, scales: Sequence[float] | None = None) -> Handle:
        """A top.Weight; the array is kept for the weight file, or written at once in ``written``."""
        if self._stream is not None:
            self._stream(name, array)
        else:
            self.weights[name] = array
        result = self._type(array.shape, "f32")
        given = {} if scales is None else {"scale": list(scales)}
        return self._emit(lambda loc: self._top.WeightOp(result, **given, loc=loc), name, constant=True)

    def op(
        self, kind: str, operands: Sequence[Operand], attributes: Mapping[str, Any], name: str, element: str = "f32"
    ) -> Handle:
        """A Top op with an unranked result."""
        make = getattr(self._top, kind + "Op")
        result = self._unranked if element == "f32" else self._ir.Type.parse(f"tensor<*x{element}>", self.context)
        return self._emit(lambda loc: make(result, *operands, **attributes, loc=loc), name)

    def ops(
        self,
        kind: str,
        operands: Sequence[Operand],
        attributes: Mapping[str, Any],
        names: Sequence[str | None],
        variadic: bool = False,
    ) -> list[Handle]:
        """A Top op with several results, each with its name in a fused location."""
        ir = self._ir
        make = getattr(self._top, kind + "Op")
        first = next(name for name in names if name is not None)
        with self.context:
            # Fused locations drop unknown parts, which would shift the names of the results behind them.
            location = self._named([name or f"{first}_absent_{number}" for number, name in enumerate(names)])
            nothing = ir.Type.parse("none", context=self.context)
            types = [nothing if name is None else self._unranked for name in names]
            with ir.InsertionPoint(self._block):
                results = [types] if variadic else types
                return list(make(*results, *operands, **attributes, loc=location).results)

    def nested(
        self,
        kind: str,
        operands: Sequence[Operand],
        attributes: Mapping[str, Any],
        names: Sequence[str],
        bodies: Sequence[Body],
    ) -> list[Handle]:
        """A Top op whose regions the bodies fill; weights that they use stand before it."""
        ir = self._ir
        make = getattr(self._top, kind + "Op")
        with self.context, ir.InsertionPoint(self._block):
            results = [self._unranked] * len(names)
            op = make(results, *operands, **attributes, loc=self._named(names)).operation
        outside, outermost = self._block, self._nest
        self._nest = op if outermost is None else outermost
        try:
            for region, body in zip(op.regions, bodies, strict=True):
                self._fill(region, body)
        finally:
            self._block, self._nest = outside, outermost
        return list(op.results)

    def _named(self, names: Sequence[str]) -> Any:
        """The location of an op whose results have these names."""
        parts = [self._ir.Location.name(name) for name in names]
        return self._ir.Location.fused(parts) if len(parts) > 1 else parts[0]

    def _fill(self, region: Any, body: Body) -> None:
        """Makes the ops of a body in a region that has no block yet."""
        ir = self._ir
        with self.context, ir.Location.unknown():
            self._block = region.append_block([self._type(shape, "f32") for shape in body.arguments])
        yielded = body.build(list(self._block.arguments))
        with self.context, ir.Location.unknown(), ir.InsertionPoint(self._block):
            ir.Operation.create("top.Yield", operands=list(yielded))

    def finish(self, outputs: Sequence[Handle]) -> None:
        """Adds the return, settles the signature and verifies the module."""
        ir = self._ir
        with self.context, ir.Location.unknown():
            with ir.InsertionPoint(self._block):
                ir.Operation.create("func.return", operands=list(outputs))
            arguments = [argument.type for argument in self._block.arguments]
            result_types = [value.type for value in outputs]
            signature = ir.FunctionType.get(arguments, result_types)
            self._function.attributes["function_type"] = ir.TypeAttr.get(signature)
        self.module.operation.verify()

    def loaded(self) -> ir.Module:
        """The module, its context knowing the values of the weights, or the file that they were written to."""
        from .. import _tpu_mlir

        if self._weight_folder is not None:
            _tpu_mlir.set_weight_directory(self.context, str(self._weight_folder))
            self._weight_folder = None
        for name, array in self.weights.items():
            _tpu_mlir.write_weight(self.module.operation, name, array)
        return self.module

    def text(self) -> str:
        """The module as NAME_origin.mlir prints it, with locations."""
        return str(self.module.operation.get_asm(enable_debug_info=True))

    @contextmanager
    def written(self, directory: str | os.PathLike[str]) -> Iterator[tuple[Path, Path]]:
        """What is built in this block is written: NAME_origin.mlir and the weight file, whose paths it gives.

        Weights go to the file at once and are not kept, so that memory holds none but the one that is being converted.
        Both files appear complete when the block ends, or not at all when it raises.
        """
        mlir_path = Path(directory) / f"{self.name}_origin.mlir"
        weight_path = Path(directory) / self.weight_file
        with npz_written(weight_path) as add:
            for name, array in self.weights.items():
                add(name, array)
            self.weights.clear()
            self._stream = add
            try:
                yield mlir_path, weight_path
            finally:
                self._stream = None
            save_text(mlir_path, self.text())
        self._weight_folder = Path(directory)

    def save(self, directory: str | os.PathLike[str] = ".") -> tuple[Path, Path]:
        """Writes what was built already, as ``written`` does. Returns both paths."""
        with self.written(directory) as paths:
            return paths
