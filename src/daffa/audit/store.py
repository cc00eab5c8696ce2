"""The writing side of a log on disk: opened whole, one writer, recovered after any crash. Knows no event loop.

    checkpoint  log.vkey  tile/     public: the log
    sealed/                         sealed details
    keys/                           record keys
    journal/                        the write-ahead pair, the lock, scratch files

An entry is acknowledged once it is durable in the journal; ``integrate`` then carries it into the other files and
empties the journal behind it. The checkpoint is written last, and only over files that are durable: below its size
nothing depends on the journal.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from daffa.errors import Conflict, Invalid, NotFound

from .entry import Details, Record, unseal
from .files import PRIVATE, make_folder, publish
from .journal import encode_group, log_mark, scan
from .merkle import EMPTY_ROOT
from .note import Checkpoint, good_name, sign_checkpoint, verifying_key
from .reader import Reader
from .records import Records
from .recover import journalled, load_edge
from .segment import Segment
from .tiles import Edge
from .tree import CHECKPOINT, VKEY, damaged, read_text

__all__ = ["Store"]

_JOURNAL = "journal"
_NAMES = ("a", "b")


class Store:
    """The open files of a log. ``append`` and ``integrate`` may run in two threads; each of them in one at a time.

    Attributes:
        origin: the log's name.
        vkey: its verifying key.
        checkpoint: the last one written; all entries below its size are in the public files.
    """

    def __init__(self, folder: Path, origin: str, key: Ed25519PrivateKey) -> None:
        """Open the log in ``folder``, or begin one, and bring it to where the last writer was.

        Raises ``Conflict`` (``log_has_a_writer``, ``log_has_another_key``), ``Invalid`` (``invalid_field`` for the
        origin; ``audit_damaged`` and ``audit_missing`` with the place), ``OSError``.
        """
        if not good_name(origin) or "#" in origin or len(origin) > 200:
            raise Invalid("invalid_field", field="origin", expected="1 to 200 characters without space, + or #", got=origin)
        self.origin = origin
        self.vkey = verifying_key(origin, key)
        self._key = key
        self._folder = folder
        self._mark = log_mark(origin)
        make_folder(folder)
        make_folder(folder / _JOURNAL, PRIVATE)
        self._lock = _lock(folder)
        self._segments: list[Segment] = []
        try:
            self._scratch = folder / _JOURNAL / "scratch"
            make_folder(self._scratch, PRIVATE)
            for name in _NAMES:
                self._segments.append(Segment(folder / _JOURNAL / name))
            self._records = Records(folder)
            self._active = 0
            self._edge = Edge()
            self.checkpoint = Checkpoint(origin, 0, EMPTY_ROOT)
            self._recover()
        except BaseException:
            self.close()
            raise

    @property
    def used(self) -> int:
        """Bytes in the segment that is being written."""
        return self._segments[self._active].used

    def append(self, first: int, records: Sequence[Record]) -> None:
        """Make records durable in the journal; ``first`` is the index of the first. Raises ``OSError``."""
        self._segments[self._active].append(encode_group(self._mark, first, records))

    def switch(self) -> Segment:
        """Write to the other segment, which must be empty, from now on. Returns the one that was written."""
        sealed = self._segments[self._active]
        self._active = 1 - self._active
        return sealed

    def integrate(self, records: Sequence[Record], segment: Segment) -> None:
        """Carry the next records into the public files and the record stores, sign, then empty their segment.

        Raises ``OSError``, or ``Invalid`` where somebody else changed the checkpoint; the store is unusable afterwards.
        """
        self._carry(records)
        segment.clear()

    def details(self, index: int) -> Details:
        """The details of an entry below the checkpoint. Raises ``NotFound`` where they were erased or lost."""
        leaf = Reader(self._folder).entry(index)
        kept = self._records.get(index)
        details = unseal(leaf, *kept) if kept else None
        if details is None:
            raise NotFound("audit_details_erased", index=index)
        return details

    def erase(self, index: int) -> None:
        """Destroy the key of an entry below the checkpoint. Raises ``NotFound`` beyond it, ``OSError``."""
        if not 0 <= index < self.checkpoint.size:
            raise NotFound("audit_no_entry", index=index, size=self.checkpoint.size)
        self._records.destroy(index)

    def close(self) -> None:
        """Close the files and let another writer in."""
        for segment in self._segments:
            segment.close()
        os.close(self._lock)

    def _recover(self) -> None:
        """Find out where the log stands, carry in what only the journal holds, and empty the journal."""
        if (self._folder / VKEY).exists():
            if read_text(self._folder, VKEY).strip() != str(self.vkey):
                raise Conflict("log_has_another_key", file=VKEY, expected=str(self.vkey))
        else:
            publish(self._folder, [(VKEY, f"{self.vkey}\n".encode())], self._scratch)
        files = [f"{_JOURNAL}/{name}" for name in _NAMES]
        scans = [(file, *scan(segment.read(), self._mark)) for file, segment in zip(files, self._segments, strict=True)]
        begun = (self._folder / CHECKPOINT).exists() or (self._folder / "tile").exists()
        if begun or any(groups for _, groups, _ in scans):
            self._take_up()
        records = journalled(scans, self.checkpoint.size)
        if records or not self.checkpoint.note:
            self._carry(records)
        for segment in self._segments:
            segment.clear()

    def _take_up(self) -> None:
        """Stand where the checkpoint stands, once the files have been seen to lead to it."""
        reader = Reader(self._folder)
        self.checkpoint = reader.checkpoint(str(self.vkey))
        edge = load_edge(reader.tree(self.checkpoint), self.checkpoint)
        if edge is None:
            raise reader.verify(str(self.vkey)).damage[0]
        self._edge = edge

    def _carry(self, records: Sequence[Record]) -> None:
        """Records into the public files and the record stores; durable and signed on return."""
        first = self._edge.size
        full = publish(self._folder, self._edge.extend([record.leaf for record in records]), self._scratch)
        publish(self._folder, self._edge.partials(), self._scratch)
        self._records.put(first, records)
        for name in full:
            shutil.rmtree(self._folder / f"{name}.p", ignore_errors=True)
        self._sign(self._edge.size, self._edge.root())

    def _sign(self, size: int, root: bytes) -> None:
        """Write the next checkpoint. A log never signs what contradicts what it has signed."""
        if self.checkpoint.note and read_text(self._folder, CHECKPOINT) != self.checkpoint.note:
            raise damaged(CHECKPOINT, f"the checkpoint of {self.checkpoint.size} entries that this writer wrote", "another one")
        if size < self.checkpoint.size:
            raise damaged(CHECKPOINT, f"at least {self.checkpoint.size} entries", str(size))
        checkpoint = sign_checkpoint(Checkpoint(self.origin, size, root), self._key)
        publish(self._folder, [(CHECKPOINT, checkpoint.note.encode())], self._scratch)
        self.checkpoint = checkpoint


def _lock(folder: Path) -> int:
    descriptor = os.open(folder / _JOURNAL / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Conflict("log_has_a_writer", folder=str(folder)) from None
    return descriptor
