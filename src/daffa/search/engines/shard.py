"""One collection in a folder of tantivy's: rows of terms go in, hits come out. Knows no question; blocks whoever calls it.

A collection has a folder of its own, so that the statistics behind its scores are its own, and that to delete it is to
delete a folder. Tantivy only marks what is deleted; here each segment that held a deleted passage is written anew without
it before a change is over, and the old files are removed. Source: tantivy 0.27, ``managed_directory.rs`` and ``footer.rs``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import struct
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import tantivy

from ..fields import FIELDS
from ..passage import Hit, Scope
from .analysing import Row

__all__ = ["Damaged", "Shard", "name_of"]

_ABOUT = "about.json"
_SEGMENTS = "segments"
_HEAP = 32_000_000
_AT_ONCE = 1000
_FOREVER = 2**40  # a day that does not come
_FOOTER = struct.Struct("<II")
_FOOTER_MAGIC = 1337
_BLOCK = 1 << 20

Weighted = tuple[str, str, float]
"""A field, a term and how much it weighs."""


class Damaged(Exception):
    """The folder does not hold what was written into it."""


def name_of(collection: str) -> str:
    """The name of a collection's folder: any id gives one that a file system takes."""
    return hashlib.sha256(collection.encode()).hexdigest()[:32]


class Shard:
    """An open collection. One thread changes it; any may search meanwhile and sees it as before or as after."""

    def __init__(self, folder: Path) -> None:
        """Open what is in ``folder``. Raises ``Damaged``."""
        self.folder = folder
        try:
            about = json.loads((folder / _ABOUT).read_bytes())
            self.collection, self.analyser = str(about["collection"]), str(about["analyser"])
            self._epoch = str(about["epoch"])
            self._segments = folder / _SEGMENTS
            self._remove_leftovers()
            self._verify()
            self._schema = _schema()
            with _panics():
                self._index = tantivy.Index(self._schema, str(self._segments))
                self._index.config_reader("manual", 0)
                self._take_up()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Damaged(str(error)) from error

    @classmethod
    def create(cls, folder: Path, collection: str, analyser: str) -> Shard:
        """Begin an empty one in ``folder``, which appears whole or not at all."""
        aside = folder.with_name(folder.name + ".new")
        shutil.rmtree(aside, ignore_errors=True)
        (aside / _SEGMENTS).mkdir(parents=True)
        about = {"collection": collection, "analyser": analyser, "epoch": secrets.token_hex(8)}
        (aside / _ABOUT).write_text(json.dumps(about), encoding="utf-8")
        tantivy.Index(_schema(), str(aside / _SEGMENTS))
        for path in (aside / _ABOUT, aside / _SEGMENTS, aside):
            _sync(path)
        aside.rename(folder)
        _sync(folder.parent)
        return cls(folder)

    @property
    def mark(self) -> str:
        """``EPOCH-COUNTER``; see ``Index.marks``."""
        return f"{self._epoch}-{self._counter}"

    @property
    def passages(self) -> int:
        """How many it has."""
        return int(self._searcher.num_docs)

    def change(self, batches: Iterable[Sequence[Row]], gone: Collection[str]) -> None:
        """Take out the documents ``gone`` and add rows, all at once: a process that is killed leaves it as it was.

        Raises ``Damaged`` or ``OSError`` where it cannot be written; then it is as it was too.
        """
        with _panics():
            writer = self._index.writer(_HEAP, 1)
            try:
                purged = self._take_out(writer, gone)
                for rows in batches:
                    for row in rows:
                        writer.add_document(_document(row))
                writer.commit()
                writer.wait_merging_threads()
            except ValueError as error:  # what tantivy says of a full disk
                raise OSError(str(error)) from error
            finally:
                del writer  # what was not committed goes with it, and so does the lock
            self._take_up()
        if purged:
            self._remove_leftovers()

    def frequencies(self, terms: Iterable[tuple[str, str]]) -> Iterator[int]:
        """In how many passages each term (field, text) is."""
        count = self._searcher.doc_freq
        return (int(count(field, text)) for field, text in terms)

    def search(self, terms: Sequence[Weighted], scope: Scope, k: int, least: float = 0.0) -> list[Hit]:
        """The best ``k`` passages; one whose score is below ``least`` is not read."""
        term, optional = tantivy.Query.term_query, tantivy.Occur.Should
        wanted = tantivy.Query.boolean_query(
            [
                (optional, tantivy.Query.boost_query(term(self._schema, field, text, "freq"), weight))
                for field, text, weight in terms
            ]
        )
        filters = [(tantivy.Occur.Must, _silent(query)) for query in self._filters(scope)]
        query = tantivy.Query.boolean_query([*filters, (tantivy.Occur.Must, wanted)]) if filters else wanted
        searcher = self._searcher
        with _panics():
            found = searcher.search(query, k, count=False).hits
            return [self._hit(score, searcher.doc(address)) for score, address in found if score >= least]

    def _hit(self, score: float, found: Any) -> Hit:
        first: Callable[[str], Any] = found.get_first
        document, name, language, number, terms = map(first, ("document", "id", "language", "number", "stem"))
        return Hit(self.collection, document, name, score, language, number, terms)

    def _filters(self, scope: Scope) -> Iterator[Any]:
        if scope.day is not None:
            within, kind = tantivy.Query.range_query, tantivy.FieldType.Integer
            yield within(self._schema, "valid_from", kind, -_FOREVER, scope.day)
            yield within(self._schema, "valid_to", kind, scope.day, _FOREVER)
        if scope.languages:
            yield tantivy.Query.term_set_query(self._schema, "language", sorted(scope.languages))

    def _take_out(self, writer: Any, gone: Collection[str]) -> bool:
        """Write each segment that holds a part of ``gone`` anew, without it; whether there was one."""
        if not gone or not self._searcher.num_docs:
            return False
        searcher, wanted = self._searcher, list(gone)
        asked = (wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE))
        touched = {
            address.segment_ord
            for some in asked
            for _, address in searcher.search(
                tantivy.Query.term_set_query(self._schema, "document", some), searcher.num_docs, count=False
            ).hits
        }
        if not touched:
            return False
        for document in gone:
            writer.delete_documents_by_term("document", document)
        away, everything = frozenset(gone), searcher.search(tantivy.Query.all_query(), searcher.num_docs, count=False).hits
        for _, address in everything:
            if address.segment_ord in touched and (row := _row(searcher.doc(address))).document not in away:
                writer.delete_documents_by_term("id", row.id)
                writer.add_document(_document(row))
        return True

    def _take_up(self) -> None:
        """See what the last change has made."""
        self._index.reload()
        self._searcher = self._index.searcher()
        self._counter = int(self._meta()["opstamp"])

    def _meta(self) -> dict[str, Any]:
        meta: dict[str, Any] = json.loads((self._segments / "meta.json").read_bytes())
        return meta

    def _files(self) -> Iterator[tuple[Path, bool]]:
        """Each file of a segment, and whether the segment is one of ours still."""
        ours = {segment["segment_id"].replace("-", "") for segment in self._meta()["segments"]}
        for path in self._segments.iterdir():
            if len(path.stem.partition(".")[0]) == 32:
                yield path, path.name[:32] in ours

    def _remove_leftovers(self) -> None:
        """Unlink what no segment needs: tantivy keeps files while somebody still searches them, and after it was killed."""
        for path in [path for path, needed in self._files() if not needed]:
            path.unlink(missing_ok=True)
        _sync(self._segments)

    def _verify(self) -> None:
        """Raise ``Damaged`` where a file is not what its footer says of it."""
        present = set()
        for path, _ in self._files():
            _check(path)
            present.add(path.name[:32])
        missing = {segment["segment_id"].replace("-", "") for segment in self._meta()["segments"]} - present
        if missing:
            raise Damaged(f"{', '.join(missing)} is missing")


def _check(path: Path) -> None:
    """Raise ``Damaged`` where the sum of a file is not that which stands at its end."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _FOOTER.size))
        length, magic = _FOOTER.unpack(file.read()) if size > _FOOTER.size else (0, 0)
        end = size - _FOOTER.size - length
        if magic != _FOOTER_MAGIC or end < 0:
            raise Damaged(f"{path.name} is cut off")
        file.seek(0)
        found, left = 0, end
        while left and (block := file.read(min(left, _BLOCK))):
            found, left = zlib.crc32(block, found), left - len(block)
        if found != json.loads(file.read(length))["crc"]:
            raise Damaged(f"{path.name} has changed")


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for name in ("id", "document", "language"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("valid_from", "valid_to"):
        builder.add_integer_field(name, stored=True, indexed=True, fast=True)
    for name in FIELDS:  # stored, so that a segment can be written anew
        builder.add_text_field(name, stored=True, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _document(row: Row) -> Any:
    document = tantivy.Document()
    document.add_text("id", row.id)
    document.add_text("document", row.document)
    document.add_text("language", row.language)
    document.add_integer("valid_from", row.valid_from or -_FOREVER)
    document.add_integer("valid_to", row.valid_to or _FOREVER)
    for name, text in zip(FIELDS, row.terms, strict=True):
        document.add_text(name, text)
    return document


def _row(found: Any) -> Row:
    first: Callable[[str], Any] = found.get_first
    begins, ends = (0 if abs(day) == _FOREVER else day for day in (int(first("valid_from")), int(first("valid_to"))))
    terms = tuple(str(first(name)) for name in FIELDS)
    return Row("", str(first("document")), str(first("id")), str(first("language")), begins, ends, terms)


def _silent(query: Any) -> Any:
    """A condition that adds nothing to a score."""
    return tantivy.Query.const_score_query(query, 0.0)


@contextlib.contextmanager
def _panics() -> Iterator[None]:
    """A panic of tantivy's, which is no ``Exception``, as ``Damaged``."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise Damaged(str(error)) from error
        raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
