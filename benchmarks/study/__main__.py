"""``python -m benchmarks.study --library LIBRARY --out docs/results``: protocols x recipes x seeds, tables and figures.

Finished jobs are skipped, also those of another machine whose outcomes are kept in ``--out``; a change of plan, clips
or learning code makes new jobs. Rungs that recipes share are climbed once. ``--scheduler`` hands the jobs to a Dask
cluster.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from platformdirs import user_cache_path

from benchmarks.study import figures, outcomes, rocket, tables
from benchmarks.study.engine import each, engine
from benchmarks.study.jobs import Job, JobFacts, make_job
from benchmarks.study.parts import climb, learn, shared_rungs, students
from benchmarks.study.recipes import DEFAULT, Study, chosen, read_study
from benchmarks.study.results import collect
from pskd.errors import PskdError, WrongUse
from pskd.training.plan import DEVICES


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study; 0 where no job failed (with ``--tables-only`` none is tried), 1 where one did, 2 for wrong use."""
    given = _parser().parse_args(arguments)
    try:
        study = read_study(given.study)
        failures = _study(study, given)
    except PskdError as error:
        print(f"{error.message} {error.hint}".strip(), file=sys.stderr)
        return 2 if isinstance(error, WrongUse) else 1
    for line in failures:
        print(f"failed: {line}", file=sys.stderr)
    return 1 if failures else 0


def jobs_of(study: Study, given: argparse.Namespace) -> list[Job]:
    """The jobs that were asked for, seed by seed, so that a study that is stopped has whole comparisons."""
    protocols = chosen(list(study.protocols), given.protocol, "protocol")
    recipes = chosen(list(study.recipes), given.recipes, "recipe")
    missing = [name for name in recipes if study.recipes[name].classifier and not rocket.available(given.aeon)]
    if missing:
        print(f"left out, because aeon is not here (--aeon PYTHON): {', '.join(missing)}")
    library = str(given.library.resolve())
    return [
        make_job((recipe, protocol), study.recipes[recipe], study.protocols[protocol], seed, library, given.work,
                 given.device)
        for seed in range(given.seeds)
        for protocol in protocols
        for recipe in recipes
        if recipe not in missing
    ]  # fmt: skip


def _study(study: Study, given: argparse.Namespace) -> list[str]:
    jobs = jobs_of(study, given)
    before = outcomes.finished(jobs, given.out)
    waiting = [job for job in jobs if job.key not in before]
    print(f"{len(jobs)} jobs, {len(before)} of them finished before; results in {given.work}", flush=True)
    failures = _carry_out(waiting, given) if waiting and not given.tables_only else []
    done = before | outcomes.finished(waiting, given.out)
    outcomes.keep(given.out, done.values())
    results = collect(study, [done[job.key] for job in jobs if job.key in done])
    tables.write(given.out, study, jobs, results, figures.draw(given.out, study, results))
    print(f"wrote {given.out / tables.TABLES}")
    return failures


def _carry_out(waiting: Sequence[Job], given: argparse.Namespace) -> list[str]:
    failures: list[str] = []
    with engine(given.jobs, given.scheduler) as parallel:
        for number, wave in enumerate(shared_rungs(waiting)):
            for done, said in enumerate(each(parallel, climb, wave), 1):
                failures += [said] if said else []
                print(f"rung {number + 1}: {done} of {len(wave)}", flush=True)
        parts = students(waiting)
        for done, told in enumerate(each(parallel, learn, [(*part, given.aeon) for part in parts]), 1):
            failures += [told] if isinstance(told, str) else []
            what = f"{told.protocol}, {told.recipe}, seed {told.seed}" if isinstance(told, JobFacts) else told or ""
            print(f"student: {done} of {len(parts)}{': ' if what else ''}{what}", flush=True)
    return list(dict.fromkeys(failures))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.study", description=__doc__)
    parser.add_argument("--library", type=Path, required=True, help="an imported library, such as UTD-MHAD")
    parser.add_argument("--out", type=Path, required=True, help="folder for tables, figures and headline reports")
    parser.add_argument("--protocol", nargs="+", default=["cross-subject"], help="[default: cross-subject]")
    parser.add_argument("--recipes", nargs="+", default=[], help="[default: all of the file]")
    parser.add_argument("--seeds", type=_count, default=10, help="seeds 0 to N - 1 [default: 10]")
    parser.add_argument("--jobs", type=_count, default=os.cpu_count() or 1, help="processes [default: one a core]")
    parser.add_argument("--scheduler", default="", help="address of a Dask scheduler")
    parser.add_argument("--device", choices=DEVICES, default="cpu", help="[default: cpu]")
    parser.add_argument("--study", type=Path, default=DEFAULT, help="file of protocols and recipes")
    parser.add_argument("--work", type=Path, default=user_cache_path("pskd-studio") / "study", help="kept results")
    parser.add_argument("--aeon", default="", metavar="PYTHON", help="interpreter that has aeon")
    parser.add_argument("--tables-only", action="store_true", help="from what is finished")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 10000, got {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
