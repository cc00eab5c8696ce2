"""Who does blocking work for an event loop, one job after the other: a thread. Knows nothing of the work."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Protocol, TypeAlias

__all__ = ["Done", "Thread", "Work", "Worker", "done_in"]

Work: TypeAlias = Callable[[], object]
Done: TypeAlias = Callable[[Exception | None], object]


class Worker(Protocol):
    """Does one job after the other, beside the loop."""

    def submit(self, work: Work, done: Done) -> None:
        """Run ``work`` beside the loop, then ``done`` with its error, or ``None``, in the running loop."""
        ...

    def stop(self) -> None:
        """End after the jobs that were given, and wait for that."""
        ...


async def done_in(worker: Worker, work: Work) -> None:
    """Have ``work`` done and wait for it; what it raises is raised here."""
    waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def done(error: Exception | None) -> None:
        if waiter.cancelled():
            return
        if error is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(error)

    worker.submit(work, done)
    await waiter


class Thread:
    """A worker that is one thread. A leaner way to it than an executor: no future is made, one callback is posted back."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[tuple[asyncio.AbstractEventLoop, Work, Done] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Work, done: Done) -> None:
        """See ``Worker.submit``."""
        self._jobs.put((asyncio.get_running_loop(), work, done))

    def stop(self) -> None:
        """See ``Worker.stop``."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while job := self._jobs.get():
            loop, work, done = job
            error = None
            try:
                work()
            except Exception as raised:  # noqa: BLE001 - whatever it is, somebody waits for it
                error = raised
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(done, error)
