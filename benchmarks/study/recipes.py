"""Recipes and protocols as data, and the plan that each pair makes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.study.newcomers import Loan
from pskd import plainfile
from pskd.distill import ladder
from pskd.distill.ladder import Rung
from pskd.errors import BadFile, WrongUse
from pskd.library.splits import protocols
from pskd.training import plan as plans
from pskd.training.labels import Labels
from pskd.training.plan import STUDENT, Plan
from pskd.training.presets import make_plan

DEFAULT = Path(__file__).with_name("recipes.toml")
SELF = "self"
"""Name of the rung that a student distilled from itself learns from."""

_MAX_BYTES = 2**20


class Protocol(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How clips are divided, and what of their labels is known.

    Attributes:
        title: in the tables.
        split: one of :func:`pskd.library.splits.protocols`.
        placement: only clips whose watch sat there (``wrist``); all where empty.
        within: only clips that train under this split; to choose settings without a look at its test clips.
        newcomers: training also sees the earlier half of the trials of the people who test, with the camera and without
            labels; the later half tests. ``cut`` to movements, or one long take each, ``uncut``.
        labels: how many training labels are known.
        stretch: rungs that hear only the labelled clips train so many times longer, which gives them as many steps as
            rungs that hear all clips.
    """

    title: str
    split: str
    placement: str = ""
    within: str = ""
    newcomers: Loan = ""
    labels: Labels = Labels()
    stretch: float = 1.0


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to make a student; what is left out is as in the preset.

    Attributes:
        title: in the tables.
        against: recipes that it is compared with, seed by seed.
        headline: its first seed's report is kept beside the tables.
        preset: where networks, epochs and augmentation come from.
        model: the student's network.
        loss: how the student learns; ``label`` leaves all teachers out.
        options: of the student's loss; added to the preset's where the loss is the preset's own.
        without: rungs left out.
        order: all teachers, in another order; each learns from the one above it.
        hears: the rungs that the student learns from.
        distilled_from_itself: the only teacher is the same network, trained on labels with the same budget.
        shuffled: teachers speak of another clip than the student sees (a control).
        unlabelled: False keeps clips without a label out.
        pseudo_label_from: confidence from which teachers label a clip; 1 never.
        epochs: by rung.
        augmentation: changes of :class:`pskd.signals.augment.Augmentation`.
        classifier: instead of a ladder, a classifier of aeon's: ``minirocket`` or ``multirocket-hydra``.
    """

    title: str
    against: tuple[str, ...] = ()
    headline: bool = False
    preset: str = "best"
    model: str = "small"
    loss: str = ""
    options: dict[str, float | bool] = {}
    without: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    hears: tuple[str, ...] = ()
    distilled_from_itself: bool = False
    shuffled: bool = False
    unlabelled: bool = True
    pseudo_label_from: float = 1.0
    epochs: dict[str, int] = {}
    augmentation: dict[str, float] = {}
    classifier: str = ""


class Study(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of protocols and recipes, each by its short name."""

    protocols: dict[str, Protocol]
    recipes: dict[str, Recipe]


def read_study(path: Path = DEFAULT) -> Study:
    """Read a study's file (TOML).

    Raises:
        BadFile: it is not one, or names a recipe or protocol that is not there.
    """
    content = plainfile.read_bytes(path, _MAX_BYTES)
    try:
        study = msgspec.toml.decode(content, type=Study)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadFile(path, f"it is not a study ({error})", code="study.bad") from error
    for name, recipe in study.recipes.items():
        unknown = [other for other in recipe.against if other not in study.recipes]
        if unknown:
            raise BadFile(path, f"{name} is compared with {unknown[0]}, which is not there", code="study.bad")
    for name, protocol in study.protocols.items():
        for split in (protocol.split, protocol.within):
            if split and split not in protocols():
                raise BadFile(path, f"{name} splits by {split!r}, which is not there", code="study.bad")
    return study


def chosen(known: Sequence[str], wanted: Sequence[str], noun: str) -> list[str]:
    """The wanted names in the order of the file, all where none is wanted.

    Raises:
        WrongUse: one is not there.
    """
    for name in wanted:
        if name not in known:
            raise WrongUse(f"There is no {noun} {name!r}.", code="study.unknown", hint=f"Known: {', '.join(known)}.")
    return [name for name in known if not wanted or name in wanted]


def plan_of(recipe: Recipe, protocol: Protocol, seed: int, library: str) -> Plan:
    """The plan of one job.

    Raises:
        WrongUse: the recipe does not hold together.
    """
    plan = make_plan(library, protocol.split, preset=recipe.preset, seed=seed)
    known = {rung.name for rung in plan.rungs} | {SELF}
    unknown = sorted({*recipe.without, *recipe.epochs} - known)
    if unknown:
        raise _wrong(recipe, f"there is no rung {unknown[0]!r}")
    rungs = _ladder(recipe, plan.rungs)
    heard_all = {rung.name for rung in rungs if rung.learns_from and recipe.unlabelled}
    rungs = tuple(
        msgspec.structs.replace(
            rung,
            epochs=round(
                recipe.epochs.get(rung.name, rung.epochs) * (1 if rung.name in heard_all else protocol.stretch)
            ),
        )
        for rung in rungs
    )
    plan = msgspec.structs.replace(
        plan, rungs=rungs, preset="custom", calibrate=False, shuffled=recipe.shuffled, unlabelled=recipe.unlabelled,
        pseudo_label_from=recipe.pseudo_label_from, labels=protocol.labels, augmentation=_changed(recipe, plan),
    )  # fmt: skip
    plans.check(plan)
    plans.check_parts(plan)
    return plan


def _changed(recipe: Recipe, plan: Plan) -> object:
    unknown = set(recipe.augmentation) - set(plan.augmentation.__struct_fields__)
    if unknown:
        raise _wrong(recipe, f"there is no augmentation {min(unknown)!r}")
    try:
        return msgspec.structs.replace(plan.augmentation, **recipe.augmentation)
    except ValueError as error:
        raise _wrong(recipe, str(error)) from error


def _ladder(recipe: Recipe, rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
    student = msgspec.structs.replace(rungs[-1], model=recipe.model)
    if recipe.distilled_from_itself:
        twin = _alone(msgspec.structs.replace(student, name=SELF))
        return (twin, _taught(recipe, msgspec.structs.replace(student, learns_from=(SELF,))))
    if recipe.loss == "label":
        return (_alone(student),)
    above = _reordered(recipe, rungs[:-1]) if recipe.order else rungs[:-1]
    hears = recipe.hears or student.learns_from
    full = (*above, _taught(recipe, msgspec.structs.replace(student, learns_from=hears)))
    left = ladder.without(full, recipe.without)
    ladder.check(left)
    needed = ladder.needed_for(left, STUDENT)
    return tuple(rung for rung in left if rung.name in needed)


def _reordered(recipe: Recipe, teachers: tuple[Rung, ...]) -> tuple[Rung, ...]:
    known = {rung.name: rung for rung in teachers}
    if set(recipe.order) - set(known):
        raise _wrong(recipe, f"order: the preset's teachers are {', '.join(known)}")
    # a rung that learns, taken as the pattern of how rungs learn
    pattern = next((rung for rung in teachers if rung.learns_from), None)
    chain: list[Rung] = []
    for name in recipe.order:
        if not chain or pattern is None:
            chain.append(_alone(known[name]))
            continue
        like = known[name] if known[name].learns_from else pattern
        chain.append(
            msgspec.structs.replace(
                known[name], learns_from=(chain[-1].name,), loss=like.loss, options=dict(like.options)
            )
        )
    return tuple(chain)


def _taught(recipe: Recipe, student: Rung) -> Rung:
    """The student with the recipe's loss."""
    loss = recipe.loss or student.loss
    own = {"smoothing": student.options["smoothing"]} if "smoothing" in student.options else {}
    options = {**(student.options if loss == student.loss else own), **recipe.options}
    return msgspec.structs.replace(student, loss=loss, options=options)


def _alone(rung: Rung) -> Rung:
    """The same rung on labels alone, with the same smoothing."""
    own = {"smoothing": rung.options["smoothing"]} if "smoothing" in rung.options else {}
    return msgspec.structs.replace(rung, learns_from=(), loss="label", options=own)


def _wrong(recipe: Recipe, why: str) -> WrongUse:
    return WrongUse(f"The recipe {recipe.title!r} does not hold together: {why}.", code="study.recipe")
