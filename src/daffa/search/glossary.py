"""Words of everyday and the words that texts use for them, in all languages, merged from files. Knows no question type.

A file is CSV with the columns ``fr, ar, ary, ary_latn, zgh, en`` and any of ``asks, definition, source``; alternatives in
a cell are parted by ``|``. A line is one concept. ``fr`` and ``ar`` are what is searched for. ``ary``, ``ary_latn``,
``zgh``, ``en`` and ``asks`` (everyday wordings in French or standard Arabic) bring a line in; a wording of ``fr`` or ``ar``
does so only where it stands in one line alone, else every "contract" would bring in all contracts.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from daffa.errors import Invalid

from .analyser import terms
from .reading import Word, read

__all__ = ["COLUMNS", "Entry", "Glossary", "Told", "everyday"]

COLUMNS: Final = ("fr", "ar", "ary", "ary_latn", "zgh", "en")
_SEARCHED: Final = ("fr", "ar")
_EVERYDAY = Path(__file__).with_name("everyday.csv")

Phrase = tuple[frozenset[str], ...]
"""The forms of each of its words."""
_LANGUAGES: Final = {"ary_latn": "ary-Latn", "zgh": "zgh-Latn", "en": "en-Latn"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One concept: its wordings by column, and the file and line that it stands in."""

    wordings: Mapping[str, tuple[str, ...]]
    source: str

    @property
    def searched(self) -> tuple[str, ...]:
        """The wordings that are searched for."""
        return tuple(wording for column in _SEARCHED for wording in self.wordings[column])


@dataclass(frozen=True, slots=True)
class Told:
    """Words of a question, ``first`` to ``last`` (excluded), that brought in an entry."""

    first: int
    last: int
    entry: Entry


_Phrases = Mapping[str, Sequence[tuple[Phrase, Entry]]]


class Glossary:
    """Entries, and the phrases that bring them in."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries = tuple(entries)

    @classmethod
    def of(cls, *files: Path) -> Glossary:
        """All the lines of ``files``. Raises ``Invalid("glossary_line")`` where a file is none."""
        return cls(entry for file in files for entry in _entries(file))

    def merged(self, *others: Glossary) -> Glossary:
        """The lines of ``self``, then those of ``others``."""
        return Glossary(entry for glossary in (self, *others) for entry in glossary.entries)

    @cached_property
    def _phrases(self) -> tuple[_Phrases, _Phrases]:
        """By the form of their first word: phrases of which stop words are left out, and phrases as they stand."""
        sides = Counter(_folded(wording) for entry in self.entries for wording in dict.fromkeys(entry.searched))
        bare: dict[str, list[tuple[Phrase, Entry]]] = {}
        whole: dict[str, list[tuple[Phrase, Entry]]] = {}
        for entry in self.entries:
            for column, wording in _asking(entry, sides):
                words = read(wording, _LANGUAGES.get(column, ""))
                content = [word for word in words if not word.stop]
                # "combien par année" must not be brought in by every year, nor "جرا عليا" by all that runs.
                kept, into = (content, bare) if len(content) in (len(words), *range(2, len(words))) else (words, whole)
                if content:
                    phrase = tuple(_own(word.forms) if column == "ary_latn" else word.forms for word in kept)
                    for form in phrase[0]:
                        into.setdefault(form, []).append((phrase, entry))
        return bare, whole

    def told(self, question: Sequence[Word]) -> list[Told]:
        """What ``question`` brings in; a phrase inside a longer one that was met brings in nothing."""
        bare, whole = self._phrases
        content = [place for place, word in enumerate(question) if not word.stop]
        everything = list(range(len(question)))
        found = {(told.first, told.last, id(told.entry)): told for told in _met(bare, question, content)}
        found |= {(told.first, told.last, id(told.entry)): told for told in _met(whole, question, everything)}
        return [told for told in found.values() if not any(_inside(told, other) for other in found.values())]


def _own(forms: frozenset[str]) -> frozenset[str]:
    """Of a word of Darija in Latin letters, what no French word has: else "sinis" would be brought in by a signature."""
    return frozenset(form for form in forms if form[0] in "=~")


def _met(phrases: _Phrases, question: Sequence[Word], places: Sequence[int]) -> Iterator[Told]:
    """The phrases that the words of ``question`` at ``places`` are, one after the other."""
    for at, place in enumerate(places):
        for form in question[place].forms:
            for phrase, entry in phrases.get(form, ()):
                following = places[at : at + len(phrase)]
                if len(following) == len(phrase) and all(
                    one & question[other].forms for one, other in zip(phrase, following, strict=True)
                ):
                    yield Told(place, following[-1] + 1, entry)


def _inside(one: Told, other: Told) -> bool:
    return other.first <= one.first and one.last <= other.last and other.last - other.first > one.last - one.first


def _folded(wording: str) -> str:
    return " ".join(terms(wording))


def _asking(entry: Entry, sides: Counter[str]) -> Iterator[tuple[str, str]]:
    for column, wordings in entry.wordings.items():
        for wording in wordings:
            if column not in _SEARCHED or (sides[_folded(wording)] == 1 and " " in wording):
                yield column, wording


def _entries(file: Path) -> Iterator[Entry]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            if not set(COLUMNS) <= set(rows.fieldnames or ()):
                raise Invalid("glossary_line", path=str(file), line=1, expected=",".join(COLUMNS))
            for row in rows:
                yield _entry(row, file, rows.line_num)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid("glossary_line", path=str(file), line=1, expected=",".join(COLUMNS)) from error


def _entry(row: Mapping[str | None, str | None], file: Path, line: int) -> Entry:
    if None in row or None in row.values():
        raise Invalid("glossary_line", path=str(file), line=line, expected=",".join(COLUMNS))
    wordings = {column: _alternatives(row.get(column) or "") for column in (*COLUMNS, "asks")}
    if not any(wordings[column] for column in _SEARCHED):
        raise Invalid("glossary_line", path=str(file), line=line, expected="fr | ar")
    return Entry(wordings, f"{file.name}:{line}")


def _alternatives(cell: str) -> tuple[str, ...]:
    return tuple(wording for one in cell.split("|") if (wording := one.strip()))


@cache
def everyday() -> Glossary:
    """The glossary that comes with Daffa, read once."""
    return Glossary.of(_EVERYDAY)
