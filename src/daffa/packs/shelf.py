"""The packs of one house: shipped, of wheels, and installed into its folder; put in and taken out whole. Knows no log.

An installed pack is a folder ``DIR/packs/<id>``. It is changed by renaming: what is being brought in waits in ``.incoming``,
what gives way in ``.outgoing``. Whoever dies between two names leaves what ``open`` puts back.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Self

import msgspec

from daffa.errors import Conflict, DaffaError, NotFound

from .files import ID, walk
from .finding import Findings, Severity
from .linting import lint
from .pack import Origin, Pack
from .places import discovered, installed, shipped
from .reading import read_pack
from .tools import Tools

__all__ = ["Arrival", "Shelf", "digest", "stage"]

_INCOMING = ".incoming"
_OUTGOING = ".outgoing"
_TOKEN_BYTES = 8


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A pack that waits to be installed: its id, version, the SHA-256 of its files, and the version that it replaces."""

    id: str
    version: str
    digest: str
    replaces: str = ""


def stage(folder: Path, data: Path) -> str:
    """Copy ``folder`` to where ``Shelf.arrival`` looks, file by file, following no link; returns the token to ask with.

    Raises ``NotFound`` where there is no folder, ``Invalid`` (``invalid_pack``) for what may not be in a pack, ``OSError``.
    """
    if not folder.is_dir():
        raise NotFound("unknown_pack", name=str(folder))
    token = secrets.token_hex(_TOKEN_BYTES)
    home = data / "packs" / _INCOMING / token
    findings = Findings()
    (data / "packs").mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        for name, path, _ in walk(folder, findings):
            target = home / folder.resolve().name / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _copy(path, target)
        if findings.errors:
            raise findings.errors[0].error()
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise
    return token


def digest(folder: Path) -> str:
    """SHA-256 over the names and the contents of a pack's files."""
    whole = hashlib.sha256()
    for name, path, _ in walk(folder, Findings()):
        whole.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


class Shelf:
    """The packs that a house has, by id, and their tools."""

    def __init__(self, data: Path) -> None:
        self._home = data / "packs"
        self._data = data
        self._given: tuple[dict[str, Pack], dict[str, DaffaError]] = ({}, {})
        self._packs: Mapping[str, Pack] = MappingProxyType({})
        self._faults: Mapping[str, DaffaError] = MappingProxyType({})
        self.tools = Tools(())
        self._changing = threading.Lock()

    @classmethod
    def open(cls, data: Path) -> Shelf:
        """The packs of the house in ``data``; an installation that was cut off is undone first."""
        shelf = cls(data)
        for gone in shelf._below(_OUTGOING):
            if ID.fullmatch(gone.name) and not (shelf._home / gone.name).exists():
                gone.rename(shelf._home / gone.name)
        for name in (_OUTGOING, _INCOMING):
            shutil.rmtree(shelf._home / name, ignore_errors=True)
        _collect(shipped(), Origin.SHIPPED, *shelf._given)
        _collect(discovered(), Origin.WHEEL, *shelf._given)
        shelf._read()
        return shelf

    @property
    def packs(self) -> Mapping[str, Pack]:
        """Every pack that can be read, by id."""
        return self._packs

    @property
    def faults(self) -> Mapping[str, DaffaError]:
        """What keeps a pack from being read, by folder. The others are read all the same."""
        return self._faults

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes of the tools."""
        self.tools.close()

    def arrival(self, token: str, *, force: bool = False) -> Arrival:
        """Look at what was staged. Nothing is changed yet.

        Raises ``Invalid`` (``invalid_pack``) with its first mistake; ``Conflict``: ``pack_id_taken`` where a shipped pack or a
        wheel has its id, ``pack_not_newer`` where it is no higher version than the installed one, without ``force``.
        """
        folder = self._staged(token)
        errors = [one for one in lint(folder, Origin.FOLDER) if one.severity is Severity.ERROR]
        if errors:
            raise errors[0].error()
        pack = read_pack(folder, Origin.FOLDER)
        held = self._packs.get(pack.id)
        if held is not None and held.origin is not Origin.FOLDER:
            raise Conflict("pack_id_taken", pack=pack.id)
        new = digest(folder)
        if held is not None and not force and not _newer(pack.version, held.version) and new != digest(held.folder):
            raise Conflict("pack_not_newer", pack=pack.id, installed=held.version, offered=pack.version)
        return Arrival(id=pack.id, version=pack.version, digest=new, replaces=held.version if held else "")

    def install(self, token: str, arrival: Arrival) -> Pack:
        """Put what was looked at in its place, whole. Raises ``Conflict`` (``pack_changed``) where it is no longer that."""
        with self._changing:
            folder = self._staged(token)
            if digest(folder) != arrival.digest:
                raise Conflict("pack_changed", pack=arrival.id)
            self._give_way(arrival.id)
            folder.rename(self._home / arrival.id)
            self._settle()
            shutil.rmtree(folder.parent, ignore_errors=True)
            return self._packs[arrival.id]

    def discard(self, token: str) -> None:
        """Throw away what was staged."""
        shutil.rmtree(self._staged(token).parent, ignore_errors=True)

    def removable(self, pack_id: str) -> str:
        """The version of an installed pack. Raises ``NotFound``; ``Conflict`` (``pack_not_installed``) for another."""
        pack = self._packs.get(pack_id)
        if pack is None and not (ID.fullmatch(pack_id) and (self._home / pack_id).is_dir()):
            raise NotFound("unknown_pack", name=pack_id)
        if pack is not None and pack.origin is not Origin.FOLDER:
            raise Conflict("pack_not_installed", pack=pack_id)
        return pack.version if pack else ""

    def remove(self, pack_id: str) -> None:
        """Take an installed pack out, whole. Raises as ``removable``."""
        with self._changing:
            self.removable(pack_id)
            self._give_way(pack_id)
            self._settle()

    def _give_way(self, pack_id: str) -> None:
        out = self._home / _OUTGOING
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.rmtree(out / pack_id, ignore_errors=True)
        if (self._home / pack_id).exists():
            (self._home / pack_id).rename(out / pack_id)

    def _settle(self) -> None:
        """What was renamed is on the disk, what gave way is gone, and what is there is read."""
        _sync(self._home)
        shutil.rmtree(self._home / _OUTGOING, ignore_errors=True)
        self._read()

    def _staged(self, token: str) -> Path:
        if len(token) == 2 * _TOKEN_BYTES and token.isalnum() and token.isascii():
            for folder in self._below(f"{_INCOMING}/{token}"):
                return folder
        raise NotFound("unknown_pack", name=token[:80])

    def _below(self, name: str) -> list[Path]:
        return sorted((self._home / name).iterdir()) if (self._home / name).is_dir() else []

    def _read(self) -> None:
        """What came along does not change while the house runs, and was read when it opened; what is installed may."""
        packs, faults = dict(self._given[0]), dict(self._given[1])
        _collect(installed(self._data), Origin.FOLDER, packs, faults)
        self._packs, self._faults = MappingProxyType(packs), MappingProxyType(faults)
        self.tools.renew(packs.values())


def _collect(folders: Iterable[Path], origin: Origin, packs: dict[str, Pack], faults: dict[str, DaffaError]) -> None:
    """Add the pack in each folder, or what keeps it from being one. The first of an id stays."""
    for folder in folders:
        try:
            pack = read_pack(folder, origin)
            if pack.id in packs:
                raise Conflict("pack_id_taken", pack=pack.id)
            packs[pack.id] = pack
        except DaffaError as error:
            faults[str(folder)] = error


def _copy(path: Path, target: Path) -> None:
    source = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(source, "rb") as read, target.open("xb") as write:
        shutil.copyfileobj(read, write)
        write.flush()
        os.fsync(write.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _newer(offered: str, held: str) -> bool:
    return _numbers(offered) > _numbers(held)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(number) for number in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()  # 2026.1 and 2026.1.0 are one version
    return tuple(numbers)
