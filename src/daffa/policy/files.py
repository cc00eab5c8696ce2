"""The files of a law, read once as bytes, and their digests. Knows no Cedar, no rule, no case.

What is hashed is what is parsed: each file is read a single time, so a file changed in between cannot slip past the digest.
A law may come from elsewhere, as a folder or as texts by name: nothing outside the folder is read, and nothing without end.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daffa.errors import Invalid

__all__ = ["CASES", "HOSTS", "INVARIANTS", "RULES", "SCHEMA", "TITLE", "LawFiles"]

TITLE, SCHEMA, HOSTS = "bundle.toml", "schema.cedarschema", "hosts.toml"
RULES, CASES, INVARIANTS = "rules/", "cases/", "invariants/"
_SUFFIXES = {RULES: ".cedar", CASES: ".toml", INVARIANTS: ".cedar"}

# Inside its folder a file has one plain name: none leads elsewhere, on this machine or where a law is written out again.
_NAME = re.compile(r"[^\W.][\w.-]{0,99}")
_MOST_FILES, _MOST_BYTES = 500, 4 << 20
_NAMING = "expected a file of a law, plainly named: bundle.toml, rules/10-home.cedar, cases/reach.toml, ..."
_SIZING = f"expected at most {_MOST_BYTES >> 20} MiB"


@dataclass(frozen=True, slots=True)
class LawFiles:
    """The bytes of a law by name inside its folder (``rules/10-home.cedar``), in the order of their names."""

    contents: Mapping[str, bytes]

    @classmethod
    def read(cls, folder: Path) -> LawFiles:
        """Read the folder. Raises ``Invalid`` (``law_file``) naming a file that is missing, unreadable or a link out of it."""
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
                contents[name] = _content(path, folder, name)
            except OSError as error:
                raise Invalid("law_file", file=name, reason=(error.strerror or "unreadable").lower()) from error
        return cls(_bounded(contents))

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> LawFiles:
        """The files of these names with these texts. Raises ``Invalid`` (``law_file``) for a name that is not of a law."""
        contents = {}
        for name in _in_order(texts):
            try:
                contents[name] = texts[name].encode("utf-8")
            except UnicodeEncodeError as error:
                raise Invalid("law_file", file=name, reason=f"not UTF-8 at character {error.start}") from error
        for name in (TITLE, SCHEMA, HOSTS):
            if name not in contents:
                raise Invalid("law_file", file=name, reason="no such file")
        if not any(name.startswith(RULES) for name in contents):
            raise Invalid("law_file", file=f"{RULES}*.cedar", reason="no such file")
        return cls(_bounded(contents))

    def texts(self) -> dict[str, str]:
        """The texts by name, as ``of`` takes them. Raises ``Invalid`` (``law_file``)."""
        return {name: self.text(name) for name in self.contents}

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
        except RecursionError as error:
            raise Invalid("law_file", file=name, reason="nested too deeply") from error
        except tomllib.TOMLDecodeError as error:
            raise Invalid("law_file", file=name, reason=str(error)) from error

    def digest(self) -> str:
        """SHA-256 (hex) over names and bytes of all that decides: cases and invariants judge the law, they are not the law."""
        return _sum(b"daffa law v1\n", {n: c for n, c in self.contents.items() if not n.startswith((CASES, INVARIANTS))})

    def id(self) -> str:
        """SHA-256 (hex) over names and bytes of every file: two laws of one ``digest`` may be judged otherwise."""
        return _sum(b"daffa law text v1\n", self.contents)


def _sum(kind: bytes, contents: Mapping[str, bytes]) -> str:
    total = hashlib.sha256(kind)
    for name in sorted(contents):
        for part in (name.encode(), contents[name]):
            total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()


def _inside(folder: Path, suffix: str) -> list[Path]:
    """The files of a folder, in the order of their names. A file that would be passed over in silence is an error."""
    found = sorted(path for path in folder.glob("*") if not path.name.startswith("."))
    for path in found:
        if path.suffix != suffix:
            raise Invalid("law_file", file=f"{folder.name}/{path.name}", reason=f"expected {suffix} files only")
        if not _NAME.fullmatch(path.name):
            raise Invalid("law_file", file=ascii(f"{folder.name}/{path.name}")[1:-1][:200], reason=_NAMING)
    return found


def _content(path: Path, folder: Path, name: str) -> bytes:
    """A file that lies in the folder, in the end: a link may lead about in it, as where a volume is mounted, and not out."""
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(os.path.realpath(folder)):
        raise Invalid("law_file", file=name, reason="a link that leads out of the folder")
    found = real.stat()
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise Invalid("law_file", file=name, reason="not a plain file")
    if found.st_size > _MOST_BYTES:
        raise Invalid("law_file", file=name, reason=_SIZING)
    return real.read_bytes()


def _in_order(texts: Mapping[str, str]) -> list[str]:
    """The names, in the order in which a folder is read. Raises ``Invalid`` for one that is not the name of a file of a law."""
    for name in texts:
        kind, _, plain = name.rpartition("/")
        suffix = _SUFFIXES.get(f"{kind}/")
        if name not in (TITLE, SCHEMA, HOSTS) and not (suffix and plain.endswith(suffix) and _NAME.fullmatch(plain)):
            raise Invalid("law_file", file=ascii(name)[1:-1][:200], reason=_NAMING)
    # On some disks two such names are one file: a law written out there would lose a rule without a word.
    alike: dict[str, str] = {}
    for name in texts:
        other = alike.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other != name:
            raise Invalid("law_file", file=name, reason=f"a name that some disks cannot tell from {other}")
    order = [TITLE, SCHEMA, HOSTS, RULES, CASES, INVARIANTS]
    return sorted(texts, key=lambda name: (order.index(name if name in order else f"{name.rpartition('/')[0]}/"), name))


def _bounded(contents: dict[str, bytes]) -> dict[str, bytes]:
    if len(contents) > _MOST_FILES:
        raise Invalid("law_file", file=f"{len(contents)} files", reason=f"expected at most {_MOST_FILES}")
    if sum(map(len, contents.values())) > _MOST_BYTES:
        raise Invalid("law_file", file="all files together", reason=_SIZING)
    return contents
