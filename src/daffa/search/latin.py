"""Darija in Latin letters as keys: spellings of one word meet, by all their sounds or by their consonants. Knows no word.

A key folds what writers vary freely (7 and h, ch and sh, doubled letters, o and ou and u); a skeleton keeps consonants
alone, so that an Arabic word and its Latin spellings have one skeleton.
"""

from __future__ import annotations

import re
from functools import lru_cache

from daffa.language import normalise

__all__ = [
    "WORD",
    "bare_forms",
    "bones",
    "bones_of_arabic",
    "is_arabizi",
    "key",
    "root",
    "roots",
    "skeleton",
    "skeleton_of_arabic",
]

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
_ARABIC_HEAD = re.compile("^(?:[وفبك]?ال|لل)(?=..)")
_LONG_VOWELS = {"و": "o", "ي": "i", "ى": "i", "ئ": "i", "ؤ": "o"}
_NOT_BONES = re.compile("m(.{3,})x")
_PERSON = re.compile("(?:[kt4]|4di?)?[nti](?=..)")
_PARTICIPLE = re.compile("m(?=...)")
_OBJECTS = ("", "ni", "k", "h", "hom", "om", "kom", "na", "x", "li", "lik", "lih", "lo", "lha", "lhm", "lhom", "lina")
_ENDINGS = ("", "t", "ti", "to", "n", "o", "i", "in")
_LEAST_ROOT = 3

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


@lru_cache(maxsize=1 << 15)
def bones_of_arabic(word: str) -> str:
    """What ``bones`` gives for the Latin spellings of an Arabic word without its article: long vowels are written in both."""
    bare = _ARABIC_HEAD.sub("", word)
    return _DOUBLED.sub(r"\1", "".join(_LONG_VOWELS.get(letter) or _CONSONANTS.get(letter, "") for letter in bare.rstrip("ةه")))


def roots(bones: str) -> frozenset[str]:
    """The roots that a verb may have, when its person, its time and its object are taken off.

    Which of them was meant nobody knows here: they meet only words that are said to be verbs.
    """
    whole = negated[1] if (negated := _NOT_BONES.fullmatch(bones)) else bones
    heads = {whole, *(whole[found.end() :] for found in (_PERSON.match(whole), _PARTICIPLE.match(whole)) if found)}
    bare = {head.removesuffix(tail) for head in heads for tail in _ENDINGS}
    alone = {head.removesuffix(tail) for head in heads for tail in _OBJECTS}
    strong = {one.removesuffix(tail) for one in alone for tail in _ENDINGS}
    long = {found for one in strong if len(found := skeleton(one)) >= _LEAST_ROOT}
    return frozenset(long | {found for one in bare if len(found := root(one)) >= _LEAST_ROOT})


def root(bones: str) -> str:
    """The consonants of a verb; with its long vowels where they are two."""
    consonants = skeleton(bones)
    return consonants if len(consonants) >= _LEAST_ROOT else bones


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
