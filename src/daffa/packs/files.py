"""The files of a pack as text: which may stand there, how large, none of them a link. Knows no content."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from .finding import Findings, Spot

__all__ = ["ID", "LANGUAGES", "LARGEST_FILE", "NAME", "UNSEEN", "languages_of", "read_files", "walk"]

LANGUAGES = ("fr", "ar", "en", "zgh")
"""Languages in which a pack may have its documents."""

ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
NAME = re.compile(r"[a-z][a-z0-9-]{1,79}")

LARGEST_FILE = 1 << 20
_LARGEST_PACK = 16 << 20
_MOST_FILES = 1000

_ONE = rf"{NAME.pattern}\.(?:{'|'.join(LANGUAGES)})\.md"
_KNOWN = re.compile(
    rf"pack\.toml|glossary\.csv|works\.csv|parameters\.toml|tools\.py|tools\.jsonl|questions\.jsonl"
    rf"|documents/{_ONE}|templates/{_ONE}|forms/{NAME.pattern}\.toml"
)
_UNREAD = re.compile(r"(?:README|CHANGELOG)\.md|LICENSE[A-Za-z0-9.-]*|LICENSES/[A-Za-z0-9.+-]+")
_PACKAGE = re.compile(r"__init__\.py|py\.typed|(?:.+/)?__pycache__/[^/]+")
_FOLDERS = ("documents", "templates", "forms", "LICENSES", "__pycache__")

# What a terminal obeys, and what makes a text look like another (Unicode bidirectional overrides).
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e]")

_EXPECTED = "a file of a pack (docs/packs.md)"


def languages_of(file: str) -> tuple[str, str]:
    """Name and language of ``documents/<name>.<lang>.md``."""
    name, language, _ = file.rpartition("/")[2].rsplit(".", 2)
    return name, language


def read_files(folder: Path, findings: Findings, *, package: bool = False) -> dict[str, str]:
    """Text by relative path, of all files of the pack that are read; what may not be there is noted and left out.

    ``package``: the folder is a Python package besides.
    """
    texts: dict[str, str] = {}
    size = 0
    for name, path, status in walk(folder, findings):
        size += status.st_size
        if _UNREAD.fullmatch(name) or (package and _PACKAGE.fullmatch(name)):
            continue
        if not _KNOWN.fullmatch(name):
            findings.wrong(Spot(name), "name", _EXPECTED, name)
        elif (text := _text(path, Spot(name), findings)) is not None:
            texts[name] = text
    if size > _LARGEST_PACK:
        findings.wrong(Spot("."), "size", f"at most {_LARGEST_PACK} bytes in all", f"{size} bytes")
    return texts


def walk(folder: Path, findings: Findings) -> Iterator[tuple[str, Path, os.stat_result]]:
    """Each regular file with its relative name; links, devices, strange folders and files too large or too many are noted."""
    for count, (name, path) in enumerate(_below(folder, "", findings), 1):
        status = path.lstat()
        if count > _MOST_FILES:
            findings.wrong(Spot("."), "files", f"at most {_MOST_FILES}", "more")
            return
        if not stat.S_ISREG(status.st_mode):
            findings.wrong(Spot(name), "file", "a regular file", "a link" if path.is_symlink() else "something else")
        elif status.st_size > LARGEST_FILE:
            findings.wrong(Spot(name), "size", f"at most {LARGEST_FILE} bytes", f"{status.st_size} bytes")
        else:
            yield name, path, status


def _below(folder: Path, prefix: str, findings: Findings) -> Iterator[tuple[str, Path]]:
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        name = prefix + entry.name
        if not entry.is_dir(follow_symlinks=False):
            yield name, Path(entry.path)
        elif not prefix and entry.name in _FOLDERS:
            yield from _below(Path(entry.path), f"{name}/", findings)
        else:
            findings.wrong(Spot(name), "folder", "one of " + ", ".join(_FOLDERS[:-1]), name)


def _text(path: Path, spot: Spot, findings: Findings) -> str | None:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        findings.wrong(spot._replace(line=raw.count(b"\n", 0, error.start) + 1), "text", "UTF-8", f"byte {error.start}")
        return None
    if text.startswith("\ufeff"):
        findings.wrong(spot._replace(line=1), "text", "no byte order mark", "one")
        return None
    if bad := UNSEEN.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        findings.wrong(
            spot._replace(line=line),
            "text",
            "no control characters, and no signs that turn the direction of text around",
            f"U+{ord(bad[0]):04X}",
        )
        return None
    return text.replace("\r\n", "\n")
