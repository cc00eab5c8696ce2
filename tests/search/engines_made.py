"""Indexes of each engine to test on, passages, and queries of plain words. Knows no planner."""

from __future__ import annotations

from databases import server

from daffa.search import Because, Passage, Query, Scope, Term, tokens
from daffa.search.engines.postgres import PostgresIndex
from daffa.search.engines.tantivy import TantivyIndex

ENGINES = ("tantivy", "postgresql")


class Made:
    """Opens indexes of one engine on one place, so that a test can close and open again."""

    def __init__(self, engine, folder):
        self.engine = engine
        self.place = folder / "index" if engine == "tantivy" else server().create()

    async def open(self, **how):
        """The index in this place."""
        if self.engine == "tantivy":
            return await TantivyIndex.open(self.place, **how)
        return await PostgresIndex.open(self.place, **how)

    def end(self):
        """Give the place back."""
        if self.engine != "tantivy":
            server().sql(self.place, "DROP TABLE IF EXISTS search_shards, search_passages, search_frequencies")
            server().free(self.place)


def words(text, field="stem", weight=1.0):
    """A query of the words of ``text`` in one field."""
    terms = tuple(Term(field, one.term, weight, Because(one.term, one.term, "word")) for one in tokens(text, "fr-Latn"))
    return Query(text, "fr-Latn", terms, ())


def within(*collections, **how):
    """A scope."""
    return Scope(frozenset(collections), **how)


def passage(text, name="1", document="d", collection="c", **more):
    """A passage in French."""
    return Passage(f"{document}@{name}", collection, document, text, language="fr-Latn", **more)


async def found(index, text, *collections, k=10, **how):
    """The ids that the words of ``text`` find."""
    result = await index.search(words(text), within(*(collections or ("c",)), **how), k)
    return [hit.id for hit in result.hits]
