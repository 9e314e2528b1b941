from __future__ import annotations

import pytest

from pskd.distill.ladder import Rung, check, needed_for, without
from pskd.errors import WrongUse

SKELETON = Rung(name="skeleton", model="skeleton")
FUSED = Rung(name="fused", model="fused", learns_from=("skeleton",), loss="kd")
STUDENT = Rung(name="student", model="small", learns_from=("skeleton", "fused"), loss="acs")
LADDER = (SKELETON, FUSED, STUDENT)


def test_a_ladder_in_order_is_accepted() -> None:
    check(LADDER)
    check((Rung(name="student", model="small"),))


def test_a_rung_may_learn_only_from_rungs_above_it() -> None:
    with pytest.raises(WrongUse, match="'fused' cannot learn from 'skeleton': that stands below it"):
        check((FUSED, SKELETON, STUDENT))


@pytest.mark.parametrize(
    ("rungs", "message"),
    [
        ((), "1 to 16 rungs"),
        ((SKELETON, SKELETON), "Two rungs"),
        ((Rung(name="a", model="small", learns_from=("b",), loss="kd"),), "not in the ladder"),
        ((Rung(name="a", model="small", learns_from=("a",), loss="kd"),), "is itself"),
        ((Rung(name="a", model="small", loss="kd"),), "nobody to learn from"),
        ((Rung(name="../a", model="small"),), "not a name"),
        ((Rung(name="a", model="small", epochs=0),), "epochs"),
        ((Rung(name="a", model="small", learning_rate=-1.0),), "learning_rate"),
        ((SKELETON, Rung(name="a", model="small", learns_from=("skeleton", "skeleton"), loss="kd")), "twice"),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(rungs: tuple[Rung, ...], message: str) -> None:
    with pytest.raises(WrongUse, match=message):
        check(rungs)


def test_rungs_can_be_left_out() -> None:
    assert without(LADDER, ["skeleton"])[0] == Rung(name="fused", model="fused")
    alone = without(LADDER, ["skeleton", "fused"])
    assert alone == (Rung(name="student", model="small"),)
    check(alone)


def test_what_a_rung_needs_is_found() -> None:
    assert needed_for(LADDER, "fused") == ["skeleton", "fused"]
    assert needed_for((SKELETON, Rung(name="student", model="small")), "student") == ["student"]
