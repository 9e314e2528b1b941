"""The one error type that reaches people: what happened, and what to do about it."""

from __future__ import annotations

import errno

DISK_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""What the system says where no more can be written: full, the file at its limit, the person's share used up."""


class PskdError(Exception):
    """A failure that is explained to the person who met it.

    Args:
        message: what happened, one plain sentence, naming the file, device or parameter.
        code: stable dotted name for programs and tests, such as ``library.not-found``.
        hint: what the person can do now; may be empty.
    """

    exit_code = 1

    def __init__(self, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class WrongUse(PskdError):
    """The request itself cannot be met as asked (a bad option, an unknown name)."""

    exit_code = 2

    def __init__(self, message: str, *, code: str = "usage", hint: str = "") -> None:
        super().__init__(message, code=code, hint=hint)


class BadFile(PskdError):
    """A file is missing, cut off, of the wrong kind, or not to be trusted."""

    def __init__(self, path: object, why: str, *, code: str = "file.bad", hint: str = "") -> None:
        super().__init__(f"Cannot read {path}: {why}.", code=code, hint=hint)
