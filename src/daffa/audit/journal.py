"""The write-ahead file as bytes: groups of records, and what can be read back of them. Knows no file system.

A group is what one commit makes durable. It begins on a multiple of 64 bytes with a header of 64 bytes:

    magic 8 · log 8 · index of the first record u64 · records u32 · payload bytes u32 · SHA-256 32

and its payload holds, for each record, ``leaf length u16 · sealed length u32 · key 32 · leaf · sealed``.
Numbers are little-endian. The digest covers the header before it and the payload; zeros follow up to the next multiple of 64.
A group is taken whole or not at all: a torn one was never acknowledged.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from .entry import KEY_SIZE, Record

__all__ = ["ALIGNMENT", "Group", "encode_group", "log_mark", "scan"]

ALIGNMENT = 64

_MAGIC = b"daffaw\x00\x01"
_HEAD = struct.Struct("<8s8sQII")
_RECORD = struct.Struct(f"<HI{KEY_SIZE}s")
_DIGEST = 32
# More zeros than any payload ends in: each record ends in the 16 bytes of a tag.
_ZEROS = bytes(1 << 16)


@dataclass(frozen=True, slots=True)
class Group:
    """Records that became durable together; ``first`` is the index of the first, ``end`` that after the last."""

    first: int
    records: tuple[Record, ...]

    @property
    def end(self) -> int:
        """The index after the last record."""
        return self.first + len(self.records)


def log_mark(origin: str) -> bytes:
    """Eight bytes that keep the write-ahead file of one log from being taken for another's."""
    return sha256(origin.encode()).digest()[:8]


def encode_group(mark: bytes, first: int, records: Sequence[Record]) -> bytes:
    """The bytes of one group, a multiple of 64 long."""
    parts: list[bytes] = []
    for record in records:
        parts += (_RECORD.pack(len(record.leaf), len(record.sealed), record.key), record.leaf, record.sealed)
    payload = b"".join(parts)
    head = _HEAD.pack(_MAGIC, mark, first, len(records), len(payload))
    digest = sha256(head)
    digest.update(payload)
    return b"".join((head, digest.digest(), payload, bytes(-len(payload) % ALIGNMENT)))


def scan(data: bytes, mark: bytes) -> tuple[list[Group], list[Group]]:
    """The whole groups from the start of ``data``, and those that stand whole *behind* a broken place.

    The second list is empty after a crash, however it tore the last group, for a group is written only once the one
    before is durable. If it is not, the file was damaged in its middle (or was being emptied when the machine stopped).

    Zeros behind ``data`` are the same as none: a group that ends in zeros is whole without them.
    """
    data += _ZEROS
    groups: list[Group] = []
    position = 0
    while found := _group_at(data, position, mark):
        group, position = found
        groups.append(group)
    stray: list[Group] = []
    position = data.find(_MAGIC + mark, position)
    while position >= 0:
        found = _group_at(data, position, mark) if position % ALIGNMENT == 0 else None
        if found:
            stray.append(found[0])
        position = data.find(_MAGIC + mark, found[1] if found else position + 1)
    return groups, stray


def _group_at(data: bytes, position: int, mark: bytes) -> tuple[Group, int] | None:
    """The group at ``position`` and the position after it, if a whole one stands there."""
    body = position + _HEAD.size + _DIGEST
    if len(data) < body:
        return None
    magic, its_mark, first, count, length = _HEAD.unpack_from(data, position)
    if magic != _MAGIC or its_mark != mark or len(data) < body + length:
        return None
    digest = sha256(data[position : position + _HEAD.size])
    payload = data[body : body + length]
    digest.update(payload)
    if digest.digest() != data[position + _HEAD.size : body]:
        return None
    records = _records(payload, count)
    return (Group(first, records), body + length + (-length % ALIGNMENT)) if records else None


def _records(payload: bytes, count: int) -> tuple[Record, ...]:
    """The records of a payload, or none where it does not hold exactly ``count`` of them."""
    records: list[Record] = []
    position = 0
    while len(records) < count and position + _RECORD.size <= len(payload):
        leaf_length, sealed_length, key = _RECORD.unpack_from(payload, position)
        start = position + _RECORD.size
        middle, position = start + leaf_length, start + leaf_length + sealed_length
        records.append(Record(payload[start:middle], key, payload[middle:position]))
    return tuple(records) if len(records) == count and position == len(payload) else ()
