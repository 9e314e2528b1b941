"""Which watches were used before, newest first, so that the next time is one click."""

from __future__ import annotations

from app.bridge.session import Session
from app.bridge.sources import Choice, named
from pskd.config import KnownWatch
from pskd.errors import PskdError

MOST = 4
_SCHEMES = ("ble:", "lsl:", "ws:", "http:", "udp:")


def remember(session: Session, uri: str, name: str = "") -> None:
    """Keep a watch at the top of the list; a simulated watch or a replay needs no remembering."""
    if not uri.startswith(_SCHEMES):
        return
    before = {known.uri: known.name for known in session.settings.watches}
    newest = KnownWatch(uri=uri, name=name or before.get(uri, ""))
    others = [known for known in session.settings.watches if known.uri != uri]
    session.change(watches=[newest, *others][:MOST])


def forget(session: Session, uri: str) -> None:
    """Take a watch off the list."""
    session.change(watches=[known for known in session.settings.watches if known.uri != uri])


def remembered(session: Session) -> list[Choice]:
    """The watches used before, newest first; an address that makes no sense any more is left out."""
    found = []
    for known in session.settings.watches:
        try:
            choice = named(known.uri)
        except PskdError:
            continue
        found.append(Choice(known.uri, known.name or choice.name, choice.icon, choice.note))
    return found
