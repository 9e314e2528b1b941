"""What tells the rivals of ACS apart."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from pskd.distill.base import Teaching, build
from pskd.distill.losses.camkd import ConfidenceAwareKD
from pskd.distill.losses.rkd import angles, distances
from pskd.distill.losses.similarity import similarities
from pskd.distill.maps import FeatureMaps
from pskd.models.base import EMBEDDING, Output

LABELS = torch.tensor([0, 1, 2, 2])
TARGETS = F.one_hot(LABELS, 3).float()
ALL = torch.ones(4, dtype=torch.bool)
RIGHT, WRONG = 5 * TARGETS, 5 * TARGETS.roll(1, 1)
BOTH = torch.stack([RIGHT, WRONG])
PRESENT = torch.ones(2, 4, dtype=torch.bool)


def camkd() -> ConfidenceAwareKD:
    loss = build("camkd")
    assert isinstance(loss, ConfidenceAwareKD)
    return loss


def test_the_teacher_nearer_to_the_label_counts_more() -> None:
    share = camkd().shares(BOTH, PRESENT, TARGETS)
    torch.testing.assert_close(share.sum(dim=0), torch.ones(4))
    assert (share[0] > 0.95).all()


def test_three_teachers_share_by_the_papers_formula() -> None:
    logits = torch.randn(3, 4, 3, generator=torch.Generator().manual_seed(1))
    doubt = torch.stack([F.cross_entropy(z, LABELS, reduction="none") for z in logits])
    share = camkd().shares(logits, torch.ones(3, 4, dtype=torch.bool), TARGETS)
    torch.testing.assert_close(share, (1 - doubt.exp() / doubt.exp().sum(dim=0)) / 2)


def test_a_teacher_alone_is_heard_whole_and_an_absent_one_never() -> None:
    assert camkd().shares(BOTH[1:], PRESENT[1:], TARGETS).tolist() == [[1.0] * 4]
    absent = torch.tensor([[False] * 4, [True] * 4])
    assert camkd().shares(BOTH, absent, TARGETS).tolist() == [[0.0] * 4, [1.0] * 4]


def test_where_nobody_labelled_the_surer_teacher_counts_more() -> None:
    unsure = torch.stack([0.2 * RIGHT, WRONG])
    share = camkd().shares(unsure, PRESENT, torch.zeros(4, 3))
    assert (share[1] > 0.5).all()


def test_relations_do_not_change_with_the_scale_or_place_of_features() -> None:
    rows = torch.randn(6, EMBEDDING, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(distances(3 * rows + 1), distances(rows))
    torch.testing.assert_close(angles(3 * rows + 1), angles(rows), atol=1e-5, rtol=1e-4)


def test_a_corner_of_ninety_degrees_has_the_cosine_nought() -> None:
    corner = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    assert angles(corner)[0, 1, 2] == pytest.approx(0.0, abs=1e-6)
    assert angles(corner)[0, 1, 1] == pytest.approx(1.0)


def test_clips_with_equal_features_give_a_finite_slope() -> None:
    said = torch.ones(4, EMBEDDING, requires_grad=True)
    taught = Teaching(RIGHT, torch.randn(4, EMBEDDING), ALL)
    sum(build("rkd")(Output(RIGHT, said), TARGETS, [taught]).values()).backward()  # type: ignore[union-attr]
    assert said.grad is not None and torch.isfinite(said.grad).all()


def test_similarity_knows_no_turn_of_the_features() -> None:
    rows = torch.randn(5, 8, generator=torch.Generator().manual_seed(3))
    turn = torch.linalg.qr(torch.randn(8, 8, generator=torch.Generator().manual_seed(4))).Q
    torch.testing.assert_close(similarities(rows @ turn), similarities(rows), atol=1e-5, rtol=1e-4)


def test_each_teacher_has_a_map_of_its_own_that_learns() -> None:
    maps = FeatureMaps(2)
    student = torch.randn(4, EMBEDDING)
    taught = [Teaching(RIGHT, student, ALL), Teaching(RIGHT, -student, ALL)]
    found = maps.distances(student, taught)
    torch.testing.assert_close(found[0], torch.zeros(4))
    found.sum().backward()
    slopes = [layer.weight.grad for layer in maps.maps]
    assert slopes[1] is not None and float(slopes[1].abs().sum()) > 0
