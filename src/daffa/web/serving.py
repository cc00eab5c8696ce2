"""The server process: uvicorn around the house, a word when it is ready, a clean end at a signal. Knows no command."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import cast

import uvicorn
import uvloop

from daffa import sentences
from daffa.app import House, build
from daffa.audit import Cosigning
from daffa.errors import DaffaError
from daffa.gateway import Intake
from daffa.settings import Settings

from .protocol import Front
from .server import application, models

__all__ = ["run"]

# Seconds that answers which are cut off have to say so.
_FAREWELL = 1.0
_DRAIN_STEP = 0.5
_FOLLOW_SECONDS = 5.0
_WATCH_SECONDS = 0.5
_LOOK_SECONDS = 0.5
_SWITCH_SECONDS = 0.001
_FORGET_SECONDS = 3600.0
# Little at once, so that no request waits long (a tenth of a microsecond for each object), and yet not at each crowd that
# comes in: a request that waits for its entry has some forty objects, and all of them go by themselves.
_COLLECTED = 3_000, 5, 10

_logger = logging.getLogger(__name__)


def run(settings: Settings, listener: socket.socket, address: Path) -> None:
    """Serve on ``listener`` until a signal comes.

    When requests can be answered, a line says so, and ``address`` is written: ``{"url", "pid"}``. It is locked
    (flock) while the server lives: one that is not is a leaving of a server that was killed.
    """
    # A thread that looks through a long prompt lets the event loop have the interpreter at once.
    sys.setswitchinterval(_SWITCH_SECONDS)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listener, address))


async def _serve(settings: Settings, listener: socket.socket, address: Path) -> None:
    follow = "the index does not follow the log: %s"
    law = "the law that other workers put into force is not seen: %s"
    watch = "what other workers change of who may ask is not seen: %s"
    incidents = "incidents are neither written nor read: %s"
    quota = "what was spent of budgets is not written: %s"
    forgetting = "what was asked on the page is kept longer than it may be: %s"
    looking = "nobody looks after the servers of models that rest: %s"
    gc.disable()  # until what the start makes is there: see _warm
    async with (
        build(settings) as house,
        house.engines,
        _repeating(house.index.follow, _FOLLOW_SECONDS, follow),
        _repeating(house.identity.refresh, _WATCH_SECONDS, watch),
        _repeating(partial(house.lawmaking.refresh, shared=bool(settings.database)), _WATCH_SECONDS, law),
        _repeating(house.incidents.refresh, _WATCH_SECONDS, incidents),
        _repeating(house.quota.refresh, _WATCH_SECONDS, quota),
        _repeating(house.conversations.forget, _FORGET_SECONDS, forgetting),
        _repeating(house.probing.look, _LOOK_SECONDS, looking),
        _beside(house.cosigning),
    ):
        await asyncio.to_thread(house.gateway.warm, house.cache.kept)
        await asyncio.to_thread(sentences.catalogue)  # else whoever gets the first error reads all sentences on the loop
        await _tell_standing(house)
        config = uvicorn.Config(
            application(house), http=_factory(Front(models(house))), ws="none", lifespan="off", access_log=False,
            server_header=False, date_header=False, proxy_headers=False, log_config=None, log_level="warning",
            timeout_graceful_shutdown=1, backlog=2048,
        )  # fmt: skip
        server = _Server(config, address, house.running.intake, settings.drain_seconds)
        async with _warming(house, server.ready):
            await server.serve(sockets=[listener])


def _factory(front: Front) -> type[asyncio.Protocol]:
    """``front`` as uvicorn wants it, which calls a class of protocols and does nothing else with it."""
    return cast("type[asyncio.Protocol]", front)


async def _tell_standing(house: House) -> None:
    """Say at the start what nobody should find out later: the folder is not the law, or one person alone brought it back."""
    found = await house.lawmaking.standing()
    said = [] if found.folder == "same" else [f"lawmaking_folder_{found.folder}"]
    said += ["lawmaking_attention_rollback"] if found.attention == "rollback" else []
    elsewhere = found.in_force.entry.rpartition("#")[0] != house.audit.origin
    said += ["lawmaking_entry_elsewhere"] if elsewhere and not house.settings.database else []
    for code in said:
        _logger.warning("%s (./daffa policy status)", sentences.say(code))


class _Server(uvicorn.Server):
    """A server that says when it is ready, and leaves its address in the folder while it runs."""

    def __init__(self, config: uvicorn.Config, address: Path, intake: Intake, drain_seconds: float) -> None:
        super().__init__(config)
        self._address = address
        self._intake = intake
        self._drain_seconds = drain_seconds
        self._lock = -1
        self.ready = asyncio.Event()

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
        self._write_address({"url": url, "pid": os.getpid()})
        with contextlib.suppress(BrokenPipeError):  # whoever started us does not listen: no reason to stop
            sys.stdout.write(f"ready {url}\n")
            sys.stdout.flush()
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let open answers end, then cut them off; after that no request is under way, and the house may close.

        Meanwhile the port stays open: whoever comes is told at once to go elsewhere, and not left with a dead address.
        """
        self._address.unlink(missing_ok=True)
        await self._drain()
        tasks = set(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_FAREWELL)
        await super().shutdown(sockets)

    async def _drain(self) -> None:
        self._intake.stopping = True
        end = asyncio.get_running_loop().time() + self._drain_seconds
        while (tasks := set(self.server_state.tasks)) and not self.force_exit:
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                return
            await asyncio.wait(tasks, timeout=min(left, _DRAIN_STEP))

    def _write_address(self, content: dict[str, str | int]) -> None:
        aside = self._address.with_name(self._address.name + ".new")
        self._lock = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        os.write(self._lock, json.dumps(content).encode())
        aside.replace(self._address)


@contextlib.asynccontextmanager
async def _beside(cosigning: Cosigning | None) -> AsyncGenerator[None]:
    """Have the log cosigned while the server runs, where there are witnesses."""
    task = asyncio.create_task(cosigning.run()) if cosigning is not None else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            await asyncio.wait({task}, timeout=_FAREWELL)


@contextlib.asynccontextmanager
async def _warming(house: House, ready: asyncio.Event) -> AsyncGenerator[None]:
    """Have the assistant's words read once requests are answered: whoever asks it before waits for them, and nobody else."""
    task = asyncio.create_task(_warm(house, ready))
    try:
        yield
    finally:
        if not ready.is_set():
            task.cancel()
        await asyncio.wait({task})  # a thread cannot be stopped in the middle


async def _warm(house: House, ready: asyncio.Event) -> None:
    await ready.wait()
    try:
        if not house.running.intake.stopping:
            await asyncio.to_thread(house.planners.warm)
    except Exception:
        _logger.exception("the assistant's words could not be read")
    # What the start made stays: a collection that walked through all of it would hold every request for a moment.
    gc.freeze()
    gc.set_threshold(*_COLLECTED)
    gc.enable()


@contextlib.asynccontextmanager
async def _repeating(work: Callable[[], Awaitable[object]], seconds: float, trouble: str) -> AsyncGenerator[None]:
    """Do ``work`` again and again. Where it cannot be done, the house goes on and we say so."""
    stopping = asyncio.Event()
    task = asyncio.create_task(_repeat(work, seconds, trouble, stopping))
    try:
        yield
    finally:
        # Asked first: a transaction that is cancelled in the middle takes its connection with it.
        stopping.set()
        await asyncio.wait({task}, timeout=_FAREWELL)
        task.cancel()


async def _repeat(work: Callable[[], Awaitable[object]], seconds: float, trouble: str, stopping: asyncio.Event) -> None:
    said = False
    while not stopping.is_set():
        try:
            await work()
            said = False
        except DaffaError as error:
            if not said:  # once, not at every turn until it is over
                _logger.warning(trouble, error)
            said = True
        except Exception:
            _logger.exception(trouble, "an error of our own")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), seconds)
