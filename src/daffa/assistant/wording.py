"""Words of any script as keys that spellings share, and phrases found among them. Knows letters; knows no grammar.

The data of ``words/*.toml`` goes through the same keys when it is read, so that it may be written as people write.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from daffa.language import normalise

__all__ = ["Phrases", "Word", "bare_forms", "key_of", "load", "words_of"]

_FOLDER = Path(__file__).parent / "words"
# Signs of vowels and joiners stand inside of words.
_INSIDE = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200c-\u200f\u2060-\u2064\u2d7f\ufeff"
_WORD = re.compile(f"\\d+(?=[\u0621-\u064a])|[^\\W_](?:[^\\W_]|[{_INSIDE}])*")
_GAP = r"(?: \S+)"
_BEFORE = re.compile("و?ف?(?:[بك]?ال|لل)|[وف]?[بكل]?")
_AFTER = re.compile("(?:ها|هم|هما|هن|كم|نا|ه|ي|ك)$")
_SHORTEST = 3


class Word(NamedTuple):
    """A word: its key, and where it stands in the text, in code points."""

    key: str
    start: int
    end: int


@lru_cache(maxsize=1 << 15)
def _fold(word: str) -> str:
    return normalise(word, loose=True) or word


def words_of(text: str) -> list[Word]:
    """The words of ``text`` in order; an apostrophe or a hyphen parts two words."""
    return [Word(_fold(found[0]), found.start(), found.end()) for found in _WORD.finditer(text)]


def key_of(text: str) -> str:
    """The keys of the words of ``text``, one blank between."""
    return " ".join(_fold(found[0]) for found in _WORD.finditer(text))


@lru_cache(maxsize=1 << 14)
def bare_forms(key: str) -> tuple[str, ...]:
    """A word as it is, then without what Arabic writes before it, then without what it writes behind."""
    forms = [key]
    before = _BEFORE.match(key)
    if before and before[0] and len(key) - before.end() >= _SHORTEST:
        forms.append(key[before.end() :])
    for form in tuple(forms):
        bare = _AFTER.sub("", form)
        if bare != form and len(bare) >= _SHORTEST:
            forms.append(bare)
    return tuple(forms)


@cache
def load(name: str) -> dict[str, Any]:
    """The data of ``words/<name>.toml``."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


class Phrases:
    """Phrases that are looked for among words, the longest first; ``~`` in one is a word that may stand between."""

    def __init__(self, phrases: Iterable[str]) -> None:
        patterns = sorted({_pattern(phrase) for phrase in phrases}, key=len, reverse=True)
        self._pattern = re.compile(f"(?<!\\S)(?:{'|'.join(patterns)})(?!\\S)") if patterns else None

    def find(self, keys: str) -> Iterator[tuple[int, int]]:
        """Where they stand in ``keys`` (words with one blank between): first and last word, the last one outside."""
        if self._pattern is None:
            return
        for found in self._pattern.finditer(keys):
            first = keys.count(" ", 0, found.start())
            yield first, first + found[0].count(" ") + 1

    def without(self, keys: str) -> str:
        """``keys`` with a sign in the place of each of them."""
        return self._pattern.sub("_", keys) if self._pattern else keys

    def any(self, keys: str) -> bool:
        """Whether one of them stands there."""
        return self._pattern is not None and self._pattern.search(keys) is not None


def _pattern(phrase: str) -> str:
    """``"ne ~~ pas"`` as a pattern over keys."""
    pieces: list[str] = []
    for word in phrase.split():
        if set(word) == {"~"}:
            pieces.append(f"{_GAP}{{0,{len(word)}}}?")
        else:
            pieces.append((" " if pieces else "") + re.escape(key_of(word)))
    return "".join(pieces)
