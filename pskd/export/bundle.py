"""The bundle: a folder with all that is needed to recognise activities elsewhere, and nothing that can run code.

``bundle.json`` (classes, sensor preprocessing, calibration, checksums), ``student.safetensors``, ``student.onnx``,
``card.md``. Reading trusts nothing: names, sizes, checksums, shapes and the network itself are checked first. It needs
no torch; writing does, and lives in :mod:`pskd.export.write`.
"""

from __future__ import annotations

import hashlib
import shutil
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from pskd import documents
from pskd.errors import BadFile, WrongUse
from pskd.evaluation.calibration import Calibration
from pskd.export.guard import check_onnx
from pskd.export.runtime import Student
from pskd.signals.sensor import SensorPreprocessing

BUNDLE_SCHEMA = 1
MANIFEST, WEIGHTS, NETWORK, CARD = "bundle.json", "student.safetensors", "student.onnx", "card.md"
FILES = (WEIGHTS, NETWORK, CARD)
MAX_BYTES = 64 * 1024 * 1024
MAX_CLASSES = 1000
UNSURE = "unsure"


class FileFacts(msgspec.Struct):
    """One file of a bundle: its size and SHA-256."""

    bytes: int
    sha256: str


class BundleManifest(msgspec.Struct, kw_only=True):
    """``bundle.json``.

    Attributes:
        classes: in the order of the logits.
        sensor: how acceleration becomes a window.
        calibration: temperature and the confidence below which an answer is ``unsure``.
        files: by name.
        model: name of the student in the registry of models; empty for one from elsewhere.
        parameters: its weights.
        name: of the run.
        protocol: by which the numbers below were found.
        accuracy: of the student on the test clips, or None.
        test_clips: how many these were.
        parity: largest difference of a logit between torch and ONNX Runtime when it was written.
        created: ISO 8601 in UTC.
        program: version that wrote it.
    """

    classes: list[str]
    sensor: SensorPreprocessing
    calibration: Calibration
    files: dict[str, FileFacts]
    model: str = ""
    parameters: int = 0
    name: str = ""
    protocol: str = ""
    accuracy: float | None = None
    test_clips: int = 0
    parity: float = 0.0
    created: str = ""
    program: str = ""
    schema: int = BUNDLE_SCHEMA


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A bundle that was read and found whole.

    Attributes:
        folder: where it lies.
        manifest: its ``bundle.json``.
        student: ready to answer.
        weights: ``student.safetensors`` as it was checked.
        network: ``student.onnx`` as it was checked.
    """

    folder: Path
    manifest: BundleManifest
    student: Student = field(repr=False)
    weights: bytes = field(repr=False)
    network: bytes = field(repr=False)

    @property
    def classes(self) -> list[str]:
        """Class names in the order of the logits."""
        return self.manifest.classes

    @property
    def sensor(self) -> SensorPreprocessing:
        """How acceleration becomes a window."""
        return self.manifest.sensor

    @property
    def calibration(self) -> Calibration:
        """Temperature and threshold."""
        return self.manifest.calibration


def copy_bundle(bundle: Bundle, folder: Path) -> None:
    """Write a bundle that was read to another folder, as it was checked.

    Raises:
        WrongUse: the folder exists and is not a bundle, or is the bundle itself.
    """
    if folder.exists() and (folder.resolve() == bundle.folder.resolve() or not replaceable(folder)):
        raise WrongUse(f"{folder} exists already.", code="bundle.exists", hint="Name another folder.")
    card = _read_file(bundle.folder, CARD, bundle.manifest.files[CARD])
    place(folder, bundle.manifest, {WEIGHTS: bundle.weights, NETWORK: bundle.network, CARD: card})


def find_bundle(path: Path) -> Path:
    """The bundle folder of a run folder, or the folder itself where it is a bundle.

    Raises:
        WrongUse: there is none.
    """
    for folder in (path, path / "bundle"):
        if (folder / MANIFEST).is_file():
            return folder
    raise WrongUse(
        f"There is no bundle in {path}.",
        code="bundle.missing",
        hint="Give a finished run's folder or a bundle; `pskd train` makes one.",
    )


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle and check everything in it.

    Args:
        folder: the bundle's folder.

    Raises:
        BadFile: something is missing, changed, too large, of another shape, or not to be trusted.
    """
    manifest = read_manifest(folder)
    contents = {name: _read_file(folder, name, facts) for name, facts in manifest.files.items()}
    check_onnx(contents[NETWORK], folder / NETWORK)
    _check_weights(folder / WEIGHTS, contents[WEIGHTS])
    student = Student(
        contents[NETWORK],
        channels=len(manifest.sensor.channels),
        samples=manifest.sensor.window_samples,
        classes=len(manifest.classes),
        path=folder / NETWORK,
    )
    return Bundle(folder, manifest, student, contents[WEIGHTS], contents[NETWORK])


def read_manifest(folder: Path) -> BundleManifest:
    """Only ``bundle.json``, checked in itself; the other files are not opened.

    Raises:
        BadFile: it is missing or does not hold together.
    """
    path = folder / MANIFEST
    try:
        manifest = documents.load(path, BundleManifest, schema=BUNDLE_SCHEMA)
    except ValueError as error:  # the preprocessing refuses its own numbers
        raise BadFile(path, str(error), code="bundle.sensor") from error
    check_classes(path, manifest.classes)
    if set(manifest.files) != set(FILES):
        raise BadFile(path, f"its files are not {', '.join(FILES)}", code="bundle.files")
    calibration = manifest.calibration
    if not 0.01 <= calibration.temperature <= 100.0 or not 0.0 <= calibration.unsure_below <= 1.0:
        raise BadFile(path, "its calibration is out of range", code="bundle.calibration")
    return manifest


def input_facts(manifest: BundleManifest) -> dict[str, str]:
    """What a person must know of the student's input, for the card and the command line."""
    sensor = manifest.sensor
    return {
        "signal": "acceleration x, y, z in m/s^2",
        "rate": f"{sensor.rate_hz:g} Hz (other rates are resampled)",
        "window": f"{sensor.window_s:g} s ({sensor.window_samples} samples)",
        "network rows": ", ".join(sensor.channels),
        "weights": f"{manifest.parameters} ({manifest.model or 'own network'})",
        "ONNX": f"input signal (N, {len(sensor.channels)}, {sensor.window_samples}), output logits (N, K)",
    }


def place(folder: Path, manifest: BundleManifest, contents: dict[str, bytes]) -> None:
    """Make a bundle's folder appear whole or not at all; the one that was there before is replaced.

    Args:
        folder: its parent must exist.
        manifest: its ``files`` are filled in here.
        contents: every file but ``bundle.json``, by name.
    """
    facts = {name: FileFacts(len(data), hashlib.sha256(data).hexdigest()) for name, data in contents.items()}
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        temporary.chmod(0o755)
        for name, data in contents.items():
            (temporary / name).write_bytes(data)
        documents.save(temporary / MANIFEST, msgspec.structs.replace(manifest, files=facts))
        (temporary / MANIFEST).chmod(0o644)  # a bundle is there to be handed on
        if folder.exists():
            shutil.rmtree(folder)
        temporary.replace(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def replaceable(folder: Path) -> bool:
    """True for a folder that holds a bundle's files only, or nothing."""
    return folder.is_dir() and {entry.name for entry in folder.iterdir()} <= {MANIFEST, *FILES}


def check_classes(path: Path, classes: list[str]) -> None:
    """Refuse class names that a bundle cannot have.

    Raises:
        BadFile: too few, too many, the same twice, not plain text, or ``unsure``.
    """
    plain = all(name.strip() and name.isprintable() and len(name) <= 200 for name in classes)
    if not 2 <= len(classes) <= MAX_CLASSES or len(set(classes)) != len(classes) or not plain or UNSURE in classes:
        raise BadFile(
            path,
            f"its classes are not 2 to {MAX_CLASSES} different plain names other than {UNSURE!r}",
            code="bundle.classes",
        )


def _read_file(folder: Path, name: str, facts: FileFacts) -> bytes:
    path = folder / name
    try:
        status = path.lstat()
    except OSError as error:
        raise BadFile(path, (error.strerror or str(error)).lower(), code="bundle.missing") from error
    if not stat.S_ISREG(status.st_mode):
        raise BadFile(path, "it is not a plain file", code="bundle.kind")
    if max(status.st_size, facts.bytes) > MAX_BYTES:
        raise BadFile(path, f"it is larger than {MAX_BYTES // 2**20} MiB", code="file.huge")
    if status.st_size != facts.bytes:
        raise BadFile(path, f"it has {status.st_size} bytes, not {facts.bytes}: cut or changed", code="bundle.checksum")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != facts.sha256:
        raise BadFile(path, "its content was changed (the checksum is wrong)", code="bundle.checksum")
    return data


def _check_weights(path: Path, data: bytes) -> None:
    import numpy as np
    import safetensors
    import safetensors.numpy

    try:
        tensors = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise BadFile(path, "it is not a safetensors file", code="bundle.weights") from error
    if not tensors or not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise BadFile(path, "it holds no weights, or some that are not finite", code="bundle.weights")
