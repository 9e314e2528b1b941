"""Every fault is told in a sentence with what to do, and good takes raise no alarm."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from performed_takes import Act, write_act

from pskd.quality.findings import Finding, Severity, read_quality
from pskd.quality.review import Review, review_take
from pskd.recording import xdf
from pskd.recording.reader import read_take
from pskd.recording.sync_report import aligned, read_sync
from pskd.types import GRAVITY_MPS2, PoseFrame, Segment

SCRIPT = (("rest", 1.5), ("wave", 3.0), ("rest", 1.0), ("clap", 2.5), ("rest", 1.0))


def _review(folder: Path, act: Act) -> Review:
    take = folder / "take-001_x"
    write_act(take, replace(act, script=act.script if act.script != Act().script else SCRIPT))
    return review_take(take)


def _found(review: Review, check: str) -> Finding | None:
    return next((finding for finding in review.quality.findings if finding.check == check), None)


def _blind(frame: PoseFrame) -> PoseFrame:
    return replace(frame, visibility=np.where(np.arange(33) == 16, 0.1, frame.visibility).astype(np.float32))


def _gone(frame: PoseFrame) -> PoseFrame:
    return replace(frame, world_m=np.full((33, 3), np.nan, np.float32), image=np.full((33, 2), np.nan, np.float32))


@pytest.mark.parametrize("seed", ["1", "4"])
def test_a_good_take_raises_no_alarm(tmp_path: Path, seed: str) -> None:
    review = _review(tmp_path, Act(options={"seed": seed, "hand": "right"}, late_s=0.2))
    assert review.quality.worst is Severity.GOOD, review.quality.troubles
    assert review.sync.trusted
    stored = read_quality(tmp_path / "take-001_x")
    assert stored == review.quality
    take = read_take(tmp_path / "take-001_x")
    moved = take.streams["pose"].times_s - aligned(take).streams["pose"].times_s
    assert abs(float(moved[0]) - 0.2) < 0.03


FAULTS: dict[str, tuple[Act, str, Severity, str]] = {
    "g": (Act(change=lambda v: v / GRAVITY_MPS2), "unit", Severity.BAD, "send g instead of m/s²"),
    "mg": (Act(change=lambda v: v / GRAVITY_MPS2 * 1000), "unit", Severity.BAD, "thousandths of g"),
    "no gravity": (Act(change=lambda v: v * 0.3), "unit", Severity.BAD, "does not show gravity"),
    "clipped": (Act(change=lambda v: np.clip(v, -19.6, 19.6)), "clipping", Severity.BAD, "end of its range (2.0 g)"),
    "stuck": (Act(change=lambda v: v * 0 + 5.6), "still", Severity.BAD, "its sensor is stuck"),
    "on the table": (
        Act(change=lambda v: v * 0 + [0, 0, 9.8] + np.random.default_rng(0).normal(0, 0.03, v.shape)),
        "still",
        Severity.BAD,
        "lay still while the wrist moved",
    ),
    "other wrist": (Act(options={"seed": "1", "hand": "left"}), "wrist", Severity.BAD, "on the left wrist"),
    "watch away": (Act(heard=lambda t: t < 5.0), "coverage", Severity.BAD, "The watch was missing"),
    "a gap": (Act(heard=lambda t: not 5.2 < t < 6.5), "gaps", Severity.NOTICE, "The watch has a gap"),
    "camera gone": (Act(seen=lambda t: t < 5.0), "coverage", Severity.BAD, "The camera was missing"),
    "slow camera": (Act(seen=lambda t: round(t * 30) % 3 > 0), "rate", Severity.NOTICE, "instead of 30 Hz"),
    "hidden wrist": (Act(frames=_blind), "visibility", Severity.BAD, "right wrist was seen in only"),
    "nobody": (Act(frames=_gone), "visibility", Severity.BAD, "saw nobody"),
    "rest": (Act(script=(("rest", 7.0),)), "sync", Severity.NOTICE, "could not be measured"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_with_what_to_do(tmp_path: Path, fault: str) -> None:
    act, check, severity, words = FAULTS[fault]
    review = _review(tmp_path, act)
    troubles = [finding for finding in review.quality.troubles if finding.check == check]
    assert troubles, review.quality.findings
    assert troubles[0].severity is severity
    assert words in troubles[0].text
    assert troubles[0].hint.endswith(".")
    assert review.quality.findings[0].severity is review.quality.worst


def test_the_take_knows_its_own_wrist(tmp_path: Path) -> None:
    act = Act(options={"seed": "1", "hand": "left"}, attributes={"side": "left"})
    finding = _found(_review(tmp_path, act), "wrist")
    assert finding is not None
    assert finding.severity is Severity.GOOD


@pytest.mark.parametrize(
    ("hands", "said"),
    [
        ("right left", ["The right watch is on the right wrist.", "The left watch is on the left wrist."]),
        ("left right", ["The two watches seem to be swapped: each moves like the other wrist."]),
        ("left left", ["The right watch seems to be on the left wrist.", "The left watch is on the left wrist."]),
    ],
)
@pytest.mark.parametrize("told", [True, False])
def test_each_of_two_watches_is_judged(tmp_path: Path, hands: str, said: list[str], told: bool) -> None:
    first, second = ({"seed": "1", "hand": hand} for hand in hands.split())
    attributes = {"sides": {"watch": "right", "watch2": "left"}} if told else {}
    review = _review(tmp_path, Act(options=first, second=second, attributes=attributes))
    if not told:
        said = [words.replace("right watch", "watch").replace("left watch", "second watch") for words in said]
    findings = [finding for finding in review.quality.findings if finding.check == "wrist"]
    assert [finding.text for finding in findings] == said
    assert all(finding.about not in ("left", "right") for finding in findings if told and finding.hint)


def test_a_fault_of_the_second_watch_is_told_by_its_name(tmp_path: Path) -> None:
    units = iter((1.0, GRAVITY_MPS2))  # of the first and of the second watch
    sides = {"sides": {"watch": "right", "watch2": "left"}}
    act = Act(second={"seed": "1", "hand": "left"}, change=lambda v: v / next(units), attributes=sides)
    finding = _review(tmp_path, act).quality.findings[0]
    assert finding.text.startswith("The left watch seems to send g instead of m/s²")
    assert finding.about == "watch2"


def test_a_take_without_data_or_camera_is_reviewed_too(tmp_path: Path) -> None:
    silent = _review(tmp_path, Act(heard=lambda t: False))
    assert "Nothing came from the watch." in [finding.text for finding in silent.quality.troubles]
    (tmp_path / "b").mkdir()
    blind = _review(tmp_path / "b", Act(seen=lambda t: False))
    assert "Nothing came from the camera." in [finding.text for finding in blind.quality.troubles]
    assert blind.sync.alignment is None


def test_a_trial_without_movement_is_named(tmp_path: Path) -> None:
    script = [("rest", 1.5)] + [(what, 3.0) for what in ("clap", "clap", "rest", "clap")]
    segments = tuple(Segment(1.5 + 3 * n, 4.5 + 3 * n, "clap", "person", n + 1) for n in range(4))
    finding = _found(_review(tmp_path, Act(script=tuple(script), segments=segments)), "trials")
    assert finding is not None
    assert finding.severity is Severity.NOTICE
    assert finding.text.startswith("Clap at 8 s is almost without movement")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"findings": 3}', b'{"schema": 99}', b"\xff\xfe"])
def test_derived_files_that_are_damaged_count_as_not_there(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "quality.json").write_bytes(content)
    (tmp_path / "sync.json").write_bytes(content.replace(b"findings", b"clocks"))
    assert read_quality(tmp_path) is None
    assert read_sync(tmp_path) is None


def test_an_offset_that_is_not_trusted_moves_nothing(tmp_path: Path) -> None:
    review = _review(tmp_path, Act(script=(("rest", 6.0),), late_s=0.3))
    assert not review.sync.trusted
    take = read_take(tmp_path / "take-001_x")
    assert aligned(take) is take


def test_a_take_whose_file_is_damaged_in_the_middle_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "take-001_x"
    write_act(folder, Act(script=SCRIPT))
    raw = folder / "raw.xdf"
    data = bytearray(raw.read_bytes())
    boundary = struct.pack("<BIH", 4, 18, xdf.BOUNDARY) + xdf.BOUNDARY_ID
    middle = data.find(boundary) + len(boundary)
    data[middle:middle] = b"\0" * 300 + boundary
    raw.write_bytes(data)
    (finding,) = [one for one in review_take(folder).quality.troubles if one.check == "file"]
    assert finding.severity is Severity.BAD
    assert "is damaged and left out" in finding.text
    assert "backup" in finding.hint


@pytest.mark.parametrize("share", [0.6, 0.999])
def test_a_complete_take_that_has_lost_its_end_says_so(tmp_path: Path, share: float) -> None:
    folder = tmp_path / "take-001_x"
    write_act(folder, Act(script=SCRIPT))
    raw = folder / "raw.xdf"
    raw.write_bytes(raw.read_bytes()[: int(raw.stat().st_size * share)])
    (finding,) = [one for one in review_take(folder).quality.troubles if one.check == "file"]
    assert "The end of this take's recording (raw.xdf) is missing." in finding.text
