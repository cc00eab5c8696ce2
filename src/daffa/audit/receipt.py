"""Receipts (C2SP tlog-proof@v1): one text that proves offline that an entry is in a log. Knows no file.

Who keeps the receipt, the entry, the log's vkey and those of the witnesses needs nobody's server to check them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from daffa.errors import Invalid

from .cosignature import Cosignature
from .merkle import HASH_SIZE, check_inclusion, leaf_hash
from .notation import decimal, from_base64, to_base64
from .note import Checkpoint, open_checkpoint, signatures_by
from .trust import Trust
from .vkey import VerifyingKey

__all__ = ["Proven", "Receipt", "read_receipt", "verify_receipt", "write_receipt"]

_FIRST = "c2sp.org/tlog-proof@v1"
_MAX_PATH = 64


@dataclass(frozen=True, slots=True)
class Proven:
    """What a receipt proved: the entry stands at ``index`` of the log that signed ``checkpoint``.

    Attributes:
        cosignatures: of the witnesses that the verifier trusts, earliest first.
    """

    index: int
    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as it is written, unchecked. ``extra`` is vouched for by nobody, unless it is checked as the entry."""

    index: int
    path: tuple[bytes, ...]
    note: str
    extra: bytes = b""

    def check(self, entry: bytes, *keys: VerifyingKey) -> Checkpoint:
        """The checkpoint that one of ``keys`` signed and ``entry`` stands under. Raises ``Invalid``."""
        checkpoint = open_checkpoint(self.note, *keys)
        check_inclusion(leaf_hash(entry), self.index, checkpoint.size, self.path, checkpoint.root)
        return checkpoint

    def signed_by(self, key: VerifyingKey) -> bool:
        """Whether it claims to be signed by ``key``. Raises ``Invalid``."""
        return bool(signatures_by(key, self.note))


def write_receipt(index: int, path: Sequence[bytes], checkpoint: Checkpoint, extra: bytes = b"") -> str:
    """The receipt of entry ``index``; ``path`` is its inclusion proof in the signed ``checkpoint``."""
    more = [f"extra {to_base64(extra)}"] if extra else []
    return "\n".join([_FIRST, *more, f"index {index}", *map(to_base64, path), "", checkpoint.note])


def read_receipt(text: str) -> Receipt:
    """The receipt in a text. Raises ``Invalid``: ``receipt_unreadable``, ``invalid_field``."""
    head, blank, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    extra = from_base64(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else b""
    if not blank or first != _FIRST or not lines or not lines[0].startswith("index "):
        raise Invalid("receipt_unreadable", expected=f"{_FIRST}, index, path, checkpoint")
    path = tuple(from_base64(line) for line in lines[1:])
    if len(path) > _MAX_PATH or any(len(step) != HASH_SIZE for step in path):
        raise Invalid("receipt_unreadable", expected=f"at most {_MAX_PATH} hashes of {HASH_SIZE} bytes")
    return Receipt(decimal(lines[0].removeprefix("index ")), path, note, extra)


def verify_receipt(receipt: str, entry: bytes, vkey: str = "", trust: Trust | None = None) -> Proven:
    """Check that ``entry`` stands in the log of ``vkey`` (or else in one that is trusted) as the receipt says.

    With ``trust`` its quorum of witnesses must have cosigned the checkpoint too. Raises ``Invalid``:
    ``receipt_unreadable``, ``signature_does_not_hold``, ``proof_does_not_hold``, ``too_few_cosignatures``, or
    ``invalid_field`` for the vkey or the checkpoint.
    """
    keys = [VerifyingKey.parse(vkey)] if vkey or trust is None else trust.logs
    if not keys:
        raise Invalid("invalid_field", field="vkey", expected="a verifying key, given or trusted", got="nothing")
    read = read_receipt(receipt)
    checkpoint = read.check(entry, *keys)
    return Proven(read.index, checkpoint, trust.check(checkpoint) if trust else ())
