"""Signed notes, verifying keys and checkpoints (C2SP signed-note, tlog-checkpoint). Knows no file and makes no key.

Only plain Ed25519 (signature type 1) is understood; signatures by unknown keys are passed over, as the format asks.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from daffa.errors import Invalid

from .merkle import HASH_SIZE

__all__ = [
    "Checkpoint",
    "VerifyingKey",
    "decimal",
    "from_base64",
    "good_name",
    "open_checkpoint",
    "parse_checkpoint",
    "sign_checkpoint",
    "to_base64",
    "verifying_key",
]

_ED25519 = b"\x01"
_MAX_NOTE = 1 << 16
_MAX_SIGNATURES = 64
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f\ud800-\udfff]+")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


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
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The public key of a log. ``str(key)`` is the vkey line ``name+id+base64`` that foreign verifiers take."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(_ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifyingKey:
        """Read a vkey line. Raises ``Invalid``."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            blob = from_base64(encoded)
        except Invalid:
            blob = b""
        if not good_name(name) or len(blob) != 1 + HASH_SIZE or blob[:1] != _ED25519:
            raise _invalid("vkey", "name+8 hex digits+base64 of an Ed25519 key", text)
        key = cls(name, blob[1:])
        if key.id.hex() != key_id:
            raise _invalid("vkey", f"key id {key.id.hex()}", key_id)
        return key


def verifying_key(origin: str, key: Ed25519PrivateKey) -> VerifyingKey:
    """The public half of a log's key, under the log's name."""
    return VerifyingKey(origin, key.public_key().public_bytes_raw())


def good_name(name: str) -> bool:
    """Whether ``name`` may name a log or a key: not empty, no space, no ``+``, no control character, encodable."""
    return bool(_NAME.fullmatch(name))


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> Checkpoint:
    """The same checkpoint with its signed note, the log's origin being the name of the key."""
    body = checkpoint.body()
    name = verifying_key(checkpoint.origin, key)
    signature = to_base64(name.id + key.sign(body.encode()))
    return Checkpoint(checkpoint.origin, checkpoint.size, checkpoint.root, f"{body}\n— {name.name} {signature}\n")


def parse_checkpoint(note: str) -> Checkpoint:
    """Read a checkpoint **without** checking any signature. Raises ``Invalid``."""
    body, _ = _split_note(note)
    lines = body.split("\n")
    if len(lines) < 4 or not all(lines[:-1]):
        raise _invalid("checkpoint", "origin, size and root, each on its line", body)
    root = from_base64(lines[2])
    if len(root) != HASH_SIZE:
        raise _invalid("checkpoint", f"a root of {HASH_SIZE} bytes", f"{len(root)} bytes")
    return Checkpoint(lines[0], decimal(lines[1]), root, note)


def open_checkpoint(note: str, key: VerifyingKey) -> Checkpoint:
    """Read a checkpoint that ``key`` signed. Raises ``Invalid`` (``signature_does_not_hold``, ``invalid_field``)."""
    checkpoint = parse_checkpoint(note)
    body, signatures = _split_note(note)
    mine = [signature for name, signature in signatures if name == key.name and signature[:4] == key.id]
    if not mine or checkpoint.origin != key.name:
        raise Invalid("signature_does_not_hold", name=key.name)
    public = Ed25519PublicKey.from_public_bytes(key.public)
    for signature in mine:
        try:
            public.verify(signature[4:], body.encode())
        except InvalidSignature:
            raise Invalid("signature_does_not_hold", name=key.name) from None
    return checkpoint


def to_base64(data: bytes) -> str:
    """Standard base64 with padding, as all C2SP formats have it."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """The bytes of canonical standard base64. Raises ``Invalid``."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid("base64", "standard base64", text) from None
    if to_base64(data) != text:
        raise _invalid("base64", "canonical base64", text)
    return data


def decimal(text: str) -> int:
    """A number of at most 19 ASCII digits without leading zeros. Raises ``Invalid``."""
    if not _DECIMAL.fullmatch(text):
        raise _invalid("number", "decimal digits without leading zeros", text)
    return int(text)


def _split_note(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The signed text and its signatures as ``(name, key id + signature)``."""
    if len(note) > _MAX_NOTE or _CONTROL.search(note):
        raise _invalid("note", f"at most {_MAX_NOTE} characters and no control character", note)
    head, blank, tail = note.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or lines.pop() or not 1 <= len(lines) <= _MAX_SIGNATURES:
        raise _invalid("note", "a text, a blank line and signature lines", note)
    return head + "\n", [_signature(line) for line in lines]


def _signature(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    signature = from_base64(encoded)
    if dash != "—" or not good_name(name) or len(signature) < 5:
        raise _invalid("note", "signature lines: em dash, name, base64", line)
    return name, signature


def _invalid(field: str, expected: str, got: Any) -> Invalid:
    return Invalid("invalid_field", field=field, expected=expected, got=str(got)[:120])
