"""Arabic names in Latin letters as Moroccan registers write them, after the French ear. Knows spelling; knows no person.

Arabic does not write short vowels, so a name has several good spellings: candidates, best first. Words whose spelling
no rule gives are listed in ``name_words``; all others go by rule, and a rule can only guess the short vowels.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from daffa.errors import Invalid

from ..arabic import PLAIN_ALEF, bare
from .name_sounds import spelled
from .name_words import WORDS
from .tifinagh import tifinagh_to_latin

__all__ = ["latin_names"]

Ways = Sequence[tuple[str, float]]
"""Spellings with their costs, best first."""

_Link = tuple[Any, str] | None
"""A word of a way and the link to what stands before it: ways share their beginnings."""

_LONGEST = 24
_MOST = 50
_WORD = re.compile("[ء-ي\u0640\u064b-\u065f\u0670ٱ-ۓ\u200d]+|[ⴰ-ⵧⵯ]+")
_FORMS = re.compile("[ﭐ-ﷻﹰ-ﻼ]+")
_KEYBOARDS = str.maketrans({"ٱ": "ا", "ی": "ي", "ک": "ك", "ہ": "ه", "ھ": "ه"})
_ONE_WORD = re.compile("(?<![ء-ي])((?:بن|بو)?عبد) +(?=ال[ء-ي])|(?<=[ء-ي]) +(?=الدين(?![ء-ي]))")
_SUN = {**dict.fromkeys("تط", "t"), **dict.fromkeys("دضذظ", "d"), **dict(zip("رزسصشنث", "r z s s ch n t".split(), strict=True))}
_FRENCH = str.maketrans(
    {"ɣ": "gh", "c": "ch", "x": "kh", "u": "ou", "ɛ": "a", "q": "k", "ʷ": "", **dict(zip("ḥḍṛṣṭẓ", "hdrstz", strict=True))}
)
_JOINER = "\u200d"
_AIT = "ⴰⵢⵜ"


def latin_names(name: str, limit: int = 5) -> list[str]:
    """Spellings of a name in Latin letters, best first, at most ``limit`` (1 to 50), each once; never empty.

    Arabic and Tifinagh words are spelled; everything else stays as it is. Linear in the length of ``name``.

    Raises ``Invalid("invalid_field")`` where ``limit`` is out of range.
    """
    if not 1 <= limit <= _MOST:
        raise Invalid("invalid_field", field="limit", expected=f"1..{_MOST}", got=limit)
    letters = _FORMS.sub(lambda forms: unicodedata.normalize("NFKC", forms[0]), name).translate(_KEYBOARDS)
    text = _ONE_WORD.sub(lambda space: space[1] or "", letters)
    parts: list[Ways] = []
    place = 0
    for found in _WORD.finditer(text):
        parts += [((text[place : found.start()], 0.0),), _spellings(bare(found[0]).replace(_JOINER, ""))]
        place = found.end()
    parts.append(((text[place:], 0.0),))
    return [way for way, _ in _best(_product(parts, limit), limit)]


def _product(parts: Iterable[Ways], limit: int) -> Ways:
    """The cheapest ways through all parts: a beam that never holds more than ``limit`` ways."""
    beam: Sequence[tuple[float, _Link]] = [(0.0, None)]
    for ways in parts:
        longer = ((cost + more, (before, way)) for cost, before in beam for way, more in ways)
        beam = sorted(longer, key=lambda step: step[0])[:limit]
    return [(_read(link), cost) for cost, link in beam]


def _read(link: _Link) -> str:
    words = []
    while link:
        link, word = link
        words.append(word)
    return "".join(reversed(words))


def _best(ways: Ways, limit: int) -> Ways:
    """Each spelling once, the cheapest first."""
    cheapest: dict[str, float] = {}
    for way, cost in sorted(ways, key=lambda way: way[1]):
        cheapest.setdefault(way, cost)
    return list(cheapest.items())[:limit]


def _spellings(word: str) -> Ways:
    """The spellings of one word; only one of what is too long for a word."""
    if len(word) <= _LONGEST:
        return _word(word)
    return _tifinagh(word) if word[0] >= "ⴰ" else [(spelled(word, 1)[0][0].capitalize(), 0.0)]


@lru_cache(maxsize=20_000)
def _word(word: str) -> Ways:
    """The spellings of one word."""
    if word[:1] >= "ⴰ":
        return _tifinagh(word)
    if listed := WORDS.get(word.translate(PLAIN_ALEF)):
        return [(spelling, float(rank)) for rank, spelling in enumerate(listed)]
    return _best(_compound(word), 8) or [("", 0.0)]


def _tifinagh(word: str) -> Ways:
    if word == _AIT:
        return [("Ait", 0.0), ("Ayt", 1.0)]
    letters = tifinagh_to_latin(word, exact=False)
    return _best([(letters.translate(_FRENCH).capitalize(), 0.0), (letters.capitalize(), 1.0)], 2)


def _compound(word: str) -> Ways:
    """A word by its parts: servant of, son of, of the faith, the article; else by its sounds."""
    if word.startswith("عبدال") and len(word) > 6:
        rest = word[5:]
        return [(f"Abde{_SUN.get(rest[0], 'l')}{_small(way)}", cost) for way, cost in _word(rest)]
    if word.endswith("الدين") and len(word) > 6:
        return [(f"{way.removesuffix('e')}eddine", cost) for way, cost in _word(word[:-5])]
    if word.startswith("بن") and len(word) > 4:
        return [(f"Ben{_small(way)}", cost) for way, cost in _word(word[2:])]
    if word.startswith("ال") and len(word) > 4:
        return list(_article(word[2:]))
    return [(way.capitalize(), cost) for way, cost in spelled(word, 8)]


def _article(rest: str) -> Iterable[tuple[str, float]]:
    """``El`` before a name, melted into a sun letter, or left out."""
    sun = _SUN.get(rest[0])
    for way, cost in _word(rest):
        yield (f"E{sun}{_small(way)}", cost) if sun else (f"El {way}", cost)
        yield way, cost + (0.3 if sun else 0.6)
        if sun:
            yield f"El {way}", cost + 1.2


def _small(way: str) -> str:
    return way[:1].lower() + way[1:]
