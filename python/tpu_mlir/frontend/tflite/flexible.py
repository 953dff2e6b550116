"""The options of custom operators: a FlexBuffer whose root is a map. Only numbers in it are read."""

from __future__ import annotations

from typing import Any

LONGEST = 1 << 16
"""More bytes of options than any operator has."""


def numbers_of(data: bytes) -> dict[str, float | int | bool]:
    """The entries of the map that are numbers, by name; ValueError when the bytes are no such map."""
    from flatbuffers import flexbuffers  # type: ignore[import-untyped]

    if not data:
        return {}
    if not 3 <= len(data) <= LONGEST:
        raise ValueError
    try:
        root = flexbuffers.GetRoot(data)
        if not root.IsMap:
            raise ValueError
        entries: Any = root.AsMap
        if len(entries) > len(data):
            raise ValueError
        found: dict[str, float | int | bool] = {}
        for key, value in zip(entries.Keys, entries.Values, strict=True):
            if value.IsBool or value.IsInt or value.IsFloat:
                found[key.AsKey] = value.AsBool if value.IsBool else value.AsInt if value.IsInt else value.AsFloat
        return found
    except Exception as error:  # the reader raises every kind of error where offsets lead nowhere
        raise ValueError from error
