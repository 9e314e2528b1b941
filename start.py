"""Set up PSKD Studio in ``.venv`` and run it: the only file that a new machine needs Python alone for.

    python3 start.py            the window on the built-in demo; without a display, the same tour offscreen
    python3 start.py test       style, types, architecture and all tests
    python3 start.py setup      set up only

Standard library only. A missing system library is installed (as root on Debian and its kin) or named with the
exact command. PyTorch is taken as a CPU build unless --cuda is given, so nothing fetches gigabytes unasked.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
CONSTRAINTS = HERE / "constraints.txt"
TORCH = "torch==2.13.0"

# library to load -> Debian package that holds it
WINDOW_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
FONT_PACKAGE = "fonts-dejavu-core"
# program -> Debian package: tests show a real window, and meet Bluetooth's service on a private bus
TEST_PROGRAMS = {"Xvfb": "xvfb", "dbus-daemon": "dbus-daemon"}


def fail(what: str, do: str) -> None:
    """End with one clear message."""
    sys.exit(f"start.py: {what}\n          {do}")


def run(*command: object, quiet: bool = False) -> None:
    """Run a command; end with its own exit code where it fails."""
    code = subprocess.call([str(part) for part in command], cwd=HERE, stdout=subprocess.DEVNULL if quiet else None)
    if code:
        sys.exit(code)


def check_python() -> None:
    """Only versions for which every dependency has a wheel."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        fail(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} does not fit.",
            "Install Python 3.11, 3.12 or 3.13 and start this file with it.",
        )


def loads(library: str) -> bool:
    """True where the system can load a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_fonts() -> bool:
    """True where at least one font is installed."""
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts"]
    return any(next(folder.rglob("*.[to]tf"), None) for folder in folders if folder.is_dir())


def system_packages(testing: bool) -> list[str]:
    """Debian packages that this machine still lacks."""
    if not sys.platform.startswith("linux"):
        return []
    missing = [package for library, package in WINDOW_LIBRARIES.items() if not loads(library)]
    if not has_fonts():
        missing.append(FONT_PACKAGE)
    if testing:
        missing += [package for program, package in TEST_PROGRAMS.items() if not shutil.which(program)]
    if not VENV.exists() and not has_venv():
        missing.append("python3-venv")
    return missing


def has_venv() -> bool:
    """Debian splits ``ensurepip`` off into a package of its own."""
    return subprocess.call([sys.executable, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL) == 0


def install_system_packages(testing: bool) -> None:
    """Install what is missing, or name the command that does."""
    missing = system_packages(testing)
    if not missing:
        return
    command = f"apt-get install --yes --no-install-recommends {' '.join(missing)}"
    if not shutil.which("apt-get"):
        fail(
            f"System libraries are missing (Debian names: {', '.join(missing)}).",
            "Install them with this system's package manager, then start again.",
        )
    if os.geteuid() != 0:
        fail("System libraries are missing.", f"Run: sudo {command}")
    print(f"Installing system libraries: {', '.join(missing)}", flush=True)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run("apt-get", "update", quiet=True)
    run(*command.split(), quiet=True)


def wanted(testing: bool, cuda: bool) -> str:
    """A fingerprint of everything that decides what is in ``.venv``."""
    parts = [(HERE / "pyproject.toml").read_bytes(), CONSTRAINTS.read_bytes(), str(HERE).encode(), sys.version.encode()]
    return hashlib.sha256(b"\0".join([*parts, f"{testing} {cuda}".encode()])).hexdigest()


def make_environment(testing: bool, cuda: bool) -> None:
    """Create ``.venv`` or bring it up to date; does nothing where it already fits."""
    stamp = VENV / "pskd-setup"
    fits = {wanted(testing, cuda), wanted(True, cuda)}
    if PYTHON.exists() and stamp.exists() and stamp.read_text() in fits:
        return
    print("Setting up .venv (some minutes the first time) ...", flush=True)
    if not PYTHON.exists():
        run(sys.executable, "-m", "venv", VENV)
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check"]
    install_torch(pip, cuda)
    run(*pip, "install", "--quiet", "--constraint", CONSTRAINTS, "--editable", f"{HERE}[dev]" if testing else HERE)
    stamp.write_text(wanted(testing, cuda))


def install_torch(pip: list[object], cuda: bool) -> None:
    """Install PyTorch, keeping out the CUDA builds that the default Linux wheel drags in."""
    have = subprocess.run([str(PYTHON), "-c", "import torch"], capture_output=True, check=False)
    if have.returncode == 0:
        return
    if cuda or not picks_cuda(pip):
        run(*pip, "install", "--quiet", "--constraint", CONSTRAINTS, TORCH)
        return
    run(*pip, "install", "--quiet", "uv")
    command = [BIN / "uv", "pip", "install", "--quiet", "--python", PYTHON, "--torch-backend=cpu", TORCH]
    if subprocess.call([str(part) for part in command], cwd=HERE):
        fail(
            "The CPU build of PyTorch could not be installed.",
            "Check the network, or accept the build with CUDA (several GB): python3 start.py --cuda",
        )


def picks_cuda(pip: list[object]) -> bool:
    """Ask pip, without downloading it, whether the PyTorch that it would take needs the CUDA packages."""
    command = [*pip, "install", "--quiet", "--dry-run", "--no-deps", "--ignore-installed", "--report", "-", TORCH]
    answer = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if answer.returncode:
        fail("pip could not look up PyTorch.", answer.stderr.strip().splitlines()[-1] if answer.stderr else "")
    metadata = json.loads(answer.stdout)["install"][0]["metadata"]
    needs = metadata.get("requires_dist", [])
    return sys.platform.startswith("linux") and any(need.startswith(("nvidia", "cuda")) for need in needs)


def has_display() -> bool:
    """True where a window can be shown."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def demo(out: str) -> None:
    """The window on the built-in demo, or the same tour without a display."""
    command = [PYTHON, "-m", "pskd", "demo"]
    run(*command, *([] if has_display() else ["--headless", "--out", out]))


def test(arguments: list[str]) -> None:
    """Style, types, architecture, then the tests; the first failure ends it."""
    tools = [["ruff", "format", "--check", "--quiet"], ["ruff", "check", "--quiet"], ["mypy"], ["lint-imports"]]
    for tool in tools if not arguments else []:
        print(f"== {' '.join(tool)}", flush=True)
        run(BIN / tool[0], *tool[1:])
    print("== pytest", flush=True)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    run(PYTHON, "-m", "pytest", *(arguments or ["-n", "2", "--dist", "loadgroup"]))


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(prog="start.py", description="Set up and run PSKD Studio.")
    parser.add_argument("--cuda", action="store_true", help="accept PyTorch with CUDA (several GB on Linux)")
    parser.add_argument("--out", default="demo-tour", help="where the tour leaves its pictures without a display")
    parser.add_argument("action", nargs="?", default="demo", choices=["demo", "test", "setup"])
    options, rest = parser.parse_known_args()
    if rest and options.action != "test":
        parser.error(f"unknown: {' '.join(rest)}")
    check_python()
    testing = options.action == "test"
    install_system_packages(testing)
    make_environment(testing, options.cuda)
    if options.action == "demo":
        demo(options.out)
    elif testing:
        test(rest)


if __name__ == "__main__":
    main()
