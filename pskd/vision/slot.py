"""A place for one shot between the thread that grabs and the thread that finds poses."""

from __future__ import annotations

import threading

from pskd.vision.base import Shot


class Slot:
    """Holds one shot.

    Args:
        live: a newer shot replaces one that nobody took, so that the picture never lags; otherwise :meth:`put` waits.
    """

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._shot: Shot | None = None
        self._closed = False
        self._changed = threading.Condition()

    def put(self, shot: Shot) -> None:
        """Offer a shot; nothing once the slot is closed."""
        with self._changed:
            if not self._live:
                self._changed.wait_for(lambda: self._shot is None or self._closed)
            self._shot = shot
            self._changed.notify_all()

    def take(self, timeout_s: float) -> Shot | None:
        """The newest shot, once; None after the timeout or when the slot is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._shot is not None or self._closed, timeout_s)
            shot, self._shot = self._shot, None
            self._changed.notify_all()
            return shot

    def close(self) -> None:
        """No more shots will come; one that waits can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """True once :meth:`close` was called and the last shot was taken."""
        with self._changed:
            return self._closed and self._shot is None
