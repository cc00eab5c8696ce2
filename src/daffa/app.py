"""The whole wiring on one page: settings in, a running house out. The only file that names adapters."""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import cast
from urllib.parse import urlsplit

import daffa
from daffa.assistant import Assistant, AssistantWire, Conversations, Feedback, GatewayModel, PackTools, shelve, tasks_of
from daffa.audit import Audit, Cosigning, Index, Reader, load_or_create_key, previous_key
from daffa.audit.clients.aiohttp_client import AiohttpWitnessClient
from daffa.decision import KeyHolder, Place
from daffa.errors import Invalid
from daffa.gateway import ASSISTANT, Gateway, Limits, Model, Patience, Probing, Running, Teller, Upstream, Wire
from daffa.gateway.clients.aiohttp_client import AiohttpUpstream
from daffa.gateway.clients.httptools_client import HttptoolsUpstream
from daffa.gateway.clients.reach import reachable
from daffa.gateway.engines import Engines
from daffa.gateway.tellers.access_log import AccessLog
from daffa.gateway.wires.anthropic import AnthropicWire
from daffa.gateway.wires.gemini import GeminiWire
from daffa.gateway.wires.mistral import MistralWire
from daffa.gateway.wires.openai import OpenAIWire
from daffa.guard import Guard, Incidents, Shadow
from daffa.identity import Identity, KeySessions, SignOn
from daffa.identity.clients.aiohttp_client import AiohttpIssuerClient
from daffa.lawmaking import Lawmaking
from daffa.library import Library
from daffa.observatory import Observatory
from daffa.packs import Shelf
from daffa.policy import Bundle, Law
from daffa.quota import Charge, Quota
from daffa.search import Glossary, Planner, everyday
from daffa.search.engines.postgres import PostgresIndex
from daffa.search.engines.tantivy import TantivyIndex
from daffa.settings import ASSISTANT_ID, Settings
from daffa.storage import Database

__all__ = ["House", "build"]

# What an administration's people type is internal until somebody who may says otherwise.
_FIRST_FLOOR = "level=internal"
# The machine that the house runs on, as a place.
_OWN_PLACE = "house"
_PAGE = 256


_WIRES: Mapping[str, Callable[[Model, Upstream, Callable[[], float]], Wire]] = {
    "openai": OpenAIWire,
    "anthropic": AnthropicWire,
    "gemini": GeminiWire,
    "mistral": MistralWire,
    "llamacpp": OpenAIWire,  # llama.cpp speaks like OpenAI
}


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The rooms of one process, wired. ``build`` makes it and takes it down."""

    settings: Settings
    law: Law
    lawmaking: Lawmaking
    database: Database
    identity: Identity
    sign_on: SignOn | None
    key_sessions: KeySessions
    quota: Quota
    audit: Audit
    cosigning: Cosigning | None
    index: Index
    incidents: Incidents
    guard: Guard
    engines: Engines
    running: Running
    probing: Probing
    gateway: Gateway
    observatory: Observatory
    library: Library
    planner: Planner
    shelf: Shelf
    conversations: Conversations
    feedback: Feedback


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
        cosigning = _cosigning(settings, log, stack)
        database = await Database.open(settings.database or settings.data / "daffa.db")
        stack.push_async_callback(database.close)
        lawmaking = await Lawmaking.open(database, settings.policies, settings.data / "proofs", _fits(settings))
        await lawmaking.begin(log, Reader(settings.data / "audit"))
        law = lawmaking.law
        identity, sign_on = await _identity(settings, database, stack)
        quota = await Quota.open(database, log, partial(_charges, log), time.time)
        stack.push_async_callback(quota.close)
        index = Index(database, settings.data / "audit")
        incidents = await Incidents.open(database, log, time.time)
        stack.push_async_callback(incidents.end)
        places, models = _with_the_house(settings, law)
        guard = _guard(settings, law, log, places, incidents, stack)
        engines = Engines(settings.models.values(), settings.data / "engines")
        running = _running(settings)
        stack.callback(running.close)
        wires = _wires(settings, engines, stack)
        gateway = _gateway(settings, guard, models, wires, law, quota, running)
        library, shelf = await _library(settings, database, stack)
        planner = _planner(shelf)
        # The assistant asks models through the gateway, which asks the assistant: so its wire comes last.
        wires[ASSISTANT_ID] = _assistant(settings, models, gateway, library, planner, shelf)
        yield House(
            settings=settings,
            law=law,
            lawmaking=lawmaking,
            database=database,
            identity=identity,
            sign_on=sign_on,
            key_sessions=KeySessions(identity, database, time.time),
            quota=quota,
            audit=log,
            cosigning=cosigning,
            index=index,
            incidents=incidents,
            guard=guard,
            engines=engines,
            running=running,
            probing=Probing(running.health, settings.models, reachable),
            gateway=gateway,
            observatory=_observatory(settings, places, models, index, log, law),
            library=library,
            planner=planner,
            shelf=shelf,
            conversations=Conversations(database, settings.conversation_days, time.time),
            feedback=Feedback(database, time.time),
        )


def _guard(
    settings: Settings,
    law: Law,
    log: Audit,
    places: Mapping[str, Place],
    incidents: Incidents,
    stack: contextlib.AsyncExitStack,
) -> Guard:
    """The doorframe, and in its shadow a second judge: nobody foresees on which decision it looks."""
    guard = Guard(law, log, places, time.time, Shadow(incidents, settings.shadow_rate, SystemRandom().random))
    stack.push_async_callback(guard.end)
    return guard


def _gateway(
    settings: Settings,
    guard: Guard,
    models: Mapping[str, Model],
    wires: Mapping[str, Wire],
    law: Law,
    quota: Quota,
    running: Running,
) -> Gateway:
    return Gateway(
        guard,
        models,
        wires,
        law=law,
        prefer=settings.prefer,
        purpose=settings.purpose,
        quota=quota,
        running=running,
        masking_secret=_kept(settings.data / "masking.key", secrets.token_bytes(32)) if settings.masking else b"",
    )


def _cosigning(settings: Settings, log: Audit, stack: contextlib.AsyncExitStack) -> Cosigning | None:
    if settings.witnesses is None:
        return None
    witnesses = AiohttpWitnessClient()
    stack.push_async_callback(witnesses.close)
    return Cosigning(log, settings.witnesses, witnesses)


async def _identity(settings: Settings, database: Database, stack: contextlib.AsyncExitStack) -> tuple[Identity, SignOn | None]:
    """Who may ask: keys, and sessions of the issuer where one is named."""
    pepper = _kept(settings.data / "pepper", secrets.token_bytes(32))
    identity = await Identity.open(database, pepper)
    await identity.first_start(
        now=time.time(),
        organisation=settings.organisation,
        floor=_FIRST_FLOOR,
        keep=lambda token: _write_secret(settings.data / "admin.key", token.encode()),
    )
    if settings.oidc is None:
        return identity, None
    issuer = AiohttpIssuerClient()
    stack.push_async_callback(issuer.close)
    return identity, SignOn(identity, database, settings.oidc, issuer, pepper, time.time)


def _wires(settings: Settings, engines: Engines, stack: contextlib.AsyncExitStack) -> dict[str, Wire]:
    """What speaks to each model, all over one client."""
    client = AiohttpUpstream if settings.upstream_client == "aiohttp" else HttptoolsUpstream
    upstream = client(connect_seconds=settings.connect_seconds, idle_seconds=settings.idle_seconds)
    stack.push_async_callback(upstream.close)
    return {name: _WIRES[model.wire](engines.reached(model), upstream, time.time) for name, model in settings.models.items()}


def _with_the_house(settings: Settings, law: Law) -> tuple[dict[str, Place], dict[str, Model]]:
    """The catalogue, and in it the house's own machine with the assistant on it.

    A ``[[place]]`` of the same id says more of the machine, such as its qualification; unsaid, it stands at home, under the
    state's own keys, and keeps nothing that the house does not.
    """
    home = law.bundle.country
    reach = frozenset({home})
    own = Place(_OWN_PLACE, hw=home, operator=home, reach=reach, key=KeyHolder.STATE, retention_days=0, trains=False)
    assistant = Model(ASSISTANT_ID, wire=ASSISTANT, url="", upstream_model=ASSISTANT_ID, place=_OWN_PLACE)
    return {_OWN_PLACE: own, **settings.places}, {**settings.models, ASSISTANT_ID: assistant}


async def _library(settings: Settings, database: Database, stack: contextlib.AsyncExitStack) -> tuple[Library, Shelf]:
    """What can be found: the collections of the database, and in them the texts of the packs."""
    shared = settings.database.startswith(("postgresql://", "postgres://"))
    index = await (PostgresIndex.open(settings.database) if shared else TantivyIndex.open(settings.data / "search"))
    stack.push_async_callback(index.close)
    library = await Library.open(database, index, time.time)
    stack.push_async_callback(library.close)
    shelf = Shelf.open(settings.data)
    stack.callback(shelf.tools.close)
    await shelve(library, shelf.packs.values())
    return library, shelf


def _planner(shelf: Shelf) -> Planner:
    """Reads questions in the words of everyday and of the packs."""
    packs = [Glossary.of(file) for pack in shelf.packs.values() if (file := pack.folder / "glossary.csv").is_file()]
    works = [Glossary.of(file) for pack in shelf.packs.values() if (file := pack.folder / "works.csv").is_file()]
    return Planner(everyday().merged(*packs), works=Glossary().merged(*works))


def _assistant(
    settings: Settings, models: Mapping[str, Model], gateway: Gateway, library: Library, planner: Planner, shelf: Shelf
) -> AssistantWire:
    """The assistant, as what speaks to the model of its name."""
    model = GatewayModel(gateway.ask, settings.assistant_model) if settings.assistant_model else None
    assistant = Assistant(
        library,
        planner,
        clock=time.monotonic,
        wall=time.time,
        tools=PackTools(shelf.tools, shelf.packs.values()),
        model=model,
        tasks=tasks_of(lambda: shelf.packs, planner, model),
    )
    return AssistantWire(assistant, models[ASSISTANT_ID], time.time)


def _observatory(
    settings: Settings, places: Mapping[str, Place], models: Mapping[str, Model], index: Index, log: Audit, law: Law
) -> Observatory:
    return Observatory(
        index,
        log,
        law,
        places,
        models,
        currency=settings.currency,
        prefer=settings.prefer,
        clock=time.time,
    )


def _running(settings: Settings) -> Running:
    """What all requests of this worker share."""
    return Running(
        clock=time.monotonic,
        wall=time.time,
        chance=SystemRandom().random,
        limits=Limits(failures=settings.breaker_failures),
        patience=Patience(settings.attempts, settings.first_byte_seconds, settings.answer_seconds),
        retry_share=settings.retry_share,
        most=settings.max_requests,
        tellers=_tellers(settings),
    )


def _tellers(settings: Settings) -> dict[str, Teller]:
    """Who is told of every request that has ended, by name."""
    tellers: dict[str, Teller] = {}
    if settings.access_log != "off":
        tellers["access_log"] = AccessLog(settings.access_log)
    if settings.otel is not None:
        endpoint, share = settings.otel
        from daffa.gateway.tellers.tracing import Tracing  # noqa: PLC0415 - the SDK takes a moment, and most do without

        tellers["traces"] = Tracing(endpoint, share, version=daffa.__version__, chance=random.random)
    return tellers


def _fits(settings: Settings) -> Callable[[Bundle], None]:
    """What a law must fit here: no model is placed out of the reach that the law knows its host to be in."""

    def check(law: Bundle) -> None:
        for model in settings.models.values():
            host, place = law.host(urlsplit(model.url).hostname or ""), settings.places[model.place]
            if host is not None and host.operator != place.operator:
                facts = {"model": model.id, "place": place.id, "host": host.suffix}
                raise Invalid("law_host_abroad", **facts, vendor=host.vendor, operator=host.operator)

    return check


async def _charges(log: Audit, start: int) -> AsyncIterator[Charge]:
    """What the outcomes in the log from ``start`` on were recorded to have used."""
    for first in range(start, log.size, _PAGE):
        for opened in await log.open_many(range(first, min(first + _PAGE, log.size))):
            if opened is not None and isinstance(opened.details.get("quota"), dict):
                yield cast("Charge", opened.details["quota"])


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
