"""Words as numbers: what a word is, how it begins, ends and sounds, each a bucket of one table. Knows no meaning.

A word is folded (case, accents, hamza, vowel signs), and has three kinds of features: itself, its runs of four and five
letters with its edges, and its skeleton of consonants, which is the same in Arabic and in Latin letters (طبيب, tbib, tabib).
Everything is done on arrays of code points, for a text may hold a thousand words that were never met.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["BUCKETS", "FEWEST", "LONGEST", "MOST_FEATURES", "features", "parts", "strings", "told", "words"]

BUCKETS: Final = 1 << 19
"""Rows of the table that features point into."""
LONGEST: Final = 20
"""Letters; what is longer is no word but a key, a digest, a picture."""
MOST_FEATURES: Final = 2 * LONGEST + 1
"""Of one word: itself, its runs of letters and edges, its three skeletons."""

# Accents and vowel signs may stand as characters of their own, inside of a word.
_SIGNS: Final = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670"
# A name of a program is no word: what has an underscore, is called, indexed or set, or stands behind a dollar or an at sign.
_WORD: Final = re.compile(rf"(?<![\w$@])[^\W_]++(?:[{_SIGNS}]++[^\W_]*+)*+(?![\w=\[]|\((?!\w{{1,3}}\)))")
FEWEST: Final = 3
"""Words; fewer in one string say too little."""
_SHORTEST: Final = 2 * FEWEST - 1
# What parts words whatever stands beside it: ASCII but for letters, digits, quotation marks and what the expression asks about.
_PARTING: Final = bytes(
    ord(" ") if byte < 0x80 and not chr(byte).isalnum() and chr(byte) not in '_$@=[()"' else byte for byte in range(256)
).lower()
_OFTEN: Final = "’«»“”–—…°،؛؟"
_GRAMS: Final = (4, 5)
_BASE: Final = np.uint32(0x01000193)
_BACK: Final = np.uint32(pow(0x01000193, -1, 1 << 32))
POWERS: Final = np.cumprod(np.r_[np.uint32(1), np.full(LONGEST + 2, _BASE, np.uint32)], dtype=np.uint32)
# What parts the kinds of features in the one table.
WHOLE, GRAM, SOUND, CUT = (0x9E3779B9 * kind & 0xFFFFFFFF for kind in (1, 2, 3, 4))
_EDGE: Final = 1
_LIMIT: Final = 0x0700

_FOLDED: Final = dict(zip("أإآٱىةؤئگڭڤپ", "ااااي" + "هويككفب", strict=True))
# Sounds that are written in two letters; the second is passed over.
PAIRS: Final = {"kh": "x", "gh": "g", "ch": "š", "sh": "š", "ph": "f", "dj": "j", "th": "t", "dh": "d", "qu": "k"}
CONSONANTS: Final = (
    dict(zip("بتطثجحخدضذظرزسصشعغفقكلمنه", "bttt" + "jhxddddrzss" + "š3gfqklmnh", strict=True))
    | {letter: letter for letter in "bdfghjklmnqrstxz3š"}
    | dict(zip("579846cpv", "xhqhdtkbf", strict=True))
)
GLUED: Final = "lbfdktn"
"""Consonants of what is written together with a word: article, prepositions, signs of a person."""


def words(text: str) -> list[str]:
    """The words of ``text`` in small letters; a number is a word, a name of a program is none."""
    return told(_parted(text))


def parts(text: str) -> list[list[str]]:
    """The words of each quoted string of ``text``, as a message of a request is; two words say too little and are left out."""
    return [some for string in _quoted(_parted(text)) if len(some := told(string)) >= FEWEST]


def strings(data: bytes) -> list[str]:
    """Each quoted string of UTF-8 text that may have three words, as ``told`` reads it; equal ones have the same words."""
    return _quoted(_blanked(data) if data.isascii() else _parted(data.decode("utf-8", "replace")))


def _quoted(parted: str) -> list[str]:
    """The strings between quotation marks but for those that cannot have three words: most of what JSON is made of."""
    return [
        each
        for part in parted.split('"')
        if len(part) >= _SHORTEST and not part.isalnum() and len(each := part.strip()) >= _SHORTEST and not _is_one(each)
    ]


def _is_one(string: str) -> bool:
    return string.isalnum() or (string.isascii() and string.isidentifier())


def _parted(text: str) -> str:
    """``text`` in small letters, with blanks for most of what stands between words."""
    small = text.lower()
    if not small.isascii():
        for sign in _OFTEN:
            small = small.replace(sign, " ")
    return _blanked(small.encode("utf-8", "surrogatepass"))


def _blanked(data: bytes) -> str:
    data = data.translate(_PARTING)
    if b"(" in data:
        # A bracket says something of a word just before it only.
        data = data.replace(b" (", b"  ")
    if b"(" not in data:
        data = data.replace(b")", b" ")
    return data.decode("utf-8", "surrogatepass")


def told(string: str) -> list[str]:
    """The words between blanks; of what has another sign inside by the expression, which takes ten times as long."""
    some = string.split()
    if "".join(some).isalnum():
        return some
    found: list[str] = []
    for word in some:
        if word.isalnum():
            found.append(word)
        elif not _is_of_program(word):
            found += _WORD.findall(word)
    return found


def _is_of_program(odd: str) -> bool:
    """Whether it is a sign alone, a name with an underscore, or what is set, indexed or called: the usual odd ones."""
    return len(odd) == 1 or (odd.isascii() and odd.isidentifier()) or (odd[-1] in "=[(" and odd[:-1].isalnum())


def plain(word: str) -> str:
    """A number as ``#``, or ``#y`` up to 17, the years of a child; other words as they are."""
    if not word.isdecimal():
        return word
    return "#y" if len(word) < 3 and 0 < int(word) < 18 else "#"


def _folding() -> NDArray[np.uint32]:
    """Code point -> what it is folded to; 0 for what is passed over."""
    table = np.arange(_LIMIT + 1, dtype=np.uint32)
    for point in range(0xC0, _LIMIT):
        letters = [letter for letter in unicodedata.normalize("NFD", chr(point)) if not unicodedata.combining(letter)]
        table[point] = ord(_FOLDED.get(chr(point), letters[0] if letters else "\0"))
    table[0x640] = 0
    return table


def _table(letters: dict[str, str]) -> NDArray[np.uint32]:
    table = np.zeros(_LIMIT + 1, dtype=np.uint32)
    for letter, sound in letters.items():
        table[ord(letter)] = ord(sound)
    return table


def _paired() -> NDArray[np.uint32]:
    """First letter of ASCII, second letter -> the sound of both; 0 for two that are heard by themselves."""
    table = np.zeros((128, 128), dtype=np.uint32)
    for pair, sound in PAIRS.items():
        table[ord(pair[0]), ord(pair[1])] = ord(sound)
    return table


FOLDING: Final = _folding()
_SOUNDS: Final = _table(CONSONANTS)
_PAIRED: Final = _paired()
_IS_SECOND: Final = _table({pair[1]: pair[1] for pair in PAIRS}).astype(bool)
_IS_GLUED: Final = _table({letter: letter for letter in GLUED}).astype(bool)


def features(some: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The features of words: for each the number of its word, and its bucket; numbers of words ascend in each kind."""
    letters, owner = _letters(some)
    sounds, owner_of_sound = _sounds(letters, owner)
    kinds = [_whole(letters, owner), *_runs(letters, owner), *_heard(sounds, owner_of_sound)]
    owners = np.concatenate([owners for owners, _ in kinds])
    return owners, _mixed(np.concatenate([hashed for _, hashed in kinds]))


def _letters(some: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """Folded code points of all words, with the number of the word of each; an edge before and behind each word."""
    joined = "\x01\x01".join([plain(word) if word.isdecimal() else word for word in some])
    points = np.frombuffer(f"\x01{joined}\x01".encode("utf-32-le", "surrogatepass"), np.uint32)
    folded = np.where(points < _LIMIT, FOLDING.take(points, mode="clip"), points)
    folded = folded[folded > 0]
    return folded, np.cumsum(folded == _EDGE) - 1 >> 1


def _sounds(letters: NDArray[np.uint32], owner: NDArray[np.intp]) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """The consonants of all words, none twice in a row."""
    heard = _SOUNDS.take(letters, mode="clip")
    second = np.flatnonzero(_IS_SECOND.take(letters, mode="clip"))
    both = _PAIRED[np.minimum(letters[second - 1], 127), letters[second]]
    second, both = second[both > 0], both[both > 0]
    heard[second - 1], heard[second] = both, 0
    # The last letter of a feminine word is not heard: طبيبة, tbiba.
    feminine = np.flatnonzero(letters == ord("ه"))
    heard[feminine[letters[feminine + 1] == _EDGE]] = 0
    kept = np.flatnonzero(heard > 0)
    heard, owner = heard[kept], owner[kept]
    apart = np.ones(len(heard), bool)
    apart[1:] = (heard[1:] != heard[:-1]) | (owner[1:] != owner[:-1])
    return heard[apart], owner[apart]


def _hashed(letters: NDArray[np.uint32], starts: NDArray[np.intp]) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """A polynomial of each stretch of letters that begins at one of ``starts``, and its length."""
    sizes = np.diff(starts, append=len(letters))
    places = np.arange(len(letters)) - np.repeat(starts, sizes)
    return np.add.reduceat(letters * POWERS[places], starts, dtype=np.uint32), sizes


def _starts(owner: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])


def _whole(letters: NDArray[np.uint32], owner: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.uint32]]:
    starts = _starts(owner)
    return owner[starts], _hashed(letters, starts)[0] ^ np.uint32(WHOLE)


def _runs(letters: NDArray[np.uint32], owner: NDArray[np.intp]) -> list[tuple[NDArray[np.intp], NDArray[np.uint32]]]:
    """All runs of letters of each size of ``_GRAMS``, edges counted, that lie in one word and are not all of it."""
    found, hashed = [], letters
    for place in range(1, min(max(_GRAMS), len(letters))):
        hashed = hashed[:-1] + letters[place:] * POWERS[place]
        if (size := place + 1) in _GRAMS:
            inside = np.flatnonzero(owner[:-place] == owner[place:])
            found.append((owner[inside], hashed[inside] + np.uint32(size) ^ np.uint32(GRAM)))
    return found


def _heard(sounds: NDArray[np.uint32], owner: NDArray[np.intp]) -> list[tuple[NDArray[np.intp], NDArray[np.uint32]]]:
    """The skeleton of each word; without what may be glued to it; without its last consonant."""
    if not len(sounds):
        return []
    starts = _starts(owner)
    hashed, sizes = _hashed(sounds, starts)
    whose, first, last = owner[starts], sounds[starts], sounds[starts + sizes - 1]
    some, more = sizes > 1, sizes > 3
    bare = more & _IS_GLUED[first]
    return [
        (whose[some], hashed[some] ^ np.uint32(SOUND)),
        (whose[bare], (hashed[bare] - first[bare]) * _BACK ^ np.uint32(SOUND)),
        (whose[more], hashed[more] - last[more] * POWERS[sizes[more] - 1] ^ np.uint32(CUT)),
    ]


def _mixed(hashed: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Buckets: every bit of a hash counts."""
    hashed = (hashed ^ hashed >> np.uint32(16)) * np.uint32(0x7FEB352D)
    hashed = (hashed ^ hashed >> np.uint32(15)) * np.uint32(0x846CA68B)
    return ((hashed ^ hashed >> np.uint32(16)) & np.uint32(BUCKETS - 1)).astype(np.intp)
