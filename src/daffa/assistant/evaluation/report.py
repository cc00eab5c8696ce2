"""An evaluation as a page of HTML: the scores by language, then each question with what was said. Has its own style."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from daffa import sentences

from .running import Evaluation, Row, Score

__all__ = ["html", "said_of"]

_RIGHT_TO_LEFT = ("ar", "ary")
_STEPS = ("rewrite", "route", "hit_at_1", "hit_at_12", "compose", "check")
_WORDS = (
    "title", "about", "language", "half", "tuning", "held", "both", "all", "answerable", "unanswerable", "clarified",
    "questions", "right", "wrong", "expected", "got", *_STEPS,
)  # fmt: skip


@cache
def _environment() -> Environment:
    found = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    found.filters["share"] = _share
    found.filters["direction"] = lambda tag: (
        "rtl" if tag.partition("-")[0] in _RIGHT_TO_LEFT and not tag.endswith("Latn") else "ltr"
    )
    return found


def said_of(language: str) -> dict[str, str]:
    """The words of the report, by their names in ``sentences/assistant.toml`` without ``eval_``."""
    return {word: sentences.say(f"eval_{word}", language) for word in _WORDS}


def html(evaluation: Evaluation, language: str) -> str:
    """The page, whole: one file that needs nothing else. ``language``: ``fr``, ``ar`` or ``en``."""
    template = _environment().get_template("report.html")
    return template.render(
        evaluation=evaluation,
        whole=_of(evaluation.scores, "", ""),
        scores=evaluation.scores,
        steps=_STEPS,
        languages=_by_language(evaluation.rows),
        words=said_of(language),
        language=language,
        direction="rtl" if language == "ar" else "ltr",
    )


def _of(scores: Sequence[Score], language: str, half: str) -> Score | None:
    return next((score for score in scores if (score.language, score.half) == (language, half)), None)


def _by_language(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each language, those that went wrong first."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.language, row.right, row.pack, row.id)):
        found.setdefault(row.language, []).append(row)
    return found


def _share(part: Any, whole: Any = 1) -> str:
    return "–" if part is None or not whole else f"{100 * part / whole:.0f}\u202f%"
