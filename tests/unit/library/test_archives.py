"""Archives of strangers: nothing is written outside, no link followed, no absurd size believed."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile

import pytest

from pskd.errors import BadFile
from pskd.library import archives
from pskd.library.archives import collect

LIMIT = 10_000


def wants(name: str) -> bool:
    return name.endswith(".mat")


def tar_of(path, members, mode="w:gz"):
    with tarfile.open(path, mode) as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = content
                tar.addfile(info)
    return path


def zip_of(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in members:
            bundle.writestr(name, content)
    return path


def refused(source, into, code):
    with pytest.raises(BadFile) as caught:
        collect(source, wants, into, LIMIT)
    assert caught.value.code == code and "\n" not in str(caught.value)


def test_only_wanted_files_are_unpacked_under_our_own_names(tmp_path):
    members = [("set/a.mat", b"A"), ("set/film.avi", b"F" * 50_000), ("b.mat", b"B"), ("deep/er/a.mat", b"C")]
    for source in (tar_of(tmp_path / "x.tgz", members), zip_of(tmp_path / "x.zip", members)):
        into = tmp_path / f"out-{source.suffix}"
        found = collect(source, wants, into, LIMIT)
        assert {name: path.read_bytes() for name, path in found.items()} == {
            "b.mat": b"B",
            "deep/er/a.mat": b"C",
            "set/a.mat": b"A",
        }
        assert len(list(into.rglob("*"))) == 3 and all(path.parent == into for path in found.values())


@pytest.mark.parametrize("name", ["../x.mat", "a/../../x.mat", "/etc/x.mat", "C:/x.mat", "..\\x.mat", "../notes.txt"])
def test_climbing_and_absolute_names_are_refused(tmp_path, name):
    inside = tmp_path / "in" / "side"
    refused(tar_of(tmp_path / "x.tar.gz", [("a.mat", b"A"), (name, b"X")]), inside, "archive.climbs")
    refused(zip_of(tmp_path / "x.zip", [("a.mat", b"A"), (name, b"X")]), tmp_path / "z", "archive.climbs")
    assert not (tmp_path / "in" / "x.mat").exists() and not (tmp_path / "x.mat").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path, kind):
    refused(tar_of(tmp_path / "x.tar", [("a.mat", (kind, "/etc/passwd"))], "w"), tmp_path / "out", "archive.link")


def test_a_link_in_a_zip_is_refused(tmp_path):
    info = zipfile.ZipInfo("a.mat")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as bundle:
        bundle.writestr(info, "/etc/passwd")
    refused(tmp_path / "x.zip", tmp_path / "out", "archive.link")


def test_sizes_beyond_reason_are_refused_declared_or_real(tmp_path):
    refused(zip_of(tmp_path / "x.zip", [("a.mat", bytes(50_000_000))]), tmp_path / "1", "archive.huge")
    refused(tar_of(tmp_path / "x.tgz", [("a.mat", bytes(50_000))]), tmp_path / "2", "archive.huge")
    raw = bytearray((tmp_path / "x.zip").read_bytes())
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = raw.index(signature) + offset
        raw[at : at + 4] = (5).to_bytes(4, "little")  # a lie about the unpacked size
    (tmp_path / "lie.zip").write_bytes(raw)
    with pytest.raises(BadFile):
        collect(tmp_path / "lie.zip", wants, tmp_path / "3", LIMIT)
    assert sum(path.stat().st_size for path in (tmp_path / "3").iterdir()) <= LIMIT


def test_a_declared_tar_size_without_the_bytes_is_refused(tmp_path):
    info = tarfile.TarInfo("a.mat")
    info.size = 9_000
    (tmp_path / "x.tar").write_bytes(info.tobuf() + b"short")
    refused(tmp_path / "x.tar", tmp_path / "out", "archive.damaged")


def test_too_many_files_and_too_many_bytes_are_refused(tmp_path, monkeypatch):
    members = [(f"{n}.mat", bytes(900)) for n in range(20)]
    monkeypatch.setattr(archives, "MAX_MEMBERS", 10)
    refused(tar_of(tmp_path / "x.tgz", members), tmp_path / "1", "archive.count")
    monkeypatch.setattr(archives, "MAX_MEMBERS", 100)
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 5_000)
    refused(zip_of(tmp_path / "x.zip", members), tmp_path / "2", "archive.huge")


def test_one_name_twice_is_refused(tmp_path):
    refused(tar_of(tmp_path / "x.tgz", [("a.mat", b"A"), ("./a.mat", b"B")]), tmp_path / "o", "archive.twice")


@pytest.mark.parametrize("suffix", [".tar.gz", ".tgz", ".tar", ".zip"])
def test_damaged_archives_are_refused(tmp_path, suffix):
    source = tmp_path / f"x{suffix}"
    members = [("a.mat", os.urandom(5_000)), ("b.mat", os.urandom(5_000))]
    if suffix == ".zip":
        zip_of(source, members)
    else:
        tar_of(source, members, "w" if suffix == ".tar" else "w:gz")
    whole = source.read_bytes()
    for number, raw in enumerate((b"", b"just text", whole[: len(whole) * 4 // 10], os.urandom(3000))):
        source.write_bytes(raw)
        refused(source, tmp_path / str(number), "archive.damaged")


def test_a_packed_byte_that_changed_is_noticed(tmp_path):
    source = zip_of(tmp_path / "x.zip", [("a.mat", b"A" * 3000)])
    raw = bytearray(source.read_bytes())
    raw[40] ^= 255
    source.write_bytes(raw)
    refused(source, tmp_path / "o", "archive.damaged")


def test_an_encrypted_member_is_refused(tmp_path):
    source = zip_of(tmp_path / "x.zip", [("a.mat", b"A" * 30)])
    raw = bytearray(source.read_bytes())
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        raw[raw.index(signature) + offset] |= 1
    source.write_bytes(raw)
    refused(source, tmp_path / "o", "archive.damaged")


def test_other_files_and_missing_ones_are_refused(tmp_path):
    (tmp_path / "x.rar").write_bytes(b"Rar!")
    refused(tmp_path / "x.rar", tmp_path / "o", "archive.kind")
    refused(tmp_path / "none.zip", tmp_path / "o", "file.missing")


def test_a_folder_is_read_in_place_and_its_huge_files_refused(tmp_path):
    (tmp_path / "set" / "deep").mkdir(parents=True)
    (tmp_path / "set" / "deep" / "a.mat").write_bytes(b"A")
    assert collect(tmp_path / "set", wants, tmp_path / "o", LIMIT) == {"deep/a.mat": tmp_path / "set/deep/a.mat"}
    (tmp_path / "set" / "b.mat").write_bytes(bytes(LIMIT + 1))
    refused(tmp_path / "set", tmp_path / "o", "archive.huge")


@pytest.mark.parametrize("keep", [1024, 1024 + 300, 1024 + 512])
def test_a_tar_cut_between_or_within_headers_is_not_taken_for_a_short_one(tmp_path, keep):
    source = tar_of(tmp_path / "x.tar", [("a.mat", b"A"), ("b.mat", b"B")], "w")
    source.write_bytes(source.read_bytes()[:keep])
    refused(source, tmp_path / "out", "archive.damaged")


def test_a_damaged_header_in_the_middle_of_a_tar_is_not_taken_for_its_end(tmp_path):
    source = tar_of(tmp_path / "x.tar", [("a.mat", b"A"), ("b.mat", b"B")], "w")
    content = bytearray(source.read_bytes())
    content[1024 + 3] ^= 1
    source.write_bytes(content)
    refused(source, tmp_path / "out", "archive.damaged")


def test_a_tar_member_of_more_bytes_than_a_disk_has_is_refused(tmp_path):
    huge = tarfile.TarInfo("other")
    huge.size = 1 << 62
    source = tmp_path / "x.tar"
    source.write_bytes(huge.tobuf(tarfile.GNU_FORMAT) + b"A" * 600)
    refused(source, tmp_path / "out", "archive.damaged")
