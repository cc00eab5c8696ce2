"""Counters and leases in the database, inside a transaction that is given. Knows rows; no memory, no clock.

Writers of all processes wait for one another, so that what a transaction reads here is still true when it writes. A
lease is written whole, never as a difference: where it is not known whether a transaction was kept, the next one mends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from daffa.storage import ReadSession, WriteSession

from .account import Account, slice_of
from .reservation import Charge
from .rule import Rule, Standing, window_of
from .tables import CounterRow, LeaseRow, RuleRow, WorkerRow

__all__ = ["Batch", "Granted", "lease", "position", "recover", "standings", "wanted", "write"]

# Counters are looked at, and charges of a crashed worker still counted, so long after their period.
_KEPT = 86_400
# So long others see that a worker missed what they hold.
_WANTED = 2


@dataclass(frozen=True, slots=True)
class Granted:
    """What a worker got of a rule, what is left in the database now, and what is spent there."""

    amount: int
    left: int
    spent: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Amounts that a worker's requests used, by account, up to ``position`` in its log; ``number`` counts the batches."""

    number: int
    position: int
    amounts: Mapping[Account, int]


async def position(session: ReadSession, worker: str) -> tuple[int, int] | None:
    """How far the log of ``worker`` is counted, and the number of its last batch; ``None`` for a new worker."""
    row = await session.get(WorkerRow, worker)
    return (row.position, row.batch) if row else None


async def lease(
    session: WriteSession,
    worker: str,
    begin: int,
    expires: int,
    now: int,
    accounts: Mapping[Account, Sequence[int]],
) -> dict[Account, Granted]:
    """Lease for ``accounts`` what their needs lack, as far as there is any, and keep the worker's leases good to ``expires``.

    ``begin`` is how long the log is, for a worker that the database does not know yet. Leases of workers that did not
    keep theirs good are taken back first. A rule that is gone grants nothing.
    """
    me = await session.get(WorkerRow, worker)
    if me is None:
        me = WorkerRow(worker=worker, expires=expires, position=begin, batch=0)
        await session.add(me)
    me.expires = expires
    gone = select(WorkerRow.worker).where(WorkerRow.expires < now, WorkerRow.worker != worker)
    await session.execute(delete(LeaseRow).where(LeaseRow.worker.in_(gone)))
    workers = await session.one(select(func.count()).select_from(WorkerRow).where(WorkerRow.expires >= now)) or 1
    return {account: await _lease(session, worker, now, workers, account, needs) for account, needs in accounts.items()}


async def _lease(session: WriteSession, worker: str, now: int, workers: int, account: Account, needs: Sequence[int]) -> Granted:
    rule = await session.get(RuleRow, account.rule.number)
    if rule is None:
        return Granted(0, 0, 0)
    counter = await _counter(session, rule.number, account.window, account.until)
    others = await _leased(session, account, worker)
    held = account.held
    left = rule.most - counter.spent - others - held
    amount = slice_of(needs, account.free, left, workers)
    if others and sum(needs) > account.free + amount:
        counter.wanted = now
    await _write_lease(session, worker, account, held + amount)
    return Granted(amount, left - amount, counter.spent)


async def write(session: WriteSession, worker: str, expires: int, now: int, batch: Batch, held: Mapping[Account, int]) -> None:
    """Count ``batch``, unless it was counted already, and write what the worker still holds of each account."""
    me = await session.get(WorkerRow, worker)
    if me is None:
        me = WorkerRow(worker=worker, expires=expires, position=batch.position, batch=0)
        await session.add(me)
    me.expires = expires
    if batch.number > me.batch:
        me.batch, me.position = batch.number, batch.position
        for account, amount in batch.amounts.items():
            if await session.get(RuleRow, account.rule.number) is not None:
                (await _counter(session, account.rule.number, account.window, account.until)).spent += amount
    for account, amount in held.items():
        await _write_lease(session, worker, account, amount)
    await session.execute(delete(CounterRow).where(CounterRow.until < now - _KEPT))


async def recover(session: WriteSession, worker: str, size: int, now: int, charges: Iterable[Charge]) -> None:
    """Count what the log of a worker knows and its counters do not, up to ``size``; whatever it leased is given back."""
    rules = {row.number: row for row in await session.all(select(RuleRow))}
    for charge in charges:
        used = {"money": charge["cost"], "requests": 1, "tokens": charge["tokens"]}
        for rule in filter(None, map(rules.get, charge["rules"])):
            window, until = window_of(rule.period, charge["at"])
            if until >= now - _KEPT:
                (await _counter(session, rule.number, window, until)).spent += used[rule.measure]
    await session.execute(delete(LeaseRow).where(LeaseRow.worker == worker))
    me = await session.get(WorkerRow, worker)
    if me is not None:
        me.position, me.expires = size, 0


async def wanted(session: ReadSession, now: int) -> set[tuple[int, int]]:
    """The rules, each with the first second of its period, of which a worker lately missed what others hold."""
    rows = await session.rows(select(CounterRow.rule, CounterRow.window).where(CounterRow.wanted >= now - _WANTED))
    return {(row.rule, row.window) for row in rows}


async def standings(
    session: ReadSession, worker: str, now: float, rules: Iterable[Rule], own: Mapping[int, Account]
) -> list[Standing]:
    """How the rules stand: the database, and beside it what ``own`` accounts know better."""
    found = []
    for rule in rules:
        window, until = window_of(rule.period, now)
        counter = await session.get(CounterRow, (rule.number, window))
        account = own.get(rule.number)
        if account is None or account.window != window:
            account = Account(rule, window, until)
        spent = (counter.spent if counter else 0) + account.unwritten
        reserved = account.reserved + await _leased(session, account, worker, now)
        left = max(0, rule.most - spent - reserved)
        found.append(Standing(rule, spent, reserved, left, None if rule.period == "total" else until))
    return found


async def _leased(session: ReadSession, account: Account, but: str, now: float | None = None) -> int:
    """What workers other than ``but`` hold of an account; with ``now`` only those whose leases are still good."""
    tests = [LeaseRow.rule == account.rule.number, LeaseRow.window == account.window, LeaseRow.worker != but]
    if now is not None:
        tests.append(LeaseRow.worker.in_(select(WorkerRow.worker).where(WorkerRow.expires >= now)))
    return int(await session.one(select(func.coalesce(func.sum(LeaseRow.amount), 0)).where(*tests)) or 0)


async def _counter(session: WriteSession, rule: int, window: int, until: int) -> CounterRow:
    row = await session.get(CounterRow, (rule, window))
    if row is None:
        row = CounterRow(rule=rule, window=window, until=until, spent=0, wanted=0)
        await session.add(row)
    return row


async def _write_lease(session: WriteSession, worker: str, account: Account, amount: int) -> None:
    key = (account.rule.number, account.window, worker)
    row = await session.get(LeaseRow, key)
    if amount <= 0:
        if row is not None:
            await session.delete(row)
    elif row is None:
        if await session.get(RuleRow, account.rule.number) is not None:
            await session.add(LeaseRow(rule=key[0], window=key[1], worker=worker, amount=amount))
    else:
        row.amount = amount
