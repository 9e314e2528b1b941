"""Lets a script drive the window: wait while it goes on painting, or until something is so."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QApplication, QWidget

from pskd.errors import PskdError

TICK_S = 0.01


def wait(seconds: float) -> None:
    """Go on for some time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(TICK_S)


def until(condition: Callable[[], object], timeout_s: float, what: str) -> None:
    """Go on until something is so.

    Raises:
        PskdError: it did not happen in time; ``what`` says what was awaited.
    """
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise PskdError(f"Waited {timeout_s:.0f} s in vain: {what}.", code="tour.timeout", hint="See studio.log.")
        QApplication.processEvents()
        time.sleep(TICK_S)


def picture(widget: QWidget, path: Path) -> Path:
    """Save what a widget shows as a PNG.

    Raises:
        PskdError: it cannot be written.
    """
    QApplication.processEvents()
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    writer = QImageWriter(str(path))
    writer.setQuality(0)  # the smallest file: PNG loses nothing
    if not writer.write(picture):
        raise PskdError(f"Cannot write {path}.", code="tour.picture", hint="Choose another folder.")
    return path
