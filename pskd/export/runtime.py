"""Running a student by ONNX Runtime, on one thread: what live recognition uses, and what parity is checked against."""

from __future__ import annotations

from typing import cast

import numpy as np

from pskd.errors import BadFile
from pskd.types import FloatArray

INPUT, OUTPUT = "signal", "logits"


class Student:
    """A student ready to answer.

    Args:
        content: the ONNX file's bytes.
        channels: rows of a window.
        samples: columns of a window.
        classes: how many.
        path: where it came from, for messages.

    Raises:
        BadFile: it cannot be loaded, or its input or output has another shape.
    """

    def __init__(self, content: bytes, *, channels: int, samples: int, classes: int, path: object) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a window is too small to share; a second thread only adds waiting
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self._path = path
        self._shape = (channels, samples)
        self._classes = classes
        try:
            self._session = onnxruntime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"], enable_fallback=0
            )
            self._check_ports()
        except BadFile:
            raise
        except Exception as error:  # ONNX Runtime's own exception types share no base but this
            raise BadFile(path, f"ONNX Runtime refuses it ({_first_line(error)})", code="bundle.onnx") from error

    def logits(self, windows: FloatArray) -> FloatArray:
        """``(N, K)`` float32 logits of ``(N, C, T)`` float32 windows.

        Raises:
            ValueError: the windows have another shape.
            BadFile: the network fails on them, or its answer is not finite numbers of the right shape.
        """
        if windows.ndim != 3 or windows.shape[1:] != self._shape:
            raise ValueError(f"windows: expected (N, {self._shape[0]}, {self._shape[1]}), got {windows.shape}")
        try:
            answer = self._session.run([OUTPUT], {INPUT: np.ascontiguousarray(windows, dtype=np.float32)})[0]
        except Exception as error:  # see above
            raise BadFile(self._path, f"the network fails ({_first_line(error)})", code="bundle.onnx") from error
        if answer.shape != (len(windows), self._classes) or not np.isfinite(answer).all():
            raise BadFile(self._path, "the network's answer is not one finite number a class", code="bundle.onnx")
        return cast(FloatArray, answer)

    def warm_up(self) -> None:
        """Answer once, so that the first real answer is as quick as the later ones; raises as :meth:`logits`."""
        self.logits(np.zeros((1, *self._shape), dtype=np.float32))

    def _check_ports(self) -> None:
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if [port.name for port in inputs] != [INPUT] or OUTPUT not in [port.name for port in outputs]:
            raise BadFile(self._path, f"its input is not {INPUT!r} or its output not {OUTPUT!r}", code="bundle.shape")
        answer = next(port for port in outputs if port.name == OUTPUT)
        if inputs[0].type != "tensor(float)" or list(inputs[0].shape[1:]) != list(self._shape):
            raise BadFile(
                self._path,
                f"it takes windows of {inputs[0].shape[1:]}, the bundle makes {list(self._shape)}",
                code="bundle.shape",
            )
        if list(answer.shape[1:]) != [self._classes]:
            raise BadFile(
                self._path, f"it gives {answer.shape[1:]} numbers for {self._classes} classes", code="bundle.shape"
            )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__
