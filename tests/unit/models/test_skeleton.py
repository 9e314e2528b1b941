"""The graph convolution, in the one product that the program makes of it and step by step as it is defined."""

from __future__ import annotations

import torch
from torch import Tensor

from pskd.models.skeleton import GraphConv


def step_by_step(layer: GraphConv, x: Tensor) -> Tensor:
    """Every joint hears the joints of each graph; then channels are mixed, frame by frame."""
    graphs = layer.graphs + layer.learned  # type: ignore[operator]
    heard = torch.stack([x @ graph for graph in graphs], dim=1).flatten(1, 2)
    return torch.relu(layer.norm(layer.mix(heard)))


def test_spreading_and_mixing_are_one_product() -> None:
    torch.manual_seed(0)
    layer, x = GraphConv(4, 6, 15).eval(), torch.randn(2, 4, 9, 15)
    torch.nn.init.normal_(layer.learned, std=0.1)
    torch.testing.assert_close(layer(x).transpose(2, 3), step_by_step(layer, x), atol=1e-5, rtol=1e-4)


def test_what_is_learned_of_the_graph_has_a_slope() -> None:
    layer = GraphConv(4, 6, 15)
    layer(torch.randn(2, 4, 9, 15)).sum().backward()
    assert layer.learned.grad is not None and float(layer.learned.grad.abs().sum()) > 0
