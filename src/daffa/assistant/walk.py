"""A question on its way through the steps: what each has found so far. Knows no step; nothing here is shown by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from daffa.library import Held
from daffa.packs import Result
from daffa.search import Query

from .asked import Asked
from .drafts import Arriving, Draft
from .outcome import Status
from .planning import Plans

__all__ = ["Computed", "Draft", "Stop", "Walk"]


@dataclass(frozen=True, slots=True)
class Stop:
    """A step ends the walk: ``code`` and ``facts`` make the sentence for the asker; ``choices`` belong to a clarification."""

    status: Status
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    mode: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Computed:
    """A tool that was called: its pack, name, title for the asker, arguments and result."""

    pack: str
    name: str
    title: str
    arguments: Mapping[str, Any]
    result: Result


@dataclass(slots=True)
class Walk:
    """What is known of a question at each moment.

    Attributes:
        asked: as it came.
        day: that it is about, days since 1970-01-01; today where it names none.
        plans: reads text in the words of what the asker may see.
        question, language: as the rewriting step leaves them; ``about`` is the turn before, where the question goes on with it.
        computed: what a tool said; ``offered_tool`` what one would have to be told first; ``unused`` what the question counts
            and no argument of the tool took, in its own words.
        query: the question as the index is asked it.
        passages, scores, index: what was retrieved, the best first, what the index says of each, and the index's version.
        old: numbers of passages that are not in force on ``day``.
        mode, drafts: what the composing step made, and how; of a model's answer that still comes, what came so far.
        arriving: a model's answer that still comes.
        offered: numbers of the passages that a model was shown; a sentence may cite no other.
        links: link tokens and the addresses that they stand for.
        partial: whether something of the question stays open, as the model says.
        decisions, model, place: of models that were asked.
        note: of the step that runs, for its record.
        code: a sentence beside the answer; empty: none.
    """

    asked: Asked
    day: int
    plans: Plans
    question: str = ""
    language: str = ""
    about: str = ""
    computed: Computed | None = None
    offered_tool: Stop | None = None
    unused: tuple[str, ...] = ()
    query: Query | None = None
    passages: tuple[Held, ...] = ()
    scores: tuple[float, ...] = ()
    index: str = ""
    old: frozenset[int] = frozenset()
    mode: str = "extract"
    drafts: tuple[Draft, ...] = ()
    arriving: Arriving | None = None
    offered: frozenset[int] = frozenset()
    links: dict[str, str] = field(default_factory=dict)
    partial: bool = False
    decisions: list[str] = field(default_factory=list)
    model: str = ""
    place: str = ""
    note: str = ""
    code: str = ""
