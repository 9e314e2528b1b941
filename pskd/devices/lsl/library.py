"""liblsl, opened once a process and, unless somebody asks for more, announced and searched on this computer only."""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from types import ModuleType

from pskd.clock import now_s
from pskd.errors import PskdError, WrongUse

MACHINE, NETWORK = "machine", "network"
SCOPES = (MACHINE, NETWORK)
# Streams of another session are not seen; tests keep to themselves with it.
SESSION = "PSKD_LSL_SESSION"

_HERE = """[ports]
IPv6 = disable
[multicast]
ResolveScope = machine
ListenAddress = 127.0.0.1
[lab]
SessionID = {session}
[log]
level = -3
"""
_TRIES = 5
_lock = threading.Lock()
_opened: tuple[str, ModuleType] | None = None


def installed() -> bool:
    """The extra is there; nothing is loaded."""
    return importlib.util.find_spec("pylsl") is not None


def load(scope: str = MACHINE) -> ModuleType:
    """The module ``pylsl``, set up.

    Args:
        scope: ``machine`` for streams of this computer only, whatever LSL's own configuration says, or ``network`` for
            those that LSL's configuration (``lsl_api.cfg``) reaches. The first call decides for the whole process.

    Raises:
        PskdError: the extra is missing or cannot be loaded here, with the command that helps.
        WrongUse: an unknown scope, or the process has chosen the other one.
    """
    global _opened
    if scope not in SCOPES:
        raise WrongUse(f"There is no LSL scope {scope!r}.", code="lsl.scope", hint=f"Known: {', '.join(SCOPES)}.")
    with _lock:
        if _opened is None:
            _opened = scope, _import(scope)
    if _opened[0] != scope:
        raise WrongUse(
            f"This program has opened LSL for the {_opened[0]} already.",
            code="lsl.scope",
            hint="Use one scope for all LSL streams, or start the program again.",
        )
    return _opened[1]


def offset_s(lsl: ModuleType) -> float:
    """What to add to a time of LSL's clock on this computer to have it on ours, in seconds."""
    found = []
    for _ in range(_TRIES):
        before_s, there_s, after_s = now_s(), lsl.local_clock(), now_s()
        found.append((after_s - before_s, (before_s + after_s) / 2 - there_s))
    return min(found)[1]


def _import(scope: str) -> ModuleType:
    command = f'{sys.executable} -m pip install "pylsl>=1.18,<2"'
    try:
        import pylsl
    except ImportError as error:
        raise PskdError("Lab Streaming Layer is not installed.", code="lsl.missing", hint=f"Run: {command}") from error
    except (RuntimeError, OSError) as error:  # the package is there, but no liblsl that this system can load
        raise PskdError(
            "Lab Streaming Layer is installed, but its library cannot be loaded here.",
            code="lsl.broken",
            hint=f"Run: {command}, or name a liblsl that fits in PYLSL_LIB.",
        ) from error
    if scope == MACHINE:
        pylsl.set_config_content(_HERE.format(session=os.environ.get(SESSION, "default")))
    module: ModuleType = pylsl
    return module
