"""``pskd import`` and ``pskd doctor`` as a person runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from published_sets import PUBLISHED

from pskd.library.importing import import_dataset
from pskd.library.library import Library


def pskd(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "pskd", *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture
def source(tmp_path) -> Path:
    PUBLISHED["mmact"].build(tmp_path / "source")
    return tmp_path / "source"


def test_an_import_tells_what_it_did_and_the_second_one_that_nothing_changed(source, tmp_path):
    first = pskd("import", "mmact", source, tmp_path / "library", "--json")
    assert first.returncode == 0 and first.stderr == ""
    facts = json.loads(first.stdout)
    assert facts == {
        "importer": "mmact", "library": str(tmp_path / "library"), "added": 36, "already": 0, "skipped": [],
        "takes": 36, "subjects": 3, "classes": 4,
    }  # fmt: skip
    second = pskd("import", "mmact", source, tmp_path / "library")
    assert second.returncode == 0 and "Nothing changed" in second.stdout and "36 were there already" in second.stdout


def test_wrong_use_ends_with_2_and_a_bad_source_with_1(source, tmp_path):
    unknown = pskd("import", "imagenet", source, tmp_path / "library")
    assert unknown.returncode == 2 and "utd-mhad" in unknown.stderr
    assert pskd("import", "mmact").returncode == 2
    missing = pskd("import", "mmact", tmp_path / "nowhere", tmp_path / "library")
    assert missing.returncode == 1 and missing.stderr.count("\n") == 1
    assert not (tmp_path / "library").exists()
    assert pskd("library", "info", tmp_path).returncode == 1


def test_damaged_trials_can_be_left_out(source, tmp_path):
    (source / PUBLISHED["mmact"].file).write_text("nonsense")
    assert pskd("import", "mmact", source, tmp_path / "library").returncode == 1
    done = pskd("import", "mmact", source, tmp_path / "library", "--skip-damaged")
    assert done.returncode == 0 and "35 takes" in done.stdout and "subject2/scene2/session1/walking" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_an_import_that_is_killed_leaves_the_library_and_the_next_one_tidies_up(source, tmp_path):
    library = Library.create(tmp_path / "library", "mine")
    library.add_classes(["squat"])
    before = sorted(path.name for path in library.path.iterdir())
    code = (
        "import sys, time\n"
        "from pskd.library.importing import import_dataset\n"
        "def slow(done, total, step):\n"
        "    print(done, flush=True)\n"
        "    if done == 20: time.sleep(60)\n"
        "import_dataset('mmact', sys.argv[1], sys.argv[2], progress=slow)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code, source, library.path], stdout=subprocess.PIPE, text=True)
    with child.stdout:
        for line in child.stdout:
            if line.strip() == "20":
                break
        child.send_signal(signal.SIGKILL)
        child.wait()
    staged = [path for path in library.path.iterdir() if path.name.startswith(".import-")]
    assert len(staged) == 1 and library.takes() == [] and Library.open(library.path).classes() == ["squat"]
    deadline = time.monotonic() + 5
    while Path(f"/proc/{child.pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert import_dataset("mmact", source, library.path).added == 36
    assert sorted(p.name for p in library.path.iterdir() if not p.name.startswith("sub-")) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot ask a program to end")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_import_that_is_asked_to_end_says_one_line_and_leaves_nothing(source, tmp_path, number):
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # tests may run where it is ignored
        "from pskd.cli import import_, main\n"
        "real = import_.import_dataset\n"
        "def slow(*given, progress, **more):\n"
        "    def tell(done, total, step):\n"
        "        print(done, flush=True)\n"
        "        if done == 20: time.sleep(60)\n"
        "    return real(*given, progress=tell, **more)\n"
        "import_.import_dataset = slow\n"
        "main.main(['import', 'mmact', *sys.argv[1:]])\n"
    )
    command, pipe = [sys.executable, "-c", code, source, tmp_path / "library"], subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as child:
        while child.stdout.readline().strip() != "20":
            pass
        child.send_signal(number)
        said = child.communicate(timeout=30)[1]
    assert (child.returncode, said.strip()) == (1, "pskd: stopped.")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


def test_a_library_is_not_made_within_another_one_and_a_refused_import_leaves_no_folders(source, tmp_path):
    Library.create(tmp_path / "outer")
    inside = pskd("import", "mmact", source, tmp_path / "outer" / "sub-1" / "inner")
    assert inside.returncode == 1 and "lies within the library" in inside.stderr
    assert Library.open(tmp_path / "outer").subjects() == [] and not (tmp_path / "outer" / "sub-1").exists()
    (source / PUBLISHED["mmact"].file).write_text("nonsense")
    assert pskd("import", "mmact", source, tmp_path / "new" / "folders" / "library").returncode == 1
    assert not (tmp_path / "new").exists()


def test_the_doctor_answers_on_any_machine():
    plain, machine = pskd("doctor"), pskd("doctor", "--json")
    assert plain.returncode == machine.returncode == 0 and plain.stderr == machine.stderr == ""
    facts = json.loads(machine.stdout)
    names = [check["name"] for check in facts["checks"]]
    assert {"python", "packages", "models", "cameras", "bluetooth", "screen", "disk", "graphics"} <= set(names)
    assert all(check["found"] and (check["ok"] or check["todo"]) for check in facts["checks"])
    assert all(name in plain.stdout for name in names)
