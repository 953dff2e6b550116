"""Operators that are written with others while a network is recorded, against PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812
from torch_models import EXPORT, SCRIPT, Function, check, convert, integers, kinds, normal, save  # noqa: E402
from tpu_mlir.frontend.errors import FrontendError  # noqa: E402
from tpu_mlir.frontend.torch import registry  # noqa: E402

KINDS = pytest.mark.parametrize("kind", [SCRIPT, EXPORT])
TOKENS = normal(2, 5, 16)
PADDED = torch.tensor([[False] * 5, [False] * 3 + [True] * 2])


@pytest.fixture(autouse=True)
def _inference() -> Iterator[None]:
    """As users export; with gradients PyTorch does not take its fused operators."""
    torch.manual_seed(4)
    with torch.no_grad():
        yield


@KINDS
@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_a_layer_of_a_transformer(kind: str, norm_first: bool, activation: str) -> None:
    options = {"norm_first": norm_first, "activation": activation, "layer_norm_eps": 1e-3}
    converted = check(nn.TransformerEncoderLayer(16, 4, 32, batch_first=True, **options), TOKENS, through=(kind,))
    found = kinds(converted)
    assert (found.count("LayerNorm"), found.count("Softmax")) == (2, 1)


def test_a_traced_layer_is_one_fused_operator(tmp_path: Path) -> None:
    """So that the tests above mean what they say."""
    layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True).eval()
    graph = torch.jit.load(str(save(layer, [TOKENS], SCRIPT, tmp_path))).inlined_graph
    assert "aten::_transformer_encoder_layer_fwd" in str(graph)


@KINDS
def test_a_layer_with_padding(kind: str) -> None:
    layer = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
    function = Function(lambda x, layer, mask: layer(x, src_key_padding_mask=mask), layer=layer, mask=PADDED)
    check(function, TOKENS, through=(kind,))


@KINDS
@pytest.mark.parametrize("average", [False, True])
def test_attention_with_its_weights(kind: str, average: bool) -> None:
    attention = nn.MultiheadAttention(16, 4, batch_first=True)
    function = Function(lambda x, part: part(x, x, x, average_attn_weights=average), part=attention)
    check(function, TOKENS, through=(kind,))


@KINDS
@pytest.mark.parametrize("mask", [None, PADDED, torch.ones(5, 5).triu(1).bool()])
def test_masks_of_attention(kind: str, mask: torch.Tensor | None) -> None:
    attention = nn.MultiheadAttention(16, 4, batch_first=True)
    nn.init.normal_(attention.in_proj_bias)
    mask_type = None if mask is None else int(mask.shape == (2, 5))

    def function(x: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
        return torch._native_multi_head_attention(x, x, x, 16, 4, *weights, mask, False, True, mask_type)[0]

    names = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]
    check(
        Function(function, **{f"w{i}": attention.get_parameter(name).detach() for i, name in enumerate(names)}),
        TOKENS,
        through=(kind,),
    )


def matrices(size: int) -> torch.Tensor:
    """Some that have an inverse."""
    return 2 * torch.eye(size) + 0.3 * normal(2, size, size)


def _distance(p: float) -> Callable[..., torch.Tensor]:
    return lambda a, b: torch.cdist(a, b, p=p)


POINTS = normal(2, 3, 5), normal(2, 4, 5)
VALUES = normal(3, 5)
CASES: dict[str, tuple[Any, ...]] = {
    "cumprod": (lambda x: torch.cumprod(x, 1), VALUES),
    "cumprod_integers": (lambda x: torch.cumprod(x, -1), integers(2, 5)),
    "cummax": (lambda x: tuple(torch.cummax(x, 1)), integers(3, 9).float()),
    "cummin": (lambda x: tuple(torch.cummin(x, -2)), VALUES),
    "logcumsumexp": (lambda x: torch.logcumsumexp(x * 50, 0), VALUES),
    "kthvalue": (lambda x: tuple(torch.kthvalue(x, 2, 1, keepdim=True)), VALUES),
    "median": (torch.median, normal(4, 5)),
    "median_along": (lambda x: tuple(torch.median(x, 0)), normal(4, 5)),
    "addbmm": (lambda a, b, c: torch.addbmm(a, b, c, beta=0.5, alpha=2), VALUES, normal(4, 3, 6), normal(4, 6, 5)),
    "bilinear": (nn.Bilinear(3, 4, 5), normal(2, 6, 3), normal(2, 6, 4)),
    **{f"cdist_{p}": (_distance(p), *POINTS) for p in (0.0, 1.0, 2.0, 3.0, math.inf)},
    **{f"det_{size}": (torch.det, matrices(size)) for size in (3, 4)},
    "inverse_3": (torch.linalg.inv, matrices(3)),
    "inverse_4": (torch.inverse, matrices(4)),
    "rrelu": (nn.RReLU(), VALUES),
}


@KINDS
@pytest.mark.parametrize("name", CASES)
def test_values(name: str, kind: str) -> None:
    function, *inputs = CASES[name]
    check(function, *inputs, through=(kind,))


@KINDS
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags_of_embeddings(mode: str, kind: str) -> None:
    check(nn.EmbeddingBag(9, 5, mode=mode), integers(3, 4, high=9), through=(kind,))


def test_bags_with_factors() -> None:
    function = Function(lambda i, w, bag: bag(i, per_sample_weights=w), bag=nn.EmbeddingBag(9, 5, mode="sum"))
    check(function, integers(3, 4, high=9), normal(3, 4), through=(EXPORT,))


@pytest.mark.parametrize(
    ("options", "offsets", "said"),
    [({}, [0, 3], "only bags of one size"), ({"padding_idx": 2}, [0, 4], "leaves out an index")],
)
def test_bags_of_other_sizes_are_refused(options: dict[str, int], offsets: list[int], said: str) -> None:
    function = Function(lambda i, bag, o: bag(i, o), bag=nn.EmbeddingBag(9, 5, **options), o=torch.tensor(offsets))
    with pytest.raises(FrontendError, match=said):
        convert(function.eval(), [integers(8, high=9)], EXPORT)


def test_unpooling() -> None:
    check(lambda x: F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2), normal(2, 3, 4, 6), through=(EXPORT,))


@KINDS
@pytest.mark.parametrize(
    ("function", "inputs", "said"),
    [
        (torch.inverse, (matrices(5),), r"operator aten\.linalg_inv_ex\.default"),
        (torch.det, (matrices(5),), r"operator aten\._linalg_det\.default"),
        (torch.linalg.solve, (matrices(3), normal(2, 3, 1)), "'token' is no tensor"),
    ],
)
def test_other_matrices_are_refused(kind: str, function: Any, inputs: tuple[torch.Tensor, ...], said: str) -> None:
    with pytest.raises(FrontendError, match=said):
        convert(Function(function), inputs, kind)


@pytest.mark.parametrize("error", [KeyError("axis"), IndexError("list index out of range"), ValueError("odd")])
def test_an_exception_of_a_converter_is_a_refusal(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(call: object) -> None:
        raise error

    monkeypatch.setitem(registry._TABLE, "aten.relu", fail)
    with pytest.raises(FrontendError, match=rf"operator aten\.relu\.default.*{type(error).__name__}"):
        convert(nn.ReLU(), [VALUES], EXPORT)
