"""Pieces of expressions that every reader shares: for the one pass over bytes, and for the close look. Knows no identifier.

A word is written once; ``spellings`` lists the ways of writing it, ``in_bytes`` and ``in_text`` make of it expressions that
find them in bytes and on a page.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import product

from .fold import DIGITS

__all__ = [
    "AFTER",
    "BETWEEN",
    "DIGIT",
    "HAS_DIGIT",
    "LATIN",
    "MARK",
    "any_of",
    "digits_end",
    "escaped",
    "in_bytes",
    "in_text",
    "spellings",
    "starts",
]

LATIN = "0-9A-Za-zÀ-ÖØ-öø-ɏ"
"""Letters and digits of Latin words, as the inside of a class."""

# Spellings of one letter that readers take for the same.
_SPELLINGS = {
    "é": "eéèêÉÈÊ",
    "è": "eéèêÉÈÊ",
    "ê": "eéèêÉÈÊ",
    "à": "aàâÀÂ",
    "â": "aàâÀÂ",
    "ç": "cçÇ",
    "û": "uûùÛÙ",
    "ا": "اأإآ",
    "أ": "اأإآ",
    "إ": "اأإآ",
    "ة": "ةه",
    "ى": "ىي",
    "'": "'’",
    " ": " \u00a0_-",
}
# A lam before an alif comes out of many pages behind it: one glyph, read from the wrong end.
_LAM_ALEF = re.compile("ل([اأإآ])")


def any_of(characters: str) -> bytes:
    """A byte expression for one of ``characters``, by their common first bytes, which keeps the automaton small."""
    last: dict[bytes, bytes] = defaultdict(bytes)
    for encoded in sorted(character.encode() for character in characters):
        last[encoded[:-1]] += b"\\x%02x" % encoded[-1]
    return b"(?:" + b"|".join(b"%b[%b]" % (escaped(first), ends) for first, ends in last.items()) + b")"


def escaped(data: bytes) -> bytes:
    """A byte expression for these bytes."""
    return b"".join(b"\\x%02x" % byte for byte in data)


DIGIT = any_of(DIGITS)
# By their bytes, and so a few signs too many (quotes, dashes, superscripts): the readers see which. Each copy of a class that
# told them apart would be a dozen states of the automaton, and a shape has many.
MARK = rb"[\x80-\xbf\xc2\xd8\xe2\xef]"
BETWEEN = rb"(?:[ ./()\x80-\xbf\xc2\xe2\xe3\xef-]|\xd8\x9c)"
"""A byte of what may stand between the digits of a number; up to three make one character."""
# Bytes that may begin another digit count where the next byte denies it.
AFTER = rb"(?:[^0-9\xd9\xdb\xef]|\xd9[^\xa0-\xa9]|\xdb[^\xb0-\xb9]|\xef[^\xbc]|\xef\xbc[^\x90-\x99]|\z)"
"""What follows the last digit."""
HAS_DIGIT = re.compile("[0-9]").search
"""Finds a digit of a page: a first question where words come often and numbers seldom."""


def digits_end(text: str, place: int) -> int:
    """The place behind the last digit before ``place``; there must be one."""
    while not "0" <= text[place - 1] <= "9":
        place -= 1
    return place


def spellings(word: str) -> set[bytes]:
    """The ways of writing a word that are looked for as literals, ASCII letters in either case.

    Accents one by one, for they are mistaken one by one; an alif where a word begins; one sign between all words of a phrase.
    """
    written = {
        "".join(letters).replace(" ", space)
        for each in _both(word)
        for letters in product(*(_written(each, place) for place in range(len(each))))
        for space in " \u00a0_-"
    }
    return {way.encode() for each in written for way in ((each,) if each.isascii() else (each, each.upper()))}


def _written(word: str, place: int) -> str:
    letter, before = word[place], word[:place].rpartition(" ")[2]
    plain = letter == " " or (letter == "ا" and (before not in ("", "ال") or word[place + 1 : place + 2] == "ل"))
    return letter if plain else _SPELLINGS.get(letter, letter)


def in_bytes(words: Iterable[str]) -> bytes:
    """A byte expression for one of ``words``; Latin letters in either case, so the pattern must begin with ``(?i)``."""
    return b"(?:" + b"|".join(_word_in_bytes(word) for each in words for word in _both(each)) + b")"


def _word_in_bytes(word: str) -> bytes:
    return b"".join(any_of(_SPELLINGS[letter]) if letter in _SPELLINGS else escaped(letter.encode()) for letter in word)


def in_text(words: Iterable[str]) -> str:
    """The same for the text of a page, the longest word first; to be compiled with ``re.IGNORECASE``.

    Words that begin alike share a branch: at each place the engine asks about some twenty letters and not about every word.
    """
    branches: dict[str, list[str]] = defaultdict(list)
    for word in sorted({word for each in words for word in _both(each)}, key=len, reverse=True):
        branches[_letter_in_text(word[0])].append("".join(map(_letter_in_text, word[1:])))
    return "(?:" + "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in branches.items()) + ")"


def _letter_in_text(letter: str) -> str:
    return f"[{_SPELLINGS[letter]}]" if letter in _SPELLINGS else re.escape(letter)


def starts(word: str) -> set[str]:
    """What a word that ``in_text`` finds may begin with: three letters, or all that it has."""
    begins = {"".join(letters) for each in _both(word) for letters in product(*(_SPELLINGS.get(x, x) for x in each[:3]))}
    return {"".join(cased) for each in begins for cased in product(*({x.lower(), x.upper()} for x in each))}


def _both(word: str) -> tuple[str, ...]:
    swapped = _LAM_ALEF.sub("\\1ل", word)
    return (word,) if swapped == word else (word, swapped)
