"""Every registered loss through one suite."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from pskd.distill.base import LOSSES, Loss, Teaching, build
from pskd.errors import WrongUse
from pskd.models.base import EMBEDDING, Output

K, B = 5, 6
LABELS = torch.tensor([0, 1, 2, 3, 4, 0])
TARGETS = F.one_hot(LABELS, K).float()
TAUGHT = [name for name in LOSSES if name != "label"]


def said(seed: int, grad: bool = False) -> Output:
    made = torch.Generator().manual_seed(seed)
    return Output(
        torch.randn(B, K, generator=made).requires_grad_(grad),
        torch.randn(B, EMBEDDING, generator=made).requires_grad_(grad),
    )


def teaching(seed: int, present: Tensor | None = None) -> Teaching:
    return Teaching(*said(seed), torch.ones(B, dtype=torch.bool) if present is None else present)


def ready(name: str, **options: float) -> Loss:
    loss = build(name, options)
    loss.prepare([torch.randn(K, EMBEDDING), torch.randn(K, EMBEDDING)])
    return loss


@pytest.fixture(params=LOSSES.names())
def loss(request: pytest.FixtureRequest) -> Loss:
    torch.manual_seed(0)
    return ready(request.param)


def test_it_gives_named_finite_scalars_that_reach_the_student(loss: Loss) -> None:
    student = said(1, grad=True)
    terms = loss(student, TARGETS, [teaching(2), teaching(3)])
    assert "label" in terms
    assert all(term.shape == () and torch.isfinite(term) for term in terms.values())
    torch.stack(list(terms.values())).sum().backward()
    assert student.logits.grad is not None and student.logits.grad.abs().sum() > 0


def test_clips_without_labels_do_no_harm(loss: Loss) -> None:
    terms = loss(said(1), torch.zeros(B, K), [teaching(2)])
    assert float(terms["label"].detach()) == 0.0
    assert all(torch.isfinite(term) for term in terms.values())


def test_mixed_labels_are_taken(loss: Loss) -> None:
    mixed = 0.7 * TARGETS + 0.3 * TARGETS.roll(1, 0)
    assert all(torch.isfinite(term) for term in loss(said(1), mixed, [teaching(2)]).values())


def test_extreme_logits_stay_finite(loss: Loss) -> None:
    student = Output(said(1).logits * 1e4, said(1).features)
    wild = teaching(2)._replace(logits=said(2).logits * 1e4)
    assert all(torch.isfinite(term) for term in loss(student, TARGETS, [wild]).values())


@pytest.mark.parametrize("name", TAUGHT)
def test_a_teacher_who_sees_nothing_is_not_heard(name: str) -> None:
    torch.manual_seed(0)
    loss = ready(name)
    nobody = torch.zeros(B, dtype=torch.bool)
    terms = loss(said(1), TARGETS, [teaching(2, nobody)])
    others = loss(said(1), TARGETS, [teaching(9, nobody)])
    for key, term in terms.items():
        torch.testing.assert_close(term, others[key])
        assert key in ("label", "semantic") or float(term.detach()) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", TAUGHT)
def test_a_student_that_agrees_with_its_teacher_has_nothing_to_mimic(name: str) -> None:
    agreed = Output(6 * TARGETS, said(1).features)
    teacher = Teaching(agreed.logits, agreed.features, torch.ones(B, dtype=torch.bool))
    terms = ready(name)(agreed, TARGETS, [teacher])
    assert all(float(term.detach()) == pytest.approx(0, abs=1e-4) for key, term in terms.items() if key != "label")


@pytest.mark.parametrize("name", TAUGHT)
def test_without_a_teacher_it_says_so(name: str) -> None:
    with pytest.raises(WrongUse, match="needs a teacher"):
        ready(name)(said(1), TARGETS, [])


@pytest.mark.parametrize("name", LOSSES.names())
def test_unknown_and_hostile_options_are_refused(name: str) -> None:
    with pytest.raises(WrongUse, match="does not take these options"):
        build(name, {"colour": 1.0})
    with pytest.raises(WrongUse, match="smoothing"):
        build(name, {"smoothing": float("nan")})
