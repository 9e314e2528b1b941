"""Build MediaPipe pose models that work offline from the published npm package ``@mediapipe/pose``.

The package holds one person detector and three landmark networks as bare ``.tflite`` files. PoseLandmarker wants both
in one ``.task`` file (a zip), and refuses a network that does not say how its picture is to be scaled. So a metadata
record is added to each and the pair is zipped. The networks themselves are kept byte for byte: the new root table is
put in front of the old file, whose weights keep their content and their alignment.

    python packaging/build_pose_models.py                  # asks npm for the package
    python packaging/build_pose_models.py --package DIR    # uses an unpacked package
    python packaging/build_pose_models.py --heavy          # the large model too (31 MB, not committed)

The same bytes come out every time; inputs and outputs are checked against the SHA-256 below.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import io
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from types import ModuleType

import flatbuffers
from flatbuffers import number_types
from flatbuffers.table import Table

PACKAGE = "@mediapipe/pose"
VERSION = "0.5.1675469404"
REPOSITORY = Path(__file__).resolve().parent.parent
DETECTOR = "pose_solution_packed_assets.data"  # this file is the detector's .tflite and nothing else

INPUTS = {
    DETECTOR: "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
    "pose_landmark_lite.tflite": "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
    "pose_landmark_full.tflite": "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    "pose_landmark_heavy.tflite": "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
}
OUTPUTS = {
    "lite": "8f35d6653f6ccffaee539c479bd6e6fb31e315436ede98c9f27f68ba490d042c",
    "full": "46a728ca5b2bb06c1f2f40f5b4562c3e5bbbefb193e71f0626bcb0cbdbd32cb8",
    "heavy": "51c15e3fa0cc5328eb2bd24d5aed562249b9294f9e44c7682894aa416d99ccae",
}

# What the published graphs feed their networks: the detector -1 to 1, the landmark networks 0 to 1 (value - mean) / std
DETECTOR_SCALE = (127.5, 127.5)
LANDMARK_SCALE = (0.0, 255.0)

ALIGNMENT = 64  # of the networks inside the zip, so that they can be mapped without a copy
NOTICE = f"""\
pose_landmarker_*.task: BlazePose GHUM models, (c) Google LLC, licensed under the Apache License 2.0 (see LICENSE).

The networks come unchanged from the npm package {PACKAGE} {VERSION}.
Changes: a TFLite metadata record (picture scaling) was added to each network, and detector and landmark
network were put together in one .task file, by packaging/build_pose_models.py of this project.
"""


class BuildError(Exception):
    """The models cannot be built; the text says why."""


def main(arguments: list[str] | None = None) -> int:
    """Build, check and write the models."""
    parser = argparse.ArgumentParser(description="Build MediaPipe pose models from the npm package.")
    parser.add_argument("--package", type=Path, help="folder of the unpacked npm package (default: ask npm)")
    parser.add_argument("--out", type=Path, default=REPOSITORY / "assets" / "models", help="folder to write to")
    parser.add_argument("--heavy", action="store_true", help="build the heavy model too")
    options = parser.parse_args(arguments)
    names = ("lite", "full", "heavy") if options.heavy else ("lite", "full")
    try:
        with tempfile.TemporaryDirectory() as temporary:
            package = options.package or fetch(Path(temporary))
            built = {f"pose_landmarker_{name}.task": build(package, name) for name in names}
        write(options.out, built)
    except (BuildError, OSError, subprocess.CalledProcessError) as error:
        print(f"build_pose_models: {error}", file=sys.stderr)
        return 1
    return 0


def fetch(folder: Path) -> Path:
    """Get the package through npm into ``folder`` and unpack what is needed.

    Raises:
        BuildError: npm is not installed.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise BuildError("npm is not installed. Install it, or give the unpacked package with --package.")
    subprocess.run([npm, "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(folder.glob("*.tgz"))) as archive:
        for name in INPUTS:
            content = archive.extractfile(f"package/{name}")
            if content is not None:
                (folder / name).write_bytes(content.read())
    return folder


def build(package: Path, name: str) -> bytes:
    """One ``.task`` file.

    Args:
        package: folder of the unpacked package.
        name: ``lite``, ``full`` or ``heavy``.

    Raises:
        BuildError: a source is not the published one, or the result is not the known one.
    """
    detector = with_metadata(_source(package, DETECTOR), "pose_detector", DETECTOR_SCALE)
    landmarks = with_metadata(_source(package, f"pose_landmark_{name}.tflite"), "pose_landmarks", LANDMARK_SCALE)
    task = zip_aligned({"pose_detector.tflite": detector, "pose_landmarks_detector.tflite": landmarks})
    digest = hashlib.sha256(task).hexdigest()
    if digest != OUTPUTS[name]:
        raise BuildError(f"the {name} model came out as {digest}, expected {OUTPUTS[name]}")
    return task


def write(folder: Path, built: dict[str, bytes]) -> None:
    """Write the models, their checksums, licence and notice, and say what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, task in built.items():
        (folder / name).write_bytes(task)
        print(f"{name}  {len(task):,} bytes")
    committed = [f"pose_landmarker_{name}.task" for name in ("full", "lite")]
    sums = "".join(f"{hashlib.sha256(built[name]).hexdigest()}  {name}\n" for name in committed)
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    (folder / "NOTICE").write_text(NOTICE, encoding="utf-8")
    shutil.copyfile(REPOSITORY / "LICENSE", folder / "LICENSE")


def _source(package: Path, name: str) -> bytes:
    content = (package / name).read_bytes()
    if hashlib.sha256(content).hexdigest() != INPUTS[name]:
        raise BuildError(f"{package / name} is not the file published in {PACKAGE} {VERSION}")
    return content


def zip_aligned(files: dict[str, bytes]) -> bytes:
    """A zip of stored files, each starting on a multiple of :data:`ALIGNMENT`, with no date in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # the same bytes on every system
            header = 30 + len(name) + 4  # fixed part, name, head of the padding field
            padding = -(out.tell() + header) % ALIGNMENT
            entry.extra = struct.pack("<HH", 0xD935, padding) + bytes(padding)
            archive.writestr(entry, content)
    return out.getvalue()


def metadata(name: str, scale: tuple[float, float]) -> bytes:
    """A TFLite metadata record: one RGB picture, scaled as (value - mean) / std."""
    schema = _metadata_schema()
    mean, std = scale
    normalization = schema.NormalizationOptionsT()
    normalization.mean, normalization.std = [mean], [std]
    step = schema.ProcessUnitT()
    step.optionsType, step.options = schema.ProcessUnitOptions.NormalizationOptions, normalization
    picture = schema.ImagePropertiesT()
    picture.colorSpace = schema.ColorSpaceType.RGB
    content = schema.ContentT()
    content.contentPropertiesType, content.contentProperties = schema.ContentProperties.ImageProperties, picture
    tensor = schema.TensorMetadataT()
    tensor.name, tensor.content, tensor.processUnits, tensor.stats = "image", content, [step], schema.StatsT()
    tensor.stats.min, tensor.stats.max = [-mean / std], [(255.0 - mean) / std]
    graph, model = schema.SubGraphMetadataT(), schema.ModelMetadataT()
    graph.inputTensorMetadata = [tensor]
    model.name, model.subgraphMetadata, model.minParserVersion = name, [graph], "1.0.0"
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"M001")
    return bytes(builder.Output())


def _metadata_schema() -> ModuleType:
    """The generated schema inside the installed mediapipe, loaded without importing mediapipe."""
    package = importlib.util.find_spec("mediapipe")
    if package is None or not package.submodule_search_locations:
        raise BuildError("mediapipe is not installed in this environment")
    file = Path(package.submodule_search_locations[0]) / "tasks" / "metadata" / "metadata_schema_py_generated.py"
    spec = importlib.util.spec_from_file_location("metadata_schema", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Fields of the TFLite model table, in the order of its published schema
_VERSION, _OPERATORS, _GRAPHS, _DESCRIPTION, _BUFFERS, _METADATA_BUFFERS, _METADATA, _SIGNATURES = range(8)


def with_metadata(network: bytes, name: str, scale: tuple[float, float]) -> bytes:
    """The network with a metadata record in front of it.

    A FlatBuffer points forward only, by relative offsets, so its parts may move together: the old file is appended
    whole to a new head that holds the root table, the two lengthened lists (buffers, metadata) and the record.

    Args:
        network: a ``.tflite`` file without such a record.
        name: what to call it in the record.
        scale: mean and standard deviation.
    """
    head = _Head(network, metadata(name, scale))
    return head.bytes() + network


class _Head:
    """The new front of a network. All positions count from the start of the new file."""

    ROOT = 8 + 20  # after the root offset, the identifier and the list of 8 field positions (vtable)

    def __init__(self, network: bytes, record: bytes) -> None:
        self._old = Table(bytearray(network), struct.unpack_from("<I", network)[0])
        buffers, entries = self._list(_BUFFERS), self._list(_METADATA)
        label = b"TFLITE_METADATA\0"
        self._buffers = self.ROOT + 36  # a table of 8 fields: its vtable's distance and 8 words
        self._entries = self._buffers + 4 * (len(buffers) + 2)
        self._entry = self._entries + 4 * (len(entries) + 2)  # vtable 8, table 12
        self._label = self._entry + 20
        self._buffer = self._label + 4 + len(label)  # vtable 6 (+2), table 8
        self._record = _up(self._buffer + 16 + 4, 16) - 4  # its bytes, after their count, start on a multiple of 16
        self._size = _up(self._record + 4 + len(record), ALIGNMENT)
        self._out = bytearray(self._size)
        self._write_root()
        self._write_list(self._buffers, buffers, self._buffer + 8)
        self._write_list(self._entries, entries, self._entry + 8)
        self._write_entry(label, len(buffers))
        self._write_record(record)

    def bytes(self) -> bytes:
        """The new front, a multiple of the alignment."""
        return bytes(self._out)

    def _field(self, field: int) -> int:
        return int(self._old.Offset(4 + 2 * field))

    def _list(self, field: int) -> list[int]:
        """Positions in the old file of a list's tables."""
        offset = self._field(field)
        if not offset:
            return []
        start = self._old.Vector(offset)
        return [self._old.Indirect(start + 4 * i) for i in range(self._old.VectorLen(offset))]

    def _write_root(self) -> None:
        struct.pack_into("<I4s", self._out, 0, self.ROOT, b"TFL3")
        moved = {_BUFFERS: self._buffers, _METADATA: self._entries}
        words = [0] * 8
        words[_VERSION] = self._old.Get(number_types.Uint32Flags, self._old.Pos + self._field(_VERSION))
        present = [True] + [False] * 7
        for field in range(1, 8):
            position = moved.get(field, 0)
            if not position and self._field(field):
                position = self._size + self._old.Indirect(self._old.Pos + self._field(field))
            present[field] = position > 0
            words[field] = position - (self.ROOT + 4 + 4 * field) if position else 0
        fields = [4 + 4 * i if there else 0 for i, there in enumerate(present)]
        struct.pack_into("<10H", self._out, 8, 20, 36, *fields)
        struct.pack_into("<i8I", self._out, self.ROOT, 20, *words)

    def _write_list(self, at: int, old: list[int], new: int) -> None:
        targets = [self._size + position for position in old] + [new]
        words = [target - (at + 4 + 4 * i) for i, target in enumerate(targets)]
        struct.pack_into(f"<{len(words) + 1}I", self._out, at, len(words), *words)

    def _write_entry(self, label: bytes, index: int) -> None:
        at = self._entry
        struct.pack_into("<4H", self._out, at, 8, 12, 4, 8)
        struct.pack_into("<iII", self._out, at + 8, 8, self._label - (at + 12), index)
        struct.pack_into(f"<I{len(label)}s", self._out, self._label, len(label) - 1, label)

    def _write_record(self, record: bytes) -> None:
        at = self._buffer
        struct.pack_into("<4H", self._out, at, 6, 8, 4, 0)
        struct.pack_into("<iI", self._out, at + 8, 8, self._record - (at + 12))
        struct.pack_into(f"<I{len(record)}s", self._out, self._record, len(record), record)


def _up(position: int, multiple: int) -> int:
    return position + -position % multiple


if __name__ == "__main__":
    sys.exit(main())
