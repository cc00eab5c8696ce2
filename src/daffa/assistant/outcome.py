"""How a question ends: a status, sentences, and for each the words that support it. The contract of page, API and tools.

Written as JSON it is the extension ``daffa`` of an answer (see docs/assistant.md). Knows no step.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from daffa.errors import Conflict, DaffaError, Denied, Exhausted, Invalid, NotFound, Refused

__all__ = ["Because", "Citation", "Outcome", "Sentence", "Status", "Step", "ToolCall", "status_of"]


class Status(StrEnum):
    """How it ended."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    CLARIFICATION = "clarification"
    NOT_COVERED = "not_covered"
    REFUSED = "refused"
    ERROR_MODEL = "error_model"
    ERROR_SEARCH = "error_search"
    ERROR_TIMEOUT = "error_timeout"
    ERROR_LIMIT = "error_limit"
    ERROR_REQUEST = "error_request"
    ERROR_HOUSE = "error_house"


def status_of(error: DaffaError) -> Status:
    """How a question ended that this error ended: what was asked, what was granted, the house, or what it leans on."""
    kinds = (
        (Refused, Status.REFUSED),
        (Exhausted, Status.ERROR_LIMIT),
        ((Invalid, NotFound, Conflict, Denied), Status.ERROR_REQUEST),
    )
    known = next((status for kind, status in kinds if isinstance(error, kind)), None)
    return known or _UNAVAILABLE.get(error.code) or (Status.ERROR_MODEL if _of_a_model(error.code) else Status.ERROR_HOUSE)


_UNAVAILABLE = {
    "upstream_timeout": Status.ERROR_TIMEOUT,
    "assistant_timeout": Status.ERROR_TIMEOUT,
    "assistant_search": Status.ERROR_SEARCH,
    "search_index_unusable": Status.ERROR_SEARCH,
}


def _of_a_model(code: str) -> bool:
    return code.startswith("upstream_") or code in ("no_model_answered", "models_resting", "assistant_model")


class Because(msgspec.Struct, frozen=True):
    """Why a passage was found: ``found`` in it stands for ``asked``; ``by`` as ``daffa.search.Because``."""

    asked: str
    found: str
    by: str


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """The words that support a sentence.

    Attributes:
        id: ``c1``, ``c2``, ...: within this outcome.
        collection, document, passage: where it is kept.
        title, language, link, work, number: of the document, and the article that it is.
        text: the whole passage.
        start, end: the supporting words within ``text``, in code points.
        highlights: of ``text``: what matched the question, pairs of code points.
        because: why it was found, where the words differ from those asked.
        valid_to: the last day (ISO date) of a text that is no longer in force; else empty.
    """

    id: str
    collection: str
    document: str
    passage: str
    title: str
    language: str
    text: str
    start: int
    end: int
    highlights: list[tuple[int, int]] = []
    link: str = ""
    work: str = ""
    number: str = ""
    because: list[Because] = []
    valid_to: str = ""


class Sentence(msgspec.Struct, frozen=True):
    """A sentence that may be shown: ``verdict`` is ``verbatim``, ``supported`` (checked) or ``computed`` (by a tool)."""

    text: str
    cites: list[str]
    verdict: str


class Step(msgspec.Struct, frozen=True):
    """What a step did: ``ok``, ``skipped``, or the status with which it stopped everything; milliseconds; a note."""

    name: str
    status: str
    ms: float
    note: str = ""


class ToolCall(msgspec.Struct, frozen=True):
    """A tool of a pack that was called: its arguments and its result, as JSON."""

    pack: str
    name: str
    arguments: dict[str, Any]
    result: dict[str, Any]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a question ended.

    Attributes:
        status: see ``Status``.
        mode: ``extract``, ``model``, ``tool`` or ``canned`` (a greeting, what the assistant is).
        language: of the answer's own words, BCP 47 with script.
        question: as it was looked for.
        sentences, citations: what is shown, and what supports it.
        tool: what was computed, if anything.
        choices: of a clarification.
        message: one sentence to the asker, where there is more or less to say than ``sentences``.
        withheld: sentences of a model that were not supported, and so not shown.
        steps: in order.
        index: version of the index; empty where it was not asked.
        decisions: references of the recorded decisions, ``origin#index``, the question's own first.
        model, place: who composed it; empty for an extract.
        result: of a task (summary points, letter, translation, filled form), as its page in docs says.
    """

    status: Status
    mode: str = "extract"
    language: str = ""
    question: str = ""
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    tool: ToolCall | None = None
    choices: list[str] = []
    message: str = ""
    withheld: int = 0
    steps: list[Step] = []
    index: str = ""
    decisions: list[str] = []
    model: str = ""
    place: str = ""
    result: dict[str, Any] = {}
