"""A letter out of its template: facts in their places, what is missing left as a blank that shows. Pure; invents nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from daffa.language import sentences

__all__ = ["Fact", "Letter", "Place", "Template", "blank_of", "fill_letter"]

_PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,63})\}")
_GAPS = re.compile(r"\n{3,}")


class Fact(Protocol):
    """What a pack says of a placeholder."""

    @property
    def title(self) -> str:
        """In the language of the letter."""
        ...

    @property
    def type(self) -> str:
        """``date``, ``amount``, ``text`` or of ``daffa.privacy``."""
        ...

    @property
    def required(self) -> bool:
        """Whether the letter needs it."""
        ...


class Template(Protocol):
    """A letter of a pack."""

    @property
    def text(self) -> str:
        """With placeholders ``{name}``."""
        ...

    @property
    def facts(self) -> Mapping[str, Fact]:
        """Each placeholder's."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact, or its blank, stands in a letter."""

    name: str
    start: int
    end: int
    filled: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, the places of its facts, and the names of the required ones that are missing."""

    text: str
    places: tuple[Place, ...]
    missing: tuple[str, ...]


def blank_of(title: str) -> str:
    """What stands for a missing fact, so that nobody sends it by mistake: ``[… Ville …]``."""
    return f"[… {title} …]"


def fill_letter(template: Template, values: Mapping[str, str]) -> Letter:
    """The letter with ``values`` as they are written.

    A missing optional fact takes its sentence with it where nothing else stands in that, else it is a blank too.
    """
    text = _GAPS.sub("\n\n", "\n".join(line for line in _lines(template, values) if line is not None)).strip()
    parts: list[str] = []
    places: list[Place] = []
    read = written = 0
    for place in _PLACE.finditer(text):
        name = place[1]
        before = text[read : place.start()]
        said = values.get(name) or blank_of(template.facts[name].title)
        start = written + len(before)
        places.append(Place(name, start, start + len(said), bool(values.get(name))))
        parts += (before, said)
        read, written = place.end(), start + len(said)
    parts.append(text[read:])
    missing = tuple(dict.fromkeys(place.name for place in places if not place.filled and template.facts[place.name].required))
    return Letter("".join(parts), tuple(places), missing)


def _lines(template: Template, values: Mapping[str, str]) -> list[str | None]:
    return [_line(line, template, values) for line in template.text.split("\n")]


def _line(line: str, template: Template, values: Mapping[str, str]) -> str | None:
    """A line without the sentences that are about missing optional facts alone; ``None`` where nothing is left of it."""
    if not _PLACE.search(line):
        return line
    kept = []
    for start, end in sentences(line) or [(0, len(line))]:
        names = _PLACE.findall(line[start:end])
        if not names or any(values.get(name) or template.facts[name].required for name in names):
            kept.append(line[start:end])
    return " ".join(kept) if kept else None
