"""The gateway: door one, prompt to model. One request walks down ``ask``: read, label, route, prepare, admit, send, relay.

Each step is a file of its own. Knows neither HTTP frameworks nor how an upstream is spoken to: it is given surfaces and wires.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any

import msgspec

from daffa import privacy
from daffa.decision import Door, Label, Purpose
from daffa.errors import Invalid
from daffa.guard import Candidate, Guard
from daffa.identity import Caller
from daffa.language import identify
from daffa.policy import Law
from daffa.quota import Priority, Quota

from . import labelling, masking, routing
from .aside import LARGE, aside
from .asking import Asking
from .conversation import Reply, Usage
from .dialect import Surface
from .exchange import Wire
from .model import Model
from .relaying import Relay
from .request import Kind, Request
from .routing import Route
from .running import Running

__all__ = ["Answer", "Declared", "Gateway", "Offer"]

# Characters of a question that tell its language.
_TELLING = 1000
# Text full of names and numbers takes a microsecond a byte to look through, far more than reading: from 4 KiB on in a thread.
_LOOKING = 16
_NOTHING: Mapping[str, Any] = MappingProxyType({})


# What is made for each request is a msgspec struct: frozen as a dataclass would be, at a sixth of the time.
class Declared(msgspec.Struct, frozen=True, gc=False):
    """What a client says about its own request, in headers.

    ``published`` no client can say, only a room above: texts within the request that the house itself has published to
    everybody, under a label of their own that is among ``label``. They are no free text: nothing is looked for in them.
    """

    label: str | None = None
    purpose: str | None = None
    conversation: str | None = None
    priority: str | None = None
    published: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What goes back to the client: a status, the bytes as they come, and what was decided.

    ``whole`` says that ``chunks`` gives everything in its first piece; else it is a stream of events. ``chunks`` raises
    ``Unavailable`` where that breaks. No header of the upstream's comes with it.

    ``reference`` and ``place`` are empty where nothing left: a number of tokens that was estimated here.

    ``left_out`` are the client's fields that the upstream was not told, ``masked`` how many values it was not.
    """

    status: int
    whole: bool
    chunks: AsyncGenerator[bytes]
    reference: str
    label: Label
    place: str
    model: str
    left_out: tuple[str, ...] = ()
    masked: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """A model as a caller would find it now, for text that carries no more than the caller's floor."""

    model: Model
    candidate: Candidate


class Gateway:
    """Answers requests with lawful models.

    Args:
        guard: decides and records.
        models: the catalogue, by id, in the order in which it was written.
        wires: what speaks to each model, by model id.
        law: the law in force, for its country.
        prefer: the order of preference among lawful models.
        purpose: the purpose of a request that states none.
        quota: who may use how much.
        running: what all requests of this worker share.
        masking_secret: what placeholders are keyed with; empty where nothing is ever masked.
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
        quota: Quota,
        running: Running,
        masking_secret: bytes = b"",
    ) -> None:
        self._guard = guard
        self._models = models
        self._wires = wires
        self._prefer = prefer
        self._law = law
        self._purpose = purpose
        self._quota = quota
        self._running = running
        self._masking_secret = masking_secret
        self._asked: dict[tuple[str, Kind], tuple[Model, ...]] = {}

    def warm(self, kept: privacy.Kept | None = None) -> None:
        """Build what the first request would otherwise wait for: the scans, which ``kept`` keeps, the tables of languages."""
        privacy.warm(kept)
        labelling.found_label(b"{}")
        _language("bonjour")

    async def ask(
        self, surface: Surface, caller: Caller, raw: bytes, declared: Declared, *, model: str = "", stream: bool = False
    ) -> Answer:
        """Answer one request; ``model`` and ``stream`` where the protocol of ``surface`` says them outside of the body.

        Raises ``Invalid`` (the request; ``NotCarried`` where no lawful model's protocol can say all of it), ``NotFound`` (the
        model), ``Refused`` (recorded; with every candidate and its verdict) and ``Unavailable`` (no lawful model answered,
        or the log cannot be written).
        """
        looked = surface, raw, model, stream, declared.published
        large = len(raw) * _LOOKING > LARGE
        request, found = await aside(len(raw) * _LOOKING, _look_into, *looked) if large else _look_into(*looked)
        in_headers = declared.label, declared.purpose, declared.conversation, self._purpose
        stated, purpose, conversation = _stated(*in_headers, request.metadata) if request.metadata else _remembered(*in_headers)
        label = _together(caller.floor, stated, found)
        able = self._able(request)
        if request.kind == "count" and not able:
            return _estimated(surface, request, label)
        routes = self._routes(caller, able, request, label, purpose)
        if not routes.lawful:
            await self._guard.refuse(list(routes.refused), details={"asked": request.model})
        asking = Asking(
            self._guard,
            self._quota,
            self._running,
            self._wires,
            surface,
            request,
            caller,
            partial(masking.key_of, self._masking_secret, caller.organisation, caller.key_id, conversation),
            None if declared.priority is None else _priority(self._quota.priority_of(caller), declared.priority),
        )
        found_one = await asking.first_answer(self._in_order(request, routes.lawful), routes.refused)
        exchange, prepared = found_one.exchange, found_one.prepared
        return Answer(
            status=exchange.status,
            whole=exchange.whole,
            chunks=Relay(exchange),
            reference=exchange.permit.reference,
            label=found_one.route.candidate.question.label,
            place=exchange.permit.place,
            model=exchange.model.id,
            left_out=prepared.left_out,
            masked=len(prepared.originals) if prepared.originals is not None else 0,
        )

    def offers(self, caller: Caller) -> list[Offer]:
        """Every model of the catalogue with the verdict on a plain request of this caller."""
        label = caller.floor | labelling.FREE_TEXT
        weigh = self._guard.weigh
        return [
            Offer(model, weigh(model.id, Door.GATEWAY, self._purpose, label, model.place, caller.actor))
            for model in self._models.values()
        ]

    def _able(self, request: Request) -> list[Model]:
        """The models that are asked for and can do what is asked. None of them counts tokens: an empty list."""
        asked = self._asked.get((request.model, request.kind))
        if asked is None:  # a name stands for the same models as long as the catalogue does
            named = routing.asked(self._models, request.model)
            asked = tuple(model for model in named if request.kind in self._wires[model.id].idioms)
            self._asked[request.model, request.kind] = asked
        if request.kind == "count" and not asked:
            return []
        return routing.capable(asked, request.needs, len(request.raw), request.answer_tokens)

    def _routes(self, caller: Caller, able: list[Model], request: Request, label: Label, purpose: Purpose) -> routing.Routes:
        # What is no text cannot be looked through, let alone masked.
        maskable = bool(self._masking_secret) and not request.opaque
        weigh, actor = self._guard.weigh, caller.actor
        return routing.weigh(
            able,
            lambda model: weigh(model.id, Door.GATEWAY, purpose, label, model.place, actor),
            (lambda model: weigh(model.id, Door.GATEWAY, purpose, masking.masked_label(label), model.place, actor))
            if maskable
            else None,
        )

    def _in_order(self, request: Request, lawful: tuple[Route, ...]) -> tuple[Route, ...]:
        if request.model != routing.AUTO or len(lawful) == 1:
            return lawful
        home = self._law.bundle.country
        scales = routing.Scales(
            home=frozenset(each.model.id for each in lawful if each.candidate.question.place.reach == {home}),
            seconds=self._running.health.seconds,
            failing=self._running.health.failing,
            language=_language(request.question) if "quality" in self._prefer else "",
        )
        return routing.order(lawful, self._prefer, scales, len(request.raw), request.answer_tokens)


def _stated(
    label: str | None, purpose: str | None, conversation: str | None, default: Purpose, metadata: Mapping[str, Any] = _NOTHING
) -> tuple[Label, Purpose, str]:
    """The label, the purpose and the conversation that a client states in headers and metadata. Raises ``Invalid``."""
    return (
        labelling.declared_label(label, metadata),
        labelling.declared_purpose(purpose, metadata, default),
        masking.conversation_of(conversation, metadata),
    )


# Clients state the same again and again; what is too long is refused, and so not remembered.
_remembered = lru_cache(maxsize=4_096)(_stated)


@lru_cache(maxsize=4_096)
def _together(floor: Label, declared: Label, found: Label) -> Label:
    """The three joined: each has few values, and a joined label costs more to make than to remember."""
    return floor | declared | found


def _estimated(surface: Surface, request: Request, label: Label) -> Answer:
    """How many tokens a question has, roughly, where no model that was asked for counts them. Nothing leaves."""
    usage = Usage(tokens_in=max(1, len(request.raw) // routing.BYTES_PER_TOKEN))
    counted = surface.write_reply(Reply(id="", parts=(), finish="stop", usage=usage), request)
    return Answer(status=200, whole=True, chunks=_at_once(counted), reference="", label=label, place="", model=request.model)


async def _at_once(body: bytes) -> AsyncGenerator[bytes]:
    yield body


def _priority(granted: Priority, stated: str) -> Priority:
    """Whoever waits for a scarce engine may step back, not forward."""
    allowed = list(Priority)[list(Priority).index(granted) :]
    if stated not in allowed:
        raise Invalid("invalid_field", field="x-daffa-priority", expected=" | ".join(allowed), got=stated[:80])
    return Priority(stated)


def _language(question: str) -> str:
    """The language of a question as the catalogue names it: without its script, and one name for Amazigh in Latin letters."""
    return identify(question[:_TELLING]).language.partition("-")[0].replace("kab", "zgh")


def _look_into(surface: Surface, raw: bytes, model: str, stream: bool, published: tuple[str, ...]) -> tuple[Request, Label]:
    """The request that a body is, and the label that it shows."""
    request = surface.read(raw, model=model, stream=stream)
    free = labelling.without(raw, published)
    return request, labelling.found_label(free, request.joined, opaque=request.opaque)
