"""The rules in the database, inside a transaction that is given. Knows rows; no lease, no memory."""

from __future__ import annotations

from typing import TypeAlias

from sqlalchemy import delete, select

from daffa.errors import NotFound
from daffa.storage import ReadSession, WriteSession

from .fair import Priority
from .rule import Rule
from .tables import CounterRow, LeaseRow, PriorityRow, RuleRow, StateRow

__all__ = ["Priorities", "priorities", "put", "put_priority", "remove", "rules", "version"]

Priorities: TypeAlias = dict[tuple[str, str], Priority]
"""By scope and subject; of whom there is none, the requests are as urgent as most."""


async def version(session: ReadSession) -> int:
    """How often the rules were changed, by any process."""
    row = await session.get(StateRow, 1)
    return row.version if row else 0


async def rules(session: ReadSession) -> list[Rule]:
    """All rules, those of one subject beside each other."""
    order = (RuleRow.scope, RuleRow.subject, RuleRow.measure, RuleRow.period, RuleRow.model)
    return [_rule(row) for row in await session.all(select(RuleRow).order_by(*order))]


async def put(session: WriteSession, new: Rule) -> Rule:
    """Keep a rule; where there is one about the same, give it the new amount and leave what was spent."""
    row, state = await _find(session, new), await _changed(session)
    if row is None:
        state.last += 1
        row = RuleRow(
            number=state.last,
            scope=new.scope,
            subject=new.subject,
            model=new.model,
            measure=new.measure,
            period=new.period,
            most=new.most,
        )
        await session.add(row)
    row.most = new.most
    return _rule(row)


async def remove(session: WriteSession, like: Rule) -> Rule:
    """Remove the rule that is about the same as ``like``, with all that was counted for it; raises ``NotFound``."""
    row = await _find(session, like)
    if row is None:
        raise NotFound("quota_not_found", quota=like.name)
    await _changed(session)
    for table in (CounterRow, LeaseRow):
        await session.execute(delete(table).where(table.rule == row.number))
    await session.delete(row)
    return _rule(row)


async def priorities(session: ReadSession) -> Priorities:
    """All that are not as most are."""
    order = (PriorityRow.scope, PriorityRow.subject)
    rows = await session.all(select(PriorityRow).order_by(*order))
    return {(row.scope, row.subject): Priority(row.priority) for row in rows}


async def put_priority(session: WriteSession, scope: str, subject: str, priority: Priority) -> None:
    """Keep a priority; the normal one is kept by keeping none."""
    await _changed(session)
    row = await session.get(PriorityRow, (scope, subject))
    if row is not None:
        await session.delete(row)
    if priority != Priority.NORMAL:
        await session.add(PriorityRow(scope=scope, subject=subject, priority=str(priority)))


async def _find(session: WriteSession, like: Rule) -> RuleRow | None:
    names = ("scope", "subject", "model", "measure", "period")
    return await session.one(select(RuleRow).where(*(getattr(RuleRow, name) == getattr(like, name) for name in names)))


async def _changed(session: WriteSession) -> StateRow:
    state = await session.get(StateRow, 1)
    if state is None:
        state = StateRow(id=1, version=0, last=0)
        await session.add(state)
    state.version += 1
    return state


def _rule(row: RuleRow) -> Rule:
    return Rule(row.number, row.scope, row.subject, row.model, row.measure, row.period, row.most)
