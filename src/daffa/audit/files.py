"""Files that appear whole and durable, or not at all. Knows nothing of what is in them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from .disk import LOCAL, Disk

__all__ = ["PRIVATE", "Folders", "publish"]

PRIVATE = 0o700

# Files whose writing the disk may overlap before we wait for them.
_TOGETHER = 64


class Folders:
    """Folders, and other names, that this process knows to be durable.

    That a name is there does not mean that it is: who made it may have been killed before it was synced, and then a crash of
    the machine takes it away, with all that was put under it since. So each name is synced once by each process.
    """

    def __init__(self, disk: Disk = LOCAL) -> None:
        self.disk = disk
        self._sure: set[Path] = set()

    def make(self, folder: Path, mode: int = 0o755) -> None:
        """Make ``folder`` and its missing parents, durably. Raises ``OSError``."""
        if folder in self._sure:
            return
        if not self.disk.is_folder(folder):
            self.make(folder.parent)
            with contextlib.suppress(FileExistsError):
                self.disk.make_folder(folder, mode)
        # Its parents are durable: whoever made it made them so before.
        self.ensure(folder)

    def ensure(self, path: Path) -> None:
        """Make the name of what is there durable. Raises ``OSError``."""
        if path not in self._sure:
            self.disk.sync_folder(path.parent)
            self._sure.add(path)

    def doubt(self, path: Path) -> None:
        """Forget that a name is durable: it was put there anew, and the disk refused to say that it is kept."""
        self._sure.discard(path)


def publish(root: Path, files: Iterable[tuple[str, bytes]], scratch: Path, folders: Folders | None = None) -> list[str]:
    """Put each ``(path, content)`` below ``root``: a reader sees a file whole or not yet; on return all are durable.

    ``scratch`` is a folder of the same file system that nobody reads. Returns the paths. Raises ``OSError``.
    """
    folders = folders or Folders()
    disk = folders.disk
    waiting = iter(files)
    names: list[str] = []
    touched: dict[Path, None] = {}
    while batch := _write_aside(islice(waiting, _TOGETHER), scratch, disk):
        for name, path in batch:
            target = root / name
            if target.parent not in touched:
                folders.make(target.parent)
                touched[target.parent] = None
            disk.rename(path, target)
            names.append(name)
    for folder in touched:
        disk.sync_folder(folder)
    return names


def _write_aside(files: Iterator[tuple[str, bytes]], scratch: Path, disk: Disk) -> list[tuple[str, Path]]:
    """Write each content to a file in ``scratch``, durably; each name with the path of its file."""
    written = []
    with contextlib.ExitStack() as stack:
        opened = []
        for number, (name, content) in enumerate(files):
            path = scratch / str(number)
            file = disk.open(path, make=True, mode=0o644)
            stack.callback(file.close)
            file.truncate(0)  # a crash may have left one
            file.write(content, 0)
            opened.append(file)
            written.append((name, path))
        for file in opened:
            file.sync()
    return written
