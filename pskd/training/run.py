"""A run: from a plan to a folder with report, card and bundle."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import torch

from pskd.clock import now_s
from pskd.distill.base import build
from pskd.errors import BadFile, WrongUse
from pskd.evaluation.report import REPORT_NAME, Report
from pskd.events import Event, EventLog
from pskd.export.bundle import check_classes
from pskd.library.clips import Clip
from pskd.library.extract import load_clips
from pskd.library.library import Library
from pskd.library.naming import natural_key
from pskd.models.base import EMBEDDING
from pskd.training import checkpoint as store
from pskd.training import outcome
from pskd.training import plan as plans
from pskd.training.ascent import Ascent, Stop
from pskd.training.checkpoint import Checkpoint
from pskd.training.data import TrainingData, stack
from pskd.training.device import choose
from pskd.training.folds import CALIBRATION, Fold, classes_of, make_folds
from pskd.training.pieces import in_pieces
from pskd.training.plan import STUDENT, Plan

OnEvent = Callable[[Event], None]
LOG_NAME = "events.jsonl"

_LOOKED_BEFORE = (
    "The run was stopped early and went on later: the test clips were looked at then, too, and changed nothing."
)


class RunState(StrEnum):
    """How a run ended."""

    DONE = "done"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        state: ``stopped`` and ``cancelled`` runs can be resumed.
        report: None where there is no student yet.
    """

    state: RunState
    report: Report | None


def train(
    plan: Plan,
    run_folder: Path | str,
    on_event: OnEvent | None = None,
    stop: Stop | None = None,
    *,
    resume: bool = False,
    clips: Sequence[Clip] | None = None,
) -> Outcome:
    """Carry out a plan.

    Args:
        plan: what to do; when resuming, that of the folder (:func:`pskd.training.plan.load`).
        run_folder: where to; must not exist or be empty, unless ``resume``.
        on_event: hears every event that is also appended to ``events.jsonl``: ``run-start``, ``rung-start``, ``epoch``,
            ``rung-end``, ``score``, then ``done``, ``stopped`` or ``cancelled``.
        stop: see :data:`pskd.training.ascent.Stop`. ``stop`` ends at the batch's end; if the student has begun, it is
            judged and bundled as it is. ``cancel`` leaves at once. Both keep the folder, and the run can be resumed.
        resume: go on where ``last.pt`` stands, to the same numbers as if nothing had happened.
        clips: instead of those of the plan's library.

    Raises:
        WrongUse: the plan or the folder cannot be used as asked.
        BadFile: something in the folder or the library is damaged.
        PskdError: there is too little to learn from.
    """
    plans.check(plan)
    plans.check_parts(plan)
    folder = Path(run_folder)
    _check_folder(folder, resume)
    device = choose(plan.device)
    classes, dataset, found = _load(plan, clips)
    found = in_pieces(found, plan.sensor.window_s)
    data = stack(found, classes_of(found, classes), plan.sensor, plan.pose)
    check_classes(Path(plan.library), list(data.classes))  # before an hour of training, not after
    folds, notes = make_folds(plan, data)
    checkpoint = _checkpoint(plan, data, folder, resume)
    _check_standing(checkpoint, folds, folder)
    notes += [_LOOKED_BEFORE] if resume and (folder / REPORT_NAME).exists() else []
    _prepare_folder(folder, plan, resume)
    log = EventLog(folder / LOG_NAME)
    try:
        emit = _teller(log, on_event)
        total = sum(rung.epochs for fold in folds for rung in fold.rungs)
        ascent = Ascent(plan, data, folder, checkpoint, emit, stop or (lambda: ""), total, device)
        return _carry_out(ascent, folds, {**dataset, **_clip_facts(data)}, notes)
    finally:
        log.close()


def _carry_out(ascent: Ascent, folds: list[Fold], dataset: dict[str, Any], notes: list[str]) -> Outcome:
    plan, started = ascent.plan, now_s()
    torch.set_num_threads(plan.threads)
    ascent.emit(
        "run-start", folder=str(ascent.folder), protocol=plan.protocol, preset=plan.preset, seed=plan.seed,
        classes=list(ascent.data.classes), clips=len(ascent.data.clips), folds=[fold.name for fold in folds],
        rungs=[{"name": r.name, "model": r.model, "epochs": r.epochs, "learns_from": list(r.learns_from)}
               for r in folds[0].rungs], notes=notes, device=str(ascent.device),
    )  # fmt: skip
    said = ""
    for fold in folds:
        said = said or ascent.fold(fold)
        if said:
            notes = [*notes, *_stop_note(ascent, fold)]
            break
        if fold is not folds[-1]:
            ascent.forget(fold)
    if said and not _can_report(ascent, folds, said):
        state = RunState.CANCELLED if said == "cancel" else RunState.STOPPED
        ascent.emit(str(state), resumable=True, report=False)
        return Outcome(state, None)
    report = outcome.judge(ascent, folds, dataset, notes if said else [*notes, outcome.AS_PLANNED])
    outcome.leave(ascent, report)
    outcome.leave_answers(ascent, folds)
    ascent.checkpoint.done = not said
    store.save(ascent.folder, ascent.checkpoint)
    for name, score in {**report.teachers, STUDENT: report.student}.items():
        ascent.emit("score", rung=name, accuracy=score.accuracy, macro_f1=score.macro_f1, n=score.n)
    state = RunState.STOPPED if said else RunState.DONE
    ascent.emit(
        str(state), accuracy=report.student.accuracy, macro_f1=report.student.macro_f1, report=True,
        resumable=bool(said), seconds=round(now_s() - started, 2),
    )  # fmt: skip
    return Outcome(state, report)


def _can_report(ascent: Ascent, folds: list[Fold], said: str) -> bool:
    """After a stop: only where the one fold's student has begun; half of the folds make no honest number."""
    return said == "stop" and len(folds) == 1 and ascent.has_student(folds[0])


def _stop_note(ascent: Ascent, fold: Fold) -> list[str]:
    done = len(ascent.checkpoint.curves.get(f"{fold.name}/{STUDENT}", []))
    wanted = next(rung.epochs for rung in fold.rungs if rung.name == STUDENT)
    notes = [f"Stopped early: the student learned for {done} of {wanted} epochs."] if done < wanted else []
    if len(fold.held) and f"{fold.name}/{CALIBRATION}" not in ascent.checkpoint.finished:
        notes.append("Stopped before the confidence was calibrated.")
    return notes


def _check_folder(folder: Path, resume: bool) -> None:
    if resume:
        plans.load(folder)
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(
            f"{folder} exists and is not empty.",
            code="run.exists",
            hint="Name another folder, or go on with this run: pskd train --resume.",
        )


def _prepare_folder(folder: Path, plan: Plan, resume: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not resume:
        plans.save(folder, plan)


def _load(plan: Plan, clips: Sequence[Clip] | None) -> tuple[list[str], dict[str, Any], Sequence[Clip]]:
    """Class order, facts for the report, and the clips."""
    if clips is not None:
        return [], {}, clips
    library = Library.open(plan.library)
    found = load_clips(library, include_unlabelled=plan.unlabelled, skip_damaged=True)
    damaged = [entry.id for entry in library.takes() if entry.problem]
    facts: dict[str, Any] = {"name": library.document.name}
    return list(library.document.classes), {**facts, **({"damaged takes": len(damaged)} if damaged else {})}, found


def _clip_facts(data: TrainingData) -> dict[str, Any]:
    clips = data.clips
    origins = sorted({str(clip.attributes["origin"]) for clip in clips if "origin" in clip.attributes})
    return {
        "takes": len({clip.take for clip in clips}),
        "clips": len(clips),
        "unlabelled clips": int((data.labels < 0).sum()),
        "clips with a skeleton": int(data.has_pose.sum()),
        "subjects": sorted({clip.subject for clip in clips}, key=natural_key),
        **({"origin": ", ".join(origins)} if origins else {}),
    }


def _checkpoint(plan: Plan, data: TrainingData, folder: Path, resume: bool) -> Checkpoint:
    mark = f"{plans.digest(plan)}-{clips_digest(data)}"
    if not resume or not (folder / store.CHECKPOINT_NAME).exists():
        return Checkpoint(mark)
    found = store.load(folder, mark)
    if found.done:
        raise WrongUse(f"The run {folder} is finished.", code="run.finished", hint="Start a new one in another folder.")
    return found


def _check_standing(checkpoint: Checkpoint, folds: Sequence[Fold], folder: Path) -> None:
    """Refuse to go on within a rung whose loss has other learned parts now than when it was begun."""
    standing = checkpoint.current
    rungs = {f"{fold.name}/{rung.name}": rung for fold in folds for rung in fold.rungs}
    rung = rungs.get(standing.get("name", ""))
    if rung is None:
        return
    loss = build(rung.loss, rung.options)
    loss.prepare([torch.zeros(2, EMBEDDING) for _ in rung.learns_from])
    try:
        loss.load_state_dict(standing["loss"])
    except (RuntimeError, TypeError, AttributeError) as error:
        raise BadFile(
            folder / store.CHECKPOINT_NAME,
            f"it was left by another version, whose loss {rung.loss!r} learned differently",
            code="checkpoint.other",
            hint="Start a new run.",
        ) from error


def clips_digest(data: TrainingData) -> str:
    """A fingerprint of what is learned from: which clips, what divides them, their labels and their samples."""
    found = hashlib.sha256()
    for clip, label in zip(data.clips, data.labels, strict=True):
        facts = sorted((name, str(value)) for name, value in clip.attributes.items())
        found.update(f"{clip.take} {clip.subject} {clip.session} {clip.trial} {label} {facts}\n".encode())
    for array in (data.sensor, data.pose, data.seen, data.pose_offset_s):
        found.update(array.tobytes())
    return found.hexdigest()[:16]


def _teller(log: EventLog, on_event: OnEvent | None) -> Callable[..., None]:
    def emit(kind: str, /, **fields: Any) -> None:
        log.write(kind, **fields)
        if on_event is not None:
            on_event({"event": kind, **fields})

    return emit
