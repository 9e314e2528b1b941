from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from pskd.distill.base import Teaching, build, divergence
from pskd.distill.losses.acs import SURE, AdaptiveConfidenceSemantic
from pskd.models.base import EMBEDDING, Output

LABELS = torch.tensor([0, 1, 2, 2])
TARGETS = F.one_hot(LABELS, 3).float()
ALL = torch.ones(4, dtype=torch.bool)


def acs(**options: float | bool) -> AdaptiveConfidenceSemantic:
    loss = build("acs", options)
    assert isinstance(loss, AdaptiveConfidenceSemantic)
    return loss


# right and sure, right and unsure, right and sure, wrong
FIRST = torch.tensor([[4.0, 0, 0], [0, 1, 0], [0, 0, 4], [5, 0, 0]])
# right and unsure, right and sure, wrong, wrong
SECOND = torch.tensor([[1.0, 0, 0], [0, 4, 0], [4, 0, 0], [0, 5, 0]])
BOTH = torch.stack([FIRST, SECOND])
PRESENT = torch.ones(2, 4, dtype=torch.bool)


def shared(loss: AdaptiveConfidenceSemantic, present: torch.Tensor = PRESENT, targets: torch.Tensor = TARGETS) -> Any:
    """Each clip's share of the two teachers, to three digits."""
    return [[round(share, 3) for share in clip] for clip in loss.shares(BOTH, present, targets).T.tolist()]


def test_teachers_that_are_right_are_heard_as_they_are_confident_else_the_label() -> None:
    sure, unsure = (float(torch.softmax(torch.tensor([top, 0.0, 0.0]) / 2, 0)[0]) for top in (4.0, 1.0))
    more, less = round(sure / (sure + unsure), 3), round(unsure / (sure + unsure), 3)
    assert shared(acs(sharpness=1.0)) == [[more, less], [less, more], [1, 0], [0, 0]]


def test_the_sharpest_choice_is_the_most_confident_teacher_alone() -> None:
    assert shared(acs(sharpness=SURE)) == [[1, 0], [0, 1], [1, 0], [0, 0]]


def test_without_sharpness_the_candidates_count_alike() -> None:
    assert shared(acs(sharpness=0.0)) == [[0.5, 0.5], [0.5, 0.5], [1, 0], [0, 0]]


def test_without_the_fallback_wrong_teachers_are_candidates_too() -> None:
    assert shared(acs(fallback=False, sharpness=0.0)) == [[0.5, 0.5]] * 4
    assert acs(fallback=False).shares(BOTH, PRESENT, TARGETS).sum(dim=0).tolist() == pytest.approx([1, 1, 1, 1])


def test_an_absent_teacher_is_never_heard() -> None:
    absent = torch.tensor([[False] * 4, [True] * 4])
    assert shared(acs(), absent) == [[0, 1], [0, 1], [0, 0], [0, 0]]


def test_of_an_unlabelled_clip_the_surer_teacher_is_heard_more() -> None:
    alike, surest = shared(acs(sharpness=0.0), targets=torch.zeros(4, 3)), shared(acs(), targets=torch.zeros(4, 3))
    assert alike == [[0.5, 0.5]] * 4
    assert surest[1][1] > surest[1][0] > 0 and surest[0][0] > surest[0][1]


def test_each_teacher_has_a_map_of_its_own() -> None:
    loss = acs()
    loss.prepare([torch.eye(3, EMBEDDING), torch.eye(3, EMBEDDING)])
    assert len(loss.maps.maps) == 2 and loss.maps.maps[0] is not loss.maps.maps[1]


def test_the_semantic_term_falls_back_on_the_class_prototype() -> None:
    loss = acs(semantic_labelled=1.0, weight=0.0)
    prototypes = torch.eye(3, EMBEDDING)
    loss.prepare([prototypes])
    wrong = Teaching(5 * TARGETS.roll(1, 1), torch.randn(4, EMBEDDING), ALL)
    at_prototype = loss(Output(FIRST, prototypes[LABELS]), TARGETS, [wrong])
    away = loss(Output(FIRST, -prototypes[LABELS]), TARGETS, [wrong])
    assert float(at_prototype["semantic"].detach()) == pytest.approx(0, abs=1e-6)
    assert float(away["semantic"].detach()) == pytest.approx(0.5 * 4 / EMBEDDING, abs=1e-6)


def test_features_are_matched_where_nobody_labelled() -> None:
    unknown = TARGETS * torch.tensor([1.0, 1, 0, 0])[:, None]
    taught = Teaching(FIRST, torch.ones(4, EMBEDDING), ALL)
    said = Output(FIRST, torch.zeros(4, EMBEDDING))
    assert float(acs(semantic=1.0)(said, unknown, [taught])["semantic"].detach()) == pytest.approx(0.5 * 2 / 4)
    assert "semantic" not in acs(semantic=1.0)(said, TARGETS, [taught])
    assert "semantic" not in acs(semantic=0.0)(said, unknown, [taught])


def test_plain_distillation_is_hintons() -> None:
    student, teacher = torch.randn(4, 3), torch.randn(4, 3)
    terms = build("kd", {"temperature": 3.0, "weight": 0.25, "smoothing": 0.0})(
        Output(student, torch.zeros(4, EMBEDDING)), TARGETS, [Teaching(teacher, teacher, ALL)]
    )
    expected = F.kl_div(F.log_softmax(student / 3, 1), F.softmax(teacher / 3, 1), reduction="batchmean") * 9
    torch.testing.assert_close(terms["mimic"], 0.25 * expected)
    torch.testing.assert_close(terms["label"], 0.75 * F.cross_entropy(student, LABELS))


def test_decoupled_distillation_with_equal_shares_is_the_plain_divergence() -> None:
    """KL = target term + (1 - p of the target) * others term (Zhao et al. 2022, equation 7)."""
    student, teacher = torch.randn(4, 3), torch.randn(4, 3)
    one = build("dkd", {"temperature": 1.0, "target": 1.0, "others": 0.0, "weight": 1.0})
    two = build("dkd", {"temperature": 1.0, "target": 0.0, "others": 1.0, "weight": 1.0})
    for row in range(4):
        part = slice(row, row + 1)
        said = Output(student[part], torch.zeros(1, EMBEDDING))
        taught = [Teaching(teacher[part], teacher[part], ALL[:1])]
        target = one(said, TARGETS[part], taught)["target"]
        others = two(said, TARGETS[part], taught)["others"]
        rest = 1 - torch.softmax(teacher[part], 1)[0, LABELS[row]]
        torch.testing.assert_close(target + rest * others, divergence(student[part], teacher[part], 1.0)[0])


def test_label_smoothing_is_torchs() -> None:
    logits = torch.randn(4, 3)
    terms = build("label", {"smoothing": 0.2})(Output(logits, logits), TARGETS, [])
    torch.testing.assert_close(terms["label"], F.cross_entropy(logits, LABELS, label_smoothing=0.2))
