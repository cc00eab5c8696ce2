"""Reading a log from its public files alone: entries, proofs, receipts. Writes nothing and needs no writer.

Works on the log's own folder while a server writes to it, and on any copy of ``checkpoint``, ``log.vkey`` and ``tile/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from daffa.errors import Invalid

from .merkle import check_inclusion, consistency_proof, inclusion_proof, leaf_hash
from .note import Checkpoint, VerifyingKey, open_checkpoint
from .receipt import write_receipt
from .tiles import ENTRIES, WIDTH, tile_name
from .tree import CHECKPOINT, VKEY, Tree, damaged, read_text
from .verify import Report, verify_tree

__all__ = ["Proof", "Reader"]


@dataclass(frozen=True, slots=True)
class Proof:
    """An entry with the proof that it stands at ``index`` of the log that signed ``checkpoint``."""

    index: int
    entry: bytes
    path: tuple[bytes, ...]
    checkpoint: Checkpoint

    def receipt(self) -> str:
        """The proof as a C2SP tlog-proof text, to keep beside the entry."""
        return write_receipt(self.index, self.path, self.checkpoint)


class Reader:
    """The public files of a log. Each call reads the newest checkpoint first.

    All methods raise ``Invalid`` where a file is missing (``audit_missing``) or does not hold what it must
    (``audit_damaged``, ``signature_does_not_hold``); the fact ``file`` is its path inside the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def vkey(self) -> VerifyingKey:
        """The verifying key that lies beside the log. Who wants proof against its keeper holds a copy of their own."""
        text = read_text(self._folder, VKEY)
        try:
            return VerifyingKey.parse(text)
        except Invalid as error:
            raise damaged(VKEY, "a verifying key", str(error)) from None

    def checkpoint(self, vkey: str | None = None) -> Checkpoint:
        """The newest signed checkpoint, its signature checked with ``vkey``, or else with the key beside the log."""
        key = VerifyingKey.parse(vkey) if vkey else self.vkey()
        note = read_text(self._folder, CHECKPOINT)
        try:
            return open_checkpoint(note, key)
        except Invalid as error:
            raise damaged(CHECKPOINT, f"a checkpoint signed by {key.name}", str(error)) from None

    def tree(self, checkpoint: Checkpoint | None = None) -> Tree:
        """The tree under a checkpoint (the newest one where none is given)."""
        return Tree(self._folder, (checkpoint or self.checkpoint()).size)

    def entry(self, index: int) -> bytes:
        """The leaf at ``index``, as it stands in its bundle. Raises ``NotFound`` beyond the log's end."""
        return self.tree().entry(index)

    def inclusion(self, index: int) -> list[bytes]:
        """The audit path of entry ``index`` in the newest checkpoint. Raises ``NotFound`` beyond the log's end."""
        return list(self.prove(index).path)

    def consistency(self, old_size: int) -> list[bytes]:
        """The proof that the log of ``old_size`` entries is a prefix of the newest checkpoint's."""
        tree = self.tree()
        return consistency_proof(old_size, tree.size, tree.node)

    def prove(self, index: int) -> Proof:
        """Entry ``index`` with its proof, which has been checked. Raises ``NotFound`` beyond the log's end."""
        checkpoint = self.checkpoint()
        tree = self.tree(checkpoint)
        entry = tree.entry(index)
        path = inclusion_proof(index, checkpoint.size, tree.node)
        try:
            check_inclusion(leaf_hash(entry), index, checkpoint.size, path, checkpoint.root)
        except Invalid:
            file = tile_name(ENTRIES, index // WIDTH, tree.width(0, index // WIDTH))
            raise damaged(file, f"entry {index} as it was signed", "an entry or tiles that were altered") from None
        return Proof(index, entry, tuple(path), checkpoint)

    def receipt(self, index: int) -> str:
        """The receipt of entry ``index``: see ``verify_receipt``. Raises ``NotFound`` beyond the log's end."""
        return self.prove(index).receipt()

    def verify(self, vkey: str | None = None) -> Report:
        """Check every file that the newest checkpoint stands on. ``vkey`` as in ``checkpoint``.

        Raises nothing for what is damaged or missing: the report names it.
        """
        try:
            checkpoint = self.checkpoint(vkey)
        except Invalid as error:
            return Report("", 0, b"", (error,))
        return Report(checkpoint.origin, checkpoint.size, checkpoint.root, verify_tree(self.tree(checkpoint), checkpoint.root))
