"""What bleak and the system raise, as sentences that say what to do."""

from __future__ import annotations

from pskd.errors import PskdError

NOT_FOUND_HINT = "Wake it, bring it near, and close the phone app that holds its connection."
_ABSENT = {
    "NO_BLUETOOTH": (
        "This computer has no Bluetooth adapter.",
        "Plug in a Bluetooth 4.0 or newer dongle, or use sim: or replay: as a watch.",
    ),
    "NO_BLE_CENTRAL_ROLE": (
        "The Bluetooth adapter cannot connect to Bluetooth Low Energy devices.",
        "Use another dongle.",
    ),
    "POWERED_OFF": ("Bluetooth is off.", "Turn it on in the system settings and scan again."),
    "DENIED_BY_USER": (
        "This program may not use Bluetooth.",
        "Allow it (or Terminal, if started there) in System Settings, Privacy & Security, Bluetooth, and restart it.",
    ),
    "DENIED_BY_SYSTEM": (
        "Bluetooth is restricted on this computer by its administrator or privacy settings.",
        "Ask the administrator.",
    ),
}
_ABSENT["DENIED_BY_UNKNOWN"] = _ABSENT["DENIED_BY_SYSTEM"]
_NO_SERVICE = ("The Bluetooth service is not running.", "Run: sudo systemctl start bluetooth (package bluez).")
_NO_BUS = (
    "Bluetooth cannot be used here: there is no D-Bus system bus.",
    "Inside a container or WSL use sim: or replay: as a watch; else run: sudo systemctl start dbus bluetooth",
)
_DBUS = {
    "org.freedesktop.DBus.Error.ServiceUnknown": ("service", *_NO_SERVICE),
    "org.freedesktop.DBus.Error.NameHasNoOwner": ("service", *_NO_SERVICE),
    "org.freedesktop.DBus.Error.AccessDenied": (
        "denied",
        "This user may not use Bluetooth.",
        "Add the user to the group bluetooth, then log in again.",
    ),
    "org.bluez.Error.NotReady": ("powered-off", *_ABSENT["POWERED_OFF"]),
    "org.bluez.Error.InProgress": (
        "busy",
        "Another program or an earlier session still uses the sensor.",
        "Turn Bluetooth off and on.",
    ),
}
_UNREACHED = ("le-connection-", "br-connection-", "Software caused connection abort", "Page Timeout")
_UNPAIRED = frozenset({0x05, 0x08, 0x0C, 0x0F})
_UNPAIRED_DBUS = frozenset({"org.bluez.Error.NotPermitted", "org.bluez.Error.NotAuthorized"})
_PAIR_HINT = "Pair it in the system's Bluetooth settings, then try again."


def explain(error: BaseException, name: str = "the watch") -> PskdError:
    """The error for people; ``name`` is the device that was tried."""
    if isinstance(error, PskdError):
        return error
    if isinstance(error, TimeoutError):
        return _unreached(name)
    if isinstance(error, OSError):
        return _error("no-bus", *_NO_BUS)
    return _from_bleak(error, name)


def not_found(wanted: str) -> PskdError:
    """The error for a device that nobody has seen."""
    return _error("not-found", f"{wanted} was not found.", NOT_FOUND_HINT)


def _from_bleak(error: BaseException, name: str) -> PskdError:
    from bleak import exc

    if isinstance(error, exc.BleakBluetoothNotAvailableError):
        reason = error.reason.name
        said = _ABSENT.get(reason, (f"Bluetooth is not available: {error.args[0]}.", "Look at the system settings."))
        return _error(reason.lower().replace("_", "-"), *said)
    if isinstance(error, exc.BleakDeviceNotFoundError):
        return not_found(name)
    if isinstance(error, exc.BleakCharacteristicNotFoundError):
        return no_service(name)
    if isinstance(error, exc.BleakGATTProtocolError) and int(error.code) in _UNPAIRED:
        return _error("unpaired", f"{name} must be paired first.", _PAIR_HINT)
    if isinstance(error, exc.BleakDBusError):
        return _from_dbus(error.dbus_error, error.dbus_error_details or "", name)
    if isinstance(error, exc.BleakGATTProtocolError):
        text = f"it answered {str(getattr(error.code, 'name', error.code)).lower().replace('_', ' ')}"
    else:
        text = str(error.args[0] if error.args else type(error).__name__).rstrip(".")
    return _error("failed", f"Bluetooth failed with {name}: {text}.", "It is tried again; move closer.")


def no_service(name: str) -> PskdError:
    """The error for a device without the service that its driver needs."""
    return _error(
        "no-service",
        f"Connected, but {name} has no motion service.",
        "Its firmware is too old, sharing of motion is off, or another driver is needed.",
    )


def _from_dbus(kind: str, details: str, name: str) -> PskdError:
    if kind in _UNPAIRED_DBUS or "NotPaired" in details or "uthenti" in details:
        return _error("unpaired", f"{name} must be paired first.", _PAIR_HINT)
    if kind in _DBUS:
        return _error(*_DBUS[kind])
    if any(details.startswith(text) for text in _UNREACHED):
        return _unreached(name)
    last = kind.rpartition(".")[2]
    return _error(
        "failed", f"Bluetooth failed with {name}: {details.rstrip('.') or last}.", "Turn Bluetooth off and on."
    )


def _unreached(name: str) -> PskdError:
    return _error("timeout", f"Could not connect to {name}.", "Move closer, and disconnect it from the phone.")


def _error(code: str, message: str, hint: str) -> PskdError:
    return PskdError(message[:1].upper() + message[1:], code=f"ble.{code}", hint=hint)
