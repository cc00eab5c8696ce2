"""What words are worth, remembered, for most words come again. Knows neither model nor text; it is given how to work it out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import islice

__all__ = ["Remembered"]

_MOST = 1 << 15


class Remembered:
    """Numbers of words. Safe to be used by several threads.

    Args:
        work_out: the number of each of some words.
        at_once: so many words are worked out in one call, at most: what it makes on the way is bounded.

    Attributes:
        known: what is remembered now. Another table takes its place when it is full, so look it up once and keep to it.
    """

    __slots__ = ("_at_once", "_work_out", "known")

    def __init__(self, work_out: Callable[[list[str]], Mapping[str, int]], at_once: int) -> None:
        self._work_out, self._at_once = work_out, at_once
        self.known: dict[str, int] = {}

    def having(self, some: Collection[str]) -> dict[str, int]:
        """A table that has all of ``some``; what was not known is worked out, and remembered."""
        known = self.known
        new = set(some).difference(known)
        if len(known) + len(new) > _MOST:
            # A new table, for another thread may be adding up from the old one.
            known, new = {}, set(some)
            if len(new) <= _MOST:
                self.known = known
        waiting = iter(new)
        while batch := list(islice(waiting, self._at_once)):
            known.update(self._work_out(batch))
        return known
