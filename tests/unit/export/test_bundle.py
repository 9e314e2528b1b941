from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_bundles import CLASSES, SENSOR, GravityStudent, gravity_bundle, lying
from torch import Tensor, nn

from pskd.errors import BadFile, PskdError, WrongUse
from pskd.evaluation.calibration import Calibration
from pskd.export.bundle import copy_bundle, find_bundle, read_bundle
from pskd.export.verify import verify
from pskd.export.write import write_bundle
from pskd.models.base import Shapes, build
from pskd.signals.sensor import SensorPreprocessing, prepare
from pskd.training.presets import STUDENTS

CHANGE = st.tuples(st.integers(0, 100_000), st.integers(0, 255))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gravity_bundle(tmp_path_factory.mktemp("bundles") / "made")


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "bundle"))


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "bundle.json"
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")


def put(folder: Path, name: str, data: bytes) -> None:
    """Replace a file and sign it, as a hostile maker would."""
    (folder / name).write_bytes(data)
    facts = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    rewrite(folder, lambda content: content["files"].update({name: facts}))


def test_a_bundle_gives_back_what_was_put_in(made: Path) -> None:
    found = read_bundle(made)
    assert found.classes == CLASSES
    assert found.sensor == SENSOR
    assert found.calibration == Calibration(temperature=1.2, unsure_below=0.7)
    assert found.manifest.protocol == "cross-subject" and found.manifest.test_clips == 60
    for axis in range(3):
        window = prepare(*lying(axis, 150), SENSOR)
        assert found.student.logits(window[None])[0].argmax() == axis


def test_a_bundle_holds_exactly_its_files_and_no_pickle(made: Path) -> None:
    assert sorted(p.name for p in made.iterdir()) == ["bundle.json", "card.md", "student.onnx", "student.safetensors"]
    assert not any(p.read_bytes()[:2] == b"\x80\x02" for p in made.iterdir())


def test_every_student_of_the_program_survives_the_journey(tmp_path: Path) -> None:
    sensor = SensorPreprocessing()
    for name in STUDENTS.values():
        torch.manual_seed(3)
        student = build(name, Shapes(5))
        folder = tmp_path / name
        manifest = write_bundle(
            folder, student=student, sensor=sensor, classes=list("abcde"), calibration=Calibration(), model=name
        )
        assert manifest.parity < 1e-4
        difference = verify(read_bundle(folder))
        assert difference is not None and difference < 1e-4


def test_a_batch_gives_what_its_windows_give_one_by_one(made: Path) -> None:
    student = read_bundle(made).student
    windows = np.random.default_rng(0).normal(size=(5, 7, 100)).astype(np.float32)
    together = student.logits(windows)
    assert np.allclose(together, np.concatenate([student.logits(w[None]) for w in windows]), atol=1e-6)


def test_windows_of_another_shape_are_refused(made: Path) -> None:
    with pytest.raises(ValueError, match="expected"):
        read_bundle(made).student.logits(np.zeros((1, 7, 99), dtype=np.float32))


def test_weights_that_are_not_those_of_the_network_are_noticed(tmp_path: Path) -> None:
    students = [build("nano", Shapes(3)) for _ in range(2)]
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, student in zip(folders, students, strict=True):
        write_bundle(
            folder, student=student, sensor=SensorPreprocessing(), classes=CLASSES, calibration=Calibration(),
            model="nano",
        )  # fmt: skip
    put(folders[0], "student.safetensors", (folders[1] / "student.safetensors").read_bytes())
    with pytest.raises(PskdError, match="differs"):
        verify(read_bundle(folders[0]))


def test_weights_of_another_model_are_noticed(bundle: Path) -> None:
    rewrite(bundle, lambda content: content.update(model="nano", sensor={**content["sensor"], "window_samples": 100}))
    with pytest.raises(BadFile, match="do not fit"):
        verify(read_bundle(bundle))


def test_a_bundle_replaces_an_older_one_but_nothing_else(tmp_path: Path) -> None:
    folder = gravity_bundle(tmp_path / "bundle")
    first = read_bundle(folder).manifest.created
    assert read_bundle(gravity_bundle(folder)).manifest.created >= first
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("precious", "utf-8")
    with pytest.raises(WrongUse, match="is not a bundle"):
        gravity_bundle(other)
    assert (other / "thesis.tex").read_text("utf-8") == "precious"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bundle", "other"]


def test_a_student_that_cannot_be_exported_leaves_nothing_behind(tmp_path: Path) -> None:
    class Wandering(GravityStudent):
        def forward(self, signal: Tensor) -> Tensor:
            return super().forward(signal) + torch.rand(1)

    with pytest.raises(PskdError):
        write_bundle(tmp_path / "b", student=Wandering(), sensor=SENSOR, classes=CLASSES, calibration=Calibration())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "classes", [["a"], ["a", "a", "b"], ["a", "", "b"], ["a", "unsure", "b"], ["a", "b\x1b[2J", "c"]]
)
def test_class_names_that_cannot_be_are_refused(tmp_path: Path, classes: list[str]) -> None:
    with pytest.raises(BadFile, match="classes"):
        write_bundle(
            tmp_path / "b", student=GravityStudent(), sensor=SENSOR, classes=classes, calibration=Calibration()
        )


def test_a_copy_is_whole(made: Path, tmp_path: Path) -> None:
    copy_bundle(read_bundle(made), tmp_path / "copy")
    assert {p.name: p.read_bytes() for p in (tmp_path / "copy").iterdir() if p.suffix != ".json"} == {
        p.name: p.read_bytes() for p in made.iterdir() if p.suffix != ".json"
    }
    assert read_bundle(tmp_path / "copy").manifest == read_bundle(made).manifest


def test_a_bundle_is_not_copied_over_itself(bundle: Path) -> None:
    with pytest.raises(WrongUse):
        copy_bundle(read_bundle(bundle), bundle)
    read_bundle(bundle)


def test_a_bundle_is_found_in_its_run(bundle: Path) -> None:
    assert find_bundle(bundle.parent) == bundle == find_bundle(bundle)
    with pytest.raises(WrongUse, match="no bundle"):
        find_bundle(bundle.parent / "nowhere")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c["files"].update({"../../etc/passwd": c["files"].pop("card.md")}), "its files are not"),
        (lambda c: c["files"].pop("student.onnx"), "its files are not"),
        (lambda c: c["files"]["student.onnx"].update(sha256="0" * 64), "checksum"),
        (lambda c: c["files"]["student.onnx"].update(bytes=1), "cut or changed"),
        (lambda c: c["files"]["student.onnx"].update(bytes=10**12), "larger than"),
        (lambda c: c["sensor"].update(window_samples=99), "takes windows of"),
        (lambda c: c["sensor"].update(window_samples=10**9), "window_samples"),
        (lambda c: c["sensor"].update(rate_hz=-1), "rate_hz"),
        (lambda c: c["sensor"].update(channels=["x"]), "channels"),
        (lambda c: c["classes"].append("more"), "gives"),
        (lambda c: c.update(classes=["a", "a", "b"]), "classes"),
        (lambda c: c["calibration"].update(temperature=0), "calibration"),
        (lambda c: c["calibration"].update(unsure_below=2), "calibration"),
        (lambda c: c["calibration"].update(temperature="hot"), "a field is wrong"),
        (lambda c: c.update(schema=2), "newer version"),
    ],
)
def test_a_manifest_that_does_not_hold_together_is_refused(
    bundle: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    rewrite(bundle, change)
    with pytest.raises(BadFile, match=said) as caught:
        read_bundle(bundle)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["bundle.json", "student.onnx", "student.safetensors", "card.md"])
@pytest.mark.parametrize("keep", [0, 1, 60])
def test_a_cut_file_is_refused(bundle: Path, name: str, keep: int) -> None:
    path = bundle / name
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BadFile):
        read_bundle(bundle)


@pytest.mark.parametrize("name", ["bundle.json", "student.onnx", "student.safetensors", "card.md"])
def test_a_missing_file_is_refused(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    with pytest.raises(BadFile):
        read_bundle(bundle)


@pytest.mark.parametrize("data", [b"", b"not a network", b"\x80\x04\x95cposix\nsystem\n", os.urandom(400)])
def test_what_is_no_network_is_refused_though_it_is_signed(bundle: Path, data: bytes) -> None:
    put(bundle, "student.onnx", data)
    with pytest.raises(BadFile):
        read_bundle(bundle)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff" * 64,
        (2**62).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"{}",
        b"\x80\x04\x95cposix\nsystem\n",
    ],
)
def test_what_are_no_weights_is_refused_though_it_is_signed(bundle: Path, data: bytes) -> None:
    put(bundle, "student.safetensors", data)
    with pytest.raises(BadFile):
        read_bundle(bundle)


def test_weights_that_are_not_finite_are_refused(bundle: Path) -> None:
    import safetensors.torch

    put(bundle, "student.safetensors", safetensors.torch.save({"strength": torch.tensor([float("nan")])}))
    with pytest.raises(BadFile, match="not finite"):
        read_bundle(bundle)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["student.onnx", "student.safetensors", "bundle.json"]), st.lists(CHANGE, min_size=1, max_size=8)
)
def test_however_a_file_was_damaged_it_is_read_or_refused(
    made: Path, bundle: Path, name: str, changes: list[tuple[int, int]]
) -> None:
    for file in made.iterdir():
        shutil.copy(file, bundle)
    data = bytearray((made / name).read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    if name == "bundle.json":
        (bundle / name).write_bytes(data)
    else:
        put(bundle, name, bytes(data))
    try:
        read_bundle(bundle).student.logits(np.ones((1, 7, 100), dtype=np.float32))
    except BadFile as error:
        assert "\n" not in str(error)


def test_a_network_that_reads_other_files_is_refused(bundle: Path) -> None:
    import onnx

    model = onnx.load(bundle / "student.onnx")
    tensors = list(model.graph.initializer) + [a.t for n in model.graph.node for a in n.attribute if a.HasField("t")]
    tensor = tensors[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.ClearField("raw_data")
    tensor.external_data.add(key="location", value="../../../etc/passwd")
    put(bundle, "student.onnx", model.SerializeToString())
    with pytest.raises(BadFile, match="another file"):
        read_bundle(bundle)


def test_a_network_with_a_loop_is_refused(bundle: Path) -> None:
    import onnx

    model = onnx.load(bundle / "student.onnx")
    body = onnx.helper.make_graph([], "body", [], [])
    model.graph.node.append(onnx.helper.make_node("Loop", ["", ""], ["never"], body=body))
    put(bundle, "student.onnx", model.SerializeToString())
    with pytest.raises(BadFile, match="loops"):
        read_bundle(bundle)


def test_a_network_with_foreign_operators_is_refused(bundle: Path) -> None:
    import onnx

    model = onnx.load(bundle / "student.onnx")
    model.opset_import.add(domain="my.shell", version=1)
    put(bundle, "student.onnx", model.SerializeToString())
    with pytest.raises(BadFile, match="do not belong"):
        read_bundle(bundle)


def test_a_network_with_another_input_is_refused(tmp_path: Path, bundle: Path) -> None:
    import onnx

    model = onnx.load(bundle / "student.onnx")
    for node in model.graph.node:
        node.input[:] = ["other" if name == "signal" else name for name in node.input]
    model.graph.input[0].name = "other"
    put(bundle, "student.onnx", model.SerializeToString())
    with pytest.raises(BadFile, match="input"):
        read_bundle(bundle)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX links, pipes and sockets")
@pytest.mark.parametrize("kind", ["link", "pipe", "socket", "folder"])
def test_only_plain_files_are_opened(bundle: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = bundle / "student.onnx"
    path.rename(bundle.parent / "elsewhere.onnx")
    if kind == "link":
        path.symlink_to(bundle.parent / "elsewhere.onnx")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        monkeypatch.chdir(bundle)  # a socket's address must be short
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("student.onnx")
    with pytest.raises(BadFile, match="not a plain file"):
        read_bundle(bundle)


def test_a_student_whose_answer_is_not_finite_is_refused(tmp_path: Path) -> None:
    class Broken(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.tensor(0.0))

        def forward(self, signal: Tensor) -> Tensor:
            return signal[:, :3].mean(dim=-1) / self.weight

    with pytest.raises(PskdError):
        write_bundle(tmp_path / "b", student=Broken(), sensor=SENSOR, classes=CLASSES, calibration=Calibration())
    assert list(tmp_path.iterdir()) == []
