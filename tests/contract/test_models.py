"""Every registered model through one suite."""

from __future__ import annotations

import pytest
import torch

from pskd.errors import WrongUse
from pskd.models.base import EMBEDDING, MODELS, Model, Shapes, build, parameters
from pskd.training.presets import STUDENTS

SHAPES = Shapes(27)


def batch_for(model: Model, count: int = 3) -> list[torch.Tensor]:
    torch.manual_seed(1)
    return [torch.randn(count, *getattr(SHAPES, name)) for name in model.inputs]


@pytest.fixture(params=MODELS.names())
def model(request: pytest.FixtureRequest) -> Model:
    torch.manual_seed(0)
    return build(request.param, SHAPES).eval()


def test_it_gives_logits_and_features(model: Model) -> None:
    said = model(*batch_for(model))
    assert said.logits.shape == (3, 27) and said.features.shape == (3, EMBEDDING)
    assert torch.isfinite(said.logits).all()


def test_it_keeps_to_its_number_of_weights(model: Model) -> None:
    assert parameters(model) <= model.max_weights


def test_a_clip_is_judged_alike_alone_and_in_a_batch(model: Model) -> None:
    batch = batch_for(model)
    with torch.no_grad():
        torch.testing.assert_close(
            model(*batch).logits[1:2], model(*(x[1:2] for x in batch)).logits, atol=1e-4, rtol=1e-3
        )


def test_every_weight_learns(model: Model) -> None:
    model.train()
    said = model(*batch_for(model, 4))
    (said.logits.square().sum() + said.features.sum()).backward()
    assert [name for name, weight in model.named_parameters() if weight.grad is None] == []


def test_the_same_seed_gives_the_same_weights(model: Model) -> None:
    name = next(name for name in MODELS if MODELS.get(name) is type(model))
    torch.manual_seed(0)
    again = build(name, SHAPES).state_dict()
    assert all(torch.equal(tensor, again[key]) for key, tensor in model.state_dict().items())


def test_a_wrong_shape_is_named(model: Model) -> None:
    batch = batch_for(model)
    with pytest.raises(WrongUse, match=rf"{model.inputs[-1]}: .* expects \(B, .* got"):
        model(*batch[:-1], batch[-1][:, :, :-1])
    with pytest.raises(WrongUse, match="takes"):
        model(*batch, batch[0])


@pytest.mark.parametrize("shapes", [Shapes(2), Shapes(60, (7, 64), (10, 16, 15))])
@pytest.mark.parametrize("name", MODELS.names())
def test_it_is_built_for_other_sizes(name: str, shapes: Shapes) -> None:
    net = build(name, shapes).eval()
    assert net(*(torch.zeros(2, *getattr(shapes, i)) for i in net.inputs)).logits.shape == (2, shapes.classes)


def test_students_come_in_three_sizes_and_see_only_the_sensor() -> None:
    sizes = {size: MODELS.get(name) for size, name in STUDENTS.items()}
    assert all(model.inputs == ("sensor",) for model in sizes.values())
    assert sizes["nano"].max_weights <= 25_000 and sizes["small"].max_weights <= 150_000
    assert sizes["small"].max_weights < sizes["large"].max_weights <= 500_000


def test_one_class_is_not_enough() -> None:
    with pytest.raises(WrongUse, match="classes"):
        build("small", Shapes(1))


def test_an_unknown_model_is_answered_with_the_known_ones() -> None:
    with pytest.raises(WrongUse, match=r"no model called 'huge'.*small"):
        build("huge", SHAPES)
