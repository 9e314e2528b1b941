"""What travels between the rooms: markers, events, registry, atomic files, settings."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pskd import atomic, clock, config, events
from pskd.errors import WrongUse
from pskd.registry import Registry
from pskd.types import Marker


@given(st.text(max_size=30), st.sampled_from(["start", "end", ""]), st.integers(0, 999))
def test_a_marker_survives_its_text(label: str, phase: str, trial: int) -> None:
    marker = Marker(1.5, "cue", label.replace("/", " "), phase, trial)
    assert Marker.parse(1.5, marker.text()) == marker


@given(st.text(max_size=60))
def test_any_text_is_a_marker(text: str) -> None:
    assert Marker.parse(0.0, text).t_s == 0.0


def test_an_event_is_one_line_and_comes_back() -> None:
    line = events.encode("epoch", kind="x", loss=0.5, note="two\nlines")
    assert line.count(b"\n") == 1
    assert events.decode(line) == {"event": "epoch", "kind": "x", "loss": 0.5, "note": "two\nlines"}


@given(st.binary(max_size=80))
def test_foreign_output_is_no_event(line: bytes) -> None:
    event = events.decode(line)
    assert event is None or isinstance(event["event"], str)


def test_a_log_that_was_cut_off_keeps_its_whole_lines(tmp_path: Path) -> None:
    log = events.EventLog(tmp_path / "events.jsonl")
    log.write("first", n=1)
    log.write("second", n=2)
    log.close()
    data = (tmp_path / "events.jsonl").read_bytes()
    (tmp_path / "events.jsonl").write_bytes(data[:-5])
    assert [event["event"] for event in events.read(tmp_path / "events.jsonl")] == ["first"]


def test_a_log_takes_lines_from_several_threads(tmp_path: Path) -> None:
    log = events.EventLog(tmp_path / "events.jsonl")
    threads = [threading.Thread(target=lambda: [log.write("tick") for _ in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    assert len(list(events.read(tmp_path / "events.jsonl"))) == 800


def test_a_file_is_replaced_whole_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic.write_bytes(path, b"old")
    atomic.write_bytes(path, b"new")
    assert path.read_bytes() == b"new"
    assert [child.name for child in tmp_path.iterdir()] == ["file"]


def test_a_file_may_be_read_by_others_as_the_account_allows(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    atomic.write_bytes(tmp_path / "file", b"x")
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_failed_replacement_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic.write_bytes(path, b"old")
    with pytest.raises(TypeError):
        atomic.write_bytes(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [child.name for child in tmp_path.iterdir()] == ["file"]


def test_an_unknown_name_lists_the_known_ones() -> None:
    registry: Registry[int] = Registry("thing", "pskd.workers")
    registry.register("one")(1)
    with pytest.raises(WrongUse, match="no thing called 'two'") as caught:
        registry.get("two")
    assert "one" in caught.value.hint


def test_a_name_cannot_be_taken_twice() -> None:
    registry: Registry[int] = Registry("thing", "pskd.workers")
    registry.register("one")(1)
    with pytest.raises(ValueError, match="twice"):
        registry.register("one")(2)


def test_settings_come_back_and_damaged_ones_do_no_harm() -> None:
    assert config.load() == config.Settings()
    config.save(config.Settings(theme="dark"))
    assert config.load().theme == "dark"
    (config.folder() / "settings.json").write_text("{")
    assert config.load() == config.Settings()
    assert (config.folder() / "settings.damaged.json").exists()


def test_damaged_settings_that_cannot_be_set_aside_are_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PSKD_CONFIG", str(tmp_path))
    (tmp_path / "settings.json").write_text("{")
    (tmp_path / "settings.damaged.json").mkdir()
    assert config.load() == config.Settings()


def test_the_clock_goes_forward() -> None:
    stamps = [clock.now_s() for _ in range(1000)]
    assert stamps == sorted(stamps)
