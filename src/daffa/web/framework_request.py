"""One request to the framework, as uvicorn answers it, on a connection of ours. Knows ASGI and nothing behind it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl

from .http_reader import Head

__all__ = ["FrameworkRequest"]

_log = logging.getLogger("uvicorn.error")


class FrameworkRequest(RequestResponseCycle):
    """A request, and the answer as ASGI gives it. ``answered`` is called when that is complete."""

    def __init__(
        self, transport: asyncio.Transport, flow: FlowControl, config: Config, head: Head, answered: Callable[[], None]
    ) -> None:
        scope: Any = {
            "type": "http", "asgi": {"version": config.asgi_version, "spec_version": "2.3"}, "http_version": head.version,
            "server": get_local_addr(transport), "client": get_remote_addr(transport),
            "scheme": "https" if is_ssl(transport) else "http", "root_path": "", "headers": head.fields, "state": {},
            "method": head.method, "path": head.path, "raw_path": head.raw_path, "query_string": head.query,
        }  # fmt: skip
        expects = head.version != "1.0" and any(
            name == b"expect" and value.lower() == b"100-continue" for name, value in head.fields
        )
        super().__init__(
            scope=scope,
            transport=transport,
            flow=flow,
            logger=_log,
            access_logger=_log,
            access_log=False,
            default_headers=[],
            message_event=asyncio.Event(),
            expect_100_continue=expects,
            keep_alive=head.keep_alive,
            on_response=answered,
        )

    async def send(self, message: Any) -> None:
        """As uvicorn sends; an answer before the body was asked for is the last on its connection.

        Whether the client then sends that body, or its next request, is not known.
        """
        if self.waiting_for_100_continue and self.more_body:
            self.keep_alive = False
        await super().send(message)

    def more(self, piece: bytes) -> None:
        """A piece of the body has come."""
        self.body += piece
        if len(self.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        self.message_event.set()

    def all_in(self) -> None:
        """The body has come to its end."""
        self.more_body = False
        self.message_event.set()

    def leave(self) -> None:
        """The client has left: whoever answers is told when it next reads or writes."""
        if not self.response_complete:
            self.disconnected = True
        self.message_event.set()
