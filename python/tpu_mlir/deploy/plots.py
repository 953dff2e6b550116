"""The plots of the report as SVG elements that can stand inside of an HTML page. Drawn by matplotlib without a display.

The same figures give the same bytes: ids are salted with a constant and no date is written.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..npz.compare import Tolerance
from ..npz.similarity import finite
from .layers import LayerLoss

GOOD, BAD, NEUTRAL = "#3d6fb4", "#c8442f", "#6b7686"
POINTS = 4000
"""Most values of a tensor that are drawn."""


def _figure(width: float, height: float, rows: int = 1) -> tuple[Any, list[Any]]:
    """A figure of this size in inches, with axes below each other; no window system is touched."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    figure.subplots_adjust(left=0.75 / width, right=1 - 0.15 / width, bottom=0.5 / height, top=1 - 0.1 / height)
    axes = np.atleast_1d(figure.subplots(rows, 1, sharex=rows > 1))
    for axis in axes:
        axis.grid(axis="y", color="#dde2ea", linewidth=0.6)
        axis.set_axisbelow(True)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    return figure, list(axes)


def _svg(figure: Any, prefix: str) -> str:
    """The figure as an <svg> element, without the XML prolog."""
    import matplotlib

    text = io.StringIO()
    # Text stays text (it can be searched and is small); the salt makes ids the same in each run.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "tpu-mlir", "font.size": 9}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    whole = text.getvalue()
    return _own_ids(whole[whole.index("<svg") :], prefix)


def _own_ids(svg: str, prefix: str) -> str:
    """Ids of several figures must not meet in one page: each figure's get a prefix of their own."""
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    return re.sub(r'(url\(#|xlink:href="#)(?!layer-)', rf"\1{prefix}-", svg)


def along_graph(losses: Sequence[LayerLoss], tolerance: Tolerance, prefix: str) -> str:
    """Cosine, euclidean similarity, SNR and clipped share of each layer in graph order; bars link to the table."""
    positions = np.arange(len(losses))
    figure, axes = _figure(12, 8.5, 4)
    colours = [GOOD if loss.similarity.verdict.passed else BAD for loss in losses]
    series = (
        ("cosine", [loss.similarity.cosine for loss in losses], tolerance.cosine),
        ("euclidean", [max(loss.similarity.euclidean, -1.0) for loss in losses], tolerance.euclidean),
        ("SNR dB", [float(np.clip(loss.similarity.sqnr, -20, 100)) for loss in losses], None),
        ("clipped %", [100 * loss.clipped for loss in losses], None),
    )
    for axis, (name, values, limit) in zip(axes, series, strict=True):
        bars = axis.bar(positions, values, width=0.85, color=colours)
        for index, bar in enumerate(bars):
            bar.set_url(f"#layer-{index}")
        axis.set_ylabel(name)
        if limit is not None:
            axis.axhline(limit, color=BAD, linewidth=0.8, linestyle="--")
            low = min(*values, limit)
            axis.set_ylim(low - 0.15 * (1.0 - low) - 1e-6, 1.0 + 0.02 * (1.0 - low) + 1e-6)
    axes[-1].set_xlabel("layer, in graph order")
    axes[-1].set_xlim(-0.7, len(losses) - 0.3)
    return _svg(figure, prefix)


def _drawn(reference: np.ndarray, computed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Evenly spread values of both, as few as can be drawn."""
    x, y = finite(reference), finite(computed)
    step = max(1, -(-x.size // POINTS))
    return x[::step], y[::step]


def scatter(reference: np.ndarray, computed: np.ndarray, prefix: str) -> str:
    """Computed values over those of the float network; the points lie on the line where nothing is lost."""
    x, y = _drawn(reference, computed)
    figure, (axis,) = _figure(5.5, 4)
    # Points are one picture inside of the SVG: thousands of elements would make the page slow.
    axis.scatter(x, y, s=4, alpha=0.5, color=GOOD, linewidths=0, rasterized=True)
    low, high = (float(min(x.min(), y.min())), float(max(x.max(), y.max()))) if x.size else (0.0, 1.0)
    axis.plot([low, high], [low, high], color=NEUTRAL, linewidth=0.8)
    axis.set_xlabel("float network")
    axis.set_ylabel("lowered network")
    return _svg(figure, prefix)


def error_histogram(reference: np.ndarray, computed: np.ndarray, prefix: str) -> str:
    """How often an error (computed - reference) of each size occurs."""
    errors = finite(computed) - finite(reference)
    figure, (axis,) = _figure(5.5, 4)
    low, high = (float(errors.min()), float(errors.max())) if errors.size else (0.0, 0.0)
    # Equal errors get a range of their own, wide enough for its bins to differ.
    pad = max(abs(low), abs(high), 1e-6) * 1e-3
    axis.hist(errors, bins=60, range=(low - pad, high + pad), color=GOOD)
    axis.set_yscale("log", nonpositive="clip")
    axis.set_xlabel("error")
    axis.set_ylabel("elements")
    return _svg(figure, prefix)
