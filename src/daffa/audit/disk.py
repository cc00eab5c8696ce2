"""The port to a disk, and the disk of this machine. Knows nothing of what is written.

What is written is durable after ``sync`` of its file; a name (made, replaced, removed) after ``sync_folder`` of its folder.
Before that a crash of the machine may leave all of it, a part, or nothing. The simulation in ``tests/simulation`` has a
disk that does so.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path
from typing import Protocol

__all__ = ["LOCAL", "Disk", "File", "LocalDisk"]

# Not every system has the call that leaves a file's times unwritten.
_sync = getattr(os, "fdatasync", os.fsync)


class File(Protocol):
    """An open file. Its methods raise ``OSError`` where the disk refuses."""

    def size(self) -> int:
        """Bytes in it."""
        ...

    def read(self, length: int, offset: int) -> bytes:
        """At most ``length`` bytes from ``offset`` on; fewer at the end alone."""
        ...

    def write(self, data: bytes, offset: int) -> None:
        """Write all of ``data`` at ``offset``."""
        ...

    def truncate(self, size: int) -> None:
        """Cut it to ``size`` bytes, or lengthen it by zeros."""
        ...

    def sync(self) -> None:
        """Make its bytes and its length durable."""
        ...

    def close(self) -> None:
        """Close it, and let go of the lock that it may hold."""
        ...


class Disk(Protocol):
    """The file system as this room uses it. Its methods raise ``OSError`` where the disk refuses."""

    def open(self, path: Path, *, make: bool = False, mode: int = 0o600) -> File:
        """Open a file for reading and writing; with ``make`` it is made, with ``mode``, where it is absent."""
        ...

    def lock(self, path: Path) -> File | None:
        """The lock file, made where it is absent, held until it is closed; ``None`` while another one holds it."""
        ...

    def read(self, path: Path) -> bytes:
        """A whole file."""
        ...

    def exists(self, path: Path) -> bool:
        """Whether there is a file or folder of this name."""
        ...

    def is_folder(self, path: Path) -> bool:
        """Whether there is a folder of this name."""
        ...

    def names(self, folder: Path) -> list[str]:
        """The names in a folder, sorted; none where there is no such folder."""
        ...

    def make_folder(self, folder: Path, mode: int) -> None:
        """Make a folder; its parent exists."""
        ...

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        ...

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name, in the place of what had it."""
        ...

    def link(self, old: Path, new: Path) -> None:
        """Give a file a second name, which must be free."""
        ...

    def remove(self, path: Path) -> None:
        """Remove a file, if there is one."""
        ...

    def remove_folder(self, folder: Path) -> None:
        """Remove a folder with all that is in it, as far as the disk lets us. Raises nothing."""
        ...


class _LocalFile:
    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def size(self) -> int:
        return os.fstat(self._descriptor).st_size

    def read(self, length: int, offset: int) -> bytes:
        return os.pread(self._descriptor, length, offset)

    def write(self, data: bytes, offset: int) -> None:
        view = memoryview(data)
        while view:
            written = os.pwrite(self._descriptor, view, offset)
            view, offset = view[written:], offset + written

    def truncate(self, size: int) -> None:
        os.ftruncate(self._descriptor, size)

    def sync(self) -> None:
        _sync(self._descriptor)

    def close(self) -> None:
        os.close(self._descriptor)


class LocalDisk:
    """The disk of this machine. See ``Disk``."""

    def open(self, path: Path, *, make: bool = False, mode: int = 0o600) -> File:
        """See ``Disk.open``."""
        return _LocalFile(os.open(path, os.O_RDWR | (os.O_CREAT if make else 0), mode))

    def lock(self, path: Path) -> File | None:
        """See ``Disk.lock``."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return _LocalFile(descriptor)

    def read(self, path: Path) -> bytes:
        """See ``Disk.read``."""
        return path.read_bytes()

    def exists(self, path: Path) -> bool:
        """See ``Disk.exists``."""
        return path.exists()

    def is_folder(self, path: Path) -> bool:
        """See ``Disk.is_folder``."""
        return path.is_dir()

    def names(self, folder: Path) -> list[str]:
        """See ``Disk.names``."""
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def make_folder(self, folder: Path, mode: int) -> None:
        """See ``Disk.make_folder``."""
        folder.mkdir(mode)

    def sync_folder(self, folder: Path) -> None:
        """See ``Disk.sync_folder``."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """See ``Disk.rename``."""
        old.replace(new)

    def link(self, old: Path, new: Path) -> None:
        """See ``Disk.link``."""
        os.link(old, new)

    def remove(self, path: Path) -> None:
        """See ``Disk.remove``."""
        path.unlink(missing_ok=True)

    def remove_folder(self, folder: Path) -> None:
        """See ``Disk.remove_folder``."""
        shutil.rmtree(folder, ignore_errors=True)


LOCAL = LocalDisk()
"""The disk of this machine."""
