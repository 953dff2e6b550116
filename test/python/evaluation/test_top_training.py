"""The ops of training against PyTorch's autograd and its native functions.

Sums of a few thousand f32 values of the order of 1, in double here and in f32 there: 1e-4 of their magnitude.
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

TOLERANCE = {"rtol": 1e-4, "atol": 1e-4}
SHAPES = [(5, 3), (2, 6, 7), (3, 4, 5, 6), (2, 2, 3, 4, 5)]


def normal(seed: int, *shape: int) -> np.ndarray:
    return (0.5 + np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def tensor(values: np.ndarray | None):
    return None if values is None else torch.from_numpy(values.copy())


def compare(found, expected) -> None:
    for value, wanted in zip(found, expected, strict=True):
        if value is not None:
            np.testing.assert_allclose(value.reshape(-1), wanted.detach().numpy().reshape(-1), **TOLERANCE)


def per_channel(shape: tuple[int, ...]) -> tuple[int, ...]:
    return 1, shape[1], *[1] * (len(shape) - 2)


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm(shape: tuple[int, ...], affine: bool) -> None:
    x, mean, variance = normal(0, *shape), normal(1, shape[1]), normal(2, shape[1]) ** 2
    weight, bias = (normal(3, shape[1]), normal(4, shape[1])) if affine else (None, None)
    running = tensor(mean), tensor(variance)
    expected = torch.native_batch_norm(tensor(x), tensor(weight), tensor(bias), *running, True, 0.2, 1e-3)
    attributes = "epsilon = 1.0e-3 : f64, momentum = 0.2 : f64"
    found = evaluate(
        "BatchNormTrain", [x, mean, variance, weight, bias], attributes, [shape, *[per_channel(shape)] * 4]
    )
    compare(found, [*expected, *running])
    limited = evaluate(
        "BatchNormTrain",
        [x, mean, variance, weight, bias],
        attributes + ", do_relu = true",
        [shape, *[per_channel(shape)] * 4],
    )
    np.testing.assert_array_equal(limited[0], np.maximum(found[0], 0))
    np.testing.assert_array_equal(limited[1], found[1])


@pytest.mark.parametrize("shape", SHAPES)
def test_mean_rstd(shape: tuple[int, ...]) -> None:
    x, mean, variance = normal(0, *shape), normal(1, shape[1]), normal(2, shape[1]) ** 2
    weight, bias = normal(3, shape[1]), normal(4, shape[1])
    running = tensor(mean), tensor(variance)
    y, saved, rstd = torch.native_batch_norm(tensor(x), tensor(weight), tensor(bias), *running, True, 0.1, 1e-5)
    attributes = "eps = 1.0e-5 : f64, momentum = 0.1 : f64"
    found = evaluate("MeanRstd", [x, mean, variance, weight, bias], attributes, [mean.shape] * 6)
    compare(found[:4], [saved, rstd, *running])
    shaped = per_channel(shape)
    compare([x * found[4].reshape(shaped) + found[5].reshape(shaped)], [y])


@pytest.mark.parametrize("given", ["", "w", "ms", "wms"])
@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm_gradients(shape: tuple[int, ...], given: str) -> None:
    x, gradient = tensor(normal(0, *shape)).requires_grad_(), normal(1, *shape)
    weight = tensor(normal(2, shape[1])).requires_grad_()
    bias = tensor(normal(3, shape[1])).requires_grad_()
    used = weight if "w" in given else torch.ones(shape[1], requires_grad=True)
    torch.nn.functional.batch_norm(x, None, None, used, bias, True, 0.1, 1e-3).backward(tensor(gradient))
    values = x.detach().numpy()
    axes = (0, *range(2, len(shape)))
    operands = [
        gradient,
        values,
        weight.detach().numpy() if "w" in given else None,
        values.mean(axes, dtype=float).astype(np.float32) if "m" in given else None,
        (1 / np.sqrt(values.var(axes, dtype=float) + 1e-3)).astype(np.float32) if "s" in given else None,
    ]
    wanted = [shape, per_channel(shape), per_channel(shape)]
    found = evaluate("BatchNormBwd", operands, "epsilon = 1.0e-3 : f64", wanted)
    compare(found, [x.grad, used.grad, bias.grad])
    partial = evaluate("BatchNormBwd", operands, "epsilon = 1.0e-3 : f64", [shape, None, wanted[2]])
    np.testing.assert_array_equal(partial[2], found[2])


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("shape", [(2, 6, 7), (3, 4, 5, 6)])
def test_group_norm(shape: tuple[int, ...], affine: bool) -> None:
    x = normal(0, *shape)
    weight, bias = (normal(3, shape[1]), normal(4, shape[1])) if affine else (None, None)
    positions = int(np.prod(shape[2:]))
    expected = torch.native_group_norm(tensor(x), tensor(weight), tensor(bias), shape[0], shape[1], positions, 2, 1e-3)
    attributes = "num_groups = 2 : i64, eps = 1.0e-3 : f64"
    compare(evaluate("GroupNormTrain", [x, weight, bias], attributes, [shape, (shape[0], 2), (shape[0], 2)]), expected)


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("axis", [1, 2, -1])
def test_layer_norm_and_its_gradients(axis: int, affine: bool) -> None:
    shape = (3, 4, 5)
    normalized = shape[axis:]
    x, gradient = tensor(normal(0, *shape)).requires_grad_(), normal(1, *shape)
    weight = tensor(normal(2, *normalized)).requires_grad_()
    bias = tensor(normal(3, *normalized)).requires_grad_()
    if not affine:
        weight = torch.ones(normalized, requires_grad=True)
    expected = torch.native_layer_norm(x, normalized, weight, bias, 1e-3)
    blocks = (*shape[:axis], *[1] * len(normalized))
    given = [weight.detach().numpy() if affine else None, bias.detach().numpy()]
    attributes = f"normalized_shape = {list(normalized)}, axis = {axis} : si32, eps = 1.0e-3 : f64"
    found = evaluate("LayerNormTrain", [x.detach().numpy(), *given], attributes, [shape, blocks, blocks])
    compare(found, expected)
    expected[0].backward(tensor(gradient))
    operands = [gradient, x.detach().numpy(), found[1], found[2], *given]
    attributes = f"normalized_shape = {list(normalized)}"
    gradients = evaluate("LayerNormBwd", operands, attributes, [shape, normalized, normalized])
    compare(gradients, [x.grad, weight.grad, bias.grad])
    for i in range(3):
        wanted = [s if i == j else None for j, s in enumerate([shape, normalized, normalized])]
        np.testing.assert_array_equal(evaluate("LayerNormBwd", operands, attributes, wanted)[i], gradients[i])


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax_gradient(dim: int) -> None:
    x, gradient = tensor(normal(0, 3, 7, 5)).requires_grad_(), normal(1, 3, 7, 5)
    y = torch.softmax(x, dim)
    y.backward(tensor(gradient))
    found = evaluate("SoftmaxBwd", [gradient, y.detach().numpy()], f"dim = {dim} : si32", [x.shape])
    compare(found, [x.grad])


@pytest.mark.parametrize(
    ("shape", "outputs", "kernel", "stride", "padding", "dilations", "groups"),
    [
        ((2, 4, 6, 7), 8, (3, 3), (1, 1), (1, 1), (1, 1), 1),
        ((1, 6, 9, 8), 4, (3, 2), (2, 3), (0, 1), (1, 2), 2),
        ((2, 4, 11), 4, (3,), (2,), (1,), (1,), 4),
        ((1, 2, 5, 4, 6), 3, (2, 1, 3), (1, 1, 2), (1, 0, 1), (1, 1, 1), 1),
    ],
)
def test_convolution_gradients(shape, outputs, kernel, stride, padding, dilations, groups) -> None:
    x = tensor(normal(0, *shape)).requires_grad_()
    w = tensor(normal(1, outputs, shape[1] // groups, *kernel)).requires_grad_()
    b = tensor(normal(2, outputs)).requires_grad_()
    convolve = getattr(torch.nn.functional, f"conv{len(kernel)}d")
    y = convolve(x, w, b, stride, padding, dilations, groups)
    gradient = normal(3, *y.shape)
    y.backward(tensor(gradient))
    common = (
        f"groups = {groups} : i64, input_shape = {list(shape)}, grad_out_shape = {list(y.shape)}, kernel_shape = "
        f"{list(w.shape)}, stride = {list(stride)}, dilations = {list(dilations)}, padding = {list(padding * 2)}"
    )
    operands = [gradient, x.detach().numpy(), w.detach().numpy()]
    shapes = [shape, tuple(w.shape), (outputs,)]
    for wanted in ((True, True, True), (True, False, False), (False, True, True)):
        attributes = (
            common
            + ", inserts = [], "
            + ", ".join(
                f"grad_{name}_enable = {flag(on)}" for name, on in zip(("input", "weight", "bias"), wanted, strict=True)
            )
        )
        results = [s if on else None for s, on in zip(shapes, wanted, strict=True)]
        compare(evaluate("Convbwd", operands, attributes, results), [x.grad, w.grad, b.grad])
    operands = [x.detach().numpy(), gradient, gradient.swapaxes(0, 1).copy()]
    found = evaluate("ConvBwd_Weight", operands, common + ", grad_bias_enable = false", [shapes[1]])
    compare(found, [w.grad])


@pytest.mark.parametrize(
    ("shape", "kernel", "strides", "pads"),
    [((2, 3, 8, 10), (2, 2), (2, 2), (0, 0)), ((1, 2, 9, 7), (3, 3), (1, 2), (1, 1)), ((2, 1, 12), (3,), (2,), (1,))],
)
def test_max_pooling_gradient(shape, kernel, strides, pads) -> None:
    x = tensor(normal(0, *shape)).requires_grad_()
    pool = getattr(torch.nn.functional, f"max_pool{len(kernel)}d")
    y, where = pool(x, kernel, strides, pads, return_indices=True)
    gradient = normal(1, *y.shape)
    y.backward(tensor(gradient))
    attributes = (
        f"kernel_shape = {list(kernel)}, strides = {list(strides)}, pads = {list(pads * 2)}, "
        f"dilations = {[1] * len(kernel)}, input_shape = {list(shape)}"
    )
    found = evaluate("MaxPoolingIndicesBwd", [gradient, where.numpy().astype(np.float32)], attributes, [shape])
    compare(found, [x.grad])


@pytest.mark.parametrize("index", [-1.0, 16.0, np.nan, -np.inf])
def test_an_index_outside_of_the_plane_is_refused(index: float) -> None:
    indices = np.zeros((1, 1, 2, 2), np.float32)
    indices[0, 0, 1, 0] = index
    attributes = (
        "kernel_shape = [2, 2], strides = [2, 2], pads = [0, 0, 0, 0], dilations = [1, 1], input_shape = [1, 1, 4, 4]"
    )
    with pytest.raises(MLIRError, match="for planes of 16 values"):
        evaluate("MaxPoolingIndicesBwd", [np.ones((1, 1, 2, 2), np.float32), indices], attributes, [(1, 1, 4, 4)])
