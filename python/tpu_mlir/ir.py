"""The compiler's IR, with the surface of ``mlir.ir``: contexts, operations, values, types, attributes, passes.

Handles of operations that were erased, or that a pass rewrote, raise ``RuntimeError`` when used. A context serves one
thread at a time; parsing, printing and passes release the GIL.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from . import _tpu_mlir as _native
from ._tpu_mlir import (
    ArrayAttr,
    Attribute,
    BF16Type,
    Block,
    BlockArgument,
    BoolAttr,
    CalibratedQuantizedType,
    Context,
    DenseBoolArrayAttr,
    DenseElementsAttr,
    DenseF32ArrayAttr,
    DenseF64ArrayAttr,
    DenseI32ArrayAttr,
    DenseI64ArrayAttr,
    Diagnostic,
    DictAttr,
    F16Type,
    F32Type,
    F64Type,
    FlatSymbolRefAttr,
    FloatAttr,
    FloatType,
    FunctionType,
    IndexType,
    InsertionPoint,
    IntegerAttr,
    IntegerType,
    Location,
    MLIRError,
    NoneType,
    Operation,
    OpOperand,
    OpOperandList,
    OpResult,
    OpResultList,
    PassManager,
    QuantizedType,
    RankedTensorType,
    Region,
    ShapedType,
    StringAttr,
    SymbolRefAttr,
    Type,
    TypeAttr,
    UniformQuantizedType,
    UnitAttr,
    UnrankedTensorType,
    Value,
    VectorType,
)
from .errors import UserError

__all__ = [
    "ArrayAttr",
    "AttrBuilder",
    "Attribute",
    "BF16Type",
    "Block",
    "BlockArgument",
    "BoolAttr",
    "CalibratedQuantizedType",
    "Context",
    "DenseBoolArrayAttr",
    "DenseElementsAttr",
    "DenseF32ArrayAttr",
    "DenseF64ArrayAttr",
    "DenseI32ArrayAttr",
    "DenseI64ArrayAttr",
    "Diagnostic",
    "Dialect",
    "DictAttr",
    "F16Type",
    "F32Type",
    "F64Type",
    "FlatSymbolRefAttr",
    "FloatAttr",
    "FloatType",
    "FunctionType",
    "IndexType",
    "InsertionPoint",
    "IntegerAttr",
    "IntegerType",
    "Location",
    "MLIRError",
    "Module",
    "NoneType",
    "OpAttributeMap",
    "OpOperand",
    "OpOperandList",
    "OpResult",
    "OpResultList",
    "OpView",
    "Operation",
    "PassManager",
    "QuantizedType",
    "RankedTensorType",
    "Region",
    "ShapedType",
    "StringAttr",
    "SymbolRefAttr",
    "Type",
    "TypeAttr",
    "UniformQuantizedType",
    "UnitAttr",
    "UnrankedTensorType",
    "Value",
    "VectorType",
    "WalkOrder",
    "WalkResult",
    "register_op_view",
]


class WalkOrder:
    """Order of ``Operation.walk``."""

    PRE_ORDER = "pre"
    POST_ORDER = "post"


class WalkResult:
    """What the callback of ``Operation.walk`` may return."""

    ADVANCE = "advance"
    SKIP = "skip"
    INTERRUPT = "interrupt"


class OpAttributeMap:
    """The attributes of an operation as a mapping from name to ``Attribute``; plain values can be assigned."""

    def __init__(self, op: Operation):
        self._op = op

    def __contains__(self, name: str) -> bool:
        return self._op._get_attr(name) is not None

    def __getitem__(self, name: str) -> Any:
        attr = self._op._get_attr(name)
        if attr is None:
            raise KeyError(name)
        return attr

    def get(self, name: str, default: Any = None) -> Any:
        """The attribute, or ``default`` where it is absent."""
        attr = self._op._get_attr(name)
        return default if attr is None else attr

    def __setitem__(self, name: str, value: Any) -> None:
        self._op._set_attr(name, value)

    def __delitem__(self, name: str) -> None:
        if not self._op._del_attr(name):
            raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._op._attr_names())

    def __len__(self) -> int:
        return len(self._op._attr_names())

    def keys(self) -> list[str]:
        """Names in order."""
        return list(self._op._attr_names())

    def values(self) -> list[Any]:
        """Attributes in the order of their names."""
        return [self[name] for name in self]

    def items(self) -> list[tuple[str, Any]]:
        """Pairs of name and attribute."""
        return [(name, self[name]) for name in self]


def _only_result(op: Any) -> Any:
    """The only result of an operation; ``ValueError`` where there is none or more than one."""
    results = op.operation.results
    if len(results) != 1:
        raise ValueError(f"{op.operation.name} has {len(results)} results, not one")
    return results[0]


def _add_conveniences() -> None:
    """Gives the native classes those parts of the surface that are simpler in Python."""
    op: Any = Operation
    op.attributes = property(OpAttributeMap)
    op.operation = property(lambda self: self)
    op.operands = property(_native._operands)
    op.results = property(_native._results)
    op.result = property(_only_result)
    op.opview = property(_view)
    op.print = lambda self, file=None, **options: print(self.get_asm(**options), file=file)
    for generic in (Value, OpResult, BlockArgument, OpOperandList, OpResultList):
        # Generated annotations write OpResult[RankedTensorType].
        generic.__class_getitem__ = classmethod(lambda cls, item: cls)


class Dialect:
    """Base of the generated dialect classes."""

    DIALECT_NAMESPACE = ""


class OpView:
    """An operation seen through its class; base of the generated op classes."""

    OPERATION_NAME = ""
    _ODS_REGIONS: tuple[int, bool] = (0, True)
    _ODS_OPERAND_SEGMENTS: Sequence[int] | None = None
    _ODS_RESULT_SEGMENTS: Sequence[int] | None = None
    operation: Operation

    def __init__(
        self,
        name: str,
        ods_regions: tuple[int, bool] = (0, True),
        operand_segments: Sequence[int] | None = None,
        result_segments: Sequence[int] | None = None,
        *,
        attributes: dict[str, Any] | None = None,
        results: Sequence[Type] | None = None,
        operands: Sequence[Any] | None = None,
        successors: Sequence[Block] | None = None,
        regions: int | None = None,
        loc: Location | None = None,
        ip: InsertionPoint | None = None,
    ):
        if operand_segments is not None or result_segments is not None:
            raise NotImplementedError(f"{name} has operand segments, which the dialects of this project do not use")
        self.operation = Operation.create(
            name,
            results=results,
            operands=operands,
            attributes=attributes,
            successors=successors,
            regions=ods_regions[0] if regions is None else regions,
            loc=loc,
            ip=ip,
        )

    @property
    def result(self) -> OpResult:
        """The only result."""
        return _only_result(self)

    def __getattr__(self, name: str) -> Any:
        if name == "operation":  # not made yet
            raise AttributeError(name)
        return getattr(self.operation, name)

    @property
    def location(self) -> Location:
        """Where the operation comes from; its name is the name of the tensor."""
        return self.operation.location

    @location.setter
    def location(self, value: Location) -> None:
        self.operation.location = value

    def __eq__(self, other: object) -> bool:
        return hasattr(other, "operation") and self.operation == other.operation

    def __hash__(self) -> int:
        return hash(self.operation)

    def __str__(self) -> str:
        return str(self.operation)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.operation.name}>"


_views: dict[str, type[OpView]] = {}


def register_op_view(cls: type[OpView]) -> None:
    """Makes ``cls`` the class of operations named ``cls.OPERATION_NAME``."""
    _views[cls.OPERATION_NAME] = cls


def _view(op: Operation) -> OpView:
    cls = _views.get(op.name, OpView)
    view = cls.__new__(cls)
    view.operation = op
    return view


Builder = Callable[..., Any]
"""Makes an attribute: ``builder(value, context=None)``."""


def _integer(make: Callable[..., Any], width: int) -> Builder:
    def build(value: Any, context: Context | None = None) -> Any:
        return IntegerAttr.get(make(width, context), int(value))

    return build


def _real(cls: Any) -> Builder:
    def build(value: Any, context: Context | None = None) -> Any:
        return FloatAttr.get(cls.get(context), float(value))

    return build


def _array(element: Builder) -> Builder:
    def build(value: Any, context: Context | None = None) -> Any:
        return ArrayAttr.get([element(v, context) for v in value], context)

    return build


def _converted(cls: Any, convert: Callable[[Any], Any]) -> Builder:
    def build(value: Any, context: Context | None = None) -> Any:
        return cls.get(convert(value), context)

    return build


def _unit(value: Any, context: Context | None = None) -> Any:
    return UnitAttr.get(context) if value else None


def _type(value: Any, context: Context | None = None) -> Any:
    return TypeAttr.get(value)


class AttrBuilder:
    """Makes attributes of the kinds named in op definitions from plain values."""

    _builders: dict[str, Builder] = {
        "BoolAttr": _converted(BoolAttr, bool),
        "I64Attr": _integer(IntegerType.get_signless, 64),
        "I32Attr": _integer(IntegerType.get_signless, 32),
        "SI64Attr": _integer(IntegerType.get_signed, 64),
        "SI32Attr": _integer(IntegerType.get_signed, 32),
        "UI64Attr": _integer(IntegerType.get_unsigned, 64),
        "UI32Attr": _integer(IntegerType.get_unsigned, 32),
        "F64Attr": _real(F64Type),
        "F32Attr": _real(F32Type),
        "StrAttr": _converted(StringAttr, str),
        "UnitAttr": _unit,
        "TypeAttr": _type,
        "FlatSymbolRefAttr": _converted(FlatSymbolRefAttr, str),
        "DictionaryAttr": _converted(DictAttr, dict),
        "I64ArrayAttr": _array(_integer(IntegerType.get_signless, 64)),
        "I32ArrayAttr": _array(_integer(IntegerType.get_signless, 32)),
        "F64ArrayAttr": _array(_real(F64Type)),
        "F32ArrayAttr": _array(_real(F32Type)),
        "BoolArrayAttr": _array(_converted(BoolAttr, bool)),
        "StrArrayAttr": _array(_converted(StringAttr, str)),
        "DenseI64ArrayAttr": _converted(DenseI64ArrayAttr, list),
        "DenseI32ArrayAttr": _converted(DenseI32ArrayAttr, list),
    }

    @classmethod
    def contains(cls, kind: str) -> bool:
        """Whether there is a builder for this kind of attribute."""
        return kind in cls._builders

    @classmethod
    def get(cls, kind: str) -> Builder:
        """The builder, called as ``builder(value, context=...)``."""
        return cls._builders[kind]

    @classmethod
    def insert(cls, kind: str, builder: Builder, replace: bool = False) -> None:
        """Adds a builder; ``ValueError`` where there is one already and ``replace`` is not set."""
        if kind in cls._builders and not replace:
            raise ValueError(f"there is a builder for {kind} already")
        cls._builders[kind] = builder


class Module:
    """A ``builtin.module``."""

    def __init__(self, operation: Operation):
        self.operation = operation

    @staticmethod
    def parse(asm: str | bytes, context: Context | None = None, name: str = "-") -> Module:
        """The module in a text or in bytecode; ``MLIRError`` with the place where it is wrong."""
        return Module(_native._parse_module(asm, context, name))

    @staticmethod
    def parseFile(path: str | os.PathLike[str], context: Context | None = None) -> Module:  # noqa: N802
        """The module in a file; ``OSError`` where it cannot be read."""
        return Module(_native._parse_module_file(path, context))

    parse_file = parseFile

    @staticmethod
    def create(loc: Location | None = None) -> Module:
        """An empty module."""
        return Module(_native._new_module(loc))

    @property
    def body(self) -> Block:
        """The only block."""
        return self.operation.regions[0].blocks[0]

    @property
    def context(self) -> Context:
        """The context that the module lives in."""
        return self.operation.context

    def dump(self) -> None:
        """Prints the module."""
        print(self)

    def __str__(self) -> str:
        return str(self.operation)


_add_conveniences()
_native._set_user_error(UserError)
_native._set_op_view_factory(_view)
