from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from benchmarks.study.recipes import SELF, Recipe, plan_of, read_study
from pskd.errors import BadFile, WrongUse
from pskd.training.plan import Plan

STUDY = read_study()
PROTOCOL = STUDY.protocols["cross-subject"]


def plan(recipe: Recipe | str) -> Plan:
    return plan_of(STUDY.recipes[recipe] if isinstance(recipe, str) else recipe, PROTOCOL, 3, "library")


def taught_by(name: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(rung.name, rung.learns_from) for rung in plan(name).rungs]


@pytest.mark.parametrize("name", [name for name, recipe in STUDY.recipes.items() if not recipe.classifier])
def test_every_recipe_of_the_file_makes_a_plan_with_the_same_budget(name: str) -> None:
    found = plan(name)
    assert found.seed == 3 and not found.calibrate
    assert found.student.epochs == plan("best").student.epochs
    assert found.augmentation == plan("best").augmentation


def test_the_controls_are_what_they_say() -> None:
    assert [rung.name for rung in plan("label").rungs] == ["student"]
    twin, student = plan("itself").rungs
    assert (twin.name, twin.model, twin.loss, twin.epochs) == (SELF, student.model, "label", student.epochs)
    assert student.learns_from == (SELF,) and student.loss == plan("best").student.loss
    assert plan("shuffled") == msgspec.structs.replace(plan("best"), shuffled=True)


def test_a_part_of_acs_that_is_switched_off_leaves_the_others() -> None:
    off, whole = plan("acs-mean").student.options, plan("best").student.options
    assert off == {**whole, "sharpness": 0.0}


def test_another_loss_does_not_inherit_the_options_of_acs() -> None:
    student = plan("rkd").student
    assert student.loss == "rkd" and "semantic" not in student.options


def test_rungs_are_left_out_and_reordered() -> None:
    assert "fused" not in [name for name, _ in taught_by("without-fused")]
    names = [name for name, _ in taught_by("accelerometer-first")]
    assert names == ["accelerometer", "fused", "skeleton", "student"]
    chain = taught_by("assistant")
    assert [above for _, above in chain[1:]] == [(name,) for name, _ in chain[:-1]]


def test_few_labels_stretch_only_the_rungs_that_hear_labelled_clips() -> None:
    protocol = STUDY.protocols["one-trial-labelled"]
    few, all_ = plan_of(STUDY.recipes["best"], protocol, 0, "x"), plan("best")
    assert few.labels.trials == 1
    assert few.rungs[0].epochs == 4 * all_.rungs[0].epochs and few.student.epochs == all_.student.epochs
    alone = plan_of(STUDY.recipes["label"], protocol, 0, "x")
    assert alone.student.epochs == 4 * all_.student.epochs


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"order": ("moon",)}, "teachers are"),
        ({"hears": ("moon",)}, "not in the ladder"),
        ({"model": "giant"}, "no model"),
        ({"model": "fused"}, "only the sensor"),
        ({"loss": "magic"}, "no loss"),
        ({"options": {"colour": 1.0}}, "does not take these options"),
        ({"augmentation": {"colour": 1.0}}, "no augmentation 'colour'"),
        ({"augmentation": {"warp": 7.0}}, "warp"),
        ({"epochs": {"student": 0}}, "epochs"),
        ({"epochs": {"moon": 3}}, "no rung 'moon'"),
        ({"without": ("moon",)}, "no rung 'moon'"),
        ({"preset": "slow"}, "no preset"),
    ],
)
def test_a_recipe_that_does_not_hold_together_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(WrongUse, match=message):
        plan(msgspec.structs.replace(STUDY.recipes["best"], **changes))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "missing required field"),
        (b"\xff\xfe", "not a study"),
        (b"[recipes.a]\ntitle = 3\n[protocols]\n", "not a study"),
        (b"[recipes.a]\ntitle = 'a'\nagainst = ['b']\n[protocols]\n", "compared with b"),
        (b"[recipes]\n[protocols.p]\ntitle = 'p'\nsplit = 'moon'\n", "splits by 'moon'"),
        (b"[recipes]\n[protocols]\n[surprise]\n", "not a study"),
    ],
)
def test_a_file_that_is_no_study_is_met_by_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "study.toml"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=message):
        read_study(path)
