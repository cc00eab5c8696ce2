"""From a question on the page to an answer under way: kept first, then asked through the gateway, then kept with its proof.

What goes wrong becomes an outcome too, so that whoever asked reads why. Knows no template and no form.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from daffa.app import House
from daffa.assistant import Status, Turn, status_of
from daffa.audit import Reader
from daffa.decision import Purpose
from daffa.errors import DaffaError, NotFound, Refused, Unavailable
from daffa.gateway import Declared, explain

from ..asking import ask_assistant
from .desk import Answering, Desk, Event
from .who import Guest

__all__ = ["Question", "Started", "begin", "name_of"]

# So many turns before a question are told with it.
_REMEMBERED = 6


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: ``task`` is kept beside it, ``extension`` goes to the assistant, ``language`` is the page's."""

    text: str
    language: str
    task: dict[str, Any]
    extension: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Started:
    """An answer under way; ``conversation`` is empty and ``number`` 0 where nothing is kept."""

    name: str
    conversation: str
    number: int
    answering: Answering


async def begin(house: House, desk: Desk, guest: Guest, question: Question, conversation: str) -> Started:
    """Keep the question, then begin to answer it. Raises ``NotFound`` for a conversation that is not the guest's."""
    before: tuple[Turn, ...] = ()
    number, kept = 0, house.conversations.kept
    if kept:
        if conversation:
            before = (await house.conversations.conversation(guest.owner, conversation)).turns
        conversation, number = await house.conversations.ask(
            guest.owner, question.text, conversation=conversation, task=question.task
        )
    name = name_of(conversation, number) if kept else secrets.token_urlsafe(24)
    messages = [*_history(before), {"role": "user", "content": question.text}]
    events = partial(_events, house, guest, messages, question)
    keep = partial(house.conversations.end, conversation, number) if kept else _keep_nothing
    answering = desk.begin(name, Answering(guest.owner, question.text, question.task), events, keep, kept=kept)
    return Started(name, conversation if kept else "", number, answering)


def name_of(conversation: str, number: int) -> str:
    """What the answer to a kept question is called while it is under way."""
    return f"{conversation}.{number}"


async def _keep_nothing(_: Event) -> None:
    """Nothing is kept here."""


def _history(turns: Sequence[Turn]) -> list[dict[str, str]]:
    """What was said before, as a client of a chat would send it again."""
    said = []
    for turn in turns[-_REMEMBERED:]:
        if turn.outcome is None or turn.task:
            continue
        answer = " ".join(sentence["text"] for sentence in turn.outcome.get("sentences", []))
        said += [
            {"role": "user", "content": turn.question},
            {"role": "assistant", "content": answer or turn.outcome.get("message", "")},
        ]
    return said


async def _events(house: House, guest: Guest, messages: Sequence[dict[str, Any]], question: Question) -> AsyncGenerator[Event]:
    """What the assistant says, at last the outcome with what was recorded of it; there always is one."""
    try:
        # A visitor asks for themselves; whoever signed in asks for the purpose of the house.
        declared = Declared(purpose=None if guest.name else Purpose.PERSONAL_REQUEST)
        said = ask_assistant(house, guest.caller, messages, question.extension, declared, question.language)
        async with aclosing(said) as events:
            async for event in events:
                if "status" in event:
                    yield {**event, "recorded": await _recorded(house, event.get("decisions", []))}
                    return
                yield event
        raise Unavailable("upstream_broke_off", reason="no outcome")
    except Refused as error:
        yield await _refused(house, error, question.language)
    except DaffaError as error:
        yield {"status": str(status_of(error)), "message": error.say(question.language), "recorded": []}


async def _refused(house: House, error: Refused, language: str) -> Event:
    message = error.say(language)
    if "candidates" not in error.facts:
        return {"status": str(Status.REFUSED), "message": message, "recorded": []}
    decisions = [explain(error, language)["decision"]]
    recorded = await _recorded(house, decisions)
    return {"status": str(Status.REFUSED), "message": message, "decisions": decisions, "recorded": recorded}


async def _recorded(house: House, references: Sequence[str]) -> list[dict[str, Any]]:
    """What the log says of each decision, as far as its own house may read that."""
    own = [
        int(index)
        for origin, _, index in (reference.rpartition("#") for reference in references)
        if origin == house.audit.origin and index.isdecimal()
    ]
    if not own:
        return []
    try:
        await house.audit.flush()
        leaves = await asyncio.to_thread(_leaves, Reader(house.settings.data / "audit"), own)
        return [await _facts(house, index, leaf) for index, leaf in zip(own, leaves, strict=True)]
    except (NotFound, Unavailable, OSError):
        return []  # the answer stands all the same, and its references say where to look


def _leaves(reader: Reader, indexes: Sequence[int]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(reader.entry(index)) for index in indexes]


async def _facts(house: House, index: int, leaf: dict[str, Any]) -> dict[str, Any]:
    details = (await house.audit.open_details(index)).details
    return {
        "reference": house.audit.reference(index),
        "index": index,
        "allowed": leaf["verdict"] == "allow",
        "place": leaf["place"],
        "level": leaf["level"],
        "rules": [*leaf["rules"], *leaf["nearest"]] or sorted({rule for _, rules in leaf["refused"] for rule in rules}),
        "label": str(details.get("label", "")),
        "purpose": str(details.get("purpose", "")),
        "receiver": str(details.get("receiver", "")),
    }
