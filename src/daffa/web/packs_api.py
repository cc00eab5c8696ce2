"""The packs' routes under ``/api/packs``: which there are; put one in, take one out. Knows ``packs`` by its face."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from daffa.app import House
from daffa.assistant import shelve
from daffa.errors import DaffaError
from daffa.identity import Role
from daffa.packs import Arrival, Pack

from .callers import Asked, caller_of, house_of, record

__all__ = ["PackController"]


class Incoming(msgspec.Struct, forbid_unknown_fields=True):
    """What a command has laid into the house's folder, and whether it may replace a version that is not older."""

    incoming: str
    force: bool = False


class PackController(Controller):
    """Packs: those that came with Daffa, those of wheels, those that were installed."""

    path = "/api/packs"

    @get()
    async def packs(self, request: Asked) -> list[dict[str, Any]]:
        """Every pack that can be read: id, version, titles, where it comes from, its label, and how much is in it."""
        caller_of(request)
        return [_row(pack) for _, pack in sorted(house_of(request).shelf.packs.items())]

    @post()
    async def install(self, request: Asked, data: JSONBody[Incoming]) -> Arrival:
        """Install what was laid ready, whole or not at all. Role administrator; the change is recorded before it is made."""
        caller = caller_of(request, Role.ADMINISTRATOR)
        shelf = house_of(request).shelf
        try:
            arrival = await asyncio.to_thread(shelf.arrival, data.incoming, force=data.force)
            await record(request, caller, "pack_installed", **msgspec.structs.asdict(arrival))
            await asyncio.to_thread(shelf.install, data.incoming, arrival)
            await _follow(house_of(request))
        except DaffaError:
            await asyncio.to_thread(shelf.discard, data.incoming)
            raise
        return arrival

    @delete("/{pack_id:str}", status_code=200)
    async def remove(self, request: Asked, pack_id: FromPath[str]) -> dict[str, str]:
        """Take an installed pack out. Role administrator; the change is recorded before it is made."""
        caller = caller_of(request, Role.ADMINISTRATOR)
        shelf = house_of(request).shelf
        removed = {"id": pack_id, "version": shelf.removable(pack_id)}
        await record(request, caller, "pack_removed", **removed)
        await asyncio.to_thread(shelf.remove, pack_id)
        await _follow(house_of(request))
        return removed


async def _follow(house: House) -> None:
    """What is found, and the words by which questions are read, are those of the packs that are there now."""
    await shelve(house.library, house.shelf.packs.values())
    await asyncio.to_thread(house.planners.warm)


def _row(pack: Pack) -> dict[str, Any]:
    return {
        "id": pack.id,
        "version": pack.version,
        "title": pack.title,
        "origin": pack.origin,
        "owner": pack.owner,
        "licence": pack.licence,
        "languages": pack.languages,
        "label": str(pack.label),
        "documents": len(pack.documents),
        "questions": len(pack.questions),
        "tools": bool(pack.code),
    }
