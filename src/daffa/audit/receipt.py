"""Receipts (C2SP tlog-proof@v1): one text that proves offline that an entry is in a log. Knows no file.

Who keeps the receipt, the entry and the log's vkey needs nobody's server to check them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from daffa.errors import Invalid

from .merkle import HASH_SIZE, check_inclusion, leaf_hash
from .note import Checkpoint, VerifyingKey, decimal, from_base64, open_checkpoint, to_base64

__all__ = ["Proven", "verify_receipt", "write_receipt"]

_FIRST = "c2sp.org/tlog-proof@v1"
_MAX_PATH = 64


@dataclass(frozen=True, slots=True)
class Proven:
    """What a receipt proved: the entry stands at ``index`` of the log that signed ``checkpoint``."""

    index: int
    checkpoint: Checkpoint


def write_receipt(index: int, path: Sequence[bytes], checkpoint: Checkpoint) -> str:
    """The receipt of entry ``index``; ``path`` is its inclusion proof in the signed ``checkpoint``."""
    return "\n".join([_FIRST, f"index {index}", *map(to_base64, path), "", checkpoint.note])


def verify_receipt(receipt: str, entry: bytes, vkey: str) -> Proven:
    """Check that ``entry`` stands in the log of ``vkey`` as the receipt says.

    Raises ``Invalid``: ``receipt_unreadable``, ``signature_does_not_hold``, ``proof_does_not_hold``, or
    ``invalid_field`` for the vkey or the checkpoint.
    """
    index, path, note = _parse(receipt)
    checkpoint = open_checkpoint(note, VerifyingKey.parse(vkey))
    check_inclusion(leaf_hash(entry), index, checkpoint.size, path, checkpoint.root)
    return Proven(index, checkpoint)


def _parse(receipt: str) -> tuple[int, list[bytes], str]:
    head, blank, note = receipt.partition("\n\n")
    lines = head.split("\n")
    if len(lines) > 1 and lines[1].startswith("extra "):
        del lines[1]  # opaque to us and signed by nobody
    if not blank or lines[0] != _FIRST or len(lines) < 2 or not lines[1].startswith("index "):
        raise Invalid("receipt_unreadable", expected=f"{_FIRST}, index, path, checkpoint")
    path = [from_base64(line) for line in lines[2:]]
    if len(path) > _MAX_PATH or any(len(step) != HASH_SIZE for step in path):
        raise Invalid("receipt_unreadable", expected=f"at most {_MAX_PATH} hashes of {HASH_SIZE} bytes")
    return decimal(lines[1].removeprefix("index ")), path, note
