"""Vectors beside an index that has none: exact, in memory and in a file a collection, fused with its order by rank.

Knows no engine but through the port. The file of a collection says which mark of the index it goes with: where the two
differ, such as after a kill between them, ``marks`` leaves the collection out, so that it is fed again.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..passage import Found, Hit, Index, Passage, Query, Scope
from .embedding import Embedder
from .ranking import fused
from .shard import name_of

__all__ = ["FusedIndex"]

_NEAR = 100
_FOREVER = 2**40

Matrix = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class _Held:
    """A collection's vectors: ``rows`` are document, id, language, first and last day; ``matrix`` one unit vector a row."""

    collection: str
    model: str
    mark: str
    rows: list[tuple[str, str, str, int, int]]
    matrix: Matrix

    def without(self, documents: Collection[str]) -> _Held:
        """What is left when documents go."""
        kept = [number for number, row in enumerate(self.rows) if row[0] not in documents]
        return _Held(self.collection, self.model, self.mark, [self.rows[number] for number in kept], self.matrix[kept])

    def near(self, vector: Matrix, scope: Scope) -> list[Hit]:
        """The nearest within ``scope``, the best first."""
        if self.matrix.shape[1:] != vector.shape:
            return []
        scores = self.matrix @ vector
        best = np.argsort(-scores, kind="stable")
        within = (int(number) for number in best if _within(self.rows[number], scope))
        chosen = [number for number, _ in zip(within, range(_NEAR), strict=False)]
        return [Hit(self.collection, self.rows[number][0], self.rows[number][1], float(scores[number])) for number in chosen]


class FusedIndex:
    """An ``Index`` that finds by words and by meaning."""

    def __init__(self, index: Index, folder: Path, embedder: Embedder) -> None:
        self._index, self._folder, self._embedder = index, folder, embedder
        self._held: dict[str, _Held] = {}
        self._turn = asyncio.Lock()

    @classmethod
    async def open(cls, index: Index, folder: Path, embedder: Embedder) -> FusedIndex:
        """Vectors of ``folder`` beside ``index``; those of another model, and files that cannot be read, are deleted."""
        fused = cls(index, folder, embedder)
        fused._held = await asyncio.to_thread(_load, folder, embedder.name)
        return fused

    async def put(self, passages: Sequence[Passage]) -> None:
        """See ``Index.put``."""
        texts = list(dict.fromkeys(passage.text for passage in passages))
        collections = frozenset(passage.collection for passage in passages)
        vectors = dict(zip(texts, await self._embedder(texts, collections) if texts else (), strict=True))
        async with self._turn:
            await self._index.put(passages)
            for collection in sorted(collections):
                own = [passage for passage in passages if passage.collection == collection]
                matrix = _unit(np.array([vectors[passage.text] for passage in own], dtype=np.float32))
                left = self._left(collection, {passage.document for passage in own})
                rows = [(one.document, one.id, one.language, one.valid_from, one.valid_to) for one in own]
                if left is not None and left.rows:
                    rows, matrix = left.rows + rows, np.concatenate([left.matrix, matrix])
                await self._keep(collection, rows, matrix)

    async def drop(self, collection: str, documents: Collection[str] | None = None) -> None:
        """See ``Index.drop``."""
        async with self._turn:
            await self._index.drop(collection, documents)
            if documents is None:
                self._held.pop(collection, None)
                await asyncio.to_thread(_path(self._folder, collection).unlink, missing_ok=True)
            elif (left := self._left(collection, documents)) is not None:
                await self._keep(collection, left.rows, left.matrix)

    async def search(self, query: Query, scope: Scope, k: int) -> Found:
        """See ``Index.search``; scores are those of the fusion."""
        found = await self._index.search(query, scope, max(k, _NEAR) if k > 0 else k)
        held = [self._held[name] for name in sorted(scope.collections) if name in self._held]
        if k < 1 or not held:
            return Found(found.hits[: max(k, 0)], self._named(found.version))
        (vector,) = _unit(np.array(await self._embedder([query.text], scope.collections), dtype=np.float32))
        near = await asyncio.to_thread(lambda: [hit for one in held for hit in one.near(vector, scope)])
        near = sorted(near, key=lambda hit: -hit.score)[:_NEAR]
        hits = {(hit.collection, hit.id): hit for hit in [*near, *found.hits]}
        order = fused([(hit.collection, hit.id) for hit in found.hits], [(hit.collection, hit.id) for hit in near])
        best = ((hits[key], score) for key, score in order[:k])
        together = tuple(Hit(hit.collection, hit.document, hit.id, score) for hit, score in best)
        return Found(together, self._named(found.version))

    async def version(self, scope: Scope | None = None) -> str:
        """See ``Index.version``."""
        return self._named(await self._index.version(scope))

    async def marks(self) -> Mapping[str, str]:
        """See ``Index.marks``: of the collections whose vectors go with what is indexed."""
        marks = await self._index.marks()
        return {name: mark for name, mark in marks.items() if name in self._held and self._held[name].mark == mark}

    async def close(self) -> None:
        """Close the index beneath."""
        await self._index.close()

    def _left(self, collection: str, documents: Collection[str]) -> _Held | None:
        held = self._held.get(collection)
        return None if held is None else held.without(documents)

    async def _keep(self, collection: str, rows: list[tuple[str, str, str, int, int]], matrix: Matrix) -> None:
        mark = (await self._index.marks())[collection]
        new = _Held(collection, self._embedder.name, mark, rows, matrix)
        await asyncio.to_thread(_save, self._folder, new)
        self._held[collection] = new

    def _named(self, version: str) -> str:
        return f"{version}+{self._embedder.name}"


def _within(row: tuple[str, str, str, int, int], scope: Scope) -> bool:
    _, _, language, first, last = row
    valid = not scope.day or (first or -_FOREVER) <= scope.day <= (last or _FOREVER)
    return valid and (not scope.languages or language in scope.languages)


def _unit(matrix: Matrix) -> Matrix:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit: Matrix = matrix / np.maximum(lengths, 1e-12)
    return unit


def _path(folder: Path, collection: str) -> Path:
    return folder / f"{name_of(collection)}.npz"


def _save(folder: Path, held: _Held) -> None:
    """The file as a whole or not at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = _path(folder, held.collection)
    about = {"collection": held.collection, "model": held.model, "mark": held.mark, "rows": held.rows}
    aside = path.with_suffix(".new")
    with aside.open("wb") as file:
        np.savez(file, matrix=held.matrix, about=np.frombuffer(json.dumps(about).encode(), dtype=np.uint8))
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def _load(folder: Path, model: str) -> dict[str, _Held]:
    found: dict[str, _Held] = {}
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        try:
            with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                about = json.loads(file["about"].tobytes())
                rows = [(str(a), str(b), str(c), int(d), int(e)) for a, b, c, d, e in about["rows"]]
                held = _Held(about["collection"], about["model"], about["mark"], rows, file["matrix"])
            sound = held.model == model and len(held.rows) == len(held.matrix) and path == _path(folder, held.collection)
        except Exception:  # noqa: BLE001 - whatever is wrong with a file, it can be made again
            sound = False
        if sound:
            found[held.collection] = held
        else:
            path.unlink()
    return found
