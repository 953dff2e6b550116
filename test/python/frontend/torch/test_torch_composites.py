"""Operators that are written with others while a network is recorded, against PyTorch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("tpu_mlir._tpu_mlir", reason="the compiler is not built")

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch_models import EXPORT, SCRIPT, Function, check, kinds, normal, save  # noqa: E402

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


def test_a_traced_layer_is_one_fused_operator(tmp_path) -> None:
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
