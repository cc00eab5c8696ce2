"""A model from lines: the training set is made, each script is trained, the weights become bytes, confidence is fitted.

Knows no file. Training needs scikit-learn (extra ``train``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...identification import OTHER_LANGUAGE, SCRIPTS, Model, Part
from .calibrate import warmths
from .lines import Line
from .recipe import Example, examples
from .train import fit

__all__ = ["LANGUAGES", "build"]

LANGUAGES: Final = {
    "Latn": ("ary-Latn", "fr-Latn", "en-Latn", "es-Latn", "zgh-Latn", "kab-Latn"),
    "Arab": ("ary-Arab", "ar-Arab"),
    "Tfng": ("zgh-Tfng",),
}
"""What each script's model tells apart, beside ``other``."""

_RARITY: Final = {"Latn": 0.5, "Arab": 1.0, "Tfng": 0.0}


def build(lines: Sequence[Line], fitted: Sequence[Line], about: dict[str, Any], *, seed: int = 1, scale: float = 1.0) -> Model:
    """Train on ``lines``. The same lines and seed give the same bytes.

    Args:
        lines: what is learned from.
        fitted: what confidence is fitted on.
        about: what the header of the file shall say besides.
        seed: of every draw.
        scale: share of the random draws that is made; below 1 for a quick, worse model.
    """
    model = _model(examples(lines, seed, scale), about | {"seed": seed}, seed)
    parts = [replace(part, warmth=warmth) for part, warmth in zip(model.parts, warmths(model, fitted, seed), strict=True)]
    return Model(tuple(parts), model.about)


def _model(made: dict[str, list[Example]], about: dict[str, Any], seed: int) -> Model:
    parts = []
    for number, script in enumerate(SCRIPTS):
        languages = LANGUAGES[script]
        weights = fit(number, made[script], (*languages, OTHER_LANGUAGE), _RARITY[script], seed)
        small, scale = _as_bytes(weights)
        parts.append(Part(languages, small, scale, (1.0, 0.0)))
    return Model(tuple(parts), about)


def _as_bytes(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], float]:
    """Weights as signed bytes and the score of one unit; the largest weight is 127: the tails are the function words."""
    scale = float(np.abs(weights).max()) / 127 or 1.0
    return np.rint(weights / scale).astype(np.int8), scale
