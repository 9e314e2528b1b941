"""The command line as a whole: every verb explains itself, every failure is a line and an exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pskd import __version__
from pskd.cli.main import VERBS, main
from pskd.cli.printable import printable
from pskd.library.library import Library


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


def run(arguments: list[str], **streams: object) -> subprocess.CompletedProcess[bytes]:
    """Run the real command with its streams as given, with an output that waits in a buffer as usual."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-m", "pskd", *arguments]
    return subprocess.run(command, env=environment, timeout=60, stderr=subprocess.PIPE, **streams)  # type: ignore[call-overload,no-any-return]


def test_a_reader_that_goes_away_is_no_reason_to_complain() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = run(["doctor", "--json"], stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_under_the_output_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(["--version"], stdout=full)
    assert done.returncode == 1
    assert done.stderr.startswith(b"pskd: No space left on device.\n")


@pytest.mark.skipif(os.name == "nt", reason="streams are closed by a POSIX shell here")
def test_streams_that_the_caller_closed_are_done_without(tmp_path: Path) -> None:
    Library.create(tmp_path / "library")
    program = 'exec "$0" -m pskd library info "$1" <&- >&- 2>&-'
    done = subprocess.run(["sh", "-c", program, sys.executable, str(tmp_path / "library")], timeout=60)
    assert done.returncode == 0


def test_what_nobody_foresaw_is_one_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(arguments: list[str]) -> int:
        raise KeyError("some\nthing" + "x" * 5000)

    monkeypatch.setattr("pskd.cli.main._verb", fail)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
    signal.signal(signal.SIGTERM, before)
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("pskd: It failed in a way that was not foreseen (KeyError")
    assert len(said.splitlines()) == 2
    assert max(map(len, said.splitlines())) < 400


@pytest.mark.skipif(os.name == "nt", reason="every argument is text there")
def test_a_name_of_bytes_that_are_no_text_is_wrong_use(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pskd", "library", "info", bytes(tmp_path) + b"/l\xff"], capture_output=True, timeout=60
    )
    assert done.returncode == 2
    assert b"UTF-8" in done.stderr


@pytest.mark.parametrize("inside", ["file/library", "file/deep/er"])
def test_a_path_under_a_file_is_named_with_what_to_do(tmp_path: Path, inside: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "source").mkdir()
    done = pskd("import", "utd-mhad", str(tmp_path / "source"), str(tmp_path / inside))
    assert done.returncode == 1
    assert str(tmp_path / "file") in done.stderr
    assert "choose another" in done.stderr


def test_a_name_in_a_file_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b]0;title\x07\nb\u202ec") == "a ]0;title  b c"


@pytest.mark.parametrize(
    "arguments",
    [
        ["record", "--library", "x", "--camera", "none", "--watch", "sim:", "--seconds", "nan"],
        ["live", "x", "--device", "sim:", "--seconds", "nan"],
        ["live", "x", "--device", "sim:", "--hop", "nan"],
        ["record", "--library", "x", "--camera", "", "--watch", "none", "--seconds", "1"],
        ["record", "--library", "x", "--camera", "none", "--watch", "sim:", "--seconds", "1", "--label", "unsure"],
    ],
)
def test_values_that_would_wait_for_ever_or_for_nothing_are_wrong_use(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    signal.signal(signal.SIGTERM, before)
    assert ended.value.code == 2
    assert capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_an_empty_protocol_is_not_none(tmp_path: Path) -> None:
    base = ["record", "--library", str(tmp_path / "l"), "--camera", "none", "--watch", "sim:", "--seconds", "1"]
    assert pskd(*base, "--protocol", "").returncode == 1
