"""Runs the product where every packet is seen: in a network namespace whose only way out leads into a listener.

Started as ``unshare -rnm python sealed.py FOLDER``: root in namespaces of its own. The loopback device is the default
route and the name server is an address that does not exist, so whatever the product, or any library in it, wants to
reach or look up shows as a packet on ``lo``. At the end something is looked up and connected to on purpose: a listener
that missed that would prove nothing. The last line of the output is JSON.
"""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

NAME_SERVER = "192.0.2.53"  # TEST-NET-1: nobody has it
ELSEWHERE = "198.51.100.7"  # TEST-NET-2
UNKNOWN = "control.example.invalid"
_IFF_UP, _SIOCGIFFLAGS, _SIOCSIFFLAGS, _ETH_P_ALL = 1, 0x8913, 0x8914, 3


def seal() -> None:
    """Bring ``lo`` up, make it the way to everywhere, and name a server of names that nobody runs."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = fcntl.ioctl(control, _SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", request)[1]
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))
    subprocess.run(["ip", "route", "add", "default", "dev", "lo"], check=True)
    handle, name = tempfile.mkstemp()
    os.write(handle, f"nameserver {NAME_SERVER}\noptions timeout:1 attempts:1\n".encode())
    os.close(handle)
    subprocess.run(["mount", "--bind", name, os.path.realpath("/etc/resolv.conf")], check=True)


class Listener:
    """Hears every packet on ``lo``.

    Attributes:
        outside: destinations that are not loopback, and lookups of names, in words.
    """

    def __init__(self) -> None:
        self.outside: set[str] = set()
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_ALL))
        self._socket.bind(("lo", 0))
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        while True:
            packet, _ = self._socket.recvfrom(65535)
            with contextlib.suppress(IndexError, struct.error):
                self._note(packet)

    def _note(self, packet: bytes) -> None:
        if packet[0] >> 4 == 4:
            to, kind, head = ipaddress.ip_address(packet[16:20]), packet[9], 4 * (packet[0] & 15)
        else:
            to, kind, head = ipaddress.ip_address(packet[24:40]), packet[6], 40
        port = struct.unpack_from("!H", packet, head + 2)[0] if kind in (6, 17) else 0
        kernel_s_own = to.is_multicast and kind not in (6, 17)  # a new interface tells its groups by itself
        if (not to.is_loopback or port in (53, 5353)) and not kernel_s_own:
            self.outside.add(f"lookup of {_name(packet[head + 20 :])}" if port == 53 else f"{to} port {port}")


def _name(question: bytes) -> str:
    """The name that a lookup (DNS, RFC 1035) asks for; what follows the head of a UDP packet and of the message."""
    parts = []
    while question and question[0]:
        parts.append(question[1 : 1 + question[0]].decode("ascii", "replace"))
        question = question[1 + question[0] :]
    return ".".join(parts)


def use(folder: Path) -> list[str]:
    """Record, train and recognise, as a person would; returns what was done."""
    from tiny_run import train

    from pskd.demo import sample
    from pskd.library.library import Library

    library = Library.create(folder / "library", "Sealed")
    for person in sample.PEOPLE[:2]:
        for label in ("squat", "wave"):
            sample.write_take(library, person, label)
    pskd(folder, "record", "--library", library.path, "--camera", f"video:{film(folder)}", "--watch", "sim:",
         "--label", "wave", "--subject", "09", "--film", "--model", "lite", "--seconds", "2")  # fmt: skip
    train(library.path, folder / "run")
    pskd(folder, "live", folder / "run", "--device", "sim:wave", "--seconds", "3")
    return [take.id for take in Library.open(library.path).takes() if take.subject == "09"]


def pskd(folder: Path, *arguments: object) -> None:
    """One verb of the command line."""
    done = subprocess.run(
        [sys.executable, "-m", "pskd", *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=120
    )
    if done.returncode:
        raise SystemExit(f"pskd {arguments[0]} failed: {done.stderr}")


def film(folder: Path) -> Path:
    """Two seconds of the drawn person, for MediaPipe to look at."""
    import numpy as np

    from pskd.performer.performance import Performance
    from pskd.performer.picture import picture
    from pskd.vision import opencv

    cv2, path = opencv.load(), folder / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 15.0, (320, 240))
    times = np.arange(0, 2, 1 / 15)
    seen = Performance("wave", {}).landmarks(times, 4 / 3)
    for image in seen.image:
        writer.write(picture(image, 320, 240))
    writer.release()
    return path


def control() -> None:
    """Look something up and connect somewhere, so that the listener shows that it hears."""
    with contextlib.suppress(OSError):
        socket.getaddrinfo(UNKNOWN, 443)
    with socket.socket() as caller, contextlib.suppress(OSError):
        caller.settimeout(0.5)
        caller.connect((ELSEWHERE, 443))


def main() -> None:
    """Seal, use, control, tell."""
    folder = Path(sys.argv[1])
    seal()
    listener = Listener()
    began = time.monotonic()
    takes = use(folder)
    time.sleep(0.3)
    heard = sorted(listener.outside)
    seconds = time.monotonic() - began
    control()
    time.sleep(0.3)
    proof = sorted(listener.outside - set(heard))
    print(json.dumps({"heard": heard, "control": proof, "takes": takes, "seconds": round(seconds, 1)}))


if __name__ == "__main__":
    assert shutil.which("ip"), "ip is missing"
    main()
