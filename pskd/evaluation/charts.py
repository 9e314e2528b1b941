"""Training curves as SVG that follows the page's light or dark colours."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pskd.evaluation.report import CurvePoint

# Stand-ins that are swapped for the page's CSS variables once the figure is drawn.
_INK, _FAINT = "#010203", "#040506"
_SERIES = ("#0a0001", "#0a0002", "#0a0003", "#0a0004", "#0a0005", "#0a0006")
_VARIABLES = {_INK: "var(--ink)", _FAINT: "var(--line)"} | {
    colour: f"var(--series-{number})" for number, colour in enumerate(_SERIES, start=1)
}
# No date and no vocabulary addresses: the same report gives the same bytes, and nothing points outside.
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def series_colour(number: int) -> str:
    """The CSS colour of the ``number``-th rung, from 0; the colours come round again after six."""
    return f"var(--series-{number % len(_SERIES) + 1})"


def training_curves(curves: Mapping[str, Sequence[CurvePoint]]) -> str:
    """Loss and accuracy over epochs, one line a rung.

    Args:
        curves: by rung name; empty ones are left out.

    Returns:
        An ``<svg>`` element to be set into an HTML page that defines ``--ink``, ``--line`` and ``--series-1`` to ``6``;
        empty where there is nothing to draw.
    """
    drawn = {name: points for name, points in curves.items() if points}
    if not drawn:
        return ""
    import matplotlib
    from matplotlib.figure import Figure

    style: Any = {"svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9.0, "svg.hashsalt": "pskd"}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(9.2, 3.1), layout="constrained")
        loss, accuracy = figure.subplots(1, 2)
        for number, points in enumerate(drawn.values()):
            colour = _SERIES[number % len(_SERIES)]
            _line(loss, [(p.epoch, p.loss) for p in points], colour)
            _line(accuracy, [(p.epoch, 100 * p.accuracy) for p in points if p.accuracy is not None], colour)
        _dress(loss, "Training loss")
        _dress(accuracy, "Accuracy on the training clips, %")
        accuracy.set_ylim(0, 102)
        target = io.StringIO()
        figure.savefig(target, format="svg", transparent=True, metadata=_NO_METADATA)
    return _inline(target.getvalue())


def _line(axes: Any, points: list[tuple[int, float]], colour: str) -> None:
    if points:
        axes.plot(*zip(*points, strict=True), color=colour, linewidth=1.6, marker="o" if len(points) == 1 else None)


def _dress(axes: Any, title: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title(title, loc="left", color=_INK, fontsize=10)
    axes.set_xlabel("epoch", color=_INK)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(colors=_INK, length=0)
    axes.grid(axis="y", color=_FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color(_FAINT)


def _inline(svg: str) -> str:
    svg = svg[svg.index("<svg") :].replace("xlink:href", "href")
    svg = re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", svg)
    svg = re.sub(r'<svg [^>]*viewBox="([^"]*)"[^>]*>', r'<svg class="chart" role="img" viewBox="\1">', svg, count=1)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font:\s*([\d.]+)px[^;\"]*", r"font-size: \1px", svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, variable)
    return svg
