"""The study's tables: Markdown for people, JSON for programs, and the reports of the headline rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.study.jobs import Job
from benchmarks.study.mistakes import Mistakes
from benchmarks.study.recipes import Study
from benchmarks.study.results import Gain, Results, Row, Spread
from pskd import atomic, documents
from pskd.evaluation.report import REPORT_NAME, this_environment
from pskd.training.plan import STUDENT

TABLES = "study.md"
NUMBERS = "study.json"


def write(out: Path, study: Study, jobs: Sequence[Job], results: Results, figures: dict[str, list[str]]) -> None:
    """Write tables and numbers, and copy the report of each headline recipe's first seed.

    Args:
        out: folder, made where it is missing.
        study: names and titles.
        jobs: those that were asked for.
        results: of the finished ones.
        figures: names of the pictures in ``out``, by protocol.
    """
    out.mkdir(parents=True, exist_ok=True)
    documents.save(out / NUMBERS, results)
    atomic.write_bytes(out / TABLES, markdown(study, results, figures).encode("utf-8"), durable=False)
    for job in jobs:
        if study.recipes[job.recipe].headline and job.finished and job.seed == 0:
            target = out / f"{job.protocol}_{job.recipe}"
            target.mkdir(exist_ok=True)
            shutil.copyfile(job.folder / REPORT_NAME, target / REPORT_NAME)


def markdown(study: Study, results: Results, figures: dict[str, list[str]]) -> str:
    """All tables as one text."""
    parts = ["# Study", _preface(results)]
    for name in dict.fromkeys(row.protocol for row in results.rows):
        rows = [row for row in results.rows if row.protocol == name]
        gains = [gain for gain in results.gains if gain.protocol == name]
        parts += [f"## {study.protocols[name].title[0].upper()}{study.protocols[name].title[1:]}", _facts(rows)]
        parts += [_scores(rows), *([_teachers(rows)] if any(row.teachers for row in rows) else [])]
        parts += [_gains(study, gains)] if gains else []
        parts += [_mistakes(study, each) for each in results.mistakes if each.protocol == name and each.worst]
        parts += [f"![{Path(picture).stem}]({picture})" for picture in figures.get(name, [])]
    return "\n\n".join(parts) + "\n"


def _preface(results: Results) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in this_environment().items())
    seeds = [row.accuracy.n for row in results.rows]
    some = "Rows of fewer than ten seeds are a first look" if max(seeds, default=0) >= 10 else "Fewer than ten seeds"
    warning = "" if min(seeds, default=0) >= 10 else f" **{some}: no claim rests on these numbers.**"
    return (
        "Accuracy in percent on test clips, looked at after the last rung; mean and standard deviation over seeds. The "
        "study chooses nothing by them; where the presets' settings come from is told in `docs/method.md`. Written by "
        f"`python -m benchmarks.study` with {facts}.{warning}"
    )


def _facts(rows: Sequence[Row]) -> str:
    train = " or ".join(str(count) for count in sorted({row.train_clips for row in rows}))
    row = rows[0]
    return f"{train} labelled training clips, {row.test_clips} test clips, {row.classes} classes."


def _scores(rows: Sequence[Row]) -> str:
    wrist = max(row.wrist_classes for row in rows)
    heads = ["recipe", "weights", "seeds", "accuracy", "lowest to highest", "macro F1"]
    heads += [f"the {wrist} wrist classes"] if wrist else []
    lines = []
    for row in sorted(rows, key=lambda row: -row.accuracy.mean):
        cells = [
            row.title, f"{row.weights:,}".replace(",", " ") if row.weights else "-", str(row.accuracy.n),
            _spread(row.accuracy), f"{100 * row.accuracy.low:.1f} to {100 * row.accuracy.high:.1f}",
            _spread(row.macro_f1), *([_spread(row.wrist) if row.wrist else "-"] if wrist else []),
        ]  # fmt: skip
        lines.append(cells)
    return _table(heads, lines)


def _teachers(rows: Sequence[Row]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row.teachers))
    lines = [
        [row.title, *(_spread(row.teachers[name]) if name in row.teachers else "" for name in names)]
        for row in rows
        if row.teachers
    ]
    return "Teachers:\n\n" + _table(["recipe", *names], lines)


def _gains(study: Study, gains: Iterable[Gain]) -> str:
    heads = ["recipe", "against", "seeds", "gain", "95 % interval", "p (t)", "p (Wilcoxon)", "by clip", "p (McNemar)"]
    heads += ["p (habits)"]
    lines = []
    for gain in gains:
        seed, clip = gain.by_seed, gain.by_clip
        by_seed = (
            [str(seed.seeds), _points(seed.mean_difference), " to ".join(_points(end) for end in seed.interval or ())
             or "-", _p(seed.p_t), _p(seed.p_wilcoxon)]
            if seed else ["1", _points(clip.difference), "-", "-", "-"]
        )  # fmt: skip
        titles = [study.recipes[name].title for name in (gain.recipe, gain.against)]
        lines.append([*titles, *by_seed, f"{clip.only_first} : {clip.only_second}", _p(clip.p), _p(clip.p_grouped)])
    return (
        "Gains in points, paired; fewer than three seeds give no interval. By clip: clips that one alone had right, "
        "where most of those seeds had it. McNemar's test takes every clip for a trial of its own; in the last column "
        "clips of one person and class, which mostly go right or wrong together, count as one.\n\n"
        + _table(heads, lines)
    )


def _mistakes(study: Study, found: Mistakes) -> str:
    listed = sum(habit.wrong[STUDENT] for habit in found.worst)
    heads = ["person", "class", "clips", "mostly taken for", *(f"{rung} wrong" for rung in found.worst[0].wrong)]
    lines = [
        [habit.subject, habit.truth, str(habit.clips), habit.taken_for, *(f"{n:.1f}" for n in habit.wrong.values())]
        for habit in found.worst
    ]
    return (
        f"Mistakes of *{study.recipes[found.recipe].title}*: {found.wrong:.1f} of {found.clips} clips a seed; "
        f"{100 * listed / found.wrong:.0f} % of them lie in {len(lines)} of the {found.pairs} pairs of a person and a "
        f"class:\n\n" + _table(heads, lines)
    )


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    marks = ["---" if place == 0 else "---:" for place in range(len(heads))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (heads, marks, *lines))


def _spread(value: Spread) -> str:
    return f"{100 * value.mean:.1f}" + (f" ± {100 * value.sd:.1f}" if value.n > 1 else "")


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
