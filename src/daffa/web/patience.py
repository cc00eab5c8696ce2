"""How long connections may keep the server waiting: one timer for all that wait for the same. Knows times, and no bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Patience"]

Waiting = TypeVar("Waiting", bound=Hashable)


class Patience(Generic[Waiting]):
    """Those that wait, in the order in which they began to.

    Args:
        seconds: that each may wait.
        ended: called with each that has waited so long; it waits no more then.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float, ended: Callable[[Waiting], None]) -> None:
        self._loop = loop
        self._seconds = seconds
        self._ended = ended
        self._since: dict[Waiting, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, one: Waiting) -> None:
        """From now on ``one`` waits, where it did not already."""
        if one in self._since:
            return
        self._since[one] = self._loop.time()
        if self._timer is None:
            self._wait()

    def end(self, one: Waiting) -> None:
        """It does not wait, or not any more."""
        self._since.pop(one, None)

    def _wait(self) -> None:
        oldest = next(iter(self._since.values()), None)
        self._timer = None if oldest is None else self._loop.call_at(oldest + self._seconds, self._look)

    def _look(self) -> None:
        due = self._loop.time() - self._seconds
        try:
            while self._since and self._since[one := next(iter(self._since))] <= due:
                del self._since[one]
                self._ended(one)
        finally:
            self._wait()  # not before: of those that are ended, some begin again
