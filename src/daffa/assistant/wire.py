"""The assistant as an upstream of the gateway: it is sent a chat request under a Permit, and speaks OpenAI's chat back.

So a question to it is labelled, decided on, recorded and metered as a question to any model. Knows no HTTP.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing

from daffa.decision import Door
from daffa.errors import DaffaError, Invalid, NotFound, Unavailable
from daffa.gateway import OPENAI_CHAT, SURFACES, Asker, Idiom, Kind, Model, Response
from daffa.guard import Permit
from daffa.language import identify

from .answering import Assistant
from .events import Event, Shown
from .outcome import Outcome
from .reading import Wanted, read_request
from .speaking import Chunks, content_of, usage_of, whole
from .tongues import spoken

__all__ = ["AssistantWire"]

_BAD_REQUEST = 400
_TELLING = 1000
_SURFACE = SURFACES["openai_chat"]


class AssistantWire:
    """Answers the requests for one model of the catalogue: the assistant.

    Args:
        assistant: answers.
        model: what it is in the catalogue.
        clock: Unix seconds.
    """

    idioms: Mapping[Kind, Idiom] = {"chat": OPENAI_CHAT}

    def __init__(self, assistant: Assistant, model: Model, clock: Callable[[], float]) -> None:
        self._assistant = assistant
        self._model = model
        self._clock = clock

    async def send(self, permit: Permit, body: bytes, *, kind: Kind, stream: bool, asker: Asker) -> Response:  # noqa: ARG002 - chat alone
        """Spend ``permit`` on ``body`` and answer it. Raises what ``Permit.use`` raises, before anything is read."""
        permit.use(door=Door.GATEWAY, place=self._model.place, receiver=self._model.id, payload=body, now=self._clock())
        language = "en"
        try:
            wanted = read_request(body, asker, permit.reference)
            language = spoken(wanted.asked.language or identify(wanted.asked.question[:_TELLING]).language)
            events = self._assistant.answer(wanted.asked)
            # What is wrong with the request shows before the first event; a stream that began can no longer say so.
            first = await anext(events)
        except (Invalid, NotFound) as error:
            # The facts too, so that whoever knows the caller's language can say it in that.
            body = _SURFACE.error_body(error, _BAD_REQUEST, language, {"facts": error.facts})
            return _Said(_BAD_REQUEST, "application/json", _once(body))
        answer_id, created = f"chatcmpl-{secrets.token_hex(12)}", int(self._clock())
        if stream:
            chunks = Chunks(answer_id, wanted.model or self._model.id, created)
            return _Said(200, "text/event-stream", _streamed(chunks, wanted, first, events))
        outcome = await _outcome(first, events)
        said = whole(outcome, answer_id, wanted.model or self._model.id, created, _usage(wanted, outcome))
        return _Said(200, "application/json", _once(said))


class _Said:
    """What was answered, as a response that has come."""

    retry_after = ""

    def __init__(self, status: int, content_type: str, chunks: AsyncGenerator[bytes]) -> None:
        self.status = status
        self.content_type = content_type
        self._chunks = chunks

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        return self._chunks

    def close(self) -> None:
        """Nothing is held but the rest of the answer, which goes with this."""


async def _once(body: bytes) -> AsyncGenerator[bytes]:
    yield body


async def _streamed(chunks: Chunks, wanted: Wanted, first: Event, events: AsyncGenerator[Event]) -> AsyncGenerator[bytes]:
    event: Event | None = first
    try:
        async with aclosing(events):
            yield chunks.begin()
            while event is not None:
                if isinstance(event, Shown):
                    yield chunks.sentence(event)
                else:
                    yield chunks.end(event.outcome, _usage(wanted, event.outcome) if wanted.wants_usage else None)
                event = await anext(events, None)
    except DaffaError as error:
        raise Unavailable("upstream_broke_off", reason=error.code) from error


async def _outcome(first: Event, events: AsyncIterator[Event]) -> Outcome:
    """How it ended."""
    last = first
    async for event in events:
        last = event
    if isinstance(last, Shown):
        raise Unavailable("upstream_broke_off", reason="no end")
    return last.outcome


def _usage(wanted: Wanted, outcome: Outcome) -> dict[str, int]:
    return usage_of([said.text for said in wanted.asked.turns], content_of(outcome))
