"""Verifying keys as lines (C2SP signed-note, tlog-cosignature): of logs, and of witnesses of two kinds. Makes no key."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from daffa.errors import Invalid, Unavailable

from .notation import from_base64, good_name, to_base64, unreadable

__all__ = ["LOGS", "WITNESSES", "KeyKind", "VerifyingKey", "verifying_key"]


class KeyKind(IntEnum):
    """The signature types that are understood, by their C2SP byte."""

    ED25519 = 0x01
    COSIGNATURE = 0x04
    ML_DSA_44 = 0x06


LOGS = frozenset({KeyKind.ED25519})
WITNESSES = frozenset({KeyKind.COSIGNATURE, KeyKind.ML_DSA_44})

_SIZES = {KeyKind.ED25519: 32, KeyKind.COSIGNATURE: 32, KeyKind.ML_DSA_44: 1312}


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The public key of a log or of a witness. ``str(key)`` is the vkey line ``name+id+base64`` that foreign verifiers take."""

    name: str
    public: bytes
    kind: KeyKind = KeyKind.ED25519

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + self._blob()).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(self._blob())}"

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raises ``Invalid`` (``signature_does_not_hold``), or ``Unavailable`` where this machine cannot check ML-DSA."""
        try:
            if self.kind is KeyKind.ML_DSA_44:
                MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, message)
            else:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise Invalid("signature_does_not_hold", name=self.name) from None
        except UnsupportedAlgorithm:
            raise Unavailable("ml_dsa_is_missing") from None

    @classmethod
    def parse(cls, text: str, kinds: Container[KeyKind] = LOGS) -> VerifyingKey:
        """Read the vkey line of a log, or of whom ``kinds`` says. Raises ``Invalid``."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        try:
            blob = from_base64(encoded)
            kind = KeyKind(blob[0])
        except (Invalid, ValueError, IndexError):
            kind = None
        if not good_name(name) or kind is None or kind not in kinds or len(blob) != 1 + _SIZES[kind]:
            whose = "an Ed25519 key" if kinds is LOGS else "a witness key (type 04 or 06)"
            raise unreadable("vkey", f"name+8 hex digits+base64 of {whose}", text)
        key = cls(name, blob[1:], kind)
        if key.id.hex() != key_id:
            raise unreadable("vkey", f"key id {key.id.hex()}", key_id)
        return key

    def _blob(self) -> bytes:
        return bytes([self.kind]) + self.public


def verifying_key(origin: str, key: Ed25519PrivateKey) -> VerifyingKey:
    """The public half of a log's key, under the log's name."""
    return VerifyingKey(origin, key.public_key().public_bytes_raw())
