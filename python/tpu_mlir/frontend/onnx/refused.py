"""Operators that no network for the chip can have, each with the reason and what to do instead."""

from __future__ import annotations

_SIZE = "how many elements its result has depends on data, and shapes are fixed when a network is compiled"
_RANDOM = "its result is random; give the random numbers to the network as an input"
_STRINGS = "text cannot be computed on the chip; do this before the network runs"
_SEQUENCES = "sequences and optional values are not tensors; export the model without them"

_REASONS: dict[str, list[str]] = {
    _SIZE + "; cut the network in front of it with --output_names, or use --add_postprocess": ["NonMaxSuppression"],
    _SIZE + "; cut the network in front of it with --output_names": ["NonZero", "Unique"],
    _RANDOM: ["Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"],
    _STRINGS: ["RegexFullMatch", "StringConcat", "StringNormalizer", "StringSplit"],
    _SEQUENCES: [
        "ConcatFromSequence",
        "Optional",
        "OptionalGetElement",
        "OptionalHasElement",
        "SequenceAt",
        "SequenceConstruct",
        "SequenceEmpty",
        "SequenceErase",
        "SequenceInsert",
        "SequenceLength",
        "SequenceMap",
        "SplitToSequence",
    ],
    "compressed images are decoded before the network runs": ["ImageDecoder"],
}

REASONS = {name: reason for reason, names in _REASONS.items() for name in names}
"""By operator type of the standard."""
