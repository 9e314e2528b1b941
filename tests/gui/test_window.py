from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app import faults, run
from app.bridge.session import Session
from app.pages import PAGES
from app.style.palette import DARK, LIGHT, Palette
from app.style.theme import theme
from app.widgets.sheet import KeySheet, Question
from app.window import MainWindow
from pskd.errors import PskdError
from pskd.library.library import Library


@pytest.mark.parametrize(("number", "key"), list(enumerate([page.key for page in PAGES], start=1)))
def test_each_page_comes_up_by_its_key(qtbot: QtBot, window: MainWindow, number: int, key: str) -> None:
    qtbot.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
    assert window.current == key
    assert window.pages[key].isVisible()
    assert window.rail.buttons[key].isChecked()
    assert not window.banners.banners


def test_a_click_on_the_rail_turns_the_page(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.mouseClick(window.rail.buttons["settings"], Qt.MouseButton.LeftButton)
    assert window.current == "settings"


def test_every_button_of_every_page_has_a_name(window: MainWindow) -> None:
    for page in PAGES:
        window.turn_to(page.key)
    unnamed = [b for b in window.findChildren(QAbstractButton) if not (b.accessibleName() or b.text() or b.toolTip())]
    own = [b for b in unnamed if not (b.objectName().startswith("qt_") or isinstance(b.parent(), QLineEdit))]
    assert not own


def test_f1_shows_the_shortcuts_and_escape_closes_them(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    sheet = window.findChild(KeySheet)
    assert sheet is not None
    assert sheet.isVisible()
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_an_error_is_shown_with_what_to_do_and_can_be_closed(qtbot: QtBot, window: MainWindow) -> None:
    window.session.show_error(PskdError("The watch does not answer.", code="x", hint="Switch it on."))
    (banner,) = window.banners.banners
    assert (banner.message, banner.hint) == ("The watch does not answer.", "Switch it on.")
    assert banner.isVisible()
    close = next(b for b in banner.findChildren(QAbstractButton) if b.accessibleName() == "Close this message")
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not window.banners.banners


def test_the_same_error_is_not_stacked_and_at_most_three_are_shown(window: MainWindow) -> None:
    for name in "aabcd":
        window.session.show_error(PskdError(name, code="x"))
    assert [banner.message for banner in window.banners.banners] == ["d", "c", "b"]


def test_an_exception_in_a_slot_is_shown_and_the_window_lives_on(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    catcher = faults.Faults(window.session)

    def fail() -> None:
        raise ZeroDivisionError("by accident")

    with qtbot.capture_exceptions():
        monkeypatch.setattr(sys, "excepthook", catcher._hook)
        QTimer.singleShot(0, fail)
        qtbot.waitUntil(lambda: bool(window.banners.banners), timeout=3000)
    assert "by accident" in window.banners.banners[0].message
    assert window.isVisible()


def test_a_page_that_cannot_be_built_is_told_and_the_window_stays(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    import app.pages.settings as settings

    def fail(self: object, session: Session) -> None:
        raise PskdError("Broken on purpose.", code="x")

    monkeypatch.setattr(settings.SettingsPage, "__init__", fail)
    window.turn_to("settings")
    assert window.current == "home"
    assert window.rail.buttons["home"].isChecked()
    assert window.banners.banners[0].message == "Broken on purpose."


@pytest.mark.parametrize(("choice", "palette"), [("dark", DARK), ("light", LIGHT)])
def test_the_theme_changes_everything_at_once(window: MainWindow, choice: str, palette: Palette) -> None:
    theme.choose("light" if choice == "dark" else "dark")
    heard: list[str] = []
    theme.changed.connect(lambda: heard.append(theme.palette.name))
    window.session.change(theme=choice)
    assert heard == [choice]
    assert palette.ground in QApplication.instance().styleSheet()
    assert window.grab().toImage().pixelColor(window.width() - 4, window.height() - 4).name() == palette.ground.lower()
    theme.choose("light")


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_text_can_be_read_on_its_ground(palette: Palette) -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(first: str, second: str) -> float:
        light, dark = sorted((luminance(first), luminance(second)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    pairs = [(text, ground) for text in (palette.text, palette.text_soft, palette.text_faint, palette.bad, palette.good)
             for ground in (palette.ground, palette.surface)]  # fmt: skip
    pairs += [(palette.good, palette.good_soft), (palette.warn, palette.warn_soft), (palette.bad, palette.bad_soft)]
    for text, ground in pairs:
        assert contrast(text, ground) >= 4.5, (palette.name, text, ground)
    for fill in (palette.accent, palette.record):
        assert contrast("#FFFFFF", fill) >= 3.8, (palette.name, fill)  # bold button words


def test_a_small_window_keeps_the_rail_as_icons(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(920, 640)
    qtbot.waitUntil(lambda: window.rail.width() < 100)
    window.resize(1280, 820)
    qtbot.waitUntil(lambda: window.rail.width() > 150)


def test_closing_asks_while_a_page_is_busy(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window.pages["home"], "busy", lambda: "A take is being recorded.")
    window.close()
    assert window.isVisible()
    question = window.findChild(Question)
    assert question is not None
    question.buttons["Close anyway"].click()
    assert not window.isVisible()


def test_settings_that_cannot_be_stored_are_told(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    monkeypatch.setenv("PSKD_CONFIG", str(blocked))
    window.session.change(sounds=not window.session.settings.sounds)
    assert window.banners.banners


def test_the_window_comes_back_where_it_was_and_remembers_its_page(qtbot: QtBot, session: Session) -> None:
    first = run.open_window(session, "home", "light")
    first.setGeometry(60, 50, 1010, 660)
    first.turn_to("settings")
    qtbot.wait(50)
    kept = first.geometry()
    first.close()
    first.deleteLater()
    again = Session()
    assert again.settings.page == "settings"
    second = run.open_window(again, again.settings.page, "light", as_before=True)
    assert second.geometry().size() == kept.size()
    assert second.current == "settings"
    second.close()
    second.deleteLater()


@pytest.mark.parametrize("place", [[], [1, 2], [90000, 90000, 1000, 700]])
def test_a_place_that_no_screen_shows_is_not_used(session: Session, place: list[int]) -> None:
    session.change(window=place)
    shown = run.open_window(session, "home", "light", as_before=True)
    assert (shown.width(), shown.height()) == (1280, 820)
    shown.close()
    shown.deleteLater()


def test_the_other_pages_are_built_while_nothing_happens(qtbot: QtBot, window: MainWindow) -> None:
    assert list(window.pages) == ["home"]
    window.build_rest()
    qtbot.waitUntil(lambda: len(window.pages) == len(PAGES), timeout=20_000)
    assert window.current == "home"
    assert window.toast.parentWidget().children()[-1] is window.toast


def test_pages_that_were_built_ahead_are_not_searched_for_garbage_until_the_window_closes(
    qtbot: QtBot, window: MainWindow
) -> None:
    before = gc.get_freeze_count()
    window.build_rest()
    qtbot.waitUntil(lambda: gc.get_freeze_count() > before + 10_000, timeout=20_000)
    window.setProperty("closing", True)
    window.close()
    assert gc.get_freeze_count() == 0


def test_a_page_that_cannot_be_built_ahead_is_told_only_when_it_is_wanted(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    import app.pages.settings as settings

    def fail(self: object, session: Session) -> None:
        raise PskdError("Broken on purpose.", code="x")

    monkeypatch.setattr(settings.SettingsPage, "__init__", fail)
    window.build_rest()
    qtbot.waitUntil(lambda: len(window.pages) == len(PAGES) - 1, timeout=20_000)
    qtbot.wait(200)
    assert not window.banners.banners
    window.turn_to("settings")
    assert window.banners.banners


def test_no_part_of_a_page_is_ever_a_window_of_its_own(qtbot: QtBot, window: MainWindow, opened: Library) -> None:
    class Watcher(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[str] = []

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                self.seen.append(repr(watched))
            return False

    watcher = Watcher()
    QApplication.instance().installEventFilter(watcher)
    for page in PAGES:
        window.turn_to(page.key)
        qtbot.wait(300)
    QApplication.instance().removeEventFilter(watcher)
    assert not watcher.seen


def test_a_message_stays_above_the_page_that_comes_up(window: MainWindow) -> None:
    window.session.say("The take is in the library.", tone="good")
    window.turn_to("library")
    at = window.toast.parentWidget().children()
    assert at.index(window.toast) > at.index(window.pages["library"])


def test_logs_follow_the_theme(window: MainWindow) -> None:
    from app.widgets.event_log import EventLog

    log = EventLog()
    log.add("0:01", "said before")
    theme.choose("dark")
    assert log.item(0).foreground().color().name() == DARK.text_soft.lower()
    theme.choose("light")


HEAVY = ("torch", "cv2", "mediapipe")
AT_START = (*HEAVY, "scipy", "sklearn", "matplotlib", "pyqtgraph")
PROBE = """
import sys
from PySide6.QtWidgets import QApplication
from app import pump, run
from app.bridge.session import Session
from app.pages import PAGES
session = Session()
window = run.open_window(session)
pump.wait(0.2)
print("start", *[m for m in {start} if m in sys.modules])
failures = []
session.notice.connect(lambda tone, message, hint: failures.append(message) if tone == "bad" else None)
session.open_library(r"{library}")
pump.until(lambda: session.library, 20, "library")
window.build_rest()
pump.until(lambda: len(window.pages) == len(PAGES), 20, "pages")
for page in PAGES:
    window.turn_to(page.key)
    pump.wait(1.0)
print("pages", *[m for m in {heavy} if m in sys.modules])
print("failures", *failures)
window.close()
"""


def test_the_window_process_never_loads_torch_cv2_or_mediapipe(small_library: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    code = PROBE.format(start=AT_START, heavy=HEAVY, library=small_library)
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:3] == ["start", "pages", "failures"], done.stdout


def test_the_frozen_program_passes_worker_on() -> None:
    done = subprocess.run([sys.executable, "-m", "app", "worker", "nobody"], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "no worker called 'nobody'" in done.stderr
