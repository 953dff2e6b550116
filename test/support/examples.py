"""Turns the examples in the op descriptions into a module, so that a lit test can verify them.

`examples.py FILE.td...` prints one function per example; every name that an example uses and does not define becomes an
argument of the type that the example gives it.
"""

import re
import sys
import textwrap
from pathlib import Path


def _type_list(text: str, start: int) -> str:
    """The operand types of the op whose operands end at `start`: what stands between `: (` and `) ->`, beyond its
    attributes and regions."""
    depth, place = 0, start
    while place < len(text):
        if depth == 0 and text.startswith(": (", place):
            return text[place + 3 : text.index(") ->", place)]
        depth += (text[place] in "({[") - (text[place] in ")}]")
        place += 1
    raise ValueError(f"no types in: {text[start:]}")


def signature(example: str) -> str:
    """The arguments that an example needs, from the operands and types of its ops."""
    arguments: dict[str, str] = {}
    flat = " ".join(re.sub(r"//.*", "", example).split())
    defined = {
        name for names in re.findall(r"((?:%\w+(?::\d+)?, )*%\w+(?::\d+)?) = ", flat) for name in names.split(", ")
    }
    defined = {name.partition(":")[0] for name in defined} | set(re.findall(r"(%\w+): ", flat))
    for op in re.finditer(r'"\w+\.\w+"\(([^)]*)\)', flat):
        names = [name for name in op[1].split(", ") if name]
        types = re.findall(r"tensor<(?:[^<>]|<[^>]*>)*>|none", _type_list(flat, op.end()))
        for name, type_ in zip(names, types, strict=False):
            if name.partition("#")[0] not in defined:
                arguments.setdefault(name, type_)
    return ", ".join(f"{name}: {type_}" for name, type_ in arguments.items())


def examples(path: Path) -> list[str]:
    """The examples of a definition file."""
    return re.findall(r"```mlir\n(.*?)```", path.read_text(), re.DOTALL)


def main() -> None:
    """Prints the module."""
    count = 0
    for path in sys.argv[1:]:
        for example in examples(Path(path)):
            print(f"func.func @example{count}({signature(example)}) {{")
            print(textwrap.indent(textwrap.dedent(example), "  ") + "  return\n}")
            count += 1
    if not count:
        sys.exit("no examples found")


if __name__ == "__main__":
    main()
