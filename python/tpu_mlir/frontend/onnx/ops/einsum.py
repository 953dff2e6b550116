"""Einsum: diagonals and sums of each operand, then one product of two after the other, then the order of the result."""

from __future__ import annotations

import math
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ...compose import Formula
from ..call import Call, Tensor
from ..registry import NUMERIC, onnx_op


@dataclass(frozen=True)
class _Term:
    """A tensor with one letter per axis; without letters it has one element."""

    tensor: Tensor
    letters: str


@onnx_op("Einsum", since=12, data=NUMERIC)
def einsum(call: Call) -> None:
    f = Formula(call)
    terms, target = _parsed(call)
    sizes: dict[str, int] = {}
    for index, letters in enumerate(terms):
        for letter, size in zip(letters, call.shape(index), strict=True):
            if sizes.get(letter, 1) not in (1, size) and size != 1:
                call.refuse(f"the index '{letter}' has the sizes {sizes[letter]} and {size}")
            sizes[letter] = max(sizes.get(letter, 1), size)
    operands = [_narrowed(f, call.x(index), call.shape(index), letters, sizes) for index, letters in enumerate(terms)]
    total = _summed(f, operands[0], set(target).union(*(item.letters for item in operands[1:])))
    for place, operand in enumerate(operands[1:], 1):
        later = set(target).union(*(item.letters for item in operands[place + 1 :]))
        other = _summed(f, operand, later | set(total.letters))
        total = _product(f, _summed(f, total, later | set(other.letters)), other, later, sizes)
    missing = [letter for letter in target if letter not in total.letters]
    if any(sizes.get(letter, 0) != 1 for letter in missing):
        call.refuse(f"the result index '{missing[0]}' belongs to no operand")
    order = [total.letters.index(letter) for letter in target if letter in total.letters]
    result = f.permute(total.tensor, order) if len(order) > 1 else total.tensor
    call.bind(f.reshape(result, [sizes[letter] for letter in target]))


def _parsed(call: Call) -> tuple[list[str], str]:
    """The letters of each operand and of the result. An ellipsis becomes letters that are not used otherwise."""
    equation = str(call.attr("equation", "")).replace(" ", "")
    sources, arrow, target = equation.partition("->")
    terms = sources.split(",")
    plain = equation.replace("...", "").replace("->", "").replace(",", "")
    ranks = [len(call.shape(index)) for index in range(len(call.node.inputs))]
    if len(terms) != len(ranks) or any(letter not in string.ascii_letters for letter in plain):
        call.refuse(f"the equation '{equation}' does not fit {len(ranks)} operands")
    extra = [rank - len(term.replace("...", "")) for rank, term in zip(ranks, terms, strict=True)]
    for term, more in zip(terms, extra, strict=True):
        if more < 0 or (more and "..." not in term) or term.count("...") > 1:
            call.refuse(f"the equation '{equation}' does not fit operands of {ranks} dimensions")
    free = [letter for letter in string.ascii_letters if letter not in equation]
    most = max(extra)
    if most > len(free):
        call.refuse(f"the equation '{equation}' has too many indices")
    dots = "".join(free[:most])
    letters = [term.replace("...", dots[most - more :]) for term, more in zip(terms, extra, strict=True)]
    if arrow:
        return letters, target.replace("...", dots)
    counts = Counter(plain)
    once = "".join(sorted(letter for letter, count in counts.items() if count == 1))
    return letters, dots + once


def _narrowed(f: Formula, x: Tensor, shape: Sequence[int], letters: str, sizes: dict[str, int]) -> _Term:
    """Without axes of size 1 that are broadcast, and with diagonals in place of repeated letters."""
    kept = [axis for axis, size in enumerate(shape) if size == sizes[letters[axis]]]
    tensor, names = f.reshape(x, [shape[axis] for axis in kept]), "".join(letters[axis] for axis in kept)
    for letter in dict.fromkeys(names):
        while names.count(letter) > 1:
            tensor, names = _diagonal(f, tensor, names, letter, sizes[letter])
    return _Term(tensor, names)


def _diagonal(f: Formula, x: Tensor, names: str, letter: str, size: int) -> tuple[Tensor, str]:
    first = names.index(letter)
    second = names.index(letter, first + 1)
    others = [axis for axis in range(len(names)) if axis not in (first, second)]
    moved = f.permute(x, [*others, first, second])
    rest = [x.shape[axis] for axis in others]
    flat = f.reshape(moved, [*rest, size * size])
    return f.part(flat, len(rest), 0, size * size, size + 1), "".join(names[axis] for axis in others) + letter


def _summed(f: Formula, term: _Term, needed: set[str]) -> _Term:
    """Summed over the letters that nothing else has."""
    axes = [axis for axis, letter in enumerate(term.letters) if letter not in needed]
    kept = "".join(letter for letter in term.letters if letter in needed)
    return _Term(f.reduce("ReduceSum", term.tensor, axes, keep=False), kept)


def _product(f: Formula, left: _Term, right: _Term, needed: set[str], sizes: dict[str, int]) -> _Term:
    """[batch, rows, inner] times [batch, inner, columns]; elementwise where nothing is summed."""
    shared = [letter for letter in left.letters if letter in right.letters]
    batch = [letter for letter in shared if letter in needed]
    inner = [letter for letter in shared if letter not in needed]
    rows = [letter for letter in left.letters if letter not in shared]
    columns = [letter for letter in right.letters if letter not in shared]

    def arranged(term: _Term, groups: Sequence[Sequence[str]]) -> Tensor:
        order = [term.letters.index(letter) for group in groups for letter in group]
        moved = f.permute(term.tensor, order) if len(order) > 1 else term.tensor
        head = [sizes[letter] for letter in groups[0]]
        return f.reshape(moved, [*head, *(math.prod(sizes[letter] for letter in group) for group in groups[1:])])

    if inner:
        product = f.matmul(arranged(left, [batch, rows, inner]), arranged(right, [batch, inner, columns]))
    else:
        product = f.mul(arranged(left, [batch, rows, []]), arranged(right, [batch, [], columns]))
    made = [*batch, *rows, *columns]
    return _Term(f.reshape(product, [sizes[letter] for letter in made]), "".join(made))
