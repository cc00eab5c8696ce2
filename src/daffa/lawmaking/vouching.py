"""What the log says of the law in force, held against what the database says: they must say the same. Knows no step.

Whoever can write the database can write there that a law came into force; the log is what they cannot rewrite. It also
notices a database that was put back to an older state. A law that another log vouches for (that of another worker, or the
one before a new log was begun) cannot be checked here: it is entered in this log, so that whoever reads it can.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from daffa.audit import Audit, Change, ChangeLeaf, DecisionLeaf, Reader, read_leaf
from daffa.errors import NotFound, Unavailable
from daffa.policy import Enactment, Way

__all__ = ["Vouching"]

_ACTIONS = {Way.FIRST: "law_first", Way.LOAD: "law_loaded", Way.ROLLBACK: "law_rolled_back"}
_TAKEN_UP, _FAILED = "law_taken_up", "law_step_failed"
_TOLD = {*_ACTIONS.values(), _TAKEN_UP, _FAILED}
# So many of the newest entries are read at a start: beyond them, the digests of the decisions say enough.
_WINDOW = 1 << 14


@dataclass(frozen=True, slots=True)
class _Said:
    """An entry that says that a law came into force; ``details`` is ``None`` where they were erased."""

    index: int
    action: str
    details: dict[str, Any] | None


class Vouching:
    """Holds a law against the log of this process."""

    def __init__(self, log: Audit, reader: Reader) -> None:
        self._log = log
        self._reader = reader

    async def begin(self, known: Enactment | None) -> None:
        """Check at a start what the database says to be in force, or that nothing is.

        An entry of a law that never came into force, since a crash came between, is told so. Raises ``Unavailable``:
        ``law_entry_differs``, ``law_older_than_log``.
        """
        mine = None if known is None else self._mine(known)
        if known is not None and mine is not None:
            await self._agree(known, mine)
        await self._log.flush()
        # A house without a law is new, or has lost its database: then its whole log is asked.
        newest = await asyncio.to_thread(lambda: list(_told(self._reader.newest(_WINDOW if known else 1 << 62))))
        said, under = await self._last(newest)
        strange = under - {known.digest if known else ""}
        if said is None:
            if mine is not None and strange:
                raise _older(known, f"{self._log.origin}#...")
        elif said.index != mine and _later(said, known, mine):
            if strange or said.action == _TAKEN_UP:
                raise _older(known, self._log.reference(said.index))
            await self._enter(_FAILED, {"entry": self._log.reference(said.index)})
        if known is not None and mine is None and not (said and said.action == _TAKEN_UP and _tells(said, known)):
            await self.take_up(known)

    async def take_up(self, known: Enactment) -> None:
        """Check what came into force, or enter that another log vouches for it. Raises ``Unavailable``."""
        mine = self._mine(known)
        if mine is not None:
            await self._agree(known, mine)
        else:
            facts = ("number", "text", "digest", "way", "proposal", "entry")
            await self._enter(_TAKEN_UP, {fact: getattr(known, fact) for fact in facts})

    def _mine(self, known: Enactment) -> int | None:
        """The index of its entry; ``None`` where that stands in another log, ``-1`` where it names none."""
        origin, _, index = known.entry.rpartition("#")
        if origin != self._log.origin:
            return None
        return int(index) if index.isascii() and index.isdigit() else -1

    async def _agree(self, known: Enactment, index: int) -> None:
        wanted = {"number": known.number, "text": known.text, "digest": known.digest, "actor": known.who}
        if known.way == Way.LOAD:
            wanted["proposal"] = known.proposal
        try:
            await self._log.flush()
            leaf = read_leaf((await asyncio.to_thread(self._reader.prove, index)).entry)
            details = await self._details(index)
        except NotFound:
            leaf = details = None
        action = leaf.action if isinstance(leaf, ChangeLeaf) else ""
        # Details that were erased say nothing, nor that somebody lied: what kind of entry it was is left.
        if action != _ACTIONS.get(Way(known.way)) or (
            details is not None and {fact: details.get(fact) for fact in wanted} != wanted
        ):
            raise Unavailable("law_entry_differs", number=known.number, digest=known.digest, entry=known.entry)

    async def _last(self, newest: Iterable[tuple[int, str, str]]) -> tuple[_Said | None, set[str]]:
        """The newest entry of a law that came into force, unless that failed; and the laws that decided since."""
        failed: set[object] = set()
        under: set[str] = set()
        for index, action, digest in newest:
            if digest:
                under.add(digest)
            elif action == _FAILED:
                failed.add((await self._details(index) or {}).get("entry"))
            elif self._log.reference(index) not in failed:
                return _Said(index, action, await self._details(index)), under
        return None, under

    async def _details(self, index: int) -> dict[str, Any] | None:
        try:
            return dict((await self._log.open_details(index)).details)
        except NotFound:
            return None

    async def _enter(self, action: str, details: dict[str, Any]) -> None:
        await self._log.change(Change(action, time.time(), {"actor": "", **details}))


def _told(entries: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, str, str]]:
    """What entries say of laws: the action of each change of them, and each digest that decided, once in a row."""
    last = ""
    for index, entry in entries:
        leaf = read_leaf(entry)
        if isinstance(leaf, ChangeLeaf) and leaf.action in _TOLD:
            last = ""
            yield index, leaf.action, ""
        elif isinstance(leaf, DecisionLeaf) and leaf.bundle != last:
            last = leaf.bundle
            yield index, "", leaf.bundle


def _later(said: _Said, known: Enactment | None, mine: int | None) -> bool:
    """Whether this came into force after all that the database knows, or instead of it."""
    if known is None:
        return True
    if said.details is None:
        return mine is not None and said.index > mine
    number, text = said.details.get("number", 0), said.details.get("text")
    return bool(number > known.number or (number == known.number and text != known.text))


def _tells(said: _Said, known: Enactment) -> bool:
    details = said.details or {}
    return all(details.get(fact) == getattr(known, fact) for fact in ("number", "text", "entry"))


def _older(known: Enactment | None, entry: str) -> Unavailable:
    return Unavailable("law_older_than_log", number=known.number if known else 0, entry=entry)
