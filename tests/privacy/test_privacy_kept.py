"""The automata of the scan, built once and kept for the next process."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.privacy.scan import Scan
from daffa.storage import Cache

SHAPES = [[rb"[0-9]{4}", rb"@[a-z]+"], [rb"\bAB[0-9]"]]
WORDS = [[[b"rue", b"RUE"], ["زنقة".encode()]], [[b"rue"]]]


def scan() -> Scan:
    """A scan that nobody has built yet."""
    return Scan("tried", SHAPES, WORDS)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> Scan:
    """One whose automata an earlier one kept."""
    cache = Cache(tmp_path_factory.mktemp("kept") / "cache")
    scan().build(cache.kept)
    second = scan()

    def never() -> bytes:
        raise AssertionError("built again")

    second.build(lambda name, made_of, _: cache.kept(name, made_of, never))
    return second


@given(st.lists(st.sampled_from(["1234", "12", "@ab", "AB1", "rue", "Rue ", "زنقة", " ", "x"]), max_size=12).map("".join))
def test_kept_automata_see_what_built_ones_see(loaded, text):
    """An automaton that was kept finds what one that is built now finds, at the same places."""
    assert loaded.candidates(text.encode()) == BUILT.candidates(text.encode())


@pytest.mark.parametrize("kept", [b"", b"no automaton", bytes(4096)])
def test_what_is_no_automaton_is_built(kept):
    """Where what was kept is no automaton of this machine, it is built, and nobody notices."""
    tried = scan()
    tried.build(lambda *_: kept)
    assert tried.candidates(b"12, rue 1234") == BUILT.candidates(b"12, rue 1234")


BUILT = scan()
