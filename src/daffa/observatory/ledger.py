"""The log read for sums: from its index, and from sealed details where only they can tell. Knows no price and no place.

The index answers however long the log is. A detail costs a file's reading: the newest decisions are opened, up to
a limit, and what is older stays in the sums without a model and an organisation, so that nothing is ever left out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeAlias

from daffa.audit import Audit, Details, Found, Index

from .flow import Flow
from .period import Period

__all__ = ["Ledger", "Opened", "text_of"]

Opened: TypeAlias = tuple[Found, Details | None]
"""A decision with its details, ``None`` where they were erased."""

_PAGE = 50


class Ledger:
    """The decisions of one log.

    Args:
        index: answers from the clear fields.
        log: opens the details.
    """

    def __init__(self, index: Index, log: Audit) -> None:
        self._index = index
        self._log = log

    async def catch_up(self) -> None:
        """Have everything so far counted."""
        await self._log.flush()
        await self._index.follow()

    async def flows(self, period: Period, before: int | None = None) -> list[Flow]:
        """The decisions of ``period``, summed by day, place, verdict and status; with ``before``, those under that index."""
        totals = await self._index.totals(since=period.since, until=period.until, before=before)
        return [
            Flow(row.day, row.place, row.verdict == "allow", row.status, row.decisions, row.tokens_in, row.tokens_out)
            for row in totals
        ]

    async def told(self, period: Period, most: int) -> tuple[list[Flow], int, int]:
        """The same, the newest ``most`` decisions each by itself with its model and organisation.

        Also how many of these have lost their details, and how many older ones were not opened.
        """
        flows, lost, last = [], 0, None
        async for page in self.opened(most, period):
            flows += [_flow(found, details) for found, details in page]
            lost += sum(details is None for _, details in page)
            last = page[-1][0].index
        older = [] if len(flows) < most or last is None else await self.flows(period, before=last)
        return [*flows, *older], lost, sum(flow.decisions for flow in older)

    async def opened(self, most: int, period: Period, door: str | None = None) -> AsyncIterator[list[Opened]]:
        """The newest ``most`` decisions of ``period``, newest first, a page at a time."""
        before = None
        while most > 0:
            page = await self._index.decisions(
                door=door, since=period.since, until=period.until, before=before, limit=min(most, _PAGE)
            )
            if not page:
                return
            yield list(zip(page, await self._log.open_many([found.index for found in page]), strict=True))
            most -= len(page)
            before = page[-1].index


def text_of(details: Details, name: str) -> str:
    """A detail that is text; empty where there is none."""
    value: Any = details.details.get(name)
    return value if isinstance(value, str) else ""


def _flow(found: Found, details: Details | None) -> Flow:
    ended, allowed = found.outcome, found.verdict == "allow"
    # Where nothing left, the receiver is the list of all who were considered.
    model = text_of(details, "receiver" if allowed else "asked") if details else ""
    organisation = text_of(details, "organisation") if details else ""
    return Flow(
        time=found.time,
        place=found.place,
        allowed=allowed,
        status=ended.status if ended else "",
        decisions=1,
        tokens_in=ended.tokens_in if ended else 0,
        tokens_out=ended.tokens_out if ended else 0,
        model=model or None,
        organisation=organisation or None,
    )
