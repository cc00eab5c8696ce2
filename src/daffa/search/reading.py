"""A question as words, each with what it may be found by. Knows no glossary and no index.

Forms of a word are the keys by which a phrase of the glossary meets it: the term of the analyser, for Arabic letters the
stem of Darija too, for Darija in Latin letters its sounds (``=``) and its consonants (``~``), for Tamazight its term
apart (``+``). Consonants that may be left of a verb (``^``) meet those words alone that a glossary says are verbs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from daffa.language import normalise, stem

from . import latin
from .analyser import terms, words
from .arabic import turned
from .stops import ARABIZI

__all__ = ["Word", "guessed", "heard", "read", "verb"]

_LEAST_BONES = 3
_LEAST_HEARD = 4
"""Longer than where both are in Latin letters: what an Arabic word leaves unwritten makes more of them alike."""
_ARABIZI_KEYS = frozenset(map(latin.key, ARABIZI))


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question.

    Attributes:
        text, start, end: as it is written, and where.
        term: of the analyser; empty for a stop word, and where digits stand for letters.
        arabizi: whether it may be Darija in Latin letters.
        stop: whether it is a stop word: it counts only inside a phrase.
        forms: see the head of this file.
    """

    text: str
    start: int
    end: int
    term: str
    arabizi: bool
    stop: bool
    forms: frozenset[str]


def read(text: str, language: str) -> list[Word]:
    """The words of ``text``, which is in ``language`` (BCP 47)."""
    found = _arabizi_words(text) if language == "ary-Latn" else words(text)
    return [Word(word, start, end, *_read(word, language)) for word, start, end in found]


def _arabizi_words(text: str) -> list[tuple[str, int, int]]:
    """As ``analyser.words``, with the digits that stand for letters inside the words."""
    latins = [(found[0], found.start(), found.end()) for found in latin.WORD.finditer(text)]
    taken = {place for _, start, end in latins for place in range(start, end)}
    others = [(word, start, end) for word, start, end in words(text) if start not in taken]
    return sorted(latins + others, key=lambda word: word[1])


@lru_cache(maxsize=1 << 12)
def _read(word: str, language: str) -> tuple[str, bool, bool, frozenset[str]]:
    term = next(iter(terms(word, language)), "")
    if _is_arabic(word):
        return term, False, not term, _arabic(word, term)
    if language.startswith("zgh") or "\u2d30" <= word[0] <= "\u2d7f":
        return term, False, not term, frozenset({f"+{term or normalise(word, loose=True)}"})
    arabizi = any(map(str.isalpha, word)) and (language == "ary-Latn" or latin.is_arabizi(word))
    if not arabizi:
        return term, False, not term, frozenset({term or normalise(word, loose=True)})
    if normalise(word, loose=True) in ARABIZI or latin.key(word) in _ARABIZI_KEYS:
        return "", True, True, frozenset({f"={latin.key(word)}"})
    plain = "" if latin.is_arabizi(word) else term
    return plain, True, False, _arabizi(word) | ({plain} if plain else set())


def _arabic(word: str, term: str) -> frozenset[str]:
    return frozenset({term, turned(stem(word, "ary"))} if term else {turned(normalise(word, loose=True))})


def _arabizi(word: str) -> frozenset[str]:
    forms = latin.bare_forms(word)
    bones = map(latin.bones, forms)
    return frozenset({f"={form}" for form in forms} | {f"~{bone}" for bone in bones if len(bone) >= _LEAST_BONES})


def verb(word: str) -> frozenset[str]:
    """The form by which a verb of a glossary is met in any person and time."""
    bones = _bones_of_arabic(word) if _is_arabic(word) else latin.bones(latin.key(word))
    return frozenset({f"^{latin.root(bones)}"})


@lru_cache(maxsize=1 << 12)
def guessed(word: Word) -> frozenset[str]:
    """The forms by which a word of a question, if it is a verb, meets the verbs of a glossary."""
    if word.arabizi and not word.stop:
        bones = list(map(latin.bones, latin.bare_forms(word.text)))
    else:
        bones = [_bones_of_arabic(word.text)] if word.term and _is_arabic(word.text) else []
    return frozenset(f"^{root}" for one in bones for root in latin.roots(one))


def heard(word: str) -> frozenset[str]:
    """The forms by which spellings in Latin letters meet a word in Arabic letters of a glossary."""
    bones = _bones_of_arabic(word) if _is_arabic(word) else ""
    return frozenset({f"~{bones}"} if len(bones) >= _LEAST_HEARD else ())


def _bones_of_arabic(word: str) -> str:
    return latin.bones_of_arabic(normalise(word, loose=True))


def _is_arabic(word: str) -> bool:
    return "\u0600" <= word[0] <= "\ufefc"
