"""The rules and priorities in force, in memory: which of them are about whom. Knows the database; no amount that was used."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, TypeVar

from daffa.errors import Invalid
from daffa.storage import Database, WriteSession

from . import register
from .fair import Priority
from .register import Priorities
from .rule import Asker, Rule, checked, checked_subject

__all__ = ["Rulebook", "Tasks"]

Done = TypeVar("Done")

_MOST_ASKERS = 65_536


class Tasks:
    """Work that goes on when whoever waits for it leaves: the memory must learn what the database did."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, Done]) -> asyncio.Task[Done]:
        """Begin ``work``; await it under ``asyncio.shield``."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    async def end(self) -> None:
        """Wait for all that was begun."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits for it hears of it


class Rulebook:
    """Rules and priorities. ``adopted`` is called with the rules, by number, whenever they are others.

    Attributes:
        rules: all of them, those of one subject beside each other.
        priorities: whose requests are not as urgent as most.
    """

    def __init__(self, database: Database, tasks: Tasks, adopted: Callable[[dict[int, Rule]], None]) -> None:
        self.rules: tuple[Rule, ...] = ()
        self.priorities: Priorities = {}
        self._database = database
        self._tasks = tasks
        self._adopted = adopted
        self._version = -1
        self._about: dict[tuple[str, str, str, str], tuple[Rule, ...]] = {}

    def about(self, asker: Asker, model: str) -> tuple[Rule, ...]:
        """The rules that a request of ``asker`` to ``model`` must keep."""
        if not self.rules:
            return ()
        key = (asker.key_id, asker.actor.id, asker.organisation, model)
        found = self._about.get(key)
        if found is None:
            subjects = {("organisation", asker.organisation), ("person", asker.actor.id), ("key", asker.key_id)}
            found = tuple(rule for rule in self.rules if (rule.scope, rule.subject) in subjects and rule.model in ("", model))
            if len(self._about) >= _MOST_ASKERS:
                self._about.clear()
            self._about[key] = found
        return found

    def priority_of(self, asker: Asker) -> Priority:
        """How urgent the requests of ``asker`` are: as their key says, else they themselves, else their organisation."""
        if not self.priorities:
            return Priority.NORMAL
        subjects = (("key", asker.key_id), ("person", asker.actor.id), ("organisation", asker.organisation))
        return next((self.priorities[each] for each in subjects if each in self.priorities), Priority.NORMAL)

    async def reload(self) -> None:
        """Take up what other processes changed. Raises ``Unavailable``."""
        async with self._database.read() as session:
            version = await register.version(session)
            if version <= self._version:
                return
            found = await register.rules(session), await register.priorities(session)
        self._adopt(version, *found)

    async def put(self, scope: str, subject: str, measure: str, period: str, most: int, model: str) -> Rule:
        """See ``Quota.set``."""
        new = checked(scope, subject, model, measure, period, most)
        return await self._change(lambda session: register.put(session, new))

    async def remove(self, scope: str, subject: str, measure: str, period: str, model: str) -> Rule:
        """See ``Quota.remove``."""
        like = checked(scope, subject, model, measure, period)
        return await self._change(lambda session: register.remove(session, like))

    async def put_priority(self, scope: str, subject: str, priority: str) -> None:
        """See ``Quota.set_priority``."""
        checked_subject(scope, subject)
        if priority not in list(Priority):
            raise Invalid("invalid_field", field="priority", expected=" | ".join(Priority), got=repr(priority)[:80])
        await self._change(lambda session: register.put_priority(session, scope, subject, Priority(priority)))

    async def _change(self, work: Callable[[WriteSession], Awaitable[Done]]) -> Done:
        """Run ``work`` in one transaction and adopt what it leaves; a caller who goes away in the middle stops neither."""
        return await asyncio.shield(self._tasks.begin(self._change_whole(work)))

    async def _change_whole(self, work: Callable[[WriteSession], Awaitable[Done]]) -> Done:
        async with self._database.begin() as session:
            done = await work(session)
            found = await register.version(session), await register.rules(session), await register.priorities(session)
        self._adopt(*found)
        return done

    def _adopt(self, version: int, rules: Iterable[Rule], priorities: Priorities) -> None:
        if version > self._version:  # else somebody was faster
            self._version, self.rules, self.priorities, self._about = version, tuple(rules), priorities, {}
            self._adopted({rule.number: rule for rule in self.rules})
