"""The whole wiring on one page: settings in, a running house out. Knows rooms by their faces; ``adapters`` names the rest."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial
from random import SystemRandom
from typing import cast

from daffa.assistant import (
    Assistant,
    AssistantWire,
    Conversations,
    Feedback,
    GatewayEmbedder,
    GatewayModel,
    PackTools,
    Planners,
    shelve,
    tasks_of,
)
from daffa.audit import Audit, Cosigning, Index, Reader, load_or_create_key, previous_key
from daffa.decision import KeyHolder, Place
from daffa.gateway import ASSISTANT, Gateway, Limits, Model, Patience, Probing, Running, Wire
from daffa.gateway.engines import Engines
from daffa.guard import Guard, Incidents, Shadow
from daffa.identity import Identity, KeySessions, SignOn
from daffa.lawmaking import Lawmaking
from daffa.library import Library
from daffa.observatory import Observatory
from daffa.packs import Shelf
from daffa.policy import Law
from daffa.quota import Charge, Quota
from daffa.search import shipped_reranker
from daffa.settings import ASSISTANT_ID, Settings, fits
from daffa.storage import Cache, Database, kept_secret, write_secret

from . import adapters

__all__ = ["House", "build"]

# What an administration's people type is internal until somebody who may says otherwise.
_FIRST_FLOOR = "level=internal"
# The machine that the house runs on, as a place.
_OWN_PLACE = "house"
_PAGE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The rooms of one process, wired. ``build`` makes it and takes it down."""

    settings: Settings
    law: Law
    lawmaking: Lawmaking
    cache: Cache
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
    embedder: GatewayEmbedder | None
    library: Library
    planners: Planners
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
        log = _log(settings, stack)
        cosigning = adapters.cosigning(settings, log, stack)
        database = await Database.open(settings.database or settings.data / "daffa.db")
        stack.push_async_callback(database.close)
        lawmaking = await _lawmaking(settings, database, log)
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
        running = _running(settings, stack)
        wires = adapters.wires(settings, engines, stack)
        gateway = _gateway(settings, guard, models, wires, law, quota, running)
        cache = Cache(settings.data / "cache")
        embedder = _embedder(settings, gateway)
        library, shelf = await _library(settings, database, embedder, stack)
        planners = Planners(lambda: shelf.packs, cache.kept)
        # The assistant asks models through the gateway, which asks the assistant: so its wire comes last.
        wires[ASSISTANT_ID] = _assistant(settings, models, gateway, library, planners, shelf, embedder)
        yield House(
            settings=settings,
            law=law,
            lawmaking=lawmaking,
            cache=cache,
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
            probing=adapters.probing(running, settings.models),
            gateway=gateway,
            observatory=_observatory(settings, places, models, index, log, law),
            embedder=embedder,
            library=library,
            planners=planners,
            shelf=shelf,
            conversations=Conversations(database, settings.conversation_days, time.time),
            feedback=Feedback(database, time.time),
        )


def _log(settings: Settings, stack: contextlib.AsyncExitStack) -> Audit:
    key = settings.data / "log.key"
    log = Audit.open(settings.data / "audit", _origin(settings), load_or_create_key(key), previous_key(key))
    stack.push_async_callback(log.close)
    return log


async def _lawmaking(settings: Settings, database: Database, log: Audit) -> Lawmaking:
    lawmaking = await Lawmaking.open(database, settings.policies, settings.data / "proofs", fits(settings))
    await lawmaking.begin(log, Reader(settings.data / "audit"))
    return lawmaking


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
        masking_secret=kept_secret(settings.data / "masking.key", secrets.token_bytes(32)) if settings.masking else b"",
    )


async def _identity(settings: Settings, database: Database, stack: contextlib.AsyncExitStack) -> tuple[Identity, SignOn | None]:
    """Who may ask: keys, and sessions of the issuer where one is named."""
    pepper = kept_secret(settings.data / "pepper", secrets.token_bytes(32))
    identity = await Identity.open(database, pepper)
    await identity.first_start(
        now=time.time(),
        organisation=settings.organisation,
        floor=_FIRST_FLOOR,
        keep=lambda token: write_secret(settings.data / "admin.key", token.encode()),
    )
    if settings.oidc is None:
        return identity, None
    return identity, SignOn(identity, database, settings.oidc, adapters.issuer(stack), pepper, time.time)


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


def _embedder(settings: Settings, gateway: Gateway) -> GatewayEmbedder | None:
    """Who makes vectors of passages and questions, where a model is named for it."""
    named = settings.search_embedding_model
    return GatewayEmbedder(gateway.ask, settings.models[named], settings.organisation) if named else None


async def _library(
    settings: Settings, database: Database, embedder: GatewayEmbedder | None, stack: contextlib.AsyncExitStack
) -> tuple[Library, Shelf]:
    """What can be found: the collections of the database, and in them the texts of the packs."""
    index, vectors = await adapters.index(settings, embedder)
    stack.push_async_callback(index.close)
    library = await Library.open(database, index, time.time, vectors, shipped_reranker())
    stack.push_async_callback(library.close)
    shelf = Shelf.open(settings.data)
    stack.callback(shelf.tools.close)
    await shelve(library, shelf.packs.values())
    return library, shelf


def _assistant(
    settings: Settings,
    models: Mapping[str, Model],
    gateway: Gateway,
    library: Library,
    planners: Planners,
    shelf: Shelf,
    embedder: GatewayEmbedder | None,
) -> AssistantWire:
    """The assistant, as what speaks to the model of its name."""
    model = GatewayModel(gateway.ask, settings.assistant_model) if settings.assistant_model else None
    assistant = Assistant(
        library,
        planners.of,
        clock=time.monotonic,
        wall=time.time,
        zone=settings.time_zone,
        tools=PackTools(shelf.tools, shelf.packs.values()),
        model=model,
        embeds=embedder,
        tasks=tasks_of(lambda: shelf.packs, planners.of, model),
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


def _running(settings: Settings, stack: contextlib.AsyncExitStack) -> Running:
    """What all requests of this worker share."""
    running = Running(
        clock=time.monotonic,
        wall=time.time,
        chance=SystemRandom().random,
        limits=Limits(failures=settings.breaker_failures),
        patience=Patience(settings.attempts, settings.first_byte_seconds, settings.answer_seconds),
        retry_share=settings.retry_share,
        most=settings.max_requests,
        tellers=adapters.tellers(settings),
    )
    stack.callback(running.close)
    return running


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
    kept = kept_secret(settings.data / "origin", f"daffa/{secrets.token_hex(4)}".encode())
    return kept.decode(errors="replace").strip()
