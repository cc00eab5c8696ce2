"""What takes long to make and can be made again, kept in a folder of the house. Knows digests and files; not what is kept.

A file is named after what its content was made of, and begins with the digest of that content. One that is not whole, that
others may write, or that is another's, is not read: its content is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

__all__ = ["Cache"]

_DIGEST = hashlib.sha256
_DIGEST_BYTES = 32
_NAMED = 32
"""Hexadecimal digits of the digest that a name has."""
_OTHERS = 3
"""Beside the newest one of a name: of another organisation's packs, or of another version on the same folder."""
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


class Cache:
    """Contents by name, each under the digest of what it was made of; of one name the last few are kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def kept(self, name: str, made_of: bytes, make: Callable[[], bytes]) -> bytes:
        """The content ``name`` that was made of ``made_of``: read where it is kept whole, else made now, and kept.

        ``made_of`` has all that the content depends on, code and libraries too; ``name`` is a word of a-z and hyphens. What
        ``make`` raises is passed on; a disk that takes or gives nothing only means that it is made again.
        """
        path = self._folder / f"{name}.{_DIGEST(made_of).hexdigest()[:_NAMED]}"
        content = self._read(path)
        if content is None:
            content = make()
            with contextlib.suppress(OSError):
                self._write(path, content)
        return content

    def _read(self, path: Path) -> bytes | None:
        try:
            folder = self._folder.lstat()
            descriptor = os.open(path, _READ)
            with os.fdopen(descriptor, "rb") as file:
                found = os.fstat(descriptor)
                whole = file.read() if _ours(folder) and _ours(found) and stat.S_ISREG(found.st_mode) else b""
        except OSError:
            return None
        digest, content = whole[:_DIGEST_BYTES], whole[_DIGEST_BYTES:]
        return content if digest == _DIGEST(content).digest() else None

    def _write(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        beside = [one for one in self._folder.glob(f"{path.name.partition('.')[0]}.*") if one != path]
        left = [one for one in beside if one.suffix == ".new"]  # whoever still writes it only keeps nothing
        old = sorted((one for one in beside if one not in left), key=lambda one: one.stat().st_mtime_ns)[:-_OTHERS]
        aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
        # Not forced to the disk: what a power cut leaves is no longer what its digest says, and is made again.
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(_DIGEST(content).digest() + content)
        aside.replace(path)
        for one in [*left, *old]:
            one.unlink(missing_ok=True)


def _ours(found: os.stat_result) -> bool:
    """Whether it is this process's own, and nobody else may write it."""
    return found.st_uid == os.geteuid() and not found.st_mode & _OTHERS_WRITE
