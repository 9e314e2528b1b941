"""Opens what a person was given as a data set: a folder, or a tar or zip archive that may be hostile.

Only the files that an importer wants are read, under names of our own, so nothing in an archive decides where a byte is
written. Links, climbing paths and absurd sizes are refused before anything is imported.
"""

from __future__ import annotations

import errno
import gzip
import os
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Self

from pskd.errors import BadFile

Wants = Callable[[str], bool]

SUFFIXES = (".tar.gz", ".tgz", ".tar", ".zip")
MAX_MEMBERS = 500_000
MAX_TOTAL_BYTES = 16 * 2**30
_BLOCK = 1 << 20
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, gzip.BadGzipFile, NotImplementedError)


def collect(source: Path, wants: Wants, into: Path, max_file_bytes: int) -> dict[str, Path]:
    """Find the wanted files of a source.

    Args:
        source: a folder, an archive, or a folder that holds archives.
        wants: says by its path within the source whether a file is wanted.
        into: an empty folder where the files of an archive are unpacked.
        max_file_bytes: a larger file is refused.

    Returns:
        Path within the source to the file on disk, in sorted order.

    Raises:
        BadFile: the source is missing, of another kind, damaged or hostile.
    """
    if source.is_dir():
        found = _walk(source, wants, max_file_bytes)
        if not found:
            for number, archive in enumerate(sorted(p for p in source.iterdir() if _is_archive(p))):
                found.update(_unpack(archive, wants, into / str(number), max_file_bytes))
    elif not source.exists():
        raise BadFile(source, "it does not exist", code="file.missing")
    elif _is_archive(source):
        found = _unpack(source, wants, into, max_file_bytes)
    else:
        raise BadFile(
            source, "it is neither a folder nor an archive", code="archive.kind", hint=f"Known: {', '.join(SUFFIXES)}."
        )
    return dict(sorted(found.items()))


def _is_archive(path: Path) -> bool:
    return path.name.lower().endswith(SUFFIXES) and path.is_file()


def _walk(source: Path, wants: Wants, max_file_bytes: int) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder, _, names in os.walk(source):
        for name in names:
            path = Path(folder, name)
            inside = path.relative_to(source).as_posix()
            if not wants(inside) or not path.is_file():
                continue
            if path.stat().st_size > max_file_bytes:
                raise _huge(path, inside)
            found[inside] = path
    return found


def _unpack(archive: Path, wants: Wants, into: Path, max_file_bytes: int) -> dict[str, Path]:
    into.mkdir(parents=True, exist_ok=True)
    found: dict[str, Path] = {}
    total = 0
    try:
        members = _zip_members if archive.name.lower().endswith(".zip") else _tar_members
        for name, size, stream in members(archive, wants):
            if size > max_file_bytes or total + size > MAX_TOTAL_BYTES:
                raise _huge(archive, name)
            if name in found:
                raise BadFile(archive, f"it holds {name} twice", code="archive.twice")
            target = into / f"{len(found):06d}_{PurePosixPath(name).name[-60:]}"
            total += _copy(archive, name, stream, target, max_file_bytes)
            found[name] = target
    except _BROKEN as error:
        raise BadFile(archive, "the archive is damaged or cut off", code="archive.damaged") from error
    except (OverflowError, ValueError) as error:  # places and sizes that no file has
        raise BadFile(archive, "the archive is damaged or cut off", code="archive.damaged") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # the disk, not the archive
            raise
        raise BadFile(archive, "the archive is damaged or cut off", code="archive.damaged") from error
    except RuntimeError as error:  # what zipfile raises for an encrypted member
        raise BadFile(archive, "the archive is locked with a password", code="archive.damaged") from error
    return found


class _StrictHeader(tarfile.TarInfo):
    """A header that is damaged or cut off in the middle is an error; tarfile takes it for the archive's end."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]  # the blocks of zeros that end an archive
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError("damaged or cut off") from error


def _tar_members(archive: Path, wants: Wants) -> Iterator[tuple[str, int, IO[bytes]]]:
    with tarfile.open(archive, "r:*", tarinfo=_StrictHeader) as tar:
        for count, member in enumerate(tar):
            _check_member(archive, member.name, count)
            name = str(PurePosixPath(member.name))
            if not wants(name):
                continue
            stream = tar.extractfile(member) if member.isreg() else None
            if stream is None:
                raise BadFile(archive, f"{name} in it is a link or a device, not a file", code="archive.link")
            yield name, member.size, stream


def _zip_members(archive: Path, wants: Wants) -> Iterator[tuple[str, int, IO[bytes]]]:
    with zipfile.ZipFile(archive) as bundle:
        for count, member in enumerate(bundle.infolist()):
            _check_member(archive, member.filename, count)
            name = str(PurePosixPath(member.filename))
            if member.is_dir() or not wants(name):
                continue
            if member.external_attr >> 16 & 0o170000 == 0o120000:
                raise BadFile(archive, f"{name} in it is a link, not a file", code="archive.link")
            with bundle.open(member) as stream:
                yield name, member.file_size, stream


def _check_member(archive: Path, name: str, count: int) -> None:
    if count >= MAX_MEMBERS:
        raise BadFile(archive, f"it holds more than {MAX_MEMBERS} files", code="archive.count")
    text = name.replace("\\", "/")
    if text.startswith("/") or ".." in text.split("/") or text[1:2] == ":" or "\0" in text:
        raise BadFile(archive, f"a path in it leads out of it ({name[:80]!r})", code="archive.climbs")


def _copy(archive: Path, name: str, stream: IO[bytes], target: Path, max_file_bytes: int) -> int:
    """Unpack one member; its true size counts, whatever the archive declared."""
    written = 0
    with target.open("wb") as file:
        while block := stream.read(_BLOCK):
            written += len(block)
            if written > max_file_bytes:
                raise _huge(archive, name)
            file.write(block)
    return written


def _huge(archive: Path, name: str) -> BadFile:
    return BadFile(archive, f"{name} in it is far larger than such a file can be", code="archive.huge")


def remove_tree(folder: Path) -> None:
    """Remove a temporary folder of ours; what cannot be removed is left."""
    shutil.rmtree(folder, ignore_errors=True)
