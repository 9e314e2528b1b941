from __future__ import annotations

import pytest
import torch

from pskd.errors import WrongUse
from pskd.models.base import Shapes, build
from pskd.training import device
from pskd.training.device import CPU, autocast, choose, mixed_gains


def only(monkeypatch: pytest.MonkeyPatch, *working: str) -> None:
    monkeypatch.setattr(device, "works", lambda name: name in working)


def test_an_accelerator_that_works_is_taken_and_the_processor_else(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "cuda", "mps")
    assert choose().type == "cuda" and choose("mps").type == "mps" and choose("cpu") == CPU
    only(monkeypatch, "mps")
    assert choose().type == "mps"
    only(monkeypatch)
    assert choose() == CPU


def test_a_device_that_was_named_and_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch)
    with pytest.raises(WrongUse, match="no working 'cuda'") as caught:
        choose("cuda")
    assert "--device cpu" in caught.value.hint


def test_a_driver_that_is_there_but_broken_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    if torch.cuda.device_count() == 0:
        monkeypatch.setattr(torch, "ones", broken)
        assert not device.works("cuda")
    assert not device.works("abacus")


def broken(*shape: int, device: str) -> torch.Tensor:
    raise RuntimeError(f"{device}: the driver is too old")


def test_the_processor_works_and_never_learns_in_half_precision() -> None:
    assert device.works("cpu")
    model = build("nano", Shapes(3, (7, 64), (10, 16, 15)))
    assert not mixed_gains(model, [torch.zeros(2, 7, 64)])


def test_half_precision_leaves_the_weights_as_they_are() -> None:
    model = build("nano", Shapes(3, (7, 64), (10, 16, 15)))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    assert device._seconds(model, [torch.randn(4, 7, 64)], mixed=True) > 0
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    with autocast(CPU, True):
        assert model(torch.randn(4, 7, 64)).logits.dtype == torch.bfloat16
    with autocast(CPU, False):
        assert model(torch.randn(4, 7, 64)).logits.dtype == torch.float32
