"""Reads number tables of strangers: MATLAB matrices and text columns, checked before anything trusts them."""

from __future__ import annotations

import gzip
import io
import math
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pskd import plainfile
from pskd.errors import BadFile
from pskd.library import mat5

_MAT5 = b"MATLAB 5.0"
_MAT7 = b"MATLAB 7.3"


def read_matrix(path: Path, variable: str, shape: tuple[int | None, ...], max_bytes: int) -> NDArray[np.float64]:
    """One real matrix from a MATLAB file of version 5 to 7.

    Args:
        path: the file.
        variable: the matrix's name in it.
        shape: expected shape, None where an axis may have any length above zero.
        max_bytes: more than this is not unpacked.

    Raises:
        BadFile: cut off, another format (7.3, pickle, text), no such variable, another shape, or not numbers.
    """
    from scipy.io import loadmat, whosmat  # slow to import, and only an import needs it

    raw = _read(path, max_bytes)
    _check_header(path, raw)
    mat5.check(path, raw, variable, max_bytes)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            stream: Any = io.BytesIO(raw)
            declared = {name: size for name, size, _ in whosmat(stream)}
            _check_shape(path, variable, declared.get(variable), shape, max_bytes)
            stream.seek(0)
            matrix = loadmat(stream, variable_names=[variable])[variable]
    except BadFile:
        raise
    except Exception as error:  # scipy raises what it likes on a damaged file
        raise BadFile(path, "it is damaged or cut off", code="mat.damaged") from error
    if not isinstance(matrix, np.ndarray) or matrix.dtype.kind not in "fiu":
        raise BadFile(path, f"its {variable} does not hold real numbers", code="mat.type")
    return np.asarray(matrix, np.float64)


def _check_shape(
    path: Path, variable: str, found: tuple[int, ...] | None, wanted: tuple[int | None, ...], max_bytes: int
) -> None:
    """Refuse by the header alone, before memory is asked for."""
    if found is None:
        raise BadFile(path, f"it holds no {variable}", code="mat.variable")
    fits = len(found) == len(wanted) and all(
        have > 0 if want is None else have == want for have, want in zip(found, wanted, strict=True)
    )
    if not fits or math.prod(found) * 8 > max_bytes:
        text = " x ".join("N" if want is None else str(want) for want in wanted)
        raise BadFile(path, f"its {variable} is {' x '.join(map(str, found))}, not {text}", code="mat.shape")


def _check_header(path: Path, raw: bytes) -> None:
    if raw.startswith(_MAT7):
        raise BadFile(
            path, "it is a MATLAB 7.3 file, which this data set does not use", code="mat.version", hint="Save it as v7."
        )
    if not raw.startswith(_MAT5) or len(raw) <= mat5.HEADER:
        raise BadFile(path, "it is not a MATLAB file" if raw else "it is empty", code="mat.kind")


def read_columns(path: Path, columns: int, max_bytes: int) -> NDArray[np.float64]:
    """A text file of numbers separated by blanks, one row a line; ``.gz`` is unpacked.

    Args:
        path: the file.
        columns: numbers on each line.
        max_bytes: more than this, unpacked, is refused.

    Returns:
        ``(N, columns)`` float64.

    Raises:
        BadFile: empty, cut off in a line, not numbers, or another number of columns.
    """
    raw = _read(path, max_bytes)
    try:
        text = raw.decode("ascii").strip()
        rows = np.loadtxt(io.StringIO(text), dtype=np.float64, ndmin=2, comments=None) if text else None
    except ValueError as error:
        raise BadFile(path, f"it is not a table of {columns} numbers a line", code="text.table") from error
    if rows is None:
        raise BadFile(path, "it is empty", code="text.empty")
    if rows.shape[1] != columns:
        raise BadFile(path, f"it has {rows.shape[1]} numbers a line, not {columns}", code="text.columns")
    return rows


def read_text(path: Path, max_bytes: int) -> str:
    """A text file in UTF-8.

    Raises:
        BadFile: unreadable, too large, empty, or not text.
    """
    raw = _read(path, max_bytes)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(path, "it is not text", code="text.kind") from error
    if not text.strip():
        raise BadFile(path, "it is empty", code="text.empty")
    return text


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        plainfile.check(path, path.stat().st_mode)
        if path.name.endswith(".gz"):
            with gzip.open(path) as packed:
                raw = packed.read(max_bytes + 1)
        else:
            with path.open("rb") as file:
                raw = file.read(max_bytes + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadFile(path, "it is damaged or cut off", code="file.damaged") from error
    except OSError as error:
        raise BadFile(path, (error.strerror or str(error)).lower(), code="file.unreadable") from error
    if len(raw) > max_bytes:
        raise BadFile(path, f"it is larger than {max_bytes / 2**20:.0f} MiB", code="file.huge")
    return raw
