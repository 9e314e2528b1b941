"""Rungs that were climbed once, kept for other runs that would climb the very same ones.

A study compares recipes that differ in their last rung; their teachers, seed by seed, are the same: climbed once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import safetensors
import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from pskd import atomic, plainfile
from pskd.distill.ladder import Rung, needed_for
from pskd.training.checkpoint import MAX_BYTES, Weights
from pskd.training.plan import Plan, digest

Points = list[list[float]]


@dataclass(frozen=True, slots=True)
class Climbed:
    """What a rung's climb gave.

    Attributes:
        weights: of its network.
        curve: ``[loss, accuracy]`` of each epoch.
        seconds: how long it took.
    """

    weights: Weights
    curve: Points
    seconds: float


@dataclass(frozen=True, slots=True)
class RungStore:
    """A folder of climbed rungs.

    Attributes:
        folder: where they lie.
        mark: stands for what the plan does not say: the clips, and the code that learns from them.
    """

    folder: Path
    mark: str

    def key(self, plan: Plan, rungs: tuple[Rung, ...], place: int, fold: str) -> str:
        """A fingerprint of everything that decides a rung's weights.

        Args:
            plan: of the run.
            rungs: the fold's ladder.
            place: of the rung in it; seeds its chance.
            fold: name of the fold.
        """
        needed = needed_for(rungs, rungs[place].name)
        above = [(number, rung) for number, rung in enumerate(rungs[: place + 1]) if rung.name in needed]
        # what only the student, its calibration or the report knows of
        same = msgspec.structs.replace(
            plan, rungs=(), preset="", calibrate=False, calibration_epochs=1, pseudo_label_from=1.0, shuffled=False,
            device="auto",
        )  # fmt: skip
        said = [self.mark, digest(same), fold, msgspec.to_builtins(above)]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:24]

    def get(self, key: str) -> Climbed | None:
        """A stored rung; None where there is none, or its file is damaged (then it is climbed anew)."""
        path = self.folder / f"{key}.safetensors"
        if not path.is_file():
            return None
        content = plainfile.read_bytes(path, MAX_BYTES)
        try:
            weights = load_tensors(content)
            facts = json.loads(weights.pop("facts").numpy().tobytes())
            return Climbed(weights, facts["curve"], facts["seconds"])
        except (safetensors.SafetensorError, ValueError, KeyError):
            return None

    def put(self, key: str, climbed: Climbed) -> None:
        """Store a rung; whoever stores the same one at the same time stores the same content."""
        facts = json.dumps({"curve": climbed.curve, "seconds": climbed.seconds}).encode()
        told = torch.from_numpy(np.frombuffer(facts, np.uint8).copy())
        weights = {name: tensor.contiguous().cpu() for name, tensor in climbed.weights.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        atomic.write_bytes(self.folder / f"{key}.safetensors", save_tensors({**weights, "facts": told}), durable=False)
