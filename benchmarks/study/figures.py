"""The study's figures: every seed of every recipe as a point, and the gains with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.study.recipes import Study
from benchmarks.study.results import Gain, Results, Row

WIDTH_IN = 8.0
ROW_IN = 0.34
INK, POINT, MEAN = "#20242c", "#7a8aa0", "#1f6feb"


def draw(out: Path, study: Study, results: Results) -> dict[str, list[str]]:
    """Draw into ``out`` and tell the pictures' names by protocol."""
    out.mkdir(parents=True, exist_ok=True)
    drawn: dict[str, list[str]] = {}
    for name in dict.fromkeys(row.protocol for row in results.rows):
        rows = [row for row in results.rows if row.protocol == name]
        gains = [gain for gain in results.gains if gain.protocol == name and gain.by_seed and gain.by_seed.interval]
        pictures = {f"accuracy-{name}.svg": lambda path, rows=rows: _accuracy(path, rows)}
        if gains:
            pictures[f"gains-{name}.svg"] = lambda path, gains=gains: _gains(path, study, gains)
        for file, paint in pictures.items():
            paint(out / file)
        drawn[name] = list(pictures)
    return drawn


def _accuracy(path: Path, rows: Sequence[Row]) -> None:
    ordered = sorted(rows, key=lambda row: row.accuracy.mean)
    figure, axes = _figure(len(ordered), "accuracy on the test clips, % (points: seeds; diamond: mean)")
    for place, row in enumerate(ordered):
        axes.plot([100 * value for value in row.accuracies], [place] * len(row.accuracies), "o", color=POINT, ms=4)
        axes.plot(100 * row.accuracy.mean, place, "D", color=MEAN, ms=6)
    axes.set_yticks(range(len(ordered)), [row.title for row in ordered])
    _save(figure, path)


def _gains(path: Path, study: Study, gains: Sequence[Gain]) -> None:
    figure, axes = _figure(len(gains), "gain in points, paired over seeds (line: 95 % t interval)")
    names = []
    for place, gain in enumerate(reversed(gains)):
        assert gain.by_seed is not None and gain.by_seed.interval is not None
        axes.plot([100 * end for end in gain.by_seed.interval], [place, place], "-", color=POINT, lw=2)
        axes.plot(100 * gain.by_seed.mean_difference, place, "D", color=MEAN, ms=6)
        names.append(f"{study.recipes[gain.recipe].title}\nagainst {study.recipes[gain.against].title}")
    axes.axvline(0, color=INK, lw=0.8)
    axes.set_yticks(range(len(gains)), names, fontsize=7)
    _save(figure, path)


def _figure(count: int, label: str) -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, 1.2 + ROW_IN * max(count, 2)), layout="constrained")
    # long names leave the axes little width; centred under them the label would run out of the picture
    figure.supxlabel(label, fontsize="medium")
    axes = figure.subplots()
    axes.set_ylim(-0.7, count - 0.3)
    axes.grid(axis="x", color="#e3e7ee")
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return figure, axes


def _save(figure: Any, path: Path) -> None:
    from matplotlib import rc_context

    # no date and no chance inside, so that the same numbers give the same file
    with rc_context({"svg.hashsalt": path.name}):
        figure.savefig(path, metadata={"Date": None})
