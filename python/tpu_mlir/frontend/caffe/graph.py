"""The network of a Caffe description in plain Python: layers in order, every value with a name of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

MAX_AXES = 32
"""Most dimensions of a blob, as in Caffe."""


@dataclass(frozen=True)
class Layer:
    """One layer as it runs in the test phase. kind: its type as new files spell it.

    bottoms, tops: names of values; a blob that is written in place is another value with another name. message: the
    layer of the description, for its parameters. blobs: its weights in the stored shapes. place: its number in the
    description, among the layers that run.
    """

    name: str
    kind: str
    bottoms: tuple[str, ...]
    tops: tuple[str, ...]
    message: Any
    blobs: tuple[np.ndarray, ...] = ()
    place: int = 0


@dataclass
class CaffeGraph:
    """label: how messages call the file. inputs: name -> shape, None where the description does not say it.

    outputs: blobs that no layer reads -> their values. names: other words by which users may know a value (the blob's
    and the layer's name) -> value, the last one.
    """

    label: str
    inputs: dict[str, tuple[int, ...] | None]
    layers: list[Layer]
    outputs: dict[str, str]
    names: dict[str, str] = field(default_factory=dict)
