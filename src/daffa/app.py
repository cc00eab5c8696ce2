"""The whole wiring on one page: settings in, a running house out. The only file that names adapters."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from daffa.audit import Audit, Cosigning, Index, load_or_create_key, previous_key
from daffa.audit.clients.aiohttp_client import AiohttpWitnessClient
from daffa.gateway import Gateway
from daffa.gateway.clients.aiohttp_client import AiohttpUpstream
from daffa.gateway.wires.openai import OpenAIWire
from daffa.guard import Guard
from daffa.identity import Identity
from daffa.policy import Law
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
    database: Database
    identity: Identity
    audit: Audit
    cosigning: Cosigning | None
    index: Index
    guard: Guard
    gateway: Gateway


@contextlib.asynccontextmanager
async def build(settings: Settings) -> AsyncIterator[House]:
    """Open everything in ``settings.data``, oldest first, and close it in reverse.

    The first start makes the folder (0700), its keys (0600), the first organisation and its administrator,
    whose key is written to ``admin.key``. Raises ``Invalid`` for a law that does not load or a damaged log, and
    ``Conflict`` where another process writes in this folder.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with contextlib.AsyncExitStack() as stack:
        law = Law.load(settings.policies, settings.data / "proofs")
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
        identity = await Identity.open(database, _pepper(settings.data / "pepper"))
        await identity.first_start(
            now=time.time(),
            organisation=settings.organisation,
            floor=_FIRST_FLOOR,
            keep=lambda token: _write_secret(settings.data / "admin.key", token.encode()),
        )
        index = Index(database, settings.data / "audit")
        guard = Guard(law, log, settings.places, time.time)
        upstream = AiohttpUpstream(connect_seconds=settings.connect_seconds, idle_seconds=settings.idle_seconds)
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
        yield House(settings, law, database, identity, log, cosigning, index, guard, gateway)


def _origin(settings: Settings) -> str:
    """The log's name: as set, else chosen once and kept, so that two houses never sign under one name."""
    path = settings.data / "origin"
    if settings.origin:
        return settings.origin
    if not path.exists():
        _write_secret(path, f"daffa/{secrets.token_hex(4)}".encode())
    return path.read_text(encoding="utf-8", errors="replace").strip()


def _pepper(path: Path) -> bytes:
    if not path.exists():
        _write_secret(path, secrets.token_bytes(32))
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
