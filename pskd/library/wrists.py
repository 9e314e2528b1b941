"""Which wrist a subject wears the watch on: the column ``wrist`` of ``participants.tsv``."""

from __future__ import annotations

from pskd import atomic
from pskd.errors import PskdError, WrongUse
from pskd.library.index import Participants
from pskd.library.library import Library
from pskd.recording.names import SIDES as SIDES

COLUMN = "wrist"


def wrist_of(library: Library, subject: str) -> str:
    """``left`` or ``right``, or empty where nobody has said."""
    people = Participants.load(library.path / "participants.tsv")
    cells = dict(zip(people.columns[1:], people.rows.get(subject, []), strict=False))
    said = cells.get(COLUMN, "").strip().lower()
    return said if said in SIDES else ""


def set_wrist(library: Library, subject: str, side: str) -> None:
    """Say which wrist a subject wears the watch on.

    Raises:
        WrongUse: no such subject, or neither left nor right.
        PskdError: ``participants.tsv`` is not in a form that can be changed.
    """
    if side not in SIDES:
        raise WrongUse(f"{side!r} is neither left nor right.", code="library.wrist")
    if subject not in library.subjects():
        raise WrongUse(f"There is no subject {subject} in {library.path}.", code="library.no-subject")
    library.enrol([subject])
    path = library.path / "participants.tsv"
    people = Participants.load(path)
    if people.foreign:
        raise PskdError(f"{path} is not a table of participants.", code="library.participants", hint="Repair it.")
    if COLUMN not in people.columns:
        people.columns.append(COLUMN)
    place, width = people.columns.index(COLUMN) - 1, len(people.columns) - 1
    for name, cells in people.rows.items():
        people.rows[name] = (cells + ["n/a"] * width)[:width]
    people.rows[subject][place] = side
    atomic.write_bytes(path, people.text().encode())
