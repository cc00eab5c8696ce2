"""A text that somebody gives as text: nothing in it is changed, so that offsets are those of the giver. Knows no format."""

from __future__ import annotations

from collections.abc import Iterator

from .articles import ENDED, articled, mark
from .document import Document, Section
from .making import language_of

__all__ = ["document_of"]

_LONGEST_TITLE = 100


def document_of(text: str, name: str) -> Document:
    """``text``, to the character, in sections: parts and articles of a law begin one, and short lines that stand alone."""
    lines = text.split("\n")
    sections: list[Section] = []
    heading, level, number, start = "", 1, "", 0
    for at, next_heading, next_level, next_number, next_start in _headings(lines):
        if heading or text[start:at].strip():
            sections.append(Section(heading, level, start, at, number))
        heading, level, number, start = next_heading, next_level, next_number, next_start
    sections.append(Section(heading, level, start, len(text), number))
    title = next((section.heading for section in sections if section.level == 1 and section.heading), name)
    return Document(name, title, text, language_of(text), tuple(sections), "text")


def _headings(lines: list[str]) -> Iterator[tuple[int, str, int, str, int]]:
    """Where a heading stands, what it is, its level and number, and where the text under it begins."""
    chapters = articled(lines)
    place, first = 0, True
    for at, line in enumerate(lines):
        before, after = lines[at - 1] if at else "", lines[at + 1] if at + 1 < len(lines) else ""
        bare = line.strip()
        begin = place + len(line) - len(line.lstrip())
        place += len(line) + 1
        found = mark(bare, before.strip(), after.strip(), chapters=chapters) if bare else None
        if found is not None:
            rest = begin + len(bare) - len(found.rest) if found.rest else begin + len(bare)
            yield begin, found.heading, found.level, found.number, rest
        elif bare and not before.strip() and not after.strip() and at + 1 < len(lines) and _titles(bare):
            yield begin, bare, 1 if first else 2, "", begin + len(bare)
        first = first and not bare


def _titles(line: str) -> bool:
    return len(line) <= _LONGEST_TITLE and not ENDED.search(line) and line[0].isalnum() and " | " not in line
