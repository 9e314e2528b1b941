"""A whole run: from clips to report and bundle, stopped, resumed, refused."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest
import torch
from made_clips import make_clip, make_clips, make_library
from made_plans import label_only, make_small_plan

from pskd import events
from pskd.errors import BadFile, PskdError, WrongUse
from pskd.evaluation.report import read_report
from pskd.export.bundle import read_bundle
from pskd.training import plan as plans
from pskd.training.run import RunState, train
from pskd.workers.parent import Child

CLIPS = make_clips(("01", "02", "03", "04", "05"), 4)


def weights(run: Path) -> dict[str, torch.Tensor]:
    content = torch.load(run / "last.pt", weights_only=True)
    return {f"{rung}/{name}": tensor for rung, state in content["finished"].items() for name, tensor in state.items()}


class StopAfter:
    """Says a word once some epochs of a rung are done."""

    def __init__(self, word: str, rung: str, epoch: int) -> None:
        self._word, self._rung, self._epoch = word, rung, epoch
        self.said = ""

    def hear(self, event: events.Event) -> None:
        if event["event"] == "epoch" and (event["rung"], event["epoch"]) == (self._rung, self._epoch):
            self.said = self._word

    def stop(self) -> str:
        return self.said


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[events.Event]]:
    run, heard = tmp_path_factory.mktemp("runs") / "straight", []
    outcome = train(make_small_plan(), run, heard.append, clips=CLIPS)
    assert outcome.state == RunState.DONE
    return run, heard


def test_a_run_leaves_everything_that_was_promised(straight: tuple[Path, list[events.Event]]) -> None:
    run, _ = straight
    assert {"plan.json", "events.jsonl", "last.pt", "report.json", "report.html", "card.md", "bundle"} <= {
        path.name for path in run.iterdir()
    }
    report = read_report(run)
    assert report.student.n == 24 and set(report.teachers) == {"skeleton", "fused"}
    assert report.split.test_subjects == ["02", "04"] and report.split.train_subjects == ["01", "03", "05"]
    assert [len(report.curves[name]) for name in ("skeleton", "fused", "student", "calibration")] == [2, 1, 3, 2]
    assert report.calibration.n == 12 and "training subject" in report.calibration.fitted_on
    assert report.teacher_inputs["fused"] == "accelerometer + skeleton"


def test_the_bundle_is_the_student_that_was_judged(straight: tuple[Path, list[events.Event]]) -> None:
    run, _ = straight
    bundle = read_bundle(run / "bundle")
    assert bundle.classes == ["circle", "still", "wave"]
    assert bundle.sensor == make_small_plan().sensor
    assert bundle.manifest.accuracy == pytest.approx(read_report(run).student.accuracy)
    clip = CLIPS[20]
    from pskd.signals.sensor import clip_windows

    logits = bundle.student.logits(clip_windows(clip.acceleration_mps2, clip.acceleration_times_s, bundle.sensor))
    assert logits.shape[1] == 3


def test_the_log_tells_the_run_in_order(straight: tuple[Path, list[events.Event]]) -> None:
    run, heard = straight
    kinds = [event["event"] for event in heard]
    assert kinds[0] == "run-start" and kinds[-1] == "done"
    assert kinds.count("rung-start") == kinds.count("rung-end") == 4 and kinds.count("epoch") == 8
    assert kinds.index("score") > max(i for i, kind in enumerate(kinds) if kind == "rung-end")
    logged = list(events.read(run / "events.jsonl"))
    assert [event["event"] for event in logged] == kinds and all("utc" in event for event in logged)
    last = [event for event in heard if event["event"] == "epoch"][-1]
    assert last["eta_s"] == 0 and 0 <= last["accuracy"] <= 1


def test_the_same_plan_gives_the_same_weights(straight: tuple[Path, list[events.Event]], tmp_path: Path) -> None:
    train(make_small_plan(), tmp_path / "again", clips=CLIPS)
    first, again = weights(straight[0]), weights(tmp_path / "again")
    assert all(torch.equal(tensor, again[name]) for name, tensor in first.items())


@pytest.mark.parametrize(
    ("word", "rung", "epoch"), [("cancel", "skeleton", 1), ("stop", "fused", 1), ("stop", "student", 2)]
)
def test_a_run_that_was_ended_goes_on_to_the_same_weights(
    straight: tuple[Path, list[events.Event]], tmp_path: Path, word: str, rung: str, epoch: int
) -> None:
    run, wish = tmp_path / "run", StopAfter(word, rung, epoch)
    outcome = train(make_small_plan(), run, wish.hear, wish.stop, clips=CLIPS)
    assert outcome.state == (RunState.CANCELLED if word == "cancel" else RunState.STOPPED)
    assert (run / "last.pt").exists()
    assert (outcome.report is not None) == (rung == "student")
    assert train(plans.load(run), run, resume=True, clips=CLIPS).state == RunState.DONE
    first, resumed = weights(straight[0]), weights(run)
    assert first.keys() == resumed.keys()
    assert all(torch.equal(tensor, resumed[name]) for name, tensor in first.items())
    assert read_report(run).student == read_report(straight[0]).student


def test_a_rung_that_another_version_began_with_another_loss_is_not_gone_on_with(tmp_path: Path) -> None:
    run, wish = tmp_path / "run", StopAfter("cancel", "student", 1)
    train(make_small_plan(), run, wish.hear, wish.stop, clips=CLIPS)
    content = torch.load(run / "last.pt", weights_only=True)
    content["current"]["loss"] = {"map.weight": torch.eye(64)}
    torch.save(content, run / "last.pt")
    with pytest.raises(BadFile, match=r"another version, whose loss 'acs' learned differently") as refused:
        train(make_small_plan(), run, resume=True, clips=CLIPS)
    assert refused.value.hint == "Start a new run."


def test_a_student_that_was_stopped_early_is_judged_and_says_so(tmp_path: Path) -> None:
    wish = StopAfter("stop", "student", 1)
    outcome = train(label_only(50), tmp_path / "run", wish.hear, wish.stop, clips=CLIPS)
    assert outcome.report is not None
    assert any("Stopped early: the student learned for 1 of 50 epochs" in note for note in outcome.report.notes)
    assert read_bundle(tmp_path / "run" / "bundle").classes
    assert [event["event"] for event in events.read(tmp_path / "run" / "events.jsonl")][-1] == "stopped"


def test_a_confidence_is_not_fitted_to_a_student_that_was_stopped(tmp_path: Path) -> None:
    wish = StopAfter("stop", "calibration", 1)
    report = train(make_small_plan(), tmp_path / "run", wish.hear, wish.stop, clips=CLIPS).report
    assert report is not None and report.calibration.n == 0 and report.calibration.temperature == 1.0
    assert any("before the confidence was calibrated" in note for note in report.notes)
    resumed = train(make_small_plan(), tmp_path / "run", resume=True, clips=CLIPS).report
    assert resumed is not None and resumed.calibration.n == 12


def test_only_a_run_that_was_not_stopped_says_that_its_epochs_were_fixed(
    straight: tuple[Path, list[events.Event]], tmp_path: Path
) -> None:
    def said(words: str, run: Path) -> bool:
        return any(words in note for note in read_report(run).notes)

    run, wish = tmp_path / "run", StopAfter("stop", "student", 1)
    train(label_only(3), run, wish.hear, wish.stop, clips=CLIPS)
    assert said("fixed in advance", straight[0]) and not said("fixed in advance", run)
    train(label_only(3), run, resume=True, clips=CLIPS)
    assert said("fixed in advance", run) and said("looked at then, too", run)
    assert not said("looked at then, too", straight[0])


def test_a_person_whose_unlabelled_takes_taught_is_named_as_learned_from(tmp_path: Path) -> None:
    clips = [*CLIPS, make_clip(None, "07", 1, like="wave")]
    report = train(make_small_plan(calibrate=False), tmp_path / "run", clips=clips).report
    assert report is not None and report.split.train_subjects == ["01", "03", "05", "07"]
    assert report.split.train_clips == 36
    alone = train(make_small_plan(calibrate=False, unlabelled=False), tmp_path / "alone", clips=clips).report
    assert alone is not None and "07" not in alone.split.train_subjects


def test_leaving_each_subject_out_judges_every_clip_once(tmp_path: Path) -> None:
    clips = make_clips(("01", "02", "03"), 3)
    outcome = train(label_only(2, protocol="loso"), tmp_path / "run", clips=clips)
    report = outcome.report
    assert report is not None and report.student.n == len(clips)
    assert [fold.name for fold in report.folds] == ["loso-01", "loso-02", "loso-03"]
    assert sum(fold.student * fold.n for fold in report.folds) == pytest.approx(
        report.student.accuracy * report.student.n
    )
    assert report.calibration.n == len(clips) and list(report.curves) == ["student"]


def test_a_loso_run_resumes_in_a_later_fold(tmp_path: Path) -> None:
    clips, plan = make_clips(("01", "02", "03"), 3), label_only(2, protocol="loso")
    folds: list[str] = []

    def hear(event: events.Event) -> None:
        if event["event"] == "epoch":
            folds.append(event["fold"])

    train(plan, tmp_path / "run", hear, lambda: "cancel" if "loso-02" in folds else "", clips=clips)
    folds.clear()
    resumed = train(plan, tmp_path / "run", hear, resume=True, clips=clips).report
    assert "loso-01" not in folds
    whole = train(plan, tmp_path / "whole", clips=clips).report
    assert resumed is not None and whole is not None and resumed.student == whole.student


def test_clips_without_labels_and_without_a_camera_take_part(tmp_path: Path) -> None:
    extra = [make_clip(None, "01", 8, like="wave"), make_clip("still", "03", 9, camera=False)]
    outcome = train(make_small_plan(calibrate=False), tmp_path / "run", clips=[*CLIPS, *extra])
    assert outcome.report is not None
    assert outcome.report.dataset["unlabelled clips"] == 1
    assert any("have a skeleton" in note for note in outcome.report.notes)


def test_without_any_camera_the_student_learns_from_labels(tmp_path: Path) -> None:
    report = train(make_small_plan(calibrate=False), tmp_path / "run", clips=make_clips(camera=False)).report
    assert report is not None and report.teachers == {}


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(WrongUse, match="not empty") as caught:
        train(label_only(), tmp_path, clips=CLIPS)
    assert caught.value.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_too_little_to_learn_from_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(PskdError, match="Two classes"):
        train(label_only(), tmp_path / "run", clips=[make_clip("wave", "01", 1)])
    assert not (tmp_path / "run").exists()


def test_resuming_refuses_other_clips_a_finished_run_and_no_run(
    straight: tuple[Path, list[events.Event]], tmp_path: Path
) -> None:
    wish = StopAfter("cancel", "student", 1)
    train(label_only(), tmp_path / "run", wish.hear, wish.stop, clips=CLIPS)
    with pytest.raises(BadFile, match="clips have changed"):
        train(label_only(), tmp_path / "run", resume=True, clips=CLIPS[:-1])
    moved = [dataclasses.replace(clip, pose_times_s=clip.pose_times_s + 0.2) for clip in CLIPS]
    with pytest.raises(BadFile, match="clips have changed"):
        train(label_only(), tmp_path / "run", resume=True, clips=moved)
    with pytest.raises(WrongUse, match="is finished"):
        train(make_small_plan(), straight[0], resume=True, clips=CLIPS)
    with pytest.raises(BadFile, match="no plan"):
        train(label_only(), tmp_path / "nothing", resume=True, clips=CLIPS)


def test_absurd_samples_do_not_end_a_run(tmp_path: Path) -> None:
    clips = make_clips(("01", "02"), 2)
    clips[0].acceleration_mps2[:] = 3e38
    clips[1].acceleration_mps2[3] = float("nan")
    assert train(label_only(1), tmp_path / "run", clips=clips).state == RunState.DONE


def pskd(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pskd", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )


def test_the_verb_explains_wrong_use_with_code_2(tmp_path: Path) -> None:
    assert pskd("train", "--help").returncode == 0
    busy = tmp_path / "busy"
    busy.mkdir()
    (busy / "x").touch()
    for arguments, words in [
        (("train", tmp_path), "--out"),
        (("train", tmp_path, "--out", busy), "not empty"),
        (("train", "--resume", busy, "--seed", 3), "--resume takes everything"),
    ]:
        result = pskd(*arguments)
        assert result.returncode == 2 and words in result.stderr and "Traceback" not in result.stderr
    missing = pskd("train", tmp_path / "none", "--out", tmp_path / "run")
    assert missing.returncode == 1 and "no library" in missing.stderr and not (tmp_path / "run").exists()
    assert pskd("train", "--resume", busy).returncode == 1


def listening(kind: str) -> tuple[Child, list[events.Event], threading.Event]:
    """A child, what it says, and the moment of its end."""
    heard: list[events.Event] = []
    ended = threading.Event()

    def hear(event: events.Event) -> None:
        heard.append(event)
        if event["event"] == "exit":
            ended.set()
        if event["event"] == "epoch" and event["epoch"] == 2:
            child.send("stop")

    child = Child(kind, hear)
    return child, heard, ended


def test_the_child_trains_from_a_library_and_stops_when_told(tmp_path: Path) -> None:
    make_library(tmp_path / "library")
    plan = label_only(300, library=str(tmp_path / "library"))
    child, heard, ended = listening("train")
    child.send("start", run=str(tmp_path / "run"), plan=msgspec.to_builtins(plan))
    assert ended.wait(120)
    child.close()
    kinds = [event["event"] for event in heard if event["event"] != "beat"]
    assert kinds[0] == "hello" and kinds[-2:] == ["bye", "exit"] and "stopped" in kinds
    report = read_report(tmp_path / "run")
    assert report.dataset["name"] == "made" and report.student.n == 9
    assert sum(kind == "epoch" for kind in kinds) < 300


def test_the_verb_trains_and_prints_events(tmp_path: Path) -> None:
    make_library(tmp_path / "library", trials=2)
    plan = label_only(2, library=str(tmp_path / "library"), calibrate=False)
    run = tmp_path / "run"
    train(plan, run, stop=lambda: "cancel")
    result = pskd("train", "--resume", run, "--json")
    assert result.returncode == 0, result.stderr
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert told[0]["event"] == "run-start" and told[-1]["event"] == "done"
    again = pskd("train", "--resume", run)
    assert again.returncode == 2 and "is finished" in again.stderr


def test_the_child_reports_a_plan_that_it_cannot_read(tmp_path: Path) -> None:
    child, heard, ended = listening("train")
    child.send("start", run=str(tmp_path / "run"), plan={"library": 3})
    assert ended.wait(120)
    assert child.close() == 1
    (error,) = [event for event in heard if event["event"] == "error"]
    assert error["code"] == "plan.bad" and "plan" in error["message"]
    assert not (tmp_path / "run").exists()


def test_a_class_that_no_bundle_can_have_is_refused_before_the_training(tmp_path: Path) -> None:
    clips = [dataclasses.replace(clip, label="unsure" if clip.label == "wave" else clip.label) for clip in CLIPS]
    with pytest.raises(BadFile, match="unsure"):
        train(label_only(50), tmp_path / "run", clips=clips)
    assert not (tmp_path / "run").exists()


def test_what_teachers_are_sure_of_becomes_a_label_where_the_plan_says_so(tmp_path: Path) -> None:
    clips = [dataclasses.replace(clip, label=None) if clip.trial == 2 else clip for clip in CLIPS]
    told = train(make_small_plan(calibrate=False, pseudo_label_from=0.0), tmp_path / "told", clips=clips)
    only_heard = train(make_small_plan(calibrate=False), tmp_path / "heard", clips=clips)
    assert told.report is not None and only_heard.report is not None
    one, other = weights(tmp_path / "told"), weights(tmp_path / "heard")
    assert all(torch.equal(one[name], other[name]) for name in one if "/skeleton/" in name)
    assert not all(torch.equal(one[name], other[name]) for name in one if "/student/" in name)


def test_long_takes_without_labels_teach_in_pieces_and_change_what_is_learned(tmp_path: Path) -> None:
    long = [make_clip(None, "01", 9, seconds=12.0, like="wave"), make_clip(None, "02", 9, seconds=12.0, like="circle")]
    used = train(make_small_plan(calibrate=False), tmp_path / "used", clips=[*CLIPS, *long])
    left = train(make_small_plan(calibrate=False, unlabelled=False), tmp_path / "left", clips=[*CLIPS, *long])
    assert used.report is not None and left.report is not None
    assert used.report.dataset["unlabelled clips"] == 18
    assert used.report.split == left.report.split
    one, other = weights(tmp_path / "used"), weights(tmp_path / "left")
    skeleton = [name for name in one if "/skeleton/" in name]
    assert skeleton and all(torch.equal(one[name], other[name]) for name in skeleton)
    assert not all(torch.equal(one[name], other[name]) for name in one)
