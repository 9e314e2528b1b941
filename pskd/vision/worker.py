"""The vision child: owns the camera and MediaPipe.

Commands: ``open`` (fields of :class:`~pskd.vision.session.Order`), ``close``, ``list`` (the webcams), ``command`` (a
hint for the camera: ``name``, ``arguments``), ``film`` (keep one in ``folder`` from ``start_s`` on; without a folder,
end it). Events: ``state``, ``frame`` (with ``pose_s``, the time that its pose took), ``preview`` (the picture of a
frame that was sent is in the shared block), ``film`` (one was closed: ``film frames dropped problem``), ``failed`` (the
camera cannot be used, and why), ``cameras``.
"""

from __future__ import annotations

import os
import queue
from pathlib import Path

import msgspec

from pskd.errors import PskdError, WrongUse
from pskd.events import Event
from pskd.vision.cameras.webcam import list_webcams
from pskd.vision.session import Order, Session
from pskd.workers.child import Channel

_WATCH_S = 1.0


def run(channel: Channel) -> None:
    """Serve commands until the parent has gone.

    Raises:
        PskdError: the pose model hangs; the parent starts a new process.
    """
    session: Session | None = None
    try:
        while True:
            try:
                command = channel.commands.get(timeout=_WATCH_S)
            except queue.Empty:
                _check_health(session)
                continue
            if command is None:
                return
            try:
                session = _obey(command, session, channel)
            except PskdError as error:
                channel.send(
                    "failed", code=error.code, message=error.message, hint=error.hint, exit_code=error.exit_code
                )
    finally:
        if session is not None and not session.stop():
            os._exit(1)  # a driver that never returns must not keep the process


def _check_health(session: Session | None) -> None:
    if session is not None and session.fault is not None:
        raise session.fault
    if session is not None and session.stuck:
        raise PskdError("The pose model does not answer.", code="pose.stuck")


def _obey(command: Event, session: Session | None, channel: Channel) -> Session | None:
    kind = command["event"]
    if kind == "list":
        channel.send("cameras", cameras=list_webcams())
    elif kind == "command" and session is not None:
        session.command(str(command.get("name")), dict(command.get("arguments") or {}))
    elif kind == "film" and session is not None:
        if command.get("folder"):
            session.keep_film(Path(str(command["folder"])), float(command.get("start_s") or 0.0))
        else:
            session.end_film()
    elif kind in ("open", "close"):
        if session is not None and not session.stop():
            raise PskdError("The camera does not answer.", code="camera.stuck")
        session = _opened(command, channel) if kind == "open" else None
    return session


def _opened(command: Event, channel: Channel) -> Session:
    try:
        order = msgspec.convert({key: value for key, value in command.items() if key != "event"}, Order)
    except msgspec.ValidationError as error:
        raise WrongUse(f"The order to the vision process is wrong: {error}.", code="vision.order") from error
    session = Session(order, channel.send)
    session.start()
    return session
