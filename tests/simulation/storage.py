"""A disk that keeps what was synced, and of the rest what chance leaves. Knows no time, no process and no log.

Names and bytes are kept apart, as file systems do: bytes are durable once their file was synced, a name once its folder was.
A crash of the machine then keeps each unsynced write whole, in part or not at all, and each unsynced change of a name or
not; but of two changes of one name never the later without the earlier. A crash of the process alone loses nothing.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

__all__ = ["FileNode", "FolderNode", "Storage", "View"]

SECTOR = 512
PAGE = 4096


@dataclass(eq=False)
class FileNode:
    """The bytes of a file: as programs see them, as they are durable, and the writes between the two.

    Attributes:
        lost: pages that a sync failed to write: programs see them, the system takes them for written, and they are written
            when something else in them is.
    """

    seen: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)

    def write(self, offset: int, data: bytes | None) -> None:
        """Put ``data`` at ``offset``; with ``None`` the file ends there."""
        apply(self.seen, offset, data)
        self.pending.append((offset, data))

    def sync(self) -> None:
        """Make durable what was written since the last time: the pages in which it stands."""
        if self.pending:
            touched = self._touched()
            self.lost -= touched
            self._write_pages(touched)
            self.pending.clear()

    def fail(self) -> None:
        """A sync that failed: the system takes what was written for clean, though it may not be on the disk."""
        self.lost |= self._touched()
        self.pending.clear()

    def crash(self, rng: Random) -> None:
        """Lose what was not synced, as chance will have it."""
        self._write_pages({page for page in sorted(self.lost) if rng.random() < 0.5})
        for offset, data in self.pending:
            fate = rng.random()
            if fate < 0.35:
                apply(self.durable, offset, data)
            elif fate < 0.7 and data is not None:
                self._tear(offset, data, rng)
        self.lost.clear()
        self.pending.clear()
        self.seen = bytearray(self.durable)

    def _touched(self) -> set[int]:
        pages: set[int] = set()
        for offset, data in self.pending:
            pages.update(range(offset // PAGE, (offset + max(len(data or b""), 1) - 1) // PAGE + 1))
        return pages

    def _write_pages(self, pages: set[int]) -> None:
        for page in sorted(pages):
            apply(self.durable, page * PAGE, bytes(self.seen[page * PAGE : page * PAGE + PAGE]))
        del self.durable[len(self.seen) :]

    def _tear(self, offset: int, data: bytes, rng: Random) -> None:
        if rng.random() < 0.5:
            apply(self.durable, offset, data[: rng.randrange(len(data) + 1)])
            return
        start = 0
        while start < len(data):
            end = min(len(data), (offset + start) // SECTOR * SECTOR + SECTOR - offset)
            if rng.random() < 0.5:
                apply(self.durable, offset + start, data[start:end])
            start = end


def apply(content: bytearray, offset: int, data: bytes | None) -> None:
    """Put ``data`` into ``content``, zeros before it where the file was shorter; ``None`` cuts it."""
    if len(content) < offset:
        content += bytes(offset - len(content))
    if data is None:
        del content[offset:]
    else:
        content[offset : offset + len(data)] = data


@dataclass(eq=False)
class FolderNode:
    """The names in a folder, as programs see them and as they are durable."""

    seen: dict[str, FileNode | FolderNode] = field(default_factory=dict)
    durable: dict[str, FileNode | FolderNode] = field(default_factory=dict)


Node = FileNode | FolderNode
Change = list[tuple[FolderNode, str, Node | None]]


class Storage:
    """The tree of files of one machine."""

    def __init__(self) -> None:
        self.root = FolderNode()
        self._changes: list[Change] = []  # of names, not durable yet, oldest first

    def find(self, path: Path) -> Node | None:
        """What has this name."""
        node: Node | None = self.root
        for part in path.parts[1:]:
            if not isinstance(node, FolderNode):
                raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(path))
            node = node.seen.get(part)
            if node is None:
                return None
        return node

    def folder(self, path: Path) -> FolderNode:
        """The folder of this name."""
        node = self.find(path)
        if isinstance(node, FolderNode):
            return node
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(path))

    def file(self, path: Path, *, make: bool = False) -> FileNode:
        """The file of this name."""
        node = self.find(path)
        if node is None and make:
            node = FileNode()
            self.change([(self.folder(path.parent), path.name, node)])
        if isinstance(node, FileNode):
            return node
        raise FileNotFoundError(errno.ENOENT, "no such file", str(path))

    def change(self, change: Change) -> None:
        """Change names, all at once."""
        for folder, name, node in change:
            if node is None:
                folder.seen.pop(name, None)
            else:
                folder.seen[name] = node
        self._changes.append(change)

    def sync_folder(self, folder: FolderNode) -> None:
        """Make the names in a folder durable, with the changes that they follow from."""
        needed: set[tuple[int, str]] = set()
        chosen: list[Change] = []
        for change in reversed(self._changes):
            keys = {(id(where), name) for where, name, _ in change}
            if any(where is folder for where, _, _ in change) or keys & needed:
                needed |= keys
                chosen.append(change)
        for change in reversed(chosen):
            self._make_durable(change)
        if chosen:
            taken = set(map(id, chosen))
            self._changes = [change for change in self._changes if id(change) not in taken]

    def crash(self, rng: Random) -> None:
        """The machine stops: of what was not synced, chance leaves some."""
        kept = rng.choice((0.0, 0.5, 0.5, 0.9))
        dropped: set[tuple[int, str]] = set()
        for change in self._changes:
            keys = {(id(where), name) for where, name, _ in change}
            if keys & dropped or rng.random() >= kept:
                dropped |= keys
            else:
                self._make_durable(change)
        self._changes.clear()
        for node in self._durable_nodes():
            if isinstance(node, FileNode):
                node.crash(rng)
            else:
                node.seen = dict(node.durable)

    def copy(self) -> Storage:
        """Another disk that holds, durably, what programs see on this one: a backup of one instant."""
        made = Storage()
        made.root = _copied(self.root, {})
        return made

    def _make_durable(self, change: Change) -> None:
        for folder, name, node in change:
            if node is None:
                folder.durable.pop(name, None)
            else:
                folder.durable[name] = node

    def _durable_nodes(self) -> Iterator[Node]:
        waiting: list[Node] = [self.root]
        met: set[int] = set()
        while waiting:
            node = waiting.pop()
            if id(node) not in met:
                met.add(id(node))
                yield node
                if isinstance(node, FolderNode):
                    waiting += node.durable.values()


def _copied(node: Node, known: dict[int, Node]) -> Node:
    if id(node) in known:
        return known[id(node)]
    if isinstance(node, FileNode):
        copy: Node = FileNode(bytearray(node.seen), bytearray(node.seen))
    else:
        names = {name: _copied(child, known) for name, child in node.seen.items()}
        copy = FolderNode(names, dict(names))
    known[id(node)] = copy
    return copy


class View:
    """A disk for readers, without faults: what programs see, or with ``durable`` what the worst crash would leave.

    See ``audit.disk.Disk``.
    """

    def __init__(self, storage: Storage, *, durable: bool = False) -> None:
        self._storage = storage
        self._durable = durable

    def read(self, path: Path) -> bytes:
        """The bytes of a file."""
        node = self._find(path)
        if isinstance(node, FileNode):
            return bytes(node.durable if self._durable else node.seen)
        raise FileNotFoundError(errno.ENOENT, "no such file", str(path))

    def open(self, path: Path, *, make: bool = False, mode: int = 0o600) -> Reading:
        """A file, to be read."""
        return Reading(self.read(path))

    def exists(self, path: Path) -> bool:
        """Whether there is one of this name."""
        return self._find(path) is not None

    def is_folder(self, path: Path) -> bool:
        """Whether there is a folder of this name."""
        return isinstance(self._find(path), FolderNode)

    def names(self, folder: Path) -> list[str]:
        """The names in a folder."""
        node = self._find(folder)
        return sorted(self._names(node)) if isinstance(node, FolderNode) else []

    def sync_folder(self, folder: Path) -> None:
        """Nothing was changed."""

    def _find(self, path: Path) -> Node | None:
        node: Node | None = self._storage.root
        for part in path.parts[1:]:
            node = self._names(node).get(part) if isinstance(node, FolderNode) else None
        return node

    def _names(self, folder: FolderNode) -> dict[str, Node]:
        return folder.durable if self._durable else folder.seen


@dataclass
class Reading:
    """The bytes of a file as an open file; see ``audit.disk.File``."""

    content: bytes

    def size(self) -> int:
        """Bytes in it."""
        return len(self.content)

    def read(self, length: int, offset: int) -> bytes:
        """Some of them."""
        return self.content[offset : offset + length]

    def close(self) -> None:
        """Nothing is open."""
