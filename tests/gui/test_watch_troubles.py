"""Whatever goes wrong with a watch is said in the window in full, with what to do, and without addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bleak import exc
from pytestqt.qtbot import QtBot

from app.bridge import watch_search
from app.bridge.session import Session
from app.bridge.watch_memory import remember
from app.pages.find_watch import FindWatchSheet
from app.widgets.banner import Banner
from app.widgets.sheet import Sheet
from app.window import MainWindow
from pskd import config
from pskd.devices.ble import trouble
from pskd.errors import PskdError

ADDRESS = "A0:9E:1A:01:02:03"
URI = f"ble:polar/{ADDRESS}"
REASONS = tuple(exc.BleakBluetoothNotAvailableReason)
DBUS = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.AccessDenied",
    "org.bluez.Error.NotReady",
    "org.bluez.Error.InProgress",
    "org.bluez.Error.NotPermitted",
    "org.bluez.Error.Failed",
)
CAUSES = {
    **{reason.name: exc.BleakBluetoothNotAvailableError("no Bluetooth", reason) for reason in REASONS},
    **{kind.rpartition(".")[2]: exc.BleakDBusError(kind, ["le-something"]) for kind in DBUS},
    "no bus": FileNotFoundError("/run/dbus/system_bus_socket"),
    "refused": ConnectionRefusedError(),
    "timeout": TimeoutError(),
    "not found": exc.BleakDeviceNotFoundError(ADDRESS),
    "no service": exc.BleakCharacteristicNotFoundError("2a19"),
    "unpaired": exc.BleakGATTProtocolError(exc.BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION),
    "other": exc.BleakError("Something of its own"),
}
TROUBLES = {name: trouble.explain(cause, ADDRESS) for name, cause in CAUSES.items()}


@pytest.fixture
def small(window: MainWindow) -> Iterator[MainWindow]:
    """The smallest window: where it can be read there, it can be read anywhere."""
    window.resize(900, 620)
    yield window
    for sheet in window.findChildren(Sheet):
        sheet.close_sheet()


def legible(label: Any) -> bool:
    """All of its words are within what is painted of it."""
    return bool(label.isVisible() and label.height() >= label.heightForWidth(label.width()))


@pytest.mark.parametrize("name", TROUBLES)
def test_the_list_of_watches_says_it(
    qtbot: QtBot, small: MainWindow, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    error = TROUBLES[name]

    def broken() -> list[Any]:
        raise error

    monkeypatch.setattr(watch_search, "near", broken)
    sheet = FindWatchSheet(small, small.session, lambda uri: None)
    qtbot.waitUntil(sheet.again.isEnabled)
    qtbot.waitUntil(lambda: legible(sheet.said))
    said = sheet.said.text()
    assert said.startswith(error.message)
    assert len(said) > len(error.message) + 5  # what to do
    assert "sim:" not in said
    assert "replay:" not in said
    assert small.rect().contains(sheet.card.geometry())


@pytest.mark.parametrize("name", TROUBLES)
def test_the_record_page_says_it_by_the_watchs_name(
    qtbot: QtBot, small: MainWindow, session: Session, name: str
) -> None:
    error = TROUBLES[name]
    remember(session, URI, "Anna's Polar")
    session.change(camera="", watch=URI, connect=False)
    small.turn_to("record")
    page: Any = small.pages["record"]
    page.links._uris = {"watch": URI, "camera": ""}
    page.bridge.link_changed.emit("watch", "lost", str(error))
    page.bridge.failed.emit(error, "open")
    slot = page.setup.watches.slots[0]
    (banner,) = small.banners.banners
    assert isinstance(banner, Banner)
    qtbot.waitUntil(lambda: all(legible(label) for label in banner.findChildren(type(slot.said)) if label.text()))
    qtbot.waitUntil(lambda: legible(slot.said))
    assert slot.badge.text() == "Lost"
    for said in (slot.said.text(), f"{banner.message} {banner.hint}"):
        assert ADDRESS not in said
        assert "sim:" not in said
        assert len(said) > len(error.message)
    if ADDRESS in error.message:
        assert "Anna's Polar" in banner.message


def test_record_waits_for_a_click_where_it_is_not_to_connect_by_itself(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    session.change(camera="", watch="sim:")
    window.turn_to("settings")
    settings: Any = window.pages["settings"]
    settings.connect_self.click()
    assert not config.load().connect
    window.turn_to("record")
    page: Any = window.pages["record"]
    qtbot.wait(100)
    assert not page.bridge.is_open
    assert page.setup.watches.slots[0].badge.text() == "Not connected"
    page.setup.watches.join.click()
    qtbot.waitUntil(lambda: page.bridge.is_open, timeout=40_000)
    assert not page.setup.watches.join.isVisible()


def test_an_unknown_trouble_is_told_too(window: MainWindow) -> None:
    page: Any = window.page("record")
    page.links._uris = {"watch": "sim:", "camera": ""}
    page.bridge.failed.emit(PskdError("It broke.", code="device.lost"), "open")
    assert [banner.message for banner in window.banners.banners] == ["It broke."]
