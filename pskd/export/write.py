"""Writing a bundle from a trained torch student."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import safetensors.torch
from torch import nn

from pskd import __version__
from pskd.clock import utc_now
from pskd.errors import WrongUse
from pskd.evaluation.calibration import Calibration
from pskd.evaluation.card import LICENCE, card_text
from pskd.evaluation.report import Report
from pskd.export.bundle import (
    CARD,
    NETWORK,
    WEIGHTS,
    BundleManifest,
    check_classes,
    input_facts,
    place,
    replaceable,
)
from pskd.export.onnx import check_parity, to_onnx, trial_windows
from pskd.export.runtime import Student
from pskd.signals.sensor import SensorPreprocessing


def write_bundle(
    folder: Path,
    *,
    student: nn.Module,
    sensor: SensorPreprocessing,
    classes: Sequence[str],
    calibration: Calibration,
    report: Report | None = None,
    model: str = "",
    licence: str = LICENCE,
) -> BundleManifest:
    """Write a bundle; it appears whole or not at all, and an older bundle in its place is replaced.

    Args:
        folder: the bundle's folder; its parent must exist.
        student: the trained torch student, ``(N, C, T)`` to logits.
        sensor: the preprocessing it was trained with.
        classes: K names in the order of the logits.
        calibration: fitted on held-out training clips.
        report: of the run, for the card.
        model: name in the registry of models, so that the weights can be loaded again.
        licence: under which terms the weights may be used.

    Raises:
        PskdError: the student cannot be exported, or ONNX Runtime disagrees with torch.
        WrongUse: the folder exists and is not a bundle.
    """
    check_classes(folder, list(classes))
    if folder.exists() and not replaceable(folder):
        raise WrongUse(f"{folder} exists and is not a bundle.", code="bundle.exists", hint="Name another folder.")
    channels, samples = len(sensor.channels), sensor.window_samples
    network = to_onnx(student, channels=channels, samples=samples)
    runtime = Student(network, channels=channels, samples=samples, classes=len(classes), path=folder / NETWORK)
    parity = check_parity(student, runtime, trial_windows(channels, samples))
    weights = safetensors.torch.save({k: v.detach().cpu().contiguous() for k, v in student.state_dict().items()})
    manifest = BundleManifest(
        classes=list(classes),
        sensor=sensor,
        calibration=calibration,
        files={},
        model=model,
        parameters=sum(p.numel() for p in student.parameters()),
        name=report.name if report else "",
        protocol=report.protocol if report else "",
        accuracy=float(report.student.accuracy) if report else None,
        test_clips=report.student.n if report else 0,
        parity=parity,
        created=utc_now(),
        program=__version__,
    )
    card = card_text(report, licence=licence, facts=input_facts(manifest)) if report else _bare_card(manifest, licence)
    place(folder, manifest, {WEIGHTS: weights, NETWORK: network, CARD: card.encode("utf-8")})
    return manifest


def _bare_card(manifest: BundleManifest, licence: str) -> str:
    lines = [f"# {manifest.name or 'Student'}: model card", "", "No report came with this student.", ""]
    lines += [f"- {name}: {value}" for name, value in input_facts(manifest).items()]
    return "\n".join([*lines, f"- classes: {', '.join(manifest.classes)}", "", licence, ""])
