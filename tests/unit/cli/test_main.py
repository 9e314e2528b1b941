"""The command line as a whole: every verb explains itself, every failure is a line and an exit code."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pskd import __version__
from pskd.cli.main import VERBS


def pskd(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real command."""
    return subprocess.run([sys.executable, "-m", "pskd", *arguments], capture_output=True, text=True, timeout=60)


def test_the_version_is_told_without_loading_torch() -> None:
    done = pskd("--version")
    assert done.returncode == 0
    assert __version__ in done.stdout


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    done = pskd(verb, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: pskd")


@pytest.mark.parametrize("arguments", [["nonsense"], ["library", "--nonsense"], ["worker", "nonsense"], ["record"]])
def test_wrong_use_is_exit_code_2_and_no_traceback(arguments: list[str]) -> None:
    done = pskd(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["library", "info", "/does/not/exist"], ["evaluate", "/does/not/exist"]])
def test_a_failure_is_exit_code_1_and_one_clear_message(arguments: list[str]) -> None:
    done = pskd(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("pskd: ")
    assert "Traceback" not in done.stderr
