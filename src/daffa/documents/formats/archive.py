"""An office file is a ZIP archive: its parts, read in memory and within bounds. Nothing is ever unpacked to a disk.

Knows no office format.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from daffa.errors import Invalid

__all__ = ["Archive"]

_MOST_PARTS = 10_000
_MOST_BYTES = 64 << 20
_RATIO = 250
"""A part over a megabyte that shrinks more than this is a bomb: the densest real tables measured shrink about 60 times."""
_SMALL = 1 << 20


class Archive:
    """The parts of an office file by name."""

    def __init__(self, raw: bytes) -> None:
        """Read the table of contents.

        Raises:
            Invalid: ``document_damaged``; ``document_encrypted``; ``document_unsafe`` for names that lead out of the
                archive or stand twice; ``document_too_large``.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(raw))
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError) as mistake:
            raise Invalid("document_damaged", name="", where="ZIP", reason=str(mistake)) from None
        if len(infos) > _MOST_PARTS:
            raise Invalid("document_too_large", name="", got=f"{len(infos)}", most=f"{_MOST_PARTS} ZIP parts")
        self._parts: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = info.filename
            if name in self._parts or name.startswith("/") or "\\" in name or ".." in name.split("/"):
                raise Invalid("document_unsafe", name="", part="ZIP", what=name[:200])
            if info.flag_bits & 0x1:
                raise Invalid("document_encrypted", name="", where=name[:200])
            self._parts[name] = info
        self._left = _MOST_BYTES

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def read(self, name: str) -> bytes:
        """The bytes of a part; empty where there is none of that name.

        Raises:
            Invalid: ``document_too_large`` past 64 MiB in all, or where it shrank too well; ``document_damaged``.
        """
        info = self._parts.get(name)
        if info is None:
            return b""
        try:
            with self._zip.open(info) as part:
                raw = part.read(self._left + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, EOFError) as mistake:
            raise Invalid("document_damaged", name="", where=name, reason=str(mistake)) from None
        self._left -= len(raw)
        if self._left < 0:
            raise Invalid("document_too_large", name="", got=name, most=f"{_MOST_BYTES >> 20} MiB")
        if len(raw) > _SMALL and len(raw) > _RATIO * max(info.compress_size, 1):
            raise Invalid(
                "document_too_large", name="", got=f"{name}: {len(raw) // max(info.compress_size, 1)} : 1", most=f"{_RATIO} : 1"
            )
        return raw
