"""Libraries on each kind of database with the index that goes with it, documents, and plain questions. Knows no web."""

from __future__ import annotations

import contextlib
import shutil

from databases import server

from daffa.decision import Label
from daffa.documents import Document, Section
from daffa.library import Library, NewDocument
from daffa.search import Because, Query, Term, tokens
from daffa.search.engines.postgres import PostgresIndex
from daffa.search.engines.tantivy import TantivyIndex
from daffa.storage import Database

KINDS = ("sqlite", "postgresql")
INTERNAL, RESTRICTED = Label.parse("level=internal"), Label.parse("level=restricted; categories=health")


class Place:
    """A database and the index beside it: opened, closed and opened again."""

    def __init__(self, kind, folder):
        self.kind, self.folder = kind, folder
        self.url = str(folder / "house.db") if kind == "sqlite" else server().create()
        self.now = 1_700_000_000.0

    @contextlib.asynccontextmanager
    async def open(self, wrap=lambda index: index, *, settle=True):
        """The library in this place; ``wrap`` stands between it and its index."""
        database = await Database.open(self.url)
        index = await (TantivyIndex.open(self.folder / "index") if self.kind == "sqlite" else PostgresIndex.open(self.url))
        library = await Library.open(database, wrap(index), lambda: self.now)
        try:
            if settle:
                await library.settled()
            yield library
        finally:
            await library.close()
            await index.close()
            await database.close()

    def lose_index(self):
        """As if somebody had deleted what the index keeps."""
        if self.kind == "sqlite":
            shutil.rmtree(self.folder / "index")
        else:
            server().sql(self.url, "DROP TABLE search_shards, search_passages, search_frequencies")

    def end(self):
        """Give the place back."""
        if self.kind == "postgresql":
            server().sql(self.url, "DROP TABLE IF EXISTS search_shards, search_passages, search_frequencies")
            server().free(self.url)


def document(name, text, *, title="", number="", **more):
    """A document in French of one section."""
    read = Document(name, title or name, text, "fr-Latn", (Section("", 1, 0, len(text), number),), "text")
    return NewDocument(name, read, **more)


def ask(text):
    """A query of the words of ``text``."""
    terms = tuple(Term("stem", one.term, 1.0, Because(one.term, one.term, "word")) for one in tokens(text, "fr-Latn"))
    return Query(text, "fr-Latn", terms, ())


async def found(library, organisation, text, *wanted, k=20):
    """The documents (collection, id) that the words of ``text`` find, the best first."""
    results = await library.find(ask(text), await library.scope(organisation, wanted), k)
    return [(held.collection, held.document) for held, _ in results.passages]
