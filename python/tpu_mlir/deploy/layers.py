"""Layer by layer: how similar the tensors of the lowered network are to those of the float network, and what each layer
adds to the loss. Tensors are matched by name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from .. import ir
from ..npz.compare import Tolerance
from ..npz.similarity import Similarity, compare_arrays

SILENT = ("top.None", "top.Weight", "top.Input")
HALF_LIMITS = {"f16": 65504.0, "bf16": 3.39e38}


@dataclass(frozen=True)
class Layer:
    """A tensor of the lowered network.

    kind: type of its elements as "si8", "f16". scale, zero_point: of quantized tensors, else None and 0. low, high:
    the values that it can hold, None where there is no limit. sources: names of the tensors that it is computed from.
    """

    name: str
    op: str
    shape: tuple[int, ...]
    kind: str
    scale: float | None = None
    zero_point: int = 0
    low: float | None = None
    high: float | None = None
    sources: tuple[str, ...] = ()

    @property
    def quantization(self) -> str:
        """Scale and zero point as a text, empty for floats."""
        if self.scale is None:
            return ""
        return f"{self.scale:.6g}" + (f":{self.zero_point}" if self.zero_point else "")


@dataclass(frozen=True)
class LayerLoss:
    """A layer beside its float reference.

    drop: how much lower its cosine is than the lowest of the tensors that it is computed from, so what the layer itself
    loses; clipped: share of the reference's elements that lie outside of what the layer's type can hold.
    """

    layer: Layer
    similarity: Similarity
    drop: float
    clipped: float


def layers_of(module: ir.Module) -> list[Layer]:
    """The tensors that a Tpu module computes, in graph order."""
    found: list[Layer] = []

    def visit(op: ir.OpView) -> None:
        if not op.operation.name.startswith(("top.", "tpu.")) or op.name in SILENT:
            return
        sources = tuple(dict.fromkeys(name for operand in op.operands for name in _source(operand)))
        for result in op.results:
            name = result.location.name_str
            if name and isinstance(result.type, ir.RankedTensorType):
                found.append(_layer(name, op.operation.name.split(".", 1)[1], result.type, sources))

    module.operation.walk(visit)
    return found


def _source(value: ir.Value) -> tuple[str, ...]:
    owner = value.owner
    if isinstance(owner, ir.Block) or owner.name in ("top.None", "top.Weight"):
        return ()
    name = value.location.name_str
    return (name,) if name else ()


def _layer(name: str, op: str, kind: ir.RankedTensorType, sources: tuple[str, ...]) -> Layer:
    shape, element = tuple(kind.shape), kind.element_type
    if isinstance(element, ir.UniformQuantizedType):
        low = (element.storage_type_min - element.zero_point) * element.scale
        high = (element.storage_type_max - element.zero_point) * element.scale
        word = ("si" if element.is_signed else "ui") + str(element.storage_type.width)
        return Layer(name, op, shape, word, element.scale, element.zero_point, low, high, sources)
    if isinstance(element, ir.CalibratedQuantizedType):
        element = element.expressed_type
    limit = HALF_LIMITS.get(str(element))
    return Layer(name, op, shape, str(element), None, 0, None if limit is None else -limit, limit, sources)


@dataclass
class LayerReport:
    """All layers that have a reference, in graph order. samples: the arrays of some layers as (reference, computed)."""

    losses: list[LayerLoss] = field(default_factory=list)
    samples: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def worst(self, count: int) -> list[LayerLoss]:
        """The layers of lowest cosine similarity, worst first."""
        return sorted(self.losses, key=lambda loss: loss.similarity.cosine)[:count]

    def costly(self, count: int) -> list[LayerLoss]:
        """The layers that lose most themselves, most first; layers that lose nothing are left out."""
        losing = [loss for loss in self.losses if loss.drop > 0]
        return sorted(losing, key=lambda loss: -loss.drop)[:count]


def compare_layers(
    layers: list[Layer],
    computed: Mapping[str, np.ndarray],
    reference: Mapping[str, np.ndarray],
    tolerance: Tolerance,
    excepts: Collection[str] = (),
    keep: int = 0,
) -> LayerReport:
    """Compares every layer that has a reference of the same size; keeps the arrays of the ``keep`` worst ones."""
    report = LayerReport()
    cosines: dict[str, float] = {}
    for layer in layers:
        known = [cosines[name] for name in layer.sources if name in cosines]
        above = min(known, default=1.0)
        name = layer.name
        if name not in computed or name not in reference or computed[name].size != reference[name].size:
            cosines[name] = above  # a cast, say: what follows is judged by what was before it
            continue
        want, got = reference[name], computed[name]
        similarity = compare_arrays(got, want, tolerance.cosine, tolerance.euclidean)
        cosines[name] = similarity.cosine
        if name not in excepts:
            drop = max(0.0, above - similarity.cosine)
            report.losses.append(LayerLoss(layer, similarity, drop, clipped_share(layer, want)))
    for loss in report.worst(keep):
        report.samples[loss.layer.name] = reference[loss.layer.name], computed[loss.layer.name]
    return report


def clipped_share(layer: Layer, reference: np.ndarray) -> float:
    """Share of the reference's elements outside of what the layer can hold; half a step beyond it does no harm."""
    if layer.low is None or layer.high is None or not reference.size:
        return 0.0
    slack = (layer.scale or 0.0) / 2
    outside = (reference < layer.low - slack) | (reference > layer.high + slack)
    return float(np.count_nonzero(outside) / reference.size)
