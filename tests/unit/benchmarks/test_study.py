"""A whole study on a tiny library: jobs, kept results, shared rungs, tables, a cluster."""

from __future__ import annotations

import gc
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from made_clips import make_clip, make_library

from benchmarks.study import parts
from benchmarks.study.__main__ import main
from benchmarks.study.engine import engine
from benchmarks.study.jobs import Job, make_job
from benchmarks.study.material import _mark
from benchmarks.study.material import load as load_clips
from benchmarks.study.parts import learn, shared_rungs, students
from benchmarks.study.recipes import read_study
from pskd.errors import PskdError
from pskd.evaluation.answers import read_answers, write_answers
from pskd.evaluation.report import read_report
from pskd.training import checkpoint as store
from pskd.training.plan import load
from pskd.training.run import train

STUDY = Path(__file__).with_name("study.toml")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_library(tmp_path_factory.mktemp("study") / "library", ("01", "02"), 2).path


@pytest.fixture(scope="module")
def done(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study of two recipes and two seeds: ``out`` and ``work`` lie in it."""
    folder = tmp_path_factory.mktemp("done")
    assert study(library, folder, "--recipes", "taught", "labels", "--seeds", "2") == 0
    return folder


def study(library: Path, folder: Path, *more: str) -> int:
    places = ["--library", str(library), "--out", str(folder / "out"), "--work", str(folder / "work")]
    return main([*places, "--study", str(STUDY), "--protocol", "people", "--jobs", "1", *more])


def folders(work: Path) -> dict[str, float]:
    return {path.parent.name: path.stat().st_mtime_ns for path in work.rglob("report.json")}


def test_tables_figures_and_headline_reports_are_written(done: Path) -> None:
    out = done / "out"
    text = (out / "study.md").read_text("utf-8")
    assert "| taught |" in text and "| taught | labels alone | 2 |" in text and "Fewer than ten seeds" in text
    assert "Mistakes of *taught*" in text and "| person | class | clips | mostly taken for |" in text
    assert {path.name for path in out.iterdir()} == {
        "study.md", "study.json", "accuracy-people.svg", "people_taught", "kept-people.json",
    }  # fmt: skip
    content = json.loads((out / "study.json").read_text())
    assert [row["seeds"] for row in content["rows"]] == [[0, 1], [0, 1]]
    assert content["gains"][0]["by_seed"]["seeds"] == 2
    assert read_report(out / "people_taught").student.n == 6


def test_recipes_are_compared_over_the_seeds_that_both_have(done: Path, library: Path, tmp_path: Path) -> None:
    shutil.copytree(done / "work", tmp_path / "work")
    folder = {name: tmp_path / "work" / "people" / name for name in ("taught", "labels")}
    for name, seed, right in (("taught", 0, True), ("taught", 1, False), ("labels", 0, False)):
        (place,) = folder[name].glob(f"seed-0{seed}-*")
        answers = read_answers(place)
        assert answers is not None
        for clip in answers.clips:
            clip.answers["student"] = clip.truth if right else ""
        write_answers(place, answers)
    (lost,) = folder["labels"].glob("seed-01-*")
    shutil.rmtree(lost)
    assert study(library, tmp_path, "--recipes", "taught", "labels", "--seeds", "2", "--tables-only") == 0
    (gain,) = json.loads((tmp_path / "out" / "study.json").read_text())["gains"]
    assert gain["by_seed"] is None
    assert (gain["by_clip"]["only_first"], gain["by_clip"]["only_second"]) == (6, 0)


def test_a_job_can_be_done_again_from_what_it_leaves(done: Path) -> None:
    (folder,) = (done / "work" / "people" / "labels").glob("seed-01-*")
    assert load(folder).seed == 1 and load(folder).student.loss == "label"
    assert not (folder / "last.pt").exists()


def test_finished_jobs_are_not_done_again(done: Path, library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = folders(done / "work")
    assert study(library, done, "--recipes", "taught", "labels", "--seeds", "2") == 0
    assert folders(done / "work") == before
    assert "4 jobs, 4 of them finished before" in capsys.readouterr().out


def test_finished_jobs_of_another_machine_are_not_done_again(
    done: Path, library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(done / "out", tmp_path / "out")
    for name in ("study.md", "study.json"):
        (tmp_path / "out" / name).unlink()
    assert study(library, tmp_path, "--recipes", "taught", "labels", "--seeds", "2") == 0
    assert "4 jobs, 4 of them finished before" in capsys.readouterr().out
    for name in ("study.md", "study.json", "kept-people.json"):
        assert (tmp_path / "out" / name).read_bytes() == (done / "out" / name).read_bytes()


def test_a_rung_that_recipes_share_is_climbed_once(done: Path, library: Path, tmp_path: Path) -> None:
    kept = sorted((done / "work" / "rungs").iterdir())
    assert len(kept) == 2
    assert study(library, done, "--recipes", "plain", "--seeds", "2", "--out", str(tmp_path)) == 0
    assert sorted((done / "work" / "rungs").iterdir()) == kept
    (folder,) = (done / "work" / "people" / "plain").glob("seed-00-*")
    (other,) = (done / "work" / "people" / "taught").glob("seed-00-*")
    assert read_report(folder).teachers["skeleton"] == read_report(other).teachers["skeleton"]


def test_rungs_come_in_waves_each_once(library: Path, tmp_path: Path) -> None:
    study = read_study()
    protocol = study.protocols["cross-subject"]
    jobs = [
        make_job((name, "cross-subject"), study.recipes[name], protocol, seed, str(library), tmp_path, "cpu")
        for name in ("best", "kd", "label", "without-skeleton")
        for seed in (0, 1)
    ]
    waves = [[job.plan.rungs[place].name for job, place, _ in wave] for wave in shared_rungs(jobs)]
    assert waves[0] == ["skeleton", "skeleton", "fused", "fused"]
    assert waves[2] == ["accelerometer", "accelerometer"]


def test_every_fold_is_a_part_of_its_own_and_the_numbers_are_those_of_a_run(library: Path, tmp_path: Path) -> None:
    study = read_study(STUDY)
    taught, protocol = study.recipes["taught"], study.protocols["everyone"]
    job = make_job(("taught", "everyone"), taught, protocol, 0, str(library), tmp_path, "cpu")
    assert [(place, fold) for wave in shared_rungs([job]) for _, place, fold in wave] == [(0, 0), (0, 1)]
    (first, second) = students([job])
    assert learn(*second) is None and not job.finished
    facts = learn(*first)
    assert facts is not None and facts.seed == 0 and job.finished
    assert not job.under_way.exists()
    whole = train(job.plan, tmp_path / "run").report
    report = read_report(job.folder)
    assert whole is not None and report.student == whole.student and report.folds == whole.folds
    assert report.teachers == whole.teachers
    assert learn(*first) is None  # it was finished already


def test_a_part_that_was_interrupted_goes_on_where_it_stood(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = read_study(STUDY)
    recipe = msgspec.structs.replace(study.recipes["labels"], epochs={"student": 3})

    def job(place: str) -> Job:
        return make_job(
            ("labels", "people"), recipe, study.protocols["people"], 0, str(library), tmp_path / place, "cpu"
        )

    asked = iter(range(1000))

    def interrupted() -> str:
        if next(asked) == 2:
            raise KeyboardInterrupt
        return ""

    with monkeypatch.context() as patch:
        patch.setattr(parts, "_go_on", interrupted)
        with pytest.raises(KeyboardInterrupt):
            learn(job("cut"), 0)
    standing = store.load(job("cut").under_way / "00", job("cut").key)
    assert 1 <= standing.current["epoch"] < 3
    assert learn(job("cut"), 0) is not None and learn(job("whole"), 0) is not None
    assert read_report(job("cut").folder).student == read_report(job("whole").folder).student


def test_a_job_that_another_process_finished_meanwhile_is_no_failure(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = read_study(STUDY)
    people, labels = study.protocols["people"], study.recipes["labels"]
    job = make_job(("labels", "people"), labels, people, 0, str(library), tmp_path, "cpu")

    def meanwhile() -> str:
        if not job.finished:
            with monkeypatch.context() as patch:
                patch.setattr(parts, "_go_on", lambda: "")
                assert learn(job, 0) is not None  # the other process, which clears the folds away
        return ""

    monkeypatch.setattr(parts, "_go_on", meanwhile)
    assert learn(job, 0) is None and job.finished


def test_few_labels_train_as_many_steps(library: Path, tmp_path: Path) -> None:
    study = read_study(STUDY)
    recipe, protocol = study.recipes["labels"], study.protocols["few"]
    job = make_job(("labels", "few"), recipe, protocol, 0, str(library), tmp_path, "cpu")
    assert job.plan.labels.trials == 1 and job.plan.student.epochs == 2
    taught = make_job(("taught", "few"), study.recipes["taught"], protocol, 0, str(library), tmp_path, "cpu")
    assert [rung.epochs for rung in taught.plan.rungs] == [2, 1]


def test_what_decides_the_numbers_decides_the_folder(library: Path, tmp_path: Path) -> None:
    study = read_study(STUDY)
    people = study.protocols["people"]

    def key(recipe: str, seed: int) -> str:
        return make_job((recipe, "people"), study.recipes[recipe], people, seed, str(library), tmp_path, "cpu").key

    assert key("labels", 0) == key("labels", 0)
    assert len({key("labels", 0), key("labels", 1), key("taught", 0), key("plain", 0)}) == 4


def test_settings_are_chosen_without_the_test_people(tmp_path: Path) -> None:
    library = str(make_library(tmp_path / "library", ("01", "02", "03", "04"), 1).path)
    study = read_study(STUDY)
    job = make_job(
        ("labels", "choosing"), study.recipes["labels"], study.protocols["choosing"], 0, library, tmp_path, "cpu"
    )
    assert {clip.subject for clip in load_clips(library, job.selection).clips} == {"01", "03"}
    assert [fold for _, fold in students([job])] == [0, 1]


def test_what_divides_or_shows_a_clip_decides_the_folder_too() -> None:
    clip = make_clip("wave", "01", 1)
    assert clip.visibility is not None
    others = [
        replace(clip, visibility=clip.visibility / 2),
        replace(clip, attributes={"scene": "2"}),
        replace(clip, session="2"),
    ]
    marks = {_mark(("wave",), (each,)) for each in (clip, *others)} | {_mark(("wave", "clap"), (clip,))}
    assert len(marks) == 5


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (["--recipes", "magic"], 2, "no recipe 'magic'. Known: taught"),
        (["--protocol", "guess"], 2, "no protocol 'guess'"),
        (["--study", "nowhere.toml"], 1, "nowhere.toml"),
        (["--recipes", "minirocket", "--aeon", "/bin/false", "--seeds", "1"], 1, "minirocket failed"),
        (["--recipes", "minirocket", "--aeon", "/nowhere/python"], 2, "no program /nowhere/python"),
        (["--recipes", "labels", "--seeds", "1", "--scheduler", "mars"], 1, "No Dask scheduler answers at mars"),
    ],
)
def test_what_goes_wrong_is_said_in_a_line(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], code: int, words: str
) -> None:
    assert study(library, tmp_path, *more) == code
    told = capsys.readouterr().err
    assert words in told and "Traceback" not in told


@pytest.mark.parametrize("address", ["mars", "tcp://127.0.0.1:1"])
def test_a_scheduler_that_does_not_answer_leaves_no_half_made_client(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("benchmarks.study.engine.CONNECT_S", 1.0)
    gc.collect()
    before = sum(type(thing) is distributed.Client for thing in gc.get_objects())
    with pytest.raises(PskdError, match="No Dask scheduler answers"), engine(1, address):
        pass
    assert sum(type(thing) is distributed.Client for thing in gc.get_objects()) == before


def test_an_empty_library_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_library(tmp_path / "library", (), 0)
    assert study(tmp_path / "library", tmp_path) == 1
    assert re.search(r"has no clip", capsys.readouterr().err)


@pytest.fixture
def cluster() -> Iterator[str]:
    """The address of a Dask scheduler with two workers, each a process of its own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as running:
        yield str(running.scheduler_address)


@pytest.mark.timeout(1200)  # each worker loads torch: seconds, or minutes on a busy machine
@pytest.mark.filterwarnings("default")  # which Dask then warns of
def test_the_same_study_runs_on_a_cluster_of_two_workers(
    cluster: str, library: Path, done: Path, tmp_path: Path
) -> None:
    assert study(library, tmp_path, "--recipes", "labels", "--seeds", "2", "--scheduler", cluster) == 0
    there = {path.parent.name: path.parent for path in (tmp_path / "work").rglob("report.json")}
    here = {path.parent.name: path.parent for path in (done / "work").rglob("report.json")}
    assert len(there) == 2
    assert all(read_report(folder).student == read_report(here[name]).student for name, folder in there.items())
