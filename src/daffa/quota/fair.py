"""Whose turn it is at an engine that serves few at a time. Knows organisations and priorities; no database, no engine.

The next turn goes to the organisation that had the least, each turn counted at the cost of its priority: an urgent one
costs a quarter of an idle one. Inside an organisation the same holds among priorities; inside a priority who came first
is served first. So nobody starves, and whoever comes back after a pause has saved nothing up.
Source: start-time fair queueing (Goyal, Vin, Cheng 1996), with costs of 1, 2 and 4.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Callable
from enum import StrEnum
from types import TracebackType
from typing import Self

from daffa.errors import Unavailable

__all__ = ["Priority", "Turn", "Turns"]

_COST = {"high": 1, "normal": 2, "low": 4}
_LONGEST_ADVICE = 60


class Priority(StrEnum):
    """How urgent a request is beside others."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Turn:
    """One turn at an engine: ``take`` waits for it, ``end`` gives it on. Also a context manager that does both.

    Attributes:
        organisation, priority: whose it is.
        began: when it was served (seconds of the engine's clock); ``None`` before and after.
        called: done when it is served, while it waits.
    """

    __slots__ = ("_engine", "began", "called", "organisation", "priority")

    def __init__(self, engine: _Engine | None, organisation: str, priority: Priority) -> None:
        self._engine = engine
        self.called: asyncio.Future[None] | None = None
        self.began: float | None = None
        self.organisation = organisation
        self.priority = priority

    async def take(self) -> Self:
        """Wait until it is our turn. Raises ``Unavailable``: ``queue_full`` or ``queue_timeout``, with ``retry_after``."""
        if self._engine is not None:
            await self._engine.wait(self)
        return self

    def end(self) -> None:
        """The engine may serve the next; waits for nothing, and may be called more than once."""
        if self._engine is not None and self.began is not None:
            began, self.began = self.began, None
            self._engine.leave(began)

    async def __aenter__(self) -> Self:
        return await self.take()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def __del__(self) -> None:
        self.end()


class Turns:
    """The turns at all engines of this process.

    Args:
        clock: seconds, monotonic.
        longest: how many may wait for one engine.
        patience: how long (seconds) one waits at most.
    """

    def __init__(self, clock: Callable[[], float], longest: int, patience: float) -> None:
        self._clock = clock
        self._longest = longest
        self._patience = patience
        self._engines: dict[str, _Engine] = {}

    def turn(self, name: str, capacity: int, organisation: str, priority: Priority) -> Turn:
        """A turn at an engine that serves ``capacity`` at a time; 0 for one that serves all who come."""
        if capacity <= 0:
            return Turn(None, organisation, priority)
        engine = self._engines.get(name)
        if engine is None:
            engine = self._engines[name] = _Engine(name, self._clock, self._longest, self._patience)
        engine.capacity = capacity
        return Turn(engine, organisation, priority)

    def waiting(self) -> dict[str, int]:
        """How many wait, by engine that ever had somebody waiting or served."""
        return {name: engine.length for name, engine in self._engines.items()}


class _Line:
    """Those of one organisation who wait, by priority, and how much the organisation and each priority has had."""

    __slots__ = ("had", "had_by", "queues")

    def __init__(self, had: int) -> None:
        self.had = had
        self.had_by: dict[Priority, int] = {}
        self.queues: dict[Priority, deque[Turn]] = {}

    def __len__(self) -> int:
        return sum(map(len, self.queues.values()))

    def add(self, turn: Turn) -> None:
        """Let ``turn`` wait; a priority that comes back has had as much as the one that had least."""
        if turn.priority not in self.queues:
            least = min((self.had_by[other] for other in self.queues), default=0)
            self.queues[turn.priority], self.had_by[turn.priority] = deque(), least
        self.queues[turn.priority].append(turn)

    def next(self) -> Turn:
        """Whoever of the organisation is next; counted."""
        priority = min(self.queues, key=lambda each: (self.had_by[each], _COST[each]))
        turn = self.queues[priority].popleft()
        self.had += _COST[priority]
        self.had_by[priority] += _COST[priority]
        self._tidy(priority)
        return turn

    def last(self) -> Turn:
        """Whoever of the organisation can wait longest: the newest of the least urgent."""
        priority = max(self.queues, key=_COST.__getitem__)
        return self.queues[priority][-1]

    def remove(self, turn: Turn) -> None:
        """``turn`` waits no more."""
        self.queues[turn.priority].remove(turn)
        self._tidy(turn.priority)

    def _tidy(self, priority: Priority) -> None:
        if not self.queues[priority]:
            del self.queues[priority], self.had_by[priority]


class _Engine:
    """Who is being served by one engine, and who waits for it."""

    def __init__(self, name: str, clock: Callable[[], float], longest: int, patience: float) -> None:
        self.capacity = 0
        self._name = name
        self._clock = clock
        self._longest = longest
        self._patience = patience
        self._serving = 0
        self._lines: OrderedDict[str, _Line] = OrderedDict()
        self._had: dict[str, int] = {}  # of those who wait no more and had more than the one whose turn it was
        self._now = 0  # what the organisation had whose turn it was last: who comes has had no less
        self._seconds = 0.0  # that a turn takes, the last ones weighing most

    @property
    def length(self) -> int:
        """How many wait."""
        return sum(map(len, self._lines.values()))

    async def wait(self, turn: Turn) -> None:
        """Have ``turn`` served, at once where nobody waits and there is room."""
        if self._serving < self.capacity and not self._lines:
            self._serve(turn, self._line(turn.organisation))
            return
        self._make_room(turn.organisation)
        turn.called = future = asyncio.get_running_loop().create_future()
        self._lines.setdefault(turn.organisation, self._line(turn.organisation)).add(turn)
        self._pass_on()
        try:
            async with asyncio.timeout(self._patience):
                await future
        except TimeoutError:
            if not self._left(turn):
                return  # it came to be our turn in the same moment
            raise Unavailable("queue_timeout", model=self._name, retry_after=self._advice()) from None
        except asyncio.CancelledError:
            if not self._left(turn):
                turn.end()
            if future.done() and not future.cancelled():
                future.exception()  # who leaves does not hear that the queue had become too long
            raise

    def leave(self, began: float) -> None:
        """One that was served is done; the next may begin."""
        took = self._clock() - began
        self._seconds = took if self._seconds == 0 else self._seconds + (took - self._seconds) / 8
        self._serving -= 1
        self._pass_on()

    def _pass_on(self) -> None:
        while self._lines and self._serving < self.capacity:
            organisation, line = min(self._lines.items(), key=lambda each: each[1].had)
            self._now = max(self._now, line.had)
            turn = line.next()
            self._lines.move_to_end(organisation)
            self._forget(organisation)
            self._begin(turn)
            if turn.called is not None and not turn.called.done():
                turn.called.set_result(None)

    def _serve(self, turn: Turn, line: _Line) -> None:
        self._now = max(self._now, line.had)
        line.had += _COST[turn.priority]
        self._had[turn.organisation] = line.had
        self._begin(turn)

    def _begin(self, turn: Turn) -> None:
        self._serving += 1
        turn.began = self._clock()

    def _line(self, organisation: str) -> _Line:
        """The line of an organisation; one that comes back has had no less than whoever's turn it was last."""
        known = self._lines.get(organisation)
        return known if known is not None else _Line(max(self._now, self._had.pop(organisation, 0)))

    def _forget(self, organisation: str) -> None:
        """A line in which nobody waits goes; what it had beyond the others is remembered as long as that matters."""
        if not self._lines[organisation]:
            self._had[organisation] = self._lines.pop(organisation).had
        self._had = {name: had for name, had in self._had.items() if had > self._now}

    def _make_room(self, organisation: str) -> None:
        """A full queue loses the newest of its longest line, be it the one that comes."""
        if self.length < self._longest:
            return
        longest = max(self._lines.values(), key=len)
        if len(longest) <= len(self._lines.get(organisation, ())) + 1:
            raise self._full()
        turn = longest.last()
        self._left(turn)
        if turn.called is not None and not turn.called.done():
            turn.called.set_exception(self._full())

    def _left(self, turn: Turn) -> bool:
        """Take ``turn`` out of its line; whether it still stood there, or else was pushed out before."""
        if turn.began is not None:
            return False
        line = self._lines.get(turn.organisation)
        if line is not None and turn in line.queues.get(turn.priority, ()):
            line.remove(turn)
            self._forget(turn.organisation)
        return True

    def _full(self) -> Unavailable:
        return Unavailable("queue_full", model=self._name, waiting=self.length, retry_after=self._advice())

    def _advice(self) -> int:
        """Seconds after which asking again makes sense: about as long as those who wait now will take."""
        seconds = self._seconds * (self.length + 1) / max(1, self.capacity)
        return min(_LONGEST_ADVICE, max(1, math.ceil(seconds)))
