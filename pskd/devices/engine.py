"""The engine: one thread with one asyncio loop that runs every driver, watches over it and starts it again."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from pskd.clock import now_s
from pskd.devices.base import Capabilities, Driver, Sink, own_failure
from pskd.devices.drivers import make
from pskd.errors import BadFile, PskdError, WrongUse
from pskd.sync.clockfit import Ping
from pskd.types import LinkState, SampleBlock
from pskd.uri import shown

T = TypeVar("T")
log = logging.getLogger(__name__)

OnBlock = Callable[[SampleBlock], None]
OnState = Callable[[LinkState, str], None]
OnPing = Callable[[Ping], None]

STALL_S = 2.0
STALL_PACKETS = 5
WATCH_S = 0.25
BACK_OFF_S = (1.0, 2.0, 4.0, 8.0, 16.0)
STOP_S = 2.0
LAST_TURNS = 3
# How long a busy thread may keep this one from stamping a packet that has come: Python's own 5 ms, several times in a
# row, would be most of the error of a stamp.
SWITCH_S = 0.0002


class DeviceHandle:
    """One opened device. Made by :meth:`DeviceEngine.open`; every method may be called from any thread.

    Attributes:
        uri: what was asked for.
        state: how the connection stands.
        state_text: one plain sentence about it.
        label: what is being done, where the source knows; empty otherwise.
        battery: charge in percent, or None.
        error: why it was given up, or None.
    """

    def __init__(self, engine: DeviceEngine, uri: str, driver: Driver, callbacks: _Callbacks) -> None:
        self.uri = uri
        self.state = LinkState.IDLE
        self.state_text = ""
        self.label = ""
        self.battery: int | None = None
        self.error: PskdError | None = None
        self._engine = engine
        self._driver = driver
        driver.announce = self._set_state
        self._on = callbacks
        self._stop = asyncio.Event()
        self._ready: concurrent.futures.Future[Capabilities] = concurrent.futures.Future()
        self._last_block_s = 0.0
        self._patience_s = STALL_S
        self._failures = 0
        self._rates: dict[str, float] = {}
        self._done: concurrent.futures.Future[None] = engine.submit(self._live())

    @property
    def capabilities(self) -> Capabilities:
        """What the device can do; waits until it is known.

        Raises:
            PskdError: it cannot be used.
        """
        return self.wait_ready()

    def wait_ready(self, timeout_s: float = 60.0) -> Capabilities:
        """What the device can do, once that is known. Never call it from a callback.

        Raises:
            PskdError: it cannot be used, was closed before, or did not answer in time.
        """
        try:
            return self._ready.result(timeout_s)
        except TimeoutError as error:
            raise PskdError(
                f"{shown(self.uri)} did not answer within {timeout_s:g} seconds.",
                code="device.timeout",
                hint="Wake it and bring it near.",
            ) from error
        except concurrent.futures.CancelledError as error:
            raise PskdError(f"{shown(self.uri)} was closed before it was ready.", code="device.closed") from error

    def command(self, name: str, **arguments: object) -> None:
        """Pass a hint to the driver, such as ``perform``; what it raises is raised here."""
        if self._engine.inside():
            self._driver.command(name, **arguments)
            return

        async def pass_on() -> None:
            self._driver.command(name, **arguments)

        self._engine.submit(pass_on()).result(STOP_S)

    def wait_end(self, timeout_s: float | None = None) -> bool:
        """Wait until the device has ended by itself or was given up; False where time ran out."""
        return self._done in concurrent.futures.wait([self._done], timeout_s).done

    def close(self, timeout_s: float = 4.0) -> None:
        """Stop streaming and wait for the driver's end, at most ``timeout_s``; closing twice is nothing."""
        self._engine.call(self._stop.set)
        if self._engine.inside() or self.wait_end(min(timeout_s, STOP_S + 0.5)):
            return
        log.warning("%s did not stop by itself and is cut off", shown(self.uri))
        self._done.cancel()
        self.wait_end(max(timeout_s - STOP_S, 0.5))

    async def _live(self) -> None:
        """From opening to closing: prepare, run, and again after a failure. Ends IDLE or LOST."""
        watcher = asyncio.ensure_future(self._watch())
        try:
            while not self._stop.is_set():
                try:
                    ends = await self._once()
                except (Exception, asyncio.CancelledError) as error:
                    if await self._failed(own_failure(error)):
                        return
                else:
                    if ends or self._stop.is_set() or await self._back_off("The link ended."):
                        break
            self._settle()
        except asyncio.CancelledError:
            self._set_state(LinkState.IDLE, "Cut off.")
            raise
        finally:
            watcher.cancel()
            self._ready.cancel()

    async def _once(self) -> bool:
        """One connection; True where the driver has come to its own end."""
        self._set_state(LinkState.SCANNING, f"Looking for {shown(self.uri)}.")
        capabilities = await self._prepare()
        if capabilities is None:
            return True
        self._rates = {stream.name: stream.rate_hz for stream in capabilities.streams}
        if not self._ready.done():
            self._ready.set_result(capabilities)
        self._last_block_s = now_s()
        sink = Sink(self._take_block, self._set_state, self._take_battery, self._take_label, self._take_ping)
        await self._driver.run(sink, self._stop)
        return capabilities.ends

    async def _prepare(self) -> Capabilities | None:
        """Prepare the driver; None where the device was closed meanwhile."""
        preparing = asyncio.ensure_future(self._driver.prepare())
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            await asyncio.wait({preparing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return await preparing if preparing.done() else None
        finally:
            for task in (preparing, stopping):
                task.cancel()
            await asyncio.wait({preparing}, timeout=STOP_S)  # what it had begun is left in order

    async def _failed(self, error: Exception) -> bool:
        """Tell of a failure; True where there will be no other try."""
        explained = _explain(self.uri, error)
        if not self._ready.done():
            self.error = explained
            self._set_state(LinkState.LOST, str(explained))
            self._ready.set_exception(explained)
            return True
        if self._stop.is_set() and self.error is None:
            log.warning("%s failed while stopping: %s", shown(self.uri), explained)
            self._set_state(LinkState.IDLE, f"Closed, though not cleanly: {explained}")
            return True
        hopeless = self._ready.result().ends or isinstance(error, BadFile | WrongUse)
        if self.error is None and not hopeless:
            return await self._back_off(str(explained))
        self.error = self.error or explained
        self._set_state(LinkState.LOST, str(self.error))
        return True

    async def _back_off(self, text: str) -> bool:
        """Say LOST, then wait 1, 2, 4, 8, 16 s; True where it was closed meanwhile."""
        wait_s = BACK_OFF_S[min(self._failures, len(BACK_OFF_S) - 1)]
        self._failures += 1
        self._set_state(LinkState.LOST, f"{text} Trying again in {wait_s:g} s.")
        if await self._driver.linger(self._stop, wait_s):
            self._settle()
            return True
        return False

    def _settle(self) -> None:
        if self.error is not None:
            self._set_state(LinkState.LOST, str(self.error))
        elif self.state is not LinkState.IDLE:
            self._set_state(LinkState.IDLE, "Closed.")

    async def _watch(self) -> None:
        """Say so when a device that should stream does not."""
        while True:
            await asyncio.sleep(WATCH_S)
            silent_s = now_s() - self._last_block_s
            if self.state is LinkState.STREAMING and silent_s > self._patience_s:
                self._set_state(LinkState.STALLED, f"No data for {silent_s:.1f} s. Is the watch near and awake?")

    def _take_block(self, block: SampleBlock) -> None:
        self._last_block_s = now_s()
        self._failures = 0
        rate_hz = self._rates.get(block.stream, 0.0)
        if rate_hz > 0:
            self._patience_s = max(STALL_S, STALL_PACKETS * len(block.values) / rate_hz)
        if self.state is LinkState.STALLED:
            self._set_state(LinkState.STREAMING, "Data is coming again.")
        self._guard(self._on.block, block)

    def _take_battery(self, percent: int) -> None:
        if percent != self.battery:
            self.battery = percent
            self._guard(self._on.battery, percent)

    def _take_label(self, label: str) -> None:
        self.label = label
        self._guard(self._on.label, label)

    def _take_ping(self, ping: Ping) -> None:
        self._guard(self._on.ping, ping)

    def _set_state(self, state: LinkState, text: str) -> None:
        self.state, self.state_text = state, text
        self._guard(self._on.state, state, text)

    def _guard(self, callback: Callable[..., None], *arguments: object) -> None:
        """Call back; where the program's own code fails, the device is stopped and says why."""
        try:
            callback(*arguments)
        except Exception as error:
            log.exception("a callback of %s failed", shown(self.uri))
            if self.error is None:
                self.error = PskdError(
                    f"The program could not take what {shown(self.uri)} sent: {error}",
                    code="device.callback",
                    hint="This is a fault of the program; see the log.",
                )
                self._stop.set()


class _Callbacks:
    """Who is told what; what nobody wants goes nowhere."""

    def __init__(
        self,
        block: OnBlock,
        state: OnState,
        battery: Callable[[int], None] | None,
        label: Callable[[str], None] | None,
        ping: OnPing | None,
    ) -> None:
        self.block = block
        self.state = state
        self.battery = battery or (lambda percent: None)
        self.label = label or (lambda text: None)
        self.ping = ping or (lambda ping: None)


class DeviceEngine:
    """Owns the thread ``ble``. One for the program's life; also a context manager."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._handles: list[DeviceHandle] = []
        self._closed = False
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
        self._thread = threading.Thread(target=self._run, name="ble", daemon=True)
        self._thread.start()

    def open(
        self,
        uri: str,
        on_block: OnBlock,
        on_state: OnState,
        on_battery: Callable[[int], None] | None = None,
        on_label: Callable[[str], None] | None = None,
        on_ping: OnPing | None = None,
    ) -> DeviceHandle:
        """Open a device and start streaming; returns at once. All callbacks come on the engine's thread.

        Args:
            uri: such as ``sim:squat?seed=3``.
            on_block: each packet.
            on_state: each change of the link's state, with one plain sentence.
            on_battery: charge in percent, when it changes.
            on_label: what is being done from the next block on, where the source knows the truth.
            on_ping: each comparison of the device's clock with this computer's, where it answers pings.

        Raises:
            WrongUse: the URI makes no sense. What is found out later comes by ``on_state`` and from
                :attr:`DeviceHandle.capabilities`.
        """
        if self._closed:
            raise PskdError("The device engine is closed.", code="device.closed")
        driver = make(uri)
        handle = DeviceHandle(self, uri, driver, _Callbacks(on_block, on_state, on_battery, on_label, on_ping))
        self._handles = [*(h for h in self._handles if not h.wait_end(0)), handle]
        return handle

    def close(self, timeout_s: float = 5.0) -> None:
        """Close every device and end the thread, within about ``timeout_s``; closing twice is nothing."""
        if self._closed:
            return
        self._closed = True
        for handle in self._handles:
            self.call(handle._stop.set)
        end_s = now_s() + timeout_s
        for handle in self._handles:
            handle.close(max(end_s - now_s(), 0.5))
        self._loop.call_soon_threadsafe(self._loop.stop)
        if not self.inside():
            self._thread.join(max(end_s - now_s(), 1.0))

    def __enter__(self) -> DeviceEngine:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def inside(self) -> bool:
        """True on the engine's own thread, that is, in a callback."""
        return threading.current_thread() is self._thread

    def call(self, function: Callable[[], None]) -> None:
        """Run a quick function on the loop, soon; nothing once the loop has ended."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Run a coroutine on the loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self._loop.run_until_complete(_last_turns())
        finally:
            self._loop.close()


async def _last_turns() -> None:
    """A closed transport lets go of its socket only in a later turn of the loop."""
    for _ in range(LAST_TURNS):
        await asyncio.sleep(0)


def _explain(uri: str, error: Exception) -> PskdError:
    """What a driver raised, as an error for people; what was not meant for people goes to the log in full."""
    if isinstance(error, PskdError):
        return error
    log.error("the driver of %s failed", shown(uri), exc_info=error)
    return PskdError(
        f"{shown(uri)} failed: {error or type(error).__name__}.", code="device.failed", hint="See the log."
    )
