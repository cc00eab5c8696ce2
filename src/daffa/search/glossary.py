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

from .analyser import terms, words
from .reading import Word, arabic_forms, latin_forms, read

__all__ = ["COLUMNS", "Entry", "Glossary", "Told", "everyday"]

COLUMNS: Final = ("fr", "ar", "ary", "ary_latn", "zgh", "en")
_SEARCHED: Final = ("fr", "ar")
_EVERYDAY = Path(__file__).with_name("everyday.csv")

Phrase = tuple[frozenset[str], ...]
"""The forms of each of its words."""


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


class Glossary:
    """Entries, and the phrases that bring them in."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries = tuple(entries)

    @classmethod
    def of(cls, *files: Path) -> Glossary:
        """All the lines of ``files``. Raises ``Invalid("glossary_line")`` where a file is none."""
        return cls(entry for file in files for entry in _entries(file))

    def merged(self, *others: Glossary) -> Glossary:
        """This glossary with the lines of others."""
        return Glossary(entry for glossary in (self, *others) for entry in glossary.entries)

    @cached_property
    def _phrases(self) -> Mapping[str, Sequence[tuple[Phrase, Entry]]]:
        """Form of a first word -> the phrases that begin with it."""
        sides = Counter(_folded(wording) for entry in self.entries for wording in dict.fromkeys(entry.searched))
        found: dict[str, list[tuple[Phrase, Entry]]] = {}
        for entry in self.entries:
            for column, wording in _asking(entry, sides):
                phrase = _phrase(wording, column)
                for form in phrase[0] if phrase else ():
                    found.setdefault(form, []).append((phrase, entry))
        return found

    def told(self, question: Sequence[Word]) -> list[Told]:
        """What ``question`` brings in; a phrase inside a longer one that was met brings in nothing."""
        found: dict[tuple[int, int, int], Told] = {}
        for first, word in enumerate(question):
            for form in word.forms:
                for phrase, entry in self._phrases.get(form, ()):
                    last = first + len(phrase)
                    if last <= len(question) and all(one & word.forms for one, word in zip(phrase, question[first:last], strict=True)):
                        found[first, last, id(entry)] = Told(first, last, entry)
        return [told for told in found.values() if not any(_inside(told, other) for other in found.values())]


def _inside(one: Told, other: Told) -> bool:
    return other.first <= one.first and one.last <= other.last and other.last - other.first > one.last - one.first


def _folded(wording: str) -> str:
    return " ".join(terms(wording))


def _asking(entry: Entry, sides: Counter[str]) -> Iterator[tuple[str, str]]:
    for column, wordings in entry.wordings.items():
        for wording in wordings:
            if column not in _SEARCHED or sides[_folded(wording)] == 1:
                yield column, wording


def _phrase(wording: str, column: str) -> Phrase:
    """The forms of the words of ``wording`` that are no stop words."""
    if column == "ary_latn":
        return tuple(word.forms for word in read(wording, "ary-Latn"))
    language = {"zgh": "zgh-Latn", "en": "en-Latn"}.get(column, "")
    forms = (_plain_forms(word, language) for word, _, _ in words(wording))
    return tuple(form for form in forms if form)


def _plain_forms(word: str, language: str) -> frozenset[str]:
    return arabic_forms(word) if "\u0600" <= word[0] <= "\ufefc" else latin_forms(word, language)


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


