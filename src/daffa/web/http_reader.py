"""From the bytes of a connection to the heads and bodies of its requests (httptools). Knows no route and no answer.

A reader is needed only while a request comes in: a connection borrows one, so that a thousand open answers hold none.
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import unquote

import httptools
import msgspec

__all__ = ["Fields", "Head", "Reader", "Reading", "UnreadableError"]

Fields = list[tuple[bytes, bytes]]

# Bytes that may come with nothing to show for them: neither a whole head nor a piece of a body.
_LONGEST_HEAD = 1 << 16
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
_VERSIONS = frozenset({"1.0", "1.1"})
_TOO_LONG = f"The head of the request is longer than {_LONGEST_HEAD} bytes."


class UnreadableError(Exception):
    """What came is no HTTP/1.1; the text says why, for whoever sent it."""


class Head(msgspec.Struct, frozen=True, gc=False):
    """The head of a request.

    Attributes:
        method: as it was said, such as ``POST``.
        path, raw_path: with percent-escapes undone, and as it came.
        query: what stands behind the path; empty where nothing does.
        fields: names in lower case and values, in the order in which they came.
        version: of HTTP, such as ``1.1``.
        keep_alive: whether another request may follow on the connection.
    """

    method: str
    path: str
    raw_path: bytes
    query: bytes
    fields: Fields
    version: str
    keep_alive: bool


class Reading(Protocol):
    """Whom a reader tells what came."""

    def head_came(self, head: Head) -> None:
        """A request begins."""
        ...

    def body_came(self, piece: bytes) -> None:
        """A piece of the body of the newest request."""
        ...

    def all_came(self) -> None:
        """The newest request has come to its end."""
        ...


class Reader:
    """A parser, and what it has found of the request that is coming in.

    Attributes:
        teller: whom it tells.
    """

    __slots__ = (
        "_between", "_fields", "_framing", "_in_head", "_keeps", "_parser", "_resuming", "_trouble", "_unread", "_url",
        "teller",
    )  # fmt: skip

    def __init__(self, teller: Reading | None = None) -> None:
        self._parser = self._new_parser()
        self._framing = b""
        self._resuming = False
        self.teller = teller
        self._trouble = ""
        self._unread = 0
        self._between = True
        self._in_head = False
        self._keeps = True
        self._url = b""
        self._fields: Fields = []

    def read(self, data: bytes) -> bool:
        """Read on; whether the connection can do without this reader until more comes.

        Raises ``UnreadableError``, and again whatever comes after that.
        """
        if self._trouble:
            raise UnreadableError(self._trouble)
        self._unread += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            # No other protocol is spoken here: the request is answered as any other, and the connection ends with that.
            return self._resume(data[offer.args[0] :]) if self._framing else False
        except httptools.HttpParserCallbackError as error:
            if isinstance(error.__context__, UnreadableError):
                raise self._unreadable(str(error.__context__)) from error
            raise
        except httptools.HttpParserError as error:
            raise self._unreadable("Invalid HTTP request received.") from error
        if self._unread > _LONGEST_HEAD:
            raise self._unreadable(_TOO_LONG)
        return self._between and self._keeps and not self._unread

    def _unreadable(self, why: str) -> UnreadableError:
        self._trouble = why
        return UnreadableError(why)

    def _new_parser(self) -> httptools.HttpRequestParser:
        parser = httptools.HttpRequestParser(self)
        # What follows a request that says ``Connection: close`` does not spoil the answer to it.
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return parser

    def _resume(self, rest: bytes) -> bool:
        """Read the body of a request that offers another protocol: its parser takes all behind the head for that one."""
        head, self._framing, self._resuming = b"POST / HTTP/1.1\r\n%b\r\n" % self._framing, b"", True
        self._parser = self._new_parser()
        return self.read(head + rest)

    # What the parser says.

    def on_message_begin(self) -> None:
        """A request begins."""
        self._between, self._in_head = False, True
        self._url, self._fields = b"", []

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer: these are not looked at."""
        if self._in_head:
            self._fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is whole."""
        if self._unread > _LONGEST_HEAD and self._head_size() > _LONGEST_HEAD:  # whole, for it came in one large piece
            raise UnreadableError(_TOO_LONG)
        self._unread, self._in_head = 0, False
        if self._resuming:
            self._resuming = False
            return
        parser, target, version = self._parser, _target(self._url), self._parser.get_http_version()
        if version not in _VERSIONS:
            raise UnreadableError("Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        path = target.path.decode("ascii")
        offers = parser.should_upgrade()
        self._keeps = version != "1.0" and parser.should_keep_alive() and not offers
        if offers:
            self._framing = b"".join(b"%b: %b\r\n" % field for field in self._fields if field[0] in _FRAMING)
        fields, self._fields, self._url = self._fields, [], b""
        if self.teller is not None:
            self.teller.head_came(
                Head(
                    parser.get_method().decode("ascii"),
                    unquote(path) if "%" in path else path,
                    target.path,
                    target.query or b"",
                    fields,
                    version,
                    self._keeps,
                )
            )

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._unread = 0
        if self.teller is not None:
            self.teller.body_came(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self._framing:  # not yet: see ``_resume``
            return
        self._between, self._unread = True, 0
        if self.teller is not None:
            self.teller.all_came()

    def _head_size(self) -> int:
        return len(self._url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in self._fields)


def _target(url: bytes) -> httptools.parser.url_parser.URL:
    try:
        target = httptools.parse_url(url)
    except httptools.HttpParserInvalidURLError:
        target = None
    if target is None or target.path is None or not target.path.isascii():
        raise UnreadableError("The target of the request is not readable.")
    return target
