"""Where to listen, who may send, and complaints that a stranger cannot turn into a flood."""

from __future__ import annotations

import hmac
import ipaddress
import logging
import socket
from dataclasses import dataclass

from pskd.clock import now_s
from pskd.errors import PskdError, WrongUse

log = logging.getLogger(__name__)

HERE = "127.0.0.1"
LEAST_TOKEN = 8
COMPLAIN_S = 10.0
# So long a sender may be silent before another one may take its place.
ABSENT_S = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """An address of this computer to listen at.

    Attributes:
        host: a literal IP address.
        port: its port; 0 for any free one.
    """

    host: str
    port: int

    @property
    def local(self) -> bool:
        """Only this computer can reach it."""
        return ipaddress.ip_address(self.host).is_loopback

    @classmethod
    def parse(cls, scheme: str, path: str) -> Place:
        """Read ``[HOST:]PORT``; without a host it is this computer only.

        Raises:
            WrongUse: no port, or the host is not an IP address.
        """
        host, _, port = path.removeprefix("//").rstrip("/").rpartition(":")
        host = HERE if host in ("", "localhost") else host.removeprefix("[").removesuffix("]")
        try:
            ipaddress.ip_address(host)
            if not (port.isascii() and port.isdecimal() and int(port) < 1 << 16):
                raise ValueError(port)
        except ValueError as error:
            raise WrongUse(
                f"{scheme}:{path} is no place to listen at.",
                code="device.uri",
                hint=f"Say {scheme}:PORT for this computer only, or {scheme}:ADDRESS:PORT with an IP address of it.",
            ) from error
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def typed(self) -> str:
        """The place as a person types it on the phone: where it is all of this computer's addresses, one of them."""
        if not ipaddress.ip_address(self.host).is_unspecified:
            return str(self)
        found = own_addresses(socket.AF_INET6 if ":" in self.host else socket.AF_INET)
        near = [text for text in found if ipaddress.ip_address(text).is_private]
        return str(Place((near or [self.host])[0], self.port))


def own_addresses(family: socket.AddressFamily = socket.AF_INET) -> list[str]:
    """The addresses of this computer at which others of the same network reach it."""
    import psutil

    found = [one.address for ones in psutil.net_if_addrs().values() for one in ones if one.family == family]
    parsed = [ipaddress.ip_address(text.partition("%")[0]) for text in found]
    return [str(address) for address in parsed if not (address.is_loopback or address.is_link_local)]


class Gate:
    """Decides who may send to one place.

    Args:
        place: where it listens.
        token: what a sender must give; empty for none, which is allowed on this computer only.

    Attributes:
        refused: how many requests were turned away.

    Raises:
        WrongUse: others could reach the place, and the token is missing or short.
    """

    def __init__(self, place: Place, token: str) -> None:
        if not place.local and len(token) < LEAST_TOKEN:
            raise WrongUse(
                f"Others can reach {place}, so a token of at least {LEAST_TOKEN} characters is needed.",
                code="device.token",
                hint="Add token=... to the address and give the same token in the app.",
            )
        self._token = token
        self.refused = 0
        self._sender = ""
        self._heard_s = 0.0
        self._complaints = 0
        self._complained_s = -COMPLAIN_S

    @property
    def open(self) -> bool:
        """No token is asked for."""
        return not self._token

    def knows(self, token: str) -> bool:
        """The token is the right one, compared in a time that tells nothing about it."""
        return self.open or hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode("utf-8"))

    def admit(self, sender: str) -> bool:
        """It is this sender's turn: one sends at a time, or two movements would be mixed into one.

        Raises:
            PskdError: the former sender has gone and this one takes over, as a new connection.
        """
        moment_s = now_s()
        if self._sender and sender != self._sender:
            if moment_s - self._heard_s < ABSENT_S:
                return False
            self._sender = ""
            raise PskdError("Another phone sends now.", code="device.sender", hint="Its stream begins anew.")
        self._sender, self._heard_s = sender, moment_s
        return True

    def complain(self, text: str) -> None:
        """Count a refusal, and log it at most every ten seconds."""
        self.refused += 1
        self._complaints += 1
        if now_s() - self._complained_s >= COMPLAIN_S:
            more = f" ({self._complaints} times)" if self._complaints > 1 else ""
            log.warning("%s%s", text, more)
            self._complained_s, self._complaints = now_s(), 0
