"""The record keys and sealed details on disk: kept, replaced, destroyed for good."""

from __future__ import annotations

import os

import pytest

from daffa.audit.entry import Record
from daffa.audit.records import SLOTS, Records


@pytest.fixture
def records(folder):
    """Stores in the folder."""
    return Records(folder)


def some(count):
    return [Record(b"", os.urandom(32), os.urandom(1 + number % 50)) for number in range(count)]


def test_what_was_put_is_got_across_files(records):
    """Keys and sealed details come back by index, over the border between two files too."""
    kept = some(20)
    records.put(SLOTS - 12, kept)
    for number, record in enumerate(kept):
        assert records.get(SLOTS - 12 + number) == (record.key, record.sealed)


def test_putting_again_replaces(records):
    """Entries put a second time, as a recovery does, stand as they were put last."""
    records.put(0, some(10))
    again = some(7)
    records.put(3, again)
    assert [records.get(3 + number) for number in range(7)] == [(record.key, record.sealed) for record in again]


def test_a_destroyed_key_leaves_nothing_behind(records, folder):
    """After destruction neither the key nor the sealed details are anywhere in the files; the neighbours stay."""
    kept = some(3)
    records.put(0, kept)
    records.destroy(1)
    records.destroy(1)
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert records.get(1) is None
    assert kept[1].key not in files
    assert kept[1].sealed not in files
    assert [records.get(0), records.get(2)] == [(kept[0].key, kept[0].sealed), (kept[2].key, kept[2].sealed)]


def test_what_is_missing_is_none(records, folder):
    """Entries that were never put, or whose files are lost or cut, give nothing; destroying them is harmless."""
    assert records.get(5) is None
    records.destroy(5)
    records.put(0, some(2))
    assert records.get(5) is None
    (folder / "sealed" / "000").write_bytes(b"\x01")
    assert records.get(0) is None
    (folder / "keys" / "000").unlink()
    assert records.get(1) is None


def test_the_stores_are_for_their_owner_alone(records, folder):
    """Folders and files of keys and sealed details are closed to everybody else."""
    records.put(0, some(1))
    for path in (folder / "keys", folder / "sealed", folder / "keys" / "000", folder / "sealed" / "000"):
        assert path.stat().st_mode & 0o077 == 0
