"""From sums to an answer: probabilities, the language, the set of plausible ones. Knows no text.

A row of sums holds, in this order: letters by script (4), n-grams by script (3), scores by script and language.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .letters import OTHER, SCRIPTS
from .model import OTHER_LANGUAGE, Model

__all__ = ["HEAD", "LONG", "NOTHING", "SHARE", "Answers", "Identified"]

HEAD: Final = 2 * len(SCRIPTS) + 1
"""Columns before the scores."""
SHARE: Final = 10
"""A script with fewer than one letter in ten has no say."""
LONG: Final = 1000
"""N-grams from which on a longer text makes nobody surer."""
_COVERED: Final = 0.9


class Identified(NamedTuple):
    """Which language a text is in.

    Attributes:
        language: BCP 47 tag: ``ary-Arab ary-Latn ar-Arab fr-Latn en-Latn es-Latn zgh-Tfng zgh-Latn kab-Latn``; ``other``
            for another language; ``und`` where there is no letter.
        confidence: probability of ``language``, calibrated; 0.0 for ``und``.
        plausible: the likeliest languages that hold nine tenths of the probability together, likeliest first.
            Short text often has two: what is good Darija is often good Standard Arabic too.
    """

    language: str
    confidence: float
    plausible: tuple[str, ...]


NOTHING: Final = Identified("und", 0.0, ())


_Columns = tuple[int, int, int, int, tuple[float, ...]]
"""Of one script: its number, the column of its number of n-grams, its columns of scores from and to, its factors."""


class Answers:
    """Answers under one model."""

    def __init__(self, model: Model) -> None:
        self.languages = (*(language for part in model.parts for language in part.languages), OTHER_LANGUAGE)
        self._alone = tuple((language,) for language in self.languages)
        self._parts: list[_Columns] = []
        column = HEAD
        for script, part in enumerate(model.parts):
            last = column + len(part.languages)
            self._parts.append((script, OTHER + 1 + script, column, last, _factors(part.scale, *part.warmth)))
            column = last
        self.width = column

    def one(self, row: Sequence[int], raised: int = 0) -> Identified:
        """The answer of one row of sums, whose scores stand ``raised`` above theirs for each n-gram."""
        letters = row[0] + row[1] + row[2] + row[OTHER]
        for script, count, first, last, factors in self._parts:
            if row[script] == letters and letters:  # one script alone, and sure: the common case, without a list of chances
                number = row[count]
                factor = factors[number] if number <= LONG else _factor(factors, number)
                scores, ground = row[first:last], raised * number
                top = max(scores)
                if top > ground:
                    chance = 1 / (
                        math.exp((ground - top) * factor) + sum([math.exp((score - top) * factor) for score in scores])
                    )
                    if chance >= _COVERED:
                        place = scores.index(top) + first - HEAD
                        return Identified(self.languages[place], chance, self._alone[place])
        chances = self.of(row, raised)
        return self._unsure(chances) if chances else NOTHING

    def of(self, row: Sequence[int], raised: int = 0) -> list[float]:
        """Probabilities of one row, in the order of ``languages``; empty where there is no letter."""
        letters = row[0] + row[1] + row[2] + row[OTHER]
        if not letters:
            return []
        chances = [0.0] * len(self.languages)
        other = row[OTHER] / letters
        for script, count, first, last, factors in self._parts:
            heard = row[script]
            if heard * SHARE < letters:
                other += heard / letters
                continue
            number = row[count]
            factor, scores, ground = _factor(factors, number), row[first:last], raised * number
            top = max(*scores, ground)  # the score of `other` is the ground
            odds = [math.exp((score - top) * factor) for score in scores]
            rest = math.exp((ground - top) * factor)
            share = heard / letters / (rest + sum(odds))
            other += share * rest
            chances[first - HEAD : last - HEAD] = [value * share for value in odds]
        chances[-1] = other
        return chances

    def _unsure(self, chances: Sequence[float]) -> Identified:
        order = sorted(range(len(chances)), key=lambda place: -chances[place])
        covered, plausible = 0.0, []
        for place in order:
            plausible.append(self.languages[place])
            covered += chances[place]
            if covered >= _COVERED:
                break
        return Identified(plausible[0], chances[order[0]], tuple(plausible))

    def chances(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Probabilities of each row: shape ``(texts, languages)``; zeros where there is no letter."""
        letters = np.maximum(rows[:, : OTHER + 1].sum(axis=1), 1)
        chances = np.zeros((len(rows), len(self.languages)))
        other = rows[:, OTHER] / letters
        for script, count, first, last, factors in self._parts:
            heard = np.flatnonzero(rows[:, script] * SHARE >= letters)
            share = rows[:, script] / letters
            left = share.copy()
            number = rows[heard, count]
            factor = np.array(factors)[np.minimum(number, LONG)] * np.sqrt(LONG / np.maximum(number, LONG))
            scores = rows[heard, first:last]
            top = np.maximum(scores.max(axis=1), 0)
            odds = np.exp((scores - top[:, None]) * factor[:, None])
            rest = np.exp(-top * factor)
            part = share[heard] / (rest + odds.sum(axis=1))
            left[heard] = part * rest
            other += left
            chances[heard, first - HEAD : last - HEAD] = odds * part[:, None]
        chances[:, -1] = other
        return chances

    def many(self, rows: NDArray[np.int64]) -> list[Identified]:
        """The answers of many rows."""
        chances = self.chances(rows)
        best = chances.argmax(axis=1)
        tops = chances[np.arange(len(rows)), best].tolist()
        empty = (rows[:, : OTHER + 1].sum(axis=1) == 0).tolist()
        answers = []
        for place, (language, top) in enumerate(zip(best.tolist(), tops, strict=True)):
            if top >= _COVERED:
                answers.append(Identified(self.languages[language], top, self._alone[language]))
            else:
                answers.append(NOTHING if empty[place] else self._unsure(chances[place].tolist()))
        return answers


def _factors(scale: float, fixed: float, growing: float) -> tuple[float, ...]:
    """By the number of n-grams, what a sum is multiplied by; the last one is for ``LONG``."""
    numbers = range(1, LONG + 1)
    return (0.0, *(scale * (fixed + growing * math.log(number)) / math.sqrt(number) for number in numbers))


def _factor(factors: tuple[float, ...], number: int) -> float:
    return factors[number] if number <= LONG else factors[LONG] * math.sqrt(LONG / number)
