"""Questions with what is found for them, as the second look sees it: what it is learned from. Knows no network.

Every question is searched as the library does, through a real engine over all articles.
"""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ..across import SEEN, search_across
from ..glossary import everyday
from ..passage import Hit, Index, Passage, Query, Scope
from ..planner import Planner
from ..reranking import Network, Reranker
from ..tables import shipped
from ..traits import TRAITS, traits
from .asked import COLLECTION, Asked

__all__ = ["MOST", "Examples", "OpensIndex", "examples"]

MOST: Final = 2 * SEEN
"""Passages of a question that are weighed, where only a few are asked for."""
_FIRST: Final = 10

Array = np.ndarray[Any, np.dtype[Any]]
OpensIndex = Callable[[Path], Awaitable[Index]]
"""Opens an empty index in a folder."""


@dataclass
class Examples:
    """Questions with what was found for them.

    Attributes:
        rows: questions by ``MOST`` passages by traits, zeros behind the last passage.
        there, right: which places hold a passage, and which one that answers.
        tongues, held_out: of each question.
    """

    rows: Array
    there: Array
    right: Array
    tongues: list[str]
    held_out: Array

    def of(self, wanted: Array) -> Examples:
        """Those ``wanted`` (a mask)."""
        tongues = [self.tongues[number] for number in np.flatnonzero(wanted)]
        return Examples(self.rows[wanted], self.there[wanted], self.right[wanted], tongues, self.held_out[wanted])

    def found(self, scores: Array) -> dict[str, float]:
        """Share of the questions whose answer is among the first ``_FIRST`` by ``scores``, by tongue."""
        order = np.argsort(-np.where(self.there, scores, -np.inf), axis=1, kind="stable")[:, :_FIRST]
        hit = np.asarray(np.take_along_axis(self.right, order, 1).any(1))
        tongues = np.array(self.tongues)
        return {tongue: float(hit[tongues == tongue].mean()) for tongue in dict.fromkeys(self.tongues)}


class _Recorder(Reranker):
    """Stands where the second look would, and keeps what it would see."""

    def __init__(self) -> None:
        super().__init__(Network(()))
        self.seen: list[tuple[Query, list[Hit]]] = []

    def order(self, query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        self.seen.append((query, list(hits)))
        return tuple(hits)


async def examples(open_index: OpensIndex, passages: Sequence[Passage], questions: Sequence[Asked]) -> Examples:
    """What is found among ``passages`` of the collection ``COLLECTION`` for each question."""
    planner, recorder, scope, rarity = Planner(everyday()), _Recorder(), Scope(frozenset({COLLECTION})), shipped().rarity
    shape = (len(questions), MOST)
    rows, there, right = np.zeros((*shape, len(TRAITS)), np.float32), np.zeros(shape, bool), np.zeros(shape, bool)
    with tempfile.TemporaryDirectory() as folder:
        index = await open_index(Path(folder))
        await index.put(passages)
        for number, question in enumerate(questions):
            recorder.seen.clear()
            await search_across(index, planner.plan(question.text), scope, 1, recorder)
            for query, hits in recorder.seen:
                count = min(len(hits), MOST)
                rows[number, :count] = traits(query, hits, rarity)[:count]
                there[number, :count] = True
                right[number, :count] = [hit.id in question.answers for hit in hits[:count]]
        await index.close()
    return Examples(rows, there, right, [one.tongue for one in questions], np.array([one.held_out for one in questions]))
