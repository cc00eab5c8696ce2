"""Blocks as one text with sections: the law that every offset holds. Knows no format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .articles import articled, mark, number_of
from .document import Section
from .formats import Block

__all__ = ["GAP", "assemble", "with_articles"]

GAP = "\n\n"
"""Between two blocks: a blank line, so that no sentence runs from one into the other."""


def with_articles(blocks: Iterable[Block]) -> Iterator[Block]:
    """``blocks`` with each paragraph that begins with ``Article 24.`` split into heading and text."""
    blocks = list(blocks)
    chapters = articled(block.text for block in blocks)
    for block in blocks:
        found = None if block.level else mark(block.text, chapters=chapters)
        if found is None:
            yield block
            continue
        yield Block(found.heading, found.level)
        if found.rest:
            yield Block(found.rest)


def assemble(blocks: Iterable[Block]) -> tuple[str, tuple[Section, ...]]:
    """All blocks as one text, and the sections that its headings make of it."""
    parts: list[str] = []
    sections: list[Section] = []
    heading, level, at, start, end = "", 1, 0, 0, 0
    for block in blocks:
        if not block.text:
            continue
        if block.level:
            if heading or end > start:
                sections.append(Section(heading, level, start, max(start, end), number_of(heading)))
            heading, level = block.text, block.level
            start = end = at + len(block.text) + len(GAP)
        else:
            end = at + len(block.text)
        parts.append(block.text)
        at += len(block.text) + len(GAP)
    text = GAP.join(parts)
    if heading or end > start:
        start = min(start, len(text))
        sections.append(Section(heading, level, start, max(start, min(end, len(text))), number_of(heading)))
    return text, tuple(sections)
