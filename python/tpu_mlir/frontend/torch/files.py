"""Opens files of PyTorch. Nothing is handed to PyTorch's loaders before it is known that they will not run what a
stranger put into the file; see docs/pytorch.md for what each kind of file can do."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from ..errors import FrontendError
from .capture import first_line, quiet

EXPORT_HINT = "torch.export.save(torch.export.export(model.eval(), example_inputs), 'model.pt2')"
MAX_EXPANSION = 4
"""How much larger than the file its contents may be; PyTorch stores tensors as they are."""
SMALL = 64 << 20
"""Contents of this size (bytes) are always accepted."""


def load(path: str | os.PathLike[str], trust_pickle: bool = False) -> tuple[str, Any]:
    """What the file holds: ("script", ScriptModule), ("export", ExportedProgram) or ("eager", Module).

    trust_pickle: whether Python pickles that can run any code may be loaded. FrontendError with one sentence otherwise.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            head = stream.read(4)
    except OSError as error:
        raise FrontendError(f"{file} cannot be read: {(error.strerror or str(error)).lower()}") from error
    if head[:2] != b"PK":
        if head[:1] == b"\x80":  # torch.save before version 1.6, and plain pickles
            return _eager(file, trust_pickle)
        raise FrontendError(f"{file}: is no PyTorch file (neither TorchScript nor a program of torch.export)")
    names = _entries(file, size)
    inner = {name.partition("/")[2] for name in names}
    if "serialized_exported_program.json" in names:
        raise FrontendError(
            f"{file}: has the format of torch.export before PyTorch 2.8; export it again: {EXPORT_HINT}"
        )
    if any(name.startswith("models/") for name in inner):
        return "export", _exported(file, trust_pickle)
    if "constants.pkl" in inner and any(name.startswith("code/") for name in inner):
        return "script", _script(file, trust_pickle)
    if "data.pkl" in inner:
        return _eager(file, trust_pickle)
    if any(name.startswith("data/aotinductor/") for name in inner):
        raise FrontendError(f"{file}: holds compiled code for another processor, no network; export it: {EXPORT_HINT}")
    raise FrontendError(f"{file}: is an archive without a network of PyTorch")


def _entries(file: Path, size: int) -> list[str]:
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FrontendError(f"{file}: is damaged or cut off: {first_line(error).lower()}") from error
    total = sum(info.file_size for info in infos)
    if total > max(SMALL, MAX_EXPANSION * size):
        raise FrontendError(f"{file}: says that it holds {total} bytes, which does not fit its size of {size} bytes")
    return [info.filename for info in infos]


def _reader(file: Path) -> Any:
    """PyTorch's own reader, so that what is checked is what is loaded."""
    try:
        return torch._C.PyTorchFileReader(str(file))
    except (RuntimeError, ValueError) as error:
        raise FrontendError(f"{file}: is damaged or cut off: {first_line(error)}") from error


def _record(reader: Any, name: str, file: Path) -> bytes:
    try:
        return bytes(reader.get_record(name))
    except (RuntimeError, ValueError) as error:
        raise FrontendError(f"{file}: is damaged or cut off: {first_line(error)}") from error


# TorchScript


def _script(file: Path, trust_pickle: bool) -> Any:
    """Its pickles are read by PyTorch's own reader, which knows tensors and the script's classes only. Methods that
    run while a file is read are the one way to do more."""
    reader = _reader(file)
    for name in reader.get_all_records():
        code = _record(reader, name, file) if name.startswith("code/") and name.endswith(".py") else b""
        if b"ops.torchvision" in code:
            _need_torchvision(file)
        if b"__setstate__" in code and not trust_pickle:
            raise FrontendError(
                f"{file}: '{name}' has a method __setstate__, which runs while the file is read (as those of quantized "
                "modules); export the network without it, or give --trust_pickle if you trust the file"
            )
    try:
        with quiet():
            script = torch.jit.load(str(file), map_location="cpu")
    except (RuntimeError, ValueError, KeyError, IndexError) as error:
        raise FrontendError(f"{file}: is no TorchScript that can be read: {first_line(error)}") from error
    if not hasattr(script, "forward"):
        raise FrontendError(f"{file}: has no method forward")
    # a frozen script has no mode any more
    return script.eval() if getattr(script, "training", False) else script


def _need_torchvision(file: Path) -> None:
    """Its operators exist once it is imported."""
    try:
        import torchvision  # noqa: F401
    except (ImportError, RuntimeError) as error:
        if not hasattr(torch.ops.torchvision, "roi_align") and not hasattr(torch.ops.torchvision, "deform_conv2d"):
            raise FrontendError(f"{file}: uses operators of torchvision; pip install torchvision") from error


# torch.export


def _exported(file: Path, trust_pickle: bool) -> Any:
    reader = _reader(file)
    records = list(reader.get_all_records())
    models = [name for name in records if name.startswith("models/")]
    if "models/model.json" not in models:
        raise FrontendError(f"{file}: has no program called 'model'; save one with torch.export.save")
    if any(name.startswith("data/aotinductor/") for name in records):
        raise FrontendError(
            f"{file}: holds compiled code, which would be loaded; save the program alone: {EXPORT_HINT}"
        )
    for name in models:
        _check_program(_json(reader, name, file), file)
    if not trust_pickle:
        _check_payloads(reader, records, file)
    try:
        with quiet():
            program = torch.export.load(str(file) if file.suffix == ".pt2" else io.BytesIO(file.read_bytes()))
    except MemoryError:
        raise
    except Exception as error:  # torch.export.load lets pass whatever its parts raise
        raise FrontendError(
            f"{file}: is no program that PyTorch {torch.__version__} can read: {first_line(error)}"
        ) from error
    # Conditions on open sizes are Python code; the sizes are checked here instead.
    program._guards_code = []
    return program


def _json(reader: Any, name: str, file: Path) -> Any:
    try:
        return json.loads(_record(reader, name, file))
    except (ValueError, RecursionError) as error:
        raise FrontendError(f"{file}: '{name}' is damaged: {first_line(error)}") from error


_TARGET = re.compile(
    r"torch\.ops\.\w+\.\w+(\.\w+)?|_operator\.\w+|math\.\w+|torch\.sym_\w+|torch\._sym_\w+|"
    r"torch\.utils\._sympy\.functions\.\w+"
)
"""Functions that a program may call; PyTorch itself takes any function below torch, torch.os.system too."""
_OPERATORS = frozenset(
    [
        "add",
        "sub",
        "mul",
        "truediv",
        "floordiv",
        "mod",
        "pow",
        "neg",
        "pos",
        "abs",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "and_",
        "or_",
        "xor",
        "not_",
        "getitem",
        "lshift",
        "rshift",
    ]
)


def _check_program(model: Any, file: Path) -> None:
    """Refuses functions and expressions that would be run, or evaluated as Python, and are no arithmetic."""
    for key, value in _fields(model):
        if key == "expr_str" and isinstance(value, str) and not _is_arithmetic(value):
            raise FrontendError(f"{file}: the size '{value[:80]}' is no arithmetic expression")
        if key == "target" and isinstance(value, str) and "." in value and value.startswith(("torch", "_operator")):
            named = value.startswith("_operator.") and value.split(".")[1] not in _OPERATORS
            if value.startswith("torch.ops.torchvision."):
                _need_torchvision(file)
            if not _TARGET.fullmatch(value) or named:
                raise FrontendError(f"{file}: calls '{value[:80]}', which is no operator of a network")


def _fields(model: Any) -> Iterator[tuple[str, Any]]:
    """All keys and values, at any depth."""
    waiting = [model]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield from item.items()
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


_WORDS = frozenset(
    [
        "Symbol",
        "Integer",
        "Float",
        "Rational",
        "Add",
        "Mul",
        "Pow",
        "Mod",
        "Max",
        "Min",
        "Abs",
        "floor",
        "ceiling",
        "Eq",
        "Ne",
        "Lt",
        "Le",
        "Gt",
        "Ge",
        "And",
        "Or",
        "Not",
        "Equality",
        "Unequality",
        "StrictLessThan",
        "LessThan",
        "StrictGreaterThan",
        "GreaterThan",
        "Piecewise",
        "ExprCondPair",
        "Tuple",
        "true",
        "false",
        "oo",
        "FloorDiv",
        "ModularIndexing",
        "Where",
        "PythonMod",
        "CleanDiv",
        "CeilDiv",
        "CeilToInt",
        "FloorToInt",
        "TruncToInt",
        "TruncToFloat",
        "RoundToInt",
        "RoundDecimal",
        "ToFloat",
        "IntTrueDiv",
        "FloatTrueDiv",
        "FloatPow",
        "PowByNatural",
        "LShift",
        "RShift",
        "IsNonOverlappingAndDenseIndicator",
        "Identity",
        "BitwiseFn_bitwise_and",
        "BitwiseFn_bitwise_or",
        "One",
        "Zero",
        "Half",
        "NegativeOne",
    ]
)


def _is_arithmetic(text: str) -> bool:
    """Whether an expression of SymPy only has numbers, symbols and arithmetic in it."""
    if len(text) > 10_000:
        return False
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    allowed = (
        ast.Expression, ast.Call, ast.Name, ast.Load, ast.Constant, ast.keyword, ast.BinOp, ast.UnaryOp, ast.operator,
        ast.unaryop, ast.Compare, ast.cmpop, ast.Tuple,
    )  # fmt: skip
    for node in ast.walk(tree):
        if not isinstance(node, allowed):
            return False
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in _WORDS):
            return False
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not re.fullmatch(r"\w+", node.value):
            return False
        if isinstance(node, ast.Name) and not re.fullmatch(r"[a-zA-Z_]\w{0,63}", node.id):
            return False
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            return False
    return True


def _check_payloads(reader: Any, records: list[str], file: Path) -> None:
    """Refuses pickles that hold more than tensors: torch.export.load would fall back to loading them anyway."""
    pickles = {name for name in records if name.endswith(".pt") and name.startswith("data/")}
    for name in records:
        if name.startswith("data/") and name.endswith("config.json"):
            folder = name.rpartition("/")[0]
            config = _json(reader, name, file)
            entries = config.get("config") if isinstance(config, dict) else None
            for entry in entries.values() if isinstance(entries, dict) else ():
                stored = str(entry.get("path_name")) if isinstance(entry, dict) else ""
                if isinstance(entry, dict) and entry.get("use_pickle"):
                    pickles.add(f"{folder}/{stored}")
                if stored.startswith(("custom_obj", "opaque_obj")):
                    pickles.add(f"{folder}/{stored}")
    for name in sorted(pickles):
        data = _record(reader, name, file)
        try:
            with quiet():
                torch.load(io.BytesIO(data), weights_only=True)
        except Exception as error:  # the loader lets pass whatever it meets
            raise FrontendError(
                f"{file}: '{name}' holds Python objects other than tensors, which can run any code when they are "
                "loaded; save the program without them, or give --trust_pickle if you trust the file"
            ) from error


# eager modules


def _eager(file: Path, trust_pickle: bool) -> tuple[str, Any]:
    if not trust_pickle:
        raise FrontendError(
            f"{file}: is a Python pickle (torch.save), which can run any code when it is loaded; export the network "
            f"where you trust it: {EXPORT_HINT}"
        )
    try:
        with quiet():
            module = torch.load(str(file), map_location="cpu", weights_only=False)
    except MemoryError:
        raise
    except Exception as error:  # a pickle can raise anything
        raise FrontendError(f"{file}: cannot be loaded: {first_line(error)}") from error
    if not isinstance(module, torch.nn.Module):
        raise FrontendError(
            f"{file}: holds {type(module).__name__} and no module, so how the weights are used is not known; "
            f"export the network: {EXPORT_HINT}"
        )
    return "eager", module.eval()
