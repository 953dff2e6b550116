"""Sampling at computed positions against PyTorch."""

from __future__ import annotations

import itertools

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812
from torch_models import EXPORT, SCRIPT, check, kinds, normal, uniform  # noqa: E402

IMAGE = normal(2, 4, 8, 6)


@pytest.mark.parametrize(
    ("mode", "padding", "corners"),
    list(itertools.product(["bilinear", "nearest"], ["zeros", "border", "reflection"], [False, True])),
)
def test_sampling_of_a_grid(mode: str, padding: str, corners: bool) -> None:
    grid = uniform(2, 5, 7, 2, low=-1.3, high=1.3)
    check(
        lambda x, g: F.grid_sample(x, g, mode=mode, padding_mode=padding, align_corners=corners),
        IMAGE,
        grid,
        through=(EXPORT,),
    )


@pytest.mark.parametrize("kind", [SCRIPT, EXPORT])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_cubic_sampling(kind: str, padding: str) -> None:
    corners = padding == "border"
    check(
        lambda x, g: F.grid_sample(x, g, mode="bicubic", padding_mode=padding, align_corners=corners),
        IMAGE,
        uniform(2, 3, 4, 2, low=-1.3, high=1.3),
        through=(kind,),
    )


@pytest.mark.parametrize("kind", [SCRIPT, EXPORT])
def test_sampling_of_volumes(kind: str) -> None:
    grid = uniform(1, 2, 3, 4, 3, low=-1.2, high=1.2)
    check(lambda x, g: F.grid_sample(x, g, align_corners=False), normal(1, 2, 4, 5, 6), grid, through=(kind,))


def test_positions_of_maxima() -> None:
    converted = check(nn.MaxPool2d(2, return_indices=True), IMAGE)
    assert kinds(converted) == ["MaxPoolWithMask"]
