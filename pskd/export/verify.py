"""Does a bundle's ONNX file say what its weights say?"""

from __future__ import annotations

from pskd.errors import BadFile
from pskd.export.bundle import WEIGHTS, Bundle
from pskd.export.onnx import check_parity, trial_windows


def verify(bundle: Bundle) -> float | None:
    """Build the student anew from ``student.safetensors`` and compare it with ``student.onnx``.

    Args:
        bundle: as read.

    Returns:
        The largest difference of a logit; None where the student is no model of this program.

    Raises:
        BadFile: the weights do not fit the model that the bundle names.
        PskdError: both differ.
        WrongUse: the bundle names a model that this version does not know.
    """
    if not bundle.manifest.model:
        return None
    import safetensors.torch

    from pskd.models.base import Shapes, build

    channels, samples = len(bundle.sensor.channels), bundle.sensor.window_samples
    student = build(bundle.manifest.model, Shapes(len(bundle.classes), sensor=(channels, samples)))
    try:
        student.load_state_dict(safetensors.torch.load(bundle.weights))
    except RuntimeError as error:
        path = bundle.folder / WEIGHTS
        raise BadFile(path, f"its weights do not fit a {bundle.manifest.model!r}", code="bundle.weights") from error
    return check_parity(student.eval(), bundle.student, trial_windows(channels, samples))
