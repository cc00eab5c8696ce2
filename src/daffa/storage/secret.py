"""Small files that a house chooses once and keeps: whole or not at all, readable by the owner alone. Knows no key."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["kept_secret", "write_secret"]


def kept_secret(path: Path, first: bytes) -> bytes:
    """What ``path`` keeps, ``first`` where there is nothing yet; its name is on the disk before anybody builds on it."""
    if not path.exists():
        write_secret(path, first)
    # Also where it was found: a process that was killed may have left a name that the next power cut takes away.
    _sync_folder(path.parent)
    return path.read_bytes()


def write_secret(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of what ``path`` has."""
    aside = path.with_name(path.name + ".new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
