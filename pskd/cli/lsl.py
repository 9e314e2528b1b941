"""``--lsl``: what is recorded or shown is sent to the Lab Streaming Layer as well."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pskd.types import Marker, PoseFrame, SampleBlock, StreamInfo

if TYPE_CHECKING:
    from pskd.recording.outlets import LslOutlets

F = TypeVar("F", bound=Callable[..., Any])


def lsl_options(command: F) -> F:
    """The options ``--lsl`` and ``--lsl-network`` for a command."""
    network = click.option("--lsl-network", is_flag=True, help="The same, for other computers of the network too.")
    here = click.option("--lsl", is_flag=True, help="Send everything to Lab Streaming Layer, on this computer.")
    return here(network(command))


class Sent:
    """The outlets that were asked for, or nothing at all.

    Args:
        here: ``--lsl`` was given.
        network: ``--lsl-network`` was given.
        wait_s: how long :meth:`wait_read` waits.

    Raises:
        PskdError: LSL is not installed, with the command that installs it.
    """

    def __init__(self, here: bool, network: bool, wait_s: float = 0.0) -> None:
        self._wait_s = wait_s
        self._outlets: LslOutlets | None = None
        if here or network:
            from pskd.devices.lsl.library import MACHINE, NETWORK
            from pskd.recording.outlets import LslOutlets

            self._outlets = LslOutlets(NETWORK if network else MACHINE)

    def announce(self, infos: Iterable[StreamInfo]) -> None:
        """Open the outlets of streams that have none yet, and say what they are called."""
        if self._outlets is None:
            return
        before = set(self._outlets.names)
        self._outlets.add(infos)
        new = [name for name in self._outlets.names if name not in before]
        if new:
            click.echo(f"LSL: {', '.join(new)}", err=True)

    def wait_read(self) -> None:
        """Wait until another program reads everything; it gets only what comes after that."""
        if self._outlets is None or not self._wait_s:
            return
        click.echo("LSL: waiting until another program reads all of them ...", err=True)
        if not self._outlets.wait_read(self._wait_s):
            click.echo(f"LSL: nobody reads all of them after {self._wait_s:g} s; going on.", err=True)

    def block(self, block: SampleBlock) -> None:
        """Send one packet."""
        if self._outlets is not None:
            self._outlets.block(block)

    def frame(self, frame: PoseFrame) -> None:
        """Send one camera frame."""
        if self._outlets is not None:
            self._outlets.frame(frame)

    def marker(self, marker: Marker) -> None:
        """Send one marker."""
        if self._outlets is not None:
            self._outlets.marker(marker)

    def __enter__(self) -> Sent:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the outlets away."""
        if self._outlets is not None:
            self._outlets.close()
