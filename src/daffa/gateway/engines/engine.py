"""One engine kept alive: started, asked how it is, ended where it hangs, started again. Knows no request and no law."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from ..model import LocalFile, Model
from ..upstream import unix_url

__all__ = ["Engine", "Pace"]

_logger = logging.getLogger(__name__)

_CHILD = Path(__file__).with_name("child.py")
_LONGEST_LOG = 1 << 20
# What an engine gets of the environment: how to find libraries and hardware, and none of the house's keys.
_NAMES = frozenset({"PATH", "HOME", "LANG", "TMPDIR", "TZ"})
_PREFIXES = ("LC_", "LD_", "OMP_", "GGML_", "CUDA_", "NVIDIA_", "HIP_", "ROCR_")


@dataclass(frozen=True, slots=True)
class Pace:
    """How an engine is watched.

    Attributes:
        probe_seconds: between two looks, and for each to be answered.
        probes: how many looks in a row may go unanswered.
        first_wait, longest_wait: seconds before a new start; doubled after each that failed.
        steady_seconds: who has lived so long may start at once again.
    """

    probe_seconds: float = 5.0
    probes: int = 3
    first_wait: float = 0.5
    longest_wait: float = 30.0
    steady_seconds: float = 60.0


class Engine:
    """The engine of one model.

    Attributes:
        url: where it listens; the same after each start.
        alive: whether it has loaded and runs.
        pid: of its process; 0 where there is none.
    """

    def __init__(self, model: Model, file: LocalFile, *, socket: Path, log: Path, pace: Pace) -> None:
        self.url = unix_url(socket) + "/v1"
        self.alive = False
        self.pid = 0
        self._model = model
        self._file = file
        self._socket = socket
        self._log = log
        self._pace = pace
        self._changed = asyncio.Event()

    async def ready(self) -> None:
        """Wait until it is alive."""
        while not self.alive:
            self._changed.clear()
            await self._changed.wait()

    async def run(self) -> None:
        """Keep it alive until cancelled; then it is ended."""
        loop = asyncio.get_running_loop()
        wait = self._pace.first_wait
        while True:
            began = loop.time()
            end = await self._life()
            if loop.time() - began >= self._pace.steady_seconds:
                wait = self._pace.first_wait
            said = "the engine of the model %s %s; it is started again in %.1f s. Its log: %s"
            _logger.warning(said, self._model.id, end, wait, self._log)
            await asyncio.sleep(wait)
            wait = min(2 * wait, self._pace.longest_wait)

    async def _life(self) -> str:
        """One life of the engine. Returns how it ended."""
        try:
            process = await self._launched()
        except OSError as error:
            return f"did not start ({error})"
        self.pid = process.pid
        try:
            if process.stdout is not None and await process.stdout.readline() == b"ready\n":
                self._say(alive=True)
                return await self._watched(process)
            return f"did not load (exit {await process.wait()})"
        finally:
            self._say(alive=False)
            self.pid = 0
            # It keeps nothing that a quiet end would save.
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            if process.stdin is not None:
                process.stdin.close()

    async def _launched(self) -> asyncio.subprocess.Process:
        file = self._file
        orders = {"file": str(file.path), "name": self._model.id, "socket": str(self._socket), "parallel": file.parallel}
        orders |= {"context": self._model.context, "threads": file.threads}
        if self._log.exists() and self._log.stat().st_size > _LONGEST_LOG:
            self._log.replace(self._log.with_name(self._log.name + ".1"))
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-I", str(_CHILD), json.dumps(orders),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=descriptor,
                env={name: value for name, value in os.environ.items() if name in _NAMES or name.startswith(_PREFIXES)},
                start_new_session=True,  # the terminal's Ctrl-C is for the house, which first lets answers end
            )  # fmt: skip
        finally:
            os.close(descriptor)

    async def _watched(self, process: asyncio.subprocess.Process) -> str:
        """Look at a running engine until it ends or no longer answers."""
        missed = 0
        while missed < self._pace.probes:
            try:
                async with asyncio.timeout(self._pace.probe_seconds):
                    return f"has ended (exit {await process.wait()})"
            except TimeoutError:
                missed = 0 if await self._well() else missed + 1
        return "no longer answers"

    async def _well(self) -> bool:
        """Whether it answers when asked how it is."""
        try:
            async with asyncio.timeout(self._pace.probe_seconds):
                reader, writer = await asyncio.open_unix_connection(self._socket)
                try:
                    writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    return (await reader.readline()).startswith(b"HTTP/1.1 200 ")
                finally:
                    writer.close()
        except OSError:  # a timeout too
            return False

    def _say(self, *, alive: bool) -> None:
        self.alive = alive
        self._changed.set()
