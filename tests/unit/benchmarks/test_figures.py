"""The study's pictures."""

from __future__ import annotations

from pathlib import Path

from benchmarks.study.figures import _figure, draw
from benchmarks.study.recipes import read_study
from benchmarks.study.results import Gain, Results, Row, spread
from pskd.evaluation.compare import ClipComparison, compare_seeds

STUDY = Path(__file__).with_name("study.toml")


def results(seeds: int) -> Results:
    taught, labels = [0.9 + 0.01 * seed for seed in range(seeds)], [0.8] * seeds
    rows = [
        Row(
            protocol="people", recipe=recipe, title=recipe, seeds=list(range(seeds)), accuracies=said,
            accuracy=spread(said), macro_f1=spread(said), wrist=None, classes=3, wrist_classes=0, teachers={},
            weights=1000, seconds=1.0, train_clips=6, test_clips=6,
        )
        for recipe, said in (("taught", taught), ("labels", labels))
    ]  # fmt: skip
    gain = Gain(
        protocol="people", recipe="taught", against="labels", by_seed=compare_seeds(taught, labels),
        by_clip=ClipComparison(2, 0, 0.1, 0.5, 6),
    )  # fmt: skip
    return Results(rows=rows, gains=[gain])


def test_the_same_numbers_give_the_same_picture(tmp_path: Path) -> None:
    study = read_study(STUDY)
    assert draw(tmp_path / "a", study, results(3)) == {"people": ["accuracy-people.svg", "gains-people.svg"]}
    draw(tmp_path / "b", study, results(3))
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_gains_of_two_seeds_are_not_drawn(tmp_path: Path) -> None:
    assert draw(tmp_path, read_study(STUDY), results(2)) == {"people": ["accuracy-people.svg"]}
    assert not (tmp_path / "gains-people.svg").exists()


def test_long_names_do_not_push_the_label_out_of_the_picture() -> None:
    label = "accuracy on the test clips, % (points: seeds; diamond: mean)"
    figure, axes = _figure(1, label)
    axes.set_yticks([0], ["a recipe whose name takes two thirds of the width of the picture, or more"])
    figure.draw_without_rendering()
    said = next(text for text in figure.texts if text.get_text() == label).get_window_extent()
    assert figure.bbox.x0 <= said.x0 and said.x1 <= figure.bbox.x1
