from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from made_plans import make_small_plan

from pskd.distill.base import LOSSES
from pskd.distill.ladder import Rung
from pskd.errors import BadFile, WrongUse
from pskd.library.library import Library
from pskd.training.plan import PLAN_NAME, check, check_parts, digest, load, save
from pskd.training.presets import PRESETS, STUDENTS, make_plan


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("student", STUDENTS)
@pytest.mark.parametrize("loss", LOSSES.names())
def test_every_preset_makes_a_plan_that_can_be_carried_out(preset: str, student: str, loss: str) -> None:
    plan = make_plan("somewhere", "loso", preset=preset, student=student, loss=loss)
    check(plan)
    check_parts(plan)
    assert plan.student.model == STUDENTS[student]


def test_labels_alone_need_no_teachers() -> None:
    assert [rung.name for rung in make_plan("x", "trial", loss="label").rungs] == ["student"]


def test_a_plan_survives_the_disk(tmp_path: Path) -> None:
    plan = make_small_plan(seed=7)
    save(tmp_path, plan)
    assert load(tmp_path) == plan


@pytest.mark.parametrize("stored", ["/gone/lib", "C:\\gone\\lib", "/gone/lib/"])
def test_a_plan_finds_the_library_that_was_moved_with_its_runs(tmp_path: Path, stored: str) -> None:
    Library.create(tmp_path / "lib", "Moved")
    run = tmp_path / "runs" / "first"
    run.mkdir(parents=True)
    save(run, make_small_plan(library=stored))
    assert load(run).library == str(tmp_path / "lib")


def test_a_plan_keeps_to_its_library_while_that_is_where_it_was(tmp_path: Path) -> None:
    Library.create(tmp_path / "there" / "lib", "Named")
    Library.create(tmp_path / "lib", "Of the same name")
    run = tmp_path / "runs" / "first"
    run.mkdir(parents=True)
    for stored in (str(tmp_path / "there" / "lib"), str(tmp_path / "gone"), "a\0b", "/gone/..", ""):
        save(run, make_small_plan(library=stored))
        assert load(run).library == stored


def test_only_what_decides_the_numbers_is_in_the_digest() -> None:
    plan = make_small_plan()
    assert digest(plan) == digest(msgspec.structs.replace(plan, library="elsewhere", threads=2))
    assert digest(plan) != digest(msgspec.structs.replace(plan, seed=1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"protocol": "guess"}, "no protocol"),
        ({"seed": -1}, "seed"),
        ({"batch": 1}, "batch"),
        ({"learning_rate": float("nan")}, "learning_rate"),
        ({"threads": 0}, "threads"),
        ({"rungs": (Rung(name="last", model="small"),)}, "must be called 'student'"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(WrongUse, match=message):
        check(make_small_plan(**changes))


def test_windows_of_different_length_are_refused() -> None:
    plan = make_small_plan()
    with pytest.raises(WrongUse, match="windows differ"):
        check(msgspec.structs.replace(plan, pose=msgspec.structs.replace(plan.pose, window_s=3.0)))


def test_the_student_may_not_see_the_skeleton() -> None:
    with pytest.raises(WrongUse, match="only the sensor"):
        check_parts(make_small_plan(rungs=(Rung(name="student", model="fused"),)))


def test_unknown_names_are_refused() -> None:
    with pytest.raises(WrongUse, match="no preset"):
        make_plan("x", "trial", preset="fast")
    with pytest.raises(WrongUse, match="no model"):
        check_parts(make_small_plan(rungs=(Rung(name="student", model="giant"),)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"schema": 99}',
        b'{"library": 3}',
        b"\x80\x04\x95",
        json.dumps({"library": "x", "protocol": "trial", "rungs": [], "surprise": 1}).encode(),
        json.dumps({"library": "x", "protocol": "trial", "rungs": []}).encode(),
        json.dumps(
            {"library": "x", "protocol": "trial", "rungs": [{"name": "student", "model": "small", "epochs": 10**9}]}
        ).encode(),
    ],
)
def test_a_damaged_or_hostile_plan_is_met_by_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / PLAN_NAME).write_bytes(content)
    with pytest.raises(BadFile, match=r"Cannot read .*plan\.json"):
        load(tmp_path)


def test_a_folder_without_a_plan_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no plan"):
        load(tmp_path)
