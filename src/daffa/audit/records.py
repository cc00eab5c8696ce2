"""The record keys and the sealed details, each in a folder of its own. Knows no leaf and opens nothing.

Both folders hold one file for 4096 entries. A file of ``keys/`` is 4096 slots of 32 bytes; a slot of zeros is a
destroyed key. A file of ``sealed/`` begins with 4096 pairs ``offset u32 · length u32`` (little-endian), where
length 0 means that nothing is kept, and the sealed details follow in the order in which they came.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from .disk import File
from .entry import KEY_SIZE, Record
from .files import PRIVATE, Folders
from .tiles import numbered

__all__ = ["Records"]

SLOTS = 4096
_PLACE = struct.Struct("<II")
_LENGTH_AT = 4
_TABLE = SLOTS * _PLACE.size


class Records:
    """The two stores of one log. Used by one thread at a time. Methods raise ``OSError`` where the disk refuses."""

    def __init__(self, folder: Path, folders: Folders | None = None) -> None:
        self._folders = folders or Folders()
        self._disk = self._folders.disk
        self._keys = folder / "keys"
        self._sealed = folder / "sealed"
        self._folders.make(self._keys, PRIVATE)
        self._folders.make(self._sealed, PRIVATE)

    def put(self, first: int, records: Sequence[Record]) -> None:
        """Keep the keys and sealed details of consecutive entries; durable on return. Putting again replaces."""
        taken = 0
        while taken < len(records):
            number, slot = divmod(first + taken, SLOTS)
            part = records[taken : taken + SLOTS - slot]
            self._put_keys(number, slot, part)
            self._put_sealed(number, slot, part)
            taken += len(part)

    def get(self, index: int) -> tuple[bytes, bytes] | None:
        """The key and the sealed details of an entry; ``None`` where either is gone."""
        number, slot = divmod(index, SLOTS)
        try:
            with self._opened(self._keys / numbered(number)) as keys:
                key = keys.read(KEY_SIZE, slot * KEY_SIZE)
            with self._opened(self._sealed / numbered(number)) as sealed:
                offset, length = _place(sealed, slot)
                details = sealed.read(length, offset)
        except FileNotFoundError:
            return None
        return (key, details) if len(key) == KEY_SIZE and any(key) and details else None

    def destroy(self, index: int) -> None:
        """Overwrite the key of an entry, then its sealed details; durable on return. Twice is harmless."""
        number, slot = divmod(index, SLOTS)
        with contextlib.suppress(FileNotFoundError), self._opened(self._keys / numbered(number)) as keys:
            _write(keys, bytes(KEY_SIZE), slot * KEY_SIZE)
        with contextlib.suppress(FileNotFoundError), self._opened(self._sealed / numbered(number)) as sealed:
            offset, length = _place(sealed, slot)
            if length:
                _write(sealed, bytes(length), offset)
                # The length alone: a place that was torn half-way would, next time, have other details overwritten.
                _write(sealed, bytes(_PLACE.size - _LENGTH_AT), slot * _PLACE.size + _LENGTH_AT)

    def _put_keys(self, number: int, slot: int, records: Sequence[Record]) -> None:
        with self._made(self._keys / numbered(number)) as keys:
            _write(keys, b"".join([record.key for record in records]), slot * KEY_SIZE)

    def _put_sealed(self, number: int, slot: int, records: Sequence[Record]) -> None:
        with self._made(self._sealed / numbered(number)) as sealed:
            start = offset = max(sealed.size(), _TABLE)
            places = []
            for record in records:
                places.append(_PLACE.pack(offset, len(record.sealed)))
                offset += len(record.sealed)
            sealed.write(b"".join([record.sealed for record in records]), start)
            _write(sealed, b"".join(places), slot * _PLACE.size)

    @contextlib.contextmanager
    def _opened(self, path: Path, *, make: bool = False) -> Iterator[File]:
        file = self._disk.open(path, make=make)
        try:
            yield file
        finally:
            file.close()

    @contextlib.contextmanager
    def _made(self, path: Path) -> Iterator[File]:
        self._folders.make(path.parent, PRIVATE)
        with self._opened(path, make=True) as file:
            yield file
        self._folders.ensure(path)


def _place(sealed: File, slot: int) -> tuple[int, int]:
    found = sealed.read(_PLACE.size, slot * _PLACE.size)
    return _PLACE.unpack(found) if len(found) == _PLACE.size else (0, 0)


def _write(file: File, data: bytes, offset: int) -> None:
    file.write(data, offset)
    file.sync()
