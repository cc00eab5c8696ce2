"""Vectors beside an index that has none: a folder of them, fused with its order by rank. Knows no engine but through the port.

Nothing has to be in step: a passage without a vector is found by its words, a vector is taken out before the passage is,
and whoever feeds asks what lacks one.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from daffa.errors import Unavailable

from ..passage import Found, Index, Passage, Query, Scope, Vector
from .ranking import NEAR, dealt
from .vector_folder import VectorFolder

__all__ = ["FusedIndex"]

Result = TypeVar("Result")


class FusedIndex:
    """A ``VectorIndex``: finds by words as the index beneath does, and by meaning where a question has a vector."""

    def __init__(self, index: Index, folder: Path, vectors: VectorFolder) -> None:
        self._index, self._folder, self._vectors = index, folder, vectors

    @classmethod
    async def open(cls, index: Index, folder: Path, model: str) -> FusedIndex:
        """Vectors of ``folder`` beside ``index``; those of another model, and files that cannot be read, are deleted.

        Raises ``Unavailable`` where the folder cannot be used. Nobody else has it open: ``index`` sees to that.
        """
        return cls(index, folder, await _in_thread(folder, lambda: VectorFolder(folder, model)))

    async def put(self, passages: Sequence[Passage]) -> None:
        """See ``Index.put``. A vector that stands for the same text stays."""
        for collection in sorted({passage.collection for passage in passages}):
            own = [passage for passage in passages if passage.collection == collection]
            await self._do(partial(self._vectors.replace, collection, own))
        await self._index.put(passages)

    async def drop(self, collection: str, documents: Collection[str] | None = None) -> None:
        """See ``Index.drop``."""
        await self._do(lambda: self._vectors.drop(collection, documents))
        await self._index.drop(collection, documents)

    async def lacking(self, collection: str, revisions: Mapping[str, str], length: int) -> list[str]:
        """See ``VectorIndex.lacking``."""
        return await self._do(lambda: self._vectors.lacking(collection, revisions, length))

    async def keep(self, collection: str, vectors: Sequence[Vector]) -> None:
        """See ``VectorIndex.keep``. That the passages are there is for the caller to know, who makes all changes in turn."""
        await self._do(lambda: self._vectors.keep(collection, vectors))

    async def search(self, query: Query, scope: Scope, k: int) -> Found:
        """See ``Index.search``; with a vector scores are dealt out (``dealt``)."""
        if not query.vector or k < 1:
            found = await self._index.search(query, scope, k)
            return Found(found.hits, await self._named(found.version, scope))
        found = await self._index.search(query, scope, max(k, NEAR))
        try:
            near = await self._do(lambda: self._vectors.near(query.vector, scope, NEAR))
        except Unavailable:  # a disk that fails: there are words still
            near = []
        return Found(dealt(found.hits, near, k), await self._named(found.version, scope))

    async def version(self, scope: Scope | None = None) -> str:
        """See ``Index.version``."""
        return await self._named(await self._index.version(scope), scope)

    async def marks(self) -> Mapping[str, str]:
        """See ``Index.marks``; without a mark those that have vectors alone."""
        without = dict.fromkeys(await self._do(self._vectors.collections), "")
        return {**without, **await self._index.marks()}

    async def close(self) -> None:
        """Close both."""
        await self._index.close()
        await asyncio.to_thread(self._vectors.close)

    async def _named(self, version: str, scope: Scope | None) -> str:
        named = await self._do(lambda: self._vectors.version(None if scope is None else scope.collections))
        return f"{version}+{named}"

    async def _do(self, work: Callable[[], Result]) -> Result:
        return await _in_thread(self._folder, work)


async def _in_thread(folder: Path, work: Callable[[], Result]) -> Result:
    try:
        return await asyncio.shield(asyncio.to_thread(work))
    except (sqlite3.Error, OSError) as error:
        raise Unavailable("search_index_unusable", folder=str(folder), reason=str(error)) from error
