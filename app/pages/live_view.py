"""What student and watch say, drawn: the answer, the likeliest classes, the moving signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.bridge.live_feed import UNSURE, LiveFrame, bands, truth_bands
from app.bridge.live_session import HOP_S, Opened
from app.widgets.live_signal import Band, LiveSignal
from app.widgets.prediction_view import PredictionView, ProbabilityBars
from app.widgets.words import readable, short

TOP = 5
SILENT_S = 2.0
LAG_S = 0.05  # the right edge stands this far behind, so that packets are there when they are drawn


@dataclass(frozen=True, slots=True)
class Said:
    """What is shown large.

    Attributes:
        label: class, ``unsure``, or empty while there is nothing.
        words: as people read it.
        confidence: of it, or None.
        colour: class colour, -1 for calm grey.
        note: a line below.
    """

    label: str
    words: str
    confidence: float | None
    colour: int
    note: str


def said(frame: LiveFrame, opened: Opened, now_s: float, waiting: str) -> Said:
    """The newest answer, or why there is none.

    Args:
        frame: how everything stands.
        opened: what is running.
        now_s: the moment, on the shared clock.
        waiting: what is waited for, one sentence; empty where nothing is amiss.
    """
    if not frame.predictions:
        return Said("", "Waiting for signal", None, -1, waiting)
    newest = frame.predictions[-1]
    silent = now_s - newest.t_s
    if silent > SILENT_S:
        return Said("", "No answer", None, -1, waiting or f"The last one was {silent:.0f} s ago.")
    if newest.label == UNSURE:
        likely = opened.classes[int(np.argmax(newest.probabilities))]
        return Said(UNSURE, "Unsure", newest.confidence, -1, f"Perhaps “{short(likely)}”")
    lasted_s = newest.t_s - bands(frame.predictions, HOP_S)[-1][0]
    note = f"for {lasted_s:.0f} s" if lasted_s >= 1 else "since just now"
    return Said(newest.label, readable(newest.label), newest.confidence, _colour(newest.label, opened), note)


class LiveView:
    """Feeds three widgets from one frame; the page and the presentation each have one.

    Attributes:
        answer: the class, large.
        bars: the likeliest classes.
        signal: the moving signal.
    """

    def __init__(self, span_s: float = 12.0) -> None:
        self.answer = PredictionView()
        self.bars = ProbabilityBars()
        self.signal = LiveSignal(span_s)

    def set_scale(self, scale: float) -> None:
        """Draw everything this many times as large."""
        for widget in (self.answer, self.bars, self.signal):
            widget.set_scale(scale)

    def show_frame(self, frame: LiveFrame, opened: Opened, now_s: float, waiting: str) -> Said:
        """Draw one frame; returns what is shown large."""
        shown = said(frame, opened, now_s, waiting)
        self.answer.set_prediction(shown.words, shown.confidence, shown.colour, shown.note)
        if shown.label:
            chances = frame.predictions[-1].probabilities
            order = np.argsort(chances)[::-1][:TOP].tolist()
            rows = [(readable(opened.classes[k]), float(chances[k]), k) for k in order if k < len(opened.classes)]
            self.bars.set_rows(rows, opened.unsure_below or None)
        else:
            self.bars.set_rows([(readable(name), 0.0, k) for k, name in enumerate(opened.classes[:TOP])])
        truth = None
        if frame.truth is not None:
            truth = [_band(band, opened) for band in truth_bands(frame.truth, now_s)]
        predicted = [_band(band, opened) for band in bands(frame.predictions, HOP_S)]
        self.signal.set_frame(now_s - LAG_S, frame.times_s, frame.values, predicted, truth)
        return shown

    def show_idle(self, words: str, note: str = "") -> None:
        """Nothing runs."""
        self.answer.set_prediction(words, None, -1, note)
        self.bars.set_rows([])
        self.signal.clear()


def _band(band: tuple[float, float, str], opened: Opened) -> Band:
    start, end, label = band
    return start, end, readable(label), _colour(label, opened)


def _colour(label: str, opened: Opened) -> int:
    return opened.classes.index(label) if label in opened.classes else -1
