"""Plans small enough for a test: a second on one core."""

from __future__ import annotations

import msgspec

from pskd.distill.ladder import Rung
from pskd.signals.augment import Augmentation
from pskd.signals.pose import PosePreprocessing
from pskd.signals.sensor import SensorPreprocessing
from pskd.training.plan import Plan

SENSOR = SensorPreprocessing(rate_hz=50.0, window_samples=64, stride_samples=16)
POSE = PosePreprocessing(window_s=1.28, frames=16)


def make_small_plan(protocol: str = "cross-subject", **changes: object) -> Plan:
    """All four rungs, two epochs each, of the smallest nets that stand for their kind."""
    plan = Plan(
        library="made",
        protocol=protocol,
        rungs=(
            Rung(name="skeleton", model="skeleton", epochs=2),
            Rung(name="fused", model="fused", learns_from=("skeleton",), loss="kd", epochs=1),
            Rung(name="student", model="nano", learns_from=("skeleton", "fused"), loss="acs", epochs=3),
        ),
        sensor=SENSOR,
        pose=POSE,
        batch=12,
        calibration_epochs=2,
    )
    return msgspec.structs.replace(plan, **changes)


def label_only(epochs: int = 3, model: str = "nano", **changes: object) -> Plan:
    """The student alone."""
    return make_small_plan(rungs=(Rung(name="student", model=model, epochs=epochs),), **changes)


GENTLE = Augmentation(rotation_deg=5.0, mixup=0.0)
