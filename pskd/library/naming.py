"""Names of subjects, sessions, takes and classes: what is allowed, and how they become folders."""

from __future__ import annotations

import re
import unicodedata

from pskd.errors import WrongUse

MAX_LABEL = 80
UNSURE = "unsure"
"""What a student says when no class is certain; no class may be called so."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,47}")
_TAKE = re.compile(r"take-(\d{1,9})(?:_(.*))?")
_TAKE_ID = re.compile(r"sub-([^/\\]+)/ses-([^/\\]+)/(take-\d{1,9}(?:_[^/\\]*)?)")


def check_name(what: str, name: str) -> str:
    """A subject's or session's name, unchanged.

    Args:
        what: ``subject`` or ``session``, for the message.
        name: letters, digits and hyphens, 48 at most, starting with a letter or digit.

    Raises:
        WrongUse: it cannot be part of a folder's name everywhere.
    """
    if not _NAME.fullmatch(name):
        raise WrongUse(
            f"{name!r} cannot name a {what}.",
            code="library.name",
            hint="Use letters, digits and hyphens, such as 01 or anna-2.",
        )
    return name


def check_label(label: str) -> str:
    """A class name, stripped and in one Unicode form.

    Raises:
        WrongUse: empty, too long, ``unsure``, or with a slash or a control character.
    """
    text = unicodedata.normalize("NFC", label).strip()
    if text == UNSURE:
        raise WrongUse(
            f"{UNSURE!r} cannot name a class: it is what is said when no class is certain.",
            code="library.label",
            hint="Choose another name.",
        )
    if not text or len(text) > MAX_LABEL or "/" in text or any(unicodedata.category(c)[0] == "C" for c in text):
        raise WrongUse(
            f"{label!r} cannot name a class.",
            code="library.label",
            hint=f"Use 1 to {MAX_LABEL} visible characters without a slash.",
        )
    return text


def slug(label: str) -> str:
    """The part of a take's folder name that says what was done: lower case, words joined by hyphens, 40 at most."""
    text = unicodedata.normalize("NFC", label).lower()
    return re.sub(r"[\W_]+", "-", text).strip("-")[:40].rstrip("-")


def take_name(number: int, label: str) -> str:
    """Folder name of a take, ``take-003_squat``."""
    suffix = slug(label)
    return f"take-{number:03d}" + (f"_{suffix}" if suffix else "")


def take_number(name: str) -> int | None:
    """The number in a take's folder name; None where it is not a take."""
    match = _TAKE.fullmatch(name)
    return int(match[1]) if match else None


def split_take_id(take_id: str) -> tuple[str, str, str]:
    """Subject, session and folder name of ``sub-01/ses-20261122a/take-003_squat``.

    Raises:
        WrongUse: it is not a take's id (so it can never lead out of the library).
    """
    match = _TAKE_ID.fullmatch(take_id)
    if not match or ".." in take_id:
        raise WrongUse(
            f"{take_id!r} is not a take.", code="library.take-id", hint="Example: sub-01/ses-20261122a/take-003_squat."
        )
    return match[1], match[2], match[3]


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key by which ``s2`` stands before ``s10``."""
    parts = re.split(r"(\d+)", name)
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts if part)
