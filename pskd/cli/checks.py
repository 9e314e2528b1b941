"""What ``pskd doctor`` looks at. Every check answers in words; none raises, opens a device or loads torch."""

from __future__ import annotations

import ctypes.util
import hashlib
import importlib.metadata
import os
import platform
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil

from pskd import assets
from pskd.devices.listen.gate import own_addresses
from pskd.errors import PskdError

LEAST_DISK_GIB = 2.0
LEAST_MEMORY_GIB = 2.0
_GIB = 2**30
# shared library -> Debian package, for the window
_QT_NEEDS = {
    "GL": "libgl1", "EGL": "libegl1", "xkbcommon": "libxkbcommon0", "fontconfig": "libfontconfig1",
    "dbus-1": "libdbus-1-3", "glib-2.0": "libglib2.0-0",
}  # fmt: skip
_X_NEEDS = {
    "xcb-cursor": "libxcb-cursor0", "xcb-icccm": "libxcb-icccm4", "xcb-image": "libxcb-image0",
    "xcb-keysyms": "libxcb-keysyms1", "xcb-render-util": "libxcb-render-util0", "xcb-shape": "libxcb-shape0",
    "xcb-xkb": "libxcb-xkb1", "xkbcommon-x11": "libxkbcommon-x11-0",
}  # fmt: skip


class Check(msgspec.Struct, frozen=True):
    """One line of the doctor.

    Attributes:
        name: what was looked at.
        ok: nothing has to be done.
        found: what was found.
        todo: what to do, or what could be done; empty where nothing.
    """

    name: str
    ok: bool
    found: str
    todo: str = ""


def all_checks() -> list[Check]:
    """Every check, in the order in which a person needs them."""
    checks: tuple[Callable[[], Check], ...] = (
        python, packages, models, cameras, bluetooth, network, lsl, screen, libraries, disk, processor, graphics,
    )  # fmt: skip
    return [_safely(check) for check in checks]


def _safely(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except (OSError, ValueError, PskdError) as error:
        return Check(check.__name__, False, f"could not be looked at: {error}", "Nothing, unless it does not work.")


def python() -> Check:
    """The interpreter and the system."""
    found = f"{platform.python_version()} on {platform.system()} {platform.release()} ({platform.machine()})"
    fits = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Check("python", fits, found, "" if fits else "Use Python 3.11, 3.12 or 3.13.")


def packages() -> Check:
    """The packages that the program requires, by the program's own metadata."""
    if getattr(sys, "frozen", False):
        return Check("packages", True, "all come with the program")
    try:
        lines = importlib.metadata.requires("pskd-studio") or []
    except importlib.metadata.PackageNotFoundError:
        return Check("packages", False, "pskd-studio is not installed", "Run: pip install -e .")
    names = [re.split(r"[^A-Za-z0-9._-]", line)[0] for line in lines if "extra ==" not in line]
    versions = {name: _version(name) for name in names}
    missing = [name for name, version in versions.items() if version is None]
    found = ", ".join(f"{name} {version or 'missing'}" for name, version in versions.items())
    return Check("packages", not missing, found, f"Run: pip install {' '.join(missing)}" if missing else "")


def models() -> Check:
    """The pose models against their checksums."""
    lines = assets.path("models", "SHA256SUMS").read_text("utf-8").split("\n")
    wanted = {name.strip().lstrip("*"): digest for digest, _, name in (line.partition(" ") for line in lines) if name}
    folder = assets.folder() / "models"
    bad = [name for name, digest in wanted.items() if _sha256(folder / name) != digest]
    if bad:
        return Check("models", False, f"missing or changed: {', '.join(bad)}", "Install PSKD Studio again.")
    return Check("models", True, f"{', '.join(wanted)}: checksums right")


def cameras() -> Check:
    """Camera devices; they are not opened."""
    if platform.system() != "Linux":
        return Check("cameras", True, "not listed on this system; the Record page shows them")
    found = sorted(Path("/dev").glob("video*"))
    closed = [str(path) for path in found if not os.access(path, os.R_OK | os.W_OK)]
    if not found:
        return Check("cameras", False, "none", "Plug one in, or use video:PATH or sim: as a camera.")
    if closed:
        return Check("cameras", False, f"no access to {', '.join(closed)}", "Run: sudo usermod -aG video $USER")
    return Check("cameras", True, ", ".join(map(str, found)))


def bluetooth() -> Check:
    """A Bluetooth adapter and the service that bleak talks to."""
    if platform.system() != "Linux":
        return Check("bluetooth", True, "by the system's own service")
    root = Path("/sys/class/bluetooth")
    adapters = sorted(path.name for path in root.glob("hci*") if ":" not in path.name) if root.is_dir() else []
    bus = Path("/run/dbus/system_bus_socket").exists() or "DBUS_SYSTEM_BUS_ADDRESS" in os.environ
    if not adapters:
        return Check("bluetooth", False, "no adapter", "Plug one in, or use sim: or replay: as a watch.")
    if not bus:
        return Check("bluetooth", False, "no D-Bus, which BlueZ needs", "Run: sudo systemctl start dbus bluetooth")
    if not any(process.info["name"] == "bluetoothd" for process in psutil.process_iter(["name"])):
        return Check("bluetooth", False, "BlueZ is not running", "Run: sudo systemctl start bluetooth")
    return Check("bluetooth", True, ", ".join(adapters))


def network() -> Check:
    """What watches that speak over the network need: a package, and an address of this computer for those that send."""
    if _version("websockets") is None and not getattr(sys, "frozen", False):
        return Check("network", False, "websockets is missing", "Run: pip install websockets")
    places = ", ".join(own_addresses()) or "on none, so only programs on it can"
    return Check("network", True, f"watches can send over it; this computer is {places}")


def lsl() -> Check:
    """Whether streams of the Lab Streaming Layer can be read and sent; nothing else needs it."""
    version = _version("pylsl")
    if version is None:
        hint = "" if getattr(sys, "frozen", False) else 'If you want it, run: pip install "pylsl>=1.18,<2"'
        return Check("lsl", True, "not installed; only streams of the Lab Streaming Layer need it", hint)
    return Check("lsl", True, f"pylsl {version}")


def screen() -> Check:
    """Whether a window can be shown."""
    if platform.system() != "Linux":
        return Check("screen", True, platform.system())
    shown = {name: os.environ[name] for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)}
    if not shown:
        return Check("screen", False, "none", "Log in on a desktop; the command line works without, so does pskd demo.")
    return Check("screen", True, ", ".join(f"{name}={value}" for name, value in shown.items()))


def libraries() -> Check:
    """The system libraries of the window, with the exact command for those that are missing."""
    if platform.system() != "Linux":
        return Check("libraries", True, "all come with the program")
    needs = _QT_NEEDS | (_X_NEEDS if os.environ.get("DISPLAY") else {})
    missing = [package for library, package in needs.items() if ctypes.util.find_library(library) is None]
    if missing:
        return Check("libraries", False, f"missing: {', '.join(missing)}", f"Run: sudo apt install {' '.join(missing)}")
    return Check("libraries", True, f"{len(needs)} system libraries of the window found")


def disk() -> Check:
    """Space where recordings usually go."""
    free = shutil.disk_usage(Path.home()).free / _GIB
    enough = free >= LEAST_DISK_GIB
    return Check("disk", enough, f"{free:.1f} GiB free in {Path.home()}", "" if enough else "Make room.")


def processor() -> Check:
    """Cores and memory."""
    memory = psutil.virtual_memory()
    found = f"{psutil.cpu_count() or 1} cores, {memory.total / _GIB:.1f} GiB of memory"
    enough = memory.available / _GIB >= LEAST_MEMORY_GIB
    todo = "" if enough else "Close other programs before training."
    return Check("processor", enough, f"{found}, {memory.available / _GIB:.1f} GiB free", todo)


def graphics() -> Check:
    """A CUDA card and a torch that could use it; nothing needs one."""
    version = _version("torch")
    driver = Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None
    if not driver:
        return Check("graphics", True, "no CUDA card; training runs on the processor")
    if version is not None and "+cpu" in version:
        return Check("graphics", True, f"a CUDA card, but torch {version} is the CPU build; training runs without it")
    return Check("graphics", True, f"a CUDA card, torch {version}")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
