"""Every way in which Bluetooth fails, as a sentence with something to do."""

from __future__ import annotations

import pytest
from bleak import exc

from pskd.devices.ble.trouble import explain, not_found
from pskd.errors import PskdError

_BLUEZ = "org.bluez.Error."
_BUS = "org.freedesktop.DBus.Error."


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (TimeoutError(), "ble.timeout", "Could not connect to my watch"),
        (FileNotFoundError(2, "No such file"), "ble.no-bus", "D-Bus"),
        (ConnectionRefusedError(), "ble.no-bus", "D-Bus"),
        (exc.BleakDeviceNotFoundError("AA", "gone"), "ble.not-found", "close the phone app"),
        (exc.BleakCharacteristicNotFoundError("2a19"), "ble.no-service", "no motion service"),
        (exc.BleakGATTProtocolError(exc.BleakGATTProtocolErrorCode(5)), "ble.unpaired", "paired first"),
        (exc.BleakGATTProtocolError(exc.BleakGATTProtocolErrorCode(15)), "ble.unpaired", "paired first"),
        (
            exc.BleakGATTProtocolError(exc.BleakGATTProtocolErrorCode(3)),
            "ble.failed",
            "it answered write not permitted",
        ),
        (exc.BleakDBusError(_BLUEZ + "NotPermitted", ["Not paired"]), "ble.unpaired", "paired first"),
        (exc.BleakDBusError(_BLUEZ + "Failed", ["Insufficient Authentication"]), "ble.unpaired", "paired first"),
        (exc.BleakDBusError(_BLUEZ + "InProgress", ["busy"]), "ble.busy", "Another program"),
        (exc.BleakDBusError(_BLUEZ + "NotReady", ["Resource Not Ready"]), "ble.powered-off", "Bluetooth is off"),
        (exc.BleakDBusError(_BLUEZ + "Failed", ["le-connection-abort-by-local"]), "ble.timeout", "Could not connect"),
        (exc.BleakDBusError(_BUS + "ServiceUnknown", ["The name is not"]), "ble.service", "systemctl start bluetooth"),
        (exc.BleakDBusError(_BUS + "AccessDenied", []), "ble.denied", "may not use Bluetooth"),
        (exc.BleakDBusError(_BLUEZ + "Odd", []), "ble.failed", "Odd"),
        (exc.BleakError("Service Discovery has not been performed yet"), "ble.failed", "Service Discovery"),
        (exc.BleakError(), "ble.failed", "BleakError"),
    ],
)
def test_each_failure_has_its_sentence(error: Exception, code: str, words: str) -> None:
    explained = explain(error, "my watch")
    assert explained.code == code
    assert words in str(explained)
    assert explained.message.endswith(".")
    assert explained.hint


@pytest.mark.parametrize("reason", list(exc.BleakBluetoothNotAvailableReason))
def test_each_reason_for_no_bluetooth_has_its_own_code(reason: exc.BleakBluetoothNotAvailableReason) -> None:
    explained = explain(exc.BleakBluetoothNotAvailableError("system text", reason))
    assert explained.code == f"ble.{reason.name.lower().replace('_', '-')}"
    assert "system text" in explained.message or reason.name != "UNKNOWN"


def test_what_is_explained_already_stays() -> None:
    error = PskdError("As it is.", code="a.b", hint="Do.")
    assert explain(error) is error
    assert str(not_found("the watch")).startswith("The watch was not found.")
