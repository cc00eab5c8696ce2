"""What must be over by when: one timer of the loop for all that is under way. Knows nothing of what it is."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from time import monotonic
from typing import Protocol

__all__ = ["Deadlines"]

# Timers are no finer than a millisecond, and may come that much too early.
_GRAIN = 0.001


class Waiting(Protocol):
    """What may be late."""

    def late(self) -> None:
        """Its time is over."""
        ...


class Deadlines:
    """Each of those who wait is told once when its time is over, unless it is over before.

    Most are long and never come: to note one is to write in a table, where a timer of its own would cost microseconds.

    Args:
        clock: seconds, monotonic, that pass as they do for the loop; its own clock may stand still for a turn.
    """

    __slots__ = ("_at", "_clock", "_due", "_timer")

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._due: dict[Waiting, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._at = math.inf

    def set(self, waiting: Waiting, seconds: float) -> None:
        """``waiting`` has ``seconds`` from now on, whatever it had before."""
        due = self._due[waiting] = self._clock() + seconds
        if due < self._at:
            self._look_at(due)

    def over(self, waiting: Waiting) -> None:
        """``waiting`` is over, or has none. The timer stays: the next one may need it."""
        self._due.pop(waiting, None)

    def _look_at(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._at = due
        self._timer = asyncio.get_running_loop().call_later(max(due - self._clock(), 0.0), self._look)

    def _look(self) -> None:
        self._timer, self._at = None, math.inf
        now = self._clock() + _GRAIN
        try:
            for waiting in [each for each, due in self._due.items() if due <= now]:
                # Whoever was told before may have ended this one, or given it more time.
                if self._due.get(waiting, math.inf) <= now:
                    del self._due[waiting]
                    waiting.late()
        finally:  # one that fails when it is told keeps nobody else waiting
            if self._due:
                self._look_at(min(self._due.values()))
