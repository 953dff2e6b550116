"""Which Top ops the converter of a source operator can emit, read from its code.

A converter is a function of a front end. Its own code, that of the functions and methods that it calls within the front
ends, and what it closes over are searched for the names of Top ops. Names that are only compared with, and keys of
tables, do not count; of a table that has the source operator as a key only that entry counts.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
import types
from collections.abc import Callable, Iterator
from typing import Any

PLUMBING = {
    "bind",
    "finish",
    "step",
    "emit",
    "emit_all",
    "op",
    "ops",
    "weight",
    "own_weight",
    "reshape",
    "permute",
    "x",
}
"""Methods that every converter uses; Reshape and Permute ops that only adapt shapes are not listed."""


class Scan:
    """Finds Top ops in converters. ops: the names of all of them, without the dialect's."""

    def __init__(self, ops: set[str]) -> None:
        self._ops = ops
        self._methods = _helper_methods()

    def of(self, converter: Callable[..., Any], operator: str) -> set[str]:
        """The ops that the converter can emit for a source operator."""
        return set(self._function(converter, operator, set()))

    def _function(self, function: Any, operator: str, seen: set[int]) -> Iterator[str]:
        if isinstance(function, functools.partial):
            for argument in (*function.args, *function.keywords.values()):
                yield from self._value(argument, operator, seen)
            function = function.func
        function = inspect.unwrap(function) if callable(function) else function
        if not isinstance(function, types.FunctionType) or id(function) in seen:
            return
        seen.add(id(function))
        for cell in function.__closure__ or ():
            yield from self._value(cell.cell_contents, operator, seen)
        for default in function.__defaults__ or ():
            yield from self._value(default, operator, seen)
        tree = _tree(function)
        if tree is not None:
            yield from self._code(tree, function, operator, seen)

    def _value(self, value: Any, operator: str, seen: set[int]) -> Iterator[str]:
        """What a value that the code uses stands for: a name of an op, a function, a table of either."""
        if isinstance(value, str):
            if value in self._ops:
                yield value
        elif isinstance(value, dict):
            if operator in value:
                yield from self._value(value[operator], operator, seen)
            elif all(isinstance(item, str) for item in value.values()):
                yield from (item for item in value.values() if item in self._ops)
        elif isinstance(value, (tuple, list)):
            for item in value:
                yield from self._value(item, operator, seen)
        elif callable(value) and (getattr(value, "__module__", "") or "").startswith("tpu_mlir.frontend"):
            yield from self._function(value, operator, seen)

    def _code(self, tree: ast.AST, function: types.FunctionType, operator: str, seen: set[int]) -> Iterator[str]:
        skipped: set[ast.AST] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                skipped.update(ast.walk(node))
            elif isinstance(node, ast.Dict):
                for key in node.keys:
                    skipped.update(ast.walk(key) if key is not None else ())
                if any(isinstance(key, ast.Constant) and key.value == operator for key in node.keys):
                    for key, value in zip(node.keys, node.values, strict=True):
                        if not (isinstance(key, ast.Constant) and key.value == operator):
                            skipped.update(ast.walk(value))
        for node in ast.walk(tree):
            if node in skipped:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in self._ops:
                yield node.value
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in function.__globals__:
                yield from self._value(function.__globals__[node.id], operator, seen)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_helper(node.func):
                for method in self._methods.get(node.func.attr, ()):
                    yield from self._function(method, operator, seen)


def passes(converter: Callable[..., Any]) -> bool:
    """Whether a converter can succeed; some only say why an operator is refused."""
    tree = _tree(converter) if isinstance(converter, types.FunctionType) else None
    steps = tree.body if isinstance(tree, ast.Module) else []
    last = steps[-1] if steps else None
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Call) or len(steps) > 2:
        return True
    return not (isinstance(last.value.func, ast.Attribute) and last.value.func.attr == "refuse")


def _is_helper(attribute: ast.Attribute) -> bool:
    """Whether a method can be one of the front ends' classes, and not one of sets, lists or dictionaries."""
    if not hasattr(set, attribute.attr) and not hasattr(list, attribute.attr) and not hasattr(dict, attribute.attr):
        return True
    receiver = attribute.value
    if isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Name):
        return receiver.func.id[:1].isupper()
    return isinstance(receiver, ast.Name) and receiver.id in ("self", "call", "f", "formula")


@functools.cache
def _tree(function: types.FunctionType) -> ast.AST | None:
    """The body of the function, without decorators, in which it is registered under other names too."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return ast.Module(node.body, [])
        if isinstance(node, ast.Lambda):
            return node
    return tree


def _helper_methods() -> dict[str, list[types.FunctionType]]:
    """Methods by name of the classes that converters work with."""
    from importlib import import_module

    found: dict[str, list[types.FunctionType]] = {}
    for name in ("compose", "onnx.call", "tflite.call", "caffe.call", "torch.call", "onnx.ops.compose"):
        try:
            module = import_module(f"tpu_mlir.frontend.{name}")
        except ImportError:
            continue
        for cls in vars(module).values():
            if inspect.isclass(cls) and cls.__module__.startswith("tpu_mlir.frontend"):
                for method, function in vars(cls).items():
                    if isinstance(function, types.FunctionType) and method not in PLUMBING:
                        found.setdefault(method, []).append(function)
    return found
