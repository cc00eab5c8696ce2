"""What the reading of words depends on, as bytes: so that what was read once may be kept. Knows files and versions; no word."""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from daffa import language

__all__ = ["Kept", "reader"]

Kept = Callable[[str, bytes, Callable[[], bytes]], bytes]
"""What is kept under a name that was made of given bytes, or what the callable makes; as ``storage.Cache.kept``."""

_ROOMS = (Path(__file__).parent, Path(language.__file__).parent)
_CODE_AND_LISTS = (".py", ".txt", ".csv", ".toml")


@cache
def reader() -> bytes:
    """The digest of all that says which forms a word has: code and lists of both rooms, the stemmer, Python's letters."""
    whole = hashlib.sha256(repr((version("snowballstemmer"), unicodedata.unidata_version, sys.version)).encode())
    for room in _ROOMS:
        for path in sorted(path for path in room.rglob("*") if path.suffix in _CODE_AND_LISTS):
            whole.update(path.relative_to(room).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.digest()
