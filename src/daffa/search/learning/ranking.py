"""Learns the network of the second look from examples. Knows no file, no index and no trait by name.

It learns to put a passage that answers before the others that were found: cross-entropy over the passages of one question
(ListNet, Cao et al. 2007, with the answers as the only right ones), by AdamW (Loshchilov & Hutter 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from ..reranking import Network
from .examples import Examples

__all__ = ["SIZES", "learn_ranking"]

SIZES: Final = (64, 32)
"""Of the hidden layers."""
_ROUNDS, _BATCH, _RATE, _DECAY, _DROPPED = 30, 256, 5e-3, 1e-2, 0.1
_MEAN, _SQUARE = 0.9, 0.999

Array = np.ndarray[Any, np.dtype[Any]]


def learn_ranking(examples: Examples, seed: int = 0) -> Network:
    """The network that puts what answers first; the same examples and ``seed`` give the same network."""
    found = examples.right.any(1)
    rows, there, right = examples.rows[found], examples.there[found], examples.right[found]
    middle, spread = rows[there].mean(0), rows[there].std(0) + 1e-3
    chance = np.random.default_rng(seed)
    layers = _begun((rows.shape[2], *SIZES, 1), chance)
    steps = _ROUNDS * -(-len(rows) // _BATCH)
    adam = _AdamW([one for layer in layers for one in layer], steps)
    for _ in range(_ROUNDS):
        order = chance.permutation(len(rows))
        for at in range(0, len(order), _BATCH):
            some = order[at : at + _BATCH]
            given = ((rows[some] - middle) / spread).astype(np.float32)
            adam.step(_gradients(layers, given, there[some], right[some], chance))
    matrix, added = layers[0]
    first = ((matrix / spread[:, None]).astype(np.float32), (added - (middle / spread) @ matrix).astype(np.float32))
    return Network((first, *((matrix.copy(), added.copy()) for matrix, added in layers[1:])))


def _begun(sizes: Sequence[int], chance: np.random.Generator) -> list[tuple[Array, Array]]:
    """Layers of chance, so wide that what goes through them keeps its size (He et al. 2015)."""
    return [
        (chance.normal(0, (2 / into) ** 0.5, (into, out)).astype(np.float32), np.zeros(out, np.float32))
        for into, out in pairwise(sizes)
    ]


def _gradients(
    layers: Sequence[tuple[Array, Array]], rows: Array, there: Array, right: Array, chance: np.random.Generator
) -> list[Array]:
    """Of the mean cross-entropy, for each matrix and what is added, in their order; inner values are dropped by chance."""
    values: list[Array] = [rows.reshape(-1, rows.shape[2])]
    kept: list[Array] = []
    for number, (matrix, added) in enumerate(layers):
        out: Array = values[-1] @ matrix + added
        if number < len(layers) - 1:
            mask = (out > 0) * (chance.random(out.shape, dtype=np.float32) >= _DROPPED) / np.float32(1 - _DROPPED)
            kept.append(mask)
            out = out * mask
        values.append(out)
    scores = values.pop().reshape(there.shape)
    slope = ((_shares(scores, there) - _shares(scores, right)) / len(rows)).reshape(-1, 1).astype(np.float32)
    found: list[Array] = []
    for number in range(len(layers) - 1, -1, -1):
        found = [values[number].T @ slope, slope.sum(0), *found]
        if number:
            slope = (slope @ layers[number][0].T) * kept[number - 1]
    return found


def _shares(scores: Array, there: Array) -> Array:
    """The softmax of each row over the places that are ``there``."""
    held = np.where(there, scores, -np.inf)
    raised: Array = np.exp(held - held.max(1, keepdims=True))
    return np.asarray(raised / raised.sum(1, keepdims=True))


class _AdamW:
    """Adam with decoupled decay; the rate rises over a third of the steps and falls to nothing, both as cosines."""

    def __init__(self, values: Sequence[Array], steps: int) -> None:
        self._values, self._steps, self._taken = values, steps, 0
        self._means = [np.zeros_like(value) for value in values]
        self._squares = [np.zeros_like(value) for value in values]

    def step(self, gradients: Iterable[Array]) -> None:
        """Change the values in place."""
        rate = self._rate(self._taken / self._steps)
        self._taken += 1
        for number, slope in enumerate(gradients):
            mean, square = self._means[number], self._squares[number]
            mean += (slope - mean) * (1 - _MEAN)
            square += (slope * slope - square) * (1 - _SQUARE)
            corrected = (mean / (1 - _MEAN**self._taken)) / (np.sqrt(square / (1 - _SQUARE**self._taken)) + 1e-8)
            self._values[number] -= rate * (corrected + _DECAY * self._values[number])

    @staticmethod
    def _rate(part: float) -> float:
        rising = 0.3
        turn = 1 - part / rising if part < rising else (part - rising) / (1 - rising)
        return float(_RATE * (0.5 + 0.5 * np.cos(np.pi * turn)))
