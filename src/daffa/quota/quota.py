"""The face of ``quota``: keep for a request what it may use, count what it did use, say whose turn it is.

A request asks no database: this process leases slices of each rule, spends them in memory, and gives back what is over.
Knows no prices, no door and no log: it is given a way to ask how long the log of this process is and to have it durable.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from daffa.errors import DaffaError, Exhausted
from daffa.storage import Database

from . import ledger
from .account import Account
from .fair import Priority, Turn, Turns
from .register import Priorities
from .reservation import UNTOUCHED, Charge, Reservation
from .rule import Asker, Rule, Standing, window_of
from .rulebook import Rulebook, Tasks

__all__ = ["Log", "Quota"]

# A lease is good for so long; its worker says that it lives after a third of it, and trusts its own clock a little less.
_LEASE, _MARGIN = 60, 2
# What nothing was taken from for so long is given back.
_IDLE = 5.0
# That the database has too little is believed for so long, so that a flood of refusals asks it little.
_DRY = 0.5

_logger = logging.getLogger(__name__)


class Log(Protocol):
    """The log of this process, as far as counting needs it. ``audit.Audit`` is one."""

    @property
    def origin(self) -> str:
        """Its name, which no other process has."""
        ...

    @property
    def size(self) -> int:
        """How many entries it was given, those that are not durable yet included."""
        ...

    async def flush(self) -> None:
        """Wait until every entry so far is durable."""
        ...


Charges = Callable[[int], AsyncIterator[Charge]]
"""The charges of the outcomes that stand in the log from an index on."""


class Quota:
    """Budgets, limits and turns of one process. Make it with ``open``; ``refresh`` it twice a second; ``close`` it."""

    def __init__(
        self, database: Database, log: Log, clock: Callable[[], float], longest_queue: int, queue_seconds: float
    ) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._turns = Turns(time.monotonic, longest_queue, queue_seconds)
        self._tasks = Tasks()
        self._book = Rulebook(database, self._tasks, self._adopt)
        self._accounts: dict[int, Account] = {}
        self._ended: list[Account] = []  # their period is over, their last requests or amounts are not
        self._expires = 0.0  # of our leases
        self._beat = 0.0  # when we last said that we live
        self._asked: dict[Account, list[int]] = {}
        self._leasing: asyncio.Task[None] | None = None
        self._batch: ledger.Batch | None = None  # sealed, and not yet known to be counted
        self._batches = 0
        self._counted: int | None = None  # how much of the log is in the counters; nothing ever was where it is None
        self._one_writing = asyncio.Lock()

    @classmethod
    async def open(
        cls,
        database: Database,
        log: Log,
        charges: Charges,
        clock: Callable[[], float],
        *,
        longest_queue: int = 256,
        queue_seconds: float = 30.0,
    ) -> Quota:
        """Read the rules; count what the log knows and the database does not, because this process was killed.

        Args:
            database: keeps rules, counters and leases.
            log: that of this process, whose name is the worker's.
            charges: reads from it the charges that ``Reservation.settle`` returned.
            clock: seconds since 1970 (UTC).
            longest_queue: how many may wait for one engine.
            queue_seconds: how long one waits there at most.

        Raises ``Unavailable``.
        """
        quota = cls(database, log, clock, longest_queue, queue_seconds)
        await quota._book.reload()
        await quota._recover(charges)
        return quota

    def bounds(self, asker: Asker, model: str) -> bool:
        """Whether any rule is about a request of ``asker`` to ``model``; where none is, nothing need be kept for it."""
        return bool(self._book.about(asker, model))

    async def reserve(self, asker: Asker, model: str, cost: int, tokens: int) -> Reservation:
        """Keep what one request to ``model`` may use at most: ``cost`` in millionths of the currency, ``tokens`` in and out.

        Asks nobody where this process has a lease that covers it. Raises ``Exhausted``: ``budget_exhausted`` or
        ``limit_reached``, naming the rule and, as ``retry_after``, the seconds after which to ask again (absent where
        waiting does not help); ``Unavailable`` where there is no lease and the database does not answer.
        """
        while touching := self._book.about(asker, model):
            now, needs = self._clock(), (cost, 1, tokens)
            accounts = [self._account(rule, now) for rule in touching]
            good = now < self._expires
            lacking = [a for a in accounts if not good or a.free < needs[a.rule.slot]]
            if not lacking:
                return Reservation(accounts, needs, max(now, *(account.window for account in accounts)))
            _refuse_if_known(accounts, needs, now)
            await self._lease([(account, needs[account.rule.slot]) for account in lacking])
        return UNTOUCHED

    def turn(self, model: str, capacity: int, organisation: str, priority: Priority | str = Priority.NORMAL) -> Turn:
        """A turn at the engine of ``model``, which serves ``capacity`` requests of this process at a time; 0 for any number.

        Nothing waits until ``Turn.take`` (or ``async with``).
        """
        return self._turns.turn(model, capacity, organisation, Priority(priority))

    def priority_of(self, asker: Asker) -> Priority:
        """How urgent the requests of ``asker`` are: as their key says, else they themselves, else their organisation."""
        return self._book.priority_of(asker)

    @property
    def priorities(self) -> Priorities:
        """Whose requests are not as urgent as most, by scope and subject."""
        return dict(self._book.priorities)

    def waiting(self) -> dict[str, int]:
        """How many requests wait for an engine now, by model."""
        return self._turns.waiting()

    async def set(self, scope: str, subject: str, measure: str, period: str, most: int, model: str = "") -> Rule:
        """Set a rule: a new one counts from now on; one that exists gets another amount and keeps what was spent.

        Holds here at once and in other processes after their next ``refresh``, requests under way excepted. Raises
        ``Invalid`` naming the field. Whether the subject exists is for the caller to know.
        """
        return await self._book.put(scope, subject, measure, period, most, model)

    async def set_priority(self, scope: str, subject: str, priority: str) -> None:
        """Say how urgent the requests of an organisation, a person or a key are. Raises ``Invalid`` naming the field."""
        await self._book.put_priority(scope, subject, priority)

    async def remove(self, scope: str, subject: str, measure: str, period: str, model: str = "") -> Rule:
        """Remove a rule, and forget what was spent of it. Raises ``Invalid``, ``NotFound``."""
        return await self._book.remove(scope, subject, measure, period, model)

    async def standings(self) -> list[Standing]:
        """How every rule stands in its present period."""
        await self._book.reload()
        async with self._database.read() as session:
            return await ledger.standings(session, self._log.origin, self._clock(), self._book.rules, self._accounts)

    async def refresh(self) -> None:
        """Write what was used, give back what nobody needs, say that we live, and take up rules that others changed.

        Raises ``Unavailable``; what was not written then is written the next time.
        """
        now = self._clock()
        await self._book.reload()
        if any(account.free > 0 for account in self._accounts.values()):
            async with self._database.read() as session:
                wanted = await ledger.wanted(session, int(now))
            for account in self._accounts.values():
                if (account.rule.number, account.window) in wanted or now - account.used >= _IDLE:
                    account.give_back()
        for account in [a for a in self._accounts.values() if now >= a.until]:
            self._end(account)
        for account in self._ended:
            account.give_back()
        due = now - self._beat >= _LEASE / 3 and (self._behind or any(account.held for account in self._all()))
        if due or self._unsaid:
            await asyncio.shield(self._tasks.begin(self._write()))

    async def close(self) -> None:
        """Write everything and give all leases back: before the log and the database are closed. No request is under way.

        What cannot be written any more stands in the log, and is counted at the next start.
        """
        await self._tasks.end()
        for account in self._all():
            account.settle(account.reserved, 0)
            account.give_back()
        try:
            if self._unsaid or self._behind:
                await self._write()
            if self._unsaid:
                await self._write()  # the first one repeated a batch that had failed
        except DaffaError as error:
            _logger.warning("what was spent of budgets is not written: %s", error)

    # Accounts

    def _adopt(self, rules: Mapping[int, Rule]) -> None:
        """The rules are others now: what nobody bounds any more goes, and what has another amount is leased anew."""
        self._ended = [account for account in self._ended if account.rule.number in rules]
        for number, account in list(self._accounts.items()):
            if number not in rules:
                del self._accounts[number]
            elif rules[number] != account.rule:
                account.rule, account.left_until = rules[number], 0.0
                account.give_back()

    def _all(self) -> list[Account]:
        return [*self._accounts.values(), *self._ended]

    @property
    def _unsaid(self) -> bool:
        """Whether the database does not know all that we do."""
        return any(account.dirty or account.unwritten for account in self._all())

    @property
    def _behind(self) -> bool:
        """Whether a start after a crash would read entries of the log that it need not."""
        return self._counted is not None and self._counted < self._log.size

    def _account(self, rule: Rule, now: float) -> Account:
        account = self._accounts.get(rule.number)
        if account is not None and now < account.until:
            return account
        if account is not None:
            self._end(account)
        account = self._accounts[rule.number] = Account(rule, *window_of(rule.period, now))
        return account

    def _end(self, account: Account) -> None:
        del self._accounts[account.rule.number]
        self._ended.append(account)

    # The database

    async def _lease(self, asks: Sequence[tuple[Account, int]]) -> None:
        """Have the database asked for what accounts lack; all who ask at the same time ask together."""
        for account, need in asks:
            self._asked.setdefault(account, []).append(need)
        if self._leasing is None:
            self._leasing = self._tasks.begin(self._lease_asked())
        await asyncio.shield(self._leasing)

    async def _lease_asked(self) -> None:
        async with self._one_writing:
            asked, self._asked, self._leasing = self._asked, {}, None
            now, begin = self._clock(), self._log.size
            self._drop_if_expired(now)
            wanted = {account: asked.get(account, []) for account in self._all() if account.held or account in asked}
            if now < self._expires:
                wanted = dict(asked)
            expires = int(now) + _LEASE
            async with self._database.begin() as session:
                granted = await ledger.lease(session, self._log.origin, begin, expires, int(now), wanted)
            self._expires, self._beat = expires - _MARGIN, now
            if self._counted is None:
                self._counted = begin
            for account, got in granted.items():
                account.free += got.amount
                account.left, account.spent, account.left_until = got.left, got.spent, self._clock() + _DRY

    def _drop_if_expired(self, now: float) -> None:
        """A lease that was not kept good may be somebody else's by now: only what requests have taken is still held."""
        if now >= self._expires:
            for account in self._all():
                account.free = min(account.free, 0)

    async def _write(self) -> None:
        async with self._one_writing:
            now = self._clock()
            self._drop_if_expired(now)
            if self._batch is None:
                self._batches += 1
                amounts = {account: account.unwritten for account in self._all() if account.unwritten}
                # All that was settled so far stands in the log before this index, and nothing that comes later does.
                self._batch = ledger.Batch(self._batches, self._log.size, amounts)
            batch = self._batch
            await self._log.flush()
            written = [account for account in self._all() if account.dirty or account in batch.amounts]
            for account in written:
                account.dirty = False
            try:
                held = {account: account.held - batch.amounts.get(account, 0) for account in written}
                expires = int(now) + _LEASE
                async with self._database.begin() as session:
                    await ledger.write(session, self._log.origin, expires, int(now), batch, held)
            except BaseException:
                for account in written:
                    account.dirty = True
                raise
            self._batch, self._counted = None, batch.position
            self._expires, self._beat = expires - _MARGIN, now
            for account, amount in batch.amounts.items():
                account.unwritten -= amount
            self._ended = [a for a in self._ended if a.reserved or a.unwritten or a.dirty]

    async def _recover(self, charges: Charges) -> None:
        async with self._database.read() as session:
            found = await ledger.position(session, self._log.origin)
        if found is None:
            return
        counted, self._batches = found
        size = self._log.size
        missing = [charge async for charge in charges(counted)] if self._book.rules and counted < size else []
        async with self._database.begin() as session:
            await ledger.recover(session, self._log.origin, size, int(self._clock()), missing)
        self._counted = size


def _refuse_if_known(accounts: Iterable[Account], needs: tuple[int, int, int], now: float) -> None:
    """Raise ``Exhausted`` for the rule that bars the way longest, where any is known to."""
    barred = [(account, needs[account.rule.slot]) for account in accounts if account.cannot(needs[account.rule.slot], now)]
    if not barred:
        return
    account, need = max(barred, key=lambda each: each[0].retry_after(each[1], now) or float("inf"))
    rule, seconds = account.rule, account.retry_after(need, now)
    facts: dict[str, Any] = {
        "quota": rule.name,
        "most": rule.shown(rule.most),
        "left": rule.shown(max(0, account.free + account.left)),
        "asked": rule.shown(need),
        "resets": _instant(account.until) if rule.period != "total" else "-",
    }
    if seconds is not None:
        facts["retry_after"] = seconds
    if rule.measure == "money":
        raise Exhausted("budget_exhausted", **facts)
    raise Exhausted("limit_reached", **facts)


def _instant(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
