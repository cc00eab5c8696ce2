"""The tiled layout: names, bundles, and an edge that grows to the same files however it is fed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales import tiles as foreign

from daffa.audit.merkle import EMPTY_ROOT, fold, leaf_hash
from daffa.audit.tiles import ENTRIES, Edge, bundle, edge_root, levels, numbered, split_bundle, split_tile, tile_name


def entries(start, end):
    return [f"entry {number}".encode() for number in range(start, end)]


# Laws


@given(st.integers(0, 10**12), st.integers(0, 63), st.integers(1, 256))
def test_names_are_those_of_a_foreign_implementation(number, level, width):
    """Tile names agree with those that ``tlog-scales`` builds, full and partial, hashes and entries."""
    partial = width % 256
    assert tile_name(level, number, width) == "/".join(foreign.tile_path(level, number, partial))
    assert tile_name(ENTRIES, number, width) == "/".join(foreign.tile_path(-1, number, partial))


@given(st.lists(st.integers(0, 400), max_size=6))
def test_an_edge_grows_to_the_same_log_however_it_is_fed(steps):
    """Entries given in any portions make the same full tiles, the same last partial tiles and the same root."""
    at_once, in_steps = Edge(), Edge()
    written, position = {}, 0
    for step in steps:
        written |= dict(in_steps.extend(entries(position, position + step)))
        written |= dict(in_steps.partials())
        position += step
    expected = dict(at_once.extend(entries(0, position))) | dict(at_once.partials())
    assert expected.items() <= written.items()
    assert in_steps.root() == at_once.root() == (fold([leaf_hash(e) for e in entries(0, position)]) if position else EMPTY_ROOT)


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_bundles_round_trip(items):
    """What a bundle holds is read back as it was, with nothing left over."""
    assert split_bundle(bundle(items)) == (items, True)


@given(st.binary(max_size=2000))
def test_any_bytes_split_into_whole_entries_and_a_rest(data):
    """Splitting never fails: the whole entries make up the bytes, but for a rest that is admitted."""
    found, whole = split_bundle(data)
    assert data.startswith(bundle(found))
    assert whole == (len(bundle(found)) == len(data))


# The walk


def test_a_tree_of_70000_has_the_tiles_of_the_specification():
    """The example of the specification: 273 full tiles and one of 112, one full and one of 17, one of 1."""
    assert list(levels(70_000)) == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    edge = Edge()
    files = dict(edge.extend(entries(0, 70_000))) | dict(edge.partials())
    by_level = {level: [name for name in files if name.startswith(f"tile/{level}/")] for level in (0, 1, 2, ENTRIES)}
    assert {level: len(names) for level, names in by_level.items()} == {0: 274, 1: 2, 2: 1, ENTRIES: 274}
    assert len(files["tile/0/273.p/112"]) == 112 * 32
    assert split_tile(files["tile/1/000"])[3] == fold(split_tile(files["tile/0/003"]))
    assert split_tile(files["tile/2/000.p/1"]) == [fold(split_tile(files["tile/1/000"]))]


def test_an_edge_is_taken_up_again_from_its_partial_tiles():
    """An edge built from the partial tiles and bundle of another grows on as if it had never stopped."""
    whole, first = Edge(), Edge()
    dict(whole.extend(entries(0, 70_300)))
    files = dict(first.extend(entries(0, 70_000))) | dict(first.partials())
    partial = [split_tile(files[tile_name(level, full, width)]) for level, full, width in levels(70_000)]
    again = Edge(70_000, partial, split_bundle(files["tile/entries/273.p/112"])[0])
    assert again.root() == first.root() == edge_root(partial)
    dict(again.extend(entries(70_000, 70_300)))
    assert again.root() == whole.root()


# Edges


@pytest.mark.parametrize(("number", "name"), [(0, "000"), (999, "999"), (1000, "x001/000"), (1_234_067, "x001/x234/067")])
def test_numbers_become_paths(number, name):
    """An index is written in path elements of three digits, all but the last behind an ``x``."""
    assert numbered(number) == name


def test_an_edge_names_only_the_partial_tiles_that_grew():
    """A tile that did not change since the last time is not written again."""
    edge = Edge()
    assert edge.partials() == []
    dict(edge.extend(entries(0, 300)))
    assert [name for name, _ in edge.partials()] == ["tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1"]
    dict(edge.extend(entries(300, 301)))
    assert [name for name, _ in edge.partials()] == ["tile/0/001.p/45", "tile/entries/001.p/45"]
