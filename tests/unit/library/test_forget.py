"""A participant is deleted everywhere, consents are kept with their text, and runs that used somebody are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pskd.cli.library import command
from pskd.errors import BadFile, PskdError, WrongUse
from pskd.library import consent
from pskd.library.forget import forget, traces
from pskd.library.library import Library
from pskd.recording.lock import TakeLock
from pskd.recording.writer import TakeWriter
from pskd.types import Segment
from tests.made_takes import WATCH, block, manifest


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Two people with two takes each, one of which has a film."""
    made = Library.create(tmp_path / "library", "Two")
    for subject in ("01", "1"):
        for number in range(2):
            folder = made.new_take(subject, "a", "wave")
            writer = TakeWriter.create(folder, manifest(WATCH))
            for packet in range(10):
                writer.add_block(block(packet))
            writer.finish()
            if not number:
                (folder / "film.avi").write_bytes(b"pictures")
    return made


def names(root: Path) -> list[str]:
    """Everything in a folder, by its path."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def test_nothing_is_left_of_a_forgotten_participant_and_all_of_the_others(library: Library) -> None:
    root = library.path
    library.remove_take(library.takes()[1].id)
    for subject in ("01", "1"):
        consent.give(root, subject, by="AB", film=True)
    (root / ".cache").mkdir()
    (root / ".cache" / "clips").write_text("copies")
    others = [name for name in names(root) if "sub-1" in name]
    found = library.forget("01")
    assert (len(found.takes), found.films, found.trashed, found.listed, found.consent) == (1, 1, 1, True, True)
    assert not [name for name in names(root) if "sub-01" in name or "cache" in name]
    assert [name for name in names(root) if "sub-1" in name] == others
    assert library.subjects() == ["1"]
    assert list(consent.consents(root)) == ["1"]
    assert "sub-01" not in (root / "participants.tsv").read_text()
    assert not traces(root, "01").found


def test_who_is_not_there_cannot_be_forgotten(library: Library) -> None:
    with pytest.raises(WrongUse, match="no subject 77"):
        library.forget("77")
    with pytest.raises(WrongUse):
        library.forget("../01")


def test_somebody_who_is_being_recorded_is_not_deleted(library: Library) -> None:
    folder = library.takes()[0].folder
    holder = TakeLock(folder)
    try:
        with pytest.raises(PskdError, match="is being recorded"):
            forget(library.path, "01")
    finally:
        holder.release()
    assert len(library.takes()) == 4


def test_a_folder_that_is_only_linked_is_not_followed(library: Library, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    (library.path / "sub-9").symlink_to(outside, target_is_directory=True)
    library.enrol(["9"])
    library.forget("9")
    assert (outside / "precious").exists()
    assert not (library.path / "sub-9").exists()


def test_a_consent_keeps_its_text_whatever_becomes_of_the_library_s(tmp_path: Path) -> None:
    root = Library.create(tmp_path / "l").path
    first = consent.read_text(root)
    given = consent.give(root, "01", by=" AB ", film=False)
    consent.write_text(root, "Another text.")
    consent.give(root, "02", film=True)
    found = consent.consents(root)
    assert found["01"] == given
    assert (found["01"].text, found["01"].by, found["01"].film) == (first, "AB", False)
    assert (found["02"].text, found["02"].film) == ("Another text.", True)
    assert found["01"].time.startswith("20")
    assert consent.withdraw(root, "01")
    assert not consent.withdraw(root, "01")


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"schema": 99}', b'{"consents": 3}'])
def test_damaged_consents_are_one_clear_line(tmp_path: Path, content: bytes) -> None:
    root = Library.create(tmp_path / "l").path
    (root / "consents.json").write_bytes(content)
    with pytest.raises(BadFile):
        consent.give(root, "01")
    assert (root / "consents.json").read_bytes() == content


def test_a_text_that_is_none_is_refused(tmp_path: Path) -> None:
    root = Library.create(tmp_path / "l").path
    with pytest.raises(WrongUse):
        consent.write_text(root, "  \n")
    (root / "consent.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadFile):
        consent.read_text(root)


def test_what_cannot_be_put_out_of_sight_is_deleted_where_it_lies(library: Library) -> None:
    (library.path / ".trash").write_text("in the way")
    library.forget("01")
    assert not (library.path / "sub-01").exists()
    assert library.subjects() == ["1"]


def test_the_command_asks_first_and_says_what_goes(library: Library) -> None:
    asked = CliRunner().invoke(command, ["forget", str(library.path), "01"], input="n\n")
    assert asked.exit_code != 0
    assert "2 takes" in asked.output
    assert "1 film," in asked.output
    assert len(library.takes()) == 4
    done = CliRunner().invoke(command, ["forget", str(library.path), "sub-01", "--yes"])
    assert done.exit_code == 0
    assert done.output.startswith("Deleted. Subject 01: 2 takes")
    assert library.subjects() == ["1"]


def test_consents_can_be_kept_from_the_command_line(library: Library) -> None:
    runner, path = CliRunner(), str(library.path)
    assert runner.invoke(command, ["consent", path, "01", "--give", "--by", "AB"]).exit_code == 0
    shown = runner.invoke(command, ["consent", path])
    assert '"by": "AB"' in shown.output
    assert isinstance(runner.invoke(command, ["consent", path, "--give"]).exception, WrongUse)
    assert isinstance(runner.invoke(command, ["consent", path, "01"]).exception, WrongUse)  # nothing was given
    assert isinstance(runner.invoke(command, ["consent", path, "1", "--withdraw"]).exception, WrongUse)


def test_segments_of_a_forgotten_participant_are_gone(library: Library) -> None:
    take = library.takes()[0]
    library.annotate(take.id, [Segment(0.0, 0.5, "wave")])
    library.forget("01")
    assert not take.folder.exists()
