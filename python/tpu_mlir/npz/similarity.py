"""How alike two arrays are: cosine and Euclidean similarity and SQNR, as the comparison of every stage uses them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

INFINITY = 10000.0
"""What an infinite value counts as."""


class Verdict(Enum):
    """Result of a comparison, from best to worst."""

    EQUAL = "EQUAL"
    CLOSE = "CLOSE"
    SIMILAR = "SIMILAR"
    NOT_EQUAL = "NOT_EQUAL"
    NOT_SIMILAR = "NOT_SIMILAR"
    NOT_MATCH = "NOT_MATCH"

    @property
    def passed(self) -> bool:
        """Whether the arrays count as equal."""
        return self in (Verdict.EQUAL, Verdict.CLOSE, Verdict.SIMILAR)


@dataclass(frozen=True)
class Similarity:
    """Outcome for one pair. cosine and euclidean are 1 for equal arrays; sqnr is in dB."""

    verdict: Verdict
    cosine: float
    euclidean: float
    sqnr: float
    close_order: int = 0


def finite(array: np.ndarray) -> np.ndarray:
    """The array as float64, flat, with NaN as 0 and infinities as +-10000."""
    flat = np.asarray(array, dtype=np.float64).reshape(-1)
    if np.isfinite(flat).all():
        return flat
    return np.nan_to_num(flat, nan=0.0, posinf=INFINITY, neginf=-INFINITY)


def cosine_similarity(a: np.ndarray, b: np.ndarray) -> float:
    """a.b / (|a||b|); 0 where one of them is all zero."""
    return _cosine(finite(a), finite(b))


def _cosine(x: np.ndarray, y: np.ndarray) -> float:
    norm = np.sqrt(np.dot(x, x)) * np.sqrt(np.dot(y, y))
    return float(np.dot(x, y) / norm) if norm > 0 else 0.0


def euclidean_similarity(a: np.ndarray, b: np.ndarray) -> float:
    """1 - |a-b| / |(a+b)/2|; below 0 for arrays that have nothing in common."""
    return _euclidean(finite(a), finite(b))


def _euclidean(x: np.ndarray, y: np.ndarray) -> float:
    distance = np.linalg.norm(x - y)
    return float(1.0 - distance / (np.linalg.norm((x + y) / 2) + 1e-7))


def sqnr(signal: np.ndarray, other: np.ndarray) -> float:
    """Signal to noise ratio in dB of ``other`` taken as ``signal`` plus noise; both without their mean."""
    return _sqnr(finite(signal), finite(other))


def _sqnr(x: np.ndarray, y: np.ndarray) -> float:
    noise = x - y
    power = float(np.sum((x - x.mean()) ** 2))
    noise_power = float(np.sum((noise - noise.mean()) ** 2))
    if noise_power == 0:
        return float("inf")
    return float(10 * np.log10(power / noise_power)) if power > 0 else float("-inf")


def aligned_types(target: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both arrays in one type: int8 if either is, else int32 if either is, else float32; uint16 is taken as bf16."""
    for kind in (np.int8, np.int32):
        if target.dtype == kind or reference.dtype == kind:
            return target.astype(kind), reference.astype(kind)
    return _as_float(target), _as_float(reference)


def _as_float(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint16:
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array.astype(np.float32)


def compare_arrays(
    target: np.ndarray,
    reference: np.ndarray,
    min_cosine: float,
    min_euclidean: float,
    int8_must_equal: bool = False,
) -> Similarity:
    """Compares two arrays of equal size (shapes may differ, as reshaping keeps the order of the elements).

    Arrays pass when they are equal, when they agree within rtol 1e-3 or better, or when both similarities are above
    their minimum.
    """
    if target.size != reference.size:
        return Similarity(Verdict.NOT_MATCH, 0.0, 0.0, float("-inf"))
    a, b = aligned_types(target.reshape(-1), reference.reshape(-1))
    if np.array_equal(a, b):
        return Similarity(Verdict.EQUAL, 1.0, 1.0, float("inf"))
    x, y = finite(a), finite(b)
    ratios = _cosine(x, y), _euclidean(x, y), _sqnr(x, y)
    if int8_must_equal and a.dtype == np.int8:
        return Similarity(Verdict.NOT_EQUAL, *ratios)
    # Most arrays that are not close at all differ clearly in single elements: the finest orders need not be tried.
    far = bool(np.any(np.abs(x - y) > 1e-7 + 2e-3 * np.abs(y)))
    for order in () if far else (5, 4, 3):
        if np.allclose(a, b, rtol=10.0**-order, atol=1e-8, equal_nan=True):
            return Similarity(Verdict.CLOSE, *ratios, close_order=order)
    passed = ratios[0] > min_cosine and ratios[1] > min_euclidean
    return Similarity(Verdict.SIMILAR if passed else Verdict.NOT_SIMILAR, *ratios)
