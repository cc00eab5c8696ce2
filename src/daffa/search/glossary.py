"""Words of everyday and the words that texts use for them, in all languages, merged from files. Knows no question type.

A file is CSV with the columns ``fr, ar, ary, ary_latn, zgh, en`` and any of ``asks, definition, source``; alternatives in
a cell are parted by ``|``. A line is one concept. ``fr`` and ``ar`` are what is searched for. ``ary``, ``ary_latn``,
``zgh``, ``en`` and ``asks`` (everyday wordings in French or standard Arabic) bring a line in; a wording of ``fr`` or ``ar``
does so only where it stands in one line alone, else every "contract" would bring in all contracts. A word of Darija with
``*`` behind it is a verb: it is met in any person and time.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec

from daffa.errors import Invalid

from .analyser import terms
from .kept import Kept, reader
from .reading import Word, guessed, heard, read, verb

__all__ = ["COLUMNS", "Entry", "Glossary", "Told", "everyday"]

COLUMNS: Final = ("fr", "ar", "ary", "ary_latn", "zgh", "en")
_SEARCHED: Final = ("fr", "ar")
_HERE = Path(__file__).parent
_EVERYDAY = (_HERE / "everyday.csv", _HERE / "words.csv")

Phrase = tuple[frozenset[str], ...]
"""The forms of each of its words."""
_VERB: Final = "*"
_FITS: Final = {"~": 0.8, "^": 0.55}
_GUESSED: Final = 0.6
_HEARD: Final = ("ary", "asks")
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
    """Words of a question, ``first`` to ``last`` (excluded), that brought in an entry; ``fit``: how surely, 0 to 1."""

    first: int
    last: int
    entry: Entry
    fit: float = 1.0

    @property
    def sure(self) -> bool:
        """Whether its words were met, and not the consonants of a verb alone."""
        return self.fit >= _GUESSED


_Phrases = Mapping[str, Sequence[tuple[Phrase, Entry]]]
_Row = tuple[int, bool, Phrase]
"""The place of an entry, whether stop words count in its phrase, the phrase."""


class Glossary:
    """Entries, and the phrases that bring them in."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries = tuple(entries)
        self._indexed: tuple[_Phrases, _Phrases] | None = None
        self._lock = Lock()

    @classmethod
    def of(cls, *files: Path) -> Glossary:
        """All the lines of ``files``. Raises ``Invalid("glossary_line")`` where a file is none."""
        return cls(entry for file in files for entry in _entries(file))

    def merged(self, *others: Glossary) -> Glossary:
        """The lines of ``self``, then those of ``others``."""
        return Glossary(entry for glossary in (self, *others) for entry in glossary.entries)

    def warm(self, kept: Kept | None = None) -> None:
        """Have the phrases there: those that an earlier process read, where ``kept`` has them, else read now."""
        self._phrases(kept)

    def _phrases(self, kept: Kept | None = None) -> tuple[_Phrases, _Phrases]:
        """By the form of their first word: phrases of which stop words are left out, and phrases as they stand."""
        with self._lock:
            if self._indexed is None:
                self._indexed = _indexed(self.entries, self._rows() if kept is None else self._kept_rows(kept))
            return self._indexed

    def _kept_rows(self, kept: Kept) -> list[_Row]:
        made_of = reader() + msgspec.json.encode([entry.wordings for entry in self.entries])
        content = kept("glossary", made_of, lambda: msgspec.msgpack.encode(list(self._rows())))
        return msgspec.msgpack.decode(content, type=list[_Row])

    def _rows(self) -> Iterator[_Row]:
        sides = Counter(_folded(wording) for entry in self.entries for wording in dict.fromkeys(entry.searched))
        for place, entry in enumerate(self.entries):
            for column, wording in _asking(entry, sides):
                words = _read(wording, column)
                content = [word for word in words if not word.stop]
                # "combien par année" must not be brought in by every year, nor "جرا عليا" by all that runs.
                whole = len(content) not in (len(words), *range(2, len(words)))
                if content:
                    yield place, whole, tuple(word.forms for word in (words if whole else content))

    def told(self, question: Sequence[Word]) -> list[Told]:
        """What ``question`` brings in; a phrase inside a longer one that was met brings in nothing."""
        bare, whole = self._phrases()
        content = [place for place, word in enumerate(question) if not word.stop]
        forms = [word.forms | guessed(word) for word in question]
        found: dict[tuple[int, int, int], Told] = {}
        for told in (*_met(bare, forms, content), *_met(whole, forms, range(len(question)))):
            key = told.first, told.last, id(told.entry)
            if key not in found or found[key].fit < told.fit:
                found[key] = told
        return [told for told in found.values() if not any(_instead(told, other) for other in found.values())]


def _indexed(entries: Sequence[Entry], rows: Iterable[_Row]) -> tuple[_Phrases, _Phrases]:
    bare: dict[str, list[tuple[Phrase, Entry]]] = {}
    whole: dict[str, list[tuple[Phrase, Entry]]] = {}
    for place, small_words_too, phrase in rows:
        for form in phrase[0]:
            (whole if small_words_too else bare).setdefault(form, []).append((phrase, entries[place]))
    return bare, whole


def _read(wording: str, column: str) -> list[Word]:
    """The words of a wording with the forms by which a question meets them there."""
    parts = wording.split(_VERB)
    verbs = set(accumulate(map(len, parts[:-1])))
    words = read("".join(parts), _LANGUAGES.get(column, ""))
    return [replace(word, forms=_meeting(word, column, word.end in verbs)) for word in words]


def _meeting(word: Word, column: str, is_verb: bool) -> frozenset[str]:
    """Of a word of Darija in Latin letters, what no French word has: else "sinis" would be brought in by a signature."""
    forms = frozenset(form for form in word.forms if column != "ary_latn" or form[0] in "=~")
    if column in _HEARD:
        forms |= heard(word.text)
    return forms | verb(word.text) if is_verb else forms


def _met(phrases: _Phrases, forms: Sequence[frozenset[str]], places: Sequence[int]) -> Iterator[Told]:
    """The phrases that the words at ``places`` of a question are, one after the other; ``forms``: of each of its words."""
    for at, place in enumerate(places):
        for form in sorted(forms[place]):  # sets have another order in each process
            for phrase, entry in phrases.get(form, ()):
                following = places[at : at + len(phrase)]
                if len(following) == len(phrase):
                    fit = min(_fit(one & forms[other]) for one, other in zip(phrase, following, strict=True))
                    if fit:
                        yield Told(place, following[-1] + 1, entry, fit)


def _fit(shared: frozenset[str]) -> float:
    """How surely two words are one that share these forms."""
    return max((_FITS.get(form[0], 1.0) for form in shared), default=0.0)


def _instead(one: Told, other: Told) -> bool:
    """Whether ``other`` takes the place of ``one``: a longer phrase, or words met surely where ``one`` was guessed."""
    if other.sure and not one.sure and other.first < one.last and one.first < other.last:
        return True
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
    return Glossary.of(*_EVERYDAY)
