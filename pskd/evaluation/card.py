"""The model card: what a student is for, what it was trained on, how good it is and where it fails."""

from __future__ import annotations

from pathlib import Path

from pskd import atomic
from pskd.evaluation.page import render_card
from pskd.evaluation.report import Report

CARD_NAME = "card.md"
LICENCE = (
    "The weights belong to whoever trained them; the terms of the recordings they were trained on apply. "
    "The program that made them is under Apache-2.0."
)


def card_text(report: Report, *, licence: str = LICENCE, facts: dict[str, str] | None = None) -> str:
    """The card as Markdown.

    Args:
        report: of the run.
        licence: under which terms the weights may be used.
        facts: what is known of the student's input (rate, window, sensor), name and value.
    """
    text = render_card(report, licence=licence, facts=facts or {"sees": report.student_input})
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def write_card(folder: Path, report: Report, *, licence: str = LICENCE, facts: dict[str, str] | None = None) -> Path:
    """Write ``card.md`` into a folder, atomically, and return its path."""
    path = folder / CARD_NAME
    atomic.write_bytes(path, card_text(report, licence=licence, facts=facts).encode("utf-8"))
    return path
