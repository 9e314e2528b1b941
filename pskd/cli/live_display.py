"""How ``pskd live`` shows itself: a panel in a terminal, plain lines in a pipe, JSON lines for programs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import click
import msgspec
import numpy as np

from pskd.cli.printable import many, printable
from pskd.live.smoothing import UNSURE
from pskd.types import Prediction

if TYPE_CHECKING:
    from pskd.cli.live import LiveSession

BAR = 30


class Display(AbstractContextManager["Display"], ABC):
    """Shows predictions while they come, and the summary at the end."""

    def __exit__(self, *exception: object) -> None:
        """Nothing to put back."""

    @abstractmethod
    def show(self, prediction: Prediction | None, session: LiveSession) -> None:
        """The newest prediction; None where only the state may have changed."""

    def sum_up(self, summary: dict[str, Any]) -> None:
        """The end."""
        click.echo("\n".join(summary_lines(summary)))


def display_for(*, as_json: bool, terminal: bool) -> Display:
    """The display that suits the reader."""
    if as_json:
        return JsonLines()
    return Panel() if terminal else PlainLines()


class JsonLines(Display):
    """One JSON object a line."""

    def show(self, prediction: Prediction | None, session: LiveSession) -> None:
        """One line a prediction."""
        if prediction is None:
            return
        classes = session.manifest.classes
        line = {
            "event": "prediction",
            "t_s": prediction.t_s,
            "signal_s": prediction.signal_s,
            "label": prediction.label,
            "confidence": round(prediction.confidence, 6),
            "probabilities": dict(zip(classes, (round(float(p), 6) for p in prediction.probabilities), strict=True)),
            "latency_ms": round(prediction.latency_ms, 3),
            "truth": session.referee.truth_at(prediction.signal_s) or None,
        }
        click.echo(msgspec.json.encode(line).decode())

    def sum_up(self, summary: dict[str, Any]) -> None:
        """The last line."""
        click.echo(msgspec.json.encode({"event": "summary", **summary}, enc_hook=float).decode())


class PlainLines(Display):
    """A line each time the answer or the state changes."""

    def __init__(self) -> None:
        self._news = self._label = ""

    def show(self, prediction: Prediction | None, session: LiveSession) -> None:
        """A line where the label changed; how watch and student fare goes to standard error."""
        if session.news != self._news and session.failure is None:
            self._news = session.news
            click.echo(printable(self._news), err=True)
        if prediction is None or prediction.label == self._label:
            return
        self._label = prediction.label
        truth = session.referee.truth_at(prediction.signal_s)
        told = f"  (truth: {truth})" if truth else ""
        line = f"{prediction.label}  {100 * prediction.confidence:.0f} %  {prediction.latency_ms:.1f} ms{told}"
        click.echo(printable(line))


class Panel(Display):
    """A panel that is redrawn in place."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._live = Live(console=Console(highlight=False), refresh_per_second=10, transient=True)
        self._recent: deque[float] = deque(maxlen=50)
        self._prediction: Prediction | None = None

    def __enter__(self) -> Panel:
        self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Give the terminal back."""
        self._live.stop()

    def show(self, prediction: Prediction | None, session: LiveSession) -> None:
        """Redraw."""
        if prediction is not None:
            self._prediction = prediction
            self._recent.append(prediction.latency_ms)
        self._live.update(self._drawn(session))

    def _drawn(self, session: LiveSession) -> Any:
        from rich.console import Group
        from rich.panel import Panel as Frame
        from rich.text import Text

        newest = self._prediction
        source = Text(
            f"{session.rate_hz:g} Hz{'  simulated' if session.simulated else ''}  {printable(session.device)}"
        )
        if newest is None:
            return Frame(
                Group(Text("waiting", style="bold"), Text(printable(session.state_text), style="dim")), title=source
            )
        lines = [Text(printable(newest.label), style="yellow" if newest.label == UNSURE else "bold green")]
        for number in np.argsort(newest.probabilities)[::-1][:3]:
            share = float(newest.probabilities[number])
            lines.append(Text(f"{bar(share)} {100 * share:3.0f} %  {printable(session.manifest.classes[number])}"))
        truth = session.referee.truth_at(newest.signal_s)
        lines.append(Text(printable(f"truth: {truth}" if truth else session.state_text), style="dim"))
        footer = f"{newest.latency_ms:.1f} ms, median {np.median(self._recent):.1f} ms"
        return Frame(Group(*lines), title=source, subtitle=footer)


def bar(share: float, width: int = BAR) -> str:
    """A bar of ``width`` characters, filled to ``share`` (0 to 1)."""
    full = round(min(max(share, 0.0), 1.0) * width)
    return "█" * full + "░" * (width - full)


def summary_lines(summary: dict[str, Any]) -> list[str]:
    """The summary for people."""
    lines = [f"{many(summary['predictions'], 'prediction')}."]
    if "latency_ms" in summary:
        at = summary["latency_ms"]
        lines.append(f"Latency: median {at['p50']:.1f} ms, p95 {at['p95']:.1f} ms, p99 {at['p99']:.1f} ms.")
        if summary.get("speed", 1.0) != 1.0:
            lines[-1] += " (Not played at true speed, so packets queued: this says nothing of a real watch.)"
    if "agreement" in summary:
        found = summary["agreement"]
        if found["counted"]:
            lines.append(
                f"Agreement with the labels: {found['agreed']} of {many(found['counted'], 'prediction')} "
                f"({100 * found['share']:.1f} %, {found['unsure']} unsure), "
                f"{found['segments_agreed']} of {many(found['segments'], 'segment')}."
            )
        else:
            lines.append("No prediction could be compared with a label.")
        skipped = f"{many(found['skipped'], 'prediction')}, {many(found['segments_skipped'], 'segment')}"
        lines.append(f"Not counted: {skipped}. {found['rule']}")
    return lines
