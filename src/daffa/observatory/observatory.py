"""The observatory of one house: usage, dependence and drills over its log, with the places and prices of now.

Reads the log and its index; sends nothing, and writes nothing but what the index takes up.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from daffa.audit import Audit, Index
from daffa.decision import Door, Place
from daffa.gateway import AUTO, Model
from daffa.policy import Law

from .catalogue import Catalogue
from .cut import Cut
from .dependence import Dependence, measure
from .drill import Drill, Replay
from .flow import Flow
from .ledger import Ledger, Opened
from .period import ALWAYS, Period
from .recorded import Recorded, read_back
from .usage import FAILED, SEALED, Usage, sum_usage

__all__ = ["LEFT_OUT", "Footing", "Observatory"]

LEFT_OUT = ("erased", "unreadable", "failed", "unknown_model")
"""Why a recorded request is not asked again: its details are erased, or do not read as a request; it brought no answer
(the gateway asked another model, whose decision is asked again); no model that it named is configured any more."""


@dataclass(frozen=True, slots=True)
class Footing:
    """What sums stand on.

    Attributes:
        currency: of all money; empty where the configuration does not name it.
        estimated: requests counted at the price of the dearest model of their place, their own not being known.
        erased: decisions whose details are erased: their model and organisation are not known.
        unread: older decisions whose details were not opened.
    """

    currency: str
    estimated: int
    erased: int
    unread: int


class Observatory:
    """Looks at the log of one house.

    Args:
        index, log: the log and its index.
        law: the law in force.
        places, models: the catalogue, as configured.
        currency: of the prices.
        prefer: the order of preference among lawful models.
        clock: seconds since 1970 (UTC).
    """

    def __init__(
        self,
        index: Index,
        log: Audit,
        law: Law,
        places: Mapping[str, Place],
        models: Mapping[str, Model],
        *,
        currency: str,
        prefer: tuple[str, ...],
        clock: Callable[[], float],
    ) -> None:
        self._ledger = Ledger(index, log)
        self._law = law
        self._places = places
        self._models = models
        self._currency = currency
        self._prefer = prefer
        self._clock = clock

    async def usage(self, period: Period, by: str, most: int) -> tuple[Usage, Footing]:
        """What was used in ``period``, summed by one of ``KINDS``.

        Opens the sealed details of the newest ``most`` decisions, and that only where they are needed; 0 opens none.
        """
        catalogue = self._catalogue()
        flows, footing = await self._flows(period, catalogue, most, needed=by in SEALED)
        return await asyncio.to_thread(sum_usage, flows, by, catalogue), footing

    async def dependence(self, period: Period, most: int) -> tuple[Dependence, Footing]:
        """How dependent the country was in ``period``. ``most`` as in ``usage``."""
        catalogue = self._catalogue()
        flows, footing = await self._flows(period, catalogue, most, needed=False)
        return await asyncio.to_thread(measure, flows, catalogue), footing

    async def drill(self, cut: Cut, most: int) -> tuple[Drill, Mapping[str, int]]:
        """Ask the newest ``most`` recorded requests again without the places of ``cut``; how many were left out, by reason.

        Raises ``Invalid`` for a cut that names what is not there.
        """
        catalogue = self._catalogue()
        replay = Replay(catalogue, cut.places(catalogue.places), self._prefer)
        left_out = Counter(dict.fromkeys(LEFT_OUT, 0))
        await self._ledger.catch_up()
        async for page in self._ledger.opened(most, ALWAYS, Door.GATEWAY):
            await asyncio.to_thread(self._again, page, replay, left_out)
        return replay.result(), dict(left_out)

    def _catalogue(self) -> Catalogue:
        return Catalogue.at(self._clock(), self._law.bundle, self._places, self._models, self._currency)

    async def _flows(self, period: Period, catalogue: Catalogue, most: int, *, needed: bool) -> tuple[list[Flow], Footing]:
        """The decisions of ``period``; their details are opened where ``needed``, or where prices at a place differ."""
        await self._ledger.catch_up()
        flows = await self._ledger.flows(period)
        erased = unread = 0
        if most > 0 and (needed or any(_at_a_guess(flow, catalogue) for flow in flows)):
            flows, erased, unread = await self._ledger.told(period, most)
        estimated = await asyncio.to_thread(_estimated, flows, catalogue)
        return flows, Footing(catalogue.currency, estimated, erased, unread)

    def _again(self, page: Iterable[Opened], replay: Replay, left_out: Counter[str]) -> None:
        """Ask the requests of a page again; those that cannot be asked are counted."""
        for found, details in page:
            request = read_back(found, details) if details else None
            if details is None:
                left_out["erased"] += 1
            elif request is None:
                left_out["unreadable"] += 1
            elif found.outcome is not None and found.outcome.status == FAILED:
                left_out["failed"] += 1
            elif not self._known(request):
                left_out["unknown_model"] += 1
            else:
                replay.ask(request)

    def _known(self, request: Recorded) -> bool:
        return request.asked == AUTO or request.asked in self._models or request.model in self._models


def _estimated(flows: Iterable[Flow], catalogue: Catalogue) -> int:
    return sum(flow.decisions for flow in flows if _at_a_guess(flow, catalogue))


def _at_a_guess(flow: Flow, catalogue: Catalogue) -> bool:
    """Whether the price of what came back can only be bounded."""
    told = flow.model is not None and flow.model in catalogue.models
    return flow.allowed and not told and not catalogue.one_price(flow.place)
