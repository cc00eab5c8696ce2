"""Ask every question and hold what comes back against what was expected. Knows the steps; changes nothing.

An answer is right where the words that a citation points to (not merely its passage) have one of the expected spans, or
where the tool that was called gave the expected value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import msgspec

from daffa.gateway import Asker

from ..answering import Assistant
from ..outcome import Outcome, Status
from ..walk import Walk
from .questions import Asking, asked_of

__all__ = ["Evaluation", "Row", "Score", "evaluate", "is_right"]

_ANSWERS = (Status.ANSWERED, Status.PARTIAL)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A question and what became of it.

    Attributes:
        right: as a whole. The steps alone, ``None`` where a step has nothing to show on this question:
        rewrite: the language was identified (Darija and Standard Arabic in one script count as one).
        route: the tool was called with the expected value, or none where none is expected.
        retrieve: place (from 1) of the first passage with an expected span, 0 where there is none.
        compose: a draft has an expected span, where a passage had it.
        check: share of the drafts that were let through.
        ms: of all steps.
    """

    pack: str
    id: str
    language: str
    half: str
    question: str
    expected: str
    got: str
    right: bool
    said: list[str]
    rewrite: bool
    route: bool
    retrieve: int | None
    compose: bool | None
    check: float | None
    ms: float


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Of some questions: how many, how many right; the steps alone as shares."""

    language: str
    half: str
    answerable: int
    answered_right: int
    unanswerable: int
    not_covered_right: int
    clarifications: int
    clarified_right: int
    rewrite: float | None
    route: float | None
    hit_at_1: float | None
    hit_at_12: float | None
    compose: float | None
    check: float | None


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """All rows, the scores by language and half, and those of everything together (language and half empty)."""

    packs: list[str]
    model: str
    index: str
    scores: list[Score]
    rows: list[Row]


async def evaluate(
    assistant: Assistant,
    questions: Iterable[Asking],
    asker: Asker,
    *,
    model: str = "",
    collections: Callable[[Asking], Sequence[str]] = lambda _: (),
) -> Evaluation:
    """Ask all of them, one after the other. ``collections``: where each is looked for; everywhere where it says nothing."""
    rows, index, packs = [], "", dict[str, None]()
    for asking in questions:
        walk, outcome = await assistant.trace(asked_of(asking, asker, collections(asking)))
        index = outcome.index or index
        packs[asking.pack] = None
        rows.append(_row(asking, walk, outcome))
    return Evaluation(packs=list(packs), model=model, index=index, scores=_scores(rows), rows=rows)


def _row(asking: Asking, walk: Walk, outcome: Outcome) -> Row:
    question = asking.question
    spans = question.spans
    place = next((number for number, held in enumerate(walk.passages, 1) if _has(held.text, spans)), 0)
    drafted = any(_has(draft.text, spans) for draft in walk.drafts if draft.places)
    extracted = bool(spans) and walk.mode == "extract" and bool(place)
    return Row(
        pack=asking.pack,
        id=question.id,
        language=question.language,
        half=asking.half,
        question=question.question,
        expected=question.status,
        got=outcome.status,
        right=is_right(asking, outcome),
        said=[sentence.text for sentence in outcome.sentences] or [outcome.message],
        rewrite=_script_and_kin(walk.language) == _script_and_kin(question.language),
        route=_computed(asking, outcome) if question.tool else outcome.tool is None,
        retrieve=place if spans and walk.query is not None else None,
        compose=drafted if extracted else None,
        check=len(outcome.sentences) / max(len(outcome.sentences) + outcome.withheld, 1) if walk.drafts else None,
        ms=round(sum(step.ms for step in outcome.steps), 3),
    )


def _script_and_kin(tag: str) -> str:
    return "ar-Arab" if tag == "ary-Arab" else tag


def _has(text: str, spans: Sequence[str]) -> bool:
    return any(span in text for span in spans)


def is_right(asking: Asking, outcome: Outcome) -> bool:
    """Whether a question ended as its pack expects: the status, and the value of a tool or the very words that are cited."""
    question = asking.question
    if question.status != "answered":
        return outcome.status == question.status
    if outcome.status not in _ANSWERS:
        return False
    if question.tool:
        return _computed(asking, outcome)
    return any(_has(citation.text[citation.start : citation.end], question.spans) for citation in outcome.citations)


def _computed(asking: Asking, outcome: Outcome) -> bool:
    expected, called = asking.question.tool, outcome.tool
    if expected is None or called is None or called.name != expected.name or called.pack != asking.pack:
        return False
    value: object = called.result.get("value")
    if isinstance(expected.value, (int, float)) and isinstance(value, (int, float)):
        return math.isclose(value, expected.value, rel_tol=1e-9, abs_tol=expected.tolerance)
    return bool(value == expected.value)


def _scores(rows: Sequence[Row]) -> list[Score]:
    languages = sorted({row.language for row in rows})
    groups = [(language, half) for language in [*languages, ""] for half in ("tuning", "held", "")]
    return [_score(language, half, found) for language, half in groups if (found := _of(rows, language, half))]


def _of(rows: Sequence[Row], language: str, half: str) -> list[Row]:
    return [row for row in rows if language in ("", row.language) and half in ("", row.half)]


def _score(language: str, half: str, rows: Sequence[Row]) -> Score:
    by_status = {
        status: [row for row in rows if row.expected == status] for status in ("answered", "not_covered", "clarification")
    }
    places = [row.retrieve for row in rows if row.retrieve is not None]
    return Score(
        language=language,
        half=half,
        answerable=len(by_status["answered"]),
        answered_right=sum(row.right for row in by_status["answered"]),
        unanswerable=len(by_status["not_covered"]),
        not_covered_right=sum(row.right for row in by_status["not_covered"]),
        clarifications=len(by_status["clarification"]),
        clarified_right=sum(row.right for row in by_status["clarification"]),
        rewrite=_mean([row.rewrite for row in rows]),
        route=_mean([row.route for row in rows if row.expected == "answered"]),
        hit_at_1=_mean([place == 1 for place in places]),
        hit_at_12=_mean([place > 0 for place in places]),
        compose=_mean([row.compose for row in rows if row.compose is not None]),
        check=_mean([row.check for row in rows if row.check is not None]),
    )


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
