"""A folder of vectors: a file of records for each collection, a table of what each stands for. Blocks; knows no index.

A record is a unit vector in bytes, -127 to 127, behind the factor that gives it its length back: a quarter of the room of
single precision, read through the page cache and compared exactly, block by block. What goes is overwritten before its row is
deleted; a record without a row is overwritten when the folder is opened. All of it can be lost: it is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..passage import Hit, Passage, Scope, Vector
from .shard import name_of

__all__ = ["VectorFolder"]

_ROWS = "rows.db"
_FORMAT = "1"
_TABLES = """
CREATE TABLE IF NOT EXISTS about (model TEXT NOT NULL, format TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS shards (
    collection TEXT PRIMARY KEY, epoch TEXT NOT NULL, counter INTEGER NOT NULL, length INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vectors (
    collection TEXT NOT NULL, passage TEXT NOT NULL, document TEXT NOT NULL, revision TEXT NOT NULL, language TEXT NOT NULL,
    valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (collection, passage)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS vectors_document ON vectors (collection, document);
"""
_AT_ONCE = 500
_BLOCK = 1024
_FOREVER = 2**40
_MOST_SCORED = 8

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(eq=False)
class _Shard:
    """The vectors of a collection as they were at one moment.

    ``places`` are numbers of records of ``records``, ``spoken`` numbers of ``languages``.
    """

    records: Array
    places: Array
    passages: list[str]
    documents: list[str]
    languages: list[str]
    spoken: Array
    firsts: Array
    lasts: Array
    _scored: dict[tuple[float, ...], Array] = field(default_factory=dict)

    def near(self, vector: tuple[float, ...], scope: Scope, k: int) -> list[tuple[float, int]]:
        """The nearest ``k`` within ``scope``, the best first: score (cosine) and number."""
        scores = self._scored.get(vector)
        if scores is None:  # a question is looked for more than once, in one language and in all
            if len(self._scored) >= _MOST_SCORED:
                self._scored.clear()
            scores = self._scored[vector] = self._score(vector)
        within = np.flatnonzero(self._within(scope))
        if len(within) > k:
            within = within[np.argpartition(-scores[within], k - 1)[:k]]
        best = sorted(within.tolist(), key=lambda number: (-scores[number], self.passages[number]))
        return [(float(scores[number]), number) for number in best]

    def _within(self, scope: Scope) -> Array:
        within = np.ones(len(self.places), dtype=bool)
        if scope.day is not None:
            within &= (self.firsts <= scope.day) & (self.lasts >= scope.day)
        if scope.languages:
            within &= np.array([name in scope.languages for name in self.languages])[self.spoken]
        return within

    def _score(self, vector: tuple[float, ...]) -> Array:
        asked = np.asarray(vector, dtype=np.float32)
        asked /= max(float(np.linalg.norm(asked)), 1e-12)
        scores = np.empty(len(self.places), dtype=np.float32)
        for at in range(0, len(scores), _BLOCK):
            some = self.records[self.places[at : at + _BLOCK]]
            scores[at : at + _BLOCK] = (some["values"].astype(np.float32) @ asked) * some["factor"]
        return scores


class VectorFolder:
    """Vectors of one model. Any thread may call; changes take turns, and whoever looks sees a collection as it is or was."""

    def __init__(self, folder: Path, model: str) -> None:
        """Open ``folder``; what another model made, and what cannot be read, is deleted.

        Raises ``OSError``, ``sqlite3.Error``.
        """
        self._folder, self.model = folder, model
        self._lock = threading.Lock()
        self._shards: dict[str, _Shard] = {}
        self._free: dict[str, list[int]] = {}
        try:
            self._rows = self._opened()
        except sqlite3.DatabaseError:
            shutil.rmtree(folder)
            self._rows = self._opened()
        self._tidy()

    def close(self) -> None:
        """Let go of it."""
        with self._lock:
            self._rows.close()
            self._shards.clear()

    # What is there

    def collections(self) -> list[str]:
        """Those that have vectors, or had."""
        with self._lock:
            return [name for (name,) in self._rows.execute("SELECT collection FROM shards ORDER BY collection")]

    def version(self, collections: Collection[str] | None = None) -> str:
        """Names the model and what is kept of ``collections``; changes with every change there."""
        with self._lock:
            rows = self._rows.execute("SELECT collection, epoch, counter FROM shards ORDER BY collection").fetchall()
        told = "\n".join(f"{name} {epoch}-{n}" for name, epoch, n in rows if collections is None or name in collections)
        return f"{self.model}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"

    def lacking(self, collection: str, revisions: Mapping[str, str], length: int) -> list[str]:
        """See ``VectorIndex.lacking``."""
        with self._lock:
            if length and self._length(collection) != length:
                return list(revisions)
            asked = "SELECT passage, revision FROM vectors WHERE collection = ? AND passage IN ({})"
            found = dict(self._each(asked, collection, revisions))
        return [passage for passage, revision in revisions.items() if found.get(passage) != revision]

    def near(self, vector: tuple[float, ...], scope: Scope, k: int) -> list[Hit]:
        """The nearest ``k`` passages within ``scope``, the best first; the score is the cosine."""
        found: list[Hit] = []
        for name in sorted(scope.collections):
            shard = self._shard(name, len(vector))
            if shard is not None:
                near = shard.near(vector, scope, k)
                found += [Hit(name, shard.documents[number], shard.passages[number], score) for score, number in near]
        return sorted(found, key=lambda hit: (-hit.score, hit.collection, hit.id))[:k]

    # Changes

    def keep(self, collection: str, vectors: Sequence[Vector]) -> None:
        """See ``VectorIndex.keep``. Vectors of another length than those that are there take the place of them all."""
        if not vectors:
            return
        values = np.array([vector.values for vector in vectors], dtype=np.float32)
        with self._lock, self._changing(collection):
            if self._length(collection) not in (0, values.shape[1]):
                self._forget(collection)
            self._rows.execute(
                "INSERT INTO shards VALUES (?, ?, 0, ?) ON CONFLICT DO UPDATE SET length = excluded.length",
                (collection, secrets.token_hex(4), values.shape[1]),
            )
            self._take_out(collection, "passage", [vector.passage for vector in vectors])
            places = self._write(collection, _records(values))
            self._rows.executemany(
                "INSERT INTO vectors VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (collection, one.passage, one.document, one.revision, one.language, one.valid_from, one.valid_to, place)
                    for one, place in zip(vectors, places, strict=True)
                ],
            )

    def replace(self, collection: str, passages: Iterable[Passage]) -> None:
        """Take out what stands for other texts of the documents of ``passages`` than these."""
        now = {passage.id: passage.revision for passage in passages}
        documents = list({passage.document for passage in passages})
        asked = "SELECT passage, revision FROM vectors WHERE collection = ? AND document IN ({})"
        with self._lock:
            gone = [passage for passage, of in self._each(asked, collection, documents) if now.get(passage) != of]
            if gone:
                with self._changing(collection):
                    self._take_out(collection, "passage", gone)

    def drop(self, collection: str, documents: Collection[str] | None = None) -> None:
        """Take out documents, or a whole collection: nothing of them is left in a file when this returns."""
        with self._lock:
            if not self._length(collection):
                return
            if documents is None:
                self._path(collection).unlink(missing_ok=True)
            with self._changing(collection):
                if documents is None:
                    self._forget(collection)
                    self._rows.execute("DELETE FROM shards WHERE collection = ?", (collection,))
                else:
                    self._take_out(collection, "document", list(documents))

    # Beneath

    def _opened(self) -> sqlite3.Connection:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self._folder / _ROWS, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        rows = sqlite3.connect(self._folder / _ROWS, isolation_level=None, check_same_thread=False)
        try:
            rows.executescript(f"PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; {_TABLES}")
            known = rows.execute("SELECT model, format FROM about").fetchone()
            if known is None:
                rows.execute("INSERT INTO about VALUES (?, ?)", (self.model, _FORMAT))
            elif known != (self.model, _FORMAT):
                raise sqlite3.DatabaseError("another model's")
        except BaseException:
            rows.close()
            raise
        return rows

    def _tidy(self) -> None:
        """Delete what cannot be read, and what a process that was killed has left."""
        lengths = dict(self._rows.execute("SELECT collection, length FROM shards").fetchall())
        files = {self._path(name): name for name in lengths}
        for path in self._folder.iterdir():
            if path.name != _ROWS and path not in files:
                path.unlink()
        for path, name in files.items():
            used = {place for (place,) in self._rows.execute("SELECT place FROM vectors WHERE collection = ?", (name,))}
            size = 4 + lengths[name]
            there = path.stat().st_size // size if path.exists() else 0
            if used and max(used) >= there:
                with self._changing(name):
                    self._forget(name)
                continue
            self._free[name] = sorted(set(range(there)) - used)
            if there:
                os.truncate(path, there * size)  # behind it may be half of a record
            if self._free[name]:
                self._overwrite(name, size, self._free[name])

    @contextlib.contextmanager
    def _changing(self, collection: str) -> Iterator[None]:
        """All of a change, or nothing of it."""
        self._rows.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._rows.execute("UPDATE shards SET counter = counter + 1 WHERE collection = ?", (collection,))
            self._rows.execute("COMMIT")
        except BaseException:
            self._rows.execute("ROLLBACK")
            self._free.pop(collection, None)
            raise
        finally:
            self._shards.pop(collection, None)

    def _each(self, asked: str, collection: str, names: Iterable[str]) -> Iterator[Any]:
        wanted = list(names)
        for at in range(0, len(wanted), _AT_ONCE):
            some = wanted[at : at + _AT_ONCE]
            yield from self._rows.execute(asked.format(",".join("?" * len(some))), (collection, *some)).fetchall()

    def _length(self, collection: str) -> int:
        row = self._rows.execute("SELECT length FROM shards WHERE collection = ?", (collection,)).fetchone()
        return int(row[0]) if row else 0

    def _forget(self, collection: str) -> None:
        """Take out all that a collection has."""
        self._path(collection).unlink(missing_ok=True)
        self._rows.execute("DELETE FROM vectors WHERE collection = ?", (collection,))
        self._free.pop(collection, None)

    def _take_out(self, collection: str, column: str, names: Sequence[str]) -> None:
        asked = f"SELECT place FROM vectors WHERE collection = ? AND {column} IN ({{}})"  # noqa: S608 - our words
        places = [place for (place,) in self._each(asked, collection, names)]
        if not places:
            return
        self._overwrite(collection, 4 + self._length(collection), places)
        deleting = f"DELETE FROM vectors WHERE collection = ? AND {column} IN ({{}})"  # noqa: S608 - our words
        for _ in self._each(deleting, collection, names):
            pass
        self._free[collection] = self._places(collection) + places

    def _places(self, collection: str) -> list[int]:
        """Records that stand for nothing."""
        if collection not in self._free:
            used = {place for (place,) in self._rows.execute("SELECT place FROM vectors WHERE collection = ?", (collection,))}
            size, path = 4 + self._length(collection), self._path(collection)
            there = path.stat().st_size // size if path.exists() else 0
            self._free[collection] = sorted(set(range(there)) - used)
        return self._free[collection]

    def _write(self, collection: str, records: Array) -> list[int]:
        """Write records where nothing is, and say where."""
        free, path, size = self._places(collection), self._path(collection), records.dtype.itemsize
        end = path.stat().st_size // size if path.exists() else 0
        places = [*free[: len(records)], *range(end, end + max(len(records) - len(free), 0))]
        self._put(path, [(place * size, record.tobytes()) for place, record in zip(places, records, strict=True)])
        self._free[collection] = free[len(records) :]
        return places

    def _overwrite(self, collection: str, size: int, places: Iterable[int]) -> None:
        self._put(self._path(collection), [(place * size, bytes(size)) for place in places])

    def _put(self, path: Path, pieces: Iterable[tuple[int, bytes]]) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            for at, piece in pieces:
                if os.pwrite(descriptor, piece, at) != len(piece):
                    raise OSError(f"{path.name} could not be written")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _shard(self, collection: str, length: int) -> _Shard | None:
        """A collection as it is now, if it has vectors of this length."""
        with self._lock:
            if self._length(collection) != length:
                return None
            shard = self._shards.get(collection)
            if shard is None:
                asked = "SELECT place, passage, document, language, valid_from, valid_to FROM vectors WHERE collection = ?"
                rows = self._rows.execute(f"{asked} ORDER BY place", (collection,)).fetchall()
                if not rows:
                    return None
                shard = self._shards[collection] = _loaded(self._path(collection), rows, length)
            return shard

    def _path(self, collection: str) -> Path:
        return self._folder / f"{name_of(collection)}.vectors"


def _kind(length: int) -> np.dtype[Any]:
    return np.dtype([("factor", "<f4"), ("values", "i1", (length,))])


def _records(values: Array) -> Array:
    """Vectors as records: the longest coordinate of each becomes 127."""
    most = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-12)
    records = np.zeros(len(values), dtype=_kind(values.shape[1]))
    records["values"] = np.rint(values * (127 / most))
    records["factor"] = 1 / np.maximum(np.linalg.norm(records["values"].astype(np.float32), axis=1), 1e-12)
    return records


def _loaded(path: Path, rows: Sequence[Any], length: int) -> _Shard:
    places, passages, documents, spoken, firsts, lasts = zip(*rows, strict=True)
    languages = {name: number for number, name in enumerate(dict.fromkeys(spoken))}
    named: dict[str, str] = {}  # one string for all passages of a document
    return _Shard(
        # As many as are known of: behind them a disk that was full has perhaps left half of one.
        np.memmap(path, dtype=_kind(length), mode="r", shape=(places[-1] + 1,)),
        np.array(places, dtype=np.int64),
        list(passages),
        [named.setdefault(name, name) for name in documents],
        list(languages),
        np.array([languages[name] for name in spoken], dtype=np.int64),
        np.array([first or -_FOREVER for first in firsts], dtype=np.int64),
        np.array([last or _FOREVER for last in lasts], dtype=np.int64),
    )
