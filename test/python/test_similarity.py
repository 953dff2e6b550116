"""Similarity of arrays: the rules that decide whether a stage passes."""

from __future__ import annotations

import numpy as np
import pytest
from tpu_mlir.errors import UserError
from tpu_mlir.npz.compare import Tolerance, compare, sampled
from tpu_mlir.npz.similarity import (
    Verdict,
    compare_arrays,
    cosine_similarity,
    euclidean_similarity,
    sqnr,
)


def test_formulas_on_hand_computed_values():
    a, b = np.array([1.0, 0.0]), np.array([1.0, 1.0])
    assert cosine_similarity(a, b) == pytest.approx(1 / np.sqrt(2))
    assert euclidean_similarity(a, b) == pytest.approx(1 - 1 / np.sqrt(1.25), abs=1e-6)
    # signal 1, 3 has the variance sum 2; the noise 0.1, -0.1 has 0.02: 20 dB
    assert sqnr(np.array([1.0, 3.0]), np.array([0.9, 3.1])) == pytest.approx(20.0)
    assert cosine_similarity(np.zeros(3), np.ones(3)) == 0


@pytest.mark.parametrize(
    ("target", "reference", "verdict"),
    [
        ([1.0, 2.0], [1.0, 2.0], Verdict.EQUAL),
        ([1.0, 2.0], [1.0, 2.001], Verdict.CLOSE),
        ([1.0, 2.0], [1.0, 2.01], Verdict.SIMILAR),
        ([1.0, 2.0], [2.0, 1.0], Verdict.NOT_SIMILAR),
        ([1.0, 2.0], [1.0, 2.0, 3.0], Verdict.NOT_MATCH),
        ([np.nan, 1.0], [np.nan, 1.0], Verdict.CLOSE),
        ([np.inf, 1.0], [1.0, 1.0], Verdict.NOT_SIMILAR),
    ],
)
def test_verdicts(target, reference, verdict):
    a, b = np.array(target, np.float32), np.array(reference, np.float32)
    assert compare_arrays(a, b, 0.99, 0.99).verdict is verdict


def test_uint16_is_taken_as_bf16_and_int8_can_be_asked_to_be_equal():
    bits = np.array([0x3F80, 0x4000], np.uint16)
    assert compare_arrays(bits, np.array([1.0, 2.0], np.float32), 0.99, 0.99).verdict is Verdict.EQUAL
    a, b = np.full(100, 100, np.int8), np.full(100, 101, np.int8)
    assert compare_arrays(a, b, 0.99, 0.98).verdict is Verdict.SIMILAR
    assert compare_arrays(a, b, 0.99, 0.98, int8_must_equal=True).verdict is Verdict.NOT_EQUAL


def test_shapes_may_differ_when_the_elements_are_the_same():
    a = np.arange(6, dtype=np.float32)
    assert compare_arrays(a.reshape(2, 3), a.reshape(3, 2), 0.99, 0.99).verdict is Verdict.EQUAL


def test_nothing_in_common_is_an_error_and_exceptions_are_left_out():
    one = {"a": np.zeros(2), "b": np.ones(2)}
    with pytest.raises(UserError, match="nothing to compare"):
        compare(one, {"c": np.zeros(2)}, Tolerance(0.9, 0.9))
    result = compare(one, {"a": np.zeros(2), "b": -np.ones(2)}, Tolerance(0.9, 0.9), excepts=["b"])
    assert [entry.name for entry in result.entries] == ["a"]
    assert result.passed


def test_sampling_keeps_the_limit_and_the_last_names():
    names = [str(i) for i in range(1000)]
    chosen = sampled(names)
    assert len(chosen) <= 210
    assert chosen[-10:] == names[-10:]
    assert sampled(names[:200]) == names[:200]


def test_tolerance_text():
    assert Tolerance.parse("0.99,0.5") == Tolerance(0.99, 0.5)
    for text in ("0.99", "a,b", "1,2,3", ""):
        with pytest.raises(UserError, match="two numbers"):
            Tolerance.parse(text)
