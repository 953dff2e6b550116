"""Attention operators of onnxruntime, written with the standard's Attention and RotaryEmbedding."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from onnx import helper

from .microsoft import Contribution, contributed

_LOWEST = -3.0e38
"""Stands for minus infinity where a query sees a key that comes later."""


class _Heads(NamedTuple):
    """Sizes: of the batch, the queries, the keys (those of the past included)."""

    batch: int
    queries: int
    keys: int


def _count(w: Contribution) -> int:
    heads = int(w.attr("num_heads", 0))
    if heads < 1:
        w.refuse(f"its attribute num_heads = {heads} is not positive")
    return heads


def _split_heads(w: Contribution, x: str, heads: int) -> str:
    """[batch, tokens, heads * size] to [batch, heads, tokens, size]."""
    return w.step("Transpose", [w.step("Reshape", [x, w.ints(0, 0, heads, -1)])], perm=[0, 2, 1, 3])


def _attend(w: Contribution, parts: list[str], bias: str, scale: float, causal_past: int | None, sizes: _Heads) -> None:
    """softmax(scale Q K^T + bias) V of heads, which are joined again. causal_past: keys before the first query."""
    query, key, value = parts
    scores = w.step("MatMul", [query, w.step("Transpose", [key], perm=[0, 1, 3, 2])])
    scores = w.step("Mul", [scores, w.number(scale)])
    if bias:
        scores = w.step("Add", [scores, bias])
    if causal_past is not None:
        rows, columns = np.arange(sizes.queries)[:, None], np.arange(sizes.keys)[None, :]
        seen = columns <= rows + causal_past
        hidden = w.number(_LOWEST)
        scores = w.step("Where", [w.constant(seen.reshape(1, 1, *seen.shape)), scores, hidden])
    product = w.step("MatMul", [w.step("Softmax", [scores], axis=-1), value])
    w.finish("Reshape", [w.step("Transpose", [product], perm=[0, 2, 1, 3]), w.ints(0, 0, -1)])


def _key_mask(w: Contribution, index: int, sizes: _Heads) -> str:
    """What is added to scores where a mask says that a key does not count: 1 for each that does, or lengths."""
    if not w.input(index):
        return ""
    shape, low = w.shape(index), float(w.attr("mask_filter_value", -10000.0))
    if shape == (sizes.batch,):
        positions = w.constant(np.arange(sizes.keys, dtype=np.int32).reshape(1, 1, 1, -1))
        counts = w.step("Reshape", [w.input(index), w.ints(sizes.batch, 1, 1, 1)])
        kept = w.step("Less", [positions, w.step("Cast", [counts], to=6)])
    elif shape == (sizes.batch, sizes.keys):
        flat = w.step("Reshape", [w.input(index), w.ints(sizes.batch, 1, 1, sizes.keys)])
        kept = w.step("Cast", [flat], to=9)
    elif shape == (sizes.batch, sizes.queries, sizes.keys):
        kept = w.step("Cast", [w.step("Unsqueeze", [w.input(index), w.ints(1)])], to=9)
    else:
        w.refuse(f"a mask of shape {list(shape)} for {sizes.queries} queries and {sizes.keys} keys is not supported")
    return w.step("Where", [kept, w.number(0.0), w.number(low)])


def _sum(w: Contribution, *addends: str) -> str:
    given = [name for name in addends if name]
    total = given[0] if given else ""
    for name in given[1:]:
        total = w.step("Add", [total, name])
    return total


def _join_past(w: Contribution, past: str, present: str) -> str:
    return w.step("Concat", [past, present], axis=2)


def _scale(w: Contribution, size: int) -> float:
    return float(w.attr("scale", 0.0)) or size**-0.5


@contributed("Attention")
def _attention(w: Contribution) -> None:
    """One matrix makes queries, keys and values. past and present hold keys and values in one tensor."""
    if w.attr("do_rotary", 0) or w.attr("past_present_share_buffer", 0):
        w.refuse("rotary embeddings or a shared buffer inside of it are not supported")
    heads, (batch, queries, _) = _count(w), w.shape(0)
    widths = [int(size) for size in w.attr("qkv_hidden_sizes", [])] or [w.shape(1)[1] // 3] * 3
    if sum(widths) != w.shape(1)[1] or any(width % heads for width in widths):
        w.refuse(f"its weights of shape {list(w.shape(1))} do not divide into {widths} and {heads} heads")
    mixed = w.step("MatMul", [w.input(0), w.input(1)])
    if w.input(2):
        mixed = w.step("Add", [mixed, w.input(2)])
    names = [f"{w.prefix}/{letter}" for letter in "qkv"]
    w.nodes.append(helper.make_node("Split", [mixed, w.ints(*widths)], names, name=f"{w.prefix}/split", axis=-1))
    parts = [_split_heads(w, name, heads) for name in names]
    past = 0
    if w.input(4):
        past = w.shape(4)[3]
        for place in (0, 1):
            old = w.step("Gather", [w.input(4), w.constant(np.array(place))], axis=0)
            parts[1 + place] = _join_past(w, old, parts[1 + place])
    if w.wants(1):
        stacked = [w.step("Unsqueeze", [part, w.ints(0)]) for part in parts[1:]]
        w.finish("Concat", stacked, 1, axis=0)
    sizes = _Heads(batch, queries, queries + past)
    bias = _sum(w, _key_mask(w, 3, sizes), w.input(5))
    causal = past if w.attr("unidirectional", 0) else None
    _attend(w, parts, bias, _scale(w, widths[0] // heads), causal, sizes)


@contributed("MultiHeadAttention")
def _multi_head_attention(w: Contribution) -> None:
    """Queries [batch, tokens, width]; keys and values alike, or in heads already."""
    if not w.input(1) or not w.input(2):
        w.refuse("queries, keys and values packed in one tensor are not supported; export them separately")
    heads, (batch, queries, width) = _count(w), w.shape(0)
    parts, start = [], 0
    for index in range(3):
        name, shape = w.input(index), w.shape(index)
        if w.input(3) and len(shape) == 3:
            part = w.step("Slice", [w.input(3), w.ints(start), w.ints(start + shape[2]), w.ints(0)])
            name = w.step("Add", [name, part])
            start += shape[2]
        parts.append(_split_heads(w, name, heads) if len(shape) == 3 else name)
    keys, past = w.shape(1)[1 if len(w.shape(1)) == 3 else 2], 0
    if w.input(6):
        past = w.shape(6)[2]
        parts[1:] = [_join_past(w, w.input(6 + place), parts[1 + place]) for place in (0, 1)]
    for place in (1, 2):
        if w.wants(place):
            w.finish("Identity", [parts[place]], place)
    w.only(0, 1, 2)
    sizes = _Heads(batch, queries, keys + past)
    bias = _sum(w, _key_mask(w, 4, sizes), w.input(5))
    causal = past if w.attr("unidirectional", 0) else None
    _attend(w, parts, bias, _scale(w, width // heads), causal, sizes)


@contributed("RotaryEmbedding")
def _rotary_embedding(w: Contribution) -> None:
    """Positions of every token, or the one of the first."""
    shape, tables = w.shape(0), w.shape(2)
    if float(w.attr("scale", 1.0)) != 1.0 or w.attr("is_packed_batching", 0):
        w.refuse("scaled or packed rotary embeddings are not supported")
    batch, length = shape[0], shape[1] if len(shape) == 3 else shape[2]
    positions = w.input(1)
    if int(np.prod(w.shape(1), dtype=int)) == 1 and batch * length != 1:
        steps = w.constant(np.arange(length, dtype=np.int64).reshape(1, -1))
        first = w.step("Reshape", [positions, w.ints(1, 1)])
        positions = w.step("Expand", [w.step("Add", [first, steps]), w.ints(batch, length)])
    part = int(w.attr("rotary_embedding_dim", 0))
    heads = int(w.attr("num_heads", 0)) or (shape[2] // (2 * tables[1]) if len(shape) == 3 else 0)
    attributes: dict[str, object] = {"interleaved": int(w.attr("interleaved", 0)), "rotary_embedding_dim": part}
    if len(shape) == 3:
        attributes["num_heads"] = heads
    inputs = [w.input(0), w.input(2), w.input(3), w.step("Reshape", [positions, w.ints(batch, length)])]
    w.finish("RotaryEmbedding", inputs, **attributes)


@contributed("GroupQueryAttention")
def _group_query_attention(w: Contribution) -> None:
    """Queries in several heads share keys and values. How long sequences are must be constant and the same for all."""
    if not w.input(1) or not w.input(2):
        w.refuse("queries, keys and values packed in one tensor are not supported; export them separately")
    if float(w.attr("softcap", 0.0)) or w.attr("smooth_softmax", 0) or int(w.attr("local_window_size", -1)) >= 0:
        w.refuse("soft caps, smoothed softmax and local windows are not supported")
    if any(w.input(index) for index in range(9, len(w.source.input))):
        w.refuse("its further inputs are not supported")
    heads, groups, (batch, queries, width) = _count(w), int(w.attr("kv_num_heads", 0)), w.shape(0)
    lengths = w.known(5, "how long its sequences are") + 1
    if groups < 1 or heads % groups or width % heads:
        w.refuse(f"{heads} heads of queries of width {width} do not share {groups} heads of keys")
    past = w.shape(3)[2] if w.input(3) else 0
    if np.any(lengths != past + queries):
        w.refuse(f"sequences of length {lengths.tolist()} do not fill {past + queries} positions")
    size = width // heads
    parts = [_split_heads(w, w.input(0), heads), *(_split_heads(w, w.input(index), groups) for index in (1, 2))]
    if w.attr("do_rotary", 0):
        positions = w.constant(np.broadcast_to(np.arange(past, past + queries), (batch, queries)).copy())
        part = {"rotary_embedding_dim": 2 * w.shape(7)[1]} if 2 * w.shape(7)[1] != size else {}
        turned = int(w.attr("rotary_interleaved", 0))
        for place in (0, 1):
            inputs = [parts[place], w.input(7), w.input(8), positions]
            parts[place] = w.step("RotaryEmbedding", inputs, interleaved=turned, **part)
    if w.input(3) and past:
        parts[1:] = [_join_past(w, w.input(3 + place), parts[1 + place]) for place in (0, 1)]
    for place in (1, 2):
        if w.wants(place):
            w.finish("Identity", [parts[place]], place)
    w.only(0, 1, 2)
    repeats = heads // groups
    for place in (1, 2):
        shape = [batch, groups, repeats, past + queries, size]
        apart = w.step("Expand", [w.step("Unsqueeze", [parts[place], w.ints(2)]), w.ints(*shape)])
        parts[place] = w.step("Reshape", [apart, w.ints(batch, heads, past + queries, size)])
    _attend(w, parts, "", _scale(w, size), past, _Heads(batch, queries, past + queries))
