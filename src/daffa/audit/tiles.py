"""The layout of a tiled log (C2SP tlog-tiles): names, entry bundles, and the growing right edge. Knows no file system.

A tile holds up to 256 hashes; the hash at slot ``i`` of tile ``n`` on level ``l`` is the root over
``256**l`` leaves. A bundle holds the up to 256 entries under a tile of level 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .merkle import EMPTY_ROOT, HASH_SIZE, fold, leaf_hash

__all__ = [
    "ENTRIES",
    "MAX_ENTRY",
    "WIDTH",
    "Edge",
    "bundle",
    "edge_root",
    "levels",
    "numbered",
    "split_bundle",
    "split_tile",
    "tile_name",
]

WIDTH = 256
MAX_ENTRY = 65_535
ENTRIES = "entries"


def numbered(index: int) -> str:
    """``index`` as path elements of three digits: 1234067 is ``x001/x234/067``."""
    name = f"{index % 1000:03d}"
    while index := index // 1000:
        name = f"x{index % 1000:03d}/{name}"
    return name


def tile_name(level: int | str, index: int, width: int = WIDTH) -> str:
    """The path of a tile, or of a bundle (level ``ENTRIES``), inside the log's folder."""
    return f"tile/{level}/{numbered(index)}" + (f".p/{width}" if width < WIDTH else "")


def levels(size: int) -> Iterator[tuple[int, int, int]]:
    """``(level, full tiles, hashes in the partial tile)`` for each level of a tree of ``size`` leaves that has any tile."""
    level = 0
    while size:
        yield level, size // WIDTH, size % WIDTH
        size, level = size // WIDTH, level + 1


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries, each behind its length as a big-endian uint16."""
    return b"".join([part for entry in entries for part in (len(entry).to_bytes(2, "big"), entry)])


def split_bundle(data: bytes) -> tuple[list[bytes], bool]:
    """The whole entries of a bundle, and whether nothing was left over behind them."""
    entries: list[bytes] = []
    position = 0
    while position < len(data):
        start = position + 2
        end = start + int.from_bytes(data[position:start], "big")
        if end > len(data):
            return entries, False
        entries.append(data[start:end])
        position = end
    return entries, True


def split_tile(data: bytes) -> list[bytes]:
    """The hashes of a tile, whose length must be a multiple of 32."""
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def edge_root(partial: Sequence[Sequence[bytes]]) -> bytes:
    """The root of a tree from the hashes of each level's partial tile, lowest level first."""
    root = b""
    for hashes in partial:
        nodes = [*hashes, root] if root else hashes
        root = fold(nodes) if nodes else root
    return root or EMPTY_ROOT


class Edge:
    """The right edge of a growing log: the partial tile of each level and the partial bundle. Everything else is final."""

    def __init__(self, size: int = 0, partial: Sequence[Sequence[bytes]] = (), entries: Sequence[bytes] = ()) -> None:
        """Take up a log of ``size`` leaves: ``partial[level]`` holds the hashes of that level's partial tile."""
        self.size = size
        self._partial: list[list[bytes]] = [list(hashes) for hashes in partial] or [[]]
        self._entries = list(entries)
        self._grown: set[int] = set()

    def extend(self, entries: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
        """Append entries; yields ``(path, content)`` of each tile and bundle that this makes full, as soon as it is."""
        position = 0
        while position < len(entries):
            taken = entries[position : position + WIDTH - len(self._entries)]
            position += len(taken)
            self._entries += taken
            self._partial[0] += [leaf_hash(entry) for entry in taken]
            self.size += len(taken)
            self._grown.add(0)
            if len(self._entries) == WIDTH:
                yield tile_name(ENTRIES, self.size // WIDTH - 1), bundle(self._entries)
                self._entries = []
                yield from self._carry(0)

    def partials(self) -> list[tuple[str, bytes]]:
        """``(path, content)`` of each partial tile and bundle that grew since the last call."""
        files = []
        for level, full, width in levels(self.size):
            if width and level in self._grown:
                files.append((tile_name(level, full, width), b"".join(self._partial[level])))
                if level == 0:
                    files.append((tile_name(ENTRIES, full, width), bundle(self._entries)))
        self._grown.clear()
        return files

    def root(self) -> bytes:
        """The root of all ``size`` leaves."""
        return edge_root(self._partial)

    def _carry(self, level: int) -> Iterator[tuple[str, bytes]]:
        """A level's tile is full: give it out, and put its root on the level above."""
        hashes = self._partial[level]
        yield tile_name(level, self.size // WIDTH ** (level + 1) - 1), b"".join(hashes)
        self._partial[level] = []
        if level + 1 == len(self._partial):
            self._partial.append([])
        self._partial[level + 1].append(fold(hashes))
        self._grown.add(level + 1)
        if len(self._partial[level + 1]) == WIDTH:
            yield from self._carry(level + 1)
