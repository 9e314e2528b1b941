"""``quality.json``: what was looked at in a take and what was found. Derived; it can be made again any time."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import msgspec

from pskd import documents
from pskd.errors import BadFile

QUALITY_FILE = "quality.json"
QUALITY_SCHEMA = 1


class Severity(StrEnum):
    """How much a finding matters."""

    GOOD = "good"
    NOTICE = "notice"
    BAD = "bad"


_ORDER = {Severity.BAD: 0, Severity.NOTICE: 1, Severity.GOOD: 2}


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at.

    Attributes:
        check: which check it is, such as ``coverage`` or ``wrist``.
        severity: how much it matters.
        text: what was found, one plain sentence.
        hint: what to do; empty where nothing needs to be done.
        value: the figure that it rests on.
        unit: of that figure; empty where it has none.
        about: the stream, joint or wrist that it is about; may be empty.
    """

    check: str
    severity: Severity
    text: str
    hint: str = ""
    value: float | None = None
    unit: str = ""
    about: str = ""

    @property
    def sentence(self) -> str:
        """What was found and what to do."""
        return f"{self.text} {self.hint}".rstrip()


class QualityDocument(msgspec.Struct, kw_only=True):
    """``quality.json``.

    Attributes:
        findings: the worst first.
    """

    findings: tuple[Finding, ...] = ()
    schema: int = QUALITY_SCHEMA

    @property
    def worst(self) -> Severity:
        """How the take stands as a whole."""
        return min((finding.severity for finding in self.findings), key=_ORDER.__getitem__, default=Severity.GOOD)

    @property
    def troubles(self) -> tuple[Finding, ...]:
        """What is not good, the worst first."""
        return tuple(finding for finding in self.findings if finding.severity is not Severity.GOOD)


def worst_first(findings: list[Finding]) -> tuple[Finding, ...]:
    """Findings in the order in which a person needs them."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity]))


def read_quality(folder: Path) -> QualityDocument | None:
    """What was stored; None where nothing was, or it cannot be read (it can always be made again)."""
    path = folder / QUALITY_FILE
    if not path.exists():
        return None
    try:
        return documents.load(path, QualityDocument, schema=QUALITY_SCHEMA)
    except BadFile:
        return None
