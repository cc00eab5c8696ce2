"""Files that appear whole and durable, or not at all. Knows nothing of what is in them."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

__all__ = ["PRIVATE", "lock", "make_folder", "publish", "sync_data", "sync_folder", "write_at"]

PRIVATE = 0o700

# Files whose writing the disk may overlap before we wait for them.
_TOGETHER = 64

# Not every system has the call that leaves a file's times unwritten.
sync_data = getattr(os, "fdatasync", os.fsync)


def write_at(descriptor: int, data: bytes, offset: int) -> None:
    """Write all of ``data`` at ``offset``. Raises ``OSError``."""
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable. Raises ``OSError``."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o755) -> None:
    """Make ``folder`` and its missing parents, durably. Raises ``OSError``."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode)
    sync_folder(folder.parent)


def lock(path: Path) -> int | None:
    """An open descriptor that holds the lock file until it is closed; ``None`` while another one does. Raises ``OSError``."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def publish(root: Path, files: Iterable[tuple[str, bytes]], scratch: Path) -> list[str]:
    """Put each ``(path, content)`` below ``root``: a reader sees a file whole or not yet; on return all are durable.

    ``scratch`` is a folder of the same file system that nobody reads. Returns the paths. Raises ``OSError``.
    """
    waiting = iter(files)
    names: list[str] = []
    touched: set[Path] = set()
    while batch := _write_aside(islice(waiting, _TOGETHER), scratch):
        for name, path in batch:
            target = root / name
            if target.parent not in touched:
                make_folder(target.parent)
                touched.add(target.parent)
            path.replace(target)
            names.append(name)
    for folder in touched:
        sync_folder(folder)
    return names


def _write_aside(files: Iterator[tuple[str, bytes]], scratch: Path) -> list[tuple[str, Path]]:
    """Write each content to a file in ``scratch``, durably; each name with the path of its file."""
    written = []
    with contextlib.ExitStack() as stack:
        descriptors = []
        for number, (name, content) in enumerate(files):
            path = scratch / str(number)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            stack.callback(os.close, descriptor)
            write_at(descriptor, content, 0)
            descriptors.append(descriptor)
            written.append((name, path))
        for descriptor in descriptors:
            os.fsync(descriptor)
    return written
