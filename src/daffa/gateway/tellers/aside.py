"""A thread that does beside the event loop what may wait: a bounded queue, taken up in batches. Knows not what it does."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Aside"]

Item = TypeVar("Item")

_logger = logging.getLogger(__name__)


class Aside(Generic[Item]):
    """``put`` returns at once; ``work`` gets what was put, in order, in batches, in a thread of its own.

    Args:
        name: of the thread.
        work: may take its time. What it raises is said once, until it succeeds again.
        most: so many may wait; what comes on top is dropped and counted, for it must never hold up a request.
        batch: so many are handed over at once.
        pause: seconds for which it gathers before it hands over.

    Attributes:
        dropped: how many were.
    """

    def __init__(
        self, name: str, work: Callable[[list[Item]], None], *, most: int = 10_000, batch: int = 500, pause: float = 0.2
    ) -> None:
        self._name = name
        self._work = work
        self._most = most
        self._batch = batch
        self._pause = pause
        self._waiting: deque[Item] = deque()
        self._some = threading.Event()
        self._ending = threading.Event()
        self._said = False
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, item: Item) -> None:
        """Have ``item`` worked on some time soon."""
        if len(self._waiting) >= self._most:
            self.dropped += 1
            return
        self._waiting.append(item)
        if not self._some.is_set():
            self._some.set()

    def close(self, seconds: float = 2.0) -> None:
        """Work on what waits, for at most ``seconds``, and end."""
        self._ending.set()
        self._some.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            self._some.wait()
            self._ending.wait(self._pause)
            self._some.clear()
            while self._waiting:
                self._do([self._waiting.popleft() for _ in range(min(len(self._waiting), self._batch))])
            if self._ending.is_set() and not self._waiting:
                return

    def _do(self, items: list[Item]) -> None:
        try:
            self._work(items)
        except Exception as error:  # noqa: BLE001 - whatever it is, requests go on, and somebody must be told
            self.dropped += len(items)
            if not self._said:
                _logger.warning("%s: %s", self._name, error)
            self._said = True
        else:
            self._said = False
