"""One search in two languages: passages of the language of a question do not crowd out those of the other. Knows no library.

A question has its own words in its own language, and in the other what the planner knows of them; so passages of its own
language score higher whether or not they answer. Who takes a second look weighs both together; without, every second place
goes to the best of the other language.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from .passage import Found, Hit, Index, Query, Scope
from .reranking import Reranker

__all__ = ["SEEN", "search_across"]

_OTHER = {"fr-Latn": "ar-Arab", "ar-Arab": "fr-Latn", "ary-Arab": "fr-Latn"}
"""Language of a question -> the other one; Darija in Latin letters has its words in neither, and needs none."""
SEEN: Final = 30
"""So many of each of two searches are weighed again; of one search twice as many."""


async def search_across(index: Index, query: Query, scope: Scope, k: int, reranker: Reranker | None = None) -> Found:
    """The best ``k`` passages within ``scope``, of all languages.

    There is one search where ``scope`` says which languages, where the question has its words in no language of the passages,
    or where fewer fit than were asked for; else there are two. A ``reranker`` that takes the question weighs what they found
    together; without one, passages of the other language take turns with all of them. Each keeps its score: they need not fall
    from hit to hit. Raises what ``Index.search`` raises.
    """
    again = reranker if reranker is not None and reranker.takes(query) and k > 0 else None
    other = _OTHER.get(query.language) if not scope.languages else None
    most = max(k, SEEN if other else 2 * SEEN) if again else k
    found = await index.search(query, scope, most)
    theirs: Sequence[Hit] = ()
    if other and len(found.hits) == most:
        theirs = (await index.search(query, replace(scope, languages=frozenset({other})), most)).hits
    if again:
        both = {(hit.collection, hit.id): hit for hit in (*found.hits, *theirs)}
        # Beside the event loop: of some hundred passages, or of long ones, it takes a tenth of a second.
        ordered = await asyncio.to_thread(again.order, query, list(both.values()))
        return Found(ordered[:k], found.version)
    return Found(tuple(_in_turn(found.hits, theirs))[:k], found.version) if theirs else found


def _in_turn(first: Sequence[Hit], second: Iterable[Hit]) -> Iterator[Hit]:
    """One of each after the other, each hit once: a hit that was had already takes no turn."""
    had: set[tuple[str, str]] = set()
    both = (iter(first), iter(second))
    for order in both * len(first):
        hit = next((hit for hit in order if (hit.collection, hit.id) not in had), None)
        if hit is not None:
            had.add((hit.collection, hit.id))
            yield hit
