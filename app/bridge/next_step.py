"""What a library needs next: one sentence and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.widgets.words import readable

if TYPE_CHECKING:
    from pskd.library.library import Library

ENOUGH = 5  # segments of a class below which more are asked for


@dataclass(frozen=True, slots=True)
class NextStep:
    """One piece of advice.

    Attributes:
        page: key of the page where it is done.
        heading: what to do.
        explanation: why.
        action: words of the button.
        arguments: for the page's ``enter``.
        ready: the library can be trained on.
    """

    page: str
    heading: str
    explanation: str
    action: str
    arguments: Mapping[str, Any]
    ready: bool = False


def next_step(info: Mapping[str, Any], trained: int = 0, trouble: str = "") -> NextStep:
    """Say what comes next.

    Args:
        info: as :meth:`pskd.library.library.Library.info` gives it.
        trained: students that can be used live.
        trouble: why it cannot be trained on, in words; empty where it can.
    """
    counts: dict[str, int] = info["class_counts"]
    if not info["takes"]:
        return NextStep("record", "Record the first take", "The library is empty.", "Record", {})
    if not info["segments"]:
        return NextStep("library", "Label your takes", "No take has a labelled segment yet.", "Open the library", {})
    done = {label: count for label, count in counts.items() if count}
    if len(done) < 2:
        only = next(iter(done))
        return NextStep("record", "Record a second class", f"So far there is only “{readable(only)}”.", "Record", {})
    scarce = min(counts, key=lambda label: counts[label])
    if counts[scarce] < ENOUGH:
        explanation = f"{counts[scarce]} of at least {ENOUGH} segments so far."
        return NextStep("record", f"Record more of “{readable(scarce)}”", explanation, "Record", {"label": scarce})
    if trained:
        explanation = "Try it live, or record more and train again."
        return NextStep("live", "A student is ready", explanation, "Go live", {}, ready=True)
    if trouble:
        return NextStep("record", "Record more takes", trouble, "Record", {})
    return _train(info)


def students(library: Path) -> int:
    """How many runs of a library have a student that can be used live; reads the disk."""
    from app.bridge.runs import list_runs

    return sum(run.has_bundle for run in list_runs(library))


def obstacle(library: Library) -> str:
    """Why a library cannot be trained on; empty where it can. Reads the disk."""
    from app.bridge.data_outline import outline_of

    return next(iter(outline_of(library).problems), "")


def _train(info: Mapping[str, Any]) -> NextStep:
    people = info["subjects"]
    if people < 2:
        explanation = "With a second subject you would also learn how well it works for new people."
    else:
        explanation = f"{len(info['class_counts'])} classes by {people} subjects."
    return NextStep("train", "Ready to train", explanation, "Train", {}, ready=True)
