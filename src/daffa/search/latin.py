"""Darija in Latin letters as keys: spellings of one word meet, by all their sounds or by their consonants. Knows no word.

A key folds what writers vary freely (7 and h, ch and sh, doubled letters, o and ou and u); a skeleton keeps consonants
alone, so that an Arabic word and its Latin spellings have one skeleton.
"""

from __future__ import annotations

import re
from functools import lru_cache

from daffa.language import normalise

__all__ = ["WORD", "bare_forms", "is_arabizi", "key", "skeleton", "skeleton_of_arabic"]

WORD = re.compile(
    r"(?<![0-9])[2-9]?(?:[^\W\d_\u0590-\u10ff\u2d30-\u2d7f]|['’](?=[^\W\d_]))+(?:[2-9]+[^\W\d_\u0590-\u10ff\u2d30-\u2d7f]*)*"
)
_DIGIT = re.compile("[235679]")
_SOUNDS = (
    ("kh", "5"), ("gh", "4"), ("ch", "x"), ("sh", "x"), ("th", "t"), ("dh", "d"), ("tch", "tx"), ("ph", "f"),
    ("oo", "o"), ("ou", "o"), ("ei", "i"), ("ee", "i"), ("ai", "i"), ("ay", "i"), ("au", "o"), ("eau", "o"),
)  # fmt: skip
_LETTERS = str.maketrans(
    {"7": "h", "8": "h", "9": "q", "6": "t", "u": "o", "w": "o", "e": "a", "y": "i", "p": "b", "v": "f", "2": "", "'": ""}
)
_ACCENTED = re.compile("[éèê]")
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile("[aoi]+")
_HEAD = re.compile("(?:[fbwdko]?l|[fbdwo](?=l))(?=[^aoi].|[aoi]..)")
_TAIL = re.compile("(?<=....)(?:at|in|iin|ia|ha|hom|na|kom|o|i|k)$")
_NOT = re.compile("ma(.{3,})x")
_NOW_OR_LATER = re.compile("[k4](?=i..)|[kt4]a(?=[nt]..)|4adi(?=...)")
_LONGEST = 40

_CONSONANTS = {
    **dict.fromkeys("تطث", "t"), **dict.fromkeys("دضذظ", "d"), **dict.fromkeys("سص", "s"), **dict.fromkeys("هحة", "h"),
    **dict.fromkeys("كڭگ", "k"), "ق": "q", "ب": "b", "پ": "b", "ج": "j", "خ": "5", "غ": "4", "ر": "r", "ز": "z",
    "ش": "x", "ع": "3", "ف": "f", "ڤ": "f", "ل": "l", "م": "m", "ن": "n",
}  # fmt: skip


@lru_cache(maxsize=1 << 14)
def key(word: str) -> str:
    """The sounds of a Latin word: ``"chhal"`` and ``"ch7al"`` give one key."""
    word = normalise(_ACCENTED.sub("i", word[:_LONGEST].casefold()), loose=True)
    word = re.sub("c(?=[eiy])", "s", word.replace("ç", "s"))
    for written, sound in _SOUNDS:
        word = word.replace(written, sound)
    word = word.replace("c", "k").translate(_LETTERS)
    return _DOUBLED.sub(r"\1", word)


def bones(key: str) -> str:
    """What most spellings of a word share: its key without a, which stands for the short vowels that writers leave out."""
    return _DOUBLED.sub(r"\1", key.replace("a", ""))


def skeleton(word: str) -> str:
    """The consonants of a key."""
    return _DOUBLED.sub(r"\1", _VOWELS.sub("", word))


@lru_cache(maxsize=1 << 15)
def skeleton_of_arabic(word: str) -> str:
    """The consonants of an Arabic word, in the letters of a key."""
    return _DOUBLED.sub(r"\1", "".join(_CONSONANTS.get(letter, "") for letter in word))


@lru_cache(maxsize=1 << 14)
def bare_forms(word: str) -> tuple[str, ...]:
    """The key of ``word``, and the keys that are left without what is written together with it; the longest first.

    Before it an article or a preposition, or of a verb its particle of time and the negation around it; behind it an ending.
    """
    whole = key(word)
    negated = _NOT.fullmatch(whole)
    found = [whole, *(negated.groups() if negated else ())]
    for head in (_HEAD, _NOW_OR_LATER):
        cut = head.match(found[-1])
        if cut and len(found[-1]) - cut.end() >= 3:
            found.append(found[-1][cut.end() :])
    found += [short for form in found if (short := _TAIL.sub("", form)) != form]
    return tuple(dict.fromkeys(found))


def is_arabizi(word: str) -> bool:
    """Whether a digit stands for a letter in ``word``."""
    return bool(_DIGIT.search(word)) and any(map(str.isalpha, word))
