"""Step three: the passages that may answer, of what the asker may see. Knows no sentence of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from daffa.errors import Unavailable
from daffa.library import Held
from daffa.search import Concept, Query, Term

from ..outcome import Status
from ..ports import EmbedsQuestions, Shelves
from ..tongues import ANSWERS, spoken
from ..walk import Stop, Walk

__all__ = ["Retrieve"]

_MOST = 12
# What the turn before was about counts less than what is asked now.
_BEFORE = 0.5


class Retrieve:
    """Looks twice: in every language, and in that of the asker, so that its own version is there where there is one."""

    name = "retrieve"

    def __init__(self, shelves: Shelves, embeds: EmbedsQuestions | None = None) -> None:
        self._shelves = shelves
        self._embeds = embeds

    async def __call__(self, walk: Walk) -> Stop | None:
        """Set ``query``, ``passages``, ``scores``, ``index`` and ``old``. Raises ``NotFound`` for an unseen collection."""
        walk.query = query = await self._with_vector(walk, await asyncio.to_thread(self._query, walk))
        scope = await self._shelves.scope(walk.asked.asker.caller.organisation, walk.asked.collections)
        scope = replace(scope, day=walk.asked.day)
        own = replace(scope, languages=frozenset({ANSWERS[spoken(walk.language)]}))
        try:
            found = await self._shelves.find(query, scope, _MOST)
            theirs = await self._shelves.find(query, own, _MOST)
        except Unavailable:
            return Stop(Status.ERROR_SEARCH, "assistant_search")
        walk.index = found.version
        together = _together(found.passages, theirs.passages)
        walk.passages, walk.scores = tuple(held for held, _ in together), tuple(score for _, score in together)
        walk.old = frozenset(number for number, held in enumerate(walk.passages) if _is_old(held, walk.day))
        walk.note = str(len(walk.passages))
        if not walk.passages and walk.computed is None:
            return walk.offered_tool or Stop(Status.NOT_COVERED, "assistant_not_covered")
        return None

    async def _with_vector(self, walk: Walk, query: Query) -> Query:
        """The question with what it means to a model, where there is one that may be asked; that is a decision of its own."""
        if self._embeds is None:
            return query
        meaning = await self._embeds.questions([f"{walk.about} {walk.question}".strip()], walk.asked.asker)
        walk.decisions += meaning.decisions
        return replace(query, vector=meaning.vectors[0])

    def _query(self, walk: Walk) -> Query:
        query = walk.plans.plan(walk.question, walk.language)
        if not walk.about:
            return query
        return _merged(query, walk.plans.plan(walk.about, walk.language))


def _together(found: Iterable[tuple[Held, float]], theirs: Iterable[tuple[Held, float]]) -> list[tuple[Held, float]]:
    """Both lists, the better scores first, each passage once."""
    scores: dict[tuple[str, str], tuple[Held, float]] = {}
    for held, score in (*found, *theirs):
        scores.setdefault((held.collection, held.id), (held, score))
    return sorted(scores.values(), key=lambda row: -row[1])


def _is_old(held: Held, day: int) -> bool:
    return bool(held.valid_to and held.valid_to < day) or held.valid_from > day


def _merged(query: Query, before: Query) -> Query:
    """A question with what the turn before it asked for, which counts less."""
    known = frozenset[str]().union(*(concept.stems for concept in query.concepts))
    concepts = [Concept(each.asked, each.stems, each.weight * _BEFORE) for each in before.concepts if not each.stems & known]
    asked = {(term.field, term.text) for term in query.terms}
    terms = [
        Term(term.field, term.text, term.weight * _BEFORE, term.because)
        for term in before.terms
        if (term.field, term.text) not in asked
    ]
    return replace(query, terms=(*query.terms, *terms), concepts=(*query.concepts, *concepts))
