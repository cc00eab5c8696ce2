"""The embedded engine: a folder of tantivy shards, one a collection, behind the port ``Index``. Knows no database.

Changes wait for one another in a thread of their own; a search takes about a millisecond where it is asked. Scores are BM25
with the statistics of all collections of the scope and of none besides: each shard weighs a term as the scope does.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import heapq
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from daffa.errors import Conflict, Unavailable

from ..analyser import ANALYSER
from ..fields import FIELDS
from ..passage import Found, Hit, Passage, Query, Scope
from .analysing import rows_of
from .ranking import rarity
from .shard import Damaged, Shard, Weighted, name_of

__all__ = ["TantivyIndex"]

Result = TypeVar("Result")


class TantivyIndex:
    """An ``Index`` in a folder. What it cannot read, or another analyser made, is begun anew: ``marks`` tells."""

    def __init__(self, folder: Path, analyser: str, lock: int) -> None:
        self._folder, self._analyser, self._lock = folder, analyser, lock
        self._shards: dict[str, Shard] = {}
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="search")

    @classmethod
    async def open(cls, folder: Path, analyser: str = ANALYSER) -> TantivyIndex:
        """Open the index in ``folder``, which is made where it is absent.

        Raises ``Conflict`` where another process has it open, ``Unavailable`` where the folder cannot be used.
        """
        try:
            lock = await asyncio.to_thread(_locked, folder)
        except BlockingIOError as error:
            raise Conflict("search_index_in_use", folder=str(folder)) from error
        except OSError as error:
            raise Unavailable("search_index_unusable", folder=str(folder), reason=str(error)) from error
        index = cls(folder, analyser, lock)
        try:
            await index._in_thread(index._take_up)
        except BaseException:
            await index.close()
            raise
        return index

    async def put(self, passages: Sequence[Passage]) -> None:
        """See ``Index.put``. Many passages are analysed in processes beside this one."""
        await self._in_thread(lambda: self._put(passages))

    async def drop(self, collection: str, documents: Collection[str] | None = None) -> None:
        """See ``Index.drop``. A whole collection is a folder that goes; for a document its segments are written anew."""
        await self._in_thread(lambda: self._drop(collection, documents))

    async def search(self, query: Query, scope: Scope, k: int) -> Found:
        """See ``Index.search``. Raises ``Unavailable`` where the disk has changed under it; ``marks`` then lacks the shard."""
        shards = self._within(scope)
        terms = [(term.field, term.text, term.weight) for term in query.terms if term.field in FIELDS and term.weight > 0]
        version = self._version(shards)
        if not terms or not shards or k < 1:
            return Found((), version)
        best: list[Hit] = []
        for shard, weighted in _weighed(shards, terms):
            least = best[-1].score if len(best) == k else 0.0
            try:
                found = shard.search(weighted, scope, k, least)
            except (Damaged, ValueError, OSError) as error:
                await self._in_thread(partial(self._lose, shard))
                raise self._unusable(error) from error
            best = heapq.nsmallest(k, [*best, *found], key=_order)
        return Found(tuple(best), version)

    async def version(self, scope: Scope | None = None) -> str:
        """See ``Index.version``."""
        return self._version(list(self._shards.values()) if scope is None else self._within(scope))

    async def marks(self) -> Mapping[str, str]:
        """See ``Index.marks``."""
        return {name: shard.mark for name, shard in self._shards.items()}

    async def close(self) -> None:
        """Wait for the change that runs, and let go of the folder; closing twice is harmless."""
        await asyncio.to_thread(self._writing.shutdown)
        self._shards.clear()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        if self._lock < 0:
            raise Unavailable("search_index_unusable", folder=str(self._folder), reason="it was closed")
        try:
            # Whoever is cancelled does not stop a change half-way: it goes on, and the next waits for it.
            return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._writing, work))
        except (Damaged, OSError) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> Unavailable:
        return Unavailable("search_index_unusable", folder=str(self._folder), reason=str(error))

    def _take_up(self) -> None:
        for path in sorted(self._folder.iterdir()):
            if not path.is_dir():
                continue
            if path.suffix:  # begun, or on its way out, when a process was killed
                shutil.rmtree(path)
                continue
            try:
                shard = Shard(path)
            except Damaged:
                self._remove(path)
                continue
            if shard.analyser == self._analyser and path.name == name_of(shard.collection):
                self._shards[shard.collection] = shard
            else:
                self._remove(path)

    def _put(self, passages: Sequence[Passage]) -> None:
        ordered = sorted(passages, key=lambda passage: passage.collection)
        for collection, some in groupby(ordered, key=lambda passage: passage.collection):
            own = list(some)
            new = collection not in self._shards
            if new:
                shard = Shard.create(self._folder / name_of(collection), collection, self._analyser)
            else:
                shard = self._shards[collection]
            try:
                with contextlib.closing(rows_of(own)) as batches:
                    shard.change(batches, {passage.document for passage in own})
            except BaseException:
                if new:
                    self._remove(shard.folder)
                raise
            self._shards[collection] = shard

    def _drop(self, collection: str, documents: Collection[str] | None) -> None:
        shard = self._shards.get(collection)
        if shard is None:
            return
        if documents is None:
            del self._shards[collection]
            self._remove(shard.folder)
        else:
            shard.change((), documents)

    def _lose(self, shard: Shard) -> None:
        if self._shards.pop(shard.collection, None) is not None:
            self._remove(shard.folder)

    def _remove(self, path: Path) -> None:
        """Delete a shard's folder; what a kill leaves of it is no shard."""
        gone = path.with_name(f"{path.name}.gone")
        shutil.rmtree(gone, ignore_errors=True)
        path.rename(gone)
        shutil.rmtree(gone)

    def _within(self, scope: Scope) -> list[Shard]:
        return [self._shards[name] for name in sorted(scope.collections) if name in self._shards]

    def _version(self, shards: Sequence[Shard]) -> str:
        marks = "\n".join(sorted(f"{shard.collection} {shard.mark}" for shard in shards))
        return f"{self._analyser}-{hashlib.sha256(marks.encode()).hexdigest()[:12]}"


def _weighed(shards: Sequence[Shard], terms: Sequence[Weighted]) -> Iterator[tuple[Shard, list[Weighted]]]:
    """Each shard with the terms that it has, weighed by how rare they are in all ``shards`` together.

    Tantivy multiplies with the rarity in the shard itself: that falls out of the product.
    """
    if len(shards) == 1:
        yield shards[0], list(terms)
        return
    keys = [(field, text) for field, text, _ in terms]
    counts = [list(shard.frequencies(keys)) for shard in shards]
    together = [sum(column) for column in zip(*counts, strict=True)]
    passages = sum(shard.passages for shard in shards)
    for shard, own in zip(shards, counts, strict=True):
        weighted = [
            (field, text, weight * rarity(passages, whole) / rarity(shard.passages, count))
            for (field, text, weight), whole, count in zip(terms, together, own, strict=True)
            if count
        ]
        if weighted:
            yield shard, weighted


def _order(hit: Hit) -> tuple[float, str, str]:
    return -hit.score, hit.collection, hit.id


def _locked(folder: Path) -> int:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
