"""A question as words, each with what it may be found by. Knows no glossary and no index.

Forms of a word are the keys by which a phrase of the glossary meets it: the term of the analyser, for Arabic letters the
stem of Darija too, for Darija in Latin letters its sounds (``=``) and its consonants (``~``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from daffa.language import normalise, stem

from . import latin
from .analyser import terms, words
from .arabic import turned
from .stops import ARABIZI

__all__ = ["Word", "arabic_forms", "arabizi_forms", "latin_forms", "read"]

_LEAST_SKELETON = 3
_ARABIZI_KEYS = frozenset(map(latin.key, ARABIZI))


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question that is no stop word.

    Attributes:
        text, start, end: as it is written, and where.
        term: of the analyser; empty where it is a stop word of another language than the question's.
        arabizi: whether it may be Darija in Latin letters.
        forms: see the head of this file.
    """

    text: str
    start: int
    end: int
    term: str
    arabizi: bool
    forms: frozenset[str]


def read(text: str, language: str) -> list[Word]:
    """The words of ``text`` without the stop words of its ``language`` (BCP 47)."""
    found = _arabizi_words(text) if language == "ary-Latn" else words(text)
    read = (_word(word, start, end, language) for word, start, end in found)
    return [word for word in read if word]


def _arabizi_words(text: str) -> list[tuple[str, int, int]]:
    """As ``analyser.words``, with the digits that stand for letters inside the words."""
    latins = [(found[0], found.start(), found.end()) for found in latin.WORD.finditer(text)]
    taken = {place for _, start, end in latins for place in range(start, end)}
    others = [(word, start, end) for word, start, end in words(text) if start not in taken]
    return sorted(latins + others, key=lambda word: word[1])


@lru_cache(maxsize=1 << 12)
def _forms(word: str, language: str) -> tuple[str, bool, frozenset[str]] | None:
    term = next(iter(terms(word, language)), "")
    if not word[0].isascii() and "\u0600" <= word[0] <= "\ufefc":
        return (term, False, arabic_forms(word)) if term else None
    arabizi = any(map(str.isalpha, word)) and (language == "ary-Latn" or latin.is_arabizi(word))
    if not arabizi:
        return (term, False, frozenset({term})) if term else None
    if normalise(word, loose=True) in ARABIZI or latin.key(word) in _ARABIZI_KEYS:
        return None
    plain = "" if latin.is_arabizi(word) else term
    return plain, True, arabizi_forms(word) | ({plain} if plain else set())


def _word(word: str, start: int, end: int, language: str) -> Word | None:
    forms = _forms(word, language)
    return Word(word, start, end, *forms) if forms else None


def arabic_forms(word: str) -> frozenset[str]:
    """The forms of a word in Arabic letters; none for a stop word."""
    found = terms(word)
    return frozenset({found[0], turned(stem(word, "ary"))}) if found else frozenset()


def arabizi_forms(word: str) -> frozenset[str]:
    """The forms of a word of Darija in Latin letters; none for a stop word."""
    if normalise(word, loose=True) in ARABIZI:
        return frozenset()
    forms = latin.bare_forms(word)
    skeletons = (latin.skeleton(form) for form in forms)
    return frozenset({f"={form}" for form in forms} | {f"~{bones}" for bones in skeletons if len(bones) >= _LEAST_SKELETON})


def latin_forms(word: str, language: str = "") -> frozenset[str]:
    """The forms of a word in Latin letters or Tifinagh that is no Arabizi; none for a stop word."""
    return frozenset(terms(word, language))
