"""What speaks for each passage that was found, as numbers that a ranker weighs. Knows no weights and no engine.

All is worked out of the question and of what an engine keeps of the passages; no trait names a word, a law or a collection.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from .passage import Hit, Query

__all__ = ["TRAITS", "traits"]

_REASONS: Final = ("word", "stem", "translation", "arabizi", "glossary", "kind")
TRAITS: Final = (
    "score", "share", "place", "place_in_language", "document", "beside", "spoken",
    *_REASONS, "strongest", "concepts", "telling", "telling_share", "head", "window", "begins", "length", "prefixes",
    "french", "arabic", "arabizi_asked", "asked",
)  # fmt: skip
"""In the order of the columns of ``traits``:

- ``score``, ``share``: BM25, and as a share of the best;
- ``place``, ``place_in_language``: one over its rank among all hits, and among those of its language;
- ``document``: how much of what was found is of its document; ``beside``: the best score of the articles before and behind;
- ``spoken``: whether it is in the language of the question;
- ``word`` to ``kind``: what terms that are there for this reason (``Because.by``) give; ``strongest``: what the best one gives;
- ``concepts``, ``telling``, ``telling_share``: of the concepts of the question how many it has, what they weigh, and as a
  share of all;
- ``head``, ``window``: the share that its first terms have, and the best stretch of as many;
- ``begins``, ``length``: where the first of them stands, and how long it is (logarithms);
- ``prefixes``: the share of the question's own words whose beginning it has;
- ``french`` to ``asked``: the language of the question, and how many concepts it has.
"""

_HEAD: Final = 20
_PREFIX: Final = 5
_LONGEST_NUMBER: Final = 9
_K1, _B, _USUAL = 1.2, 0.75, 100.0  # of BM25, and how many terms a passage usually has
_Array = np.ndarray[Any, np.dtype[np.float32]]
_Wanted = dict[str, tuple[float, int, tuple[int, ...]]]


def traits(query: Query, hits: Sequence[Hit], rarity: Callable[[str], float]) -> _Array:
    """A row for each of ``hits``, a column for each of ``TRAITS``.

    Args:
        query: as it was planned.
        hits: with their terms; of any order.
        rarity: how telling a term is, 0 to 1.
    """
    if not hits:
        return np.zeros((0, len(TRAITS)), dtype=np.float32)
    wanted = _wanted(query, rarity)
    weights = [concept.weight for concept in query.concepts]
    prefixes = [
        f" {term.text[:_PREFIX]}"
        for term in query.terms
        if term.because.by == "word" and term.field == "stem" and len(term.text) >= _PREFIX
    ]
    inside = [_inside(hit.terms, wanted, weights, prefixes) for hit in hits]
    around = _around(query, hits)
    asked = _asked(query)
    return np.array([[*of, *own, *asked] for of, own in zip(around, inside, strict=True)], dtype=np.float32)


def _wanted(query: Query, rarity: Callable[[str], float]) -> _Wanted:
    """Each term that is looked for: what it weighs, by which reason, and the concepts that it stands for."""
    concepts: dict[str, list[int]] = {}
    for number, concept in enumerate(query.concepts):
        for stem in concept.stems:
            concepts.setdefault(stem, []).append(number)
    wanted: _Wanted = {stem: (0.0, 0, tuple(of)) for stem, of in concepts.items()}
    for term in query.terms:
        if term.field == "stem":
            reason = _REASONS.index(term.because.by) if term.because.by in _REASONS else 0
            wanted[term.text] = (term.weight * rarity(term.text), reason, tuple(concepts.get(term.text, ())))
    return wanted


def _inside(text: str, wanted: _Wanted, weights: Sequence[float], prefixes: Sequence[str]) -> list[float]:
    """What its own terms say for a passage."""
    terms = text.split(" ")
    found = [(place, term) for place, term in enumerate(terms) if term in wanted]
    counts: dict[str, int] = {}
    had: dict[int, int] = {}
    stretch: list[tuple[int, int]] = []
    for place, term in found:
        counts[term] = counts.get(term, 0) + 1
        for concept in wanted[term][2]:
            had.setdefault(concept, place)
            stretch.append((place, concept))
    reasons, strongest = [0.0] * len(_REASONS), 0.0
    norm = _K1 * (1 - _B + _B * len(terms) / _USUAL)
    for term, count in counts.items():
        weight, reason, _ = wanted[term]
        given = weight * count * (_K1 + 1) / (count + norm)
        reasons[reason] += given
        strongest = max(strongest, given)
    whole = sum(weights) or 1.0
    telling = sum(weights[concept] for concept in had)
    head = sum(weights[concept] for concept, place in had.items() if place < _HEAD)
    first = found[0][0] if found else len(terms)
    spaced = f" {text}"
    begun = sum(prefix in spaced for prefix in prefixes)
    return [
        *reasons, strongest, len(had) / 5, telling / 3, telling / whole, head / whole, _densest(stretch, weights) / whole,
        math.log1p(first) / 5, math.log1p(len(terms)) / 5, begun / (len(prefixes) or 1),
    ]  # fmt: skip


def _densest(stretch: Sequence[tuple[int, int]], weights: Sequence[float]) -> float:
    """The most that concepts within ``_HEAD`` terms weigh together; ``stretch``: places and concepts in order."""
    best = now = 0.0
    first, inside = 0, [0] * len(weights)
    for place, concept in stretch:
        if not inside[concept]:
            now += weights[concept]
        inside[concept] += 1
        while stretch[first][0] <= place - _HEAD:
            gone = stretch[first][1]
            inside[gone] -= 1
            if not inside[gone]:
                now -= weights[gone]
            first += 1
        if now > best:  # quicker than max(), and this is the innermost loop
            best = now
    return best


def _around(query: Query, hits: Sequence[Hit]) -> list[list[float]]:
    """What the other hits say for each: its score, its places, its document and the articles beside it."""
    best = max(hit.score for hit in hits) or 1.0
    order = sorted(range(len(hits)), key=lambda number: (-hits[number].score, hits[number].collection, hits[number].id))
    place = {number: rank for rank, number in enumerate(order, 1)}
    seen: dict[str, int] = {}
    own: dict[int, int] = {}
    for number in order:
        own[number] = seen[hits[number].language] = seen.get(hits[number].language, 0) + 1
    documents: dict[tuple[str, str], float] = {}
    numbered: dict[tuple[str, str, int], float] = {}
    for hit in hits:
        of = (hit.collection, hit.document)
        documents[of] = documents.get(of, 0.0) + math.exp(6 * (hit.score / best - 1))
        if (article := _whole(hit.number)) is not None:
            numbered[*of, article] = max(hit.score, numbered.get((*of, article), 0.0))
    spoken = query.language.partition("-")[0][:2]  # Darija (ary) is answered by Arabic
    found = []
    for number, hit in enumerate(hits):
        of = (hit.collection, hit.document)
        article = _whole(hit.number)
        near = () if article is None else ((*of, article - 1), (*of, article + 1))
        beside = max((numbered.get(one, 0.0) for one in near), default=0.0) / best
        said = float(hit.language.startswith(spoken))
        places = 1 / place[number], 1 / own[number]
        found.append([hit.score / 20, hit.score / best, *places, math.log1p(documents[of]) / 3, beside, said])
    return found


def _whole(number: str) -> int | None:
    """An article's number where articles can stand beside it: ``None`` for ``24bis``, for none, and for no law's."""
    return int(number) if number.isdecimal() and len(number) <= _LONGEST_NUMBER else None


def _asked(query: Query) -> list[float]:
    """What the question is like, whatever was found."""
    french, arabic = query.language.startswith("fr"), query.language.endswith("Arab")
    return [float(french), float(arabic), float(query.language == "ary-Latn"), len(query.concepts) / 8]
