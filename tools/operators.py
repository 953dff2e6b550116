"""Writes docs/operators.md: which operators of each front end become which Top ops, and how far those come.

    python tools/operators.py [--check]

Everything is taken from the code: the front ends' registries and converters, the registered Top ops and what becomes of
their examples. --check only says whether the file is current.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(Path(__file__).resolve().parent), str(ROOT / "python")]

from operator_chips import CHIP, MODES, STRUCTURE, Fate, fates  # noqa: E402
from operator_sources import Scan, passes  # noqa: E402

TARGET = ROOT / "docs" / "operators.md"
HEAD = """# Operators

<!-- Made by tools/operators.py; change the code, run `python tools/operators.py`, and commit the result. -->

What each front end reads, which Top ops come of it, and how far these come. The tables are made from the code.

- **Top ops** of a source operator are those that its converter can emit; which ones depends on attributes, shapes and
  constants. Reshape and Permute ops that only adapt shapes are not listed.
- **Evaluation**, **lowering** and **code generation** of a Top op say what becomes of the example of its description
  (`docs/dialects/top.md`), compiled for the {chip} with one op per group. Operands that the example does not say to be
  constant are tried as inputs and as weights.
- In the column INT8, *integers* means that an op works on 8-bit values, *floats* that it runs in F16 or F32 between
  casts. Only operands and results of the example have ranges, so that an op of several parts may have none inside.
- **after passes**: what `model_transform` leaves of the op, where that is not the op itself.
- Code is generated for the BM1684X only.
"""


@dataclass(frozen=True)
class FrontEnd:
    """title: of the section. package: under tpu_mlir.frontend. needs: what must be importable. entries: operator ->
    its converters with a remark each."""

    title: str
    package: str
    needs: tuple[str, ...]
    entries: Callable[[Any], Mapping[str, Sequence[tuple[Callable[..., Any], str]]]]


def _onnx(registry: Any) -> dict[str, list[tuple[Callable[..., Any], str]]]:
    return {
        f"{domain}::{name}" if domain else name: [(entry.convert, f"since {entry.since}") for entry in entries]
        for (domain, name), entries in registry._TABLE.items()
    }


def _with_data(registry: Any) -> dict[str, list[tuple[Callable[..., Any], str]]]:
    return {name: [(entry.convert, "")] for name, entry in registry._TABLE.items()}


def _plain(registry: Any) -> dict[str, list[tuple[Callable[..., Any], str]]]:
    return {name: [(convert, "")] for name, convert in registry._TABLE.items()}


FRONT_ENDS = (
    FrontEnd("ONNX", "onnx", (), _onnx),
    FrontEnd("TFLite", "tflite", ("tflite",), _with_data),
    FrontEnd("PyTorch", "torch", ("torch",), _plain),
    FrontEnd("Caffe", "caffe", ("google.protobuf",), _plain),
)


def registered_ops() -> set[str]:
    """Names of all Top ops."""
    from tpu_mlir.dialects import top

    names = {getattr(item, "OPERATION_NAME", "") for item in vars(top).values()}
    return {name.removeprefix("top.") for name in names if name.startswith("top.")}


def missing() -> list[str]:
    """Modules that the front ends need and that are not installed."""
    found = []
    for name in sorted({name for end in FRONT_ENDS for name in end.needs}):
        try:
            import_module(name)
        except ImportError:
            found.append(name)
    return found


def render() -> str:
    """The whole page."""
    ops = registered_ops()
    scan = Scan(ops)
    with tempfile.TemporaryDirectory() as folder:
        known = fates(Path(folder))
    sources: dict[str, set[str]] = {}
    sections = []
    for end in FRONT_ENDS:
        if not (ROOT / "python/tpu_mlir/frontend" / end.package / "registry.py").is_file():
            continue
        import_module(f"tpu_mlir.frontend.{end.package}")
        import_module(f"tpu_mlir.frontend.{end.package}.ops")
        table = end.entries(import_module(f"tpu_mlir.frontend.{end.package}.registry"))
        sections.append(_section(end.title, table, scan, known, sources))
        if end.package == "onnx":
            sections.append(_onnx_replaced(set(table)))
    return HEAD.format(chip=CHIP.upper()) + "".join(sections) + _top_section(ops, known, sources)


def _section(
    title: str,
    table: Mapping[str, Sequence[tuple[Callable[..., Any], str]]],
    scan: Scan,
    known: Mapping[str, Fate],
    sources: dict[str, set[str]],
) -> str:
    lines = [f"\n## {title}\n", f"{len(table)} operators.\n", "| operator | Top ops | evaluation | floats | INT8 |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for name in sorted(table, key=str.lower):
        found = sorted({op for convert, _ in table[name] for op in scan.of(convert, name.rpartition("::")[2])})
        for op in found:
            sources.setdefault(op, set()).add(title)
        remarks = ", ".join(remark for _, remark in table[name] if remark and remark != "since 1")
        label = f"{name} ({remarks})" if remarks else name
        inner = [known[op] for op in found if op in known]
        cells = [
            ", ".join(found) or ("none" if any(passes(convert) for convert, _ in table[name]) else "refused"),
            _all([fate.evaluated for fate in inner]),
            _all([_compiled(fate, MODES[:3]) for fate in inner]),
            _all([_compiled(fate, MODES[3:]) for fate in inner]),
        ]
        if cells[0] == "refused":
            cells[1:] = ["–"] * 3
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _onnx_replaced(converted: set[str]) -> str:
    """ONNX operators that become others before any is converted."""
    import onnx
    from tpu_mlir.frontend.onnx.qlinear import replaced
    from tpu_mlir.frontend.onnx.refused import REASONS

    schemas = onnx.defs.get_all_schemas()
    functions = sorted(
        schema.name
        for schema in schemas
        if not schema.domain and (schema.has_function or schema.has_context_dependent_function)
    )
    expanded = [name for name in functions if name not in converted and name not in REASONS]
    return (
        f"\nWritten as the operators above before they are converted: {', '.join(replaced())}.\n"
        f"\nReplaced by the bodies that the standard gives them: {', '.join(expanded)}. Constant, Shape, Size and what "
        "else depends on constants and shapes only is computed; If, Loop and Scan are unrolled or become regions.\n"
    )


def _compiled(fate: Fate, modes: Sequence[str]) -> bool:
    return all(fate.modes.get(mode) == "bmodel" for mode in modes)


def _all(values: Sequence[bool]) -> str:
    """Whether all Top ops of a source operator have something; "some" where it depends on the form that is chosen."""
    if all(values):
        return "yes"
    return "some" if any(values) else "–"


def _top_section(ops: set[str], known: Mapping[str, Fate], sources: Mapping[str, set[str]]) -> str:
    counted = sorted(ops - STRUCTURE)
    compiled = sum(op in known and _compiled(known[op], MODES[:3]) for op in counted)
    evaluated = sum(op in known and known[op].evaluated for op in counted)
    lines = ["\n## Top ops\n"]
    lines.append(
        f"{len(counted)} ops beside {', '.join(sorted(STRUCTURE & ops))}: {evaluated} are evaluated, {compiled} are "
        f"compiled for the {CHIP.upper()} in F32, F16 and BF16.\n"
    )
    lines.append(f"| op | front ends | evaluation | after passes | {' | '.join(MODES)} |")
    lines.append(f"| --- | --- | --- | --- | {' | '.join('---' for _ in MODES)} |")
    for op in counted:
        fate = known.get(op, Fate())
        ends = ", ".join(end.title for end in FRONT_ENDS if end.title in sources.get(op, ())) or "–"
        canonical = "" if fate.canonical == [op] else ", ".join(fate.canonical) or ("–" if not fate.modes else "folded")
        modes = [_mode(fate, mode) for mode in MODES]
        lines.append(f"| {op} | {ends} | {'yes' if fate.evaluated else '–'} | {canonical} | {' | '.join(modes)} |")
    return "\n".join(lines) + "\n"


def _mode(fate: Fate, mode: str) -> str:
    reached = fate.modes.get(mode, "")
    if reached == "lowered":
        return "lowered only"
    if reached != "bmodel":
        return "–"
    return "yes" if mode != "INT8" else "integers" if fate.integers else "floats"


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say whether the page is current")
    args = parser.parse_args(argv)
    absent = missing()
    if absent:
        sys.exit(f"operators.py: the page covers all front ends; install {', '.join(absent)}")
    page = render()
    if args.check:
        if TARGET.read_text(encoding="utf-8") != page:
            sys.exit(f"operators.py: {TARGET} is not current; run python tools/operators.py")
        return 0
    TARGET.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
