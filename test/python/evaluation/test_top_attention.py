"""Attention, feed-forward and state-space Top ops against PyTorch and against their formulas in NumPy, in double.

Values have a spread of about 1, products some hundred terms: f32 sums in another order differ by a few 1e-6 of the
largest value, which the tolerance of 2e-5 leaves room for. Rotations and look-ups of stored weights take one or two
steps per value and are held to 1e-6.
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


def normal(generator: np.random.Generator, *shape: int) -> np.ndarray:
    return generator.standard_normal(shape).astype(np.float32)


def close(actual: np.ndarray, expected: np.ndarray, tolerance: float = 2e-5) -> None:
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance * scale)


def double(*arrays: np.ndarray | None) -> list[np.ndarray | None]:
    return [None if array is None else array.astype(np.float64) for array in arrays]


def softmax(scores: np.ndarray) -> np.ndarray:
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


# ---------------------------------------------------------------------------------------------------- attention


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("scale", [0.0, 0.3])
@pytest.mark.parametrize(
    ("query", "key", "width"),
    [
        ((2, 3, 7, 16), (2, 3, 5, 16), 8),
        ((4, 3), (6, 3), 1),
        ((3, 1, 4), (1, 9, 4), 4),
        ((2, 1, 130, 8), (1, 3, 200, 8), 40),
        ((1, 1, 1, 1), (1, 1, 1, 1), 1),
    ],
)
def test_scaled_dot_product_is_torchs(query, key, width, scale, causal):
    generator = np.random.default_rng(1)
    q, k, v = normal(generator, *query), normal(generator, *key), normal(generator, *key[:-1], width)
    expected = torch.nn.functional.scaled_dot_product_attention(
        *(torch.from_numpy(x).double() for x in (q, k, v)), is_causal=causal, scale=scale or None
    ).numpy()
    attributes = f"is_causal = {flag(causal)}, scale = {scale} : f64"
    (y,) = evaluate("ScaleDotProductAttention", [q, k, v, None], attributes, [expected.shape])
    close(y, expected)


@pytest.mark.parametrize("mask", [(7, 5), (1, 5), (7, 1), (3, 7, 5), (2, 1, 7, 5), (2, 3, 1, 1), (5,)])
def test_masks_broadcast(mask):
    generator = np.random.default_rng(2)
    q, k, v, m = (normal(generator, *s) for s in ((2, 3, 7, 4), (2, 3, 5, 4), (2, 3, 5, 6), mask))
    (y,) = evaluate("ScaleDotProductAttention", [q, k, v, m], "", [(2, 3, 7, 6)])
    q, k, v, m = double(q, k, v, m)
    close(y, softmax(q @ k.swapaxes(-1, -2) / 2 + m) @ v)


def grouped(q, k, v, mask, scale):
    """[batch, positions, heads, depth] and the logarithms [batch, positions, heads]."""
    q, k, v, mask = double(q, k, v, mask)
    k, v = (np.repeat(x, q.shape[2] // k.shape[2], 2) for x in (k, v))
    scores = scale * np.einsum("bqhd,bkhd->bhqk", q, k) + (0 if mask is None else mask)
    return np.einsum("bhqk,bkhd->bqhd", softmax(scores), v), np.log(np.exp(scores).sum(-1)).swapaxes(1, 2)


@pytest.mark.parametrize("mask", [None, (3, 5), (1, 1, 3, 5), (2, 1, 3, 5), (2, 4, 3, 5), (2, 4, 1, 5)])
@pytest.mark.parametrize("kv_head", [1, 2, 4])
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("merged", [False, True])
def test_grouped_heads(mask, kv_head, keep, merged):
    generator = np.random.default_rng(3)
    q, k, v = normal(generator, 2, 3, 4, 8), normal(generator, 2, 5, kv_head, 8), normal(generator, 2, 5, kv_head, 8)
    wide = normal(generator, 2, 5, kv_head, 6)
    m = None if mask is None else normal(generator, *mask)
    operands = [x.reshape(*x.shape[:2], -1) if merged else x for x in (q, k, v)] + [m]
    common = f"batch = 2, q_head = 4, kv_head = {kv_head}, mq = 3, mk = 5, scale = 0.3 : f64, keep_dims = {flag(keep)}"
    axes = keep and not merged
    for width, values in ((8, v), (6, wide)):
        expected, logarithms = grouped(q, k, values, m, 0.3)
        shapes = [(2, 3, 4, width), (2, 3, 4, 1)] if axes else [(2, 3, 4 * width), (2, 3, 4)]
        operands[2] = values.reshape(2, 5, -1) if merged else values
        flexible = f"{common}, qk_d = 8, v_d = {width}, has_lse = true"
        results = [evaluate("FlexAttention", [*operands, None, None], flexible, shapes)]
        if width == 8:
            results.append(evaluate("FAttentionLse", [*operands, None], f"{common}, dim = 8", shapes))
            close(evaluate("FAttention", [*operands, None], f"{common}, dim = 8", shapes[:1])[0], results[0][0], 1e-6)
        for y, lse in results:
            close(y, expected.reshape(shapes[0]))
            close(lse, logarithms.reshape(shapes[1]))


def test_long_sequences_are_cut():
    generator = np.random.default_rng(4)
    q, k, v = normal(generator, 1, 300, 2, 16), normal(generator, 1, 270, 1, 16), normal(generator, 1, 270, 1, 16)
    attributes = "batch = 1, q_head = 2, kv_head = 1, dim = 16, mq = 300, mk = 270, scale = 0.25 : f64"
    y, lse = evaluate("FAttentionLse", [q, k, v, None, None], attributes, [(1, 300, 2, 16), (1, 300, 2, 1)])
    expected, logarithms = grouped(q, k, v, None, 0.25)
    close(y, expected)
    close(lse, logarithms[..., None])


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("biases", [0, 5, 15])
@pytest.mark.parametrize("dim", [0, 6])
def test_attention_with_projections(masked, biases, dim):
    generator = np.random.default_rng(5)
    x, k, v = normal(generator, 2, 3, 10), normal(generator, 2, 5, 7), normal(generator, 2, 5, 9)
    inner, weights, offsets = 24, [], []
    for i, (rows, columns) in enumerate([(10, inner), (7, inner), (9, inner), (inner, 11)]):
        weights.append(normal(generator, rows, columns) / np.float32(np.sqrt(rows)))
        offsets.append(normal(generator, columns) if biases >> i & 1 else None)
    mask = normal(generator, 2, 1, 3, 5) if masked else None
    operands = [x, k, v, *(x for pair in zip(weights, offsets, strict=True) for x in pair), mask]
    attributes = f"head = 4, dim = {dim}, scale = 0.4 : f64, has_bias = {biases}"
    (y,) = evaluate("Attention", operands, attributes, [(2, 3, 11)])

    def project(values, i):
        return values.astype(np.float64) @ weights[i] + (0 if offsets[i] is None else offsets[i])

    heads = (project(values, i).reshape(2, -1, 4, 6) for i, values in enumerate((x, k, v)))
    joined, _ = grouped(*heads, mask, 0.4)
    close(y, project(joined.reshape(2, 3, inner), 3))


def test_attention_is_torchs_multihead_attention():
    generator = np.random.default_rng(6)
    layer = torch.nn.MultiheadAttention(64, 4, batch_first=True)
    x, y = normal(generator, 1, 4, 64), normal(generator, 1, 9, 64)
    with torch.no_grad():
        expected = layer(torch.from_numpy(x), torch.from_numpy(y), torch.from_numpy(y))[0].numpy()
        parts = [w.numpy().T.copy() for w in layer.in_proj_weight.chunk(3)]
        offsets = [b.numpy() for b in layer.in_proj_bias.chunk(3)]
        out = layer.out_proj.weight.numpy().T.copy(), layer.out_proj.bias.numpy()
    operands = [x, y, y, parts[0], offsets[0], parts[1], offsets[1], parts[2], offsets[2], *out, None]
    close(evaluate("Attention", operands, "head = 4, scale = 0.25 : f64", [expected.shape])[0], expected)


# ---------------------------------------------------------------------------------------------------- rope


@pytest.mark.parametrize("mode", ["interleaved_pairs", "contiguous_halves"])
@pytest.mark.parametrize(
    ("shape", "table", "permuted"),
    [
        ((2, 3, 4, 8), (4, 8), False),
        ((2, 3, 4, 8), (2, 1, 4, 8), False),
        ((5, 2), (2,), False),
        ((6,), (6,), False),
        ((2, 4, 3, 8), (4, 8), True),
    ],
)
def test_rope(mode, shape, table, permuted):
    generator = np.random.default_rng(7)
    x, sine, cosine = normal(generator, *shape), normal(generator, *table), normal(generator, *table)
    attributes = f'rope_mode = "{mode}", is_permute_optimize = {flag(permuted)}'
    (y,) = evaluate("Rope", [x, sine, cosine], attributes, [shape])
    if mode == "interleaved_pairs":
        turned = np.stack([-x[..., 1::2], x[..., 0::2]], -1).reshape(shape)
    else:
        turned = np.concatenate([-x[..., shape[-1] // 2 :], x[..., : shape[-1] // 2]], -1)
    if permuted:
        sine, cosine = sine[:, None], cosine[:, None]
    close(y, x * cosine + turned * sine, 1e-6)


# ---------------------------------------------------------------------------------------------------- stored weights


def stored(generator, columns: int, inner: int, group: int, bits: int, transposed: bool):
    """Packed weights, scales, zero points and the matrix [inner, columns] that they stand for."""
    groups = inner // group if group else 1
    q = generator.integers(0, 1 << bits, (columns, inner))
    scale = normal(generator, columns, groups)
    zero = generator.integers(0, 1 << bits, (columns, groups)).astype(np.float32)
    packed = q if bits == 8 else q[:, 0::2] + 16 * q[:, 1::2]
    real = (q - np.repeat(zero, inner // groups, 1)) * np.repeat(scale, inner // groups, 1)
    packed = packed if transposed else packed.T
    return np.ascontiguousarray(packed, np.float32), scale, zero, real.T.astype(np.float64)


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("group", [0, 4, 16, 32])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_a16_matmul(bits, group, transposed, bias):
    generator = np.random.default_rng(8)
    x = normal(generator, 2, 3, 32)
    weight, scale, zero, real = stored(generator, 7, 32, group, bits, transposed)
    b = normal(generator, 7) if bias else None
    attributes = f"weight_bits = {bits}, q_group_size = {group}, right_transpose = {flag(transposed)}"
    (y,) = evaluate("A16MatMul", [x, weight, scale, zero, b], attributes, [(2, 3, 7)])
    close(y, x @ real + (0 if b is None else b))


def test_a16_matmul_of_other_numbers_is_refused():
    ones = np.ones((2, 4), np.float32)
    with pytest.raises(MLIRError, match="number type F8E4M3, which are not evaluated"):
        attributes = 'q_group_size = 0, right_transpose = true, dq_type = "F8E4M3"'
        evaluate("A16MatMul", [ones, ones, ones[:, :1], ones[:, :1], None], attributes, [(2, 2)])


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("group", [0, 8])
@pytest.mark.parametrize("keepdims", [False, True])
def test_a16_gather(bits, group, keepdims):
    generator = np.random.default_rng(9)
    weight, scale, zero, real = stored(generator, 9, 16, group, bits, True)
    indices = generator.integers(-9, 9, (2, 3))
    attributes = f"weight_bits = {bits}, q_group_size = {group}, keepdims = {flag(keepdims)}"
    shape = (2, 3, 1, 16) if keepdims else (2, 3, 16)
    (y,) = evaluate("A16Gather", [weight, indices.astype(np.float32), scale, zero], attributes, [shape])
    close(y, real.T[indices].reshape(shape), 1e-6)
    with pytest.raises(MLIRError, match="gathers row 9 of 9"):
        evaluate("A16Gather", [weight, np.full((2, 3), 9, np.float32), scale, zero], attributes, [shape])


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("block", [1, 4, 5, 128])
def test_fp8_matmul(transposed, block):
    generator = np.random.default_rng(10)
    x, b = normal(generator, 3, 13), normal(generator, 9)
    shape = (9, 13) if transposed else (13, 9)
    weight = np.round(normal(generator, *shape) * 4)
    scale = normal(generator, *(-(-extent // block) for extent in shape))
    attributes = f"weight_transpose = {flag(transposed)}, block_size = {block}"
    (y,) = evaluate("Fp8MatMul", [x, weight, scale, b], attributes, [(3, 9)])
    real = weight * np.repeat(np.repeat(scale, block, 0), block, 1)[: shape[0], : shape[1]]
    close(y, x.astype(np.float64) @ (real.T if transposed else real) + b)


def test_fp8_weights_as_bits(tmp_path):
    from small_modules import interpreter

    bits = np.arange(256, dtype=np.uint8).reshape(1, 256)
    bits[0, [127, 255]] = 0  # not numbers
    run = interpreter(
        tmp_path,
        {"x": "tensor<256x256xf32>"},
        {"w": (bits, "tensor<1x256xui8>"), "s": (np.ones((1, 2), np.float32), "tensor<1x2xf32>")},
        [
            '%y = "top.Fp8MatMul"(%x, %w, %s, %none) {weight_transpose = true} : (tensor<256x256xf32>, '
            'tensor<1x256xui8>, tensor<1x2xf32>, none) -> tensor<256x1xf32> loc("y")',
            "return %y : tensor<256x1xf32>",
        ],
    )
    y = run.run({"x": np.eye(256, dtype=np.float32)}).values["y"][:, 0]
    expected = torch.from_numpy(bits[0].copy()).view(torch.float8_e4m3fn).to(torch.float32).numpy()
    np.testing.assert_array_equal(y, expected)


# ---------------------------------------------------------------------------------------------------- feed-forward


@pytest.mark.parametrize("experts", [0, 5])
@pytest.mark.parametrize("quantized", [0, 4, 8])
@pytest.mark.parametrize("transposed", [(True, True, False), (False, True, True)])
@pytest.mark.parametrize("biased", [False, True])
def test_mlp(experts, quantized, transposed, biased):
    generator = np.random.default_rng(11)
    inner, hidden, out, per_token = 8, 12, 6, 2
    x = normal(generator, 2, 3, inner)
    weights, reals, biases, scales, zeros = [], [], [], [], []
    for (rows, columns), turned in zip(((inner, hidden), (inner, hidden), (hidden, out)), transposed, strict=True):
        made = [stored(generator, columns, rows, 4, quantized or 8, turned) for _ in range(max(experts, 1))]
        real = np.stack([m[3] for m in made]) / 100
        weight = np.stack([m[0] for m in made])
        if not quantized:
            weight = np.ascontiguousarray(real.swapaxes(1, 2) if turned else real, np.float32)
        bias = normal(generator, max(experts, 1), columns)
        scale, zero = np.stack([m[1] for m in made]) / np.float32(100), np.stack([m[2] for m in made])
        parts = [weight, bias, scale, zero] if experts else [weight[0], bias[0], scale[0], zero[0]]
        weights.append(parts[0])
        biases.append(parts[1] if biased else None)
        scales.append(parts[2] if quantized else None)
        zeros.append(parts[3] if quantized else None)
        reals.append((real, bias.astype(np.float64) if biased else 0 * bias))
    chosen = generator.integers(0, max(experts, 1), (6, per_token))
    attributes = ", ".join(
        f"right_transpose_{name} = {flag(t)}" for name, t in zip(("gate", "up", "down"), transposed, strict=True)
    )
    attributes += f", quantized = {flag(bool(quantized))}, q_group_size = 4, weight_bits = {quantized or 8}"
    if experts:
        attributes += f", is_expert = true, num_expert = {experts}, num_expert_per_tok = {per_token}"
    ids = chosen.astype(np.float32) if experts else None
    shape = (6, per_token, out) if experts else (2, 3, out)
    (y,) = evaluate("Mlp", [x, *weights, *biases, ids, *scales, *zeros], attributes, [shape])

    def block(row, expert):
        gate, up = (row @ real[expert] + bias[expert] for real, bias in reals[:2])
        return (gate / (1 + np.exp(-gate)) * up) @ reals[2][0][expert] + reals[2][1][expert]

    rows = x.reshape(6, inner).astype(np.float64)
    if experts:
        expected = np.stack([[block(row, e) for e in es] for row, es in zip(rows, chosen, strict=True)])
    else:
        expected = np.stack([block(row, 0) for row in rows]).reshape(shape)
    close(y, expected)


def test_unknown_experts_are_refused():
    one = np.ones((3, 4, 4), np.float32)
    operands = [np.ones((2, 4), np.float32), one, one, one, None, None, None, np.full((2, 1), 3, np.float32)]
    with pytest.raises(MLIRError, match="asks for expert 3 of 3"):
        evaluate("Mlp", [*operands, *[None] * 6], "is_expert = true, num_expert = 3", [(2, 1, 4)])


# ---------------------------------------------------------------------------------------------------- states


@pytest.mark.parametrize("shape", [(6, 4, 3, 2), (1, 1, 1, 1), (33, 5, 16, 1)])
@pytest.mark.parametrize("skip", [False, True])
def test_selective_scan(shape, skip):
    generator = np.random.default_rng(12)
    c, b = normal(generator, *shape), normal(generator, *shape)
    a = generator.uniform(0, 1, shape).astype(np.float32)
    us, ds = normal(generator, shape[0], shape[1], shape[3]), normal(generator, shape[1])
    (y,) = evaluate("SelectiveScan", [c, a, b, us, ds if skip else None], "", [us.shape])
    h, expected = np.zeros(shape[1:]), []
    for position in range(shape[0]):
        h = a[position] * h + b[position]
        expected.append((c[position] * h).sum(1) + (ds[:, None] * us[position] if skip else 0))
    close(y, np.stack(expected))


def delta_rule(q, k, v, g, beta, state, normalize, scale):
    if normalize:
        q, k = (x / np.sqrt((x * x).sum(-1, keepdims=True) + 1e-6) for x in (q, k))
    q, k = (np.repeat(x, v.shape[2] // x.shape[2], 2) for x in (q * scale, k))
    rows = []
    for t in range(v.shape[1]):
        state = state * np.exp(g[:, t])[..., None, None]
        delta = (v[:, t] - np.einsum("bhk,bhkv->bhv", k[:, t], state)) * beta[:, t][..., None]
        state = state + np.einsum("bhk,bhv->bhkv", k[:, t], delta)
        rows.append(np.einsum("bhk,bhkv->bhv", q[:, t], state))
    return np.stack(rows, 1)


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("positions", [1, 9])
@pytest.mark.parametrize(("key_heads", "heads"), [(1, 1), (2, 4)])
def test_gated_delta_rule(normalize, positions, key_heads, heads):
    generator = np.random.default_rng(13)
    d, batch = 8, 2
    q, k = (normal(generator, batch, positions, key_heads, d) / 3 for _ in range(2))
    v, state = normal(generator, batch, positions, heads, d), normal(generator, batch, heads, d, d)
    g = -np.abs(normal(generator, batch, positions, heads))
    beta = generator.uniform(0, 1, (batch, positions, heads)).astype(np.float32)
    operands = [q, k, v, g, beta, state]
    expected = delta_rule(*double(*operands), normalize, 0.5)
    attributes = f"num_k_heads = {key_heads}, num_v_heads = {heads}, d = {d}, use_qk_l2norm = {flag(normalize)}"
    attributes += ", scale = 0.5 : f64"
    mask = np.ones((4, 4), np.float32)
    chunked = evaluate("ChunkGatedDeltaRule", [*operands, *[mask] * 4], f"{attributes}, chunk_size = 4", [v.shape])
    close(chunked[0], expected)
    if positions == 1:
        np.testing.assert_array_equal(
            evaluate("RecurrentGatedDeltaRule", operands, attributes, [v.shape])[0], chunked[0]
        )
