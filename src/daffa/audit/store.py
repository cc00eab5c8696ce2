"""The writing side of a log on disk: opened whole, one writer, recovered after any crash. Knows no event loop.

    checkpoint  log.vkey  tile/     public: the log
    checkpoint.cosigned  rotation/  public: what the witnesses saw last, changes of key
    sealed/                         sealed details
    keys/                           record keys
    journal/                        the write-ahead pair, the lock, scratch files

An entry is acknowledged once it is durable in the journal; ``integrate`` then carries it into the other files and
empties the journal behind it. The checkpoint is written last, and only over files that are durable: below its size
nothing depends on the journal. To carry in the entry of an erasure is to destroy the key that it names, so that no crash
can leave the one without the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from daffa.errors import Conflict, Invalid, NotFound

from .disk import LOCAL, Disk
from .entry import Details, Record, RotationLeaf, erased_by, read_leaf, unseal
from .files import PRIVATE, Folders, publish
from .journal import encode_group, log_mark, scan
from .merkle import EMPTY_ROOT, consistency_proof, inclusion_proof
from .notation import good_name
from .note import Checkpoint, only_signed_by, sign_checkpoint
from .reader import Reader
from .receipt import write_receipt
from .records import Records
from .recover import journalled, load_edge
from .segment import Segment
from .tiles import WIDTH, Edge
from .tree import CHECKPOINT, COSIGNED, ROTATIONS, VKEY, Tree, damaged, read_text
from .vkey import VerifyingKey, verifying_key

__all__ = ["Store"]

_JOURNAL = "journal"
_NAMES = ("a", "b")


class Store:
    """The open files of a log. ``append`` and ``integrate`` may run in two threads; each of them in one at a time.

    Attributes:
        origin: the log's name.
        vkey: its verifying key.
        checkpoint: the last one written; all entries below its size are in the public files.
        cosigned: the last one that a quorum of witnesses cosigned, if any did.
        handing_over: the log is still signed by the previous key, until ``hand_over``.
    """

    def __init__(
        self,
        folder: Path,
        origin: str,
        key: Ed25519PrivateKey,
        previous: Ed25519PrivateKey | None = None,
        disk: Disk = LOCAL,
    ) -> None:
        """Open the log in ``folder``, or begin one, and bring it to where the last writer was.

        ``previous`` signs beside ``key``, for those who do not know ``key`` yet.

        Raises ``Conflict`` (``log_has_a_writer``, ``log_has_another_key``), ``Invalid`` (``invalid_field`` for the
        origin; ``audit_damaged`` and ``audit_missing`` with the place), ``OSError``.
        """
        if not good_name(origin) or "#" in origin or len(origin) > 200:
            raise Invalid("invalid_field", field="origin", expected="1 to 200 characters without space, + or #", got=origin)
        self.origin = origin
        self.vkey = verifying_key(origin, key)
        self._keys: tuple[Ed25519PrivateKey, ...] = (key,) if previous is None else (key, previous)
        self._signers: tuple[Ed25519PrivateKey, ...] = self._keys
        self.handing_over = False
        self._folder = folder
        self._disk = disk
        self._folders = folders = Folders(disk)
        self._reader = Reader(folder, disk)
        self._mark = log_mark(origin)
        folders.make(folder)
        folders.make(folder / _JOURNAL, PRIVATE)
        lock = disk.lock(folder / _JOURNAL / "lock")
        if lock is None:
            raise Conflict("log_has_a_writer", folder=str(folder))
        self._lock = lock
        self._segments: list[Segment] = []
        try:
            self._scratch = folder / _JOURNAL / "scratch"
            folders.make(self._scratch, PRIVATE)
            for name in _NAMES:
                self._segments.append(Segment(folder / _JOURNAL / name, disk))
            self._records = Records(folder, folders)
            self._active = 0
            self._edge = Edge()
            self.checkpoint = Checkpoint(origin, 0, EMPTY_ROOT)
            self._recover()
            self.cosigned = self._reader.cosigned(str(self._standing()))
        except BaseException:
            self.close()
            raise

    @property
    def signers(self) -> tuple[VerifyingKey, ...]:
        """The verifying keys of those who sign, the newest first."""
        return tuple(verifying_key(self.origin, key) for key in self._signers)

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
        leaf = self._reader.entry(index)
        kept = self._records.get(index)
        details = unseal(leaf, *kept) if kept else None
        if details is None:
            raise NotFound("audit_details_erased", index=index)
        return details

    def many_details(self, indexes: Iterable[int]) -> list[Details | None]:
        """The details of entries below the checkpoint, ``None`` where they are gone. A bundle is read once for neighbours."""
        tree = self._reader.tree(self.checkpoint)
        bundles: dict[int, list[bytes]] = {}
        found: list[Details | None] = []
        for index in indexes:
            number, slot = divmod(index, WIDTH)
            if number not in bundles:
                bundles = {number: tree.bundle(number)[0]}
            kept = self._records.get(index)
            found.append(unseal(bundles[number][slot], *kept) if kept else None)
        return found

    def repeat_erasures(self) -> int:
        """Destroy again whatever an entry below the checkpoint erases: for keys that came back with a backup.

        How many erasures the log holds. Raises ``Invalid`` for a damaged log, in which nothing is destroyed; ``OSError``.
        """
        count = 0
        damage = self._reader.verify(str(self._standing())).damage
        if damage:
            raise damage[0]
        tree = self._reader.tree(self.checkpoint)
        for start in range(0, tree.size, WIDTH):
            count += self._destroy(tree.bundle(start // WIDTH)[0])
        return count

    def consistency(self, old: int, checkpoint: Checkpoint) -> list[bytes]:
        """The proof that the log of ``old`` entries is a prefix of a checkpoint of this log. Raises ``Invalid``."""
        return consistency_proof(old, checkpoint.size, Tree(self._folder, checkpoint.size, self._disk).node)

    def publish_cosigned(self, checkpoint: Checkpoint) -> None:
        """Publish a checkpoint of this log with the cosignatures in its note, unless a later one was. Raises ``OSError``."""
        if self.cosigned and checkpoint.size < self.cosigned.size:
            return
        self._publish([(COSIGNED, checkpoint.note.encode())])
        self.cosigned = checkpoint
        if checkpoint.same_tree(self.checkpoint):
            self._publish([(CHECKPOINT, checkpoint.note.encode())])
            self.checkpoint = checkpoint

    def hand_over(self, record: Record) -> None:
        """Go over to the new key: ``record`` is a rotation that names it. Finishes what a crash interrupted.

        The checkpoint over the record is signed by both keys, its receipt is kept in ``rotation/``, and then the new key is
        the one beside the log. Raises ``OSError``.
        """
        self._signers = self._keys
        if not self._names_the_new_key():
            self._carry([record])
        tree, index = self._reader.tree(self.checkpoint), self.checkpoint.size - 1
        signed = replace(self.checkpoint, note=only_signed_by(self.checkpoint.note, self._standing()))
        handover = write_receipt(index, inclusion_proof(index, tree.size, tree.node), signed, extra=tree.entry(index))
        self._publish([(f"{ROTATIONS}/{index}", handover.encode())])
        self._publish([(VKEY, f"{self.vkey}\n".encode())])
        self.handing_over = False

    def close(self) -> None:
        """Close the files and let another writer in."""
        for segment in self._segments:
            segment.close()
        self._lock.close()

    def _recover(self) -> None:
        """Find out where the log stands, carry in what only the journal holds, and empty the journal."""
        # A checkpoint that a killed process put there is seen, but only now durable; and the journal is emptied because of it.
        self._disk.sync_folder(self._folder)
        known = self._disk.exists(self._folder / VKEY)
        self._find_signers(read_text(self._folder, VKEY, self._disk).strip() if known else str(self.vkey))
        files = [f"{_JOURNAL}/{name}" for name in _NAMES]
        scans = [(file, *scan(segment.read(), self._mark)) for file, segment in zip(files, self._segments, strict=True)]
        # The key's file is written last: where it stands, a missing checkpoint is no beginning, and to begin would be to fork.
        if known or any(self._disk.exists(self._folder / name) for name in (CHECKPOINT, "tile")):
            self._take_up()
        records = journalled(scans, self.checkpoint.size)
        if records or not self.checkpoint.note:
            self._carry(records)
        for segment in self._segments:
            segment.clear()
        if not known:
            self._publish([(VKEY, f"{self.vkey}\n".encode())])

    def _find_signers(self, standing: str) -> None:
        """Find out whose log this is; where it is the previous key's, that one signs until it has handed over."""
        lines = [str(verifying_key(self.origin, key)) for key in self._keys]
        if standing not in lines:
            raise Conflict("log_has_another_key", file=VKEY, expected=str(self.vkey))
        self.handing_over = standing != lines[0]
        self._signers = self._keys[1:] if self.handing_over else self._keys

    def _standing(self) -> VerifyingKey:
        """The verifying key that lies beside the log."""
        return verifying_key(self.origin, self._keys[-1] if self.handing_over else self._keys[0])

    def _names_the_new_key(self) -> bool:
        """Whether the last entry is a rotation to the new key."""
        if not self.checkpoint.size:
            return False
        leaf = read_leaf(self._reader.tree(self.checkpoint).entry(self.checkpoint.size - 1))
        return isinstance(leaf, RotationLeaf) and leaf.vkey == str(self.vkey)

    def _take_up(self) -> None:
        """Stand where the checkpoint stands, once the files have been seen to lead to it."""
        vkey = str(self._standing())
        self.checkpoint = self._reader.checkpoint(vkey)
        edge = load_edge(self._reader.tree(self.checkpoint), self.checkpoint)
        if edge is None:
            raise self._reader.verify(vkey).damage[0]
        self._edge = edge

    def _carry(self, records: Sequence[Record]) -> None:
        """Records into the public files and the record stores; durable and signed on return."""
        first = self._edge.size
        leaves = [record.leaf for record in records]
        full = self._publish(self._edge.extend(leaves))
        self._publish(self._edge.partials())
        self._records.put(first, records)
        self._destroy(leaves)
        for name in full:
            self._disk.remove_folder(self._folder / f"{name}.p")
        self._sign(self._edge.size, self._edge.root())

    def _publish(self, files: Iterable[tuple[str, bytes]]) -> list[str]:
        return publish(self._folder, files, self._scratch, self._folders)

    def _destroy(self, leaves: Iterable[bytes]) -> int:
        """Destroy the record keys that leaves erase; how many of the leaves erase one."""
        erased = [index for leaf in leaves if (index := erased_by(leaf)) is not None]
        for index in erased:
            self._records.destroy(index)
        return len(erased)

    def _sign(self, size: int, root: bytes) -> None:
        """Write the next checkpoint. A log never signs what contradicts what it has signed."""
        if self.checkpoint.note and read_text(self._folder, CHECKPOINT, self._disk) != self.checkpoint.note:
            raise damaged(CHECKPOINT, f"the checkpoint of {self.checkpoint.size} entries that this writer wrote", "another one")
        if size < self.checkpoint.size:
            raise damaged(CHECKPOINT, f"at least {self.checkpoint.size} entries", str(size))
        checkpoint = sign_checkpoint(Checkpoint(self.origin, size, root), *self._signers)
        self._publish([(CHECKPOINT, checkpoint.note.encode())])
        self.checkpoint = checkpoint
