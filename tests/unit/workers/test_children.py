"""A child process says hello, ends with its parent, and its death is an event."""

from __future__ import annotations

import queue
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from pskd import events
from pskd.workers import child, parent

ECHO = """
    def run(channel):
        print("a library prints to stdout as it likes")
        while (command := channel.commands.get()) is not None:
            if command["event"] == "fail":
                raise RuntimeError("on purpose")
            if command["event"] == "write":
                with open("/dev/full", "w") as full:
                    full.write("x")
            channel.send("echo", of=command["event"])
"""

START = """
    import sys
    sys.path.insert(0, {folder!r})
    from pskd.workers import child
    child.WORKERS["echo"] = "echo_worker"
    sys.exit(child.main("echo"))
"""


@pytest.fixture
def echo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ``Child("echo", ...)`` start a real worker that answers each command."""
    (tmp_path / "echo_worker.py").write_text(textwrap.dedent(ECHO))
    script = textwrap.dedent(START.format(folder=str(tmp_path)))
    monkeypatch.setattr(parent, "command_line", lambda kind: [sys.executable, "-c", script])


def wait_for(heard: queue.Queue[events.Event], kind: str, timeout_s: float = 20.0) -> events.Event:
    """The next event of a kind."""
    deadline = time.monotonic() + timeout_s
    while True:
        event = heard.get(timeout=max(0.01, deadline - time.monotonic()))
        if event["event"] == kind:
            return event


@pytest.mark.usefixtures("echo")
def test_commands_go_in_and_events_come_out_whatever_a_library_prints() -> None:
    heard: queue.Queue[events.Event] = queue.Queue()
    running = parent.Child("echo", heard.put)
    assert wait_for(heard, "hello")["kind"] == "echo"
    assert running.send("ping")
    assert wait_for(heard, "echo")["of"] == "ping"
    assert wait_for(heard, "beat")["t_s"] > 0
    assert running.close() == 0
    last = wait_for(heard, "exit")
    assert last["code"] == 0
    assert "a library prints to stdout as it likes" in last["log"]


@pytest.mark.usefixtures("echo")
def test_a_killed_child_is_an_exit_event() -> None:
    heard: queue.Queue[events.Event] = queue.Queue()
    running = parent.Child("echo", heard.put)
    wait_for(heard, "hello")
    psutil.Process(running.pid).kill()
    assert wait_for(heard, "exit")["code"] != 0
    assert not running.running
    assert not running.send("ping")
    running.close()


@pytest.mark.usefixtures("echo")
def test_a_failure_inside_is_told_before_the_end() -> None:
    heard: queue.Queue[events.Event] = queue.Queue()
    running = parent.Child("echo", heard.put)
    running.send("fail")
    assert "on purpose" in wait_for(heard, "error")["message"]
    assert wait_for(heard, "exit")["code"] == 1, "the interpreter must end cleanly although a thread waits for commands"
    running.close()


@pytest.mark.usefixtures("echo")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
def test_a_full_disk_is_told_in_plain_words() -> None:
    heard: queue.Queue[events.Event] = queue.Queue()
    running = parent.Child("echo", heard.put)
    running.send("write")
    told = wait_for(heard, "error")
    assert told["message"] == "The disk is full." and "Make room" in told["hint"]
    running.close()


@pytest.mark.usefixtures("echo")
def test_no_orphan_stays_when_the_parent_dies(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    line = parent.command_line("echo")
    script.write_text(
        "import subprocess, time\n"
        f"p = subprocess.Popen({line!r}, stdin=subprocess.PIPE)\n"
        "print(p.pid, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE) as middle:
        assert middle.stdout is not None
        grandchild = psutil.Process(int(middle.stdout.readline()))
        middle.kill()
        psutil.wait_procs([grandchild], timeout=15)
        assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


def test_every_worker_names_a_module_that_can_be_found() -> None:
    import importlib.util

    for module in child.WORKERS.values():
        assert importlib.util.find_spec(module) is not None
