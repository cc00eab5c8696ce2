"""Answers under way: each is worked out once, kept, and told to whoever follows it, from its beginning. Knows no page.

It goes on where the browser leaves, so that what was asked has its outcome when somebody looks again. The outcome is kept
before anybody hears the end. An answer that is kept nowhere stays here for a moment after its end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any

from ..callers import Asked
from .turnstile import Turnstile

__all__ = ["Answering", "Desk", "desk_of"]

Event = dict[str, Any]
Events = Callable[[], AsyncIterator[Event]]
Keep = Callable[[Event], Awaitable[None]]

# Seconds for which an ended answer can still be fetched: a browser that lost its connection comes back.
_LINGERS = 300.0
# Files that are read at once: each takes a process, and a thread of those that everybody shares.
_READ_AT_ONCE = 2

_logger = logging.getLogger(__name__)


class Answering:
    """One answer: what was said so far; at last the outcome, which has a ``status``."""

    def __init__(self, owner: str, question: str, task: Event) -> None:
        self.owner = owner
        self.question = question
        self.task = task
        self.outcome: Event | None = None
        self._said: list[Event] = []
        self._broken = False
        self._news = asyncio.Condition()

    @property
    def ended(self) -> bool:
        """Whether nothing more will be said."""
        return self.outcome is not None or self._broken

    async def follow(self) -> AsyncGenerator[Event]:
        """Every event from the first on, the outcome last; ends without one where it broke off."""
        at = 0
        while True:
            await self._wait_for_more(at)
            for event in self._said[at:]:
                at += 1
                yield event
            if self.ended and at == len(self._said):
                return

    async def _wait_for_more(self, seen: int) -> None:
        async with self._news:
            await self._news.wait_for(lambda: len(self._said) > seen or self.ended)

    async def wait(self) -> Event | None:
        """The outcome, once it is there; ``None`` where it broke off."""
        async with self._news:
            await self._news.wait_for(lambda: self.ended)
        return self.outcome

    async def work(self, events: Events, keep: Keep) -> None:
        """Take ``events`` as they come, have the outcome kept, and say that it ended."""
        try:
            async for event in events():
                if "status" in event:
                    await keep(event)
                    self.outcome = event
                await self._say(event)
        except Exception:
            _logger.exception("an answer broke off in a way that nobody foresaw")
        finally:
            self._broken = self.outcome is None
            async with self._news:
                self._news.notify_all()

    async def _say(self, event: Event) -> None:
        async with self._news:
            self._said.append(event)
            self._news.notify_all()


class Desk:
    """The answers under way in this process, by name.

    Attributes:
        visitors: where each question of a visitor passes.
        reading: is held while a file of a guest's is read.
    """

    def __init__(self, visitors: Turnstile, lingers: float = _LINGERS) -> None:
        self.visitors = visitors
        self._lingers = lingers
        self._answers: dict[str, Answering] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.reading = asyncio.Semaphore(_READ_AT_ONCE)

    def begin(self, name: str, answering: Answering, events: Events, keep: Keep, *, kept: bool) -> Answering:
        """Begin to work out an answer under ``name``; what is ``kept`` elsewhere need not stay here once it has ended."""
        self._answers[name] = answering
        task = asyncio.create_task(answering.work(events, keep))
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(name, done, 0 if kept else self._lingers))
        return answering

    def find(self, name: str, owner: str) -> Answering | None:
        """The owner's answer of that name, if it is here."""
        found = self._answers.get(name)
        return found if found is not None and owner and found.owner == owner else None

    def _ended(self, name: str, task: asyncio.Task[None], stays: float) -> None:
        self._tasks.discard(task)
        asyncio.get_running_loop().call_later(stays, self._answers.pop, name, None)


def desk_of(request: Asked) -> Desk:
    """Where answers are under way."""
    desk: Desk = request.app.state.desk
    return desk
