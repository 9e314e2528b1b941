"""One window through a student, on one core: ``python benchmarks/inference.py [--windows 2000] [--json FILE]``.

Fresh weights: what they are does not change the time. Each window is asked for by itself, as live does. Targets: median
under 1 ms in torch, under 0.2 ms in ONNX Runtime. The ratio is of ONNX Runtime to torch, in the same run.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from pskd.export.onnx import to_onnx, trial_windows
from pskd.export.runtime import Student
from pskd.models.base import Shapes, build, parameters
from pskd.training.presets import STUDENTS

WARM_UP = 50
CLASSES = 27


def milliseconds(ask: Callable[[int], object], windows: int) -> np.ndarray:
    """Of each call, after some to warm up."""
    for number in range(WARM_UP):
        ask(number)
    taken = np.empty(windows)
    for number in range(windows):
        begun = time.perf_counter()
        ask(number)
        taken[number] = time.perf_counter() - begun
    return taken * 1e3


def measure(name: str, windows: int) -> dict[str, float]:
    """Median and 99th percentile of a student, in torch and in ONNX Runtime."""
    shapes = Shapes(CLASSES)
    channels, samples = shapes.sensor
    model = build(name, shapes).eval()
    given = trial_windows(channels, samples)
    tensors = torch.from_numpy(given)
    content = to_onnx(model, channels=channels, samples=samples)
    student = Student(content, channels=channels, samples=samples, classes=CLASSES, path=name)
    with torch.inference_mode():
        in_torch = milliseconds(lambda k: model(tensors[k % len(given)][None]), windows)
    in_onnx = milliseconds(lambda k: student.logits(given[k % len(given)][None]), windows)
    return {
        "weights": parameters(model),
        "torch_p50_ms": float(np.median(in_torch)),
        "torch_p99_ms": float(np.percentile(in_torch, 99)),
        "onnx_p50_ms": float(np.median(in_onnx)),
        "onnx_p99_ms": float(np.percentile(in_onnx, 99)),
        "onnx_to_torch": float(np.median(in_onnx) / np.median(in_torch)),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="One window through a student, on one core.")
    parser.add_argument("--windows", type=int, default=2000)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    found = {size: measure(name, given.windows) for size, name in STUDENTS.items()}
    table = Table("student", "weights", "torch p50, p99", "ONNX Runtime p50, p99", "ratio of medians")
    for name, facts in found.items():
        table.add_row(
            name, f"{facts['weights']:,.0f}", f"{facts['torch_p50_ms']:.2f}, {facts['torch_p99_ms']:.2f} ms",
            f"{facts['onnx_p50_ms']:.3f}, {facts['onnx_p99_ms']:.3f} ms", f"{facts['onnx_to_torch']:.2f}",
        )  # fmt: skip
    Console().print(table)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
