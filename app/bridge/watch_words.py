"""Hints that were written for the command line, in the words of the window."""

from __future__ import annotations

_PLAIN = {
    "use sim: or replay: as a watch": "choose the simulated watch or a replay",
    "use video:PATH or sim: as a camera": "choose a film or the simulated person",
}


def plain(hint: str) -> str:
    """The hint without addresses that only the command line takes."""
    for said, better in _PLAIN.items():
        hint = hint.replace(said, better)
    return hint
