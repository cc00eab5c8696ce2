"""What the letters of an Arabizi word may stand for: digraphs, digits, doubled letters, article, vowels. Knows no word.

Costs are in nats, written by hand: 0 for the reading that a reader tries first. Which of the many ways through the
lattice is a word, ``model`` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

__all__ = ["Edge", "edges", "key"]

Edge = tuple[int, str, float]
"""How many Latin letters an edge reads, the Arabic that it writes, and its cost."""

_ANY: Mapping[str, tuple[tuple[str, float], ...]] = {
    "kh": (("خ", 0.0), ("كه", 5.0)),
    "gh": (("غ", 0.0), ("گه", 6.0)),
    "ch": (("ش", 0.0),),
    "sh": (("ش", 0.0), ("سه", 5.0)),
    "th": (("ث", 0.8), ("ت", 0.5), ("ته", 3.5), ("تح", 3.5)),
    "dh": (("ذ", 0.8), ("د", 1.0), ("ض", 0.9), ("ظ", 1.6), ("ده", 4.0), ("دح", 4.0)),
    "tch": (("تش", 0.2),),
    "b": (("ب", 0.0),),
    "p": (("ب", 0.6), ("پ", 0.8)),
    "t": (("ت", 0.1), ("ط", 1.5), ("ث", 2.2)),
    "j": (("ج", 0.0),),
    "7": (("ح", 0.0),),
    "5": (("خ", 0.0),),
    "d": (("د", 0.1), ("ض", 1.5), ("ذ", 1.8), ("ظ", 2.8)),
    "r": (("ر", 0.0),),
    "z": (("ز", 0.0), ("ظ", 4.0), ("ذ", 4.0)),
    "s": (("س", 0.1), ("ص", 1.3)),
    "x": (("ش", 0.2), ("كس", 2.0), ("خ", 1.8)),
    "3": (("ع", 0.0),),
    "4": (("غ", 0.0),),
    "6": (("ط", 0.0),),
    "f": (("ف", 0.0),),
    "9": (("ق", 0.0),),
    "q": (("ق", 0.0),),
    "k": (("ك", 0.1), ("ق", 2.8), ("خ", 4.0)),
    "g": (("گ", 0.7), ("ڭ", 1.2), ("ق", 1.2), ("ك", 1.2), ("غ", 1.6), ("ج", 1.8)),
    "l": (("ل", 0.0),),
    "m": (("م", 0.0),),
    "n": (("ن", 0.0),),
    "h": (("ه", 0.6), ("ح", 0.8)),
    "8": (("ه", 0.0),),
    "w": (("و", 0.0),),
    "y": (("ي", 0.0),),
    "v": (("ف", 0.5), ("ڤ", 0.9)),
    "c": (("ك", 0.7), ("س", 0.8), ("ش", 1.5)),
    "ç": (("س", 0.0),),
    "2": (("أ", 0.6), ("ء", 1.0), ("ئ", 1.0), ("ؤ", 1.6), ("إ", 1.6), ("آ", 2.5), ("ق", 3.5)),
    "T": (("ط", 0.0), ("ت", 2.0)),
    "S": (("ص", 0.0), ("س", 1.5)),
    "D": (("ض", 0.1), ("ظ", 1.0), ("د", 1.8)),
    "H": (("ح", 0.3), ("ه", 1.2)),
    "'": (("", 0.3), ("ع", 1.5), ("ء", 2.0)),
}

_FIRST: Mapping[str, tuple[tuple[str, float], ...]] = {
    "a": (("أ", 0.6), ("ا", 0.9), ("آ", 2.0), ("ع", 2.2)),
    "e": (("إ", 1.0), ("ا", 1.2), ("أ", 1.5), ("", 2.5), ("ي", 2.5)),
    "i": (("ي", 0.7), ("إ", 0.8), ("ا", 1.4), ("اي", 2.0), ("ع", 3.0)),
    "o": (("و", 0.6), ("أ", 1.2), ("أو", 1.3), ("ا", 2.0), ("ع", 3.0)),
    "ou": (("و", 0.5), ("أو", 1.2), ("أ", 1.8), ("ا", 2.2)),
    "y": (("ي", 0.0),),
    "2a": (("أ", 0.1), ("آ", 1.4), ("ا", 2.5)),
    "2i": (("إ", 0.1), ("ئ", 2.5)),
    "2o": (("أ", 0.6), ("أو", 0.7)),
}
_LAST: Mapping[str, tuple[tuple[str, float], ...]] = {
    "a": (("ا", 0.7), ("ة", 0.7), ("ى", 1.6), ("ه", 3.0), ("ع", 3.0)),
    "ah": (("ة", 1.2), ("اه", 1.2), ("اح", 2.0)),
    "e": (("", 1.0), ("ه", 2.0), ("ي", 2.0), ("ة", 2.5)),
    "i": (("ي", 0.0), ("ع", 4.0)),
    "o": (("و", 0.1), ("ه", 2.2), ("وا", 3.0)),
    "ou": (("و", 0.1), ("وا", 2.4), ("ه", 2.5)),
    "w": (("و", 0.1), ("وا", 2.8)),
    "iya": (("ية", 0.3), ("يا", 0.9)),
    "ia": (("ية", 0.4), ("يا", 0.8)),
    "ya": (("ية", 0.4), ("يا", 0.8)),
    "a2": (("اء", 0.2), ("أ", 1.5)),
    "at": (("ة", 1.6),),
    "et": (("ة", 2.2),),
    "an": (("ا", 1.8), ("ان", 0.5), ("ن", 1.5)),
}
_INNER: Mapping[str, tuple[tuple[str, float], ...]] = {
    "a": (("ا", 0.6), ("", 1.0), ("ع", 3.2), ("أ", 3.2), ("ى", 4.5)),
    "aa": (("ا", 0.2), ("أ", 3.0)),
    "e": (("", 0.1), ("ي", 2.4), ("ا", 3.0), ("ع", 4.0)),
    "ee": (("ي", 0.2),),
    "i": (("ي", 0.4), ("", 1.3), ("ئ", 4.0)),
    "ii": (("ي", 0.1),),
    "o": (("و", 0.4), ("", 1.4), ("ؤ", 4.0)),
    "oo": (("و", 0.1),),
    "u": (("و", 0.4), ("", 1.4)),
    "ou": (("و", 0.2), ("", 1.6)),
    "ai": (("اي", 0.5), ("ي", 0.9), ("ائ", 2.0)),
    "ay": (("اي", 0.6), ("ي", 0.5)),
    "aw": (("او", 0.7), ("و", 0.5)),
    "ei": (("ي", 0.2),),
    "iy": (("ي", 0.1),),
    "uw": (("و", 0.1),),
    "ow": (("و", 0.1),),
    "a2i": (("ائ", 0.2), ("أي", 2.0)),
    "a2": (("أ", 0.8), ("اء", 0.8), ("ا", 2.5), ("ائ", 1.5)),
    "o2": (("ؤ", 0.5), ("وء", 1.5)),
    "i2": (("ئ", 0.6), ("يء", 1.5)),
    "oua": (("وا", 0.3), ("و", 1.0)),
    "oui": (("وي", 0.2),),
}
_HEADS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "l": (("ال", 0.5), ("ل", 0.9)),
    "fl": (("فال", 0.4),),
    "bl": (("بال", 0.4),),
    "wl": (("وال", 0.4),),
    "ol": (("وال", 0.6),),
    "dl": (("دال", 0.5),),
    "ka": (("ك", 0.3),),
    "kan": (("كن", 0.2),),
    "kat": (("كت", 0.2),),
    "kay": (("كي", 0.1),),
    "ta": (("ت", 0.5),),
    "tay": (("تاي", 0.8), ("تي", 0.8)),
    "gha": (("غ", 0.6), ("غا", 0.6)),
    "ma": (("ما", 0.2), ("م", 0.9)),
    "mo": (("م", 0.4), ("مو", 1.0)),
    "mou": (("م", 0.3), ("مو", 1.2)),
    "li": (("لي", 0.3), ("ل", 0.7), ("لإ", 2.5)),
    "bi": (("بي", 0.4), ("ب", 0.7)),
    "oo": (("و", 0.2),),
}
_SUN = frozenset("tdrzsnlTSD") | {"ch", "sh", "th", "dh"}
_SUN_AFTER = ("", "e", "f", "b", "w", "o", "d")
_TAKEN_AS = {"f": "ف", "b": "ب", "w": "و", "o": "و", "d": "د", "e": "", "": ""}
_VOWELS = frozenset("aeiou")
_LONGEST = 3
_DOUBLED_HEAD = 1.5
"""A word that begins with a doubled letter nearly always begins with the article."""

_SAME = (
    ("5", "kh"), ("sh", "ch"), ("x", "ch"), ("8", "h"), ("q", "9"), ("4", "gh"), ("ou", "o"), ("u", "o"), ("w", "o"),
    ("y", "i"), ("e", ""), ("'", ""), ("é", "i"), ("c", "k"),
)  # fmt: skip
_MARKED_CH = "\x00"


def key(word: str) -> str:
    """A Latin word without the freedoms of its spelling, so that spellings of one word meet.

    ``bezzaf``, ``bzzaf`` and ``Bzaf`` have one key; 7 and h, 9 and k, 3 and a stay apart, and so do ``dar`` and ``ddar``,
    for a doubled first letter is an article.
    """
    folded = word.lower().replace("ch", _MARKED_CH).replace("sh", _MARKED_CH).replace("x", _MARKED_CH)
    for old, new in _SAME:
        folded = folded.replace(old, new)
    return (folded[:1] + re.sub(r"(.)\1+", r"\1", folded[1:])).replace(_MARKED_CH, "ch")


def edges(word: str) -> list[list[Edge]]:
    """For each place in ``word`` (letters as ``model.plain`` leaves them) what may be read there."""
    return [list(_edges_at(word, at)) for at in range(len(word))]


def _edges_at(word: str, at: int) -> Iterator[Edge]:
    if at == 0:
        yield from _heads(word)
    for length in range(1, min(_LONGEST, len(word) - at) + 1):
        part = word[at : at + length]
        last = at + length == len(word)
        found = list(_ANY.get(part, ()))
        if at == 0 and len(word) > length:
            found += _FIRST.get(part, ())
        elif last and at:
            found += _LAST.get(part, _INNER.get(part, ()))
        elif at:
            found += _INNER.get(part, ())
        if at == 0 and last:
            found += _FIRST.get(part, ())
        doubled = _doubled(word, at, part)
        for arabic, cost in found:
            yield length, arabic, cost
            if doubled:
                yield length + len(part), arabic, cost + (_DOUBLED_HEAD if at == 0 else 0.0)
    if word[at] not in _ANY and word[at] not in _VOWELS:
        yield 1, "", 3.0


def _doubled(word: str, at: int, part: str) -> bool:
    return part[0] not in _VOWELS and word.startswith(part, at + len(part))


def _heads(word: str) -> Iterator[Edge]:
    """Articles and prefixes, which are written otherwise than the same letters inside a word."""
    for head, readings in _HEADS.items():
        if word.startswith(head) and len(word) > len(head) + 1:
            vowel_next = word[len(head)] in _VOWELS
            if head[-1] == "l" and vowel_next and head != "l":
                continue
            for arabic, cost in readings:
                yield len(head), arabic, cost + (1.0 if vowel_next and arabic.endswith("ال") else 0.0)
    for clitic in _SUN_AFTER:
        for sun in _SUN:
            if word.startswith(f"{clitic}{sun}{sun}") and len(word) > len(clitic) + 2 * len(sun):
                for arabic, cost in _ANY[sun]:
                    yield len(clitic) + 2 * len(sun), f"{_TAKEN_AS[clitic]}ال{arabic}", cost + 0.2
