"""Sentences that may become the answer: one, and a model's as they arrive, with how they end. Checks and shows nothing."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from daffa.errors import Unavailable

from .unfolding import Row, Unfolding

__all__ = ["Arriving", "Draft"]

_CITE = re.compile(r"p(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence that may become one of the answer.

    Attributes:
        text: what it says.
        cites: numbers of the passages that it points to, by their place among those retrieved.
        places: where it stands in the first of them, code points, if it is an extract; else None.
        unknown: citations that name nothing that was retrieved.
    """

    text: str
    cites: tuple[int, ...]
    places: tuple[int, int] | None = None
    unknown: tuple[str, ...] = ()


class Arriving:
    """A model's answer while it comes.

    Args:
        text: it, piece by piece; raises ``Unavailable`` where it breaks off.
        many: passages that were retrieved.
        seconds: that all of it may take.
    """

    def __init__(self, text: AsyncGenerator[str], many: int, seconds: float) -> None:
        self._text = text
        self._many = many
        self._until = asyncio.get_running_loop().time() + seconds
        self._unfolding = Unfolding()
        self._drafts: deque[Draft] = deque()
        self._over = False

    @property
    def status(self) -> str:
        """``answered``, ``partial`` or ``not_covered``, as the model has said so far; else empty."""
        return self._unfolding.status

    @property
    def whole(self) -> bool:
        """Whether it came to its end as JSON, with a status."""
        return self._unfolding.whole and bool(self._unfolding.status)

    @property
    def empty(self) -> bool:
        """Whether it says that nothing is covered, and no sentence."""
        return self.whole and self.status == "not_covered" and not self._drafts

    async def begins(self) -> bool:
        """Whether there is a first sentence, or a good end without one. To be asked before any is taken."""
        await self._fill()
        return bool(self._drafts) or self.empty

    async def next(self) -> Draft | None:
        """The next sentence; ``None`` where no further one comes."""
        await self._fill()
        return self._drafts.popleft() if self._drafts else None

    async def close(self) -> None:
        """Read no further."""
        self._over = True
        await self._text.aclose()

    async def _fill(self) -> None:
        """Read until a sentence is there, or no more text."""
        while not self._drafts and not self._over:
            piece = await self._piece()
            self._drafts.extend(_draft(row, self._many) for row in self._unfolding.feed(piece or ""))
            self._over = piece is None
            if self._unfolding.broken:  # what a model that is at fault still writes is of no use
                await self.close()

    async def _piece(self) -> str | None:
        """The next piece of text; ``None`` where it ended, broke off, or takes too long."""
        try:
            async with asyncio.timeout_at(self._until):
                return await anext(self._text, None)
        except (TimeoutError, Unavailable):
            return None


def _draft(row: Row, many: int) -> Draft:
    numbers, unknown = [], []
    for cite in row.cites:
        found = _CITE.fullmatch(cite.strip())
        number = int(found[1]) - 1 if found else -1
        if 0 <= number < many:
            numbers.append(number)
        else:
            unknown.append(cite)
    return Draft(row.text, tuple(dict.fromkeys(numbers)), None, tuple(unknown))
