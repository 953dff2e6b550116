"""Normalizations of the Top dialect against PyTorch, and NumPy where PyTorch has no such function.

Sums are taken in double here and in f32 there; normalized values are of the order of 1, so that 2e-5 covers the
difference of f32 sums of a few thousand terms.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
sys.path.insert(0, str(Path(__file__).resolve().parent))

from one_op import evaluate, flag  # noqa: E402
from tpu_mlir._tpu_mlir import MLIRError  # noqa: E402

TOLERANCE = {"rtol": 2e-5, "atol": 2e-5}
SHAPES = [(2, 6), (1, 12, 5), (3, 6, 4, 7), (2, 12, 3, 2, 5), (1, 24, 40, 33)]


def normal(seed: int, *shape: int) -> np.ndarray:
    return (1 + 2 * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def parameters(channels: int, given: str) -> tuple[np.ndarray | None, np.ndarray | None]:
    return normal(1, channels) if "w" in given else None, normal(2, channels) if "b" in given else None


def tensor(values: np.ndarray | None):
    return None if values is None else torch.from_numpy(values)


@pytest.mark.parametrize("given", ["", "w", "b", "wb"])
@pytest.mark.parametrize("groups", [1, 2, 6])
@pytest.mark.parametrize("shape", SHAPES)
def test_group_norm(shape: tuple[int, ...], groups: int, given: str) -> None:
    x = normal(0, *shape)
    weight, bias = parameters(shape[1], given)
    expected = torch.nn.functional.group_norm(torch.from_numpy(x), groups, tensor(weight), tensor(bias), 1e-3)
    shaped = None if weight is None else weight.reshape(1, -1, *[1] * (len(shape) - 2))
    found = evaluate("GroupNorm", [x, shaped, bias], f"num_groups = {groups} : i64, eps = 1.0e-3 : f64", [shape])[0]
    np.testing.assert_allclose(found, expected.numpy(), **TOLERANCE)


@pytest.mark.parametrize("given", ["", "wb"])
@pytest.mark.parametrize("shape", SHAPES[1:])
def test_instance_norm(shape: tuple[int, ...], given: str) -> None:
    x = normal(0, *shape)
    weight, bias = parameters(shape[1], given)
    expected = torch.nn.functional.instance_norm(
        torch.from_numpy(x), weight=tensor(weight), bias=tensor(bias), eps=1e-2
    )
    found = evaluate("InstanceNorm", [x, weight, bias], "eps = 1.0e-2 : f64", [shape])[0]
    np.testing.assert_allclose(found, expected.numpy(), **TOLERANCE)


@pytest.mark.parametrize("given", ["", "w"])
@pytest.mark.parametrize("shape", [(7,), *SHAPES])
def test_rms_norm(shape: tuple[int, ...], given: str) -> None:
    x = normal(0, *shape)
    gamma = parameters(shape[-1], given)[0]
    expected = torch.nn.functional.rms_norm(torch.from_numpy(x), shape[-1:], tensor(gamma), 1e-3)
    found = evaluate("RMSNorm", [x, gamma], "eps = 1.0e-3 : f64", [shape])[0]
    np.testing.assert_allclose(found, expected.numpy(), **TOLERANCE)


@pytest.mark.parametrize("given", ["", "w", "b", "wb"])
@pytest.mark.parametrize("shape", SHAPES)
def test_pixel_norm(shape: tuple[int, ...], given: str) -> None:
    """A layer normalization whose axis is the second one."""
    x = normal(0, *shape)
    weight, bias = parameters(shape[1], given)
    moved = torch.from_numpy(np.moveaxis(x, 1, -1).copy())
    expected = torch.nn.functional.layer_norm(moved, shape[1:2], tensor(weight), tensor(bias), 1e-3)
    found = evaluate("PixelNorm", [x, weight, bias], "eps = 1.0e-3 : f64", [shape])[0]
    np.testing.assert_allclose(found, np.moveaxis(expected.numpy(), -1, 1), **TOLERANCE)


@pytest.mark.parametrize("size", [1, 3, 5, 9, 100])
@pytest.mark.parametrize("shape", SHAPES[1:])
def test_lrn_of_odd_size(shape: tuple[int, ...], size: int) -> None:
    x = normal(0, *shape)
    expected = torch.nn.functional.local_response_norm(torch.from_numpy(x), size, 0.3, 0.6, 1.5)
    attributes = f"size = {size} : i64, alpha = 0.3 : f64, beta = 0.6 : f64, bias = 1.5 : f64"
    if size % 2 == 0:
        expected = local_response(x, size, 0.3, 0.6, 1.5)
    found = evaluate("LRN", [x], attributes, [shape])[0]
    np.testing.assert_allclose(found, np.asarray(expected), **TOLERANCE)


def local_response(x: np.ndarray, size: int, alpha: float, beta: float, bias: float) -> np.ndarray:
    """ONNX's window: one more channel behind than before where the size is even."""
    sums = np.zeros(x.shape)
    for c in range(x.shape[1]):
        window = x[:, max(0, c - (size - 1) // 2) : c + size // 2 + 1].astype(float)
        sums[:, c] = (window**2).sum(1)
    return x / (bias + alpha / size * sums) ** beta


@pytest.mark.parametrize("size", [2, 4, 2**62])
def test_lrn_of_even_size(size: int) -> None:
    x = normal(0, 2, 7, 5, 3)
    found = evaluate("LRN", [x], f"size = {size} : i64, alpha = 0.7 : f64", [x.shape])[0]
    np.testing.assert_allclose(found, local_response(x, size, 0.7, 0.75, 1.0), **TOLERANCE)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_normalize(shape: tuple[int, ...], across: bool, shared: bool) -> None:
    x = normal(0, *shape)
    x[0, ..., 0] = 0  # a vector of zeros stays one
    scale = normal(1, 1 if shared else shape[1])
    axes = tuple(range(1, len(shape))) if across else (1,)
    norm = np.sqrt((x.astype(float) ** 2).sum(axes, keepdims=True) + 1e-10)
    expected = x / norm * scale.reshape(1, -1, *[1] * (len(shape) - 2))
    attributes = f"across_spatial = {flag(across)}, channel_shared = {flag(shared)}"
    found = evaluate("Normalize", [x, scale], attributes, [shape])[0]
    np.testing.assert_allclose(found, expected, **TOLERANCE)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("correction", [0.0, 1.0, 2.5])
@pytest.mark.parametrize("axes", [(), (0,), (-1,), (2, 1), (0, 2), (1, -1), (0, 1, 2, 3)])
def test_variance(axes: tuple[int, ...], correction: float, keep: bool) -> None:
    x = normal(0, 3, 6, 4, 7)
    expected = torch.var(torch.from_numpy(x), dim=axes or None, correction=correction, keepdim=keep).numpy()
    attributes = f"reduce_list = {list(axes)}, correction = {correction} : f64, keep_dims = {flag(keep)}"
    shape = expected.shape or (1,)
    found = evaluate("Variance", [x], attributes, [shape])[0]
    np.testing.assert_allclose(found, expected.reshape(shape), rtol=2e-5, atol=1e-5)


def test_a_variance_without_degrees_of_freedom_is_no_number() -> None:
    found = evaluate("Variance", [normal(0, 3, 1)], "reduce_list = [1], correction = 1.0 : f64", [(3,)])[0]
    assert not np.isfinite(found).any()


@pytest.mark.parametrize(
    ("op", "attributes", "message"),
    [
        ("GroupNorm", "num_groups = -9223372036854775808 : i64, eps = 1.0 : f64", "cannot split 6 channels"),
        ("GroupNorm", "num_groups = 4611686018427387904 : i64, eps = 1.0 : f64", "cannot split 6 channels"),
        ("GroupNorm", "num_groups = 2 : i64, eps = 0x7FF8000000000000 : f64", "eps must not be negative"),
        ("InstanceNorm", "eps = -1.0 : f64", "eps must not be negative"),
        ("PixelNorm", "eps = 0xFFF0000000000000 : f64", "eps must not be negative"),
    ],
)
def test_bad_attributes_are_refused(op: str, attributes: str, message: str) -> None:
    x = normal(0, 2, 6, 3)
    with pytest.raises(MLIRError, match=message):
        evaluate(op, [x, None, None], attributes, [x.shape])
