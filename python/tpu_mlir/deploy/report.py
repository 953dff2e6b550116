"""The report of --compare_all: one self-contained HTML page and the same figures as CSV.

The plots are drawn by matplotlib as SVG inside of the page; bars are links to the rows of the table. Nothing is loaded
from elsewhere, so the page can be mailed and opened in ten years.
"""

from __future__ import annotations

import csv
import io
import math
from html import escape
from pathlib import Path

from ..files import save_text
from ..npz.compare import Tolerance
from .layers import LayerLoss, LayerReport

COLUMNS = (
    "index", "layer", "op", "shape", "type", "scale", "zero_point", "low", "high", "verdict", "cosine", "euclidean",
    "sqnr_db", "drop", "clipped",
)  # fmt: skip

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1200px; padding: 0 1em; color: #1c2330; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { padding: .25em .6em; text-align: right; border-bottom: 1px solid #dde2ea; }
th:nth-child(2), td:nth-child(2), th:nth-child(3), td:nth-child(3) { text-align: left; word-break: break-all; }
thead th { position: sticky; top: 0; background: #f2f4f8; }
tr.fail td { background: #fdecea; } tr:target td { background: #fff4c2; }
svg { max-width: 100%; height: auto; } .pair { display: flex; gap: 1em; } .pair > * { flex: 1; min-width: 0; }
@media (prefers-color-scheme: dark) {
  body { background: #14181f; color: #dfe5ee; } thead th { background: #222935; } th, td { border-color: #333c4a; }
  tr.fail td { background: #43211f; } tr:target td { background: #4a431d; }
  svg { background: #fff; border-radius: 4px; }
}
"""


def write_csv(path: Path, layers: LayerReport) -> None:
    """One line per layer in graph order, with the columns ``COLUMNS``; similarity 1 and sqnr inf for equal tensors."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for index, loss in enumerate(layers.losses):
        layer, similarity = loss.layer, loss.similarity
        quantized = (f"{layer.scale:.9g}", layer.zero_point) if layer.scale is not None else ("", "")
        limits = ["" if limit is None else f"{limit:.6g}" for limit in (layer.low, layer.high)]
        writer.writerow(
            [index, layer.name, layer.op, "x".join(map(str, layer.shape)), layer.kind, *quantized, *limits]
            + [similarity.verdict.value, f"{similarity.cosine:.6f}", f"{similarity.euclidean:.6f}"]
            + [f"{similarity.sqnr:.2f}", f"{loss.drop:.6f}", f"{loss.clipped:.6f}"]
        )
    save_text(path, text.getvalue())


def write_html(path: Path, title: str, layers: LayerReport, tolerance: Tolerance) -> None:
    """The page: summary, similarity of all layers in graph order, the worst layers' errors, the whole table."""
    from . import plots

    losses = layers.losses
    failed = [loss for loss in losses if not loss.similarity.verdict.passed]
    parts = [
        f"<h1>{escape(title)}: layer by layer</h1>",
        f"<p>{len(losses)} tensors of the lowered network beside those of the float network; {len(failed)} below the "
        f"tolerance {escape(str(tolerance))} (cosine, euclidean).</p>",
    ]
    if losses:
        parts += ["<h2>In graph order</h2>", plots.along_graph(losses, tolerance, "graph")]
        parts += ["<h2>Layers of lowest similarity</h2>", _table(layers.worst(10), losses)]
        parts += ["<h2>Layers that lose most themselves</h2>", _table(layers.costly(10), losses)]
        parts += ["<h2>Values and errors of the worst layers</h2>"]
    for number, (name, (reference, computed)) in enumerate(layers.samples.items()):
        parts += [f"<h3>{escape(name)}</h3>", '<div class="pair">']
        parts += [plots.scatter(reference, computed, f"values{number}")]
        parts += [plots.error_histogram(reference, computed, f"errors{number}"), "</div>"]
    parts += ["<h2>All layers</h2>", _table(losses, losses, anchors=True)]
    body = "\n".join(parts)
    save_text(
        path,
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n",
    )


HEADER = ("#", "layer", "op", "shape", "type", "scale", "cosine", "euclidean", "SNR dB", "drop", "clipped %")


def _table(rows: list[LayerLoss], everything: list[LayerLoss], anchors: bool = False) -> str:
    numbers = {id(loss): index for index, loss in enumerate(everything)}
    lines = ["<table>", "<thead><tr>" + "".join(f"<th>{word}</th>" for word in HEADER) + "</tr></thead>", "<tbody>"]
    for loss in rows:
        index = numbers[id(loss)]
        number = str(index) if anchors else f'<a href="#layer-{index}">{index}</a>'
        identity = f' id="layer-{index}"' if anchors else ""
        style = "" if loss.similarity.verdict.passed else ' class="fail"'
        cells = [number, *(escape(word) for word in _words(loss))]
        lines.append(f"<tr{identity}{style}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return "\n".join([*lines, "</tbody>", "</table>"])


def _words(loss: LayerLoss) -> list[str]:
    layer, similarity = loss.layer, loss.similarity
    noise = "∞" if math.isinf(similarity.sqnr) else f"{similarity.sqnr:.1f}"
    return [
        layer.name, layer.op, "×".join(map(str, layer.shape)), layer.kind, layer.quantization,
        f"{similarity.cosine:.6f}", f"{similarity.euclidean:.6f}", noise, f"{loss.drop:.6f}",
        f"{100 * loss.clipped:.3f}",
    ]  # fmt: skip
