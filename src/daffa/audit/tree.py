"""The public files of a log as a tree of a given size. Reads only; knows no signature and checks no proof."""

from __future__ import annotations

from pathlib import Path

from daffa.errors import Invalid, NotFound

from .disk import LOCAL, Disk
from .merkle import HASH_SIZE, fold
from .tiles import ENTRIES, WIDTH, split_bundle, split_tile, tile_name

__all__ = ["CHECKPOINT", "COSIGNED", "ROTATIONS", "VKEY", "Tree", "damaged", "read_text"]

CHECKPOINT = "checkpoint"
COSIGNED = "checkpoint.cosigned"
ROTATIONS = "rotation"
VKEY = "log.vkey"


class Tree:
    """The tiles and bundles of a log as they were at ``size`` entries. Remembers the tiles that it has read."""

    def __init__(self, folder: Path, size: int, disk: Disk = LOCAL) -> None:
        self.size = size
        self._disk = disk
        self._folder = folder
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def width(self, level: int, number: int) -> int:
        """How many hashes the tile ``number`` of ``level`` (or entries its bundle, on level 0) holds at this size."""
        return max(0, min(WIDTH, (self.size >> 8 * level) - number * WIDTH))

    def tile(self, level: int, number: int) -> list[bytes]:
        """The hashes of a tile, of which there is at least one."""
        if (level, number) not in self._tiles:
            if len(self._tiles) > WIDTH:
                self._tiles.clear()
            width = self.width(level, number)
            data, held = self._read(level, number, width)
            if len(data) != HASH_SIZE * held:
                raise damaged(tile_name(level, number, held), f"{HASH_SIZE * held} bytes", f"{len(data)} bytes")
            self._tiles[level, number] = split_tile(data)[:width]
        return self._tiles[level, number]

    def bundle(self, number: int) -> tuple[list[bytes], bool]:
        """The entries of a bundle, and whether there are as many as there must be, with nothing left over."""
        width = self.width(0, number)
        data, held = self._read(ENTRIES, number, width)
        entries, whole = split_bundle(data)
        return entries[:width], whole and len(entries) == held

    def entry(self, index: int) -> bytes:
        """The entry at ``index``. Raises ``NotFound`` beyond ``size``, ``Invalid`` where its bundle is damaged."""
        if not 0 <= index < self.size:
            raise NotFound("audit_no_entry", index=index, size=self.size)
        number, slot = divmod(index, WIDTH)
        entries, whole = self.bundle(number)
        if not whole:
            width = self.width(0, number)
            file = tile_name(ENTRIES, number, width)
            raise damaged(file, f"{width} entries", f"{len(entries)} and a rest")
        return entries[slot]

    def node(self, height: int, index: int) -> bytes:
        """The root over leaves ``[index * 2**height, (index + 1) * 2**height)``, all of them below ``size``."""
        level, rest = divmod(height, 8)
        number, slot = divmod(index << rest, WIDTH)
        return fold(self.tile(level, number)[slot : slot + (1 << rest)])

    def _read(self, level: int | str, number: int, width: int) -> tuple[bytes, int]:
        """A tile's or bundle's bytes and how wide its file is: partial, or the full one that took its place since."""
        name = tile_name(level, number, width)
        data = _bytes(self._folder, name, self._disk)
        if data is not None:
            return data, width
        data = _bytes(self._folder, tile_name(level, number), self._disk)
        if data is None:
            raise Invalid("audit_missing", file=name)
        return data, WIDTH


def damaged(file: str, expected: str, got: str) -> Invalid:
    """The error that names what is wrong in a file of the log."""
    return Invalid("audit_damaged", file=file, expected=expected, got=got)


def read_text(folder: Path, name: str, disk: Disk = LOCAL) -> str:
    """A text file of the log. Raises ``Invalid`` where it is missing or not UTF-8."""
    data = _bytes(folder, name, disk)
    if data is None:
        raise Invalid("audit_missing", file=name)
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise damaged(name, "UTF-8", "other bytes") from None


def _bytes(folder: Path, name: str, disk: Disk) -> bytes | None:
    try:
        return disk.read(folder / name)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise damaged(name, "a file that can be read", str(error.strerror)) from None
