"""Where networks learn: an accelerator where there is one that works, else the processor; and in which precision."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy

import torch
from torch import Tensor

from pskd.clock import now_s
from pskd.errors import WrongUse
from pskd.models.base import Model

CPU = torch.device("cpu")
ACCELERATORS = ("cuda", "mps")

_GAIN = 1.1
_TRIES = 5


def choose(wish: str = "auto") -> torch.device:
    """The device to learn on.

    Args:
        wish: ``auto`` takes the first accelerator that works, else the processor; or a device's own name.

    Raises:
        WrongUse: a device was named that this computer does not have or that does not work.
    """
    if wish == "cpu":
        return CPU
    for name in ACCELERATORS if wish == "auto" else (wish,):
        if works(name):
            return torch.device(name)
    if wish == "auto":
        return CPU
    raise WrongUse(
        f"This computer has no working {wish!r} device.",
        code="device.none",
        hint="Leave the choice to the program (--device auto), or say --device cpu.",
    )


def works(name: str) -> bool:
    """True where a small product on the device gives what it must; a driver that is there can still be broken."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not there.get(name):
        return False
    try:
        one = torch.ones(8, 8, device=name)
        return float((one @ one).sum()) == 512.0
    except RuntimeError:
        return False


def autocast(device: torch.device, mixed: bool) -> AbstractContextManager[object]:
    """Half precision (bfloat16) where ``mixed``; it keeps the range of float32, so no loss needs scaling."""
    return torch.autocast(device.type, dtype=torch.bfloat16) if mixed else nullcontext()


def mixed_gains(model: Model, inputs: Sequence[Tensor]) -> bool:
    """True where learning in mixed precision is at least a tenth faster here, measured on a copy of the network.

    Networks as small as these spend much of their time on starting kernels, where half precision gains nothing; so it
    is tried, not assumed. Always False on the processor, whose numbers must not depend on a stopwatch.
    """
    device = next(model.parameters()).device
    if device.type != "cuda" or not torch.cuda.is_bf16_supported():
        return False
    return _seconds(model, inputs, mixed=False) > _GAIN * _seconds(model, inputs, mixed=True)


def _seconds(model: Model, inputs: Sequence[Tensor], *, mixed: bool) -> float:
    """The fastest of a few learning steps on a copy."""
    trial = deepcopy(model).train()
    device = inputs[0].device
    spent = []
    for _ in range(_TRIES):
        started = now_s()
        with autocast(device, mixed):
            said = trial(*inputs)
        (said.logits.float().square().mean() + said.features.float().square().mean()).backward()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        spent.append(now_s() - started)
    return min(spent)
