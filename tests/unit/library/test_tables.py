"""Number tables of strangers: every damaged, foreign or hostile file is met by one clear line."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from pskd.errors import BadFile
from pskd.library.tables import read_columns, read_matrix, read_text

MIB = 2**20
VALUES = np.arange(60, dtype=np.float64).reshape(10, 6) / 7


def mat(content: dict, **options) -> bytes:
    file = io.BytesIO()
    savemat(file, content, **options)
    return file.getvalue()


def refused(path, raw: bytes, shape=(None, 6), limit=MIB) -> BadFile:
    path.write_bytes(raw)
    with pytest.raises(BadFile) as caught:
        read_matrix(path, "d_iner", shape, limit)
    assert path.name in str(caught.value) and "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", [np.float64, np.float32, np.int16])
def test_a_matrix_is_read_as_it_is(tmp_path, packed, kind):
    (tmp_path / "x.mat").write_bytes(mat({"d_iner": VALUES.astype(kind), "other": [1]}, do_compression=packed))
    found = read_matrix(tmp_path / "x.mat", "d_iner", (None, 6), MIB)
    assert found.dtype == np.float64 and np.array_equal(found, VALUES.astype(kind))


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "mat.kind"),
        (b"hello, I am text\n" * 50, "mat.kind"),
        (pickle.dumps({"d_iner": 1}), "mat.kind"),
        (b"MATLAB 7.3 MAT-file".ljust(600, b" "), "mat.version"),
        (b"MATLAB 5.0 MAT-file".ljust(128, b" "), "mat.kind"),
        (mat({"d_iner": VALUES})[:300], "mat.damaged"),
        (mat({"d_iner": VALUES}, do_compression=True)[:250], "mat.damaged"),
        (mat({"d_skel": VALUES}), "mat.variable"),
        (mat({"d_iner": VALUES[:, :5]}), "mat.shape"),
        (mat({"d_iner": VALUES[:0]}), "mat.shape"),
        (mat({"d_iner": VALUES[None]}), "mat.shape"),
        (mat({"d_iner": VALUES + 1j}), "mat.type"),
        (mat({"d_iner": np.array([["a"] * 6], object)}), "mat.type"),
        (mat({"d_iner": np.array(["abcdef"])}), "mat.type"),
        (mat({"d_iner": np.array([list("abcdef")])}), "mat.type"),
        (mat({"d_iner": {"a": 1}}), "mat.type"),
    ],
)
def test_what_is_no_such_matrix_is_refused(tmp_path, raw, code):
    assert refused(tmp_path / "x.mat", raw).code == code


def test_a_declared_size_is_refused_before_memory_is_asked_for(tmp_path):
    raw = bytearray(mat({"d_iner": VALUES}))
    at = raw.index(struct.pack("<II", 5, 8)) + 8
    raw[at : at + 8] = struct.pack("<ii", 2**31 - 1, 6)
    assert refused(tmp_path / "x.mat", bytes(raw)).code == "mat.shape"


def test_a_packed_bomb_is_refused(tmp_path):
    element = struct.pack("<II", 14, 40 * MIB) + bytes(40 * MIB)
    packed = zlib.compress(element, 9)
    raw = mat({"d_iner": VALUES})[:128] + struct.pack("<II", 15, len(packed)) + packed
    assert len(raw) < MIB and refused(tmp_path / "x.mat", raw).code == "mat.huge"


def test_a_file_larger_than_its_kind_can_be_is_refused(tmp_path):
    assert refused(tmp_path / "x.mat", mat({"d_iner": VALUES}), limit=300).code == "file.huge"


@pytest.mark.parametrize("kind", [0, 8, 16, 255])
def test_values_of_a_type_that_does_not_exist_are_refused_before_they_end_the_program(tmp_path, kind):
    raw = bytearray(mat({"d_iner": VALUES}))
    assert raw[184] == 9, "the type of the values"
    raw[184] = kind
    assert refused(tmp_path / "x.mat", bytes(raw)).code == "mat.damaged"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), packed=st.booleans())
def test_changed_bytes_give_numbers_or_a_clear_refusal(tmp_path, data, packed):
    raw = bytearray(mat({"d_iner": VALUES}, do_compression=packed))
    for position in data.draw(st.lists(st.integers(120, len(raw) - 1), min_size=1, max_size=6)):
        raw[position] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.sampled_from([len(raw), len(raw) - 1, len(raw) // 2]))]
    (tmp_path / "x.mat").write_bytes(raw)
    try:
        found = read_matrix(tmp_path / "x.mat", "d_iner", (None, 6), MIB)
    except BadFile:
        return
    assert found.shape[1] == 6 and found.dtype == np.float64


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=200))
@example(b"1 2 3 4\n1 2 3\n")
@example(b"1 2 3\n")
@example(b"\x1f\x8b\x08\x00")
@example("1 2 3 ٤".encode())
@example(b"1e999 2 3 4")
def test_any_bytes_are_a_table_or_refused(tmp_path, raw):
    (tmp_path / "x.txt").write_bytes(raw)
    try:
        found = read_columns(tmp_path / "x.txt", 4, MIB)
    except BadFile as error:
        assert "x.txt" in str(error)
        return
    assert found.shape[1] == 4 and len(found)


def test_packed_text_is_unpacked_and_bounded(tmp_path):
    path = tmp_path / "x.txt.gz"
    path.write_bytes(gzip.compress(b"1 2 3 4\n5 6 7 8\n"))
    assert read_columns(path, 4, MIB).tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    path.write_bytes(gzip.compress(bytes(64 * MIB)))
    with pytest.raises(BadFile, match="larger than"):
        read_columns(path, 4, MIB)
    path.write_bytes(gzip.compress(b"1 2 3 4\n" * 500)[:-9])
    with pytest.raises(BadFile, match="cut off"):
        read_columns(path, 4, MIB)


def test_text_must_be_text(tmp_path):
    path = tmp_path / "x.csv"
    for raw in (b"", b" \n", b"\xff\xfe\x00"):
        path.write_bytes(raw)
        with pytest.raises(BadFile):
            read_text(path, MIB)
    path.write_bytes(b"\xef\xbb\xbfa,b")
    assert read_text(path, MIB) == "a,b"
    with pytest.raises(BadFile):
        read_text(tmp_path / "none.csv", MIB)
