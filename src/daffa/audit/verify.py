"""Checking a whole log, and naming what is wrong where something is. Knows no signature.

Everything is computed anew from the entries and held against the tiles and the signed root. Where they differ, the
signed root decides which of them to believe, from the top down: so one altered byte is found where it is.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from daffa.errors import Invalid

from .merkle import fold, leaf_hash
from .tiles import ENTRIES, WIDTH, edge_root, levels, tile_name
from .tree import CHECKPOINT, Tree, damaged

__all__ = ["Report", "verify_tree"]

Hashes = Sequence[bytes | None]


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found.

    Attributes:
        origin: the log's name.
        size: entries under the checkpoint.
        root: the signed root.
        damage: empty where the log is whole; else one error for each damaged place: ``audit_entry_altered`` (facts
            ``index``, ``file``), ``audit_damaged`` (``file``, ``expected``, ``got``) or ``audit_missing`` (``file``);
            ``too_few_cosignatures`` where witnesses were asked for.
        cosigned: the size up to which the trusted witnesses have cosigned; ``None`` where none were asked for.
    """

    origin: str
    size: int
    root: bytes
    damage: tuple[Invalid, ...]
    cosigned: int | None = None


def verify_tree(tree: Tree, root: bytes) -> tuple[Invalid, ...]:
    """What stands in the way from the entries of ``tree`` to ``root``: nothing where the log is whole."""
    return tuple(_Check(tree, root).run())


class _Check:
    def __init__(self, tree: Tree, root: bytes) -> None:
        self._tree = tree
        self._root = root
        # Roots of the full tiles below each level, computed from the entries; None where a bundle is unreadable.
        self._below: list[list[bytes | None]] = [[]]
        # Full tiles of level 0 that are not what their bundle says.
        self._odd: set[int] = set()

    def run(self) -> list[Invalid]:
        for level, full, _ in levels(self._tree.size):
            self._below.append([self._computed_root(level, number) for number in range(full)])
        edge = self._believed_edge()
        if edge is None:
            places = [self._tile_error(0, number) for number in sorted(self._odd)]
            return [damaged(CHECKPOINT, "the root over the entries", "another root"), *places]
        damage = []
        for level, full, width in levels(self._tree.size):
            if width and self._stored(level, full) != edge[level]:
                damage.append(self._tile_error(level, full))
            damage += self._children(level, full, edge[level])
        return damage

    def _computed_root(self, level: int, number: int) -> bytes | None:
        hashes = _complete(self._computed(level, number))
        if level == 0 and (hashes is None or hashes != self._stored(0, number)):
            self._odd.add(number)
        return fold(hashes) if hashes else None

    def _computed(self, level: int, number: int) -> Hashes:
        """What the entries say that a tile holds."""
        if level:
            return self._below[level][number * WIDTH : (number + 1) * WIDTH]
        try:
            entries, whole = self._tree.bundle(number)
        except Invalid:
            return [None]
        return [leaf_hash(entry) for entry in entries] if whole else [None]

    def _stored(self, level: int, number: int) -> list[bytes] | None:
        try:
            return self._tree.tile(level, number)
        except Invalid:
            return None

    def _believed_edge(self) -> list[list[bytes]] | None:
        """For each level the hashes of the partial tile, stored or computed, that lead to the signed root together."""
        choices: list[list[list[bytes]]] = []
        for level, full, width in levels(self._tree.size):
            both = (self._stored(level, full), _complete(self._computed(level, full))) if width else ([],)
            choices.append([hashes for hashes in both if hashes is not None])
        return next((list(edge) for edge in itertools.product(*choices) if edge_root(edge) == self._root), None)

    def _children(self, level: int, number: int, hashes: Sequence[bytes]) -> list[Invalid]:
        """What is wrong below a tile that is known to hold ``hashes``."""
        if level == 0:
            return self._entries(number, hashes) if hashes else []
        damage = []
        for slot, root in enumerate(hashes):
            damage += self._below_root(level - 1, number * WIDTH + slot, root)
        return damage

    def _below_root(self, level: int, number: int, root: bytes) -> list[Invalid]:
        """What is wrong in a full tile that must lead to ``root``, and below it."""
        if level == 0 and number not in self._odd and self._below[1][number] == root:
            return []
        stored, computed = self._stored(level, number), _complete(self._computed(level, number))
        if stored is not None and fold(stored) == root:
            return self._children(level, number, stored)
        if computed is not None and fold(computed) == root:
            return [self._tile_error(level, number), *self._children(level, number, computed)]
        return [self._tile_error(level, number)]

    def _entries(self, number: int, hashes: Sequence[bytes]) -> list[Invalid]:
        """What is wrong in a bundle whose entries must have ``hashes``."""
        file = tile_name(ENTRIES, number, self._tree.width(0, number))
        try:
            entries, whole = self._tree.bundle(number)
        except Invalid as error:
            return [error]
        wrong = [slot for slot, (entry, known) in enumerate(zip(entries, hashes, strict=False)) if leaf_hash(entry) != known]
        if whole:
            return [Invalid("audit_entry_altered", index=number * WIDTH + slot, file=file) for slot in wrong]
        if len(entries) == len(hashes) and not wrong:
            return [damaged(file, f"{len(hashes)} entries", "more bytes")]
        # A length was altered: where the next entries begin can no longer be said.
        first = wrong[0] if wrong else len(entries)
        return [Invalid("audit_entry_altered", index=number * WIDTH + first, file=file)]

    def _tile_error(self, level: int, number: int) -> Invalid:
        try:
            self._tree.tile(level, number)
        except Invalid as error:
            return error
        return damaged(tile_name(level, number, self._tree.width(level, number)), "the hashes under the signed root", "others")


def _complete(hashes: Hashes) -> list[bytes] | None:
    known = [value for value in hashes if value is not None]
    return known if len(known) == len(hashes) else None
