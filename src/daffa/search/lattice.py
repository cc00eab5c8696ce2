"""Arabic terms that a word of Darija in Latin letters may stand for, out of the terms that were learned. Knows no question.

A word and a term of one consonant skeleton are weighed by how well their vowels and letters agree and by how often the term
stands in the articles that were counted. Only terms that exist are found: nothing is spelled out of the blue.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

from .latin import bare_forms, skeleton, skeleton_of_arabic

__all__ = ["Lattice"]

_MOST = 5
_LEAST_SHARE = 0.08
_FREQUENCY, _MISFIT = 0.6, 2.2
_SHORTEST = 2
_ARABIC = re.compile("[\u0621-\u06d3]+")
_LONG = {"ا": "a", "و": "o", "ي": "i"}


class Lattice:
    """Terms by their skeletons."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts

    @cached_property
    def _by_skeleton(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for term in self._counts:
            if len(term) >= _SHORTEST and _ARABIC.fullmatch(term):
                found.setdefault(skeleton_of_arabic(term), []).append(term)
        return found

    @lru_cache(maxsize=1 << 12)  # noqa: B019 - one lattice lives as long as its planner, which lives as long as the process
    def candidates(self, word: str) -> tuple[tuple[str, float], ...]:
        """At most five terms that ``word`` may stand for, with their shares of one, the likeliest first."""
        scored: dict[str, float] = {}
        for place, form in enumerate(bare_forms(word)):
            for term in self._by_skeleton.get(skeleton(form), ()):
                score = _FREQUENCY * math.log(self._counts[term]) - _MISFIT * (misfit(form, term) + 0.15 * place)
                scored[term] = max(scored.get(term, -math.inf), score)
        return _shares(scored.items())


def _shares(scored: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    best = sorted(scored, key=lambda pair: -pair[1])[:_MOST]
    if not best:
        return ()
    weights = [math.exp(score - best[0][1]) for _, score in best]
    whole = sum(weights)
    return tuple(
        (term, weight / whole) for (term, _), weight in zip(best, weights, strict=True) if weight / whole >= _LEAST_SHARE
    )


def misfit(form: str, term: str) -> float:
    """How badly the vowels of a Latin key agree with the long vowels of an Arabic term of the same skeleton."""
    latin, arabic = _gaps(form), _gaps("".join(_LONG.get(letter) or skeleton_of_arabic(letter) for letter in term))
    if len(latin) != len(arabic):
        return 1.0 + abs(len(latin) - len(arabic))
    return sum(_gap(heard, written) for heard, written in zip(latin, arabic, strict=True))


def _gaps(word: str) -> list[str]:
    """The vowels before, between and after the consonants."""
    return re.split("[^aoi]+?", word)


def _gap(heard: str, written: str) -> float:
    if heard == written:
        return 0.0
    if not written:
        return 0.2 * len(heard)  # a short vowel
    if not heard:
        return 0.6
    return 0.15 if heard in written or written in heard else 0.8
