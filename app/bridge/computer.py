"""What this computer can do, and whose work this program is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from pskd import assets

PARTS = (
    "PySide6-Essentials", "pyqtgraph", "numpy", "scipy", "torch", "onnxruntime", "onnx", "mediapipe",
    "opencv-python-headless", "bleak", "msgspec", "safetensors", "pyxdf", "scikit-learn", "matplotlib", "jinja2",
    "click", "rich", "platformdirs", "psutil",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was looked at: its name, whether all is well, what was found, and what to do."""

    name: str
    ok: bool
    found: str
    todo: str


def checks() -> list[Fact]:
    """What ``pskd doctor`` finds; slow, so call it off the window's thread."""
    from pskd.cli.checks import all_checks

    home = str(Path.home())
    facts = []
    for check in all_checks():
        found = check.found.replace(home, "~") if len(home) > 1 else check.found
        if check.name == "python":
            found = re.sub(r"(\d+\.\d+)[-.]\S*(?= \()", r"\1", found)  # the kernel's build says nothing to people
        if check.name == "packages" and check.ok:
            found = f"{found.count(',') + 1} of the right versions"  # each one stands under Licences
        facts.append(Fact(check.name, check.ok, found, check.todo))
    return facts


def licences() -> str:
    """The licence of this program in one line, then of each part it is made of."""
    lines = ["PSKD Studio: Apache-2.0", ""]
    lines += [f"{name} {_version(name)}: {_licence(name)}" for name in PARTS if _version(name)]
    lines += ["", f"Pose models: MediaPipe BlazePose by Google, Apache-2.0; see {assets.folder() / 'models'}."]
    lines += ["Icons, sounds and protocols: made for PSKD Studio, Apache-2.0."]
    return "\n".join(lines)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _licence(name: str) -> str:
    found = metadata.metadata(name)
    if "License-Expression" in found:
        return str(found["License-Expression"])
    classified = [line.rsplit("::", 1)[-1].strip() for line in found.get_all("Classifier") or [] if "License" in line]
    plain = str(found["License"]) if "License" in found else "see its package"
    return ", ".join(classified) or plain.split("\n")[0][:80]
