"""One search in two languages: passages of the language of a question do not crowd out those of the other. Knows no library.

A question has its own words in its own language, and in the other what the planner knows of them; so passages of its own
language score higher whether or not they answer. Every second place goes to the best of the other language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from .passage import Found, Hit, Index, Query, Scope

__all__ = ["search_across"]

_OTHER = {"fr-Latn": "ar-Arab", "ar-Arab": "fr-Latn", "ary-Arab": "fr-Latn"}
"""Language of a question -> the other one; Darija in Latin letters has its words in neither, and needs none."""


async def search_across(index: Index, query: Query, scope: Scope, k: int) -> Found:
    """The best ``k`` passages within ``scope``, those of the other language in turn with all of them.

    Scores are those of one query and need not fall from hit to hit. One search where ``scope`` says which languages, or
    where fewer than ``k`` fit; else two. Raises what ``Index.search`` raises.
    """
    found = await index.search(query, scope, k)
    other = _OTHER.get(query.language)
    if not other or scope.languages or len(found.hits) < k:
        return found
    theirs = await index.search(query, replace(scope, languages=frozenset({other})), k)
    return Found(tuple(_in_turn(found.hits, theirs.hits))[:k], found.version)


def _in_turn(first: Sequence[Hit], second: Iterable[Hit]) -> Iterator[Hit]:
    """One of each after the other, each hit once: a hit that was had already takes no turn."""
    had: set[tuple[str, str]] = set()
    both = (iter(first), iter(second))
    for order in both * len(first):
        hit = next((hit for hit in order if (hit.collection, hit.id) not in had), None)
        if hit is not None:
            had.add((hit.collection, hit.id))
            yield hit
