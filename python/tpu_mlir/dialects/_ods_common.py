"""What the generated op classes import; it maps their needs onto ``tpu_mlir.ir``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import ir as _ir


class _Globals:
    @staticmethod
    def register_traceback_file_exclusion(path: str) -> None:
        """Upstream hides generated files from its recorded tracebacks; none are recorded here."""


class _cext:  # noqa: N801  (the name that generated code expects)
    ir = _ir
    globals = _Globals()

    @staticmethod
    def register_dialect(cls: type) -> type:
        return cls

    @staticmethod
    def register_operation(dialect: type) -> Callable[[type[_ir.OpView]], type[_ir.OpView]]:
        def register(cls: type[_ir.OpView]) -> type[_ir.OpView]:
            _ir.register_op_view(cls)
            return cls

        return register


def get_default_loc_context(loc: _ir.Location | None = None) -> _ir.Context:
    """The context of ``loc``, else that of the innermost ``with`` statement."""
    return loc.context if loc is not None else _ir.Location.current.context


def get_op_result_or_value(arg: Any) -> Any:
    """A value, or the only result of an operation."""
    return arg if isinstance(arg, _ir.Value) else arg.operation.results[0]


def get_op_results_or_values(arg: Any) -> Sequence[Any]:
    """The results of an operation, or a sequence of values and operations."""
    if hasattr(arg, "operation"):
        return list(arg.operation.results)
    return [get_op_result_or_value(element) for element in arg]


def equally_sized_accessor(
    elements: Sequence[Any], simple_length: int, variadic: int, simple_before: int, variadic_before: int
) -> tuple[int, int]:
    """Start and length of one of several variadic groups that share the elements equally."""
    length = (len(elements) - simple_length) // variadic
    return simple_before + variadic_before * length, length


def segmented_accessor(elements: Sequence[Any], raw_segments: Any, index: int) -> Sequence[Any]:
    """Group number ``index`` of elements whose group sizes are an attribute."""
    segments = list(raw_segments)
    start = sum(segments[:index])
    return elements[start : start + segments[index]]
