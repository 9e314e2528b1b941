"""``answers.json``: what every rung said of every test clip, so that a cell of a matrix leads to its takes."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pskd import documents

ANSWERS_NAME = "answers.json"
ANSWERS_SCHEMA = 1


class ClipAnswer(msgspec.Struct):
    """One test clip.

    Attributes:
        take: id of its take in the library.
        trial: number of the repetition; 0 where unknown.
        truth: its class.
        answers: the class that each rung named; a rung that could not see the clip is not there.
    """

    take: str
    trial: int
    truth: str
    answers: dict[str, str]


class Answers(msgspec.Struct, kw_only=True):
    """``answers.json``: all test clips, in order of the folds."""

    clips: list[ClipAnswer]
    schema: int = ANSWERS_SCHEMA

    def keys(self) -> list[tuple[str, int, int]]:
        """What names each clip in every run: its take, its trial, and how many clips of both came before it."""
        met: dict[tuple[str, int], int] = {}
        found = []
        for clip in self.clips:
            place = met.get((clip.take, clip.trial), 0)
            met[clip.take, clip.trial] = place + 1
            found.append((clip.take, clip.trial, place))
        return found

    def takes(self, rung: str, truth: str, answer: str) -> list[str]:
        """Takes of the clips in one cell of a rung's confusion matrix, each once."""
        found = (c.take for c in self.clips if c.truth == truth and c.answers.get(rung) == answer)
        return list(dict.fromkeys(found))


def write_answers(run_folder: Path, answers: Answers) -> None:
    """Write ``answers.json`` into a run folder, atomically."""
    documents.save(run_folder / ANSWERS_NAME, answers)


def read_answers(run_folder: Path) -> Answers | None:
    """The answers of a run; None for a run of a version that left none.

    Raises:
        BadFile: the file is there and cannot be read.
    """
    path = run_folder / ANSWERS_NAME
    return documents.load(path, Answers, schema=ANSWERS_SCHEMA) if path.exists() else None
