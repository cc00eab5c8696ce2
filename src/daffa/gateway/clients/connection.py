"""One connection to one server: a request out, its answer in, one at a time. Knows HTTP/1 on the wire; no address, no pool."""

from __future__ import annotations

import asyncio
import re
import select
from collections.abc import Callable
from typing import cast

import httptools

from ..deadlines import Deadlines
from ..outbox import Outbox
from .answer import Answer, NoAnswerError

__all__ = ["Connection"]

# Heads of interim answers, of the answer and its trailers, together.
_LARGEST_HEAD = 64 << 10
_MOST_HEADERS = 256
# A body below this is cheaper copied behind its head than written beside it.
_SMALL = 16 << 10

_KEPT_FOR = re.compile(rb"timeout\s*=\s*(\d{1,6})", re.IGNORECASE)
_FRAMED = frozenset({204, 304})


class Connection(asyncio.Protocol):
    """A connection as the loop sees it (``asyncio.Protocol``), as its parser does (``on_...``), and as the pool does.

    Args:
        loop: the running loop.
        idle_seconds: how long an answer that is waited for may make no progress.
        deadlines: tell when that is over.
        outbox: has the questions of one turn of the loop sent together.
        ended: called once after each answer, with the connection and for how many seconds the server keeps it
            (``None`` where it did not say; 0: it is closed).

    Attributes:
        served: whether an answer has come to its end on it; the pool's to say.
    """

    __slots__ = (
        "_answer",
        "_closed",
        "_content_type",
        "_deadlines",
        "_done",
        "_encoding",
        "_ended",
        "_fault",
        "_framed",
        "_head_bytes",
        "_headed",
        "_headers",
        "_idle_seconds",
        "_keeps",
        "_last",
        "_loop",
        "_outbox",
        "_parser",
        "_parts",
        "_paused",
        "_poll",
        "_question",
        "_retry_after",
        "_transport",
        "on_body",
        "served",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        idle_seconds: float,
        deadlines: Deadlines,
        outbox: Outbox,
        ended: Callable[[Connection, float | None], None],
    ) -> None:
        self._loop = loop
        self._idle_seconds = idle_seconds
        self._deadlines = deadlines
        self._outbox = outbox
        self._question = b""
        self._ended = ended
        self._parts: list[bytes] = []
        self.on_body = self._parts.append  # a body comes in so many parts that they are taken without a step of ours
        self._parser = httptools.HttpResponseParser(self)
        # Odd bytes in the value of a header harm nobody: two values are looked at and none is passed on.
        self._parser.set_dangerous_leniencies(lenient_headers=True)
        self._answer: Answer | None = None
        self.served = False
        self._closed = False
        self._paused = False
        self._poll = select.poll()
        self._clear()

    def _clear(self) -> None:
        """Before an answer. ``_last`` is the number of parts that are its own, where more came behind its end."""
        self._head_bytes = 0
        self._headers = 0
        self._keeps: float | None = None
        self._headed = False
        self._framed = False
        self._done = False
        self._last = 0
        self._fault = ""
        self._content_type = ""
        self._encoding = ""
        self._retry_after = ""

    # As the pool sees it.

    @property
    def tls(self) -> object:
        """The ``ssl.SSLObject`` of an encrypted connection, else ``None``."""
        return self._transport.get_extra_info("ssl_object")

    def fresh(self) -> bool:
        """Whether the server has neither closed nor said anything unasked, as far as this machine knows.

        Asks the kernel, for the loop may not have looked yet: so a request is not sent into a connection that has
        ended, nor takes for its answer what came before it.
        """
        return not self._closed and not self._transport.is_closing() and not self._poll.poll(0)

    def ask(self, head: bytes, body: bytes) -> Answer:
        """Send a request: at once, or together with what else is sent in this turn of the loop."""
        self._clear()
        answer = self._answer = Answer(self._loop, self)
        if self._closed:  # between its opening and now
            self.fail(NoAnswerError("disconnected"))
            return answer
        if len(body) < _SMALL:
            self._question = head + body
            self._outbox.add(self)
        else:
            self._transport.writelines((head, body))
        return answer

    def send(self) -> None:
        """See ``Sender``."""
        question, self._question = self._question, b""
        if not self._closed:
            self._transport.write(question)

    def fail(self, error: OSError) -> None:
        """Close, with what is under way."""
        answer, self._answer = self._answer, None
        self.drop()
        if answer is not None:
            answer.end(error)
            self._ended(self, 0)

    def drop(self) -> None:
        """Close at once."""
        self._deadlines.over(self)
        if not self._closed:
            self._closed = True
            self._transport.abort()

    # As the reader of the answer sees it.

    def patience(self) -> None:
        """Somebody waits from now on."""
        if not self._closed:
            self._deadlines.set(self, self._idle_seconds)

    def resume(self) -> None:
        """There is room again."""
        if self._paused:
            self._paused = False
            self._transport.resume_reading()

    def late(self) -> None:
        """No progress for too long, where somebody waits for it still. See ``Deadlines``."""
        if self._answer is not None and self._answer.awaited:
            self.fail(TimeoutError("idle"))

    # As the loop sees it.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast("asyncio.Transport", transport)
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        answer = self._answer
        if answer is None or self._question:  # nobody asked
            self.fail(NoAnswerError("unasked"))
            return
        seen = self._headed
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._keeps = 0
        except httptools.HttpParserError as error:
            # Bytes behind the end of an answer end the connection; the answer they follow is whole.
            self._fault, self._keeps = type(error).__name__, 0
        if not self._headed:
            self._head_bytes += len(data)
        if self._done:
            del self._parts[self._last :]
        news = self._headed is not seen
        if self._parts:
            news = True
            if answer.put(b"".join(self._parts)) and not self._done and not self._paused:
                self._paused = True
                self._transport.pause_reading()
            self._parts.clear()
        if self._done:
            self._finish()
        elif self._fault or self._too_large():
            self.fail(NoAnswerError(self._fault or "head too large"))
        elif news:
            answer.wake()

    def _too_large(self) -> bool:
        return self._head_bytes > _LARGEST_HEAD or self._headers > _MOST_HEADERS

    def eof_received(self) -> bool:
        """See ``asyncio.Protocol``. The server says nothing more; whether it would still listen is of no use."""
        self._over(None)
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """See ``asyncio.Protocol``."""
        self._over(error)

    def _over(self, error: Exception | None) -> None:
        if self._answer is not None and self._headed and not self._framed and error is None:
            # Its end is the end of the connection. Over TLS it may have been cut there: who reads JSON or events sees that.
            self._keeps = 0
            self._finish()
        else:
            self.fail(NoAnswerError("disconnected" if error is None else type(error).__name__))

    def _finish(self) -> None:
        """The answer has come to its end. Answered before all of the question was sent, the connection is of no more use."""
        answer, self._answer = self._answer, None
        keeps = 0.0 if self._transport.get_write_buffer_size() or self._transport.is_closing() else self._keeps
        if self._paused:
            self.resume()
        self._deadlines.over(self)
        if keeps == 0:
            self.drop()
        if answer is not None:
            answer.end()
            self._ended(self, keeps)

    # As the parser sees it.

    def on_message_begin(self) -> None:
        """An answer begins; one that nobody asked for makes the connection useless."""
        if self._done:
            self._keeps = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer."""
        self._headers += 1
        self._head_bytes += len(name) + len(value)
        if self._headed:
            return
        name = name.lower()
        if name == b"content-type":
            self._content_type = value.decode("latin-1").lower()
        elif name == b"content-length":
            self._framed = True
        elif name == b"content-encoding":
            self._encoding = value.decode("latin-1").strip().lower()
        elif name == b"keep-alive":
            if said := _KEPT_FOR.search(value):
                self._keeps = float(said[1])
        elif name == b"retry-after":
            self._retry_after = value.decode("latin-1")
        elif name == b"transfer-encoding":
            self._framed = True
            if value.strip().lower() != b"chunked":
                self._fault = "transfer-encoding"

    def on_headers_complete(self) -> None:
        """The head has come. That of an interim answer is passed over."""
        answer, status = self._answer, self._parser.get_status_code()
        if self._done or answer is None:
            return
        if self._too_large():
            self._fault = "head too large"
            return
        if 100 <= status < 200 and status != 101:
            self._framed, self._content_type, self._encoding, self._keeps, self._retry_after = False, "", "", None, ""
            return
        if self._parser.get_http_version() not in ("1.1", "1.0"):
            self._fault = "http version"
        if self._fault:
            return
        self._headed = True
        self._framed = self._framed or status in _FRAMED
        if not self._parser.should_keep_alive():
            self._keeps = 0
        answer.status, answer.content_type, answer.encoding = status, self._content_type, self._encoding
        answer.retry_after = self._retry_after

    def on_message_complete(self) -> None:
        """The answer has ended, where it was more than an interim one."""
        if self._headed and not self._done:
            self._done, self._last = True, len(self._parts)
