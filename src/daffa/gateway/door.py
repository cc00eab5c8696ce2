"""The gateway: door one, prompt to model. One request walks down ``chat``: read, label, route, admit, send, relay.

Each step is a file of its own. Knows neither HTTP frameworks nor how an upstream is spoken to: it is given wires.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from daffa.decision import Door, Label, Purpose
from daffa.errors import Unavailable
from daffa.guard import Candidate, Guard
from daffa.identity import Caller
from daffa.language import identify
from daffa.policy import Law

from . import labelling, routing
from .exchange import Exchange, Wire
from .health import Health
from .model import Model
from .surfaces import openai_chat

__all__ = ["Answer", "Declared", "Gateway", "Offer"]

Given = ParamSpec("Given")
Made = TypeVar("Made")

# Characters of a question that tell its language.
_TELLING = 1000
# Bytes above which a body is read and written in a thread, so that the event loop goes on.
_LARGE = 1 << 16


@dataclass(frozen=True, slots=True)
class Declared:
    """What a client says about its own request, in headers."""

    label: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the client: a status, the bytes as they come, and what was decided.

    ``whole`` says that ``chunks`` gives everything in its first piece; else it is a stream of events. ``chunks`` raises
    ``Unavailable`` where that breaks. No header of the upstream's comes with it.
    """

    status: int
    whole: bool
    chunks: AsyncGenerator[bytes]
    reference: str
    label: Label
    place: str
    model: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A model as a caller would find it now, for text that carries no more than the caller's floor."""

    model: Model
    candidate: Candidate


class Gateway:
    """Answers chat requests with lawful models.

    Args:
        guard: decides and records.
        models: the catalogue, by id, in the order in which it was written.
        wires: what speaks to each model, by model id.
        law: the law in force, for its country.
        prefer: the order of preference among lawful models.
        purpose: the purpose of a request that states none.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        guard: Guard,
        models: Mapping[str, Model],
        wires: Mapping[str, Wire],
        *,
        law: Law,
        prefer: tuple[str, ...],
        purpose: Purpose,
        clock: Callable[[], float],
    ) -> None:
        self._guard = guard
        self._models = models
        self._wires = wires
        self._prefer = prefer
        self._law = law
        self._purpose = purpose
        self._clock = clock
        self._health = Health(clock)

    def warm(self) -> None:
        """Build what the first request would otherwise wait for: the scans, and the tables of languages."""
        labelling.found_label(b"{}")
        _language("bonjour")

    async def chat(self, caller: Caller, raw: bytes, declared: Declared) -> Answer:
        """Answer one chat request.

        Raises ``Invalid`` (the request), ``NotFound`` (the model), ``Refused`` (recorded; with every candidate and
        its verdict) and ``Unavailable`` (no lawful model answered, or the log cannot be written).
        """
        request, found = await _aside(len(raw), _look_into, raw)
        label = caller.floor | labelling.declared_label(declared.label, request.metadata) | found
        purpose = labelling.declared_purpose(declared.purpose, request.metadata, self._purpose)
        asked = routing.asked(self._models, request.model)
        able = routing.capable(asked, request.needs, len(raw), request.answer_tokens)
        routes = routing.weigh(able, lambda model: self._judge(caller, label, purpose, model))
        if not routes.lawful:
            await self._guard.refuse(list(routes.refused), details={"asked": request.model})
        exchange = await self._first_that_answers(request, routes)
        return Answer(
            status=exchange.status,
            whole=exchange.whole,
            chunks=exchange.relay(),
            reference=exchange.permit.reference,
            label=label,
            place=exchange.permit.place,
            model=exchange.model.id,
        )

    def offers(self, caller: Caller) -> list[Offer]:
        """Every model of the catalogue with the verdict on a plain request of this caller."""
        label = caller.floor | labelling.FREE_TEXT
        return [Offer(model, self._judge(caller, label, self._purpose, model)) for model in self._models.values()]

    def _judge(self, caller: Caller, label: Label, purpose: Purpose, model: Model) -> Candidate:
        question = self._guard.question(Door.GATEWAY, purpose, label, model.place, caller.actor)
        return self._guard.consider(model.id, question)

    async def _first_that_answers(self, request: openai_chat.ChatRequest, routes: routing.Routes) -> Exchange:
        """Try the lawful models in order, each with a Permit of its own, until one gives its first bytes."""
        tried = []
        for model, candidate in self._in_order(request, routes.lawful):
            body = await _aside(len(request.raw), openai_chat.body_for, request, model.upstream_model)
            permit = await self._guard.admit(
                candidate.question, model.id, body, refused=routes.refused, details={"asked": request.model}
            )
            exchange = Exchange(self._guard, self._health, model, permit)
            try:
                await exchange.open(self._wires[model.id], request, body, self._clock)
            except Unavailable:
                tried.append(model.id)
            else:
                return exchange
        raise Unavailable("no_model_answered", tried=", ".join(tried))

    def _in_order(
        self, request: openai_chat.ChatRequest, lawful: tuple[tuple[Model, Candidate], ...]
    ) -> tuple[tuple[Model, Candidate], ...]:
        if request.model != routing.AUTO or len(lawful) == 1:
            return lawful
        home = self._law.bundle.country
        scales = routing.Scales(
            home=frozenset(model.id for model, candidate in lawful if candidate.question.place.reach == {home}),
            seconds=self._health.seconds,
            failing=self._health.failing,
            language=_language(request.question) if "quality" in self._prefer else "",
        )
        return routing.order(lawful, self._prefer, scales, len(request.raw), request.answer_tokens)


def _language(question: str) -> str:
    """The language of a question as the catalogue names it: without its script, and one name for Amazigh in Latin letters."""
    return identify(question[:_TELLING]).language.partition("-")[0].replace("kab", "zgh")


def _look_into(raw: bytes) -> tuple[openai_chat.ChatRequest, Label]:
    """The request that a body is, and the label that it shows."""
    request = openai_chat.read(raw)
    return request, labelling.found_label(raw, request.joined, opaque=request.opaque)


async def _aside(size: int, work: Callable[Given, Made], *given: Given.args, **named: Given.kwargs) -> Made:
    """``work`` done at once, or in a thread where what it works on is large."""
    return work(*given, **named) if size <= _LARGE else await asyncio.to_thread(work, *given, **named)
