"""What the graphs of TorchScript compute on numbers, lists and strings, and the operators that are never run."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.utils._python_dispatch import _disable_current_modes

from ..errors import FrontendError

NAMESPACES = frozenset({"aten", "torchvision", "prims", "quantized_decomposed"})
"""Operators that a script may run."""

_FILES = "touches files, which a network must not do"
_RANDOM = "makes random numbers, which cannot be compiled; make them an input of the network"
REFUSED: Mapping[str, str] = {
    "aten::from_file": _FILES,
    "aten::save": _FILES,
    "aten::rand": _RANDOM,
    "aten::randn": _RANDOM,
    "aten::rand_like": _RANDOM,
    "aten::randn_like": _RANDOM,
    "aten::randint": _RANDOM,
    "aten::randperm": _RANDOM,
    "aten::bernoulli": _RANDOM,
    "aten::multinomial": _RANDOM,
    "aten::normal": _RANDOM,
}
"""Operators that no network needs, with the reason."""

_DTYPES = [
    torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.float32, torch.float64,
    torch.complex32, torch.complex64, torch.complex128, torch.bool, torch.qint8, torch.quint8, torch.qint32,
    torch.bfloat16,
]  # fmt: skip
_LAYOUTS = [torch.strided]
_FORMATS = [torch.contiguous_format, torch.preserve_format, torch.channels_last, torch.channels_last_3d]


def as_enum(value: Any, kind: Any) -> Any:
    """An argument as operators take it: scripts store element types and the like as integers. Devices are the host."""
    name = str(kind)
    if "Device" in name and value is not None:
        return torch.device("cpu")
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    for word, table in (("ScalarType", _DTYPES), ("Layout", _LAYOUTS), ("MemoryFormat", _FORMATS)):
        if word in name:
            return table[value] if 0 <= value < len(table) else value
    return value


def constant(node: Any) -> Any:
    """The value of a prim::Constant."""
    output = node.output()
    if output.type().kind() == "NoneType":
        return None
    value = output.toIValue()
    if not isinstance(value, torch.Tensor):
        return value
    with _disable_current_modes():
        return value.clone()  # operators in place must not change the script itself


def _number(value: Any) -> torch.Tensor:
    """A number of a traced script, which is a tensor there; it is kept off the record."""
    with _disable_current_modes():
        return torch.tensor(value)


def _raise(*words: Any) -> Any:
    text = " ".join(str(word) for word in words if isinstance(word, str)).strip()
    raise FrontendError(f"the network itself refuses these inputs: {text or 'it raises an error'}")


def _append(items: list[Any], item: Any) -> list[Any]:
    items.append(item)
    return items


def _item(items: Any, index: Any) -> Any:
    return items[index]


def _set_item(items: Any, index: Any, value: Any) -> Any:
    items[index] = value
    return items


def _slice(items: Any, start: Any = None, end: Any = None, step: int = 1) -> Any:
    return items[slice(start, end, step)]


def _size(tensor: Any, axis: int | None = None) -> Any:
    sizes = [int(size) for size in tensor.shape]
    return sizes if axis is None else sizes[axis]


def _integer(value: Any) -> int:
    return int(value.item()) if isinstance(value, torch.Tensor) else int(value)


def _item_of(value: Any) -> Any:
    return value.item() if isinstance(value, torch.Tensor) else value


def _dtype_number(tensor: Any) -> int:
    return _DTYPES.index(tensor.dtype)


def _quotient(left: Any, right: Any) -> Any:
    return left // right


PRIMITIVES: Mapping[str, Callable[..., Any]] = {
    "prim::ListConstruct": lambda *items: list(items),
    "prim::TupleConstruct": lambda *items: tuple(items),
    "prim::TupleIndex": _item,
    "prim::NumToTensor": _number,
    "prim::RaiseException": _raise,
    "prim::Uninitialized": lambda: None,
    "prim::unchecked_cast": lambda value: value,
    "prim::unchecked_unwrap_optional": lambda value: value,
    "prim::Print": lambda *items: None,
    "prim::dtype": _dtype_number,
    "prim::device": lambda tensor: torch.device("cpu"),
    "prim::layout": lambda tensor: 0,
    "prim::is_cuda": lambda tensor: False,
    "prim::requires_grad": lambda tensor: False,
    "prim::is_nested": lambda tensor: False,
    "prim::min": lambda *items: min(items) if len(items) > 1 else min(items[0]),
    "prim::max": lambda *items: max(items) if len(items) > 1 else max(items[0]),
    "prim::abs": abs,
    "prim::data": lambda tensor: tensor,
    "aten::warn": lambda *items: None,
    "aten::Bool": lambda value: bool(_item_of(value)),
    "aten::Int": _integer,
    "aten::IntImplicit": _integer,
    "aten::Float": lambda value: float(_item_of(value)),
    "aten::ScalarImplicit": _item_of,
    "aten::item": _item_of,
    "aten::is_floating_point": lambda tensor: tensor.dtype.is_floating_point,
    "aten::is_complex": lambda tensor: tensor.dtype.is_complex,
    "aten::is_grad_enabled": lambda: False,
    "aten::dim": lambda tensor: tensor.dim(),
    "aten::size": _size,
    "aten::sym_size": _size,
    "aten::numel": lambda tensor: math.prod(tensor.shape),
    "aten::len": len,
    "aten::append": _append,
    "aten::extend": lambda items, more: [items.extend(more), items][1],
    "aten::insert": lambda items, place, item: items.insert(place, item),
    "aten::pop": lambda items, place=-1: items.pop(place),
    "aten::reverse": lambda items: items.reverse(),
    "aten::list": list,
    "aten::keys": lambda items: list(items.keys()),
    "aten::values": lambda items: list(items.values()),
    "aten::items": lambda items: list(items.items()),
    "aten::__contains__": lambda items, item: item in items,
    "aten::__getitem__": _item,
    "aten::_set_item": _set_item,
    "aten::__range_length": lambda low, high, step: len(range(low, high, step)),
    "aten::__derive_index": lambda index, start, step: start + index * step,
    "aten::__is__": lambda left, right: left is right,
    "aten::__isnot__": lambda left, right: left is not right,
    "aten::__not__": operator.not_,
    "aten::__and__": lambda left, right: left and right if isinstance(left, bool) else left & right,
    "aten::__or__": lambda left, right: left or right if isinstance(left, bool) else left | right,
    "aten::__xor__": operator.xor,
    "aten::add": lambda left, right, alpha=1: left + (right if alpha == 1 else right * alpha),
    "aten::sub": lambda left, right, alpha=1: left - (right if alpha == 1 else right * alpha),
    "aten::mul": operator.mul,
    "aten::div": operator.truediv,
    "aten::floordiv": _quotient,
    "aten::floor_divide": _quotient,
    "aten::remainder": operator.mod,
    "aten::pow": operator.pow,
    "aten::neg": operator.neg,
    "aten::eq": operator.eq,
    "aten::ne": operator.ne,
    "aten::lt": operator.lt,
    "aten::le": operator.le,
    "aten::gt": operator.gt,
    "aten::ge": operator.ge,
    "aten::ceil": math.ceil,
    "aten::floor": math.floor,
    "aten::sqrt": math.sqrt,
    "aten::log": math.log,
    "aten::exp": math.exp,
    "aten::round": round,
    "aten::abs": abs,
    "aten::slice": _slice,
    "aten::format": lambda text, *items: text.format(*items),
    "aten::str": str,
    "aten::percentFormat": lambda text, *items: text % items,
}
"""Operations that need no tensor's values."""

ALSO_OPERATORS = frozenset(
    f"aten::{name}"
    for name in (
        "add", "sub", "mul", "div", "floor_divide", "remainder", "pow", "neg", "eq", "ne", "lt", "le", "gt", "ge",
        "ceil", "floor", "sqrt", "log", "exp", "round", "abs", "slice", "__and__", "__or__", "__xor__",
    )
)  # fmt: skip
"""Those of them that are ATen operators when an argument is a tensor."""
