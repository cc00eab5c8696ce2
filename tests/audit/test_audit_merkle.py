"""The Merkle mathematics: laws over random trees, published vectors, and two foreign verifiers as judges."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

import metamorphic_log
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales.tlog import ConsistencyProof, InclusionProof

from daffa.audit.merkle import (
    EMPTY_ROOT,
    check_consistency,
    check_inclusion,
    consistency_proof,
    fold,
    inclusion_proof,
    leaf_hash,
    tree_root,
)
from daffa.errors import Invalid

LEAVES = [leaf_hash(str(number).encode()) for number in range(700)]
SIZES = st.integers(1, len(LEAVES))


@cache
def naive(start: int, end: int) -> bytes:
    """The root as RFC 6962 defines it, word by word."""
    if end - start == 0:
        return sha256(b"").digest()
    if end - start == 1:
        return LEAVES[start]
    split = 1
    while split * 2 < end - start:
        split *= 2
    return sha256(b"\x01" + naive(start, start + split) + naive(start + split, end)).digest()


def node(height: int, index: int) -> bytes:
    return naive(index << height, (index + 1) << height)


def flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "big") ^ (1 << (bit % (8 * len(data))))).to_bytes(len(data), "big")


# Laws


@given(SIZES)
def test_the_root_is_that_of_the_definition(size):
    """Both ways to a root give the one that RFC 6962 defines recursively."""
    assert tree_root(size, node) == fold(LEAVES[:size]) == naive(0, size)


@given(SIZES, st.data())
def test_every_leaf_is_proved_and_nothing_else(size, data):
    """A proof of inclusion holds for its leaf, place, size and root, and for no other of any of them."""
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(index, size, node), naive(0, size)
    check_inclusion(LEAVES[index], index, size, proof, root)
    bit = data.draw(st.integers(0, 255))
    wrong = [
        (flipped(LEAVES[index], bit), index, size, proof, root),
        (LEAVES[index], index, size, proof, flipped(root, bit)),
        (LEAVES[index], index + size, size, proof, root),
        (LEAVES[index], index, size, [*proof, root], root),
    ]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        wrong.append((LEAVES[index], index, size, [*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]], root))
        wrong.append((LEAVES[index], index, size, proof[:-1], root))
    for case in wrong:
        with pytest.raises(Invalid, match="proof"):
            check_inclusion(*case)


@given(SIZES, st.data())
def test_every_prefix_is_proved_and_nothing_else(size, data):
    """A proof of consistency holds for its two trees, and for no other root of either."""
    old = data.draw(st.integers(0, size))
    proof, roots = consistency_proof(old, size, node), (naive(0, old), naive(0, size))
    check_consistency(old, size, proof, *roots)
    bit = data.draw(st.integers(0, 255))
    wrong = [(old, size, [*proof, roots[1]], *roots), (old, size, proof, flipped(roots[0], bit), roots[1])]
    if old:
        wrong.append((old, size, proof, roots[0], flipped(roots[1], bit)))
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        wrong.append((old, size, [*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]], *roots))
        wrong.append((old, size, proof[:-1], *roots))
    for case in wrong:
        with pytest.raises(Invalid, match="proof"):
            check_consistency(*case)


@given(SIZES, st.data())
def test_foreign_verifiers_accept_our_proofs(size, data):
    """``metamorphic-log`` and ``tlog-scales`` accept every inclusion and consistency proof that we make."""
    index, old, root = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size)), naive(0, size)
    proof = inclusion_proof(index, size, node)
    metamorphic_log.verify_inclusion(index, size, LEAVES[index], proof, root)
    InclusionProof(index, size, proof).check(LEAVES[index], root)
    proof = consistency_proof(old, size, node)
    metamorphic_log.verify_consistency(old, size, proof, naive(0, old), root)
    ConsistencyProof(old, size, proof).check(naive(0, old), root)


# The walk


def test_published_roots_come_out():
    """The roots over the test leaves of the Certificate Transparency reference implementation are ours."""
    hexes = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    leaves = [leaf_hash(bytes.fromhex(text)) for text in hexes]
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    assert [fold(leaves[:size]).hex() for size in range(1, 9)] == roots


# Edges


def test_the_empty_tree_has_the_hash_of_nothing():
    """A log without entries has the root SHA-256 of the empty string, and is a prefix of every log."""
    assert tree_root(0, node) == EMPTY_ROOT == sha256(b"").digest()
    check_consistency(0, 5, [], EMPTY_ROOT, naive(0, 5))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_no_proof_is_made_or_accepted_beyond_the_tree(index, size):
    """An index outside the tree is an error when a proof is asked for, and a proof that does not hold when checked."""
    with pytest.raises(Invalid):
        inclusion_proof(index, size, node)
    with pytest.raises(Invalid):
        check_inclusion(LEAVES[0], index, size, [], LEAVES[0])


@pytest.mark.parametrize("old", [-1, 6])
def test_no_consistency_with_a_larger_or_negative_tree(old):
    """An old size that is negative or above the new one is an error when asked for, and never holds."""
    with pytest.raises(Invalid):
        consistency_proof(old, 5, node)
    with pytest.raises(Invalid):
        check_consistency(old, 5, [], EMPTY_ROOT, naive(0, 5))
