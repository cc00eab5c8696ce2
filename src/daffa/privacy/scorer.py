"""What a text is about by all of its words and not by one: each has points for health, courts, children. Knows no vocabulary.

A small linear model (``models/matters.npz``; ``learning`` makes it) gives each word its points, by its letters and its
consonants, so that words nobody listed and spellings nobody foresaw count too. The points of a few dozen words in a row are
added up; a sum above the limit is a matter. What a word is worth is remembered, for most words come again.
"""

from __future__ import annotations

import functools
import json
import math
from importlib import resources
from io import BytesIO
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from daffa.decision import Category

from .remembered import Remembered
from .words_hashed import BUCKETS, LONGEST, features, parts

__all__ = ["ENOUGH", "LIMITS_GROW", "MATTERS", "SHORT", "STRIDE", "WINDOW", "Model", "Scorer", "packed", "scorer"]

MATTERS: Final = (Category.HEALTH, Category.JUDICIAL, Category.MINORS)
"""The columns of the model."""
WINDOW, STRIDE = 32, 16
"""Words whose points are added up, and how far apart such stretches begin."""
LIMITS_GROW: Final = 0.9
"""What the limit rises by where a text has e times as many stretches: each is a chance to be wrong."""
SHORT, ENOUGH = 0.3, 6
"""What the limit rises by for each word that a text has fewer than ``ENOUGH``: one or two of them say little."""

# Three sums in one integer: a field of 21 bits each, and its points raised so that none is below nothing.
_FIELD, _RAISED = 21, 1 << 14
_MASK, _MOST_POINTS = (1 << _FIELD) - 1, (1 << 14) - 1
_AT_ONCE = 1 << 13
_SHIFTS: Final = _FIELD * np.arange(len(MATTERS))
_NOTHING: Final = int((_RAISED << _SHIFTS).sum())
_SHOWN = 5


class Model(NamedTuple):
    """What was learned.

    Attributes:
        weights: signed bytes, a row for each bucket of ``words_hashed`` and a column for each of ``MATTERS``.
        scales: what one unit is worth, by column.
        limits: the sum of points, in units, from which a stretch is about a matter, by column.
        about: what the file says of itself.
    """

    weights: NDArray[np.int8]
    scales: tuple[float, ...]
    limits: tuple[int, ...]
    about: dict[str, object]


class Scorer:
    """Reads texts with one model. Safe to be used by several threads."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._columns = [np.ascontiguousarray(column) for column in model.weights.T]
        self._words = Remembered(self._worth, _AT_ONCE)

    def spoken(self, text: str) -> frozenset[Category]:
        """What ``text`` is about: of all its parts, so that no part takes away what another says. Linear in its length."""
        tops, limits = self.tops(text), self.model.limits
        return frozenset([matter for matter, top, limit in zip(MATTERS, tops, limits, strict=True) if top >= limit])

    def tops(self, text: str) -> list[float]:
        """The points of the stretch that has most, a number for each of ``MATTERS``, less what its limit rises by."""
        tops = [-math.inf] * len(MATTERS)
        for part in parts(text):
            sums = self.sums(part)
            rise = LIMITS_GROW * math.log(len(sums)) + SHORT * max(ENOUGH - len(set(part)), 0)
            for column, points in enumerate(zip(*sums, strict=True)):
                tops[column] = max(tops[column], max(points) - rise / self.model.scales[column])
        return tops

    def telling(self, text: str, matter: Category) -> tuple[str, ...]:
        """The words of the stretch that speaks most for ``matter``, those with most points first."""
        column = MATTERS.index(matter)
        stretches = [
            (points[column], part[first * STRIDE : first * STRIDE + WINDOW])
            for part in parts(text)
            for first, points in enumerate(self.sums(part))
        ]
        best = dict.fromkeys(max(stretches)[1] if stretches else ())
        worth = {word: self.sums([word])[0][column] for word in best}
        return tuple(sorted((word for word in best if worth[word] > 0), key=lambda word: -worth[word])[:_SHOWN])

    def sums(self, some: list[str]) -> list[tuple[int, int, int]]:
        """Points of each stretch of words, a number for each of ``MATTERS``; a word counts once in a stretch."""
        known = self._words.known
        if not known.keys() >= set(some):
            known = self._words.having(some)
        sums = []
        for start in range(0, max(len(some) - WINDOW + STRIDE, 1), STRIDE):
            stretch = set(some[start : start + WINDOW])
            sums.append(_apart(sum(map(known.__getitem__, stretch)), len(stretch)))
        return sums

    def _worth(self, some: list[str]) -> dict[str, int]:
        worth = dict.fromkeys(some, _NOTHING)
        short = [word for word in some if len(word) <= LONGEST]
        if short:
            owners, buckets = features(short)
            columns = [np.bincount(owners, weights[buckets], len(short)) for weights in self._columns]
            points = np.clip(columns, -_MOST_POINTS, _MOST_POINTS).astype(np.int64) + _RAISED
            worth.update(zip(short, (points << _SHIFTS[:, None]).sum(axis=0).tolist(), strict=True))
        return worth


def _apart(total: int, count: int) -> tuple[int, int, int]:
    """The three sums in one integer."""
    raised = _RAISED * count
    return (total & _MASK) - raised, (total >> _FIELD & _MASK) - raised, (total >> 2 * _FIELD) - raised


def packed(model: Model) -> bytes:
    """The bytes of a model file."""
    head = {"scales": model.scales, "limits": model.limits, "about": model.about}
    written = BytesIO()
    np.savez_compressed(written, weights=model.weights, head=np.frombuffer(json.dumps(head).encode(), np.uint8))
    return written.getvalue()


def _read(data: bytes) -> Model:
    with np.load(BytesIO(data)) as file:
        weights, head = file["weights"], json.loads(file["head"].tobytes())
    if weights.shape != (BUCKETS, len(MATTERS)) or weights.dtype != np.int8:
        raise ValueError(weights.shape)
    return Model(weights, tuple(head["scales"]), tuple(head["limits"]), head["about"])


@functools.cache
def scorer() -> Scorer:
    """The scorer with the model of the package, read once."""
    return Scorer(_read(resources.files(__package__).joinpath("models/matters.npz").read_bytes()))
