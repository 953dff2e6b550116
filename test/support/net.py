"""Networks with weights inside of lit tests.

`net.py make TEST.mlir FOLDER` writes FOLDER/net.mlir, a copy of the test, and beside it the weight file that its module
names. The values stand in the test, one per line:

    // WEIGHT name = expression

where the expression is Python over NumPy's functions, `ramp(*shape)` (0, 1, 2 ... in float32) and
`f16([...])` (the bits of float16). `net.py show FILE.npz` prints the arrays, one a line, sorted by
name: `name f32 2x3: 0 1 2 3 4 5`.
"""

import re
import shutil
import sys
from pathlib import Path

import numpy as np


def ramp(*shape: int) -> np.ndarray:
    """0, 1, 2, ... in the given shape."""
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)


def make(test: Path, folder: Path) -> None:
    """Writes the network of a test and its weights into a folder."""
    text = test.read_text()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "net.mlir").write_text(text)
    names = {"ramp": ramp, "np": np, "f16": lambda values: np.asarray(values, np.float16).view(np.uint16)}
    weights = {}
    for name, expression in re.findall(r"^// WEIGHT (\S+) = (.+)$", text, re.MULTILINE):
        value = np.asarray(eval(expression, names))  # the tests are ours
        weights[name] = value.astype(np.float32) if value.dtype in (np.float64, np.int64) else value
    file = re.search(r'module\.weight_file = "([^"]+)"', text)
    if file and weights:
        np.savez(folder / file.group(1), **weights)


def show(path: Path) -> None:
    """Prints the arrays of a weight file."""
    with np.load(path) as arrays:
        for name in sorted(arrays.files):
            value = arrays[name]
            shape = "x".join(map(str, value.shape)) or "scalar"
            kind = f"{value.dtype.kind}{8 * value.dtype.itemsize}"
            print(f"{name} {kind} {shape}:", *(f"{x:g}" for x in value.reshape(-1).tolist()))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    {"make": make, "show": show}[command](*map(Path, arguments))
