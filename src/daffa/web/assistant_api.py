"""The assistant under ``/api/assistant``: ask it, and call the tools of the packs. Knows the gateway and the shelf.

A question goes through the gateway as from any client; what comes back is the whole outcome (docs/assistant.md). A tool only
computes: it is told figures, and nothing of them is kept.
"""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from daffa.errors import DaffaError, Invalid, Unavailable
from daffa.gateway import Declared
from daffa.identity import Role
from daffa.library import today_in
from daffa.packs import Result, Shelf

from .asking import ask_assistant, outcome_of
from .callers import Asked, caller_of, house_of, language_of

__all__ = ["AssistantController"]

_EVENTS = "text/event-stream"
# Proxies must not gather a stream into one burst.
_AT_ONCE = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """What was said before, or is asked now: ``role`` is ``user`` or ``assistant``."""

    role: Annotated[str, msgspec.Meta(pattern="^(user|assistant)$")]
    content: str


class AskedOfAssistant(msgspec.Struct, forbid_unknown_fields=True):
    """A question, or a conversation that ends in one.

    Attributes:
        question: alone, or after ``messages``.
        messages: what was said before.
        collections: where to look; empty: everywhere that the asker may.
        language: BCP 47, of the answer; empty: as asked.
        day: that the answer shall hold on (ISO date); empty: today.
        task: instead of answering: see docs/assistant.md.
        label, purpose: as the headers ``X-Daffa-Label`` and ``X-Daffa-Purpose``.
    """

    question: str = ""
    messages: list[Message] = []
    collections: list[str] = []
    language: str = ""
    day: datetime.date | None = None
    task: dict[str, Any] = {}
    label: str | None = None
    purpose: str | None = None


class ToolRow(msgspec.Struct, frozen=True):
    """A tool of a pack: what it computes, and the JSON Schema of what it takes."""

    pack: str
    name: str
    title: dict[str, str]
    schema: dict[str, Any]


class AssistantController(Controller):
    """The assistant, for scripts, the command line and other servers."""

    path = "/api/assistant"

    @post("/ask", status_code=200)
    async def ask(self, request: Asked, data: JSONBody[AskedOfAssistant]) -> dict[str, Any]:
        """How the question ends: status, sentences, citations, decisions."""
        return await outcome_of(_events(request, data))

    @post("/stream", status_code=200, media_type=_EVENTS)
    async def stream(self, request: Asked, data: JSONBody[AskedOfAssistant]) -> Stream:
        """The same as it comes, as server-sent events of JSON: each sentence once it has passed, the whole outcome last.

        Where it breaks off, the last event is an ``error`` with ``code`` and ``message``.
        """
        events = _events(request, data)
        first = await anext(events)  # what is wrong with the request has a status of its own, as long as nothing was said
        return Stream(_told(first, events, language_of(request)), media_type=_EVENTS, headers=_AT_ONCE)

    @get("/tools")
    async def tools(self, request: Asked) -> Response[list[ToolRow]]:
        """Every tool of every pack; a pack whose code does not load is left out, and named in ``X-Daffa-Left-Out``."""
        caller_of(request)
        rows, left_out = await asyncio.to_thread(_tools, house_of(request).shelf)
        return Response(rows, headers={"X-Daffa-Left-Out": ", ".join(left_out)} if left_out else {})

    @post("/tools/{pack:str}/{tool:str}", status_code=200)
    async def call(self, request: Asked, pack: FromPath[str], tool: FromPath[str], data: JSONBody[dict[str, Any]]) -> Result:
        """What a tool computes, with its steps and the legal source of each figure."""
        caller_of(request, Role.AGENT)
        house = house_of(request)
        today = today_in(house.settings.time_zone, time.time())
        return await asyncio.to_thread(house.shelf.tools.call, pack, tool, data, day=today, language=language_of(request))


def _tools(shelf: Shelf) -> tuple[list[ToolRow], list[str]]:
    """The tools of all packs, and the packs whose code does not load."""
    rows: list[ToolRow] = []
    left_out: list[str] = []
    for pack in shelf.packs:
        try:
            cards = shelf.tools.cards(pack)
        except Unavailable:
            left_out.append(pack)
            continue
        rows += [ToolRow(pack, card.name, card.title, card.schema) for card in cards]
    return rows, left_out


def _events(request: Asked, data: AskedOfAssistant) -> AsyncGenerator[dict[str, Any]]:
    """What the assistant says to a question. Raises ``Denied`` without the role, and ``Invalid`` where nothing is asked."""
    caller = caller_of(request, Role.AGENT)
    messages = [msgspec.to_builtins(one) for one in data.messages]
    if data.question or not messages:
        messages.append({"role": "user", "content": data.question})
    if not data.task and not messages[-1]["content"].strip():
        raise Invalid("invalid_field", field="question", expected="a question", got="nothing")
    day = {"day": data.day.isoformat()} if data.day is not None else {}
    extension = {"collections": data.collections, "language": data.language, "task": data.task, **day}
    declared = Declared(data.label, data.purpose)
    return ask_assistant(house_of(request), caller, messages, extension, declared, language_of(request))


async def _told(first: dict[str, Any], events: AsyncGenerator[dict[str, Any]], language: str) -> AsyncGenerator[bytes]:
    """Each event as a server-sent one; of what breaks, why."""
    async with aclosing(events):
        try:
            yield _event(first)
            async for event in events:
                yield _event(event)
        except DaffaError as error:
            yield _event({"error": {"code": error.code, "message": error.say(language)}})


def _event(said: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % msgspec.json.encode(said)
