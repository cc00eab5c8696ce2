"""The version of a passage in the asker's language, where there is one. Knows the library by its port."""

from __future__ import annotations

from daffa.errors import NotFound

from .ports import Shelves
from .tongues import reads, spoken
from .versions import same_sentences, sibling
from .walk import Walk

__all__ = ["own_version"]


async def own_version(shelves: Shelves, walk: Walk, number: int) -> int:
    """The number of the version of a passage that the asker reads; its own where there is none. It is added to the walk."""
    held = walk.passages[number]
    name = sibling(held, spoken(walk.language))
    if reads(walk.language, held.language) or name is None or number in walk.old:
        return number
    known = next(
        (place for place, each in enumerate(walk.passages) if (each.collection, each.id) == (held.collection, name)), None
    )
    if known is not None:
        return known if same_sentences(held, walk.passages[known]) else number
    try:
        own = await shelves.passage(walk.asked.asker.caller.organisation, held.collection, name)
    except NotFound:
        return number
    if not same_sentences(held, own):
        return number
    walk.passages, walk.scores = (*walk.passages, own), (*walk.scores, walk.scores[number])
    return len(walk.passages) - 1
