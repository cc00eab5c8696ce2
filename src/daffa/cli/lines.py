"""Lines of text for a command, from files or standard input, one at a time. Knows bytes and lines; knows no content."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from daffa.errors import Invalid

__all__ = ["STANDARD_INPUT", "batches", "lines"]

_BOM = b"\xef\xbb\xbf"
STANDARD_INPUT = "-"


def lines(files: list[Path]) -> Iterator[str]:
    """The lines of ``files``, one after the other, without their ends; standard input without a file, or for ``-``.

    Only a line feed ends a line. Raises ``Invalid`` for a file that cannot be read and for the first line that is no
    UTF-8; what came before it has been given.
    """
    for path in files or [Path(STANDARD_INPUT)]:
        if str(path) == STANDARD_INPUT:
            yield from _decoded(sys.stdin.buffer, STANDARD_INPUT)
            continue
        try:
            file = path.open("rb")
        except OSError as error:
            raise Invalid("invalid_field", field=str(path), expected="a readable file", got=type(error).__name__) from error
        with file:
            yield from _decoded(file, str(path))


def batches(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    """``texts`` in lists of ``size``; from a terminal one by one, since a person waits for each answer."""
    rest = iter(texts)
    at_once = 1 if sys.stdin.isatty() else size
    while batch := list(itertools.islice(rest, at_once)):
        yield batch


def _decoded(file: BinaryIO, name: str) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        raw = line.removeprefix(_BOM) if number == 1 else line
        try:
            yield raw.removesuffix(b"\n").removesuffix(b"\r").decode()
        except UnicodeDecodeError as error:
            got = f"0x{raw[error.start]:02x}"
            raise Invalid("line_not_utf8", file=name, line=number, byte=error.start + 1, got=got) from error
