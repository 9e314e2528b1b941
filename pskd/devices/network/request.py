"""The head of an HTTP/1.1 request, read from bytes of a stranger. Only what a phone that pushes needs."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

MAX_HEAD = 16 << 10
MAX_BODY = 4 << 20


class Refused(Exception):
    """A request that gets another answer than 200.

    Args:
        status: HTTP status.
        why: one plain sentence for the sender.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a request says.

    Attributes:
        length: bytes of the body that follows.
        token: what was given as ``Authorization: Bearer TOKEN`` or ``?token=TOKEN``; empty where nothing.
        keep: the sender wants to use the connection again.
        expects: it waits for a ``100 Continue`` before it sends the body.
        from_page: a web page in a browser sent it.
    """

    length: int
    token: str
    keep: bool
    expects: bool
    from_page: bool


def read_head(head: bytes) -> Head:
    """Read a head, up to and without the empty line.

    Raises:
        Refused: it is no request that can be taken.
    """
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise Refused(400, "This is no HTTP request.")
    method, target, version = parts
    if method not in ("POST", "PUT"):
        raise Refused(405, "Send samples with POST.")
    fields = _fields(lines)
    if "transfer-encoding" in fields or "content-length" not in fields:
        raise Refused(411, "Say the length of the body (Content-Length).")
    return Head(
        length=_length(fields["content-length"]),
        token=_token(target, fields.get("authorization", "")),
        keep=version != "HTTP/1.0" and fields.get("connection", "").lower() != "close",
        expects=fields.get("expect", "").lower() == "100-continue",
        from_page="origin" in fields,
    )


def answer(status: int, reason: str, body: bytes, *, keep: bool) -> bytes:
    """A whole answer with a JSON body."""
    head = (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n"
    )
    return head.encode("ascii") + body


def _fields(lines: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        key = name.lower()
        if not colon or not key or key != key.strip() or (key == "content-length" and key in fields):
            raise Refused(400, "A header line makes no sense.")
        fields[key] = value.strip()
    return fields


def _length(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Refused(400, "The length of the body makes no sense.")
    if int(text) > MAX_BODY:
        raise Refused(413, f"A body may have {MAX_BODY} bytes at most; send more often.")
    return int(text)


def _token(target: str, authorization: str) -> str:
    kind, _, rest = authorization.partition(" ")
    if kind.lower() == "bearer":
        return rest.strip()
    if authorization:
        return authorization
    try:
        return parse_qs(urlsplit(target).query, max_num_fields=32).get("token", [""])[0]
    except ValueError:
        return ""
