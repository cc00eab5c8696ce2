"""The mathematics of a Merkle log (RFC 6962, verification as in RFC 9162). Knows no file, clock, key or randomness.

A node is named by ``(height, index)``: the root of the complete subtree over leaves
``[index * 2**height, (index + 1) * 2**height)``. Whoever calls says where those hashes come from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from daffa.errors import Invalid

__all__ = [
    "EMPTY_ROOT",
    "HASH_SIZE",
    "NodeHash",
    "check_consistency",
    "check_inclusion",
    "consistency_proof",
    "fold",
    "inclusion_proof",
    "leaf_hash",
    "tree_root",
]

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

NodeHash = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """The 32-byte hash of an entry. RFC 6962, 2.1."""
    return sha256(b"\x00" + entry).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring subtrees of equal height, of which only the last may be incomplete.

    Pairing level by level and promoting a lone last node gives the tree of RFC 6962, 2.1. At least one hash.
    """
    level = list(hashes)
    while len(level) > 1:
        pairs = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        if len(level) % 2:
            pairs.append(level[-1])
        level = pairs
    return level[0]


def tree_root(size: int, node: NodeHash) -> bytes:
    """The root of the first ``size`` leaves."""
    return _range_hash(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: NodeHash) -> list[bytes]:
    """The audit path of leaf ``index`` in the tree of ``size`` leaves, from the leaf's sibling up. RFC 6962, 2.1.1.

    Raises ``Invalid`` unless ``0 <= index < size``.
    """
    if not 0 <= index < size:
        raise Invalid("invalid_field", field="index", expected=f"0 to {size - 1}", got=index)
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, node))
            end = middle
        else:
            path.append(_range_hash(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: NodeHash) -> list[bytes]:
    """The proof that the tree of ``old`` leaves is a prefix of the tree of ``new``. RFC 6962, 2.1.2.

    Empty where ``old`` is 0 or ``new``. Raises ``Invalid`` unless ``0 <= old <= new``.
    """
    if not 0 <= old <= new:
        raise Invalid("invalid_field", field="old_size", expected=f"0 to {new}", got=old)
    if old in (0, new):
        return []
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_hash(middle, end, node))
            end = middle
        else:
            path.append(_range_hash(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(_range_hash(start, end, node))
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raises ``Invalid`` (``proof_does_not_hold``) unless ``proof`` leads from the leaf hash to ``root``. RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        raise _broken("inclusion")
    place, last, seen = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise _broken("inclusion")
        if place & 1 or place == last:
            seen = _node(sibling, seen)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            seen = _node(seen, sibling)
        place, last = place >> 1, last >> 1
    if last or seen != root:
        raise _broken("inclusion")


def check_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raises ``Invalid`` (``proof_does_not_hold``) unless the tree of ``old_root`` is a prefix of that of ``new_root``.

    RFC 9162, 2.1.4.2. The empty tree is a prefix of every tree, and a tree of itself; both need an empty proof.
    """
    if not 0 <= old <= new or (old == 0 and old_root != EMPTY_ROOT) or (old == new and old_root != new_root):
        raise _broken("consistency")
    if old in (0, new):
        if proof:
            raise _broken("consistency")
        return
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        raise _broken("consistency")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    seen_old = seen_new = path[0]
    for step in path[1:]:
        if last == 0:
            raise _broken("consistency")
        if place & 1 or place == last:
            seen_old, seen_new = _node(step, seen_old), _node(step, seen_new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            seen_new = _node(seen_new, step)
        place, last = place >> 1, last >> 1
    if last or seen_old != old_root or seen_new != new_root:
        raise _broken("consistency")


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two below ``size`` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def _range_hash(start: int, end: int, node: NodeHash) -> bytes:
    """The root over leaves ``[start, end)``, a range that RFC 6962 splitting produces."""
    size = end - start
    if size & (size - 1) == 0:
        height = size.bit_length() - 1
        return node(height, start >> height)
    middle = start + _split(size)
    return _node(_range_hash(start, middle, node), _range_hash(middle, end, node))


def _broken(proof: str) -> Invalid:
    return Invalid("proof_does_not_hold", proof=proof)
