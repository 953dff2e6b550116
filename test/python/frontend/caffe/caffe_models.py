"""Small Caffe models for the front-end tests, and their comparison with OpenCV or with NumPy."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tpu_mlir import pipelines
from tpu_mlir.evaluation import ModuleInterpreter
from tpu_mlir.frontend.caffe import ConvertedModel, convert_caffe
from tpu_mlir.frontend.caffe.schema import BINARY_CLASSES
from tpu_mlir.frontend.caffe.source import parse
from tpu_mlir.reference import caffe_tensors

Arrays = Mapping[str, np.ndarray]


def values(*shape: int, seed: int = 0, low: float = -2, high: float = 2) -> np.ndarray:
    return np.random.default_rng(seed + sum(shape)).uniform(low, high, shape).astype(np.float32)


class Net:
    """A description and its weights under construction. inputs: name -> shape."""

    def __init__(self, **inputs: Sequence[int]) -> None:
        self.text = 'name: "net"\n'
        self.weights = BINARY_CLASSES["Net"](name="net")
        self.shapes = {name: tuple(shape) for name, shape in inputs.items()}
        for name, shape in inputs.items():
            dims = " ".join(f"dim: {size}" for size in shape)
            self.text += f'input: "{name}" input_shape {{ {dims} }}\n'

    def layer(
        self, kind: str, bottoms: str, tops: str, more: str = "", blobs: Sequence[np.ndarray] = (), name: str = ""
    ) -> Net:
        """Adds a layer; blob names are separated by blanks, the name is that of the first top."""
        name = name or tops.split()[0]
        ends = [f'bottom: "{blob}"' for blob in bottoms.split()] + [f'top: "{blob}"' for blob in tops.split()]
        self.text += f'layer {{ name: "{name}" type: "{kind}" {" ".join(ends)} {more} }}\n'
        if blobs:
            add_blobs(self.weights.layer.add(name=name, type=kind), blobs)
        return self

    def data(self) -> bytes:
        """The .caffemodel."""
        return bytes(self.weights.SerializeToString())

    def save(self, folder: Path) -> tuple[Path, Path | None]:
        """Writes net.prototxt, and net.caffemodel when there are weights."""
        description, weights = folder / "net.prototxt", folder / "net.caffemodel"
        description.write_text(self.text)
        if not self.data() or not (self.weights.layer or self.weights.layers):
            return description, None
        weights.write_bytes(self.data())
        return description, weights

    def convert(self, **options: Any) -> ConvertedModel:
        has_weights = self.weights.layer or self.weights.layers
        graph = parse(self.text.encode(), self.data() if has_weights else None, "net.prototxt")
        return convert_caffe(graph, "net", directory=None, **options)

    def inputs(self, seed: int = 0) -> dict[str, np.ndarray]:
        """Random inputs."""
        return {
            name: values(*shape, seed=seed + 31 * number) for number, (name, shape) in enumerate(self.shapes.items())
        }


def add_blobs(layer: Any, blobs: Sequence[np.ndarray], legacy: bool = False) -> None:
    """Stores weights, in the four sizes of old files if ``legacy``."""
    for blob in blobs:
        message = layer.blobs.add(data=blob.reshape(-1).tolist())
        if legacy:
            sizes = (1,) * (4 - blob.ndim) + blob.shape
            message.num, message.channels, message.height, message.width = sizes
        else:
            message.shape.dim.extend(blob.shape)


def kinds(converted: ConvertedModel) -> list[str]:
    """The Top ops in order, without inputs and weights."""
    found: list[str] = []
    converted.module().operation.walk(lambda op: found.append(op.name) if op.name.startswith("top.") else None)
    return [name[4:] for name in found if name not in ("top.Input", "top.Weight", "top.None")]


def evaluate(converted: ConvertedModel, inputs: Arrays, canonical: bool = True) -> dict[str, np.ndarray]:
    """All tensors of the Top module."""
    module = converted.module()
    pipelines.run(module, pipelines.TRANSFORM if canonical else ("shape-infer",))
    feeds = {name: inputs[name] for name in converted.inputs}
    return dict(ModuleInterpreter(module).run(feeds, every_tensor=True).values)


def check(
    net: Net, expected: Arrays | None = None, tolerance: float = 2e-5, seed: int = 0, **options: Any
) -> ConvertedModel:
    """Converts, evaluates before and after optimization, and compares every output.

    expected: blob -> value; without it OpenCV runs the network, and what it has of other tensors is compared too.
    tolerance: relative to the largest value.
    """
    inputs = net.inputs(seed)
    found: Arrays = {}
    for canonical in (False, True):
        converted = net.convert(**options)
        if expected is None:
            pytest.importorskip("cv2", reason="the reference run needs OpenCV")
            with tempfile.TemporaryDirectory() as folder:
                found = caffe_tensors(*net.save(Path(folder)), inputs, converted)
            expected = {blob: found[top] for blob, top in converted.outputs.items()}
        computed = evaluate(converted, inputs, canonical)
        for top, want in found.items():
            if top in computed:
                allowed = tolerance * max(1.0, float(np.abs(want).max()))
                np.testing.assert_allclose(computed[top], want, rtol=0, atol=allowed, err_msg=top)
        assert set(expected) == set(converted.outputs)
        for blob, top in converted.outputs.items():
            want, got = expected[blob], computed[top]
            assert got.shape == (want.shape or (1,)), f"{blob}: {got.shape} for {want.shape}"
            allowed = tolerance * max(1.0, float(np.abs(want).max()))
            np.testing.assert_allclose(got.reshape(want.shape), want, rtol=0, atol=allowed, err_msg=blob)
    return converted
