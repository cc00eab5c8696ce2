"""What log and witness say to each other (C2SP tlog-witness): texts in, texts out. Knows neither HTTP nor any state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from daffa.errors import Invalid

from .merkle import HASH_SIZE
from .notation import decimal, from_base64, to_base64, unreadable
from .note import MAX_NOTE, Checkpoint, parse_checkpoint

__all__ = ["MAX_SUBMISSION", "SIZE_TYPE", "Submission", "read_submission", "write_submission"]

SIZE_TYPE = "text/x.tlog.size"
"""Content type of the 409 answer that names the size which the witness cosigned last."""

_MAX_PROOF = 63
MAX_SUBMISSION = 4 * MAX_NOTE
"""Bytes of a submission beyond which nobody reads: a note of the longest, in the widest characters, and its proof."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint, unchecked, with the proof that the tree of ``old`` entries is a prefix of it."""

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Checkpoint


def write_submission(old: int, proof: Sequence[bytes], checkpoint: Checkpoint) -> bytes:
    """The body of ``add-checkpoint``."""
    return "\n".join([f"old {old}", *map(to_base64, proof), "", checkpoint.note]).encode()


def read_submission(body: bytes) -> Submission:
    """The submission in a body. Raises ``Invalid``."""
    try:
        head, blank, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise unreadable("body", "UTF-8", "other bytes") from None
    first, *lines = head.split("\n")
    if not blank or not first.startswith("old ") or len(lines) > _MAX_PROOF:
        raise unreadable("body", f"old size, at most {_MAX_PROOF} hashes, a blank line, a checkpoint", head)
    proof = tuple(map(from_base64, lines))
    if any(len(step) != HASH_SIZE for step in proof):
        raise Invalid("invalid_field", field="proof", expected=f"hashes of {HASH_SIZE} bytes", got="another length")
    return Submission(decimal(first.removeprefix("old ")), proof, parse_checkpoint(note))
