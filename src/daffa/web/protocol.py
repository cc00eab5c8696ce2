"""HTTP/1.1 on one connection, as uvicorn speaks it, with three holes closed. Knows bytes and the request that is answered.

uvicorn reads a head of any length, takes the trailers of a body for headers where they come early enough, and tells
only the last of several pipelined requests that its client has left.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from .asgi import Left

__all__ = ["Protocol"]

# Bytes that may come with nothing to show for them: neither a whole head nor a piece of a body.
_LONGEST_HEAD = 1 << 16


class Protocol(HttpToolsProtocol):
    """The server's side of a connection."""

    _unread = 0
    _in_head = False
    _answering: RequestResponseCycle | None = None

    def data_received(self, data: bytes) -> None:
        """Read on, up to the longest head."""
        self._unread += len(data)
        super().data_received(data)
        if self._unread > _LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response(f"The head of the request is longer than {_LONGEST_HEAD} bytes.")

    def on_message_begin(self) -> None:
        """A request begins (httptools)."""
        self._in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer (httptools)."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """A head is whole (httptools)."""
        self._unread, self._in_head = 0, False
        self.scope["daffa.left"] = Left()  # type: ignore[typeddict-unknown-key]
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body (httptools)."""
        self._unread = 0
        super().on_body(body)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the request that is being answered, too."""
        answering = self._answering
        if answering is not None and not answering.response_complete:
            answering.disconnected = True
            answering.message_event.set()
        super().connection_lost(exc)
        if answering is not None and not answering.response_complete:
            answering.scope["daffa.left"].happen()  # type: ignore[typeddict-item]

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)
