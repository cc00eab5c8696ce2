"""What a house keeps because it takes long to make (``DIR/cache``), handed from one house of the tests to the next.

Without it each of the hundreds of houses would build the same automata and read the same glossary once more. What is kept is
named after all that it was made of, so that a house never takes what another version made.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

HANDED_ON = Path(__file__).parents[1] / "var" / "tests" / "cache"
_MOST = 16


def lend(data: Path) -> None:
    """Give the new house in ``data`` what earlier ones made; a house that has a cache of its own keeps that."""
    HANDED_ON.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        (data / "cache").mkdir(mode=0o700)
        _copy(HANDED_ON, data / "cache")


def take_back(data: Path) -> None:
    """Keep for the next house what the one in ``data`` made."""
    if (data / "cache").is_dir():
        _copy(data / "cache", HANDED_ON)
        for old in sorted(HANDED_ON.iterdir(), key=_age, reverse=True)[_MOST:]:
            old.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Whole files alone, each under its name at once: other processes do the same meanwhile."""
    for path in source.iterdir():
        if path.suffix == ".new" or (target / path.name).exists():
            continue
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            try:
                os.link(path, target / path.name)
            except OSError:  # another disk
                aside = target / f"{path.name}.{os.getpid()}.new"
                shutil.copy(path, aside)
                aside.replace(target / path.name)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
