"""The tools of the packs as the assistant offers and calls them. Knows no question; a call runs in the packs' own process."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from daffa.packs import Pack, Result, Tools

from .ports import ToolOffer

__all__ = ["PackTools"]

_EPOCH = datetime.date(1970, 1, 1)


class PackTools:
    """Offers the tools of some packs."""

    def __init__(self, tools: Tools, packs: Iterable[Pack]) -> None:
        self._tools = tools
        self._packs = tuple(pack.id for pack in packs if pack.code)
        self._offers: tuple[ToolOffer, ...] | None = None

    async def offers(self) -> Sequence[ToolOffer]:
        """All of them. Raises ``Unavailable`` where a pack's code does not load."""
        if self._offers is None:
            self._offers = await asyncio.to_thread(self._read)
        return self._offers

    def _read(self) -> tuple[ToolOffer, ...]:
        return tuple(
            ToolOffer(pack, card.name, card.title, card.cues, card.schema)
            for pack in self._packs
            for card in self._tools.cards(pack)
        )

    async def call(self, pack: str, name: str, arguments: Mapping[str, Any], day: int, language: str) -> Result:
        """What a tool says. Raises ``Invalid``, which names the field, and ``Unavailable``."""
        on = _EPOCH + datetime.timedelta(days=day)
        return await asyncio.to_thread(self._tools.call, pack, name, arguments, day=on, language=language)
