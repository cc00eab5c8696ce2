"""What all words of a text say together, told as fast as words can be looked up. Knows the model; knows no vocabulary.

The same words, points and limits as ``scorer``, which can also show its sums. Here no sum is kept: the words of each half of a
stretch are added up once, and all that is asked of a stretch is whether one of its three sums reaches the limit.
"""

from __future__ import annotations

import functools
import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from daffa.decision import Category

from .remembered import Recalled, Remembered
from .scorer import ENOUGH, LIMITS_GROW, MATTERS, SHORT, STRIDE, WINDOW, Model, scorer
from .words_alone import features_of
from .words_hashed import FEWEST, LONGEST, MOST_FEATURES, features, strings, told

__all__ = ["Skim", "skim"]

# Three sums in one number, a field of 20 bits each. They are signed: one below zero borrows from the next, which is undone
# when all are raised by half a field. Those of one word stay below 2**53, so that floats add them up exactly.
_FIELD: Final = 20
_HALF: Final = 1 << (_FIELD - 1)
_SHIFTS: Final = tuple(_FIELD * column for column in range(len(MATTERS)))
_MOST_SUM: Final = WINDOW * MOST_FEATURES * 128
# Words never met wait for each other until there are so many: what a long text keeps waiting is bounded.
_AT_ONCE = 1 << 11
# So few words are worked out one by one.
_FEW = 8
# Characters from which on a string is sooner looked up by its digest than told.
_LONG = 48


class Skim:
    """Reads texts with one model. Safe to be used by several threads."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._points: NDArray[np.float64] = np.dot(model.weights, np.exp2(_SHIFTS))
        self._points_of = self._points.data.__getitem__
        self._words = Remembered(self._worth, _AT_ONCE)
        self._strings: Recalled[int] = Recalled()
        self._raise = functools.lru_cache(maxsize=1024)(self._raised)

    def spoken(self, data: bytes) -> frozenset[Category]:
        """What UTF-8 text is about: of all its parts, so that no part takes away what another says. Linear in its length."""
        known, later, waiting, reached = self._words.known, [], 0, 0
        for string in strings(data):
            # What an assistant is told first, and all turns before, come with every question: told once.
            digest = self._strings.digest(string.encode("utf-8", "surrogatepass")) if len(string) >= _LONG else b""
            says = self._strings.known.get(digest)
            if says is None:
                part = told(string)
                try:
                    says = self._says(digest, part, known)
                except KeyError:
                    later.append((digest, part))
                    waiting += len(part)
                    if waiting < _AT_ONCE:
                        continue
                    says, known = self._together(later), self._words.known
                    later, waiting = [], 0
            reached |= says
        if later:
            reached |= self._together(later)
        return _NONE if not reached else frozenset(matter for matter, bit in _BITS if reached & bit)

    def _together(self, later: list[tuple[bytes, list[str]]]) -> int:
        """What parts say that have words never met, all looked up in one go: arrays take longer to make than to fill."""
        known, reached = self._words.having([word for _, part in later for word in part]), 0
        for digest, part in later:
            reached |= self._says(digest, part, known)
        return reached

    def _says(self, digest: bytes, part: list[str], known: dict[str, int]) -> int:
        """A bit for each matter that a stretch of a part is about; remembered where it has a digest. Raises ``KeyError``."""
        if len(part) < FEWEST:
            says = 0
        else:
            few = 0 if len(set(part[:ENOUGH])) == ENOUGH else max(ENOUGH - len(set(part)), 0)
            says = _reached(part, known, self._raise(max((len(part) - 1) // STRIDE, 1), few))
        if digest:
            self._strings.put(digest, says)
        return says

    def _raised(self, stretches: int, few: int) -> int:
        """What lifts a sum at its limit to half a field. The limit grows with the stretches, and with words missing."""
        rise = LIMITS_GROW * math.log(stretches) + SHORT * few
        raised = 0
        for shift, limit, scale in zip(_SHIFTS, self._model.limits, self._model.scales, strict=True):
            least = max(min(math.ceil(limit + rise / scale), _MOST_SUM + 1), -_MOST_SUM)
            raised += (_HALF - least) << shift
        return raised

    def _worth(self, some: list[str]) -> dict[str, int]:
        worth = dict.fromkeys(some, 0)
        short = [word for word in some if len(word) <= LONGEST]
        if len(short) <= _FEW:
            return worth | {word: self._worth_alone(word) for word in short}
        owners, buckets = features(short)
        points = np.bincount(owners, self._points[buckets], len(short)).astype(np.int64)
        return worth | dict(zip(short, points.tolist(), strict=True))

    def _worth_alone(self, word: str) -> int:
        return int(sum(map(self._points_of, features_of(word))))


_NONE: Final[frozenset[Category]] = frozenset()
_BITS: Final = [(matter, _HALF << shift) for matter, shift in zip(MATTERS, _SHIFTS, strict=True)]
_ANY: Final = sum(bit for _, bit in _BITS)


def _reached(part: list[str], known: dict[str, int], raised: int) -> int:
    """The bits of the stretches of a part, each two halves in a row; a word of both counts once. Raises ``KeyError``."""
    worth = known.__getitem__
    before = set(part[:STRIDE])
    points = sum(map(worth, before))
    if len(part) <= STRIDE:
        return points + raised & _ANY
    reached = 0
    for start in range(STRIDE, len(part), STRIDE):
        half = set(part[start : start + STRIDE])
        more = sum(map(worth, half))
        both = before & half
        reached |= points + more + raised - (sum(map(worth, both)) if both else 0)
        before, points = half, more
    return reached & _ANY


@functools.cache
def skim() -> Skim:
    """The quick reader of the package's model."""
    return Skim(scorer().model)
