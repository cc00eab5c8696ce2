"""Verification finds what is wrong and names the place: one byte, one file, wherever it is."""

from __future__ import annotations

import random
import shutil

import pytest

from daffa.audit import Checkpoint, Reader, new_log_key
from daffa.audit.files import publish
from daffa.audit.note import sign_checkpoint
from daffa.audit.tiles import ENTRIES, Edge, levels, tile_name
from daffa.audit.vkey import verifying_key
from daffa.errors import Invalid, NotFound

ORIGIN = "example.ma/log"


@pytest.fixture
def build(folder, key):
    """Makes the public files of a log of the given size, and returns the paths that its checkpoint stands on."""

    def make(size):
        scratch = folder.parent / "scratch"
        scratch.mkdir()
        edge = Edge()
        names = publish(folder, edge.extend([f"entry {number}".encode() for number in range(size)]), scratch)
        names += publish(folder, edge.partials(), scratch)
        note = sign_checkpoint(Checkpoint(ORIGIN, size, edge.root()), key).note
        names += publish(
            folder, [("checkpoint", note.encode()), ("log.vkey", f"{verifying_key(ORIGIN, key)}\n".encode())], scratch
        )
        return names

    return make


def flip(path, position, bit=0):
    content = bytearray(path.read_bytes())
    content[position] ^= 1 << bit
    path.write_bytes(content)


def places(report):
    """What a report names: entries by index, files by path."""
    return [error.facts["index"] if error.code == "audit_entry_altered" else error.facts["file"] for error in report.damage]


def entry_at(bundle, position):
    """The number, in its bundle, of the entry whose length or bytes hold ``position``."""
    number, at = 0, 0
    while True:
        at += 2 + int.from_bytes(bundle[at : at + 2], "big")
        if position < at:
            return number
        number += 1


# One flipped byte


def test_one_flipped_byte_is_located(build, folder, key):
    """Whichever byte of the log is altered, the report names that very entry or that very file, and nothing else."""
    names, chance = build(70_000), random.Random(1)
    vkey = str(verifying_key(ORIGIN, key))
    assert Reader(folder).verify(vkey).damage == ()
    chosen = {"checkpoint", "tile/2/000.p/1", "tile/1/000", "tile/1/001.p/17", "tile/0/273.p/112", "tile/entries/273.p/112"}
    chosen |= set(chance.sample([name for name in names if name.startswith("tile/")], 14)) | {"tile/0/000", "tile/entries/000"}
    for name in sorted(chosen):
        content = (folder / name).read_bytes()
        position = chance.randrange(len(content))
        flip(folder / name, position, chance.randrange(8))
        expected = name
        if name.startswith("tile/entries/"):
            expected = 256 * int(name.split("/")[2][:3]) + entry_at(content, position)
        assert places(Reader(folder).verify(vkey)) == [expected], (name, position)
        (folder / name).write_bytes(content)
    assert Reader(folder).verify(vkey).damage == ()


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 600])
def test_every_byte_of_a_small_log_counts(build, folder, key, size):
    """In logs around the width of a tile, flips at the borders and at random of every file are located."""
    names, chance = build(size), random.Random(size)
    vkey = str(verifying_key(ORIGIN, key))
    for name in set(names) - {"log.vkey"}:
        content = (folder / name).read_bytes()
        for position in {0, 1, len(content) - 1, *(chance.randrange(len(content)) for _ in range(20))}:
            flip(folder / name, position, chance.randrange(8))
            expected = name
            if name.startswith("tile/entries/"):
                expected = 256 * int(name.split("/")[2][:3]) + entry_at(content, position)
            assert places(Reader(folder).verify(vkey)) == [expected], (name, position)
            (folder / name).write_bytes(content)


# Other damage


def test_a_missing_file_is_named(build, folder):
    """Each file that is gone is reported as missing, by its path."""
    names = [name for name in build(66_000) if name in ("tile/0/007", "tile/1/000", "tile/entries/100", "tile/0/257.p/208")]
    for name in names:
        (folder / name).rename(folder / "away")
        report = Reader(folder).verify()
        assert [(error.code, error.facts["file"]) for error in report.damage] == [("audit_missing", name)]
        (folder / "away").rename(folder / name)


def test_a_cut_or_grown_file_is_named(build, folder):
    """A bundle that was cut names the first entry that is no longer whole; other lengths name the file."""
    build(600)
    whole = {name: (folder / name).read_bytes() for name in ("tile/entries/001", "tile/0/001", "tile/entries/002.p/88")}
    for name, content, expected in [
        ("tile/entries/001", whole["tile/entries/001"][:-1], 511),
        ("tile/entries/001", whole["tile/entries/001"][:1000], 256 + entry_at(whole["tile/entries/001"], 1000)),
        ("tile/entries/001", b"", 256),
        ("tile/entries/001", whole["tile/entries/001"] + b"\0\0", "tile/entries/001"),
        ("tile/entries/002.p/88", whole["tile/entries/002.p/88"] + b"x", "tile/entries/002.p/88"),
        ("tile/0/001", whole["tile/0/001"][:-1], "tile/0/001"),
        ("tile/0/001", whole["tile/0/001"] + bytes(32), "tile/0/001"),
    ]:
        (folder / name).write_bytes(content)
        assert places(Reader(folder).verify()) == [expected], name
        (folder / name).write_bytes(whole[name])


def test_several_damaged_places_are_all_named(build, folder):
    """Altered entries and tiles in different parts of the log are each named."""
    build(70_000)
    flip(folder / "tile/entries/005", 10)
    flip(folder / "tile/entries/005", -1)
    flip(folder / "tile/0/100", 10)
    flip(folder / "tile/0/273.p/112", 10)
    flip(folder / "tile/entries/200", 10)
    first = 200 * 256 + entry_at((folder / "tile/entries/200").read_bytes(), 10)
    assert sorted(map(str, places(Reader(folder).verify()))) == sorted(
        map(str, ["tile/0/273.p/112", 5 * 256, 5 * 256 + 255, "tile/0/100", first])
    )


def test_an_entry_altered_together_with_its_tile_is_found(build, folder):
    """Who alters an entry and its tile alike is betrayed by the tile above: the tile is named."""
    build(600)
    edge = Edge()
    forged = [f"entry {number}".encode() for number in range(256)]
    forged[7] = b"entry X"
    for name, content in edge.extend(forged):
        (folder / name).write_bytes(content)
    assert places(Reader(folder).verify()) == ["tile/0/000"]


def test_a_log_rewritten_throughout_does_not_match_its_checkpoint(build, folder):
    """Who rewrites entries and all tiles consistently, but cannot sign, is betrayed by the checkpoint."""
    build(600)
    edge = Edge()
    files = dict(edge.extend([b"forged %d" % number for number in range(600)])) | dict(edge.partials())
    for name, content in files.items():
        (folder / name).write_bytes(content)
    assert places(Reader(folder).verify()) == ["checkpoint"]


def test_a_checkpoint_signed_by_somebody_else_is_named(build, folder):
    """A log held against another key than it was signed with is not believed."""
    build(10)
    stranger = str(verifying_key(ORIGIN, new_log_key()))
    report = Reader(folder).verify(stranger)
    assert places(report) == ["checkpoint"]
    assert report.size == 0


def test_an_unreadable_key_file_is_named(build, folder):
    """A missing or altered ``log.vkey`` is named; who brings the key does not need the file."""
    build(10)
    vkey = (folder / "log.vkey").read_text()
    flip(folder / "log.vkey", 20)
    assert places(Reader(folder).verify()) == ["log.vkey"]
    (folder / "log.vkey").write_bytes(b"\xff")
    assert places(Reader(folder).verify()) == ["log.vkey"]
    (folder / "log.vkey").unlink()
    assert places(Reader(folder).verify()) == ["log.vkey"]
    assert Reader(folder).verify(vkey).damage == ()


@pytest.mark.parametrize("name", ["checkpoint", "tile/0/000", "tile/entries/001"])
def test_a_path_that_is_no_file_is_named(build, folder, name):
    """A folder where a file must be is reported, not stumbled over; a folder of no log has no checkpoint."""
    build(600)
    (folder / name).unlink()
    (folder / name).mkdir()
    assert places(Reader(folder).verify()) == [name]
    assert places(Reader(folder / "log.vkey").verify()) == ["log.vkey"]


def test_a_vkey_that_is_none_is_the_callers_mistake(build, folder):
    """A verifying key that cannot be read is an error, not damage of the log."""
    build(1)
    with pytest.raises(Invalid, match="vkey"):
        Reader(folder).verify("nobody")


# Reading


def test_a_reader_needs_only_the_public_files(build, folder):
    """Entries, proofs and receipts come from a copy of ``checkpoint``, ``log.vkey`` and ``tile/``."""
    build(600)
    shutil.copytree(folder, folder.parent / "copy")
    reader = Reader(folder.parent / "copy")
    assert reader.entry(599) == b"entry 599"
    assert reader.prove(0).entry == b"entry 0"
    assert len(reader.inclusion(300)) == 10
    assert len(reader.consistency(257)) > 0


def test_partial_files_may_have_given_way_to_full_ones(build, folder):
    """A reader with an older checkpoint reads what it needs from the full tiles that took the place of partial ones."""
    build(70_000)
    tree = Reader(folder).tree(Checkpoint(ORIGIN, 300, b""))
    assert tree.entry(299) == b"entry 299"
    assert tree.bundle(1) == ([f"entry {number}".encode() for number in range(256, 300)], True)
    assert len(tree.tile(0, 1)) == 44
    assert len(tree.tile(1, 0)) == 1


@pytest.mark.parametrize("index", [-1, 600, 10**15])
def test_entries_beyond_the_log_do_not_exist(build, folder, index):
    """Asking for an entry that is not there is told with the size of the log."""
    build(600)
    for ask in (Reader(folder).entry, Reader(folder).inclusion, Reader(folder).receipt):
        with pytest.raises(NotFound) as caught:
            ask(index)
        assert caught.value.facts == {"index": index, "size": 600}


def test_no_proof_is_given_for_a_damaged_entry(build, folder):
    """An altered entry, or one whose bundle is gone, gives an error that names the file, and never a false receipt."""
    build(600)
    flip(folder / "tile/entries/001", 5)
    with pytest.raises(Invalid, match="tile/entries/001"):
        Reader(folder).receipt(256)
    assert Reader(folder).receipt(300)
    (folder / "tile/entries/001").write_bytes(b"\x00")
    with pytest.raises(Invalid, match="tile/entries/001"):
        Reader(folder).entry(300)
    (folder / "tile/entries/001").unlink()
    with pytest.raises(Invalid, match="missing"):
        Reader(folder).entry(300)


def test_the_files_of_a_tree_are_those_that_its_size_demands(build, folder):
    """The log of 600 entries consists of exactly the tiles and bundles of the specification."""
    build(600)
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    tiles = {tile_name(level, number) for level, full, _ in levels(600) for number in range(full)}
    tiles |= {tile_name(level, full, width) for level, full, width in levels(600)}
    entries = {tile_name(ENTRIES, 0), tile_name(ENTRIES, 1), tile_name(ENTRIES, 2, 88)}
    assert found == tiles | entries | {"checkpoint", "log.vkey"}
