"""Turns the examples in the op descriptions into a module, so that a lit test can verify them.

`examples.py FILE.td...` prints one function per example; every name that an example uses and does not define becomes an
argument of the type that the example gives it.
"""

import re
import sys
import textwrap
from pathlib import Path


def signature(example: str) -> str:
    """The arguments that an example needs, from the operands and types of its ops."""
    arguments: dict[str, str] = {}
    defined = set(re.findall(r"(%\w+) = ", example))
    flat = " ".join(example.split())
    for operands, types in re.findall(r'"\w+\.\w+"\(([^)]*)\).*?: \(([^)]*)\) ->', flat):
        names = [name for name in operands.split(", ") if name]
        for name, type_ in zip(names, re.findall(r"tensor<(?:[^<>]|<[^>]*>)*>|none", types), strict=False):
            if name not in defined:
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
