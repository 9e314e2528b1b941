"""Takes that were cut off, and takes that only look so."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from made_takes import START_S, block, frame, manifest

from pskd.errors import BadFile, PskdError
from pskd.recording import lock, xdf
from pskd.recording.reader import read_manifest, read_take
from pskd.recording.recovery import recover
from pskd.recording.take import TakeState
from pskd.recording.writer import TakeWriter
from pskd.types import Marker


def cut_take(root: Path, frames: int = 30, name: str = "take-001_squat") -> Path:
    """A take whose writer died."""
    writer = TakeWriter.create(root / "sub-01" / "ses-a" / name, manifest(), durable=False)
    writer.add_marker(Marker(START_S + 0.2, "cue", "squat", "start", 1))
    for number in range(frames):
        writer.add_pose(frame(number))
    if frames:
        writer.add_block(block(0))
    writer.abandon()
    return writer.folder


def test_a_cut_take_is_closed_with_what_it_has(tmp_path: Path) -> None:
    folder = cut_take(tmp_path)
    raw = (folder / "raw.xdf").read_bytes()
    (found,) = recover(tmp_path)
    assert found.state == TakeState.RECOVERED
    assert found.samples == {"watch": 5, "pose": 30}
    assert "1.0 s" in found.sentence
    take = read_take(folder)
    assert take.manifest.state == TakeState.RECOVERED
    assert take.manifest.duration_s == pytest.approx(29 / 30, abs=1e-5)
    assert [problem.text for problem in take.manifest.problems] == [found.sentence]
    assert [(s.label, s.start_s, s.end_s) for s in take.segments] == [
        ("squat", pytest.approx(0.2), pytest.approx(29 / 30))
    ]
    assert (folder / "raw.xdf").read_bytes() == raw


def test_a_cut_take_that_is_damaged_too_says_so(tmp_path: Path) -> None:
    raw = cut_take(tmp_path) / "raw.xdf"
    boundary = struct.pack("<BIH", 4, 18, xdf.BOUNDARY) + xdf.BOUNDARY_ID
    raw.write_bytes(raw.read_bytes() + b"\0" * 300 + boundary)
    (found,) = recover(tmp_path)
    assert found.sentence.endswith("A part in the middle is damaged and left out.")


def test_the_next_start_has_nothing_left_to_do(tmp_path: Path) -> None:
    cut_take(tmp_path)
    recover(tmp_path)
    assert recover(tmp_path) == []


def test_a_take_that_is_being_recorded_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "sub-01" / "ses-a" / "take-001"
    writer = TakeWriter.create(folder, manifest(), durable=False)
    writer.add_pose(frame(0))
    assert lock.is_held(folder)
    assert recover(tmp_path) == []
    writer.finish()
    assert not lock.is_held(folder)
    assert read_manifest(folder).state == TakeState.COMPLETE


def test_a_take_in_which_nothing_had_arrived_is_set_aside(tmp_path: Path) -> None:
    cut_take(tmp_path, frames=0)
    (found,) = recover(tmp_path)
    assert found.state == TakeState.DISCARDED
    assert "nothing had arrived" in found.sentence


@pytest.mark.parametrize("content", [b"", None])
def test_a_take_that_died_before_its_first_byte_is_set_aside(tmp_path: Path, content: bytes | None) -> None:
    raw = cut_take(tmp_path) / "raw.xdf"
    raw.unlink()
    if content is not None:
        raw.write_bytes(content)
    (found,) = recover(tmp_path)
    assert found.state == TakeState.DISCARDED


def test_a_recording_that_cannot_be_read_is_told_and_stays(tmp_path: Path) -> None:
    broken, fine = cut_take(tmp_path), cut_take(tmp_path, name="take-002_squat")
    (broken / "raw.xdf").write_bytes(b"something else")
    first, second = recover(tmp_path)
    assert first.state == TakeState.RECORDING
    assert "not an XDF file" in first.sentence
    assert second.state == TakeState.RECOVERED
    assert second.folder == fine
    with pytest.raises(BadFile):
        read_take(broken)


def test_labels_that_a_person_gave_are_kept(tmp_path: Path) -> None:
    folder = cut_take(tmp_path)
    given = b'{"segments": [{"start_s": 0.1, "end_s": 0.5, "label": "mine"}], "schema": 1}'
    (folder / "annotations.json").write_bytes(given)
    recover(tmp_path)
    assert (folder / "annotations.json").read_bytes() == given


def test_a_take_that_another_program_writes_is_not_written_by_this_one(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    folder.mkdir()
    holder = lock.TakeLock(folder)
    with pytest.raises(PskdError, match="Another program"):
        TakeWriter.create(folder, manifest())
    holder.release()
    TakeWriter.create(folder, manifest(), durable=False).finish()
