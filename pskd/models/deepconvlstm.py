"""The peer ``deepconvlstm``: after Ordóñez, Roggen 2016, "Deep Convolutional and LSTM Recurrent Neural Networks"."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pskd.models.base import MODELS, Model, Shapes

_FILTERS = 64
_UNITS = 128
_LAYERS = 4


@MODELS.register("deepconvlstm")
class DeepConvLSTM(Model):
    """Four convolutions over time, shared by all channels, then two LSTM layers; the last moment is classified.

    The first convolution takes every second moment, because windows here are ten times longer than the paper's.
    """

    role = "peer"

    def __init__(self, shapes: Shapes) -> None:
        super().__init__(shapes, width=_UNITS, dropout=0.5)
        self.net = nn.ModuleList(
            nn.Conv2d(1 if number == 0 else _FILTERS, _FILTERS, (1, 5), (1, 2 if number == 0 else 1))
            for number in range(_LAYERS)
        )
        self.memory = nn.LSTM(_FILTERS * shapes.sensor[0], _UNITS, num_layers=2, batch_first=True)

    def encode(self, *inputs: Tensor) -> Tensor:
        """``(B, C, T)`` to ``(B, 128)``."""
        x = inputs[0][:, None]
        for layer in self.net:
            x = torch.relu(layer(x))
        said, _ = self.memory(x.permute(0, 3, 1, 2).flatten(2))
        last: Tensor = said[:, -1]
        return last
