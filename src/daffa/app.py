"""The whole wiring on one page: settings in, a running house out. The only file that names adapters."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from urllib.parse import urlsplit

from daffa.audit import Audit, Cosigning, Index, Reader, load_or_create_key, previous_key
from daffa.audit.clients.aiohttp_client import AiohttpWitnessClient
from daffa.errors import Invalid
from daffa.gateway import Gateway
from daffa.gateway.clients.aiohttp_client import AiohttpUpstream
from daffa.gateway.clients.httptools_client import HttptoolsUpstream
from daffa.gateway.wires.openai import OpenAIWire
from daffa.guard import Guard, Incidents, Shadow
from daffa.identity import Identity
from daffa.lawmaking import Lawmaking
from daffa.observatory import Observatory
from daffa.policy import Bundle, Law
from daffa.settings import Settings
from daffa.storage import Database

__all__ = ["House", "build"]

# What an administration's people type is internal until somebody who may says otherwise.
_FIRST_FLOOR = "level=internal"


@dataclass(frozen=True, slots=True)
class House:
    """The rooms of one process, wired. ``build`` makes it and takes it down."""

    settings: Settings
    law: Law
    lawmaking: Lawmaking
    database: Database
    identity: Identity
    audit: Audit
    cosigning: Cosigning | None
    index: Index
    incidents: Incidents
    guard: Guard
    gateway: Gateway
    observatory: Observatory


@contextlib.asynccontextmanager
async def build(settings: Settings) -> AsyncIterator[House]:
    """Open everything in ``settings.data``, oldest first, and close it in reverse.

    The first start makes the folder (0700), its keys (0600), the first organisation and its administrator,
    whose key is written to ``admin.key``. Raises ``Invalid`` for a law that does not load or a damaged log, and
    ``Conflict`` where another process writes in this folder.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with contextlib.AsyncExitStack() as stack:
        key = settings.data / "log.key"
        log = Audit.open(settings.data / "audit", _origin(settings), load_or_create_key(key), previous_key(key))
        stack.push_async_callback(log.close)
        cosigning = None
        if settings.witnesses is not None:
            witnesses = AiohttpWitnessClient()
            stack.push_async_callback(witnesses.close)
            cosigning = Cosigning(log, settings.witnesses, witnesses)
        database = await Database.open(settings.database or settings.data / "daffa.db")
        stack.push_async_callback(database.close)
        lawmaking = await Lawmaking.open(database, settings.policies, settings.data / "proofs", _fits(settings))
        await lawmaking.begin(log, Reader(settings.data / "audit"))
        law = lawmaking.law
        identity = await Identity.open(database, _kept(settings.data / "pepper", secrets.token_bytes(32)))
        await identity.first_start(
            now=time.time(),
            organisation=settings.organisation,
            floor=_FIRST_FLOOR,
            keep=lambda token: _write_secret(settings.data / "admin.key", token.encode()),
        )
        index = Index(database, settings.data / "audit")
        incidents = await Incidents.open(database, log, time.time)
        stack.push_async_callback(incidents.end)
        shadow = Shadow(incidents, settings.shadow_rate, SystemRandom().random)  # nobody foresees which decision is looked at
        guard = Guard(law, log, settings.places, time.time, shadow)
        stack.push_async_callback(guard.end)
        client = AiohttpUpstream if settings.upstream_client == "aiohttp" else HttptoolsUpstream
        upstream = client(connect_seconds=settings.connect_seconds, idle_seconds=settings.idle_seconds)
        stack.push_async_callback(upstream.close)
        gateway = Gateway(
            guard,
            settings.models,
            {name: OpenAIWire(model, upstream, time.time) for name, model in settings.models.items()},
            law=law,
            prefer=settings.prefer,
            purpose=settings.purpose,
            clock=time.monotonic,
        )
        observatory = Observatory(
            index,
            log,
            law,
            settings.places,
            settings.models,
            currency=settings.currency,
            prefer=settings.prefer,
            clock=time.time,
        )
        yield House(settings, law, lawmaking, database, identity, log, cosigning, index, incidents, guard, gateway, observatory)


def _fits(settings: Settings) -> Callable[[Bundle], None]:
    """What a law must fit here: no model is placed out of the reach that the law knows its host to be in."""

    def check(law: Bundle) -> None:
        for model in settings.models.values():
            host, place = law.host(urlsplit(model.url).hostname or ""), settings.places[model.place]
            if host is not None and host.operator != place.operator:
                facts = {"model": model.id, "place": place.id, "host": host.suffix}
                raise Invalid("law_host_abroad", **facts, vendor=host.vendor, operator=host.operator)

    return check


def _origin(settings: Settings) -> str:
    """The log's name: as set, else chosen once and kept, so that two houses never sign under one name."""
    if settings.origin:
        return settings.origin
    kept = _kept(settings.data / "origin", f"daffa/{secrets.token_hex(4)}".encode())
    return kept.decode(errors="replace").strip()


def _kept(path: Path, first: bytes) -> bytes:
    """What ``path`` keeps, ``first`` where there is nothing yet; its name is on the disk before anybody builds on it."""
    if not path.exists():
        _write_secret(path, first)
    # Also where it was found: a process that was killed may have left a name that the next power cut takes away.
    _sync_folder(path.parent)
    return path.read_bytes()


def _write_secret(path: Path, content: bytes) -> None:
    """Whole or not at all, readable by the owner alone."""
    aside = path.with_name(path.name + ".new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
