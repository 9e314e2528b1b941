"""Versioned documents: good ones come back whole, all others end in one clear line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pskd import documents
from pskd.errors import BadFile


class Note(msgspec.Struct):
    """A document for these tests."""

    text: str
    count: int = 0
    schema: int = 2


def lift(old: dict[str, object]) -> dict[str, object]:
    """Schema 1 called the text ``words``."""
    return {"text": old["words"]}


def test_a_saved_document_comes_back(tmp_path: Path) -> None:
    documents.save(tmp_path / "note.json", Note("two\nlines", 3))
    assert documents.load(tmp_path / "note.json", Note, schema=2) == Note("two\nlines", 3)


def test_an_older_schema_is_lifted(tmp_path: Path) -> None:
    (tmp_path / "note.json").write_text('{"schema": 1, "words": "old"}')
    assert documents.load(tmp_path / "note.json", Note, schema=2, migrations={1: lift}).text == "old"


def test_a_newer_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "note.json").write_text('{"schema": 9, "text": "x"}')
    with pytest.raises(BadFile, match="newer version") as caught:
        documents.load(tmp_path / "note.json", Note, schema=2)
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[1]", b"null", b'{"text": 3}', b'{"schema": "two", "text": ""}', b"\xff\xfe", b"\x80\x04K\x01."),
        *(b'{"text": "\xf3"}', b"[" * 200_000, b'{"text":' * 200_000, b'{"schema": ' + b"9" * 5000 + b"}"),
    ],
)
def test_a_damaged_document_is_one_clear_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "note.json").write_bytes(content)
    with pytest.raises(BadFile, match=r"Cannot read .*note\.json") as caught:
        documents.load(tmp_path / "note.json", Note, schema=2)
    assert "\n" not in caught.value.message


def test_a_missing_document_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(BadFile, match="Cannot read"):
            documents.load(path, Note, schema=2)


def test_an_absurdly_large_document_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(documents.MAX_BYTES + 1)
    with pytest.raises(BadFile, match="far too large"):
        documents.load(path, Note)


@given(st.binary(max_size=200))
def test_no_bytes_get_past_as_anything_but_a_document_or_a_bad_file(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzz.json"
    path.write_bytes(content)
    try:
        assert isinstance(documents.load(path, Note, schema=2, migrations={1: lambda old: old}), Note)
    except BadFile:
        pass


FIRST_MEETING = """
import sys, threading
import subprocess
import sys
from pathlib import Path
from pskd import documents
from pskd.recording.take import TakeManifest
sys.setswitchinterval(1e-6)
start = threading.Barrier(4)
def read():
    start.wait()
    documents.load(Path(sys.argv[1]), TakeManifest)
threads = [threading.Thread(target=read) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def test_threads_that_meet_a_kind_of_document_at_the_same_moment_do_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "take.json"
    file.write_text('{"subject": "1", "session": "a", "name": "take-001", "state": "complete", "streams": [],'
                    ' "start": {"monotonic_s": 0.0, "utc": ""}}')  # fmt: skip
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", FIRST_MEETING, str(file)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
