"""Where packs are: those that are shipped, those that a wheel brings, those in a folder of data. Runs no code of a wheel."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from .files import ID
from .pack import Origin

__all__ = ["GROUP", "discovered", "installed", "origin_of", "shipped"]

GROUP = "daffa.packs"
"""Entry points of this group name the packages that are packs."""


def shipped() -> list[Path]:
    """Folders of the packs that come with Daffa."""
    return list(_packs_in(_shipped_folder()))


def discovered() -> list[Path]:
    """Folders of the packages that installed wheels name as packs; a package that is gone is left out."""
    folders = set()
    for point in importlib.metadata.entry_points(group=GROUP):
        # A name without a dot is found without importing anything.
        spec = importlib.util.find_spec(point.value) if point.value.isidentifier() else None
        folders |= {Path(place) for place in (spec.submodule_search_locations or ()) if spec} if spec else set()
    return sorted(folder for folder in folders if (folder / "pack.toml").is_file())


def installed(data: Path) -> list[Path]:
    """Folders of the packs that were installed into the folder ``data`` of a house."""
    return list(_packs_in(data / "packs"))


def origin_of(folder: Path) -> Origin:
    """What a folder is by where it lies, never by what is in it: shipped, of a wheel, or a folder of data."""
    if folder.resolve().parent == _shipped_folder().resolve():
        return Origin.SHIPPED
    return Origin.WHEEL if folder.resolve() in {one.resolve() for one in discovered()} else Origin.FOLDER


def _shipped_folder() -> Path:
    """``packs`` beside the source tree, or inside the installed package."""
    package = Path(__file__).parents[1]
    beside = package.parents[1] / "packs"
    return beside if beside.is_dir() else package / "shipped_packs"


def _packs_in(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(one for one in folder.iterdir() if ID.fullmatch(one.name) and (one / "pack.toml").is_file())
