from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from made_bundles import made_report

from pskd.errors import BadFile, PskdError
from pskd.evaluation.card import card_text, write_card
from pskd.evaluation.page import render_page
from pskd.evaluation.report import CurvePoint, Fold, read_report, write_report


class Tags(HTMLParser):
    """Checks that what is opened is closed, and gathers what points elsewhere."""

    VOID = frozenset({"meta", "path", "use", "br", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    report = made_report()
    page = write_report(tmp_path, report)
    assert page.name == "report.html" and page.is_file()
    assert read_report(tmp_path) == report == read_report(tmp_path / "report.json")


def test_numbers_of_numpy_are_stored_as_plain_numbers(tmp_path: Path) -> None:
    report = made_report()
    report.curves["student"] = [CurvePoint(np.int64(1), np.float32(0.5), np.float64(0.25))]  # type: ignore[arg-type]
    write_report(tmp_path, report)
    assert read_report(tmp_path).curves["student"] == [CurvePoint(1, 0.5, 0.25)]


def test_a_report_with_a_wrong_type_is_not_written(tmp_path: Path) -> None:
    report = made_report()
    report.notes = [3]  # type: ignore[list-item]
    with pytest.raises(PskdError, match="notes"):
        write_report(tmp_path, report)
    assert not list(tmp_path.iterdir())


def test_the_page_stands_alone_and_is_well_formed() -> None:
    page = render_page(made_report())
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert not tags.seen & {"script", "img", "link", "iframe", "object"}
    assert all(link.startswith("#") for link in tags.links)
    assert not re.search(r"https?://|url\((?!#)|@import", page)


def test_the_page_says_what_the_numbers_are() -> None:
    report = made_report()
    page = render_page(report)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert f"{100 * report.student.accuracy:.1f}" in text
    assert "of 60 test clips from 2 people whom the student never met in training" in text
    assert "Row = truth, column = answer" in text
    assert "prefers-color-scheme: dark" in page
    assert "made &lt;here&gt;" in page and "made <here>" not in page
    for words in ("skeleton", "fused", "1 min 1 s", "95 % interval", "Made by a test &amp; nothing else."):
        assert words in text


def test_subjects_in_both_sets_are_not_called_new() -> None:
    report = made_report()
    report.protocol = "trial"
    report.split.train_subjects = report.split.test_subjects
    page = render_page(report)
    assert "never met" not in page and "only the trials differ" in page


def test_the_page_of_a_run_with_folds_and_no_curves() -> None:
    report = made_report()
    report.curves = {}
    report.folds = [Fold(name="02", n=30, student=0.9, teachers={"skeleton": 0.8}), Fold(name="04", n=30, student=0.7)]
    page = render_page(report)
    assert "<svg" not in page
    assert "Fold by fold" in page and "70.0 %" in page


def test_the_same_report_gives_the_same_page() -> None:
    report = made_report()
    assert render_page(report) == render_page(report)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["student"].update(accuracy=1.5), "not between 0 and 1"),
        (lambda d: d["student"]["confusion"].pop(), "does not fit 3 classes"),
        (lambda d: d["teachers"]["fused"]["confusion"][0].__setitem__(0, 999), "add up"),
        (lambda d: d.update(classes="walk"), "a field is wrong"),
        (lambda d: d.pop("student"), "a field is wrong"),
        (lambda d: d.update(schema=99), "newer version"),
    ],
)
def test_a_report_that_does_not_hold_together_is_refused(tmp_path: Path, change: object, said: str) -> None:
    write_report(tmp_path, made_report())
    path = tmp_path / "report.json"
    content = json.loads(path.read_text("utf-8"))
    change(content)  # type: ignore[operator]
    path.write_text(json.dumps(content), "utf-8")
    with pytest.raises(BadFile, match=said):
        read_report(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"[]", b'{"schema": 1', b"\xff\xfe"])
def test_what_is_no_report_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "report.json").write_bytes(content)
    with pytest.raises(BadFile):
        read_report(tmp_path)


def test_a_folder_without_a_report_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no such report"):
        read_report(tmp_path)


def test_the_card_says_what_it_must(tmp_path: Path) -> None:
    report = made_report()
    text = write_card(tmp_path, report, licence="CC-BY-4.0").read_text("utf-8")
    for words in ("## Intended use", "## Data", "## Numbers", "## Confidence", "## Limits", "CC-BY-4.0", "x up, y up"):
        assert words in text
    assert f"{100 * report.student.accuracy:.1f} %" in text
    assert "not fitted" in text
    assert "\n\n\n" not in card_text(report)
