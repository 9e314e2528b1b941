"""The plan: what a run was asked to do, complete enough to be done again."""

from __future__ import annotations

import hashlib
from pathlib import Path, PureWindowsPath

import msgspec

from pskd import documents
from pskd.distill import ladder
from pskd.distill.ladder import Rung
from pskd.errors import BadFile, PskdError, WrongUse
from pskd.library.library import LIBRARY_FILE
from pskd.library.splits import protocols
from pskd.signals.augment import Augmentation
from pskd.signals.pose import PosePreprocessing
from pskd.signals.sensor import SensorPreprocessing
from pskd.training.labels import Labels

PLAN_SCHEMA = 1
PLAN_NAME = "plan.json"
MAX_LABELS = 10_000
DEVICES = ("auto", "cpu", "cuda", "mps")
STUDENT = "student"
"""Name of the last rung of every plan."""


class Plan(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """``plan.json``.

    Attributes:
        library: path of the library's folder.
        protocol: how clips are split, one of :func:`pskd.library.splits.protocols`.
        rungs: the ladder; the last rung is called ``student`` and sees only the accelerometer.
        preset: where the values came from: ``quick``, ``best`` or ``custom``.
        seed: of all chance.
        sensor: preprocessing of the accelerometer; the bundle carries it into live.
        pose: preprocessing of the skeleton.
        augmentation: how strongly training views differ from the clips.
        batch: clips in a batch.
        learning_rate: the highest one, for rungs that have no own.
        weight_decay: of AdamW.
        calibrate: fit the confidence on held-out training clips; costs one more student.
        calibration_epochs: of that student.
        unlabelled: let teachers teach on clips that nobody labelled, too.
        pseudo_label_from: confidence from which the teachers' mean answer on a whole clip that nobody labelled counts
            for the student as its label; below it, or with 1, such a clip has none and only the teachers' word teaches.
            Off in the presets: no gain has been shown (docs/method.md).
        labels: how many of the training labels are known; all, unless what few labels cost is studied.
        shuffled: a control for studies: the student hears of each clip what its teachers say of another one.
        device: where networks learn, one of :data:`DEVICES`; ``auto`` takes an accelerator where one works.
        threads: processor threads. These networks are small: on a machine that does anything else, two threads wait for
            each other and are many times slower than one (measured), so one is the rule.
    """

    library: str
    protocol: str
    rungs: tuple[Rung, ...]
    preset: str = "custom"
    seed: int = 0
    sensor: SensorPreprocessing = SensorPreprocessing()
    pose: PosePreprocessing = PosePreprocessing()
    augmentation: Augmentation = Augmentation()
    batch: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    calibrate: bool = True
    calibration_epochs: int = 30
    unlabelled: bool = True
    pseudo_label_from: float = 1.0
    labels: Labels = Labels()
    shuffled: bool = False
    device: str = "auto"
    threads: int = 1
    schema: int = PLAN_SCHEMA

    @property
    def student(self) -> Rung:
        """The last rung."""
        return self.rungs[-1]


def check(plan: Plan) -> None:
    """Refuse a plan that cannot be carried out, before anything is loaded.

    Raises:
        WrongUse: the message names the value.
    """
    if plan.protocol not in protocols():
        raise _wrong(f"There is no protocol called {plan.protocol!r}.", f"Known: {', '.join(protocols())}.")
    ladder.check(plan.rungs)
    if plan.student.name != STUDENT:
        raise _wrong(f"The last rung must be called {STUDENT!r}, this one is {plan.student.name!r}.")
    limits = {
        "seed": (0, 2**31 - 1), "batch": (2, 4096), "learning_rate": (1e-7, 1.0), "weight_decay": (0.0, 10.0),
        "calibration_epochs": (1, ladder.MAX_EPOCHS), "threads": (1, 256), "pseudo_label_from": (0.0, 1.0),
    }  # fmt: skip
    for name, (low, high) in limits.items():
        if not low <= getattr(plan, name) <= high:
            raise _wrong(f"{name}: must be from {low:g} to {high:g}, got {getattr(plan, name)!r}.")
    for name in plan.labels.__struct_fields__:
        if not 0 <= getattr(plan.labels, name) <= MAX_LABELS:
            raise _wrong(f"labels.{name}: must be from 0 to {MAX_LABELS}, got {getattr(plan.labels, name)!r}.")
    if plan.device not in DEVICES:
        raise _wrong(f"There is no device called {plan.device!r}.", f"Known: {', '.join(DEVICES)}.")
    if abs(plan.pose.window_s - plan.sensor.window_s) > 1e-6:
        raise _wrong(f"The windows differ: {plan.sensor.window_s:g} s of sensor, {plan.pose.window_s:g} s of pose.")


def check_parts(plan: Plan) -> None:
    """Also check that models and losses exist and take their options; loads torch.

    Raises:
        WrongUse: one does not, or the student sees more than the accelerometer.
    """
    from pskd.distill.base import build
    from pskd.models.base import MODELS

    for rung in plan.rungs:
        MODELS.get(rung.model)
        build(rung.loss, rung.options)
    student = MODELS.get(plan.student.model)
    if student.inputs != ("sensor",):
        raise _wrong(
            f"The student {plan.student.model!r} sees {', '.join(student.inputs)}; it may see only the sensor."
        )


def save(folder: Path, plan: Plan) -> None:
    """Write ``plan.json`` into a run folder."""
    documents.save(folder / PLAN_NAME, plan)


def load(folder: Path) -> Plan:
    """Read and check the plan of a run folder.

    Where the library is gone from the place that the plan names, and one of that name lies beside the folder of the
    runs, both were moved together: the plan then names the new place.

    Raises:
        BadFile: there is none, or it cannot be trusted.
    """
    path = folder / PLAN_NAME
    if not path.is_file():
        raise BadFile(path, "there is no plan", code="run.not-a-run", hint="Choose a folder that pskd train made.")
    plan = documents.load(path, Plan, schema=PLAN_SCHEMA)
    try:
        check(plan)
    except PskdError as error:
        raise BadFile(path, error.message.rstrip("."), code="plan.bad", hint=error.hint) from error
    return msgspec.structs.replace(plan, library=_where_it_lies(plan.library, folder.resolve().parent))


def _where_it_lies(library: str, runs: Path) -> str:
    name = PureWindowsPath(library).name  # takes both kinds of slash: a folder may come from another system
    beside = runs.parent / name
    moved = name not in ("", "..") and not is_library(Path(library)) and is_library(beside)
    return str(beside) if moved else library


def is_library(folder: Path) -> bool:
    """True where a library lies there; a path from a plan may be anything."""
    try:
        return (folder / LIBRARY_FILE).is_file()
    except (OSError, ValueError):
        return False


def digest(plan: Plan) -> str:
    """A short fingerprint of everything that decides the numbers (not where the library lies, threads or device)."""
    same = msgspec.structs.replace(plan, library="", threads=1, device="auto")
    return hashlib.sha256(msgspec.json.encode(same)).hexdigest()[:16]


def _wrong(message: str, hint: str = "") -> WrongUse:
    return WrongUse(message, code="plan.bad", hint=hint)
