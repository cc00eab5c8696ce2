"""The folder of lines that models learn from: which licences may be learned from, and how its files are read.

Knows its file formats; which file holds what is for each model to know.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from daffa.errors import Invalid

__all__ = ["PERMISSIVE", "digests", "objects", "required"]

PERMISSIVE: Final = frozenset({"CC0-1.0", "MIT", "CC-BY-4.0", "CC-BY-SA-4.0"})
"""Licences of lines that a shipped model learns from."""


def required(folder: Path, names: Iterable[str]) -> None:
    """Raises ``Invalid("invalid_field")`` where one of ``names`` is no file below ``folder``."""
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise Invalid("invalid_field", field="--corpus", expected=f"a folder with {', '.join(missing)}", got=str(folder))


def objects(file: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a compressed file, one a line."""
    with gzip.open(file, "rt", encoding="utf-8") as rows:
        yield from map(json.loads, rows)


def digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """The SHA-256 of each of ``names`` below ``folder``."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
