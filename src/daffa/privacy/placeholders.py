r"""What stands in a text for a value: ``[PHONE_BKTRWHZC]``. Knows its shape and how to make one; knows no value.

Square brackets: no JSON encoder escapes them (Go writes ``<`` as ``\u003c``), no Markdown page hides them. Letters alone in
the code: a model that writes Arabic may turn digits into Arabic-Indic ones. Consonants alone: no word is made by chance.
Capitals, but read in either case, without the brackets as well, and with the backslash that Markdown puts before ``_``.
"""

from __future__ import annotations

import hmac
import re

from .finding import Type

__all__ = ["ALPHABET", "CODE", "ESCAPED", "LONGEST", "PLACEHOLDER", "SHAPE", "core_of", "keyed_code", "letters_of", "word_of"]

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""The letters of a code: 20, so that 8 of them make 25.6 thousand million codes."""
ESCAPED = "TEXT"
"""The word of a placeholder that stands for text which looks like a placeholder itself."""

_WORDS = "|".join(sorted((*(each.value.upper() for each in Type), ESCAPED), key=len, reverse=True))
_LINE = r"\\{0,4}_"
_CORE = rf"(?:{_WORDS}){_LINE}[{ALPHABET}]{{8,16}}(?:{_LINE}[{ALPHABET}]{{1,6}})?"
# ASCII: without it a long s would pass for an S, and the Kelvin sign for a K.
_FLAGS = re.IGNORECASE | re.ASCII

CODE = re.compile(rf"_[{ALPHABET}]{{8}}", _FLAGS)
"""What no placeholder is without: found by one sign, where the whole shape asks for some twenty words at each place."""
SHAPE = re.compile(_CORE, _FLAGS)
"""Anything that could pass for a placeholder, wherever it stands."""
PLACEHOLDER = re.compile(rf"\[({_CORE})\]|(?<![0-9A-Za-z_\\])({_CORE})(?![0-9A-Za-z_]|\\{{1,4}}_)", _FLAGS)
"""A whole placeholder; its core, as written, is one of the two groups."""
LONGEST = 64
"""Characters: no placeholder is longer."""


def word_of(kind: Type) -> str:
    """The word that opens the placeholders of a type: ``BIRTH_DATE``."""
    return kind.upper()


def core_of(written: str) -> str:
    """The core of a placeholder (``PHONE_BKTRWHZC``) as it was made, from what a model wrote for it."""
    return written.replace("\\", "").upper()


def keyed_code(key: bytes, word: str, value: str, attempt: int, size: int) -> str:
    """The code of ``value`` under ``key``: HMAC-SHA-256, in ``size`` letters. Tells nothing without the key."""
    said = f"{word}\0{attempt}\0{value}".encode("utf-8", "surrogatepass")
    return _letters(int.from_bytes(hmac.digest(key, said, "sha256"), "big"), size)


def letters_of(number: int) -> str:
    """``number`` (from 0) in letters: B, C, ... Z, BB, BC, ..."""
    size = 1
    while number >= len(ALPHABET) ** size:
        number -= len(ALPHABET) ** size
        size += 1
    return _letters(number, size)


def _letters(number: int, size: int) -> str:
    letters = ""
    number %= len(ALPHABET) ** size  # the digits that count: dividing all of a digest takes longer
    for _ in range(size):
        number, place = divmod(number, len(ALPHABET))
        letters = ALPHABET[place] + letters
    return letters
