"""The shipped models are the ones that the build script makes, and the script keeps the networks whole."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import zipfile
from pathlib import Path
from types import ModuleType

import flatbuffers
import pytest
from flatbuffers.table import Table

from pskd import assets
from pskd.errors import PskdError, WrongUse
from pskd.vision import pose

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "build_pose_models", REPOSITORY / "packaging" / "build_pose_models.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_shipped_models_have_the_recorded_sums(builder: ModuleType) -> None:
    lines = assets.path("models", "SHA256SUMS").read_text().splitlines()
    assert len(lines) == 2
    for line in lines:
        digest, name = line.split()
        assert hashlib.sha256(assets.path("models", name).read_bytes()).hexdigest() == digest
        assert digest == builder.OUTPUTS[name.removeprefix("pose_landmarker_").removesuffix(".task")]


def test_licence_and_notice_lie_beside_them() -> None:
    assert "Apache License" in assets.path("models", "LICENSE").read_text()
    assert "@mediapipe/pose 0.5.1675469404" in assets.path("models", "NOTICE").read_text()


def test_the_shipped_models_hold_the_published_networks_byte_for_byte(builder: ModuleType) -> None:
    with zipfile.ZipFile(assets.path("models", "pose_landmarker_full.task")) as task:
        for name, source, size in (
            ("pose_detector.tflite", builder.DETECTOR, 2_962_288),
            ("pose_landmarks_detector.tflite", "pose_landmark_full.tflite", 6_440_512),
        ):
            network = task.read(name)[-size:]
            assert hashlib.sha256(network).hexdigest() == builder.INPUTS[source]


def test_networks_inside_the_zip_are_aligned(builder: ModuleType) -> None:
    files = {"a": b"x" * 100, "pose_landmarks_detector.tflite": b"y" * 3}
    content = builder.zip_aligned(files)
    assert content == builder.zip_aligned(files)
    with zipfile.ZipFile(io.BytesIO(content)) as task:
        for entry in task.infolist():
            extra = int.from_bytes(content[entry.header_offset + 28 : entry.header_offset + 30], "little")
            assert (entry.header_offset + 30 + len(entry.filename) + extra) % builder.ALIGNMENT == 0
            assert task.read(entry) == files[entry.filename]


def small_network() -> bytes:
    """A model table of version 3 with two buffers, one of them holding bytes, and no metadata."""
    builder = flatbuffers.Builder(64)
    content = builder.CreateByteVector(b"weights")
    buffers = []
    for vector in (None, content):
        builder.StartObject(1)
        if vector is not None:
            builder.PrependUOffsetTRelativeSlot(0, vector, 0)
        buffers.append(builder.EndObject())
    builder.StartVector(4, 2, 4)
    for buffer in reversed(buffers):
        builder.PrependUOffsetTRelative(buffer)
    vector = builder.EndVector()
    builder.StartObject(8)
    builder.PrependUint32Slot(0, 3, 0)
    builder.PrependUOffsetTRelativeSlot(4, vector, 0)
    builder.Finish(builder.EndObject(), b"TFL3")
    return bytes(builder.Output())


def test_metadata_is_added_in_front_of_a_network(builder: ModuleType) -> None:
    network = small_network()
    result = builder.with_metadata(network, "test", (0.0, 255.0))
    assert result.endswith(network)
    assert result[4:8] == b"TFL3"
    model = Table(bytearray(result), int.from_bytes(result[:4], "little"))
    buffers = model.Offset(12)
    assert model.VectorLen(buffers) == 3
    old = Table(model.Bytes, model.Indirect(model.Vector(buffers) + 4))
    assert bytes(model.Bytes[old.Vector(old.Offset(4)) :][:7]) == b"weights"
    entry = Table(model.Bytes, model.Indirect(model.Vector(model.Offset(16))))
    assert entry.String(entry.Pos + entry.Offset(4)) == b"TFLITE_METADATA"
    assert entry.Get(flatbuffers.number_types.Uint32Flags, entry.Pos + entry.Offset(6)) == 2
    record = Table(model.Bytes, model.Indirect(model.Vector(buffers) + 8))
    start = record.Vector(record.Offset(4))
    assert start % 16 == 0
    assert bytes(model.Bytes[start + 4 : start + 8]) == b"M001"


def test_a_wrong_package_is_refused(builder: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / builder.DETECTOR).write_bytes(b"something else")
    assert builder.main(["--package", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "is not the file published" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_unknown_model_is_named_and_the_heavy_one_explained() -> None:
    with pytest.raises(WrongUse, match="Known: lite, full, heavy"):
        pose.PoseEstimator("huge")
    if not (assets.folder() / "models" / "pose_landmarker_heavy.task").exists():
        with pytest.raises(PskdError, match="--heavy"):
            pose.PoseEstimator("heavy")
