"""Weights from examples, by scikit-learn (extra ``train``). Knows neither licence nor file.

One linear model a script: averaged stochastic gradient descent on the logistic loss, one class against the rest, on counts
of hashed n-grams divided by the square root of their number; no intercept, so that a text is the sum of its words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from sklearn.linear_model import SGDClassifier  # type: ignore[import-untyped]

from ...identification import BUCKET_BITS, ngrams, units_of
from .recipe import Example

__all__ = ["fit"]

_BATCH = 5000


def fit(script: int, examples: Sequence[Example], languages: Sequence[str], power: float, seed: int) -> NDArray[np.float32]:
    """Weights of each language against the last one, which is the reference: shape ``(buckets, languages - 1)``.

    Args:
        script: number of the script.
        examples: texts and their classes.
        languages: the classes; the last one is the reference.
        power: classes weigh by their rarity to this power; 1 is balanced, 0 as they come.
        seed: of the order in which the examples are seen.
    """
    features = _features([text for text, _ in examples], script)
    taught = np.array([languages.index(language) for _, language in examples])
    trainer = SGDClassifier(
        loss="log_loss", alpha=1e-6, fit_intercept=False, average=True, max_iter=6, tol=None, random_state=seed,
        class_weight=_rarity(taught.tolist(), power),
    )  # fmt: skip
    trainer.fit(features, taught)
    weights = trainer.coef_.T.astype(np.float32)
    # With two classes there is one column, for the second against the first.
    weights = -weights if len(languages) == 2 else weights[:, :-1] - weights[:, -1:]
    weights[0] = 0  # the bucket of what is no n-gram
    return np.asarray(weights, np.float32)


def _rarity(taught: list[int], power: float) -> dict[int, float]:
    counts = Counter(taught)
    mean = len(taught) / len(counts)
    return {language: (mean / count) ** power for language, count in counts.items()}


def _features(texts: Sequence[str], script: int) -> csr_matrix:
    values, columns, lengths = [], [], []
    for first in range(0, len(texts), _BATCH):
        buckets, _, starts = ngrams(units_of(texts[first : first + _BATCH])[0], script)
        present = buckets.T != 0
        columns.append(buckets.T[present])
        counts = np.add.reduceat(present.sum(axis=1), starts)
        values.append(np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts))
        lengths.append(counts)
    ends = np.concatenate(([0], np.cumsum(np.concatenate(lengths))))
    matrix = csr_matrix((np.concatenate(values), np.concatenate(columns), ends), shape=(len(texts), 1 << BUCKET_BITS))
    matrix.sum_duplicates()
    return matrix
