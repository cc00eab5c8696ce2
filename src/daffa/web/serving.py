"""The server process: uvicorn around the house, a word when it is ready, a clean end at a signal. Knows no command."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import uvicorn
import uvloop

from daffa.app import build
from daffa.settings import Settings

from .server import application

__all__ = ["run"]


def run(settings: Settings, listener: socket.socket, address: Path) -> None:
    """Serve on ``listener`` until a signal comes.

    When requests can be answered, a line says so, and ``address`` is written: ``{"url", "pid"}``, while it runs.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listener, address))


async def _serve(settings: Settings, listener: socket.socket, address: Path) -> None:
    async with build(settings) as house:
        config = uvicorn.Config(
            application(house), http="httptools", ws="none", lifespan="on", access_log=False, server_header=False,
            date_header=False, log_level="warning", timeout_graceful_shutdown=10, backlog=2048,
        )  # fmt: skip
        await _Server(config, address).serve(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that says when it is ready, and leaves its address in the folder while it runs."""

    def __init__(self, config: uvicorn.Config, address: Path) -> None:
        super().__init__(config)
        self._address = address

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal, and nothing more: uvicorn would raise it again and end the process before the log is closed."""
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, self.handle_exit, name, None)
        try:
            yield
        finally:
            for name in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(name)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started or not sockets:
            return
        host, port = sockets[0].getsockname()[:2]
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        aside = self._address.with_name(self._address.name + ".new")
        aside.write_text(json.dumps({"url": url, "pid": os.getpid()}), encoding="utf-8")
        aside.replace(self._address)
        sys.stdout.write(f"ready {url}\n")
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._address.unlink(missing_ok=True)
        await super().shutdown(sockets)
