"""The peer ``tinyhar``: after Zhou et al. 2022, "TinyHAR: A Lightweight Deep Learning Model for HAR"."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pskd.models.base import MODELS, Model, Shapes

_FILTERS = 20
_FUSED = 2 * _FILTERS
_STRIDES = (2, 1, 2, 1)


@MODELS.register("tinyhar")
class TinyHar(Model):
    """Convolutions over time per channel, attention between channels, their fusion, an LSTM, attention over time."""

    role = "peer"
    max_weights = 100_000

    def __init__(self, shapes: Shapes) -> None:
        super().__init__(shapes, width=_FUSED, dropout=0.2)
        layers: list[nn.Module] = []
        for number, stride in enumerate(_STRIDES):
            inside = 1 if number == 0 else _FILTERS
            layers += [nn.Conv2d(inside, _FILTERS, (1, 5), (1, stride), (0, 2)), nn.ReLU(), nn.BatchNorm2d(_FILTERS)]
        self.local = nn.Sequential(*layers)
        self.queries, self.keys, self.values = (nn.Linear(_FILTERS, _FILTERS) for _ in range(3))
        self.strength = nn.Parameter(torch.full((1,), 0.1))
        self.fuse = nn.Linear(_FILTERS * shapes.sensor[0], _FUSED)
        self.memory = nn.LSTM(_FUSED, _FUSED, batch_first=True)
        self.notice = nn.Sequential(nn.Linear(_FUSED, _FUSED), nn.Tanh(), nn.Linear(_FUSED, 1, bias=False))
        self.whole = nn.Parameter(torch.full((1,), 0.1))

    def encode(self, *inputs: Tensor) -> Tensor:
        """``(B, C, T)`` to ``(B, 40)``."""
        moments = self.local(inputs[0][:, None]).permute(0, 3, 2, 1)
        alike = torch.softmax(self.queries(moments) @ self.keys(moments).transpose(2, 3), dim=3)
        mixed = moments + self.strength * (alike @ self.values(moments))
        said, _ = self.memory(torch.relu(self.fuse(mixed.flatten(2))))
        share = torch.softmax(self.notice(said), dim=1)
        summed: Tensor = said[:, -1] + self.whole * (share * said).sum(dim=1)
        return summed
