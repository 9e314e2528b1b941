"""What is kept of finished jobs says the same as the jobs did."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_outcomes import made_outcome

from benchmarks.study.outcomes import keep, read
from pskd.errors import BadFile
from pskd.evaluation.answers import ClipAnswer

CLASSES = st.sampled_from(["wave", "clap", "squat"])


def clip(place: int, **answers: str) -> ClipAnswer:
    return ClipAnswer(f"sub-1/ses-1/take-{place:03d}", place, "wave", answers)


@given(st.lists(st.dictionaries(st.sampled_from(["student", "skeleton"]), CLASSES), min_size=1, max_size=6))
def test_kept_answers_are_the_same_answers(
    tmp_path_factory: pytest.TempPathFactory, said: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    # a rung that saw nothing at all leaves no trace in the answers either
    outcome = made_outcome(
        3, [clip(place, **answers) for place, answers in enumerate(said)], teachers={"skeleton": 0.9}
    )
    keep(folder, [outcome])
    assert read(folder, "p") == [outcome]


def test_what_was_kept_before_stays_unless_it_was_done_again(tmp_path: Path) -> None:
    clips = [clip(0, student="wave"), clip(1, student="clap")]
    keep(tmp_path, [made_outcome(0, clips), made_outcome(1, clips), made_outcome(0, clips, recipe="other")])
    keep(tmp_path, [made_outcome(1, clips, key="again"), made_outcome(2, clips)])
    assert [one.facts.key for one in read(tmp_path, "p")] == ["other-0", "r-0", "again", "r-2"]
    assert len((tmp_path / "kept-p.json").read_text().splitlines()) == 4 + 2


def test_outcomes_on_other_clips_are_dropped(tmp_path: Path) -> None:
    keep(tmp_path, [made_outcome(0, [clip(0, student="wave")])])
    keep(tmp_path, [made_outcome(1, [clip(1, student="wave")])])
    assert [one.facts.seed for one in read(tmp_path, "p")] == [1]


def test_a_kept_file_that_does_not_hold_together_is_refused(tmp_path: Path) -> None:
    keep(tmp_path, [made_outcome(0, [clip(0, student="clap")])])
    path = tmp_path / "kept-p.json"
    path.write_text(path.read_text().replace('"wrong":{"student":[[0', '"wrong":{"student":[[7'))
    with pytest.raises(BadFile, match="r, seed 0, names a clip that is not there"):
        read(tmp_path, "p")
