"""Which words a question is read by: those of everyday and of the packs that its asker may read, as they are on the shelf now.

A glossary is text of its pack: under a label it is not for visitors. Knows packs and the planner by their faces.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from daffa.library import VISITORS
from daffa.packs import Pack
from daffa.search import Glossary, Kept, Planner, Query, everyday

from .shelving import is_seen_by

__all__ = ["Planners", "Plans", "PlansOf", "planner_of"]


class Plans(Protocol):
    """Reads a question: ``daffa.search.Planner``."""

    def plan(self, text: str, language: str = "") -> Query:
        """The question as the index is asked it, with its concepts and how telling each is."""
        ...

    async def ready(self) -> None:
        """Wait until the first question need not be waited for; what reads it is made beside the event loop."""
        ...


PlansOf = Callable[[str], Plans]
"""Who reads the questions of an organisation: ``Planners.of``."""


def planner_of(packs: Sequence[Pack], kept: Kept | None = None) -> Planner:
    """Reads questions in the words of everyday and of ``packs``."""
    words = [Glossary.of(file) for pack in packs if (file := pack.folder / "glossary.csv").is_file()]
    works = [Glossary.of(file) for pack in packs if (file := pack.folder / "works.csv").is_file()]
    return Planner(everyday().merged(*words), works=Glossary().merged(*works), kept=kept)


class Planners:
    """The planners of one house: one for visitors, one for everybody else; the same where no pack has a label.

    Args:
        packs: what is on the shelf; another mapping once a pack has come or gone.
        kept: keeps for the next process what takes long to read.
    """

    def __init__(self, packs: Callable[[], Mapping[str, Pack]], kept: Kept | None = None) -> None:
        self._packs = packs
        self._kept = kept
        self._lock = threading.Lock()
        self._made_of: Mapping[str, Pack] | None = None
        self._all: Planner | None = None
        self._public: Planner | None = None

    def of(self, organisation: str) -> Planner:
        """The one for who is of ``organisation``."""
        every, public = self._current()
        return public if organisation == VISITORS else every

    def warm(self) -> None:
        """Build what the first question would otherwise wait for."""
        for planner in dict.fromkeys(self._current()):
            planner.warm()

    def _current(self) -> tuple[Planner, Planner]:
        with self._lock:
            packs = self._packs()
            if self._all is None or self._public is None or packs is not self._made_of:
                whole = list(packs.values())
                seen = [pack for pack in whole if is_seen_by(pack, VISITORS)]
                self._all = planner_of(whole, self._kept)
                self._public = self._all if len(seen) == len(whole) else planner_of(seen, self._kept)
                self._made_of = packs
            return self._all, self._public
