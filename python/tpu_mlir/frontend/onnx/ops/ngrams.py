"""Counting runs of whole numbers (n-grams) in a list."""

from __future__ import annotations

import numpy as np

from ...compose import Formula
from ..call import Call, Tensor
from ..registry import ANY, onnx_op


def _pool(call: Call) -> list[np.ndarray]:
    """The n-grams of each length, [count, length]; they are stored one length after the other."""
    flat = [int(value) for value in call.attr("pool_int64s") or []]
    starts = [int(value) for value in call.attr("ngram_counts") or []]
    if not flat or not starts or starts != sorted(starts) or starts[0] != 0 or starts[-1] > len(flat):
        call.refuse("it has no pool of whole numbers, or one that its counts do not divide")
    pools = []
    for length, (begin, end) in enumerate(zip(starts, [*starts[1:], len(flat)], strict=True), 1):
        if (end - begin) % length:
            call.refuse(f"{end - begin} numbers do not divide into runs of {length}")
        pools.append(np.array(flat[begin:end], np.float64).reshape(-1, length))
    return pools


@onnx_op("TfIdfVectorizer", since=9, data=ANY)
def tf_idf(call: Call) -> None:
    """How often each run of the pool occurs, with up to max_skip_count numbers left out between its members."""
    f, shape, pools = Formula(call), call.shape(0), _pool(call)
    least, most = int(call.attr("min_gram_length", 1)), int(call.attr("max_gram_length", 1))
    skips, mode = int(call.attr("max_skip_count", 0)), call.attr("mode", "TF")
    if mode not in ("TF", "IDF", "TFIDF") or not 1 <= len(shape) <= 2:
        call.refuse(f"its mode '{mode}' or its input of {len(shape)} dimensions is not known")
    places = [int(value) for value in call.attr("ngram_indexes") or []]
    total = sum(len(pool) for pool in pools)
    weights = [float(value) for value in call.attr("weights") or [1.0] * total]
    if len(places) != total or len(weights) != total or min(places) < 0:
        call.refuse(f"it has {len(places)} places and {len(weights)} weights for {total} runs")
    x = f.reshape(call.x(0), [shape[0] if len(shape) == 2 else 1, 1, shape[-1]])
    size = call.out_shape()[-1]
    result, first = None, 0
    for length, pool in enumerate(pools, 1):
        column = np.zeros((len(pool), size))
        for row in range(len(pool)):
            column[row, places[first + row]] = weights[first + row] if mode != "TF" else 1.0
        first += len(pool)
        counts = _counts(f, x, pool, skips if length > 1 else 0) if least <= length <= most and len(pool) else None
        if counts is None:
            continue
        if mode == "IDF":
            counts = f.minimum(counts, 1.0)
        part = f.matmul(counts, f.weight("places", column))
        result = part if result is None else f.add(result, part)
    call.bind(f.reshape(f.weight("zero", np.zeros(call.out_shape())) if result is None else result, call.out_shape()))


def _counts(f: Formula, x: Tensor, pool: np.ndarray, skips: int) -> Tensor | None:
    """[rows, runs]: occurrences of runs [runs, length] in x [rows, 1, size]; None when none fits."""
    length, total = pool.shape[1], None
    for skip in range(skips + 1):
        reach = x.shape[2] - (length - 1) * (skip + 1)
        if reach < 1:
            break
        hits = None
        for member in range(length):
            begin = member * (skip + 1)
            wanted = f.weight("run", pool[:, member].reshape(1, -1, 1))
            same = f.compare("Equal", f.part(x, 2, begin, begin + reach), wanted)
            hits = same if hits is None else f.mul(hits, same)
        assert hits is not None
        found = f.reduce("ReduceSum", hits, [2], keep=False)
        total = found if total is None else f.add(total, found)
    return total
