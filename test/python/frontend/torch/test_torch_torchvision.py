"""Operators of torchvision. Where it is not installed, they are defined here by their published meaning."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import torch  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812
from torch_models import EXPORT, SCRIPT, check, kinds, normal, uniform  # noqa: E402


def deform_conv2d(
    x, weight, offset, mask, bias, stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups, parts, use_mask
):  # type: ignore[no-untyped-def]  # the operator's own parameters
    batch, channels, height, width = x.shape
    rows, columns = weight.shape[2:]
    taps, (high, wide) = rows * columns, offset.shape[2:]
    size = channels // parts
    patches = x.new_zeros(batch, channels, taps, high, wide)
    for tap in range(taps):
        for part in range(parts):
            place = part * taps + tap
            down = torch.arange(high)[:, None] * stride_h - pad_h + tap // columns * dilation_h + offset[:, 2 * place]
            right = torch.arange(wide) * stride_w - pad_w + tap % columns * dilation_w + offset[:, 2 * place + 1]
            grid = torch.stack([2 * right / (width - 1) - 1, 2 * down / (height - 1) - 1], -1)
            chosen = slice(part * size, (part + 1) * size)
            sampled = F.grid_sample(x[:, chosen], grid, align_corners=True)
            patches[:, chosen, tap] = sampled * (mask[:, place, None] if use_mask else 1)
    grouped = patches.reshape(batch, groups, -1, high * wide)
    filters = weight.reshape(groups, weight.shape[0] // groups, -1)
    return torch.einsum("gok,bgkp->bgop", filters, grouped).reshape(batch, -1, high, wide) + bias[:, None, None]


def roi_align(x, rois, scale, high, wide, ratio, aligned):  # type: ignore[no-untyped-def]
    result = x.new_zeros(rois.shape[0], x.shape[1], high, wide)
    for number, (image, *corners) in enumerate(rois.tolist()):
        left, top, right, bottom = (corner * scale - 0.5 * aligned for corner in corners)
        least = 0.0 if aligned else 1.0
        cell_h, cell_w = max(bottom - top, least) / high, max(right - left, least) / wide
        count_h, count_w = ratio if ratio > 0 else math.ceil(cell_h), ratio if ratio > 0 else math.ceil(cell_w)
        for row in range(high):
            for column in range(wide):
                for i in range(count_h):
                    for j in range(count_w):
                        y = top + cell_h * (row + (i + 0.5) / count_h)
                        at = left + cell_w * (column + (j + 0.5) / count_w)
                        result[number, :, row, column] += sample(x[int(image)], y, at) / (count_h * count_w)
    return result


def sample(x: torch.Tensor, y: float, at: float) -> torch.Tensor:
    height, width = x.shape[1:]
    if not (-1 <= y <= height and -1 <= at <= width):
        return x.new_zeros(x.shape[0])
    y, at = min(max(y, 0), height - 1), min(max(at, 0), width - 1)
    low, first = int(y), int(at)
    high, second = min(low + 1, height - 1), min(first + 1, width - 1)
    upper = x[:, low, first] * (1 - at + first) + x[:, low, second] * (at - first)
    lower = x[:, high, first] * (1 - at + first) + x[:, high, second] * (at - first)
    return upper * (1 - y + low) + lower * (y - low)


def define() -> torch.library.Library | None:
    """The operators, unless torchvision brings them. They exist as long as what is returned."""
    try:
        import torchvision  # noqa: F401

        return None
    except ImportError:
        library = torch.library.Library("torchvision", "FRAGMENT")
    library.define(
        "roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, "
        "int sampling_ratio, bool aligned) -> Tensor"
    )
    library.define(
        "deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, SymInt stride_h, "
        "SymInt stride_w, SymInt pad_h, SymInt pad_w, SymInt dilation_h, SymInt dilation_w, SymInt groups, "
        "SymInt offset_groups, bool use_mask) -> Tensor"
    )
    library.impl("roi_align", roi_align, "CPU")
    library.impl("deform_conv2d", deform_conv2d, "CPU")
    library.impl("roi_align", lambda x, r, s, h, w, *_: x.new_empty(r.shape[0], x.shape[1], h, w), "Meta")
    library.impl("deform_conv2d", lambda x, f, o, *_: x.new_empty(x.shape[0], f.shape[0], *o.shape[2:]), "Meta")
    return library


LIBRARY = define()


@pytest.mark.parametrize("kind", [SCRIPT, EXPORT])
@pytest.mark.parametrize("use_mask", [False, True])
def test_convolution_with_displaced_taps(kind: str, use_mask: bool) -> None:
    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(normal(6, 2, 3, 2))
            self.bias = torch.nn.Parameter(normal(6))

        def forward(self, x: torch.Tensor, offset: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            return (
                torch.ops.torchvision.deform_conv2d(
                    x, self.weight, offset, mask, self.bias, 2, 1, 1, 0, 1, 2, 2, 2, use_mask
                )
                + 0 * mask.mean()
            )

    x, offset = normal(2, 4, 8, 7), uniform(2, 24, 4, 5, low=-1.5, high=1.5)
    converted = check(Net(), x, offset, uniform(2, 12, 4, 5), through=(kind,))
    assert "DeformConv2D" in kinds(converted)


@pytest.mark.parametrize("kind", [SCRIPT, EXPORT])
@pytest.mark.parametrize(("ratio", "aligned"), [(2, True), (0, False), (-1, True), (3, False)])
def test_alignment_of_regions(kind: str, ratio: int, aligned: bool) -> None:
    rois = torch.tensor([[0.0, 1.0, 2.0, 9.0, 13.0], [1.0, -3.0, 0.0, 20.0, 6.5], [0.0, 5.0, 5.0, 5.5, 5.2]])
    converted = check(
        lambda x, r: torch.ops.torchvision.roi_align(x, r, 0.5, 3, 2, ratio, aligned),
        normal(2, 3, 8, 7),
        rois,
        through=(kind,),
    )
    assert kinds(converted) == ["RoiAlign"]
