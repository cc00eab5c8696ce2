"""Scores of passages that were recalled already: BM25 over joined terms, and two orders fused by rank. Knows no store.

Sources: Robertson & Zaragoza 2009 (BM25; k1 and b as tantivy has them); Cormack, Clarke & Büttcher 2009 (fusion by rank).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from ..passage import Hit

__all__ = ["NEAR", "bm25", "dealt", "fused", "rarity"]

NEAR = 100
"""So many of each order are fused."""

_K1, _B = 1.2, 0.75
_RANK = 60

Key = TypeVar("Key", bound=Hashable)


def rarity(passages: int, having: int) -> float:
    """The idf of BM25: how telling a term is that ``having`` of ``passages`` have."""
    return math.log1p((passages - having + 0.5) / (having + 0.5))


def bm25(fields: Sequence[str], weighted: Sequence[Mapping[str, float]], lengths: Sequence[float]) -> float:
    """The score of one passage.

    Args:
        fields: the terms of each field, joined by spaces.
        weighted: by field, what each term asked for weighs: its weight times its rarity.
        lengths: how many terms each field has on average.
    """
    score = 0.0
    for text, asked, average in zip(fields, weighted, lengths, strict=True):
        if not asked or not text:
            continue
        terms = text.split(" ")
        counts: dict[str, int] = {}
        for term in terms:
            if term in asked:
                counts[term] = counts.get(term, 0) + 1
        norm = _K1 * (1 - _B + _B * len(terms) / average) if average else _K1
        score += sum(asked[term] * count * (_K1 + 1) / (count + norm) for term, count in counts.items())
    return score


def fused(*orders: Sequence[Key]) -> list[tuple[Key, float]]:
    """Several orders as one, the best first: what is high up in more of them comes before what is in one."""
    scores: dict[Key, float] = {}
    for order in orders:
        for rank, key in enumerate(order, 1):
            scores[key] = scores.get(key, 0.0) + 1 / (_RANK + rank)
    return sorted(scores.items(), key=lambda item: -item[1])


def dealt(by_words: Sequence[Hit], by_meaning: Sequence[Hit], k: int) -> tuple[Hit, ...]:
    """The best ``k`` of both orders fused; the scores of the words are dealt out anew, the highest to the first.

    So scores stay on the scale of BM25, which others weigh, and fall from hit to hit. Behind the last of them they fall on;
    without any they are those of the fusion, next to nothing.
    """
    hits = {(hit.collection, hit.id): hit for hit in (*by_meaning, *by_words)}
    order = fused([(hit.collection, hit.id) for hit in by_words], [(hit.collection, hit.id) for hit in by_meaning])
    scores = [hit.score for hit in by_words]
    least = scores[-1] if scores else 1.0
    scores += [least / (_RANK + number) for number in range(1, len(order) - len(scores) + 1)]
    ranked = zip(order[:k], scores, strict=False)
    return tuple(replace(hits[key], score=score) for (key, _), score in ranked)
