"""Which LSL streams there are, and one of them read by a thread of its own, for liblsl's calls wait."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from pskd.clock import now_s
from pskd.devices.lsl import library
from pskd.devices.lsl.channels import Channel
from pskd.errors import PskdError
from pskd.types import TimeArray
from pskd.uri import DeviceUri

FIND_S = 1.0
OPEN_S = 5.0
PULL_S = 0.2
MAX_CHANNELS = 4096
MAX_CHUNK = 1024
BUFFER_S = 30

# Values ``(T, C)``, their times on this computer's clock in seconds ``(T,)``, and when they arrived.
OnChunk = Callable[[NDArray[Any], TimeArray, float], None]


class LslStream(msgspec.Struct, frozen=True):
    """One stream in the list that a person chooses from.

    Attributes:
        name: its name.
        type: its content type.
        channels: how many.
        rate_hz: nominal rate; 0 where irregular.
        source: its identifier.
        host: the computer that it comes from.
    """

    name: str
    type: str
    channels: int
    rate_hz: float
    source: str
    host: str

    @property
    def uri(self) -> str:
        """What to open it with; empty where its name cannot be written as an address."""
        uri = f"lsl:{self.name}"
        plain = DeviceUri.parse(uri).path == self.name and "'" not in self.name and self.name.isprintable()
        return uri if plain and self.name else ""


def find(seconds: float = FIND_S, scope: str = library.MACHINE) -> list[LslStream]:
    """The streams of numbers that are there, by name. Waits for all of ``seconds``.

    Raises:
        PskdError: LSL cannot be used, with what to do.
    """
    lsl = library.load(scope)
    found = [
        LslStream(i.name(), i.type(), i.channel_count(), i.nominal_srate(), i.source_id(), i.hostname())
        for i in lsl.resolve_streams(seconds)
        if i.channel_format() != lsl.cf_string
    ]
    return sorted(found, key=lambda one: (one.name, one.host, one.source))


def resolve(name: str, source: str, seconds: float, scope: str) -> Any | None:
    """LSL's own description of one stream, or None where it does not appear within ``seconds``."""
    lsl = library.load(scope)
    wanted = f"name='{name}'" + (f" and source_id='{source}'" if source else "")
    found = lsl.resolve_bypred(wanted, 1, seconds)
    return found[0] if found else None


class Inlet:
    """One stream, opened. The constructor and :meth:`close` wait; call them away from the loop.

    Args:
        description: from :func:`resolve`.
        scope: the same as there.

    Attributes:
        channels: as the stream describes them.
        rate_hz: nominal rate; 0 where irregular.
        simulated: the stream says that no hardware is involved.

    Raises:
        PskdError: it cannot be opened, or carries text.
    """

    def __init__(self, description: Any, scope: str) -> None:
        self._lsl = library.load(scope)
        self._name = description.name()
        if description.channel_format() == self._lsl.cf_string or description.channel_count() > MAX_CHANNELS:
            raise PskdError(f"{self._name} carries no samples of a sensor.", code="lsl.text", hint="Choose another.")
        flags = self._lsl.proc_clocksync | self._lsl.proc_monotonize
        self._inlet: Any | None = None
        try:
            inlet = self._lsl.StreamInlet(description, max_buflen=BUFFER_S, recover=False, processing_flags=flags)
            inlet.open_stream(OPEN_S)
            inlet.time_correction(OPEN_S)
            full = inlet.info(OPEN_S)
        except RuntimeError as error:
            raise self._lost() from error
        self._inlet = inlet
        self.rate_hz = float(full.nominal_srate())
        self.channels = _channels(full)
        self.simulated = full.desc().child_value("simulated") == "true"
        self._offset_s = library.offset_s(self._lsl)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, on_chunk: OnChunk, on_lost: Callable[[PskdError], None]) -> None:
        """Read from now on; what came before is left out. Both are called on the reading thread."""
        self._thread = threading.Thread(target=self._read, args=(on_chunk, on_lost), name="lsl", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading and let go of the stream."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._inlet = None

    def _read(self, on_chunk: OnChunk, on_lost: Callable[[PskdError], None]) -> None:
        inlet = self._inlet
        assert inlet is not None
        inlet.flush()
        try:
            while not self._stop.is_set():
                values, times = inlet.pull_chunk(PULL_S, MAX_CHUNK, min_samples=1, as_numpy=True)
                arrival_s = now_s()
                if len(times):
                    on_chunk(values, np.asarray(times, np.float64) + self._offset_s, arrival_s)
        except RuntimeError:  # all of liblsl's errors; after one the stream is gone
            on_lost(self._lost())

    def _lost(self) -> PskdError:
        return PskdError(
            f"The LSL stream {self._name} is gone.", code="lsl.lost", hint="Start the program that sends it."
        )


def _channels(description: Any) -> tuple[Channel, ...]:
    count = description.channel_count()
    columns = (
        description.get_channel_labels(),
        description.get_channel_units(),
        description.get_channel_types(),
    )
    texts = [[str(text or "") for text in (column or ())][:count] for column in columns]
    padded = [column + [""] * (count - len(column)) for column in texts]
    return tuple(Channel(*cells) for cells in zip(*padded, strict=True))
