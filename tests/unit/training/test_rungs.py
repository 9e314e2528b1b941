from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
from made_plans import make_small_plan

from pskd.training.plan import Plan
from pskd.training.rungs import Climbed, RungStore


def key(plan: Plan, place: int = 1, mark: str = "m", fold: str = "f") -> str:
    return RungStore(Path("nowhere"), mark).key(plan, plan.rungs, place, fold)


def test_a_rung_survives_the_disk(tmp_path: Path) -> None:
    store = RungStore(tmp_path / "new", "mark")
    weights = {"layer.weight": torch.randn(2, 3), "count": torch.tensor(7)}
    store.put("a", Climbed(weights, [[0.5, 0.25]], 3.5))
    found = store.get("a")
    assert found is not None and found.curve == [[0.5, 0.25]] and found.seconds == 3.5
    assert all(torch.equal(tensor, weights[name]) for name, tensor in found.weights.items())
    assert store.get("b") is None


@pytest.mark.parametrize("content", [b"", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ", b"\xff" * 40])
def test_a_damaged_file_counts_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.safetensors").write_bytes(content)
    assert RungStore(tmp_path, "mark").get("a") is None


def test_what_only_the_student_knows_of_does_not_change_a_teacher() -> None:
    plan = make_small_plan()
    student = msgspec.structs.replace(plan.rungs[-1], loss="kd", options={}, epochs=9)
    other = msgspec.structs.replace(
        plan, rungs=(*plan.rungs[:-1], student), shuffled=True, calibrate=False, device="cpu", threads=2, preset="x"
    )
    assert key(plan) == key(other)


def test_what_decides_a_teacher_changes_its_key() -> None:
    plan = make_small_plan()
    first = msgspec.structs.replace(plan.rungs[0], epochs=9)
    others = [
        key(msgspec.structs.replace(plan, seed=1)),
        key(msgspec.structs.replace(plan, batch=7)),
        key(msgspec.structs.replace(plan, rungs=(first, *plan.rungs[1:]))),
        key(plan, place=0),
        key(plan, mark="other clips"),
        key(plan, fold="g"),
    ]
    assert len({key(plan), *others}) == 7
