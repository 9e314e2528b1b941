"""Every importer through one suite, on data sets in the published formats that the tests write themselves."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from published_sets import PUBLISHED, G, Published

from pskd.errors import BadFile, PskdError
from pskd.library.extract import load_clips
from pskd.library.formats import IMPORTERS
from pskd.library.importing import import_dataset
from pskd.library.library import Library
from pskd.library.splits import make_splits
from pskd.recording.reader import read_take
from pskd.recording.take import TakeState
from pskd.types import StreamKind


@pytest.fixture(params=IMPORTERS.names())
def made(request, tmp_path) -> tuple[Published, Path]:
    """One data set on disk, for each importer there is."""
    published = PUBLISHED[request.param]
    source = tmp_path / "source"
    published.build(source)
    return published, source


def content(folder: Path) -> dict[str, bytes | None]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


def leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob(".import-*"))


def test_an_importer_says_what_it_is():
    for name in IMPORTERS:
        importer = IMPORTERS.get(name)
        assert importer.name == name
        assert importer.title and importer.reference and importer.expects
        assert len(set(importer.classes)) == len(importer.classes) > 10


def test_each_trial_becomes_a_take_with_its_real_rates(made, tmp_path):
    published, source = made
    steps: list[tuple[int, int, str]] = []
    report = import_dataset(published.name, source, tmp_path / "library", progress=lambda *step: steps.append(step))
    library = Library.open(tmp_path / "library")
    info = library.info()
    assert report.added == info["takes"] == published.trials
    assert (info["subjects"], info["classes"]) == (published.subjects, published.classes)
    assert info["problems"] == [] and steps[-1] == (published.trials, published.trials, "importing")
    importer = IMPORTERS.get(published.name)
    assert info["class_names"] == [name for name in importer.classes if name in info["class_names"]]
    for entry in library.takes():
        take = read_take(entry.folder)
        assert take.manifest.state == TakeState.COMPLETE and take.manifest.origin == published.name
        assert take.manifest.name == entry.name and take.manifest.subject == entry.subject
        (segment,) = take.segments
        assert 0 == segment.start_s < segment.end_s <= take.manifest.duration_s
        assert segment.label in importer.classes and segment.source == "import" and segment.trial >= 1
        watch = take.first(StreamKind.ACCELEROMETER)
        assert watch is not None and watch.info.unit == "m/s^2"
        assert 0.8 * G < np.median(np.linalg.norm(watch.values, axis=1)) < 1.2 * G
        span = watch.times_s[-1] - watch.times_s[0]
        assert watch.info.rate_hz == pytest.approx((len(watch.times_s) - 1) / span, rel=1e-3)
        assert entry.manifest.attributes["placement"] in ("wrist", "thigh")
    sources = [entry.manifest.source for entry in library.takes()]
    assert len(set(sources)) == published.trials


def test_folder_tar_and_zip_give_the_same_takes(made, tmp_path):
    published, source = made
    archives = [tmp_path / "set.tar.gz", tmp_path / "set.tar", tmp_path / "set.zip"]
    for archive in archives[:2]:
        with tarfile.open(archive, "w:gz" if archive.name.endswith("gz") else "w") as tar:
            tar.add(source, "anything")
    with zipfile.ZipFile(archives[2], "w", zipfile.ZIP_DEFLATED) as bundle:
        for path in source.rglob("*"):
            bundle.write(path, path.relative_to(source))
    found = []
    for number, origin in enumerate([source, *archives]):
        import_dataset(published.name, origin, tmp_path / f"library{number}")
        takes = Library.open(tmp_path / f"library{number}").takes()
        found.append([(t.id, t.manifest.source, t.segments, t.manifest.streams) for t in takes])
    assert found[0] == found[1] == found[2] == found[3]


def test_a_folder_of_archives_is_read_too(made, tmp_path):
    published, source = made
    (tmp_path / "downloads").mkdir()
    for folder in source.iterdir():
        with tarfile.open(tmp_path / "downloads" / f"{folder.name}.tgz", "w:gz") as tar:
            tar.add(folder, folder.name)
    assert import_dataset(published.name, tmp_path / "downloads", tmp_path / "library").added == published.trials


def test_a_second_import_changes_nothing_and_says_so(made, tmp_path):
    published, source = made
    import_dataset(published.name, source, tmp_path / "library")
    before = content(tmp_path / "library")
    report = import_dataset(published.name, source, tmp_path / "library")
    assert (report.added, report.already) == (0, published.trials)
    assert report.text.startswith("Nothing changed")
    assert content(tmp_path / "library") == before


def test_what_is_missing_is_added_to_what_is_there(made, tmp_path):
    published, source = made
    (source / published.file).rename(tmp_path / "aside")
    import_dataset(published.name, source, tmp_path / "library")
    library = Library.open(tmp_path / "library")
    first = {take.id: (take.folder / "raw.xdf").read_bytes() for take in library.takes()}
    (tmp_path / "aside").rename(source / published.file)
    report = import_dataset(published.name, source, tmp_path / "library")
    after = {take.id: (take.folder / "raw.xdf").read_bytes() for take in library.takes()}
    if published.name != "berkeley-mhad":  # there the left wrist alone had made the take already
        assert report.added == 1 and len(after) == published.trials
    assert {take: after[take] for take in first} == first
    for take in library.takes():
        assert take.manifest.name == take.name and not take.problem


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "pickle", "nan", "unit"])
def test_a_damaged_trial_is_named_and_the_library_stays_as_it_was(made, tmp_path, damage):
    published, source = made
    path = source / published.file
    whole = path.read_bytes()
    spoilt = {"empty": b"", "cut": whole[: len(whole) * 2 // 3 - 7], "text": b"not what it says\n" * 20}
    if damage == "nan":
        published.not_a_number(path)
    elif damage == "unit":
        published.wrong_unit(path)
    else:
        path.write_bytes(spoilt.get(damage, b"\x80\x04\x95\x1c\x00\x00\x00\x00\x00\x00\x00cposix\nsystem\n"))
    with pytest.raises(BadFile) as caught:
        import_dataset(published.name, source, tmp_path / "new")
    entry = next(t for t in IMPORTERS.get(published.name)().trials({published.file: path}))
    assert f"the trial {entry.source}: " in caught.value.message
    assert "\n" not in str(caught.value) and ".." not in caught.value.message
    assert not (tmp_path / "new").exists() and not leftovers(tmp_path)

    library = Library.create(tmp_path / "old", "mine")
    library.annotate("sub-me/ses-1/" + library.new_take("me", "1", "squat").name, ())
    before = content(tmp_path / "old")
    with pytest.raises(BadFile):
        import_dataset(published.name, source, tmp_path / "old")
    assert content(tmp_path / "old") == before

    report = import_dataset(published.name, source, tmp_path / "old", skip_damaged=True)
    assert report.added == published.trials - 1 and len(report.skipped) == 1
    assert len(library.takes()) == published.trials


class Stopped(Exception):
    pass


def test_an_import_that_is_stopped_leaves_no_trace(made, tmp_path):
    published, source = made

    def stop(done: int, total: int, step: str) -> None:
        if step == "importing" and done == total - 1:
            raise Stopped

    with pytest.raises(Stopped):
        import_dataset(published.name, source, tmp_path / "library", progress=stop)
    assert not (tmp_path / "library").exists() and not leftovers(tmp_path)


def test_two_imports_at_once_do_not_mix(made, tmp_path):
    published, source = made
    library = Library.create(tmp_path / "library", "mine")

    def second(done: int, total: int, step: str) -> None:
        if done == 1:
            with pytest.raises(PskdError, match="Another import"):
                import_dataset(published.name, source, library.path)

    assert import_dataset(published.name, source, library.path, progress=second).added == published.trials
    assert {path.name.partition("-")[0] for path in library.path.iterdir()} == {
        "library.json",
        "participants.tsv",
        "sub",
    }


def test_a_move_that_fails_is_taken_back(made, tmp_path, monkeypatch):
    published, source = made
    library = Library.create(tmp_path / "library", "mine")
    library.new_take("01", "1", "squat")
    before = content(library.path)
    rename, moved = Path.rename, []

    def failing(self: Path, target: Path) -> Path:
        if "stage" not in str(self) and ".import-" in str(self):
            moved.append(self)
            if len(moved) == 5:
                raise OSError(28, "No space left on device")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="No space"):
        import_dataset(published.name, source, library.path)
    monkeypatch.undo()
    assert content(library.path) == before


@pytest.mark.parametrize("kind", ["missing", "empty folder", "text", "other archive"])
def test_a_source_that_is_none_is_refused(made, tmp_path, kind):
    published, _ = made
    wrong = tmp_path / "wrong.zip"
    if kind == "empty folder":
        wrong.mkdir()
    elif kind == "text":
        wrong.write_text("this is no archive")
    elif kind == "other archive":
        with zipfile.ZipFile(wrong, "w") as bundle:
            bundle.writestr("notes.txt", "nothing")
    with pytest.raises(BadFile):
        import_dataset(published.name, wrong, tmp_path / "library")
    assert not (tmp_path / "library").exists()


def test_the_library_path_must_be_a_library_or_free(made, tmp_path):
    published, source = made
    shutil.copytree(source, tmp_path / "not-a-library")
    with pytest.raises(PskdError, match=r"not a library|no library\.json"):
        import_dataset(published.name, source, tmp_path / "not-a-library")
    (tmp_path / "file").write_text("x")
    with pytest.raises(PskdError, match="is a file"):
        import_dataset(published.name, source, tmp_path / "file")
    (tmp_path / "free").mkdir()
    assert import_dataset(published.name, source, tmp_path / "free").added == published.trials


def test_its_clips_can_be_divided_and_learned_from(made, tmp_path):
    published, source = made
    import_dataset(published.name, source, tmp_path / "library")
    clips = load_clips(Library.open(tmp_path / "library"))
    assert len(clips) == published.trials
    for clip in clips:
        assert clip.acceleration_mps2.dtype == np.float32 and clip.acceleration_times_s[0] >= 0
        if clip.pose_m is not None:
            head_over_pelvis = np.nanmedian(clip.pose_m[:, 0, 1] - clip.pose_m[:, 2, 1])
            assert clip.pose_m.shape[1:] == (15, 3) and head_over_pelvis > 0.2
    (split,) = make_splits(clips, "cross-subject")
    assert split.train and split.test and not set(split.train) & set(split.test)
