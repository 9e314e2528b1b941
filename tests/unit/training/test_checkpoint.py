from __future__ import annotations

import pickle
import warnings
import zipfile
from pathlib import Path

import pytest
import torch

from pskd.errors import BadFile
from pskd.training import checkpoint as store
from pskd.training.checkpoint import CHECKPOINT_NAME, Checkpoint


def test_a_checkpoint_survives_the_disk(tmp_path: Path) -> None:
    kept = Checkpoint("mark", {"a/b": {"w": torch.arange(3.0)}}, seconds={"a/b": 1.5}, curves={"a/b": [[1.0, 0.5]]})
    store.save(tmp_path, kept)
    found = store.load(tmp_path, "mark")
    assert torch.equal(found.finished["a/b"]["w"], torch.arange(3.0))
    assert found.curves == kept.curves and not found.done


def test_another_plans_checkpoint_is_refused(tmp_path: Path) -> None:
    store.save(tmp_path, Checkpoint("mark"))
    with pytest.raises(BadFile, match="another plan"):
        store.load(tmp_path, "other")


class Evil:
    """Touches a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return (Path.touch, (self.mark,))


@pytest.mark.parametrize("kind", ["empty", "text", "pickle", "zip", "cut", "other"])
def test_damaged_and_hostile_files_are_met_by_one_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / CHECKPOINT_NAME
    store.save(tmp_path, Checkpoint("mark", {"a/b": {"w": torch.arange(300.0)}}))
    whole = path.read_bytes()
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("../../escape", "x")
    elif kind == "other":
        torch.save({"weights": torch.zeros(2)}, path)
    else:
        path.write_bytes(
            {"empty": b"", "text": b"hello", "pickle": pickle.dumps(Evil(tmp_path / "ran")), "cut": whole[:500]}[kind]
        )
    with pytest.raises(BadFile, match=r"last\.pt"):
        store.load(tmp_path, "mark")
    assert not (tmp_path / "ran").exists()


def test_a_pickle_in_torch_clothes_is_refused(tmp_path: Path) -> None:
    torch.save({"digest": Evil(tmp_path / "ran")}, tmp_path / CHECKPOINT_NAME)
    with pytest.raises(BadFile, match="damaged or not a checkpoint"):
        store.load(tmp_path, "mark")
    assert not (tmp_path / "ran").exists()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no such file"):
        store.load(tmp_path, "mark")


def test_weights_that_do_not_fit_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="weights of student do not fit"):
        store.restore(tmp_path / "last.pt", "student", torch.nn.Linear(2, 2), {"weight": torch.zeros(3, 3)})


def test_torch_says_nothing_of_its_own_about_a_foreign_pickle(tmp_path: Path) -> None:
    (tmp_path / CHECKPOINT_NAME).write_bytes(pickle.dumps(Evil(tmp_path / "ran"), protocol=4))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with pytest.raises(BadFile):
            store.load(tmp_path, "mark")
    assert said == []
