"""Citations of one outcome: numbered in the order in which they are first needed. Knows passages; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from daffa.library import date_of
from daffa.search import matched

from .matching import because_of, spans_of
from .outcome import Citation
from .walk import Walk

__all__ = ["Citing"]


class Citing:
    """Gives each place of a passage its citation, the same one each time."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._known: dict[tuple[int, int, int] | str, Citation] = {}

    def add(self, citations: Sequence[Citation]) -> Sequence[Citation]:
        """Take up citations that point to no passage: the figures of a tool, numbered from here on."""
        for citation in citations:
            self._known[citation.id] = citation
        return citations

    @property
    def citations(self) -> list[Citation]:
        """All that were given, in order."""
        return list(self._known.values())

    def cite(self, number: int, start: int, end: int) -> tuple[Citation, bool]:
        """The citation of these words of a passage, and whether it is new."""
        key = (number, start, end)
        if key in self._known:
            return self._known[key], False
        held, query = self._walk.passages[number], self._walk.query
        matches = matched(query, held.text, held.language) if query is not None else []
        citation = self._known[key] = Citation(
            id=f"c{len(self._known) + 1}",
            collection=held.collection,
            document=held.document,
            passage=held.id,
            title=held.title,
            language=held.language,
            text=held.text,
            start=start,
            end=end,
            highlights=spans_of(matches),
            link=held.link,
            work=held.work,
            number=held.number,
            because=because_of(matches, held.text),
            valid_to=date_of(held.valid_to).isoformat() if number in self._walk.old else "",
        )
        return citation, True
