"""``pskd library check``, ``sync`` and ``wrist``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from performed_takes import Act, write_act

from pskd.cli.library import command
from pskd.errors import WrongUse
from pskd.library.extract import load_clips
from pskd.library.library import Library
from pskd.library.wrists import set_wrist, wrist_of
from pskd.types import Segment

SCRIPT = (("rest", 1.5), ("wave", 3.0), ("rest", 1.5))


def _library(tmp_path: Path) -> Library:
    library = Library.create(tmp_path / "library")
    act = Act(SCRIPT, {"seed": "1", "body": "dora"}, late_s=0.25, segments=(Segment(1.0, 5.0, "wave", "person"),))
    write_act(library.new_take("01", "s1", "wave"), act)
    return library


def _run(*arguments: object) -> object:
    result = CliRunner().invoke(command, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_library_is_checked_put_right_and_its_clips_follow(tmp_path: Path) -> None:
    library = _library(tmp_path)
    before = load_clips(library)[0]
    (checked,) = _run("check", library.path)
    assert checked["worst"] == "bad"
    wrong = next(finding for finding in checked["findings"] if finding["check"] == "wrist")
    assert "left wrist" in wrong["text"]
    result = CliRunner().invoke(command, ["wrist", str(library.path), "01", "left"], catch_exceptions=False)
    assert "left wrist" in result.output
    (checked,) = _run("check", library.path, "--again")
    assert checked["worst"] == "good", checked
    (measured,) = _run("sync", library.path, "--all")
    assert measured["trusted"]
    assert abs(measured["offset_s"] - 0.25) < 0.03
    after = load_clips(library)[0]
    assert before.pose_times_s is not None and after.pose_times_s is not None
    shift = (after.pose_times_s[0] - before.pose_times_s[0] + measured["offset_s"]) % (1 / 30)
    assert min(shift, 1 / 30 - shift) < 1e-6


def test_sync_asks_for_takes_or_all(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    for arguments in ([], ["x", "--all"]):
        with pytest.raises(WrongUse):
            CliRunner().invoke(command, ["sync", str(library.path), *arguments], catch_exceptions=False)
    assert _run("sync", library.path, "--all") == []
    with pytest.raises(WrongUse):
        CliRunner().invoke(command, ["check", str(library.path), "sub-01/ses-1/take-001"], catch_exceptions=False)


def test_a_damaged_take_is_told_and_does_not_stop_the_others(tmp_path: Path) -> None:
    library = _library(tmp_path)
    damaged = library.new_take("02", "s1", "wave")
    write_act(damaged, Act(SCRIPT))
    raw = (damaged / "raw.xdf").read_bytes()
    (damaged / "raw.xdf").write_bytes(b"nonsense" + raw[8:])
    checked = {one["take"]: one for one in _run("check", library.path)}
    assert "not an XDF file" in checked["sub-02/ses-s1/take-001_wave"]["problem"]
    assert checked["sub-01/ses-s1/take-001_wave"]["problem"] == ""


def test_the_wrist_is_a_column_of_the_participants(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    library.enrol(["01", "02"])
    assert wrist_of(library, "01") == ""
    set_wrist(library, "02", "left")
    set_wrist(library, "02", "right")
    assert (wrist_of(library, "01"), wrist_of(library, "02"), wrist_of(library, "03")) == ("", "right", "")
    text = (library.path / "participants.tsv").read_text()
    assert text == "participant_id\twrist\nsub-01\tn/a\nsub-02\tright\n"
    for subject, side in (("01", "both"), ("09", "left")):
        with pytest.raises(WrongUse):
            set_wrist(library, subject, side)


def test_a_recording_that_is_damaged_after_its_review_is_told(tmp_path: Path) -> None:
    library = _library(tmp_path)
    _run("check", library.path)
    raw = library.takes()[0].folder / "raw.xdf"
    whole = raw.read_bytes()
    raw.write_bytes(whole[: len(whole) // 2])
    (cut,) = _run("check", library.path)
    assert cut["findings"][0]["check"] == "file"
    raw.write_bytes(whole)
    (mended,) = _run("check", library.path)
    assert "file" not in [finding["check"] for finding in mended["findings"]]
    raw.write_bytes(b"something else")
    (lost,) = _run("check", library.path)
    assert "it is not an XDF file" in lost["problem"]
