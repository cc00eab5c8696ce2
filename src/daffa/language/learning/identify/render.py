"""Darija in one script made from Darija in another, at random: noise for the training set, not a transliterator.

One line has many spellings; each call draws one. Chance comes in as an argument.
"""

from __future__ import annotations

import re
from random import Random
from typing import Final

from .words import PAIRS

__all__ = ["arabizi_of", "in_arabic", "respelled", "without_accents"]

_KNOWN: Final = {spelling: arabic for latin, arabic in PAIRS for spelling in latin}
_DIGRAPHS: Final = {"kh": "خ", "gh": "غ", "ch": "ش", "sh": "ش", "ou": "و", "th": "ت", "dh": "د"}
_LETTERS: Final = {
    "b": "ب", "t": "ت", "j": "ج", "7": "ح", "5": "خ", "d": "د", "r": "ر", "z": "ز", "s": "س", "x": "ش", "T": "ط", "S": "ص",
    "D": "ض", "3": "ع", "4": "غ", "f": "ف", "9": "ق", "q": "ق", "k": "ك", "l": "ل", "m": "م", "n": "ن", "h": "ه", "8": "ه",
    "w": "و", "y": "ي", "p": "ب", "2": "ء", "c": "ك", "6": "ط", "ç": "س", "é": "ي", "è": "", "ê": "", "à": "ا", "'": "",
}  # fmt: skip
_VOWELS: Final = {"a": "ا", "i": "ي", "o": "و", "u": "و"}
_EMPHATIC: Final = {"س": "ص", "ت": "ط", "د": "ض"}
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def in_arabic(line: str, chance: Random) -> str:
    """Arabizi as somebody might write it in Arabic letters; how many vowels are written is drawn once a line."""
    vowels = chance.choice((0.35, 0.6, 0.85))
    marks = str.maketrans({"?": "؟", ",": "،", ";": "؛"}) if chance.random() < 0.7 else {}
    return _WORD.sub(lambda word: _word_in_arabic(word[0], vowels, chance), line).translate(marks)


def _word_in_arabic(word: str, vowels: float, chance: Random) -> str:
    if word.isdigit():
        return word
    known = _KNOWN.get(word.lower())
    if known and chance.random() < 0.85:
        return chance.choice(known)
    return "".join(_letters(word, vowels, chance))


def _letters(word: str, vowels: float, chance: Random) -> list[str]:
    word = word if word[1:] != word[1:].lower() else word.lower()
    word = re.sub(r"(?i)([^aeiou])\1", r"\1", word)
    written: list[str] = []
    place = 0
    if re.match(r"(?i)l[^aeiouy]", word) and len(word) > 3 and chance.random() < 0.6:
        written, place = ["ال"], 1
    while place < len(word):
        pair = word[place : place + 2].lower()
        step = 2 if pair in _DIGRAPHS else 1
        written.append(_DIGRAPHS[pair] if step == 2 else _letter(word, place, vowels, chance))
        place += step
    return written


def _letter(word: str, place: int, vowels: float, chance: Random) -> str:
    letter, last = word[place], place == len(word) - 1
    if letter.lower() in "aiou":
        return _vowel(letter.lower(), place, last, vowels, chance)
    if letter.lower() == "e":
        return chance.choice("اإ") if place == 0 else ""
    if letter.lower() == "g":
        return chance.choice("گكڭجغق")
    if letter.lower() == "v":
        return chance.choice("فڤ")
    arabic = _LETTERS.get(letter) or _LETTERS.get(letter.lower(), "")
    return _EMPHATIC[arabic] if arabic in _EMPHATIC and chance.random() < 0.06 else arabic


def _vowel(letter: str, place: int, last: bool, vowels: float, chance: Random) -> str:
    if place == 0:
        return chance.choice("اأ") if letter == "a" else chance.choice(("إ", "ا", "اي") if letter == "i" else ("و", "أو", "ا"))
    if last:
        return chance.choice("اااةةه") if letter == "a" else _VOWELS[letter]
    return _VOWELS[letter] if chance.random() < vowels else ""


_SPELLINGS: Final = {
    "ا": ("a",), "أ": ("a",), "إ": ("i", "e"), "آ": ("a",), "ب": ("b",), "ت": ("t",), "ث": ("t", "th"), "ج": ("j",),
    "ح": ("7", "7", "h"), "خ": ("kh", "kh", "5", "x"), "د": ("d",), "ذ": ("d",), "ر": ("r",), "ز": ("z",), "س": ("s",),
    "ش": ("ch", "ch", "sh"), "ص": ("s",), "ض": ("d",), "ط": ("t",), "ظ": ("d",), "ع": ("3", "3", "a"), "غ": ("gh", "gh", "4"),
    "ف": ("f",), "ق": ("9", "9", "q", "k"), "ك": ("k",), "گ": ("g",), "ڭ": ("g",), "ل": ("l",), "م": ("m",), "ن": ("n",),
    "ه": ("h",), "ة": ("a",), "و": ("w", "o", "ou"), "ي": ("y", "i"), "ى": ("a",), "ء": ("2", ""), "ئ": ("2", "y"),
    "ؤ": ("2", "o"), "ڤ": ("v",), "پ": ("p",), "؟": ("?",), "،": (",",), "؛": (";",),
}  # fmt: skip
_BACK: Final = {spelling: latin for latin, arabic in PAIRS for spelling in arabic}
_CONSONANT: Final = frozenset("بتثجحخدذرزسشصضطظعغفقكگڭلمنهڤپ")


def arabizi_of(line: str, chance: Random) -> str:
    """Darija in Arabic letters as somebody might write it in Latin letters and digits; one spelling a letter and line."""
    spelled = {letter: chance.choice(spellings) for letter, spellings in _SPELLINGS.items()}
    vowel = chance.choice((0.0, 0.15, 0.3))
    return " ".join(_word_in_latin(word, spelled, vowel, chance) for word in line.split())


def _word_in_latin(word: str, spelled: dict[str, str], vowel: float, chance: Random) -> str:
    if word in _BACK and chance.random() < 0.85:
        return chance.choice(_BACK[word])
    if word.startswith("ال") and len(word) > 3:
        word = word[1:]
    written = []
    for place, letter in enumerate(word):
        written.append(spelled.get(letter, letter if ord(letter) < 0x600 else ""))
        following = word[place + 1 : place + 2]
        if letter in _CONSONANT and following in _CONSONANT and following and chance.random() < vowel:
            written.append("e")
    return "".join(written)


_SWAPS: Final = (
    ("kh", "5"), ("5", "kh"), ("ch", "sh"), ("sh", "ch"), ("ch", "x"), ("7", "h"), ("9", "q"), ("9", "k"), ("3", "a"),
    ("gh", "4"), ("ou", "o"), ("o", "ou"), ("w", "ou"), ("w", "o"), ("e", ""), ("8", "h"), ("y", "i"), ("i", "y"), ("aa", "a"),
)  # fmt: skip


def respelled(line: str, chance: Random) -> str:
    """Arabizi with other habits of spelling, kept through the line; at times a last vowel is drawn out."""
    for old, new in chance.sample(_SWAPS, 3):
        line = line.replace(old, new)
    if chance.random() < 0.1:
        line = re.sub(r"([aeiou])\b", lambda vowel: vowel[1] * chance.randint(2, 4), line, count=1)
    return line.lower() if chance.random() < 0.5 else line


_PLAIN: Final = str.maketrans("àâäçéèêëîïôöùûüÿœñáíóúÀÂÇÉÈÊËÎÏÔÙÛÑÁÍÓÚ", "aaaceeeeiioouuuyonaiouAACEEEEIIOUUNAIOU")


def without_accents(line: str) -> str:
    """French or Spanish as it is typed in a hurry."""
    return line.translate(_PLAIN)
