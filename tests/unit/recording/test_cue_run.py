"""A protocol against the clock, with all that a person may want on the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pskd.recording.cue_run import CueRun, CueView, Phase
from pskd.recording.cues import CueOrder, CueProtocol, cue_markers, segments_from_markers, timed_cues
from pskd.types import Marker, Segment

START_S = 100.0
PROTOCOL = CueProtocol(
    name="p", classes=["a", "b"], seconds=2.0, rest_s=1.0, repeats=2, order=CueOrder.TURNS, countdown_s=3.0
)  # trials at 3-5 a, 6-8 b, 9-11 a, 12-14 b


class Played:
    """A run with its markers and a clock that is turned by hand."""

    def __init__(self, protocol: CueProtocol = PROTOCOL) -> None:
        self.markers: list[Marker] = []
        self.run = CueRun(protocol, START_S, self.markers.append)
        self.now_s = START_S

    def to(self, at_s: float) -> CueView:
        """Tick every 50 ms until ``at_s`` after the take's start."""
        while self.now_s < START_S + at_s - 1e-9:
            self.now_s = min(self.now_s + 0.05, START_S + at_s)
            self.run.tick(self.now_s)
        return self.run.tick(self.now_s)

    def segments(self) -> tuple[Segment, ...]:
        """What becomes of the markers."""
        moved = [Marker(m.t_s - START_S, m.kind, m.label, m.phase, m.trial) for m in self.markers]
        return segments_from_markers(moved, self.now_s - START_S)

    def kept(self) -> list[tuple[str, int, float, float]]:
        """Class, trial, start and end of every segment."""
        return [(s.label, s.trial, round(s.start_s, 2), round(s.end_s, 2)) for s in self.segments()]

    def controls(self) -> list[str]:
        """The wishes that were stored."""
        return [f"{m.label} {m.phase}".strip() for m in self.markers if m.kind == "control"]


def test_without_a_wish_the_markers_are_those_of_the_plan() -> None:
    played = Played()
    assert played.to(20).phase is Phase.DONE
    assert played.markers == cue_markers(timed_cues(PROTOCOL), START_S)
    assert played.run.done_s == START_S + 14


def test_each_moment_says_what_to_do_and_how_long() -> None:
    played = Played()
    seen = [(view.phase, view.label, view.number) for view in map(played.to, (1, 4, 5.4, 7, 13, 15))]
    assert seen == [
        (Phase.COUNTDOWN, "a", 1), (Phase.DO, "a", 1), (Phase.REST, "b", 2),
        (Phase.DO, "b", 2), (Phase.DO, "b", 4), (Phase.DONE, "", 4),
    ]  # fmt: skip
    view = Played().to(4)
    assert (round(view.left_s, 6), round(view.share, 6), view.following) == (1.0, 0.5, "b")


def test_practice_comes_first_is_unlabelled_and_can_be_skipped() -> None:
    protocol = CueProtocol(name="p", classes=["a"], seconds=2, repeats=1, countdown_s=3, practice_s=30)
    played = Played(protocol)
    assert played.to(10).phase is Phase.PRACTICE
    played.run.skip(played.now_s)
    assert played.to(10.1).phase is Phase.COUNTDOWN
    played.to(20)
    assert played.kept() == [("a", 1, 13.0, 15.0)]


def test_a_pause_in_practice_keeps_what_was_left_of_it() -> None:
    protocol = CueProtocol(name="p", classes=["a"], seconds=2, repeats=1, countdown_s=3, practice_s=10)
    played = Played(protocol)
    played.to(4)
    played.run.pause(played.now_s)
    assert played.to(50).phase is Phase.PAUSED
    played.run.resume(played.now_s)
    assert played.to(55.9).phase is Phase.PRACTICE
    assert played.to(56.1).phase is Phase.COUNTDOWN


def test_a_trial_that_is_paused_is_discarded_and_asked_for_again() -> None:
    played = Played()
    played.to(4)
    played.run.pause(played.now_s)
    assert played.to(30).phase is Phase.PAUSED
    played.run.resume(played.now_s)
    view = played.to(31)
    assert (view.phase, view.label, view.number, view.again) == (Phase.COUNTDOWN, "a", 1, True)
    played.to(60)
    assert played.kept() == [("a", 1, 33, 35), ("b", 1, 36, 38), ("a", 2, 39, 41), ("b", 2, 42, 44)]
    assert played.controls() == ["pause start", "pause end"]
    assert [(m.phase, m.trial) for m in played.markers[:4]] == [
        ("start", 1),
        ("start", 0),
        ("end", 1),
        ("discarded", 1),
    ]


def test_a_pause_between_trials_discards_nothing() -> None:
    played = Played()
    played.to(5.3)
    played.run.pause(played.now_s)
    played.to(20)
    played.run.resume(played.now_s)
    played.to(24)
    assert played.kept()[0] == ("a", 1, 3, 5)
    assert not [m for m in played.markers if m.phase == "discarded"]


def test_a_pause_in_the_last_moment_of_a_trial_keeps_it() -> None:
    played = Played()
    played.to(4.8)  # its end has been handed on already
    played.run.pause(played.now_s)
    played.to(10)
    assert played.kept() == [("a", 1, 3, 5)]
    played.run.resume(played.now_s)
    assert played.to(11).label == "b"


def test_redo_takes_back_the_last_trial() -> None:
    played = Played()
    played.to(5.4)
    assert played.run.redo(played.now_s)
    view = played.to(6)
    assert (view.label, view.number, view.again) == ("a", 1, True)
    played.to(30)
    assert played.kept()[:2] == [("a", 1, 8.4, 10.4), ("b", 1, 11.4, 13.4)]
    assert played.controls() == ["redo"]


def test_redo_of_the_running_trial_starts_it_again() -> None:
    played = Played()
    played.to(7)
    assert played.run.redo(played.now_s)
    played.to(40)
    assert [(label, trial) for label, trial, *_ in played.kept()] == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_redo_goes_back_once_the_next_trial_was_announced_but_has_not_begun() -> None:
    played = Played()
    played.to(5.8)  # the start of b has been handed on
    played.run.redo(played.now_s)
    assert played.to(6).label == "a"
    played.to(40)
    assert [(label, trial) for label, trial, *_ in played.kept()] == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_the_very_last_trial_can_be_redone() -> None:
    played = Played()
    assert played.to(14.5).phase is Phase.DONE
    assert played.run.redo(played.now_s)
    view = played.to(15)
    assert (view.phase, view.label, view.number) == (Phase.COUNTDOWN, "b", 4)
    played.to(30)
    assert len(played.kept()) == 4
    assert played.kept()[-1] == ("b", 2, 17.5, 19.5)


def test_redo_in_a_pause_asks_again_for_the_interrupted_trial_and_goes_on() -> None:
    played = Played()
    played.to(7)
    played.run.pause(played.now_s)
    played.to(10)
    assert played.run.redo(played.now_s)
    assert played.to(10.5).label == "b"
    assert not played.run.paused
    assert sum(m.phase == "discarded" for m in played.markers) == 1


def test_there_is_nothing_to_redo_before_the_first_trial() -> None:
    played = Played()
    played.to(1)
    assert not played.run.redo(played.now_s)
    assert played.markers == []


def test_skip_leaves_a_trial_out() -> None:
    played = Played()
    played.to(4)
    played.run.skip(played.now_s)
    assert played.to(4.5).label == "b"
    played.to(40)
    assert [(label, trial) for label, trial, *_ in played.kept()] == [("b", 1), ("a", 2), ("b", 2)]


def test_skipping_everything_ends_the_protocol() -> None:
    played = Played()
    for _ in range(4):
        played.run.skip(played.now_s)
    assert played.to(0.1).phase is Phase.DONE
    assert played.kept() == []


def test_stop_takes_back_half_a_trial_and_is_for_good() -> None:
    played = Played()
    played.to(7)
    played.run.stop(played.now_s)
    assert played.to(20).phase is Phase.DONE
    assert not played.run.redo(played.now_s)
    assert [(label, trial) for label, trial, *_ in played.kept()] == [("a", 1)]
    assert played.controls() == ["stop"]


@given(
    st.lists(st.tuples(st.sampled_from(["pause", "resume", "redo", "skip", "wait"]), st.floats(0.0, 4.0)), max_size=25)
)
def test_whatever_is_wished_markers_go_forward_and_no_trial_counts_twice(wishes: list[tuple[str, float]]) -> None:
    played = Played()
    for wish, wait_s in wishes:
        played.to(played.now_s - START_S + wait_s)
        if wish != "wait":
            getattr(played.run, wish)(played.now_s)
    played.run.resume(played.now_s)
    view = played.to(played.now_s - START_S + 40)
    assert view.phase is Phase.DONE
    times = [marker.t_s for marker in played.markers]
    assert times == sorted(times)
    kept = [(label, trial) for label, trial, *_ in played.kept()]
    assert len(kept) == len(set(kept)) <= 4
    assert all(abs(end - start - 2.0) < 0.02 for _, _, start, end in played.kept())
