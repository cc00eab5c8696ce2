"""The files of a law, read once as bytes, and their digest. Knows no Cedar, no rule, no case.

What is hashed is what is parsed: each file is read a single time, so a file changed in between cannot slip past the digest.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daffa.errors import Invalid

__all__ = ["CASES", "HOSTS", "INVARIANTS", "RULES", "SCHEMA", "TITLE", "LawFiles"]

TITLE, SCHEMA, HOSTS = "bundle.toml", "schema.cedarschema", "hosts.toml"
RULES, CASES, INVARIANTS = "rules/", "cases/", "invariants/"


@dataclass(frozen=True, slots=True)
class LawFiles:
    """The bytes of a law by name inside its folder (``rules/10-home.cedar``), in the order of their names."""

    contents: Mapping[str, bytes]

    @classmethod
    def read(cls, folder: Path) -> LawFiles:
        """Read the folder. Raises ``Invalid`` (``law_file``) naming a file that is missing or cannot be read."""
        if not folder.is_dir():
            raise Invalid("law_file", file=folder.name, reason="no such folder")
        rules = _inside(folder / RULES, ".cedar")
        if not rules:
            raise Invalid("law_file", file=f"{RULES}*.cedar", reason="no such file")
        found = [folder / TITLE, folder / SCHEMA, folder / HOSTS, *rules]
        found += _inside(folder / CASES, ".toml") + _inside(folder / INVARIANTS, ".cedar")
        contents = {}
        for path in found:
            name = path.relative_to(folder).as_posix()
            try:
                contents[name] = path.read_bytes()
            except OSError as error:
                raise Invalid("law_file", file=name, reason=(error.strerror or "unreadable").lower()) from error
        return cls(contents)

    def named(self, prefix: str) -> tuple[str, ...]:
        """The names that begin with ``prefix``, in order."""
        return tuple(name for name in self.contents if name.startswith(prefix))

    def text(self, name: str) -> str:
        """The file as UTF-8 text. Raises ``Invalid`` (``law_file``)."""
        try:
            return self.contents[name].decode("utf-8")
        except UnicodeDecodeError as error:
            raise Invalid("law_file", file=name, reason=f"not UTF-8 at byte {error.start}") from error

    def toml(self, name: str) -> dict[str, Any]:
        """The file as TOML. Raises ``Invalid`` (``law_file``) with the line."""
        try:
            return tomllib.loads(self.text(name))
        except tomllib.TOMLDecodeError as error:
            raise Invalid("law_file", file=name, reason=str(error)) from error

    def digest(self) -> str:
        """SHA-256 (hex) over names and bytes of all that decides: cases and invariants judge the law, they are not the law."""
        total = hashlib.sha256(b"daffa law v1\n")
        for name in sorted(self.contents):
            if not name.startswith((CASES, INVARIANTS)):
                for part in (name.encode(), self.contents[name]):
                    total.update(len(part).to_bytes(8, "big") + part)
        return total.hexdigest()


def _inside(folder: Path, suffix: str) -> list[Path]:
    """The files of a folder, in the order of their names. A file that would be passed over in silence is an error."""
    found = sorted(path for path in folder.glob("*") if not path.name.startswith("."))
    for path in found:
        if path.suffix != suffix:
            raise Invalid("law_file", file=f"{folder.name}/{path.name}", reason=f"expected {suffix} files only")
    return found
