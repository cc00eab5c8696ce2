"""``daffa up`` with a watch beside its event loop: ``python tests/monitored.py DATA``. What it saw is in ``DATA/held.json``."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import socket
import sys
import threading
from pathlib import Path

from loop_monitor import watching

from daffa.settings import Settings, read_settings
from daffa.web import run, serving

REAL = serving._serve


async def watched(settings: Settings, listener: socket.socket, address: Path) -> None:
    """Serve, and watch from the moment when requests are answered."""
    serving_task = asyncio.ensure_future(REAL(settings, listener, address))
    while not address.exists() and not serving_task.done():
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    with watching(asyncio.get_running_loop(), threading.get_ident(), threading.get_native_id()) as held:
        while address.exists() and not serving_task.done():
            await asyncio.sleep(0.05)
    (settings.data / "held.json").write_text(json.dumps(dataclasses.asdict(held)))
    await serving_task


if __name__ == "__main__":
    data = Path(sys.argv[1])
    serving._serve = watched
    with socket.create_server(("127.0.0.1", 0)) as listener:
        run(read_settings(data), listener, data / "server.json")
