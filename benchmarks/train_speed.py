"""Speed and memory of training: ``python benchmarks/train_speed.py [LIBRARY] [--threads 1 2] [--preset quick]``.

Without a library: the program's loop beside a bare one, and milliseconds of one batch by network, for making views,
teaching and learning. With one: a whole run, rung by rung, with its peak memory. Nothing is asserted; on a busy machine
look at the processor seconds. The bare loops have the same network, batches, loss and optimizer and report nothing. One
learns from the same changed views, made as the program makes them; the other's windows lie ready and none is changed.
Target: the program learns from as many clips a second.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from pskd.distill.base import build as build_loss
from pskd.library.clips import Clip
from pskd.models.base import MODELS, Shapes, build, parameters
from pskd.signals.augment import Augmentation
from pskd.signals.pose import JOINTS, PosePreprocessing
from pskd.signals.sensor import SensorPreprocessing
from pskd.training.data import Index, TrainingData, stack
from pskd.training.loop import Lesson, Progress, climb
from pskd.training.presets import STUDENTS, make_plan
from pskd.training.run import train

BATCH = 32


def clips(count: int) -> TrainingData:
    """Noise of the shape of UTD-MHAD: 3.5 s at 50 Hz beside 70 frames."""
    random = np.random.default_rng(0)
    times, frames = np.arange(175) / 50, np.linspace(0, 3.48, 70)
    made = [
        Clip(
            f"take-{i}", "01", "1", i, str(i % 27), random.normal(0, 9.8, (175, 3)).astype(np.float32), times,
            random.normal(0, 1, (70, JOINTS, 3)).astype(np.float32), frames, np.ones((70, JOINTS), np.float32), 3.5, {},
        )
        for i in range(count)
    ]  # fmt: skip
    return stack(made, [str(k) for k in range(27)], SensorPreprocessing(), PosePreprocessing())


def measured(action: Callable[[], object], times: int = 10) -> tuple[float, float]:
    """Wall and processor milliseconds of one call."""
    action()
    wall, spent = time.perf_counter(), time.process_time()
    for _ in range(times):
        action()
    return 1e3 * (time.perf_counter() - wall) / times, 1e3 * (time.process_time() - spent) / times


def parts(threads: list[int]) -> Table:
    """One batch, part by part."""
    table = Table("part", "weights", "threads", "wall ms", "processor ms", title=f"One batch of {BATCH} clips")
    data, rows, random = clips(BATCH), np.arange(BATCH), np.random.default_rng(0)
    for name, pose in (("views, sensor", False), ("views, sensor and pose", True)):
        wall, spent = measured(lambda pose=pose: data.view(rows, Augmentation(), random, pose))  # type: ignore[misc]
        table.add_row(name, "", "1", f"{wall:.1f}", f"{spent:.1f}")
    batch = data.view(rows, Augmentation(), random, True)
    for name in MODELS:
        model = build(name, Shapes(27))
        inputs = batch.inputs(model.inputs)
        for count in threads:
            torch.set_num_threads(count)
            model.eval()
            with torch.no_grad():
                taught = measured(lambda: model(*inputs))  # noqa: B023
            model.train()
            learned = measured(lambda: model(*inputs).logits.logsumexp(dim=1).sum().backward())  # noqa: B023
            for what, (wall, spent) in (("teaches", taught), ("learns", learned)):
                table.add_row(f"{name} {what}", f"{parameters(model):,}", str(count), f"{wall:.1f}", f"{spent:.1f}")
    return table


def beside_bare(rounds: int = 9, epochs: int = 4) -> Table:
    """Clips learned from per second by the program's loop and by two bare ones, in turns, and the ratios."""
    table = Table(
        "student", "program, clips/s", "bare, same views", "ratio", "bare, no views", "ratio",
        title="Training, one thread a network",
    )  # fmt: skip
    data, rows = clips(8 * BATCH), np.arange(8 * BATCH)
    torch.set_num_threads(1)
    for size, name in STUDENTS.items():
        speeds = np.array(
            [
                (
                    _ours(name, data, rows, epochs),
                    _bare(name, data, rows, epochs, views=True),
                    _bare(name, data, rows, epochs, views=False),
                )
                for _ in range(rounds)
            ]
        )
        ours, same, ready = np.median(speeds, axis=0)
        to_same, to_ready = np.median(speeds[:, :1] / speeds[:, 1:], axis=0)
        table.add_row(size, f"{ours:.0f}", f"{same:.0f}", f"{to_same:.2f}", f"{ready:.0f}", f"{to_ready:.2f}")
    return table


def _ours(name: str, data: TrainingData, rows: Index, epochs: int) -> float:
    lesson = Lesson(
        data=data, rows=rows, loss=build_loss("label"), teachers=(), augmentation=Augmentation(), epochs=epochs,
        batch=BATCH, learning_rate=3e-3, weight_decay=0.02, seeds=(0,),
    )  # fmt: skip
    model = build(name, Shapes(len(data.classes)))
    begun = time.perf_counter()
    climb(model, lesson, Progress(), lambda progress: None, lambda: False)
    return epochs * len(rows) / (time.perf_counter() - begun)


def _bare(name: str, data: TrainingData, rows: Index, epochs: int, *, views: bool) -> float:
    random = np.random.default_rng(0)
    ready = data.view(rows, Augmentation(mixup=0.0), random, False)
    model = build(name, Shapes(len(data.classes))).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.02)
    begun = time.perf_counter()
    for _ in range(epochs):
        for part in torch.randperm(len(rows)).split(BATCH):
            if views:
                batch = data.view(rows[part.numpy()], Augmentation(), random, False)
                sensor, targets = batch.sensor, batch.targets
            else:
                sensor, targets = ready.sensor[part], ready.targets[part]
            loss = torch.nn.functional.cross_entropy(model(sensor).logits, targets)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    return epochs * len(rows) / (time.perf_counter() - begun)


def whole_run(library: str, preset: str, protocol: str, threads: int) -> Table:
    """A run with its seconds by rung, processor seconds and peak memory."""
    plan = msgspec.structs.replace(make_plan(library, protocol, preset=preset), threads=threads)
    wall, spent = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        report = train(plan, Path(folder) / "run").report
    assert report is not None
    table = Table("what", "value", title=f"{preset}, {protocol}, {threads} threads")
    for rung, seconds in report.timing.items():
        table.add_row(f"{rung}, s", f"{seconds:.1f}")
    table.add_row("whole run, s", f"{time.perf_counter() - wall:.1f}")
    table.add_row("processor, s", f"{time.process_time() - spent:.1f}")
    table.add_row("peak memory, MiB", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
    for name, score in {**report.teachers, "student": report.student}.items():
        table.add_row(f"{name}, accuracy", f"{100 * score.accuracy:.1f} %")
    return table


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", nargs="?")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--protocol", default="cross-subject")
    given = parser.parse_args()
    console = Console()
    if given.library is None:
        console.print(beside_bare())
        console.print(parts(given.threads))
        return
    for threads in given.threads:
        console.print(whole_run(given.library, given.preset, given.protocol, threads))


if __name__ == "__main__":
    main()
