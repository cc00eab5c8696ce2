"""The assistant under ``/api/assistant``: ask it, and call the tools of the packs. Knows the gateway and the shelf.

A question goes through the gateway as from any client; what comes back is the whole outcome (docs/assistant.md). A tool only
computes: it is told figures, and nothing of them is kept.
"""

from __future__ import annotations

import asyncio
import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody

from daffa.errors import Invalid
from daffa.gateway import Declared
from daffa.identity import Role
from daffa.packs import Result

from .asking import outcome_of
from .callers import Asked, caller_of, house_of, language_of

__all__ = ["AssistantController"]


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
        caller = caller_of(request, Role.AGENT)
        messages = [msgspec.to_builtins(one) for one in data.messages]
        if data.question or not messages:
            messages.append({"role": "user", "content": data.question})
        if not data.task and not messages[-1]["content"].strip():
            raise Invalid("invalid_field", field="question", expected="a question", got="nothing")
        day = {"day": data.day.isoformat()} if data.day is not None else {}
        extension = {"collections": data.collections, "language": data.language, "task": data.task, **day}
        return await outcome_of(house_of(request), caller, messages, extension, Declared(data.label, data.purpose))

    @get("/tools")
    async def tools(self, request: Asked) -> list[ToolRow]:
        """Every tool of every pack."""
        caller_of(request)
        shelf = house_of(request).shelf

        def read() -> list[ToolRow]:
            cards = ((pack, card) for pack in shelf.packs for card in shelf.tools.cards(pack))
            return [ToolRow(pack, card.name, card.title, card.schema) for pack, card in cards]

        return await asyncio.to_thread(read)

    @post("/tools/{pack:str}/{tool:str}", status_code=200)
    async def call(self, request: Asked, pack: FromPath[str], tool: FromPath[str], data: JSONBody[dict[str, Any]]) -> Result:
        """What a tool computes, with its steps and the legal source of each figure."""
        caller_of(request, Role.AGENT)
        call = house_of(request).shelf.tools.call
        today = datetime.datetime.now(datetime.UTC).date()
        return await asyncio.to_thread(call, pack, tool, data, day=today, language=language_of(request))
