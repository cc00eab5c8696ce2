"""How a task ends: an outcome with citations that point into the file. Knows no task."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from daffa import sentences
from daffa.documents import Document, Section

from ..asked import Asked
from ..outcome import Citation, Outcome, Sentence, Status
from ..ports import Composed
from ..tongues import ANSWERS

__all__ = ["Cites", "Worked", "ended"]

_CONTEXT = 600


class Cites:
    """Citations of a document, one for each span, numbered as they come."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[tuple[int, int], Citation] = {}

    @property
    def citations(self) -> list[Citation]:
        """All of them, in the order of their numbers."""
        return list(self._known.values())

    def cite(self, start: int, end: int) -> str:
        """The id of the citation of this span of the document: its ``text`` is the paragraph around it."""
        if (start, end) not in self._known:
            self._known[start, end] = self._citation(f"c{len(self._known) + 1}", start, end)
        return self._known[start, end].id

    def _citation(self, name: str, start: int, end: int) -> Citation:
        text, section = self._document.text, self._section(start)
        first, last = _around(text, section, start, end)
        return Citation(
            id=name,
            collection="",
            document=self._document.name,
            passage=f"{start}-{end}",
            title=section.heading or self._document.title,
            language=self._document.language,
            text=text[first:last],
            start=start - first,
            end=end - first,
            number=section.number,
        )

    def _section(self, place: int) -> Section:
        inside = (section for section in reversed(self._document.sections) if section.start <= place)
        return next(inside, Section("", 1, 0, len(self._document.text)))


def _around(text: str, section: Section, start: int, end: int) -> tuple[int, int]:
    """The paragraph of a span, or as much around it as can be read at a glance."""
    first = max(text.rfind("\n\n", 0, start) + 2 if "\n\n" in text[:start] else 0, min(section.start, start), start - _CONTEXT)
    after = text.find("\n\n", end)
    last = min(after if after >= 0 else len(text), max(section.end, end), end + _CONTEXT)
    while first < start and text[first].isspace():
        first += 1
    while last > end and text[last - 1].isspace():
        last -= 1
    return first, last


@dataclasses.dataclass(slots=True)
class Worked:
    """Who worked on a task: the decisions, and the model that was asked, if any."""

    decisions: list[str]
    model: str = ""
    place: str = ""

    @classmethod
    def begin(cls, asked: Asked) -> Worked:
        """Before any model was asked."""
        return cls([asked.reference])

    def asked(self, composed: Composed) -> None:
        """A model answered."""
        self.decisions.append(composed.reference)
        self.model, self.place = composed.model, composed.place


def ended(
    status: Status,
    language: str,
    worked: Worked,
    *,
    code: str = "",
    facts: Mapping[str, Any] | None = None,
    said: Sequence[Sentence] = (),
    cites: Cites | None = None,
    result: Mapping[str, Any] | None = None,
    withheld: int = 0,
    mode: str = "",
) -> Outcome:
    """The outcome of a task; ``code`` is of the sentence to the asker."""
    return Outcome(
        status=status,
        mode=mode or ("model" if worked.model else "extract"),
        language=ANSWERS[language],
        sentences=list(said),
        citations=cites.citations if cites else [],
        message=sentences.say(code, language, **(facts or {})) if code else "",
        withheld=withheld,
        decisions=worked.decisions,
        model=worked.model,
        place=worked.place,
        result=dict(result or {}),
    )
