"""Makes a large ONNX network with external data, transforms it and measures time and peak memory.

    python regression/large_onnx.py [--size 1024] [--element float32] [--folder DIR] [--json FILE]

The network is a chain of what large networks consist of: matrix products, fully connected layers with a transposed
matrix and a bias, layer normalization, activations. Weights are written block by block, so that making it costs no
memory. `model_transform.py` runs in a process of its own. Its peak is ru_maxrss: everything resident, mapped
pages of the file included. The exit status is 0 when the peak is at most 1.5 GiB above the size of the network's files
and the time at most 60 s per GiB of them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper

MIB = 1 << 20
MEMORY_ABOVE_FILE_MIB = 1536
SECONDS_PER_GIB = 60
ELEMENTS = {"float32": (TensorProto.FLOAT, np.dtype("<f4")), "float16": (TensorProto.FLOAT16, np.dtype("<f2"))}


@dataclass(frozen=True)
class Measured:
    """One run. Sizes in MiB, resident memory of the whole process at its peak."""

    file_mib: float
    peak_mib: float
    seconds: float
    allowed_mib: float
    allowed_seconds: float

    @property
    def passed(self) -> bool:
        """Whether both limits hold."""
        return self.peak_mib <= self.allowed_mib and self.seconds <= self.allowed_seconds


class _Writer:
    """Collects initializers whose data go to the external file at once."""

    def __init__(self, file: Path, element: str) -> None:
        self._stream = file.open("wb")
        self._location = file.name
        self._type, self._dtype = ELEMENTS[element]
        self._random = np.random.default_rng(0)
        self.initializers: list[TensorProto] = []

    def add(self, name: str, *shape: int) -> str:
        """An initializer with small random values; gives its name."""
        offset = self._stream.tell()
        count = int(np.prod(shape))
        # Repeating a block costs little time; values need not differ for this measurement.
        block = (self._random.standard_normal(min(count, 1 << 18)) * 0.02).astype(self._dtype)
        for first in range(0, count, block.size):
            self._stream.write(block[: min(block.size, count - first)].data)
        tensor = TensorProto(name=name, data_type=self._type, dims=shape, data_location=TensorProto.EXTERNAL)
        for key, value in (
            ("location", self._location),
            ("offset", str(offset)),
            ("length", str(count * self._dtype.itemsize)),
        ):
            tensor.external_data.add(key=key, value=value)
        self.initializers.append(tensor)
        return name

    def close(self) -> int:
        """Ends the file; gives its size."""
        size = self._stream.tell()
        self._stream.close()
        return size


def make_network(folder: Path, mib: int, element: str = "float32") -> Path:
    """Writes large.onnx and large.data of about ``mib`` MiB; gives the path of the first."""
    element_type, dtype = ELEMENTS[element]
    width, tokens = (2048, 16) if mib >= 256 else (256, 4)
    writer = _Writer(folder / "large.data", element)
    inner = 4 * width
    block_bytes = 2 * width * inner * dtype.itemsize
    blocks = max(1, mib * MIB // block_bytes)
    nodes = [node for index in range(blocks) for node in _block(writer, index, width, inner)]
    out = f"x{blocks}"
    graph = helper.make_graph(
        nodes,
        "large",
        [helper.make_tensor_value_info("x0", element_type, [tokens, width])],
        [helper.make_tensor_value_info(out, element_type, [tokens, width])],
        writer.initializers,
    )
    path = folder / "large.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    writer.close()
    return path


def _block(writer: _Writer, index: int, width: int, inner: int) -> list[NodeProto]:
    """Normalization, a product that widens, an activation and a fully connected layer that narrows, with a shortcut."""
    p = f"b{index}_"
    return [
        helper.make_node(
            "LayerNormalization", [f"x{index}", writer.add(p + "g", width), writer.add(p + "b", width)], [p + "norm"]
        ),
        helper.make_node("MatMul", [p + "norm", writer.add(p + "up", width, inner)], [p + "wide"]),
        helper.make_node("Relu", [p + "wide"], [p + "act"]),
        helper.make_node(
            "Gemm",
            [p + "act", writer.add(p + "down", width, inner), writer.add(p + "bias", width)],
            [p + "narrow"],
            transB=1,
        ),
        helper.make_node("Add", [p + "narrow", f"x{index}"], [f"x{index + 1}"]),
    ]


def measure(model: Path, folder: Path) -> Measured:
    """Transforms the network in a child process. RuntimeError when that fails."""
    size = sum(path.stat().st_size for path in (model, model.with_suffix(".data"))) / MIB
    command = [sys.executable, "-m", "tpu_mlir.cli.model_transform", "--model_name", "large"]
    command += ["--model_def", str(model), "--mlir", str(folder / "large.mlir")]
    begin = time.monotonic()
    child = os.posix_spawn(sys.executable, command, os.environ)
    _, status, usage = os.wait4(child, 0)
    seconds = time.monotonic() - begin
    if status != 0:
        raise RuntimeError(f"model_transform failed with status {status}")
    return Measured(
        round(size, 1),
        round(usage.ru_maxrss / 1024, 1),
        round(seconds, 1),
        round(size + MEMORY_ABOVE_FILE_MIB, 1),
        round(max(size / 1024, 1) * SECONDS_PER_GIB, 1),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1024, help="MiB of weights")
    parser.add_argument("--element", choices=sorted(ELEMENTS), default="float32", help="element type of the weights")
    parser.add_argument("--folder", type=Path, help="where files are made and stay; a temporary one by default")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(dir=args.folder) as temporary:
        folder = args.folder or Path(temporary)
        measured = measure(make_network(folder, args.size, args.element), folder)
    print(
        f"{measured.file_mib:.0f} MiB of {args.element}: peak {measured.peak_mib:.0f} MiB "
        f"(allowed {measured.allowed_mib:.0f}), {measured.seconds:.1f} s (allowed {measured.allowed_seconds:.0f})"
    )
    if args.json:
        args.json.write_text(json.dumps(asdict(measured), indent=1) + "\n", encoding="utf-8")
    return 0 if measured.passed else 1


if __name__ == "__main__":
    sys.exit(main())
