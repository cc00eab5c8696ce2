"""Which terms stand for which: IBM Model 1 over pairs of texts, both ways, put together. Knows no file.

Brown, Della Pietra, Della Pietra, Mercer 1993, on the set of terms of each text instead of its sequence: articles are long,
and how often a term stands in one says little about what it means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..analyser import terms

__all__ = ["learn"]

_MOST_TERMS = 160
_LEAST_SEEN = 2
_ROUNDS = 8
_KEPT = 8
_LEAST = 0.03

Table = dict[str, dict[str, float]]
"""Term -> terms of the other language, with how likely each stands for it."""
_Sets = list[np.ndarray]


def learn(texts: Iterable[tuple[str, str]]) -> tuple[Table, Table]:
    """From pairs of texts that say the same: the table from the first language to the second, and the one back."""
    left, right = zip(*texts, strict=True) if (texts := list(texts)) else ((), ())
    first, second = _numbered(left), _numbered(right)
    there = _expected(first[1], second[1], len(second[0]))
    back = _expected(second[1], first[1], len(first[0]))
    return _table(there, back, first[0], second[0]), _table(back, there, second[0], first[0])


def _numbered(texts: Sequence[str]) -> tuple[list[str], _Sets]:
    """The vocabulary of ``texts``, and each text as the numbers of its terms."""
    sets = [[term for term in dict.fromkeys(terms(text)) if not term[0].isdigit()][:_MOST_TERMS] for text in texts]
    seen = Counter(term for text in sets for term in text)
    vocabulary = sorted(term for term, count in seen.items() if count >= _LEAST_SEEN)
    places = {term: place for place, term in enumerate(vocabulary)}
    return vocabulary, [np.array([places[term] for term in text if term in places], dtype=np.int64) for text in sets]


def _expected(sources: _Sets, targets: _Sets, width: int) -> Mapping[tuple[int, int], float]:
    """Probability of each target term given a source term, after some rounds of expectation and maximisation."""
    pairs = [
        (np.repeat(source, len(target)), np.tile(target, len(source))) for source, target in zip(sources, targets, strict=True)
    ]
    if not pairs:
        return {}
    codes = np.concatenate([source * width + target for source, target in pairs])
    # Which target of which text an entry explains: the share of all its sources in it adds up to one.
    sizes = [len(target) for target in targets]
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    explained = np.concatenate(
        [np.tile(np.arange(size) + offset, len(source)) for source, size, offset in zip(sources, sizes, offsets, strict=True)]
    )
    cells, entries = np.unique(codes, return_inverse=True)
    rows = cells // width
    chance = np.ones(len(cells))
    for _ in range(_ROUNDS):
        weight = chance[entries]
        weight /= np.bincount(explained, weight, sum(sizes))[explained]
        counts = np.bincount(entries, weight, len(cells))
        chance = counts / np.bincount(rows, counts)[rows]
    kept = chance > _LEAST / 10
    return {
        (int(cell // width), int(cell % width)): float(value) for cell, value in zip(cells[kept], chance[kept], strict=True)
    }


def _table(
    there: Mapping[tuple[int, int], float], back: Mapping[tuple[int, int], float], of: list[str], to: list[str]
) -> Table:
    """The geometric mean of both ways, the likeliest of each term, as shares of one."""
    found: dict[int, list[tuple[float, int]]] = {}
    for (source, target), chance in there.items():
        both = (chance * back.get((target, source), 0.0)) ** 0.5
        if both >= _LEAST:
            found.setdefault(source, []).append((both, target))
    table: Table = {}
    for source, targets in sorted(found.items()):
        best = sorted(targets, reverse=True)[:_KEPT]
        whole = sum(chance for chance, _ in best)
        table[of[source]] = {to[target]: chance / whole for chance, target in best}
    return table
