"""Learn the weights of extracts from questions: which sentence is the right one, and whether there is one at all.

Two logistic regressions by plain gradient steps, on the tuning half alone, held near the weights that come with Daffa: some
hundred questions mend what earlier ones taught and do not throw it away. The threshold lies half-way between the lowest at
which a set share of the unanswerable questions of that half is refused, and the next one that would be. Pure; the same
questions and weights give the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from daffa.gateway import Asker

from ..answering import Assistant
from ..evidence import FEATURES, Candidate, candidates
from ..extracting import Weights, choose, evidence_of, shipped, sure
from ..walk import Walk
from .questions import Asking, asked_of

__all__ = ["Sample", "fit", "learned", "sample"]

Vectors = NDArray[np.float64]

_STEPS = 3000
_RATE = 0.2
_PENALTY = 0.003  # on what a weight is away from the one before
_REFUSED = 0.9
_EACH = 20.0


@dataclass(frozen=True, slots=True)
class Sample:
    """A question as it was searched for, and its candidates: which of them have an expected span."""

    walk: Walk
    answerable: bool
    found: Sequence[Candidate]
    right: Sequence[bool]


def sample(asking: Asking, walk: Walk) -> Sample | None:
    """What may be learned of a question; nothing of one that a tool answers, or that was not searched for."""
    question = asking.question
    if walk.query is None or question.tool or question.status == "clarification":
        return None
    found = candidates(walk.query, walk.passages, walk.scores)
    right = [
        any(
            span in walk.passages[number].text[start:end]
            for number, (start, end) in each.places.items()
            for span in question.spans
        )
        for each in found
    ]
    return Sample(walk, question.status == "answered", found, right)


async def fit(
    assistant: Assistant, questions: Iterable[Asking], asker: Asker, *, collections: Callable[[Asking], Sequence[str]]
) -> str:
    """``words/weights.toml`` anew, from the tuning half of ``questions``: each as ``collections`` says, and everywhere."""
    samples = []
    for asking in questions:
        if asking.half == "tuning":
            for wanted in dict.fromkeys((tuple(collections(asking)), ())):
                walk, _ = await assistant.trace(asked_of(asking, asker, wanted))
                samples.append(sample(asking, walk))
    return _written(learned(each for each in samples if each is not None))


def learned(samples: Iterable[Sample]) -> Weights:
    """The weights that these questions teach."""
    known = list(samples)
    start = shipped()
    pairs, counts = _pairs(known)
    learned = _logistic(pairs, np.ones(len(pairs)), counts, np.array([start.sentence[name] for name in FEATURES]))
    weights = replace(start, sentence=dict(zip(FEATURES, learned.round(3).tolist(), strict=True)))
    names = list(start.sure)
    rows, answerable = _rows(known, weights, names)
    learned = _logistic(rows, answerable, np.ones(len(rows)), np.array(list(start.sure.values())))
    weights = replace(weights, sure=dict(zip(names, learned.round(3).tolist(), strict=True)))
    refused = sorted(_sure(each, weights) for each in known if not each.answerable)
    place = min(int(len(refused) * _REFUSED), len(refused) - 1)
    edge = refused[place : place + 2]
    return replace(weights, threshold=round(sum(edge) / len(edge) + 1e-4, 4)) if edge else weights


def _pairs(samples: Sequence[Sample]) -> tuple[Vectors, Vectors]:
    """A right sentence less a wrong one, for each such pair; every question counts the same."""
    pairs, counts = [], []
    for each in samples:
        right = [one.features for one, is_right in zip(each.found, each.right, strict=True) if is_right]
        wrong = [one.features for one, is_right in zip(each.found, each.right, strict=True) if not is_right]
        if not right or not wrong:
            continue
        pairs += [np.subtract(one, other) for one in right for other in wrong]
        counts += [_EACH / (len(right) * len(wrong))] * (len(right) * len(wrong))
    return np.array(pairs), np.array(counts)


def _rows(samples: Sequence[Sample], weights: Weights, names: Sequence[str]) -> tuple[Vectors, Vectors]:
    rows, answerable = [], []
    for each in samples:
        evidence = _evidence(each, weights)
        if evidence is not None:
            rows.append([evidence[name] for name in names])
            answerable.append(float(each.answerable))
    return np.array(rows), np.array(answerable)


def _evidence(each: Sample, weights: Weights) -> dict[str, float] | None:
    ranked = choose(each.found, each.walk.old, weights)
    return (
        evidence_of(each.walk.query, ranked[0], each.walk.passages, each.walk.scores, weights)
        if ranked and each.walk.query
        else None
    )


def _sure(each: Sample, weights: Weights) -> float:
    ranked = choose(each.found, each.walk.old, weights)
    return (
        sure(each.walk.query, ranked[0], each.walk.passages, each.walk.scores, weights) if ranked and each.walk.query else 0.0
    )


def _logistic(rows: Vectors, wanted: Vectors, counts: Vectors, before: Vectors) -> Vectors:
    """Weights near those ``before``, without a constant of their own (``rows`` may have one): gradient steps with momentum."""
    weights, speed = before.copy(), np.zeros(rows.shape[1])
    share = counts / counts.sum()
    for _ in range(_STEPS):
        said = 1 / (1 + np.exp(-np.clip(rows @ weights, -50, 50)))
        speed = 0.9 * speed - _RATE * (rows.T @ ((said - wanted) * share) + _PENALTY * (weights - before))
        weights = weights + speed
    return weights


def _written(weights: Weights) -> str:
    """The weights as ``words/weights.toml`` has them."""
    tables = (("sentence", weights.sentence), ("sure", weights.sure))
    head = f"threshold = {weights.threshold}\nold = {weights.old}\nmore = {weights.more}\nnear = {weights.near}\n"
    return head + "".join(
        f"\n[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in table.items()) for name, table in tables
    )
