"""Consent: the text that participants agree to, and who agreed to which text when. No name is needed.

``consent.txt`` in the library is the text; anybody may edit it with any editor. ``consents.json`` keeps each consent
with the whole text that was agreed to, so a later edit changes nothing about it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from pskd import assets, atomic, documents, plainfile
from pskd.clock import utc_now
from pskd.errors import BadFile, WrongUse
from pskd.library import naming

TEXT_FILE = "consent.txt"
CONSENTS_FILE = "consents.json"
CONSENTS_SCHEMA = 1
MAX_TEXT_BYTES = 1 << 18


class Consent(msgspec.Struct, kw_only=True, frozen=True):
    """One participant's consent.

    Attributes:
        subject: such as ``01``.
        time: when, ISO 8601 in UTC.
        by: who asked and wrote it down; may be empty.
        film: the pictures may be kept too, not only landmarks.
        text: what was agreed to, whole.
    """

    subject: str
    time: str
    by: str = ""
    film: bool = False
    text: str = ""


class Consents(msgspec.Struct, kw_only=True):
    """``consents.json``: the newest consent of each participant."""

    consents: list[Consent] = []
    schema: int = CONSENTS_SCHEMA


def read_text(root: Path) -> str:
    """The library's text, or the shipped one where it has none.

    Raises:
        BadFile: it is not text, or absurdly long.
    """
    path = root / TEXT_FILE
    if not path.exists():
        path = assets.path("consent.txt")
    try:
        return plainfile.read_bytes(path, MAX_TEXT_BYTES).decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise BadFile(path, "it is not text", code="consent.text", hint="Save it as UTF-8.") from error


def write_text(root: Path, text: str) -> None:
    """Make this the library's text, for the consents to come.

    Raises:
        WrongUse: there is nothing in it, or it is absurdly long.
    """
    content = f"{text.strip()}\n".encode()
    if not text.strip() or len(content) > MAX_TEXT_BYTES:
        raise WrongUse("The text of the consent is empty or far too long.", code="consent.text")
    atomic.write_bytes(root / TEXT_FILE, content)


def consents(root: Path) -> dict[str, Consent]:
    """The newest consent of each participant, by subject.

    Raises:
        BadFile: ``consents.json`` is damaged or newer than this program.
    """
    path = root / CONSENTS_FILE
    if not path.exists():
        return {}
    return {each.subject: each for each in documents.load(path, Consents, schema=CONSENTS_SCHEMA).consents}


def give(root: Path, subject: str, *, by: str = "", film: bool = False) -> Consent:
    """Write down that a participant agrees to the library's text as it is now; replaces an earlier consent.

    Raises:
        WrongUse: the subject's name cannot be one.
        BadFile: what is there cannot be read.
    """
    given = Consent(
        subject=naming.check_name("subject", subject), time=utc_now(), by=by.strip(), film=film, text=read_text(root)
    )
    _save(root, consents(root) | {subject: given})
    return given


def withdraw(root: Path, subject: str) -> bool:
    """Strike a participant's consent; False where there was none."""
    found = consents(root)
    if found.pop(subject, None) is None:
        return False
    _save(root, found)
    return True


def _save(root: Path, found: dict[str, Consent]) -> None:
    documents.save(root / CONSENTS_FILE, Consents(consents=[found[s] for s in sorted(found, key=naming.natural_key)]))
