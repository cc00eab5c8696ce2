"""How warm scores must be for probabilities to be true: fitted on lines of sources that the model has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
from numpy.typing import NDArray

from ...identification import LONG, OTHER_LANGUAGE, SCRIPTS, Identifier, Model
from .lines import Line
from .render import in_arabic

__all__ = ["expected_error", "warmths"]

_FIXED = np.linspace(0.1, 1.6, 31)
_COLDEST = 0.05
_GROWING = np.linspace(-0.1, 0.3, 17)


def warmths(model: Model, whole: Sequence[Line], seed: int) -> list[tuple[float, float]]:
    """``(a, b)`` of each script: the pair with the least mean loss over classes; ``(1, 0)`` where there is no line.

    Each line counts whole and as a piece of some words: what is good in two languages shall not be sure of one. Lines of
    Arabizi count once more in Arabic letters, where everyday Darija is wanted beside encyclopaedic lines.
    """
    if not whole:
        return [(1.0, 0.0)] * len(model.parts)
    identifier, chance = Identifier(model), Random(seed)  # noqa: S311 - no secret
    everyday = [line for line in whole if line.language == "ary-Latn"]
    whole = [*whole, *(replace(line, text=in_arabic(line.text, chance), language="ary-Arab") for line in everyday)]
    lines = [*whole, *(_piece(line, chance) for line in whole)]
    rows = identifier.rows([line.text for line in lines])
    head, found = 2 * len(SCRIPTS) + 1, []
    for script, part in enumerate(model.parts):
        ours = np.flatnonzero(rows[:, script] * 2 > rows[:, : len(SCRIPTS) + 1].sum(axis=1))
        names = (*part.languages, OTHER_LANGUAGE)
        truth = np.array(
            [names.index(lines[n].language) if lines[n].language in names else len(names) - 1 for n in ours], np.intp
        )
        number = np.maximum(rows[ours, len(SCRIPTS) + 1 + script], 1)
        scores = rows[ours, head : head + len(part.languages)] * (part.scale / np.sqrt(number))[:, None]
        found.append(_best(np.hstack((scores, np.zeros((len(ours), 1)))), number, truth) if len(ours) else (1.0, 0.0))
        head += len(part.languages)
    return found


def _piece(line: Line, chance: Random) -> Line:
    words = line.text.split()
    length = chance.randint(1, 8)
    first = chance.randint(0, max(0, len(words) - length))
    return replace(line, text=" ".join(words[first : first + length]))


def _best(scores: NDArray[np.float64], number: NDArray[np.int64], truth: NDArray[np.intp]) -> tuple[float, float]:
    weight = 1 / np.bincount(truth)[truth]
    long = np.log(np.minimum(number, LONG))
    losses = {
        (float(fixed), float(growing)): _loss(scores * (fixed + growing * long)[:, None], truth, weight)
        for fixed in _FIXED
        for growing in _GROWING
        if fixed + growing * np.log(LONG) > _COLDEST
    }
    fixed, growing = min(losses, key=lambda pair: losses[pair])
    return round(fixed, 4), round(growing, 4)


def _loss(scores: NDArray[np.float64], truth: NDArray[np.intp], weight: NDArray[np.float64]) -> float:
    top = scores.max(axis=1)
    losses = top + np.log(np.exp(scores - top[:, None]).sum(axis=1)) - scores[np.arange(len(truth)), truth]
    return float((losses * weight).sum() / weight.sum())


def expected_error(confidences: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error: mean distance of confidence from accuracy over ``bins`` equal bins, weighed by lines."""
    place = np.minimum((confidences * bins).astype(int), bins - 1)
    total = 0.0
    for number in range(bins):
        chosen = place == number
        if chosen.any():
            total += chosen.mean() * abs(confidences[chosen].mean() - right[chosen].mean())
    return float(total)
