"""Taking up a log where its last writer left it: the right edge from the files, the rest from the journal. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from daffa.errors import Invalid

from .entry import Record
from .journal import Group
from .merkle import leaf_hash
from .note import Checkpoint
from .tiles import WIDTH, Edge, levels
from .tree import Tree, damaged

__all__ = ["journalled", "load_edge"]


def load_edge(tree: Tree, checkpoint: Checkpoint) -> Edge | None:
    """The right edge under ``checkpoint``, or ``None`` where the files do not lead to its root.

    Raises ``Invalid`` for a file that is missing or has the wrong length.
    """
    partial = [tree.tile(level, full) if width else [] for level, full, width in levels(tree.size)]
    entries: list[bytes] = []
    if tree.size % WIDTH:
        entries, whole = tree.bundle(tree.size // WIDTH)
        if not whole or [leaf_hash(entry) for entry in entries] != partial[0]:
            return None
    edge = Edge(tree.size, partial, entries)
    return edge if edge.root() == checkpoint.root else None


def journalled(scans: Sequence[tuple[str, list[Group], list[Group]]], size: int) -> list[Record]:
    """The records from index ``size`` on that stand whole in the journal, in order.

    ``scans`` holds, for each file of the journal, its name and what ``scan`` found. Raises ``Invalid``
    (``audit_damaged``) where an acknowledged entry is missing: a gap, or whole groups behind a broken place.
    """
    records: list[Record] = []
    end = size
    whole = [(group, name) for name, groups, _ in scans for group in groups]
    for group, name in sorted(whole, key=lambda found: found[0].first):
        if group.first > end:
            raise _lost(name, end, group.first)
        records += group.records[max(0, end - group.first) :]
        end = max(end, group.end)
    for name, _, stray in scans:
        for group in stray:
            if group.end > end:
                raise _lost(name, end, group.first)
    return records


def _lost(file: str, start: int, end: int) -> Invalid:
    return damaged(file, f"entries {start} to {end - 1}", "bytes that do not hold them")
