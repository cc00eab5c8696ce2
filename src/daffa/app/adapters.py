"""The adapters of a house, as its settings choose them. Chooses and makes them; wires nothing.

An adapter that most houses do without is imported where it is chosen: every start would wait for its libraries.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import daffa
from daffa.assistant import (
    GatewayEmbedder,
)
from daffa.audit import Audit, Cosigning
from daffa.gateway import Model, Probing, Running, Teller, Upstream, Wire
from daffa.gateway.clients.httptools_client import HttptoolsUpstream
from daffa.gateway.clients.reach import reachable
from daffa.gateway.engines import Engines
from daffa.gateway.tellers.access_log import AccessLog
from daffa.gateway.wires.anthropic import AnthropicWire
from daffa.gateway.wires.gemini import GeminiWire
from daffa.gateway.wires.mistral import MistralWire
from daffa.gateway.wires.openai import OpenAIWire
from daffa.search.engines.tantivy import TantivyIndex
from daffa.settings import Settings

if TYPE_CHECKING:
    from daffa.gateway.clients.aiohttp_client import AiohttpUpstream
    from daffa.identity.clients.aiohttp_client import AiohttpIssuerClient
    from daffa.search.engines.postgres import PostgresIndex
    from daffa.search.engines.vectors import FusedIndex

__all__ = ["cosigning", "index", "issuer", "probing", "tellers", "wires"]


_WIRES: Mapping[str, Callable[[Model, Upstream, Callable[[], float]], Wire]] = {
    "openai": OpenAIWire,
    "anthropic": AnthropicWire,
    "gemini": GeminiWire,
    "mistral": MistralWire,
    "llamacpp": OpenAIWire,  # llama.cpp speaks like OpenAI
}


def cosigning(settings: Settings, log: Audit, stack: contextlib.AsyncExitStack) -> Cosigning | None:
    """What has the log cosigned, where there are witnesses."""
    if settings.witnesses is None:
        return None
    from daffa.audit.clients.aiohttp_client import AiohttpWitnessClient  # noqa: PLC0415 - see the head

    witnesses = AiohttpWitnessClient()
    stack.push_async_callback(witnesses.close)
    return Cosigning(log, settings.witnesses, witnesses)


def wires(settings: Settings, engines: Engines, stack: contextlib.AsyncExitStack) -> dict[str, Wire]:
    """What speaks to each model, all over one client."""
    upstream = _client(settings)(connect_seconds=settings.connect_seconds, idle_seconds=settings.idle_seconds)
    stack.push_async_callback(upstream.close)
    return {name: _WIRES[model.wire](engines.reached(model), upstream, time.time) for name, model in settings.models.items()}


def _client(settings: Settings) -> type[AiohttpUpstream | HttptoolsUpstream]:
    if settings.upstream_client != "aiohttp":
        return HttptoolsUpstream
    from daffa.gateway.clients.aiohttp_client import AiohttpUpstream  # noqa: PLC0415 - see the head

    return AiohttpUpstream


async def index(
    settings: Settings, embedder: GatewayEmbedder | None
) -> tuple[PostgresIndex | TantivyIndex | FusedIndex, tuple[PostgresIndex | FusedIndex, GatewayEmbedder] | None]:
    """The index, and what keeps vectors in it where there are some."""
    if settings.database.startswith(("postgresql://", "postgres://")):
        from daffa.search.engines.postgres import PostgresIndex  # noqa: PLC0415 - see the head

        shared = await PostgresIndex.open(settings.database, model=embedder.name if embedder else "")
        return shared, (shared, embedder) if embedder else None
    words, folder = await TantivyIndex.open(settings.data / "search"), settings.data / "vectors"
    if embedder is None:
        shutil.rmtree(folder, ignore_errors=True)  # nobody would take out of it what is deleted
        return words, None
    from daffa.search.engines.vectors import FusedIndex  # noqa: PLC0415 - see the head

    fused = await FusedIndex.open(words, folder, embedder.name)
    return fused, (fused, embedder)


async def embedded_index(folder: Path) -> TantivyIndex:
    """An index in ``folder`` alone, as a house on one machine has it."""
    return await TantivyIndex.open(folder)


def tellers(settings: Settings) -> dict[str, Teller]:
    """Who is told of every request that has ended, by name."""
    told: dict[str, Teller] = {}
    if settings.access_log != "off":
        told["access_log"] = AccessLog(settings.access_log)
    if settings.otel is not None:
        endpoint, share = settings.otel
        from daffa.gateway.tellers.tracing import Tracing  # noqa: PLC0415 - the SDK takes a moment, and most do without

        told["traces"] = Tracing(endpoint, share, version=daffa.__version__, chance=random.random)
    return told


def issuer(stack: contextlib.AsyncExitStack) -> AiohttpIssuerClient:
    """What asks the issuer of single sign-on."""
    from daffa.identity.clients.aiohttp_client import AiohttpIssuerClient  # noqa: PLC0415 - see the head

    client = AiohttpIssuerClient()
    stack.push_async_callback(client.close)
    return client


def probing(running: Running, models: Mapping[str, Model]) -> Probing:
    """What looks after the servers of models that rest."""
    return Probing(running.health, models, reachable)
