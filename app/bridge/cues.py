"""The cue protocols that can be chosen, and what is said of them."""

from __future__ import annotations

from app.widgets.words import many
from pskd.recording.cues import CueProtocol, known_protocols, load_protocol, own_folder, timed_cues


def describe(protocol: CueProtocol) -> str:
    """One line: trials, classes, length."""
    cues = timed_cues(protocol)
    minutes = cues[-1].end_s / 60
    length = f"{cues[-1].end_s:.0f} s" if minutes < 1.5 else f"{minutes:.0f} min"
    practice = f" after {protocol.practice_s:.0f} s of practice" if protocol.practice_s else ""
    return f"{many(len(cues), 'trial')} of {many(len(protocol.classes), 'class', 'classes')}{practice}, {length}"


__all__ = ["describe", "known_protocols", "load_protocol", "own_folder"]
