"""Reading a log from its public files alone: entries, proofs, receipts. Writes nothing and needs no writer.

Works on the log's own folder while a server writes to it, and on any copy of ``checkpoint``, ``log.vkey`` and ``tile/``,
with ``checkpoint.cosigned`` and ``rotation/`` where there are such.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from daffa.errors import Invalid

from .disk import LOCAL, Disk
from .handover import heirs
from .merkle import check_inclusion, consistency_proof, inclusion_proof, leaf_hash, tree_root
from .note import Checkpoint, open_checkpoint, parse_checkpoint, signatures_by
from .receipt import read_receipt, write_receipt
from .tiles import ENTRIES, WIDTH, tile_name
from .tree import CHECKPOINT, COSIGNED, ROTATIONS, VKEY, Tree, damaged, read_text
from .trust import Trust
from .verify import Report, verify_tree
from .vkey import VerifyingKey

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

    def __init__(self, folder: Path, disk: Disk = LOCAL) -> None:
        self._folder = folder
        self._disk = disk

    def vkey(self) -> VerifyingKey:
        """The verifying key that lies beside the log. Who wants proof against its keeper holds a copy of their own."""
        text = self._text(VKEY)
        try:
            return VerifyingKey.parse(text)
        except Invalid as error:
            raise damaged(VKEY, "a verifying key", str(error)) from None

    def keys(self, vkey: str | None = None) -> list[VerifyingKey]:
        """The log's keys from ``vkey`` on (or else from the key beside the log), along its handovers; the newest last."""
        key = VerifyingKey.parse(vkey) if vkey else self.vkey()
        files = self._rotations()
        texts = [self._text(file) for file in files]
        try:
            return heirs(key, texts)
        except Invalid as error:
            raise damaged(ROTATIONS, f"handovers that lead from {key.id.hex()} on", str(error)) from None

    def checkpoint(self, vkey: str | None = None) -> Checkpoint:
        """The newest signed checkpoint, its signature checked with ``vkey``, or else with the key beside the log.

        Where ``vkey`` signs no longer, the handovers lead from it to the key that does.
        """
        checkpoint = self._open(CHECKPOINT, vkey)
        if checkpoint is None:
            raise damaged(CHECKPOINT, f"a checkpoint signed by {vkey or self.vkey()}", "others' signatures")
        return checkpoint

    def cosigned(self, vkey: str | None = None) -> Checkpoint | None:
        """The last checkpoint that the log published with a quorum of cosignatures, its own signature checked.

        ``None`` where there is none, or none that this key signed. Nobody's cosignature is checked: see ``Trust.check``.
        """
        return self._open(COSIGNED, vkey) if self._disk.exists(self._folder / COSIGNED) else None

    def tree(self, checkpoint: Checkpoint | None = None) -> Tree:
        """The tree under a checkpoint (the newest one where none is given)."""
        return Tree(self._folder, (checkpoint or self.checkpoint()).size, self._disk)

    def entry(self, index: int) -> bytes:
        """The leaf at ``index``, as it stands in its bundle. Raises ``NotFound`` beyond the log's end."""
        return self.tree().entry(index)

    def newest(self, most: int) -> Iterator[tuple[int, bytes]]:
        """The last ``most`` entries under the newest checkpoint, each with its index, the newest first; none is proved."""
        tree = self.tree()
        entries: list[bytes] = []
        for index in range(tree.size - 1, max(-1, tree.size - 1 - most), -1):
            number, slot = divmod(index, WIDTH)
            if not entries or slot == WIDTH - 1:
                entries = _whole(tree, number)
            yield index, entries[slot]

    def inclusion(self, index: int) -> list[bytes]:
        """The audit path of entry ``index`` in the newest checkpoint. Raises ``NotFound`` beyond the log's end."""
        return list(self.prove(index).path)

    def consistency(self, old_size: int) -> list[bytes]:
        """The proof that the log of ``old_size`` entries is a prefix of the newest checkpoint's."""
        tree = self.tree()
        return consistency_proof(old_size, tree.size, tree.node)

    def prove(self, index: int) -> Proof:
        """Entry ``index`` with its proof, which has been checked. Raises ``NotFound`` beyond the log's end.

        The proof stands on the last cosigned checkpoint, or, where the entry is younger, on the newest one.
        """
        checkpoint = self.cosigned()
        if checkpoint is None or index >= checkpoint.size:
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

    def verify(self, vkey: str | None = None, trust: Trust | None = None) -> Report:
        """Check every file that the newest checkpoint stands on. ``vkey`` as in ``checkpoint``.

        With ``trust``, its quorum must have cosigned the newest checkpoint or the last cosigned one; without ``vkey`` its
        logs are the keys that are believed. Raises nothing for what is damaged, missing or too little: the report names
        it. ``Invalid`` for a ``vkey`` that is none.
        """
        vkeys: Sequence[str | None] = [vkey] if vkey or trust is None or not trust.logs else [str(key) for key in trust.logs]
        for line in vkeys:
            if line:
                VerifyingKey.parse(line)
        try:
            known = self._first_that_opens(vkeys)
            # The earlier ones first: while a server writes, what is read later is never smaller.
            earlier, wrong = self._earlier(known)
            checkpoint = self.checkpoint(known)
        except Invalid as error:
            return Report("", 0, b"", (error,))
        tree = self.tree(checkpoint)
        damage = (*verify_tree(tree, checkpoint.root), *wrong)
        damage = damage or _no_prefixes(earlier, tree)
        cosigned = None
        if trust is not None and not damage:
            try:
                cosigned = _cosigned_size(trust, checkpoint, earlier.get(COSIGNED))
            except Invalid as error:
                damage = (error,)
        return Report(checkpoint.origin, checkpoint.size, checkpoint.root, damage, cosigned)

    def _open(self, file: str, vkey: str | None) -> Checkpoint | None:
        """The checkpoint in a file; ``None`` where no key that ``vkey`` leads to signed it."""
        key = VerifyingKey.parse(vkey) if vkey else self.vkey()
        note = self._text(file)
        try:
            if signatures_by(key, note):
                return open_checkpoint(note, key)
            signed = [heir for heir in self.keys(vkey) if signatures_by(heir, note)]
            return open_checkpoint(note, *signed) if signed else None
        except Invalid as error:
            if error.code == "audit_damaged":  # in another file
                raise
            raise damaged(file, f"a checkpoint signed by {key.name}", str(error)) from None

    def _first_that_opens(self, vkeys: Sequence[str | None]) -> str | None:
        """The first key that leads to the newest checkpoint; the last one where none does."""
        for vkey in vkeys[:-1]:
            with contextlib.suppress(Invalid):
                self.checkpoint(vkey)
                return vkey
        return vkeys[-1]

    def _earlier(self, vkey: str | None) -> tuple[dict[str, Checkpoint], list[Invalid]]:
        """The checkpoints in the files that hold earlier ones, and what is wrong with those files."""
        found, wrong = dict[str, Checkpoint](), list[Invalid]()
        for file in (COSIGNED, *self._rotations()):
            try:
                checkpoint = self.cosigned(vkey) if file == COSIGNED else self._handover(file)
                if checkpoint is not None:
                    found[file] = checkpoint
            except Invalid as error:
                wrong.append(error)
        return found, wrong

    def _handover(self, file: str) -> Checkpoint:
        """The checkpoint in a handover, as it is written: whom it leads to is for ``keys`` to say."""
        try:
            return parse_checkpoint(read_receipt(self._text(file)).note)
        except Invalid as error:
            raise damaged(file, "a handover", str(error)) from None

    def _rotations(self) -> list[str]:
        """The handovers, oldest first."""
        names = [name for name in self._disk.names(self._folder / ROTATIONS) if name.isdecimal()]
        return [f"{ROTATIONS}/{name}" for name in sorted(names, key=int)]

    def _text(self, file: str) -> str:
        return read_text(self._folder, file, self._disk)


def _whole(tree: Tree, number: int) -> list[bytes]:
    entries, whole = tree.bundle(number)
    if not whole:
        width = tree.width(0, number)
        raise damaged(tile_name(ENTRIES, number, width), f"{width} entries", f"{len(entries)} and a rest")
    return entries


def _no_prefixes(earlier: Mapping[str, Checkpoint], tree: Tree) -> tuple[Invalid, ...]:
    """An error for each earlier checkpoint that is no prefix of the tree, which is whole."""
    return tuple(
        damaged(file, f"a prefix of the {tree.size} entries", f"another tree of {checkpoint.size}")
        for file, checkpoint in earlier.items()
        if checkpoint.size > tree.size or tree_root(checkpoint.size, tree.node) != checkpoint.root
    )


def _cosigned_size(trust: Trust, newest: Checkpoint, cosigned: Checkpoint | None) -> int:
    """The size up to which the quorum has cosigned. Raises ``Invalid`` where it has not."""
    try:
        trust.check(newest)
    except Invalid:
        if cosigned is None:
            raise
        trust.check(cosigned)
        return cosigned.size
    return newest.size
