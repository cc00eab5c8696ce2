"""One file of the write-ahead pair: zero-filled beforehand, written in place, emptied by writing zeros. Knows no record.

Writing inside a file whose blocks exist costs one flush of data and none of the file system's own journal.
"""

from __future__ import annotations

from pathlib import Path

from .disk import LOCAL, Disk

__all__ = ["Segment"]

_STEP = 1 << 20
_KEEP = 16 << 20
_FIRST_BLOCK = 4096


class Segment:
    """An open file of the pair. All methods raise ``OSError`` where the disk refuses."""

    def __init__(self, path: Path, disk: Disk = LOCAL) -> None:
        """Open or make the file. What stands in it is kept until ``clear``."""
        self._file = disk.open(path, make=True)
        try:
            self._size = self._file.size()
            self.used = self._size
            if not self._size:
                self._fill(0, _STEP)
                self._size, self.used = _STEP, 0
            disk.sync_folder(path.parent)  # in any case: whoever made the file may not have come so far
        except BaseException:
            self._file.close()
            raise

    def read(self) -> bytes:
        """What stands in the file, without the zeros at its end."""
        parts, position = [], 0
        while part := self._file.read(_STEP, position):
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
        self._file.write(data, self.used)
        self._file.sync()
        self.used = end

    def clear(self) -> None:
        """Overwrite what stands with zeros, so that no record key lingers; durable on return.

        The first block goes first and alone: whatever a crash leaves behind it can no longer be taken for a beginning.
        """
        if self.used:
            self._fill(0, _FIRST_BLOCK)
            self._fill(_FIRST_BLOCK, self.used)
        if self._size > _KEEP:
            self._file.truncate(_KEEP)
            self._file.sync()
        self._size, self.used = min(max(self._size, _FIRST_BLOCK), _KEEP), 0

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _fill(self, start: int, end: int) -> None:
        for position in range(start, end, _STEP):
            self._file.write(bytes(min(_STEP, end - position)), position)
        self._file.sync()
