"""``http:[HOST:]PORT[?token=...]`` and ``udp:[HOST:]PORT[?token=...]``: logger apps that send to this computer."""

from __future__ import annotations

from pskd.devices.base import DeviceUri
from pskd.devices.drivers import DRIVERS
from pskd.devices.listen.http import HttpListener
from pskd.devices.listen.pushed import Listener, Pushed
from pskd.devices.listen.udp import UdpListener
from pskd.devices.network import lines
from pskd.devices.network.readings import UNITS_MPS2
from pskd.devices.network.request import Refused
from pskd.devices.network.sensorlogger import SensorLogger, unit_option
from pskd.devices.protocols.base import Malformed
from pskd.errors import WrongUse

TICKS_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


@DRIVERS.register("http")
class HttpPush(Pushed):
    """The app Sensor Logger with its HTTP Push, or whatever sends the same JSON.

    Options beside those of :class:`Pushed`: ``sensor`` (``wrist``, ``total``, ``uncalibrated``, ``accelerometer``;
    the best that comes where it is not said). The token is given as ``Authorization: Bearer TOKEN`` or
    ``?token=TOKEN``.
    """

    def __init__(self, uri: DeviceUri) -> None:
        super().__init__(uri, frozenset({"sensor"}))
        sensor, unit = uri.options.get("sensor", "auto"), uri.options.get("unit", "")
        self._decoder = SensorLogger(sensor, unit, gyroscope=self.gyroscope)

    def listener(self) -> Listener:
        """An HTTP server."""
        return HttpListener(self.place, self.gate, self._body)

    def where(self) -> str:
        """The push URL, without the token."""
        return f"http://{self.place.typed()}"

    def _body(self, body: bytes, sender: str, arrival_s: float) -> int:
        try:
            packets = self._decoder.decode(body)
        except Malformed as error:
            self.malformed += 1
            raise Refused(400, "The body is not what Sensor Logger sends.") from error
        if not self.deliver(packets, self._decoder.device or sender, arrival_s):
            raise Refused(409, "Another phone sends already.")
        return len(packets[0].values) if packets else 0


@DRIVERS.register("udp")
class UdpPush(Pushed):
    """Apps that send plain text by UDP: see :mod:`pskd.devices.network.lines` for the formats.

    Options beside those of :class:`Pushed`: ``clock`` (``s``, ``ms``, ``us`` or ``ns``: the unit of the sender's times
    where they do not count from 1970). The token is the first line, ``token=TOKEN``, or ``"token"`` in the JSON.
    """

    def __init__(self, uri: DeviceUri) -> None:
        super().__init__(uri, frozenset({"clock"}))
        clock = uri.options.get("clock", "")
        if clock and clock not in TICKS_S:
            raise WrongUse(f"There is no clock {clock!r}.", code="device.option", hint=f"Known: {', '.join(TICKS_S)}.")
        self._tick_s = TICKS_S.get(clock, 0.0)
        self._unit_mps2 = UNITS_MPS2[unit_option(uri.options.get("unit", "")) or "m/s2"]

    def listener(self) -> Listener:
        """A UDP socket."""
        return UdpListener(self.place, self._datagram)

    def where(self) -> str:
        """Address and port."""
        return f"udp://{self.place.typed()}"

    def _datagram(self, datagram: bytes, sender: str, arrival_s: float) -> None:
        try:
            text = lines.read(datagram, self._tick_s)
            if not self.gate.knows(text.token):
                self.gate.complain(f"{sender} was refused: the token is wrong or missing.")
                return
            packets = text.samples(self._unit_mps2, gyroscope=self.gyroscope)
        except Malformed:
            self.malformed += 1
            return
        if not self.deliver(packets, sender, arrival_s):
            self.gate.complain(f"{sender} was refused: another phone sends already.")
