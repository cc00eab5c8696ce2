"""Cosignatures (C2SP tlog-cosignature): a witness's word on a checkpoint, made and checked. Knows no clock and no file.

A cosignature says that at its time the witness had seen no larger tree of this log, and that all it ever cosigned of it is
a prefix of this one. Two kinds: Ed25519, and ML-DSA-44, which a quantum computer does not forge.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from daffa.errors import Invalid, Unavailable

from .note import Checkpoint, signature_line, signatures_by, signed_text
from .vkey import KeyKind, VerifyingKey

__all__ = ["LONGEST_NAME", "Cosignature", "Cosigner", "WitnessKey", "cosigned", "new_witness_key"]

WitnessKey: TypeAlias = Ed25519PrivateKey | MLDSA44PrivateKey

LONGEST_NAME = 255
"""Bytes that the name of a witness, or of a log, may have in a cosignature."""

_LABEL = b"subtree/v1\n\0"
_END_OF_TIME = 1 << 63


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A cosignature that was checked: whose, and when the witness says that it was made (Unix seconds)."""

    key: VerifyingKey
    time: int


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness's name and private key."""

    name: str
    key: WitnessKey

    @property
    def vkey(self) -> VerifyingKey:
        """The line by which others verify this witness."""
        kind = KeyKind.ML_DSA_44 if isinstance(self.key, MLDSA44PrivateKey) else KeyKind.COSIGNATURE
        return VerifyingKey(self.name, self.key.public_key().public_bytes_raw(), kind)

    def sign(self, checkpoint: Checkpoint, time: int) -> str:
        """The signature line over a checkpoint that has its note; ``time`` in Unix seconds."""
        signature = self.key.sign(_message(self.vkey, checkpoint, time))
        return signature_line(self.vkey, time.to_bytes(8, "big") + signature)


def new_witness_key(kind: KeyKind) -> WitnessKey:
    """A fresh key of one of the two kinds. Raises ``Unavailable`` where this machine has no ML-DSA."""
    try:
        return MLDSA44PrivateKey.generate() if kind is KeyKind.ML_DSA_44 else Ed25519PrivateKey.generate()
    except UnsupportedAlgorithm:
        raise Unavailable("ml_dsa_is_missing") from None


def cosigned(checkpoint: Checkpoint, keys: Iterable[VerifyingKey]) -> tuple[Cosignature, ...]:
    """The cosignatures that ``keys`` made on a checkpoint, at most one a key, in the order of the keys.

    Raises ``Invalid`` (``signature_does_not_hold``) where what stands as the cosignature of one of them is not.
    """
    found = []
    for key in keys:
        times = [_time_of(key, checkpoint, signature) for signature in signatures_by(key, checkpoint.note)]
        if times:
            found.append(Cosignature(key, max(times)))
    return tuple(found)


def _time_of(key: VerifyingKey, checkpoint: Checkpoint, signature: bytes) -> int:
    time = int.from_bytes(signature[:8], "big")
    # Time 0 is that of a cosignature which does not say that this was the largest tree seen.
    if not 0 < time < _END_OF_TIME:
        raise Invalid("signature_does_not_hold", name=key.name)
    key.verify(signature[8:], _message(key, checkpoint, time))
    return time


def _message(key: VerifyingKey, checkpoint: Checkpoint, time: int) -> bytes:
    if key.kind is KeyKind.COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n{signed_text(checkpoint.note)}".encode()
    start = 0
    numbers = [number.to_bytes(8, "big") for number in (time, start, checkpoint.size)]
    return b"".join(
        (_LABEL, _vector(key.name), numbers[0], _vector(checkpoint.origin), numbers[1], numbers[2], checkpoint.root)
    )


def _vector(name: str) -> bytes:
    data = name.encode()
    if len(data) > LONGEST_NAME:
        raise Invalid("invalid_field", field="name", expected=f"at most {LONGEST_NAME} bytes", got=f"{len(data)} bytes")
    return bytes([len(data)]) + data
