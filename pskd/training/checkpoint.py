"""``last.pt``: where a run stands after its last whole epoch, so that it can be resumed to the same numbers.

It is read with torch's restricted loader, which builds tensors, numbers, text and containers and nothing else; then
its shape is checked, because a file can be cut off, foreign or hostile.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pskd import atomic, plainfile
from pskd.errors import BadFile

CHECKPOINT_NAME = "last.pt"
CHECKPOINT_SCHEMA = 1
MAX_BYTES = 2 * 1024**3

Weights = dict[str, Tensor]


@dataclass(slots=True)
class Checkpoint:
    """The whole state of a run between two epochs.

    Attributes:
        digest: fingerprint of plan and clips; another one is refused.
        finished: weights of the rungs climbed in the current fold, by ``fold/rung``.
        current: the rung being climbed: ``name``, ``model`` weights and the fields of
            :class:`pskd.training.loop.Progress`; empty between rungs.
        answers: by ``fold/rung``, log probabilities on the fold's test clips, ``(N, K)``.
        curves: by ``fold/rung``, ``[loss, accuracy]`` of each epoch.
        seconds: by ``fold/rung``, time spent.
        done: the run has ended and its report is written.
    """

    digest: str
    finished: dict[str, Weights] = field(default_factory=dict)
    current: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Tensor] = field(default_factory=dict)
    curves: dict[str, list[list[float]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    done: bool = False


_SHAPE: dict[str, type] = {
    "digest": str, "finished": dict, "current": dict, "answers": dict, "curves": dict, "seconds": dict, "done": bool,
}  # fmt: skip


_CURRENT: dict[str, type] = {"name": str, "model": dict, "epoch": int, "optimizer": dict, "loss": dict, "curve": list}


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Replace ``last.pt`` in one step; not forced to the disk, because the next epoch writes it again."""
    buffer = io.BytesIO()
    torch.save({"schema": CHECKPOINT_SCHEMA, **{name: getattr(checkpoint, name) for name in _SHAPE}}, buffer)
    atomic.write_bytes(folder / CHECKPOINT_NAME, buffer.getvalue(), durable=checkpoint.done)


def load(folder: Path, digest: str) -> Checkpoint:
    """Read ``last.pt``.

    Args:
        folder: the run folder.
        digest: what its fingerprint must be.

    Raises:
        BadFile: missing, cut off, not a checkpoint, of a newer program, or of another plan or other clips.
    """
    path = folder / CHECKPOINT_NAME
    content = _read(path)
    if not isinstance(content, dict) or not all(isinstance(content.get(name), kind) for name, kind in _SHAPE.items()):
        raise BadFile(path, "it is not a checkpoint of a run", code="checkpoint.bad")
    if content.get("schema") != CHECKPOINT_SCHEMA:
        raise BadFile(
            path, f"its schema is {content.get('schema')!r}", code="checkpoint.newer", hint="Update PSKD Studio."
        )
    if content["current"] and not all(
        isinstance(content["current"].get(name), kind) for name, kind in _CURRENT.items()
    ):
        raise BadFile(path, "the rung that it stands in is damaged", code="checkpoint.bad")
    if content["digest"] != digest:
        raise BadFile(
            path,
            "it belongs to another plan, or the library's clips have changed since",
            code="checkpoint.other",
            hint="Start a new run.",
        )
    return Checkpoint(**{name: content[name] for name in _SHAPE})


def restore(path: Path, name: str, module: nn.Module, weights: object) -> None:
    """Put stored weights into a module.

    Raises:
        BadFile: they do not fit it.
    """
    try:
        module.load_state_dict(weights)  # type: ignore[arg-type]  # checked by the call itself
    except (RuntimeError, TypeError, AttributeError) as error:
        raise BadFile(path, f"the weights of {name} do not fit", code="checkpoint.bad") from error


def weights_of(module: nn.Module) -> Weights:
    """A copy of a module's weights and running statistics."""
    return {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}


def _read(path: Path) -> object:
    content = plainfile.read_bytes(path, MAX_BYTES)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # torch wonders aloud about foreign files, before it refuses them
            return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a broken or hostile file; all mean the same here
        raise BadFile(
            path,
            "it is damaged or not a checkpoint",
            code="checkpoint.bad",
            hint="Remove it to begin the run again, or start a new one.",
        ) from error
