"""Which watches were used before, newest first, so that the next time is one click."""

from __future__ import annotations

from app.bridge.session import Session
from app.bridge.sources import Choice, named
from pskd.config import KnownWatch
from pskd.errors import PskdError

MOST = 4
HARDWARE = ("ble:", "lsl:", "ws:", "http:", "udp:")  # addresses of watches that somebody wears


def remember(session: Session, uri: str, name: str = "") -> None:
    """Keep a watch at the top of the list; a simulated watch or a replay needs no remembering."""
    if not uri.startswith(HARDWARE):
        return
    before = {other.uri: other.name for other in session.settings.watches}
    newest = KnownWatch(uri=uri, name=name or before.get(uri, ""))
    others = [other for other in session.settings.watches if other.uri != uri]
    session.change(watches=[newest, *others][:MOST])


def forget(session: Session, uri: str) -> None:
    """Take a watch off the list."""
    session.change(watches=[other for other in session.settings.watches if other.uri != uri])


def remembered(session: Session) -> list[Choice]:
    """The watches used before, newest first; an address that makes no sense any more is left out."""
    found = []
    for one in session.settings.watches:
        try:
            found.append(known(session, one.uri))
        except PskdError:
            continue
    return found


def known(session: Session, uri: str, role: str = "watch") -> Choice:
    """A choice for any URI, by the name under which a watch is remembered.

    Raises:
        PskdError: it is no device's address.
    """
    choice = named(uri, role)
    name = next((one.name for one in session.settings.watches if one.uri == uri), "")
    return Choice(uri, name or choice.name, choice.icon, choice.note)


def is_remembered(session: Session, uri: str) -> bool:
    """The watch is on the list."""
    return any(one.uri == uri for one in session.settings.watches)
