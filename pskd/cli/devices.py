"""``pskd devices``: which watches are near, and what one of them sends."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec

from pskd.cli.lsl import Sent, lsl_options
from pskd.cli.numbers import Number
from pskd.cli.printable import print_json, printable
from pskd.clock import now_s
from pskd.errors import PskdError
from pskd.types import LinkState, SampleBlock, StreamKind
from pskd.uri import shown

if TYPE_CHECKING:
    from pskd.devices.ble.scan import Found
    from pskd.devices.lsl.streams import LslStream

SCAN_S = 5.0
LSL_S = 1.0
SLICE_S = 0.1
PLOT_WIDTH = 60
# What can always be opened: address, name, and what to know about it.
ALWAYS = (
    ("sim:medley", "Simulated performer", "no hardware; also sim:squat, sim:walk ..."),
    ("replay:PATH", "A recording as a live watch", "PATH is a take, a raw.xdf, a CSV or a folder of them"),
    ("ws:ADDRESS", "An Android or Wear OS app: SensorServer", "ADDRESS is what the app shows"),
    (
        "http:PORT",
        "An app that pushes: Sensor Logger",
        "listens while it is open, on this computer only unless told more",
    ),
    ("udp:PORT", "An app that sends lines of text", "the same"),
)


@click.group("devices", invoke_without_command=True, short_help="List the watches that are near, or stream one.")
@click.option("--seconds", type=Number(0.1, 120), default=SCAN_S, show_default=True, help="How long to scan.")
@click.option("--all", "everything", is_flag=True, help="Also list Bluetooth devices that no driver knows.")
@click.option("--drivers", is_flag=True, help="List the Bluetooth drivers instead; nothing is scanned.")
@click.option("--lsl-network", is_flag=True, help="Look for LSL streams of other computers too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(
    context: click.Context, seconds: float, everything: bool, drivers: bool, lsl_network: bool, as_json: bool
) -> None:
    """List the watches that are near, and the LSL streams of this computer where LSL is installed.

    Ends with 0 also where there is no Bluetooth: it says why, and what can be used instead.
    """
    if context.invoked_subcommand is not None:
        return
    if drivers:
        _show_drivers(as_json)
        return
    found, trouble, streams = _look_around(seconds, everything, lsl_network)
    if as_json:
        print_json([*map(_entry, found), *map(_lsl_entry, streams), *map(_always, ALWAYS), _bluetooth(trouble)])
    else:
        _show(found, trouble, streams, seconds)


@command.command("stream")
@click.argument("uri")
@click.option("--seconds", type=Number(0, min_open=True), help="Stop after this long.")
@lsl_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end, and nothing before.")
def stream(uri: str, seconds: float | None, lsl: bool, lsl_network: bool, as_json: bool) -> None:
    """Show what a watch sends: rate, gaps, and the signal where this is a terminal. Ctrl+C ends it.

    URI is ble:DRIVER/ADDRESS, sim:squat, replay:PATH or any other watch.
    """
    from pskd.cli.devices_display import Screen

    watch = Watching(uri, Sent(lsl, lsl_network))
    screen = Screen(shown=not as_json and sys.stdout.isatty())
    try:
        watch.start()
        with screen:
            end_s = now_s() + seconds if seconds else float("inf")
            while now_s() < end_s and not watch.handle.wait_end(SLICE_S):
                screen.show(watch)
    except KeyboardInterrupt:
        pass
    finally:
        facts = watch.stop()
    if as_json:
        print_json(facts)
    else:
        _sum_up(facts)
    if watch.handle.error is not None:
        raise watch.handle.error


class Watching:
    """One opened watch and a meter for each of its streams.

    Args:
        uri: the watch.
        sent: where its samples go as well; nowhere by default.

    Raises:
        WrongUse: the address makes no sense.
    """

    def __init__(self, uri: str, sent: Sent | None = None) -> None:
        from pskd.devices.engine import DeviceEngine

        self.uri = uri
        self._sent = sent or Sent(False, False)
        self.states: list[str] = []
        self.meters: dict[str, Any] = {}
        self.kinds: dict[str, StreamKind] = {}
        self._early: list[SampleBlock] = []
        self._started_s = now_s()
        self._engine = DeviceEngine()
        try:
            self.handle = self._engine.open(uri, self._block, self._state)
        except PskdError:
            self._engine.close()
            raise

    def start(self) -> None:
        """Wait until the watch is there.

        Raises:
            PskdError: it is not, with what to do.
        """
        from pskd.devices.meter import StreamMeter

        streams = self.handle.capabilities.streams
        self.kinds = {info.name: info.kind for info in streams}
        meters = {info.name: StreamMeter(info, keep=PLOT_WIDTH) for info in streams}
        self._sent.announce(streams)
        self._engine.call(lambda: self._begin(meters))
        self._started_s = now_s()

    def stop(self) -> dict[str, Any]:
        """Close the watch; what was measured."""
        end_s = now_s()
        self.handle.close()
        self._engine.close()
        self._sent.close()
        streams = {name: self._facts(name, end_s) for name in self.meters}
        first = next((streams[n] for n in streams if self.kinds[n] is StreamKind.ACCELEROMETER), {})
        return {
            "uri": shown(self.uri),
            "seconds": round(end_s - self._started_s, 3),
            "samples": first.get("samples", 0),
            "rate_hz": first.get("rate_hz", 0.0),
            "nominal_hz": first.get("nominal_hz", 0.0),
            "gaps": first.get("gaps", 0),
            "longest_gap_s": first.get("longest_gap_s", 0.0),
            "battery": self.handle.battery,
            "connections": self.states.count(LinkState.CONNECTING),
            "states": self.states,
            "streams": streams,
        }

    def _facts(self, name: str, end_s: float) -> dict[str, Any]:
        meter = self.meters[name]
        reading = meter.read(end_s)
        return {
            "samples": reading.samples,
            "rate_hz": round(reading.rate_hz, 3),
            "nominal_hz": reading.nominal_hz,
            "gaps": reading.gaps,
            "longest_gap_s": round(reading.longest_gap_s, 3),
            "unit": meter.info.unit,
            "simulated": meter.info.simulated,
            "last": [round(float(value), 4) for value in meter.newest()[-1]] if reading.samples else None,
        }

    def _begin(self, meters: dict[str, Any]) -> None:
        self.meters = meters
        for block in self._early:
            self._block(block)
        self._early.clear()

    def _block(self, block: SampleBlock) -> None:
        self._sent.block(block)
        if block.stream in self.meters:
            self.meters[block.stream].add(block)
        elif not self.meters:
            self._early.append(block)

    def _state(self, state: LinkState, text: str) -> None:
        if not self.states or self.states[-1] != state:
            self.states.append(str(state))


def _look_around(
    seconds: float, everything: bool, lsl_network: bool
) -> tuple[list[Found], PskdError | None, list[LslStream]]:
    """The devices that are near, or why none can be found, and the LSL streams."""
    import asyncio

    async def both() -> tuple[list[Found] | PskdError, list[LslStream]]:
        from pskd.devices.ble.scan import scan

        looking = asyncio.create_task(asyncio.to_thread(_lsl_streams, min(seconds, LSL_S), lsl_network))
        try:
            return await scan(seconds, unknown=everything), await looking
        except PskdError as error:
            return error, await looking

    found, streams = asyncio.run(both())
    return ([], found, streams) if isinstance(found, PskdError) else (found, None, streams)


def _lsl_streams(seconds: float, network: bool) -> list[LslStream]:
    """The LSL streams; none where LSL is not installed and was not asked for."""
    from pskd.devices.lsl import library, streams

    if not (network or library.installed()):
        return []
    try:
        return streams.find(seconds, library.NETWORK if network else library.MACHINE)
    except PskdError as error:
        click.echo(str(error), err=True)
        return []


def _entry(found: Found) -> dict[str, Any]:
    return {**msgspec.to_builtins(found), "note": ""}


def _lsl_entry(stream: LslStream) -> dict[str, Any]:
    uri, name, note = _lsl_row(stream)
    return {"uri": uri, "name": name, "driver": "lsl", "rssi": None, "battery": None, "note": note}


def _lsl_row(stream: LslStream) -> tuple[str, str, str]:
    """Address, name and note."""
    rate = f"{stream.rate_hz:g} Hz" if stream.rate_hz else "irregular"
    note = f"LSL {stream.type}, {stream.channels} channels, {rate}, on {stream.host}"
    return stream.uri, printable(stream.name), printable(note)


def _always(row: tuple[str, str, str]) -> dict[str, Any]:
    uri, name, note = row
    return {"uri": uri, "name": name, "driver": uri.partition(":")[0], "rssi": None, "battery": None, "note": note}


def _bluetooth(trouble: PskdError | None) -> dict[str, Any]:
    """The last entry is no watch but Bluetooth itself: whether it could be used, and why not."""
    reason = str(trouble) if trouble else ""
    facts = {"available": trouble is None, "reason": reason, "code": trouble.code if trouble else ""}
    entry = {"uri": "ble:", "name": "Bluetooth", "driver": "ble", "rssi": None, "battery": None, "note": reason}
    return {**entry, "ble": facts}


def _show(found: list[Found], trouble: PskdError | None, streams: list[LslStream], seconds: float) -> None:
    if trouble is not None:
        click.echo(f"{trouble.message}\n{trouble.hint}\n")
    elif not found:
        click.echo(
            f"No watch was heard in {seconds:g} s. Wake it, bring it near, and close the phone app that holds its "
            "connection.\n"
        )
    rows = [
        (one.uri or one.address, one.name or "(no name)", f"{one.rssi} dBm", _percent(one.battery), "") for one in found
    ]
    rows += [(uri, name, "", "", note) for uri, name, note in (*map(_lsl_row, streams), *ALWAYS)]
    _columns(("address", "name", "signal", "battery", ""), rows)


def _percent(battery: int | None) -> str:
    return "" if battery is None else f"{battery} %"


def _columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table whose cells are never cut: an address that is cut is of no use."""
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    for row in (head, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _show_drivers(as_json: bool) -> None:
    from pskd.devices.protocols import PROTOCOLS

    kinds = {name: PROTOCOLS.get(name) for name in PROTOCOLS}
    if as_json:
        print_json(
            [
                {"driver": name, "title": kind.title, "rates_hz": kind.rates_hz, "clock": kind.clock, "loss": kind.loss}
                for name, kind in kinds.items()
            ]
        )
        return
    rows = []
    for name, kind in kinds.items():
        rates = ", ".join(f"{rate:g}" for rate in kind.rates_hz if rate) or "any"
        rows.append((name, kind.title, kind.clock, kind.loss, rates))
    _columns(("driver", "what", "its clock", "loss", "Hz"), rows)


def _sum_up(facts: dict[str, Any]) -> None:
    for name, one in facts["streams"].items():
        of = f" of {one['nominal_hz']:g}" if one["nominal_hz"] else ""
        gaps = f"{one['gaps']} gaps" + (f", the longest {one['longest_gap_s']:.2f} s" if one["gaps"] else "")
        click.echo(f"{name}: {one['samples']} samples, {one['rate_hz']:.2f}{of} Hz, {gaps}.")
