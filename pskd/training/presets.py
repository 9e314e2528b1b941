"""The presets, as data: ``quick`` for a first look within minutes, ``best`` for a student to keep."""

from __future__ import annotations

from collections.abc import Mapping

from pskd.distill.ladder import Rung
from pskd.errors import WrongUse
from pskd.signals.augment import Augmentation
from pskd.training.plan import STUDENT, Plan, check

PRESETS = ("quick", "best")
STUDENTS: Mapping[str, str] = {"nano": "nano", "small": "small", "large": "accelerometer"}
"""The sizes of a student, and the network of each; ``large`` is the one that the accelerometer teacher is."""

# loss -> its options on the ladder
_OPTIONS: Mapping[str, dict[str, float | bool]] = {
    "label": {"smoothing": 0.1},
    "kd": {"temperature": 2.0, "weight": 0.5},
    "acs": {"temperature": 2.0, "weight": 1.0, "semantic": 1.0, "sharpness": 1.0, "fallback": False},
    "dkd": {"temperature": 2.0, "target": 1.0, "others": 2.0, "weight": 0.5},
    "camkd": {"temperature": 2.0, "weight": 0.5, "features": 1.0},
    "hints": {"temperature": 2.0, "weight": 0.5, "features": 1.0},
    "rkd": {"distance": 25.0, "angle": 50.0},
    "similarity": {"weight": 1000.0},
}

# preset -> epochs of each rung, and of the calibration's student
_EPOCHS: Mapping[str, dict[str, int]] = {
    "quick": {"skeleton": 25, "fused": 25, "accelerometer": 25, STUDENT: 60, "calibration": 15},
    "best": {"skeleton": 120, "fused": 120, "accelerometer": 120, STUDENT: 250, "calibration": 100},
}

# preset -> how strongly views differ; strong changes pay only with patience: docs/method.md, "Tried on the training
# subjects"
_AUGMENTATION: Mapping[str, Augmentation] = {
    "quick": Augmentation(),
    "best": Augmentation(rotation_deg=16.0, mixup=1.0),
}

# preset -> which rungs each rung hears; hearing one more costs its forward pass on every batch
_LEARNS_FROM: Mapping[str, dict[str, tuple[str, ...]]] = {
    "quick": {
        "skeleton": (),
        "fused": ("skeleton",),
        "accelerometer": ("fused",),
        STUDENT: ("fused", "accelerometer"),
    },
    "best": {
        "skeleton": (),
        "fused": ("skeleton",),
        "accelerometer": ("skeleton", "fused"),
        STUDENT: ("skeleton", "fused", "accelerometer"),
    },
}


def make_plan(
    library: str, protocol: str, *, preset: str = "quick", seed: int = 0, student: str = "small", loss: str = "acs"
) -> Plan:
    """The plan of a preset.

    Args:
        library: the library's folder.
        protocol: one of :func:`pskd.library.splits.protocols`.
        preset: one of :data:`PRESETS`.
        seed: of all chance.
        student: ``nano`` (at most 25 k weights), ``small`` (at most 150 k) or ``large`` (at most 500 k).
        loss: how rungs learn from the rungs above: ``acs``, or one of its rivals ``kd``, ``dkd``, ``camkd``, ``hints``,
            ``rkd``, ``similarity``; ``label`` trains the student alone, which is the control of every claim about
            distillation.

    Raises:
        WrongUse: a name is unknown.
    """
    for noun, name, known in (
        ("preset", preset, PRESETS),
        ("student", student, STUDENTS),
        ("loss", loss, _OPTIONS),
    ):
        if name not in known:
            raise WrongUse(
                f"There is no {noun} called {name!r}.", code="plan.unknown", hint=f"Known: {', '.join(known)}."
            )
    plan = Plan(
        library=library,
        protocol=protocol,
        preset=preset,
        seed=seed,
        rungs=_rungs(preset, student, loss),
        augmentation=_AUGMENTATION[preset],
        calibration_epochs=_EPOCHS[preset]["calibration"],
    )
    check(plan)
    return plan


def _rungs(preset: str, student: str, loss: str) -> tuple[Rung, ...]:
    names = (STUDENT,) if loss == "label" else tuple(_LEARNS_FROM[preset])
    rungs = []
    for name in names:
        above = _LEARNS_FROM[preset][name] if loss != "label" else ()
        kind = loss if above else "label"
        model = STUDENTS[student] if name == STUDENT else name
        rungs.append(
            Rung(
                name=name,
                model=model,
                learns_from=above,
                loss=kind,
                options=_OPTIONS[kind],
                epochs=_EPOCHS[preset][name],
            )
        )
    return tuple(rungs)
