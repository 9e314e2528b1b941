"""A fingerprint of the code that decides a study's numbers, so that results of other code are never mixed in."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

import pskd

ROOMS = (
    "signals", "models", "distill", "library/splits.py", "library/naming.py", "skeleton.py", "training",
    "evaluation/metrics.py",
)  # fmt: skip
NOT_LEARNING = (
    "training/worker.py", "training/presets.py", "training/run.py", "training/plan.py", "training/trace.py",
)  # fmt: skip
"""Say nothing that the plan of a job does not say."""


@cache
def code_version() -> str:
    """Twelve characters; comments, docstrings and layout do not change them."""
    root = Path(pskd.__file__).parent
    found = hashlib.sha256()
    for path in _files(root):
        found.update(f"{path.relative_to(root).as_posix()}\n{meaning(path.read_text('utf-8'))}\n".encode())
    return found.hexdigest()[:12]


def meaning(source: str) -> str:
    """What Python reads in a source text, without its docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and _is_text(body[0].value):
            body.pop(0)
    return ast.dump(tree)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _files(root: Path) -> list[Path]:
    found = [file for room in ROOMS for file in ((root / room).rglob("*.py") if "." not in room else [root / room])]
    return sorted(file for file in found if file.relative_to(root).as_posix() not in NOT_LEARNING)
