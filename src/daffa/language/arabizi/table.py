"""Arabizi read letter by letter, as anybody would begin: one Arabic letter for each, in one pass, without any model.

The yardstick of ``bench/arabizi.py``, and the last resort for what the lattice cannot read.
"""

from __future__ import annotations

import re

__all__ = ["by_table"]

_DIGRAPHS = {"kh": "خ", "gh": "غ", "ch": "ش", "sh": "ش", "ou": "و", "th": "ت", "dh": "د"}
_LETTERS = {
    "a": "ا", "b": "ب", "c": "ك", "d": "د", "e": "", "f": "ف", "g": "ك", "h": "ه", "i": "ي", "j": "ج", "k": "ك", "l": "ل",
    "m": "م", "n": "ن", "o": "و", "p": "ب", "q": "ق", "r": "ر", "s": "س", "t": "ت", "u": "و", "v": "ف", "w": "و", "x": "ش",
    "y": "ي", "z": "ز", "2": "أ", "3": "ع", "4": "غ", "5": "خ", "6": "ط", "7": "ح", "8": "ه", "9": "ق", "é": "ي", "ç": "س",
}  # fmt: skip
_EMPHATICS = {"T": "ط", "S": "ص", "D": "ض"}
_ARTICLE = re.compile(r"[lL][^\W_aeiouyAEIOUY]\w\w")
_WORD = re.compile(r"[0-9'’]*[^\W\d_][^\W_'’]*(?:['’][^\W_]+)*")


def by_table(text: str) -> str:
    """Each Arabizi word of ``text`` letter by letter; doubled letters once, e left out, other vowels written.

    An l before a consonant at the head of a word of four letters or more is the article: no letter of its own, but no table of
    letters that was tried comes nearer without it.
    """
    return _WORD.sub(lambda word: _word(word.group()), text)


def _word(word: str) -> str:
    written: list[str] = ["ا"] if _ARTICLE.match(word) else []
    at = 0
    while at < len(word):
        pair = word[at : at + 2].lower()
        if pair in _DIGRAPHS:
            written.append(_DIGRAPHS[pair])
            at += 2
            continue
        letter = word[at]
        if at == 0 or word[at - 1].lower() != letter.lower():
            written.append(_EMPHATICS.get(letter) or _LETTERS.get(letter.lower(), ""))
        at += 1
    return "".join(written)
