"""What words are worth, and what texts showed, remembered, for most come again. Knows no model and no finder."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import Generic, TypeVar

__all__ = ["Recalled", "Remembered"]

_MOST = 1 << 15
_MOST_TEXTS = 1 << 14
_SECRET = secrets.token_bytes(32)

_Shown = TypeVar("_Shown")


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


class Recalled(Generic[_Shown]):
    """What texts showed, under digests that only this process can make. Safe to be used by several threads.

    No text stays in memory, and nobody outside can make two texts that share a digest.

    Attributes:
        known: what is remembered now.
    """

    __slots__ = ("known",)

    def __init__(self) -> None:
        self.known: dict[bytes, _Shown] = {}

    def digest(self, text: bytes) -> bytes:
        """What ``text`` is remembered under."""
        return hashlib.blake2b(text, key=_SECRET, digest_size=16).digest()

    def put(self, digest: bytes, shown: _Shown) -> None:
        """Remember it; when there is much to remember, all that was before is forgotten."""
        if len(self.known) >= _MOST_TEXTS:
            self.known.clear()
        self.known[digest] = shown
