"""Where one language ends and another begins inside a text: the likeliest run of languages over its words.

Each word says how likely it is in each language; staying costs nothing, changing costs a fixed price. Time and memory grow
with the number of words alone. Knows no weight.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from .identifier import Identifier

__all__ = ["Span", "spans"]

_AMAZIGH: Final = frozenset({"zgh-Latn", "kab-Latn"})

_WORD: Final = re.compile(r"\S+")
_CHANGE: Final = 3.0
"""Price of a change, in nats: about two plain words."""
_LEAST: Final = 0.01
"""No word is less likely than this in any language: names and slips of the pen are everywhere."""


class Span(NamedTuple):
    """A stretch of text in one language: code points ``start`` to ``end``, the end not included."""

    start: int
    end: int
    language: str


def spans(identifier: Identifier, text: str) -> list[Span]:
    """The stretches of ``text`` by language, in order; words without letters belong to what stands before them.

    Stretches begin and end at words; a text without letters has none.
    """
    words = list(_WORD.finditer(text))
    chances = identifier.chances_of_words([word[0] for word in words])
    heard = [place for place, row in enumerate(chances) if row]
    if not heard:
        return []
    logarithms = {words[place][0]: _logarithms(chances[place]) for place in heard}
    path = _likeliest([logarithms[words[place][0]] for place in heard], len(identifier.answers.languages))
    if len(set(path)) == 1:
        return [Span(words[0].start(), words[-1].end(), identifier.one(text).language)]
    found: list[Span] = []
    last = dict(zip(heard, path, strict=True))
    current = path[0]
    for place, word in enumerate(words):
        current = last.get(place, current)
        language = identifier.answers.languages[current]
        if found and (found[-1].language == language or {found[-1].language, language} == _AMAZIGH):
            found[-1] = found[-1]._replace(end=word.end())
        else:
            found.append(Span(word.start(), word.end(), language))
    return [_settled(identifier, text, span) for span in found]


def _settled(identifier: Identifier, text: str, span: Span) -> Span:
    """Amazigh in Latin letters is one stretch, whose code the whole of it decides."""
    if span.language not in _AMAZIGH:
        return span
    language = identifier.one(text[span.start : span.end]).language
    return span._replace(language=language) if language in _AMAZIGH else span


def _logarithms(row: Sequence[float]) -> list[float]:
    return [math.log(max(_LEAST, chance)) for chance in row]


def _likeliest(rows: Sequence[Sequence[float]], languages: int) -> list[int]:
    """The best path (Viterbi); a change costs the same between any two, so the best other predecessor is the best of all."""
    scores = list(rows[0])
    back: list[list[int]] = []
    for row in rows[1:]:
        best = max(range(languages), key=scores.__getitem__)
        changed = scores[best] - _CHANGE
        back.append([place if score >= changed else best for place, score in enumerate(scores)])
        scores = [max(score, changed) + own for score, own in zip(scores, row, strict=True)]
    place = max(range(languages), key=scores.__getitem__)
    path = [place]
    for step in reversed(back):
        place = step[place]
        path.append(place)
    return path[::-1]
