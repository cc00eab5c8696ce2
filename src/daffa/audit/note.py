"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint). Knows no file and makes no key.

Signatures by unknown keys are passed over, as the format asks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from daffa.errors import Invalid

from .merkle import HASH_SIZE
from .notation import decimal, from_base64, good_name, to_base64, unreadable
from .vkey import VerifyingKey, verifying_key

__all__ = [
    "MAX_NOTE",
    "Checkpoint",
    "only_signed_by",
    "open_checkpoint",
    "parse_checkpoint",
    "sign_checkpoint",
    "signature_line",
    "signatures_by",
    "signed_text",
]

# Sixteen post-quantum signatures fit, as the format asks.
MAX_NOTE = 1 << 17
_MAX_SIGNATURES = 64
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log signs: its name, how many entries it has, and the root over them (32 bytes).

    Attributes:
        note: the signed text as it stands in the file, signatures included; empty where nothing was signed yet.
    """

    origin: str
    size: int
    root: bytes
    note: str = ""

    def body(self) -> str:
        """The text that our logs sign."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    def same_tree(self, other: Checkpoint) -> bool:
        """Whether two checkpoints say the same, whoever signed them."""
        return (self.origin, self.size, self.root) == (other.origin, other.size, other.root)


def sign_checkpoint(checkpoint: Checkpoint, *keys: Ed25519PrivateKey) -> Checkpoint:
    """The same checkpoint with its signed note, the log's origin being the name of each key."""
    body = checkpoint.body()
    lines = [signature_line(verifying_key(checkpoint.origin, key), key.sign(body.encode())) for key in keys]
    return replace(checkpoint, note="".join((body, "\n", *lines)))


def parse_checkpoint(note: str) -> Checkpoint:
    """Read a checkpoint **without** checking any signature. Raises ``Invalid``."""
    body, _ = _split_note(note)
    lines = body.split("\n")
    if len(lines) < 4 or not all(lines[:-1]):
        raise unreadable("checkpoint", "origin, size and root, each on its line", body)
    root = from_base64(lines[2])
    if len(root) != HASH_SIZE:
        raise unreadable("checkpoint", f"a root of {HASH_SIZE} bytes", f"{len(root)} bytes")
    return Checkpoint(lines[0], decimal(lines[1]), root, note)


def open_checkpoint(note: str, *keys: VerifyingKey) -> Checkpoint:
    """Read a checkpoint that one of ``keys`` signed, all of them keys of one log.

    Raises ``Invalid``: ``signature_does_not_hold`` where none of them did, or where what stands as the signature of one
    is not; ``invalid_field``.
    """
    checkpoint = parse_checkpoint(note)
    body = signed_text(note).encode()
    signed = False
    for key in keys:
        for signature in signatures_by(key, note):
            key.verify(signature, body)
            signed = signed or checkpoint.origin == key.name
    if not signed:
        raise Invalid("signature_does_not_hold", name=keys[-1].name)
    return checkpoint


def signed_text(note: str) -> str:
    """The part of a note that its signatures sign. Raises ``Invalid``."""
    return _split_note(note)[0]


def signatures_by(key: VerifyingKey, note: str) -> list[bytes]:
    """What stands in a note as signatures of ``key``, unchecked. Raises ``Invalid``."""
    return [signature[4:] for name, signature in _split_note(note)[1] if name == key.name and signature[:4] == key.id]


def only_signed_by(note: str, *keys: VerifyingKey) -> str:
    """The note with the signatures of ``keys`` alone, at most one each: whoever passes a note on may add lines to it."""
    kept = [signature_line(key, signature) for key in keys for signature in signatures_by(key, note)[:1]]
    return "".join((signed_text(note), "\n", *kept))


def signature_line(key: VerifyingKey, signature: bytes) -> str:
    """The line of a note, with its line end, that carries a signature of ``key``."""
    return f"— {key.name} {to_base64(key.id + signature)}\n"


def _split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The signed text and its signatures as ``(name, key id + signature)``."""
    if len(note) > MAX_NOTE or _CONTROL.search(note):
        raise unreadable("note", f"at most {MAX_NOTE} characters and no control character", note)
    head, blank, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or lines.pop() or not 1 <= len(lines) <= _MAX_SIGNATURES:
        raise unreadable("note", "a text, a blank line and signature lines", note)
    return head + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    signature = from_base64(encoded)
    if dash != "—" or not good_name(name) or len(signature) < 5:
        raise unreadable("note", "signature lines: em dash, name, base64", line)
    return name, signature
