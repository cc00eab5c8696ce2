"""``daffa privacy mask|restore``: lines without their personal data, and back. Knows files; ``privacy`` knows the rest.

What placeholders stand for lies in one file with its key, readable by its owner alone. It is on the disk, whole, before the
first masked line is given: no placeholder goes out that nobody can restore.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from daffa.errors import Conflict, Invalid

from .lines import lines

if TYPE_CHECKING:
    from io import BufferedReader

    from daffa.privacy import Masked, Masker, Originals

__all__ = ["add"]

_MODES = ("pseudonymise", "redact", "generalise")
_IN_MEMORY = 16 << 20
_PIECE = 64 << 10


def add(actions: Any, common: argparse.ArgumentParser) -> None:
    """Add both commands to the group ``privacy``."""
    mask = actions.add_parser("mask", parents=[common], help="each line without its personal data")
    mask.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files of lines; without one, standard input")
    mask.add_argument("--mode", choices=_MODES, default=_MODES[0], help="what stands for a value (%(default)s)")
    mask.add_argument("--map", type=Path, metavar="FILE", help="what the placeholders stand for: made, or gone on with")
    mask.add_argument("--least", metavar="P", help="leave alone what is less sure than this, 0 to 1 (0.5)")
    mask.add_argument("--years", metavar="N", help="width of the bands of years of birth, with --mode generalise (1)")
    mask.add_argument("--json", action="store_true", help="one JSON object a line, with what was masked where")
    mask.set_defaults(run=_mask)
    restore = actions.add_parser("restore", parents=[common], help="put back what the placeholders stand for")
    restore.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files; without one, standard input")
    restore.add_argument("--map", type=Path, metavar="FILE", required=True, help="the file that mask wrote")
    restore.add_argument("--json", action="store_true", help="the text is JSON: escape what is put back into it")
    restore.set_defaults(run=_restore)


def _mask(arguments: argparse.Namespace) -> int:
    from daffa.privacy import LIKELY, Masker, Mode, Originals

    mode = Mode(arguments.mode)
    least = LIKELY if arguments.least is None else _number("--least", arguments.least, 0.0, 1.0)
    years = 1 if arguments.years is None else int(_number("--years", arguments.years, 1, 50))
    if mode is Mode.PSEUDONYMISE and arguments.map is None:
        raise Invalid("map_missing")
    if mode is not Mode.PSEUDONYMISE and arguments.map is not None:
        raise Invalid("map_not_meant", mode=mode.value)
    if arguments.map is None:
        masker = Masker(secrets.token_bytes(32), mode, years=years)
        for line in _masked(arguments, masker, least):
            sys.stdout.write(line)
        return 0
    with _alone(arguments.map) as aside, tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="") as kept:
        key, originals = _kept(arguments.map) if arguments.map.exists() else (secrets.token_bytes(32), Originals())
        masker = Masker(key, originals=originals)
        kept.writelines(_masked(arguments, masker, least))
        _keep(arguments.map, aside, {"key": key.hex(), **masker.originals.to_json()})
        kept.seek(0)
        shutil.copyfileobj(kept, sys.stdout)
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from daffa.privacy import ByteRestorer

    _, originals = _kept(arguments.map)
    restorer = ByteRestorer(originals, json_depth=int(arguments.json))
    sys.stdout.flush()
    out = sys.stdout.buffer
    for piece in _pieces(arguments.files):
        out.write(restorer.feed(piece))
    out.write(restorer.end())
    out.flush()
    return 0


def _masked(arguments: argparse.Namespace, masker: Masker, least: float) -> Iterator[str]:
    write = _as_json if arguments.json else _as_text
    for text in lines(arguments.files):
        yield write(masker.mask(text, least=least)) + "\n"


def _as_text(masked: Masked) -> str:
    return masked.text


def _as_json(masked: Masked) -> str:
    spans = [
        {
            "type": span.type,
            "start": span.start,
            "end": span.end,
            "original_start": span.original_start,
            "original_end": span.original_end,
            "placeholder": span.placeholder,
        }
        for span in masked.spans
    ]
    return json.dumps({"text": masked.text, "spans": spans}, ensure_ascii=False)


def _number(option: str, word: str, least: float, most: float) -> float:
    try:
        value = float(word)
    except ValueError:
        value = least - 1
    if not least <= value <= most:
        raise Invalid("invalid_field", field=option, expected=f"a number from {least:g} to {most:g}", got=word[:20])
    return value


def _kept(path: Path) -> tuple[bytes, Originals]:
    """The key and the table of a file that ``mask`` wrote."""
    from daffa.privacy import Originals

    try:
        kept = json.loads(path.read_bytes())
        key = bytes.fromhex(kept["key"])
    except OSError as error:
        raise Invalid("invalid_field", field="--map", expected="a readable file", got=type(error).__name__) from error
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid("not_originals") from error
    return key, Originals.from_json(kept)


@contextmanager
def _alone(path: Path) -> Iterator[BinaryIO]:
    """A file beside ``path``, empty, that this process alone has; its name stays free for the next one, killed or not."""
    aside = path.with_name(path.name + ".new")
    while True:
        with os.fdopen(os.open(aside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Conflict("map_in_use", file=str(path)) from error
            # Another process may have made it its map between our opening and our lock.
            if not (aside.exists() and aside.stat().st_ino == os.fstat(file.fileno()).st_ino):
                continue
            file.truncate()
            try:
                yield file
            finally:
                if aside.exists() and aside.stat().st_ino == os.fstat(file.fileno()).st_ino:
                    aside.unlink()
            return


def _keep(path: Path, aside: BinaryIO, content: dict[str, Any]) -> None:
    """Whole or not at all, readable by the owner alone."""
    os.fchmod(aside.fileno(), 0o600)
    aside.write(json.dumps(content, ensure_ascii=True).encode())
    aside.flush()
    os.fsync(aside.fileno())
    path.with_name(path.name + ".new").replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _pieces(files: list[Path]) -> Iterator[bytes]:
    for path in files or [Path("-")]:
        if str(path) == "-":
            yield from _all(cast("BufferedReader", sys.stdin.buffer).read1)
            continue
        try:
            file = path.open("rb")
        except OSError as error:
            raise Invalid("invalid_field", field=str(path), expected="a readable file", got=type(error).__name__) from error
        with file:
            yield from _all(file.read)


def _all(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while piece := read(_PIECE):
        yield piece
