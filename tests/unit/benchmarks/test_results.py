from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from made_bundles import made_report

from benchmarks.study.jobs import JOB_NAME, Job, JobFacts
from benchmarks.study.results import _majority, _row, spread, wrist_accuracy
from benchmarks.study.version import code_version, meaning
from pskd import documents
from pskd.evaluation.answers import Answers, ClipAnswer, write_answers
from pskd.evaluation.report import write_report
from pskd.training.presets import make_plan


def answers(*said: str) -> Answers:
    truths = ("wave", "clap", "squat")
    clips = zip(truths, said, strict=True)
    return Answers(clips=[ClipAnswer("take", place, t, {"student": a}) for place, (t, a) in enumerate(clips)])


def test_one_seed_has_no_spread() -> None:
    assert spread([0.5]).sd == 0.0 and spread([0.5]).n == 1
    found = spread([0.5, 0.7])
    assert found.mean == pytest.approx(0.6) and found.sd == pytest.approx(0.1414, abs=1e-4)
    assert (found.low, found.high) == (0.5, 0.7)


def test_the_wrist_classes_are_judged_alone() -> None:
    said = answers("wave", "wave", "squat")
    assert wrist_accuracy(said, ["wave", "clap"]) == 0.5
    assert wrist_accuracy(said, []) is None


def test_a_clip_counts_as_right_where_most_seeds_had_it(tmp_path: Path) -> None:
    jobs = []
    for seed, said in enumerate((("wave", "clap", "wave"), ("wave", "wave", "wave"), ("clap", "clap", "wave"))):
        job = Job("r", "p", seed, make_plan("x", "trial", loss="label"), "", "", tmp_path, "k")
        job.folder.mkdir(parents=True)
        write_answers(job.folder, answers(*said))
        jobs.append(job)
    assert list(_majority(jobs).values()) == [True, True, False]
    assert list(_majority(jobs[:2]).values()) == [True, False, False]


def test_a_teacher_that_one_seed_could_not_judge_is_averaged_over_the_others(tmp_path: Path) -> None:
    jobs = []
    for seed in (0, 1):
        job = Job("r", "p", seed, make_plan("x", "take"), "", "", tmp_path, "k")
        job.folder.mkdir(parents=True)
        report = made_report(seed=seed)
        write_report(job.folder, msgspec.structs.replace(report, teachers={**report.teachers} if seed else {}))
        documents.save(job.folder / JOB_NAME, JobFacts(recipe="r", protocol="p", seed=seed, key="k"))
        jobs.append(job)
    assert {name: one.n for name, one in _row("made", jobs).teachers.items()} == {"skeleton": 1, "fused": 1}


def test_words_about_the_code_are_not_the_code() -> None:
    plain = "def f(x):\n    return x + 1\n"
    told = '"""Says."""\n\n\ndef f(x):  # adds\n    """Adds."""\n    return (x + 1)\n'
    assert meaning(plain) == meaning(told) != meaning(plain.replace("1", "2"))
    assert len(code_version()) == 12
