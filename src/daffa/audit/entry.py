"""What is written down: decisions, outcomes and changes, and how one becomes a leaf. Knows no file, clock or randomness.

A leaf shows in clear only the fields of the ``...Leaf`` structs below. Everything else, the exact time
included, is the entry's *details*: the leaf holds one HMAC-SHA256 commitment to them under the record's own key,
and the details are kept sealed beside the log. Without the record key they can be neither read nor guessed.
"""

from __future__ import annotations

import functools
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, TypeAlias, get_args

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from daffa.errors import Invalid

from .tiles import MAX_ENTRY

__all__ = [
    "BUCKET",
    "KEY_SIZE",
    "MAX_DETAILS",
    "Change",
    "ChangeLeaf",
    "Decision",
    "DecisionLeaf",
    "Details",
    "Entry",
    "Erasure",
    "ErasureLeaf",
    "Leaf",
    "Outcome",
    "OutcomeLeaf",
    "Record",
    "Rotation",
    "RotationLeaf",
    "erased_by",
    "read_leaf",
    "seal",
    "unseal",
]

JSON: TypeAlias = "Mapping[str, JSON] | Sequence[JSON] | str | int | float | bool | None"

BUCKET = 300
KEY_SIZE = 32
MAX_DETAILS = 1 << 18

# A record key seals one message once, so the nonce may be constant.
_NONCE = bytes(12)
_SEALING = b"daffa audit: sealing key, version 1\n"


# What is made for each request is a msgspec struct: frozen as a dataclass would be, at a sixth of the time.
class Decision(msgspec.Struct, frozen=True, gc=False):
    """A decision, recorded before anything leaves.

    Attributes:
        door: the door that asked, e.g. ``"gateway"``.
        allowed: the verdict.
        rules: ids of the rules that decided.
        nearest: on a refusal by silence, ids of the permits that came nearest.
        place: id of the place that was decided on.
        level: level of the label, 0 to 4.
        bundle: digest of the law in force.
        refused: places that were considered and refused, each with the ids of the rules that refused it.
        time: Unix seconds; the leaf shows it to ``BUCKET`` seconds only.
        details: everything that must not stand in clear; at most ``MAX_DETAILS`` bytes of JSON.
        reason: a code, where something else than the law refused; else empty.
    """

    door: str
    allowed: bool
    rules: tuple[str, ...]
    nearest: tuple[str, ...]
    place: str
    level: int
    bundle: str
    refused: tuple[tuple[str, tuple[str, ...]], ...]
    time: float
    details: Mapping[str, JSON]
    reason: str = ""


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of a decision: ``status`` (answered, failed, client_gone, ...), HTTP status, tokens and bytes."""

    decision: int
    status: str
    http_status: int
    tokens_in: int
    tokens_out: int
    bytes_out: int
    time: float
    details: Mapping[str, JSON]


class Change(msgspec.Struct, frozen=True, gc=False):
    """An administrative change: a key made, a policy loaded, ... Only the name of the action stands in clear."""

    action: str
    time: float
    details: Mapping[str, JSON]


class Erasure(msgspec.Struct, frozen=True, gc=False):
    """That the details of the entry ``erased`` are erased for good. Who asked, and why, stands in ``details``."""

    erased: int
    time: float
    details: Mapping[str, JSON]


class Rotation(msgspec.Struct, frozen=True, gc=False):
    """That the log's next checkpoints are signed by the key of ``vkey``."""

    vkey: str
    time: float
    details: Mapping[str, JSON]


# The canonical order of a leaf is that of the alphabet, its kind among the fields: the encoder sees to it.
class _Leaf(msgspec.Struct, frozen=True, gc=False, tag_field="kind"):
    """Mother of the leaves: one look at the bytes tells the kind and reads its fields."""

    @property
    def kind(self) -> str:
        """The name of the kind, as the leaf shows it."""
        return str(self.__struct_config__.tag)


class DecisionLeaf(_Leaf, frozen=True, gc=False, omit_defaults=True, tag="decision"):
    """A decision as the log shows it; ``reason`` only where there is one."""

    bundle: str
    commitment: str
    door: str
    level: int
    nearest: tuple[str, ...]
    place: str
    refused: tuple[tuple[str, tuple[str, ...]], ...]
    rules: tuple[str, ...]
    time: str
    verdict: str
    reason: str = ""


class OutcomeLeaf(_Leaf, frozen=True, gc=False, tag="outcome"):
    """An outcome as the log shows it; ``decision`` is the index of its decision."""

    bytes_out: int
    commitment: str
    decision: int
    http_status: int
    status: str
    time: str
    tokens_in: int
    tokens_out: int


class ChangeLeaf(_Leaf, frozen=True, gc=False, tag="change"):
    """A change as the log shows it."""

    action: str
    commitment: str
    time: str


class ErasureLeaf(_Leaf, frozen=True, gc=False, tag="erasure"):
    """An erasure as the log shows it."""

    commitment: str
    erased: int
    time: str


class RotationLeaf(_Leaf, frozen=True, gc=False, tag="rotation"):
    """A change of the log's key as the log shows it."""

    commitment: str
    time: str
    vkey: str


class _Kind(msgspec.Struct):
    kind: str
    commitment: str


class _Details(msgspec.Struct, frozen=True):
    details: dict[str, Any]
    time: float


Entry: TypeAlias = Decision | Outcome | Change | Erasure | Rotation
Leaf: TypeAlias = DecisionLeaf | OutcomeLeaf | ChangeLeaf | ErasureLeaf | RotationLeaf


@dataclass(frozen=True, slots=True)
class Details:
    """What a record key opens: the exact time (Unix seconds) and the details as they were given."""

    time: float
    details: Mapping[str, JSON]


class Record(msgspec.Struct, frozen=True, gc=False):
    """An entry ready to be written: the public leaf, the record key, the sealed details."""

    leaf: bytes
    key: bytes
    sealed: bytes


_encode = msgspec.json.Encoder(order="sorted").encode
_kind = msgspec.json.Decoder(_Kind)
_details = msgspec.json.Decoder(_Details)
_leaf_of: msgspec.json.Decoder[Leaf] = msgspec.json.Decoder(Leaf)
_KINDS = {str(leaf.__struct_config__.tag) for leaf in get_args(Leaf)}


def seal(entry: Entry, key: bytes) -> Record:
    """Turn an entry into a record under ``key``: 32 random bytes that were never used before.

    Raises ``Invalid``: ``invalid_field`` for what is not JSON, ``audit_entry_too_large``.
    """
    try:
        plain = _encode({"details": entry.details, "time": entry.time})
        time = _stamp(int(entry.time // BUCKET))
        commitment = hmac.digest(key, plain, "sha256").hex()
        leaf = _encode(_leaf(entry, commitment, time))
    except (TypeError, ValueError, OverflowError, OSError, RecursionError, msgspec.MsgspecError) as error:
        raise Invalid("invalid_field", field="entry", expected="JSON values and a finite time", got=str(error)) from None
    if len(leaf) > MAX_ENTRY:
        raise Invalid("audit_entry_too_large", part="leaf", got=len(leaf), limit=MAX_ENTRY)
    if len(plain) > MAX_DETAILS:
        raise Invalid("audit_entry_too_large", part="details", got=len(plain), limit=MAX_DETAILS)
    return Record(leaf, key, _cipher(key).encrypt(_NONCE, plain, None))


def unseal(leaf: bytes, key: bytes, sealed: bytes) -> Details | None:
    """The details of a leaf, or ``None`` where key, sealed details and commitment do not belong together."""
    try:
        plain = _cipher(key).decrypt(_NONCE, sealed, None)
        commitment = _kind.decode(leaf).commitment
        opened = _details.decode(plain)
    except (InvalidTag, msgspec.DecodeError):
        return None
    if not hmac.compare_digest(hmac.digest(key, plain, "sha256").hex(), commitment):
        return None
    return Details(opened.time, opened.details)


def read_leaf(leaf: bytes) -> Leaf | None:
    """A leaf as a struct; ``None`` for a kind that a later version wrote. Raises ``Invalid`` for what is no leaf."""
    try:
        return _leaf_of.decode(leaf)
    except (msgspec.DecodeError, ValueError) as error:
        if _is_later(leaf):
            return None
        raise Invalid("invalid_field", field="leaf", expected="an entry of this log", got=str(error)) from None


def erased_by(leaf: bytes) -> int | None:
    """The index that a leaf erases, or ``None`` where it is no erasure. Cheap for all that are none."""
    # Quotes inside JSON strings are escaped: these bytes stand in no other leaf.
    if b'"kind":"erasure"' not in leaf:
        return None
    found = read_leaf(leaf)
    return found.erased if isinstance(found, ErasureLeaf) else None


def _is_later(leaf: bytes) -> bool:
    """Whether it is of a kind that this version does not know."""
    try:
        return _kind.decode(leaf).kind not in _KINDS
    except (msgspec.DecodeError, ValueError):
        return False


def _leaf(entry: Entry, commitment: str, time: str) -> Leaf:
    if isinstance(entry, Decision):
        return DecisionLeaf(
            entry.bundle,
            commitment,
            entry.door,
            entry.level,
            entry.nearest,
            entry.place,
            entry.refused,
            entry.rules,
            time,
            "allow" if entry.allowed else "refuse",
            entry.reason,
        )
    if isinstance(entry, Outcome):
        return OutcomeLeaf(
            entry.bytes_out,
            commitment,
            entry.decision,
            entry.http_status,
            entry.status,
            time,
            entry.tokens_in,
            entry.tokens_out,
        )
    if isinstance(entry, Change):
        return ChangeLeaf(entry.action, commitment, time)
    if isinstance(entry, Erasure):
        return ErasureLeaf(commitment, entry.erased, time)
    return RotationLeaf(commitment, time, entry.vkey)


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(sha256(_SEALING + key).digest())


@functools.lru_cache(maxsize=64)
def _stamp(bucket: int) -> str:
    return datetime.fromtimestamp(bucket * BUCKET, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
