"""What a character is to the identifier: one table of 65,536 entries a script. Knows no language and no weight.

A table folds what does not tell languages apart (case, tashkeel, tatweel, presentation forms, kinds of digits and of
apostrophes) and nothing that does (hamza, ى, ة, accents). Everything that is not of its script is a gap between words, so
the words of one script are never read by the model of another. Characters outside the basic plane are gaps too: letters
there count as those of another script, but for mathematical letters, which people type for bold and script.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ARAB",
    "DELETED",
    "GAP",
    "LATN",
    "NEWLINE",
    "OTHER",
    "SCRIPTS",
    "TFNG",
    "folding",
    "spelled_out",
    "weights_of_letters",
]

LATN, ARAB, TFNG, OTHER = range(4)
"""Scripts; ``OTHER`` is every letter of a script that has no model."""
SCRIPTS: Final = ("Latn", "Arab", "Tfng")
"""ISO 15924 codes of the scripts that have a model, by number."""
GAP, NEWLINE, DELETED = 0, 1, 2
"""Codes that are no letters: between words, between texts, not there at all."""

_LATIN = (*range(0x41, 0x5B), *range(0x61, 0x7B), *range(0xC0, 0x2B0), *range(0x1E00, 0x1F00), *range(0x2C60, 0x2C80),
          *range(0xA720, 0xA800), *range(0xFF21, 0xFF5B))  # fmt: skip
_ARABIC = (*range(0x620, 0x64B), *range(0x66E, 0x6D4), 0x6D5, 0x6EE, 0x6EF, *range(0x6FA, 0x700), *range(0x750, 0x780),
           *range(0x8A0, 0x8CA), *range(0xFB50, 0xFBB2), *range(0xFBD3, 0xFD3E), *range(0xFE80, 0xFEFD))  # fmt: skip
_TIFINAGH = (*range(0x2D30, 0x2D68), 0x2D6F)
_GREEK_FOR_AMAZIGH = {"γ": "ɣ", "ε": "ɛ", "Γ": "ɣ", "Σ": "ɛ"}  # older fonts had no ɣ and ɛ; Kabyle is still typed so
_APOSTROPHES = "'’ʼʹ‘"
_MARKS = (*range(0x300, 0x370), *range(0x610, 0x61B), 0x640, *range(0x64B, 0x660), 0x670, *range(0x6D6, 0x6DD),
          *range(0x6DF, 0x6E5), 0x6E7, 0x6E8, *range(0x6EA, 0x6EE), *range(0x8D3, 0x900), 0x2D7F, 0xAD, *range(0x200B, 0x2010),
          *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x206A), *range(0xFE00, 0xFE10), 0xFEFF)  # fmt: skip

_FORMS = re.compile("[\ufef5-\ufefc\U0001d400-\U0001d7ff]+")
_APART = "\u0300-\u036f\u0653-\u0655"
_ACCENTED = re.compile(f"[^\\W\\d_][{_APART}]+")
_LONE = re.compile("[\ud800-\udfff]")
_ANY = re.compile(f"[\ufef5-\ufefc\U0001d400-\U0001d7ff\ud800-\udfff{_APART}]")
_SURROGATES_OF_LETTERS = (*range(0xD800, 0xD834), *range(0xD836, 0xD83B), *range(0xD840, 0xD889))
"""First halves of letters outside the basic plane; emoji and music lie between."""


def spelled_out(text: str) -> str:
    """``text`` with plain letters for what no table can fold.

    That is lam-alef ligatures (two letters in one), mathematical alphabets, and a letter with its accents or hamza apart.
    Lone surrogates become gaps.
    """
    if not _ANY.search(text):
        return text
    plain = _FORMS.sub(lambda forms: unicodedata.normalize("NFKC", forms[0]), text)
    plain = _ACCENTED.sub(lambda letter: unicodedata.normalize("NFC", letter[0]), plain)
    return _LONE.sub("\ufffd", plain)


@functools.cache
def folding(script: int) -> NDArray[np.uint16]:
    """The table of one script: UTF-16 unit -> folded letter or digit, ``GAP``, ``NEWLINE`` or ``DELETED``.

    Shape ``(65536,)``.
    """
    table = np.zeros(65536, np.uint16)
    table[list(_letters(script))] = list(_letters(script).values())
    if script != TFNG:
        for zero in (0x30, 0x660, 0x6F0):
            table[zero : zero + 10] = range(0x30, 0x3A)
    table[list(_MARKS)] = DELETED
    table[ord("\n")] = NEWLINE
    return table


@functools.cache
def weights_of_letters() -> NDArray[np.int64]:
    """UTF-16 unit -> one count in the 16-bit lane of its script, or nothing. Shape ``(65536,)``.

    A sum over up to 2,000 units keeps the four counts apart.
    """
    table = np.zeros(65536, np.int64)
    marks = set(_MARKS)
    other = [code for code in range(0x80, 0xFFFE) if code not in marks and not 0xD800 <= code < 0xE000 and chr(code).isalpha()]
    table[other] = table[list(_SURROGATES_OF_LETTERS)] = 1 << (16 * OTHER)
    for script in (LATN, ARAB, TFNG):
        table[list(_letters(script))] = 1 << (16 * script)
    table[[*map(ord, _APOSTROPHES), *_MARKS]] = 0
    return table


@functools.cache
def _letters(script: int) -> dict[int, int]:
    """Letters of a script -> their folded form; the Latin apostrophe stands inside words, so it counts as one."""
    ranges = {LATN: _LATIN, ARAB: _ARABIC, TFNG: _TIFINAGH}[script]
    letters = {code: _folded(chr(code)) for code in ranges if chr(code).isalpha()}
    if script == LATN:
        letters |= {ord(greek): ord(latin) for greek, latin in _GREEK_FOR_AMAZIGH.items()}
        letters |= {ord(mark): ord("'") for mark in _APOSTROPHES}
    return letters


def _folded(letter: str) -> int:
    """One letter in lower case and without its presentation form, where that is one letter too."""
    plain = unicodedata.normalize("NFKC", letter)
    plain = plain if len(plain) == 1 else letter
    lower = plain.lower()
    return ord(lower) if len(lower) == 1 else ord(plain)
