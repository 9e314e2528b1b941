"""The library on disk: making, opening, listing, numbering, annotating, removing."""

from __future__ import annotations

import json
import threading

import msgspec
import pytest
from made_library import make_take

from pskd import documents
from pskd.errors import BadFile, PskdError, WrongUse
from pskd.library.library import Library, LibraryDocument
from pskd.recording.take import Annotations, TakeManifest, TakeState
from pskd.types import Segment


@pytest.fixture
def library(tmp_path) -> Library:
    return Library.create(tmp_path / "library", "Lab")


def test_a_new_library_is_empty_and_opens_again(library):
    again = Library.open(library.path)
    assert again.document.name == "Lab" and again.takes() == [] and again.subjects() == []
    info = again.info()
    assert (info["takes"], info["subjects"], info["classes"], info["segments"]) == (0, 0, 0, 0)


def test_a_library_is_not_made_over_something_else(library, tmp_path):
    with pytest.raises(PskdError, match="is a library already"):
        Library.create(library.path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.doc").write_text("x")
    with pytest.raises(PskdError, match="not empty"):
        Library.create(tmp_path / "full")


def test_opening_what_is_no_library_says_so(tmp_path):
    with pytest.raises(PskdError, match="There is no library") as missing:
        Library.open(tmp_path / "nowhere")
    assert missing.value.code == "library.not-found"
    with pytest.raises(PskdError, match="is not a library") as other:
        Library.open(tmp_path)
    assert other.value.code == "library.not-a-library" and other.value.hint


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": 3}', '{"name": "x", "schema": 99}', '{"classes": []}'])
def test_a_damaged_library_file_is_refused_in_one_line(library, text):
    (library.path / "library.json").write_text(text)
    with pytest.raises(BadFile) as caught:
        Library.open(library.path)
    assert "\n" not in str(caught.value)


def test_open_or_create_does_both(tmp_path):
    first = Library.open_or_create(tmp_path / "x")
    first.add_classes(["squat"])
    assert Library.open_or_create(tmp_path / "x").classes() == ["squat"]


def test_takes_are_listed_by_subject_session_and_number(library):
    for subject, session, label in [("10", "b", "squat"), ("2", "a", "jump"), ("2", "a", "squat"), ("anna", "1", "")]:
        make_take(library, subject, session, label)
    assert [take.id for take in library.takes()] == [
        "sub-2/ses-a/take-001_jump",
        "sub-2/ses-a/take-002_squat",
        "sub-10/ses-b/take-001_squat",
        "sub-anna/ses-1/take-001",
    ]
    take = library.takes()[1]
    assert (take.subject, take.session, take.number, take.name) == ("2", "a", 2, "take-002_squat")
    assert take.usable and take.duration_s > 1 and take.manifest.state == TakeState.COMPLETE
    assert library.subjects() == ["2", "10", "anna"]


def test_damaged_takes_are_listed_with_their_problem_and_stop_nobody(library):
    folders = [make_take(library, "1", "a", "squat") for _ in range(5)]
    (folders[0] / "take.json").write_text("{ half")
    (folders[1] / "take.json").unlink()
    (folders[2] / "raw.xdf").unlink()
    (folders[3] / "annotations.json").write_text('{"segments": [{"start_s": "early"}]}')
    library.new_take("1", "a", "empty")
    (library.path / "sub-1" / "ses-a" / "take-nonsense").mkdir()
    (library.path / "sub-1" / "ses-a" / "notes.txt").write_text("hello")
    takes = library.takes()
    assert [bool(take.problem) for take in takes] == [True, True, True, True, False, True, True]
    assert "raw.xdf" in takes[2].problem and "never began" in takes[5].problem
    info = library.info()
    assert len(info["problems"]) == 6 and info["takes"] == 3
    json.dumps(info)


def test_links_are_not_followed_into_other_folders(library, tmp_path):
    make_take(library, "1", "a", "squat")
    (tmp_path / "outside").mkdir()
    (library.path / "sub-evil").symlink_to(tmp_path / "outside")
    assert len(library.takes()) == 1


def test_info_counts_what_is_there(library):
    library.add_classes(["rest", "squat", "jump"])
    make_take(library, "1", "a", "squat", segments=[Segment(0.1, 0.9, "squat"), Segment(1.0, 1.5, "jump")])
    make_take(library, "1", "b", "squat", segments=[Segment(0.1, 0.9, "squat")])
    make_take(library, "2", "a", "odd", segments=())
    library.enrol(["3"])
    info = library.info()
    counts = {name: info[name] for name in ("takes", "subjects", "classes", "sessions", "segments", "unlabelled")}
    assert counts == {"takes": 3, "subjects": 3, "classes": 3, "sessions": 3, "segments": 3, "unlabelled": 1}
    assert info["class_counts"] == {"rest": 0, "squat": 2, "jump": 1}
    assert info["subject_counts"] == {"1": 2, "2": 1, "3": 0}
    assert info["streams"]["watch"] == 3 and info["states"] == {"complete": 3}


@pytest.mark.parametrize(("state", "counted"), [("complete", 1), ("recovered", 1), ("discarded", 0), ("recording", 0)])
def test_info_counts_only_takes_that_can_be_learned_from(library, state, counted):
    folder = make_take(library, "1", "a", "squat", segments=[Segment(0.1, 0.9, "squat")])
    manifest = documents.load(folder / "take.json", TakeManifest)
    documents.save(folder / "take.json", msgspec.structs.replace(manifest, state=TakeState(state)))
    info = library.info()
    assert (info["takes"], info["segments"], info["sessions"]) == (counted,) * 3
    assert info["class_counts"] == {"squat": counted} and info["subject_counts"] == {"1": counted}
    assert (info["duration_s"] > 0) == bool(counted) and info["states"] == {state: 1}


def test_new_takes_count_on_and_never_collide(library):
    assert [library.new_take("1", "a", label).name for label in ("Squat!", "draw circle / left", "")] == [
        "take-001_squat",
        "take-002_draw-circle-left",
        "take-003",
    ]
    library.remove_take("sub-1/ses-a/take-001_squat")
    assert library.new_take("1", "a", "jump").name == "take-004_jump"
    made: list[str] = []
    barrier = threading.Barrier(6)

    def work(number: int) -> None:
        barrier.wait()
        for _ in range(5):
            made.append(library.new_take("9", "a", f"class {number}").name)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [name[5:8] for name in made]
    assert len(set(numbers)) == 30


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", "con:", " 1", "ä", "-x", "x" * 60, "a.b", "1\n"])
def test_names_that_cannot_be_folders_everywhere_are_refused(library, name):
    with pytest.raises(WrongUse):
        library.new_take(name, "1", "squat")
    with pytest.raises(WrongUse):
        library.new_take("1", name, "squat")
    with pytest.raises(WrongUse):
        library.delete_subject(name)


def test_annotating_replaces_the_segments_and_adds_new_classes(library):
    library.add_classes(["squat"])
    folder = make_take(library, "1", "a", "squat")
    take = "sub-1/ses-a/take-001_squat"
    library.annotate(take, [Segment(1.0, 1.5, " lunge "), Segment(0.0, 1.0, "squat", "key", 2)])
    entry = library.take(take)
    assert entry.labels == ("squat", "lunge") and library.classes() == ["squat", "lunge"]
    assert entry.segments[0] == Segment(0.0, 1.0, "squat", "key", 2)
    library.annotate(take, [])
    assert library.take(take).segments == () and documents.load(folder / "annotations.json", Annotations).schema == 1


@pytest.mark.parametrize(
    "segment",
    [
        Segment(1.0, 1.0, "squat"),
        Segment(1.0, 0.5, "squat"),
        Segment(-0.1, 0.5, "squat"),
        Segment(0.0, 1e6, "squat"),
        Segment(float("nan"), 1.0, "squat"),
        Segment(0.0, float("inf"), "squat"),
        Segment(0.0, 1.0, ""),
        Segment(0.0, 1.0, "a/b"),
        Segment(0.0, 1.0, "a\nb"),
        Segment(0.0, 1.0, "x" * 100),
    ],
)
def test_a_wrong_segment_is_refused_and_nothing_is_written(library, segment):
    folder = make_take(library, "1", "a", "squat", segments=[Segment(0.2, 0.4, "squat")])
    before = (folder / "annotations.json").read_bytes(), (library.path / "library.json").read_bytes()
    with pytest.raises(WrongUse):
        library.annotate("sub-1/ses-a/take-001_squat", [Segment(0.0, 1.0, "fine"), segment])
    assert ((folder / "annotations.json").read_bytes(), (library.path / "library.json").read_bytes()) == before


@pytest.mark.parametrize("take", ["", "x", "../x", "sub-1/ses-a", "sub-1/ses-a/../take-001", "sub-../ses-../take-001"])
def test_an_id_never_leads_out_of_the_library(library, take):
    with pytest.raises(WrongUse):
        library.take(take)


def test_removed_takes_and_subjects_go_to_the_trash(library):
    make_take(library, "1", "a", "squat")
    make_take(library, "2", "a", "squat")
    moved = library.remove_take("sub-1/ses-a/take-001_squat")
    assert (moved / "raw.xdf").exists() and ".trash" in moved.parts
    moved = library.delete_subject("2")
    assert (moved / "ses-a" / "take-001_squat" / "take.json").exists()
    assert library.takes() == [] and library.subjects() == ["1"]
    with pytest.raises(WrongUse, match="no subject"):
        library.delete_subject("2")


def test_participants_keep_the_columns_that_people_added(library):
    path = library.path / "participants.tsv"
    path.write_text("participant_id\tage\thand\nsub-01\t31\tright\n")
    library.enrol(["02", "01"])
    assert path.read_text() == "participant_id\tage\thand\nsub-01\t31\tright\nsub-02\tn/a\tn/a\n"
    path.write_bytes(b"\xff\xfe broken")
    assert library.subjects() == []


@pytest.mark.parametrize("content", [b"participant_id\tname\nsub-01\tBj\xf6rn\n", b"subject,age\n01,31\n", b"\0" * 40])
def test_participants_that_are_not_understood_are_set_aside_and_never_lost(library, content):
    path = library.path / "participants.tsv"
    for _ in range(2):
        path.write_bytes(content)
        library.enrol(["02"])
        assert path.read_text() == "participant_id\nsub-02\n"
    aside = [library.path / f"participants.damaged-{number}.tsv" for number in (1, 2)]
    assert [kept.read_bytes() for kept in aside] == [content, content]


def test_participants_may_come_from_a_spreadsheet_with_a_byte_order_mark(library):
    path = library.path / "participants.tsv"
    path.write_bytes(b"\xef\xbb\xbfparticipant_id\tage\r\nsub-01\t31\r\n")
    library.enrol(["02"])
    assert path.read_text() == "participant_id\tage\nsub-01\t31\nsub-02\tn/a\n"


def test_two_programs_add_classes_without_losing_any(library):
    other = Library.open(library.path)
    library.add_classes(["a", "b"])
    other.add_classes(["b", "c"])
    stored = documents.load(library.path / "library.json", LibraryDocument)
    assert stored.classes == ["a", "b", "c"] and msgspec.to_builtins(stored)["schema"] == 1
