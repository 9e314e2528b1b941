"""What was written for the command line, in the words of the window."""

from __future__ import annotations

from pskd.uri import shown

LEAST_URI = 5
_PLAIN = {
    "use sim: or replay: as a watch": "choose the simulated watch or a replay",
    "use video:PATH or sim: as a camera": "choose a film or the simulated person",
}


def plain(hint: str) -> str:
    """The hint without addresses that only the command line takes."""
    for said, better in _PLAIN.items():
        hint = hint.replace(said, better)
    return hint


def spoken(sentence: str, uri: str, name: str) -> str:
    """A sentence about a watch with its name in place of its address.

    Args:
        sentence: as the device engine said it.
        uri: of the watch.
        name: as people read it.
    """
    said = plain(sentence)
    if len(uri) <= LEAST_URI:  # "sim:" may stand in a sentence for itself
        return said.replace(f"{uri}.", f"{name}.") if uri else said
    if uri.startswith("replay:"):  # a file is known by its path
        return said
    for address in (shown(uri), uri.partition(":")[2].rpartition("/")[2]):
        if len(address) > LEAST_URI:
            said = said.replace(address, name)
    return said
