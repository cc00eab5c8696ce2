"""A question to the house's own assistant, asked through the gateway like any other: what it says, event by event.

So a question from the page has the label, the decision, the quota and the outcome of a question from any client. Knows no page.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import msgspec

from daffa import sentences
from daffa.app import House
from daffa.errors import Invalid, Unavailable
from daffa.gateway import SURFACES, Declared
from daffa.identity import Caller
from daffa.settings import ASSISTANT_ID

__all__ = ["ask_assistant", "outcome_of"]

_DATA = b"data: "
_EVENT_END = b"\n\n"


async def ask_assistant(
    house: House,
    caller: Caller,
    messages: Sequence[Mapping[str, Any]],
    extension: Mapping[str, Any],
    declared: Declared,
    language: str,
) -> AsyncGenerator[dict[str, Any]]:
    """What the assistant says to ``messages`` (as of OpenAI's chat), each event as its extension ``daffa``.

    First ``{"sentence": ..., "citations": [...]}`` for each sentence that may be shown, at last the whole outcome, which has a
    ``status`` (see docs/assistant.md). Raises what ``Intake`` and ``Gateway.ask`` raise, ``Invalid``
    (``assistant_rejects``, its reason in ``language``) for a task or a collection that the assistant does not take, and
    ``Unavailable`` where it breaks off.
    """
    body = {"model": ASSISTANT_ID, "messages": messages, "stream": True, "daffa": extension}
    with house.running.intake:
        answer = await house.gateway.ask(SURFACES["openai_chat"], caller, msgspec.json.encode(body), declared)
        async with aclosing(answer.chunks) as chunks:
            if answer.whole:  # an answer in one piece to who wants events: what is wrong with the request
                raise Invalid("assistant_rejects", reason=_reason(await anext(chunks, b""), language))
            rest = b""
            async for chunk in chunks:
                *events, rest = (rest + chunk).split(_EVENT_END)
                for event in events:
                    if (said := _extension(event)) is not None:
                        yield said


async def outcome_of(events: AsyncGenerator[dict[str, Any]]) -> dict[str, Any]:
    """The outcome alone, once it is there."""
    async with aclosing(events):
        async for event in events:
            if "status" in event:
                return event
    raise Unavailable("upstream_unreadable", status=200)


def _extension(event: bytes) -> dict[str, Any] | None:
    """What the extension of one event says; ``None`` for an event without one."""
    data = event.strip().removeprefix(_DATA)
    if not data.startswith(b"{"):
        return None
    said: dict[str, Any] | None = msgspec.json.decode(data).get("daffa")
    return said


def _reason(body: bytes, language: str) -> str:
    """What an error of the assistant says in ``language``; one that it does not know, in the words of whoever said it."""
    try:
        error = msgspec.json.decode(body)["error"]
        if error["code"] in sentences.catalogue():
            return sentences.say(error["code"], language, **error.get("facts", {}))
        return str(error["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return ""
