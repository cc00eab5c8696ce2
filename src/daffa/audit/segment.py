"""One file of the write-ahead pair: zero-filled beforehand, written in place, emptied by writing zeros. Knows no record.

Writing inside a file whose blocks exist costs one flush of data and none of the file system's own journal.
"""

from __future__ import annotations

import os
from pathlib import Path

from .files import sync_data, sync_folder, write_at

__all__ = ["Segment"]

_STEP = 1 << 20
_KEEP = 16 << 20
_FIRST_BLOCK = 4096


class Segment:
    """An open file of the pair. All methods raise ``OSError`` where the disk refuses."""

    def __init__(self, path: Path) -> None:
        """Open or make the file. What stands in it is kept until ``clear``."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._size = os.fstat(self._descriptor).st_size
            self.used = self._size
            if not self._size:
                self._fill(0, _STEP)
                self._size, self.used = _STEP, 0
                sync_folder(path.parent)
        except BaseException:
            os.close(self._descriptor)
            raise

    def read(self) -> bytes:
        """What stands in the file, without the zeros at its end."""
        parts, position = [], 0
        while part := os.pread(self._descriptor, _STEP, position):
            parts.append(part)
            position += len(part)
        content = b"".join(parts).rstrip(b"\0")
        self.used = len(content)
        return content

    def append(self, data: bytes) -> None:
        """Write ``data`` behind what stands; durable on return."""
        end = self.used + len(data)
        if end > self._size:
            self._size = end + -end % _STEP
            data += bytes(self._size - end)
        write_at(self._descriptor, data, self.used)
        sync_data(self._descriptor)
        self.used = end

    def clear(self) -> None:
        """Overwrite what stands with zeros, so that no record key lingers; durable on return.

        The first block goes first and alone: whatever a crash leaves behind it can no longer be taken for a beginning.
        """
        if self.used:
            self._fill(0, _FIRST_BLOCK)
            self._fill(_FIRST_BLOCK, self.used)
        if self._size > _KEEP:
            os.ftruncate(self._descriptor, _KEEP)
            os.fsync(self._descriptor)
        self._size, self.used = min(max(self._size, _FIRST_BLOCK), _KEEP), 0

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _fill(self, start: int, end: int) -> None:
        for position in range(start, end, _STEP):
            write_at(self._descriptor, bytes(min(_STEP, end - position)), position)
        sync_data(self._descriptor)
