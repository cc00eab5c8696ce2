"""How good a model is on lines that it has not learned from: by class, by length, by source, and how true its confidence is.

Amazigh in Latin letters is one class here, whatever the code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from ...identification import Identified, Identifier, Model, unpacked
from ..papers import loaded
from .calibrate import expected_error
from .lines import Line
from .packing import FILE

__all__ = ["CLASSES", "OTHER", "class_of", "f1", "figures", "figures_of", "figures_of_classes", "load", "macro"]

AMAZIGH: Final = "amazigh-Latn"
OTHER: Final = "other"
CLASSES: Final = ("ary-Arab", "ary-Latn", "ar-Arab", "fr-Latn", "en-Latn", "es-Latn", "zgh-Tfng", AMAZIGH)
LENGTHS: Final = (("< 40", 0, 40), ("40-119", 40, 120), ("120+", 120, 1 << 30))

_FEW: Final = 20
"""A class with fewer lines than this has no say in a mean by length."""

Pair = tuple[str, str]
"""What a line is, what was answered."""


def load(folder: Path) -> Model:
    """The model in ``folder``. Raises ``Invalid("invalid_field")`` where there is none, or something else."""
    return loaded(folder / FILE, lambda path: unpacked(path.read_bytes()))


def class_of(language: str) -> str:
    """The class of a tag: one of ``CLASSES``, ``other`` or ``und``."""
    if language in {"zgh-Latn", "kab-Latn"}:
        return AMAZIGH
    return OTHER if language.startswith(("oth-", "taq-")) else language


def f1(pairs: Sequence[Pair], classes: Sequence[str] = CLASSES) -> dict[str, dict[str, float]]:
    """Of each class: ``precision``, ``recall``, ``f1`` and the number of ``lines``."""
    right = Counter(truth for truth, said in pairs if truth == said)
    lines, answers = Counter(truth for truth, _ in pairs), Counter(said for _, said in pairs)
    return {
        name: {
            "precision": _share(right[name], answers[name]),
            "recall": _share(right[name], lines[name]),
            "f1": _share(2 * right[name], answers[name] + lines[name]),
            "lines": lines[name],
        }
        for name in classes
    }


def macro(scores: dict[str, dict[str, float]]) -> float:
    """The mean F1 of the classes."""
    return round(sum(score["f1"] for score in scores.values()) / len(scores), 4) if scores else 0.0


def figures_of(model: Model, lines: Sequence[Line]) -> dict[str, Any]:
    """All figures of one model."""
    return figures(lines, Identifier(model).many([line.text for line in lines]))


def figures_of_classes(lines: Sequence[Line], said: Sequence[str]) -> dict[str, Any]:
    """The figures of one who says classes and no confidence."""
    pairs = [(class_of(line.language), name) for line, name in zip(lines, said, strict=True)]
    by_class = f1([pair for pair in pairs if pair[0] != OTHER])
    return {"macro_f1": macro(by_class), "macro_f1_with_other": macro(f1(pairs)), "classes": by_class}


def figures(lines: Sequence[Line], answers: Sequence[Identified]) -> dict[str, Any]:
    """All figures of one run, ready for JSON."""
    pairs = [(class_of(line.language), class_of(answer.language)) for line, answer in zip(lines, answers, strict=True)]
    eight = [pair for pair in pairs if pair[0] != OTHER]
    by_class = f1(eight)
    return {
        "lines": len(pairs),
        "macro_f1": macro(by_class),
        "macro_f1_with_other": macro(f1(pairs)),
        "classes": by_class,
        "classes_with_other": f1(pairs, (*CLASSES, OTHER)),
        "lengths": {name: _of_length(lines, pairs, low, high) for name, low, high in LENGTHS},
        "sources": _by_source(lines, pairs),
        "calibration": _calibration(pairs, answers),
    }


def _of_length(lines: Sequence[Line], pairs: Sequence[Pair], low: int, high: int) -> dict[str, Any]:
    chosen = [pair for line, pair in zip(lines, pairs, strict=True) if low <= len(line.text) < high and pair[0] != OTHER]
    counts = Counter(truth for truth, _ in chosen)
    scores = f1(chosen, [name for name in CLASSES if counts[name] >= _FEW])
    return {"lines": len(chosen), "macro_f1": macro(scores), "classes": {name: score["f1"] for name, score in scores.items()}}


def _by_source(lines: Sequence[Line], pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    rows: dict[tuple[str, str, str], list[Pair]] = {}
    for line, pair in zip(lines, pairs, strict=True):
        rows.setdefault((line.language, line.source, line.licence), []).append(pair)
    return [
        {
            "language": language,
            "source": source,
            "licence": licence,
            "lines": len(row),
            "right": _share(sum(truth == said for truth, said in row), len(row)),
            "taken_for": dict(Counter(said for truth, said in row if truth != said).most_common(4)),
        }
        for (language, source, licence), row in sorted(rows.items())
    ]


def _calibration(pairs: Sequence[Pair], answers: Sequence[Identified]) -> dict[str, dict[str, float]]:
    """By script of the line: expected error; how often the truth is plausible; how many are plausible on average."""
    right = np.array([truth == said for truth, said in pairs])
    plausible = np.array([truth in map(class_of, answer.plausible) for (truth, _), answer in zip(pairs, answers, strict=True)])
    sizes = np.array([len({class_of(name) for name in answer.plausible}) for answer in answers])
    confidence = np.array([answer.confidence for answer in answers])
    scripts = {
        "all": np.array([truth != OTHER for truth, _ in pairs]),
        "Arab": np.array([truth in {"ary-Arab", "ar-Arab"} for truth, _ in pairs]),
        "Latn": np.array([truth.endswith("-Latn") for truth, _ in pairs]),
    }
    return {
        name: {
            "expected_calibration_error": round(expected_error(confidence[chosen], right[chosen]), 4),
            "truth_is_plausible": round(float(plausible[chosen].mean()), 4),
            "plausible_on_average": round(float(sizes[chosen].mean()), 3),
        }
        for name, chosen in scripts.items()
        if chosen.any()
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
