"""A torch student as ONNX, and the proof that both say the same."""

from __future__ import annotations

import io
import logging
import warnings
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from pskd.errors import PskdError
from pskd.export.runtime import INPUT, OUTPUT, Student
from pskd.types import FloatArray

OPSET = 17
PARITY = 1e-4


class _Logits(nn.Module):
    """The student reduced to its logits: live recognition has no use for the features."""

    def __init__(self, student: nn.Module) -> None:
        super().__init__()
        self.student = student

    def forward(self, signal: Tensor) -> Tensor:
        answer = self.student(signal)
        return cast(Tensor, getattr(answer, "logits", answer))


def to_onnx(student: nn.Module, *, channels: int, samples: int) -> bytes:
    """The student as one ONNX file with a free batch size.

    Args:
        student: takes ``(N, C, T)`` and gives logits ``(N, K)``, or something that has ``logits``.
        channels: C.
        samples: T.

    Returns:
        The file's bytes: input ``signal``, output ``logits``.

    Raises:
        PskdError: the network uses something that ONNX cannot say.
    """
    module = _Logits(student).eval()
    device = next(student.parameters()).device
    target = io.BytesIO()
    example = torch.zeros(2, channels, samples, device=device)
    # The tracing exporter: a student is a straight line of layers, and this takes tenths of a second, not seconds.
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(
                module,
                (example,),
                cast(Any, target),  # the tracing exporter writes to open files too; its annotation does not say so
                dynamo=False,
                opset_version=OPSET,
                input_names=[INPUT],
                output_names=[OUTPUT],
                dynamic_axes={INPUT: {0: "batch"}, OUTPUT: {0: "batch"}},
            )
        except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
            logging.getLogger(__name__).debug("ONNX export failed", exc_info=error)
            raise PskdError(
                f"The student cannot be written as ONNX: {str(error).strip().splitlines()[0]}.",
                code="export.onnx",
                hint="Choose another student model.",
            ) from error
    return target.getvalue()


def check_parity(student: nn.Module, runtime: Student, windows: FloatArray, *, limit: float = PARITY) -> float:
    """Compare torch with ONNX Runtime.

    Args:
        student: the torch student.
        runtime: the same student by ONNX Runtime.
        windows: ``(N, C, T)`` float32.
        limit: the largest difference of a logit that is let pass.

    Returns:
        The largest absolute difference of a logit.

    Raises:
        PskdError: it is over the limit, or torch's logits are not finite.
    """
    device = next(student.parameters()).device
    with torch.no_grad():
        expected = _Logits(student).eval()(torch.from_numpy(windows).to(device)).cpu().numpy()
    difference = float(np.abs(expected - runtime.logits(windows)).max())
    if not difference < limit:
        raise PskdError(
            f"The exported student differs from the trained one by {difference:.2g} (limit {limit:g}).",
            code="export.parity",
            hint="Nothing was written. Train again, or report this with the run's plan.json.",
        )
    return difference


def trial_windows(channels: int, samples: int, *, count: int = 16, seed: int = 0) -> FloatArray:
    """``(count, C, T)`` float32 windows of several strengths to compare two runtimes on; the first is all nought."""
    random = np.random.default_rng(seed)
    strength = np.linspace(0.0, 3.0, count)[:, None, None]
    return (random.standard_normal((count, channels, samples)) * strength).astype(np.float32)
