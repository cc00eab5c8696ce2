"""The tools of the packs as the assistant offers and calls them. Knows no question; a call runs in the packs' own process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from daffa.decision import NEUTRAL
from daffa.errors import Unavailable
from daffa.library import VISITORS, date_of
from daffa.packs import Pack, Result, Tools

from .ports import ToolOffer
from .shelving import floor_of

__all__ = ["PackTools"]


class PackTools:
    """Offers the tools of some packs."""

    def __init__(self, tools: Tools, packs: Iterable[Pack]) -> None:
        self._tools = tools
        self._packs = tuple((pack.id, floor_of(pack)) for pack in packs if pack.code)
        self._offers: tuple[ToolOffer, ...] | None = None

    async def offers(self, organisation: str) -> Sequence[ToolOffer]:
        """Those of the packs that ``organisation`` sees.

        Without those of a pack whose code does not load, which is tried again with the next question.
        """
        offers = self._offers if self._offers is not None else await asyncio.to_thread(self._read)
        return [offer for offer in offers if organisation != VISITORS or offer.label == NEUTRAL]

    def _read(self) -> tuple[ToolOffer, ...]:
        offers: list[ToolOffer] = []
        whole = True
        for pack, label in self._packs:
            try:
                cards = self._tools.cards(pack)
            except Unavailable:
                whole = False
                continue
            offers += [ToolOffer(pack, card.name, card.title, card.cues, card.schema, label) for card in cards]
        if whole:
            self._offers = tuple(offers)
        return tuple(offers)

    async def call(self, pack: str, name: str, arguments: Mapping[str, Any], day: int, language: str) -> Result:
        """What a tool says. Raises ``Invalid``, which names the field, and ``Unavailable``."""
        return await asyncio.to_thread(self._tools.call, pack, name, arguments, day=date_of(day), language=language)
