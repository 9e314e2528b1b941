"""Files that are no whole film are refused with one clear line before a decoder sees them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pskd.errors import BadFile
from pskd.uri import DeviceUri
from pskd.vision import film
from pskd.vision.cameras.video import Video


def refused(path: Path) -> str:
    with pytest.raises(BadFile) as caught:
        Video(DeviceUri("video", str(path))).open()
    assert "\n" not in str(caught.value)
    return caught.value.code


def test_a_missing_film_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.avi") == "file.unreadable"


def test_a_folder_is_no_film(tmp_path: Path) -> None:
    assert refused(tmp_path) == "film.folder"


def test_an_empty_file_is_no_film(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    assert refused(tmp_path / "empty.mp4") == "film.empty"


@pytest.mark.parametrize(
    "content",
    [b"hello, this is text", b"\x89PNG\r\n\x1a\n" + bytes(64), b"#EXTM3U\nhttp://example.invalid/x\n", b"\0" * 999],
)
def test_other_files_are_no_films(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "film.mp4").write_bytes(content)
    assert refused(tmp_path / "film.mp4") == "film.kind"


@pytest.mark.parametrize("name", ["film.avi", "film.mp4"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_a_cut_film_is_refused(make_film: Callable[..., Path], name: str, share: float) -> None:
    path = make_film(name)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert refused(path) == "film.cut-off"


def test_a_head_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "film.avi").write_bytes(b"RIFF" + struct.pack("<I", 100) + b"AVI " + bytes(96))
    assert refused(tmp_path / "film.avi") == "film.unreadable"


def test_a_film_of_absurd_size_is_refused(make_film: Callable[..., Path]) -> None:
    path = make_film()
    content, at = bytearray(path.read_bytes()), -1
    while (at := content.find(b"\xff\xc0\x00\x11", at + 1)) >= 0:  # the frame head of each picture
        struct.pack_into(">HH", content, at + 5, 6_000, 8_000)
    path.write_bytes(content)
    assert refused(path) in ("film.huge", "film.unreadable")


@pytest.mark.parametrize(
    ("width", "height", "code"), [(0, 0, "film.unreadable"), (20_000, 20, "film.huge"), (8000, 8000, "film.huge")]
)
def test_pictures_of_no_or_absurd_size_are_refused(width: int, height: int, code: str) -> None:
    with pytest.raises(BadFile) as caught:
        film.check_size(Path("film.avi"), width, height)
    assert caught.value.code == code


def test_damage_inside_a_film_is_survived_or_refused_without_noise(
    make_film: Callable[..., Path], capfd: pytest.CaptureFixture[str]
) -> None:
    path = make_film()
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : len(content) // 3 + 400] = bytes(400)
    path.write_bytes(content)
    camera = Video(DeviceUri.parse(f"video:{path}?speed=0"))
    camera.open()
    try:
        while camera.grab() is not None:
            pass
    except BadFile as error:
        assert error.code == "film.cut-off"
    finally:
        camera.close()
    assert capfd.readouterr() == ("", "")


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=200), magic=st.sampled_from([b"", b"RIFF", b"\0\0\0\x18ftyp", b"\x1a\x45\xdf\xa3"]))
def test_any_bytes_pass_or_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes, magic: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "film"
    path.write_bytes(magic + content)
    try:
        film.check(path)
    except BadFile as error:
        assert error.exit_code == 1
