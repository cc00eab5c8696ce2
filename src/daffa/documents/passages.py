"""Passages of a document: within a section, of whole sentences, each exactly where it stands. Knows no index."""

from __future__ import annotations

import re
from collections.abc import Iterator

from daffa.language import sentences

from .document import Chunk, Document, Section

__all__ = ["chunks"]

_PAUSE = re.compile(r"[,;،؛:\n]\s|\s")
_UNDER = " › "


def chunks(document: Document, most: int = 900) -> list[Chunk]:
    """The passages of ``document``, in order, each of at most ``most`` code points (at least 1).

    A passage holds whole sentences of one section; a sentence longer than ``most`` is cut at a pause. A heading with nothing
    under it is a passage of its own, so that no word of the document is in none.

    Raises:
        ValueError: for ``most`` below 1.
    """
    if most < 1:
        raise ValueError(f"a passage of {most} code points")
    found: list[Chunk] = []
    above: list[Section] = []
    for at, section in enumerate(document.sections):
        above = [one for one in above if one.level < section.level]
        path = _UNDER.join(one.heading for one in above if one.heading and one.heading != document.title)
        spans = list(_passages(document.text, section, most))
        deeper = at + 1 < len(document.sections) and document.sections[at + 1].level > section.level
        if not spans and section.heading and not deeper:
            start = document.text.rfind(section.heading, 0, section.start)
            spans = [(start, start + len(section.heading))] if start >= 0 else []
        found += [Chunk(document.text[start:end], start, section.heading, section.number, path) for start, end in spans]
        above.append(section)
    return found


def _passages(text: str, section: Section, most: int) -> Iterator[tuple[int, int]]:
    """Spans of about equal length: a passage that holds the last six words of a section alone is of no use."""
    body = text[section.start : section.end]
    whole = len(body.strip())
    if not whole:
        return
    wanted = whole / -(-whole // most)
    first = last = -1
    for start, end in _pieces(body, most):
        if first >= 0 and (end - first > most or last - first >= wanted):
            yield section.start + first, section.start + last
            first = -1
        if first < 0:
            first = start
        last = end
    if first >= 0:
        yield section.start + first, section.start + last


def _pieces(body: str, most: int) -> Iterator[tuple[int, int]]:
    for first, end in sentences(body):
        start = first
        while end - start > most:
            pauses = [pause.end() for pause in _PAUSE.finditer(body, start + most // 2, start + most)]
            cut = pauses[-1] if pauses else start + most
            yield start, start + len(body[start:cut].rstrip())
            start = _after_blanks(body, cut, end)
        if end > start:
            yield start, end


def _after_blanks(body: str, place: int, end: int) -> int:
    while place < end and body[place].isspace():
        place += 1
    return place
