"""Gemini's ``generateContent`` as upstreams speak it: patch a request, read usage off an answer. Pure; does no I/O.

Of a key that is given twice the last counts, and at every level that is read here only that one travels: nobody behind us
can be shown another request than the one that was decided on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from ...conversation import Conversation, Reply, Written
from ...dialect import EventReader, Slot
from ...metering import Reading
from ...request import Request
from . import texts
from .answering import GeminiEventReader, error_message, read_reply, tokens
from .asking import write_request
from .fields import COUNTING_NAME, NAME, camel, resource

__all__ = ["COUNTING_IDIOM", "IDIOM", "GeminiCountingIdiom", "GeminiIdiom"]

_Once = dict[str, Any]
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_rows = msgspec.json.Decoder(list[msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode
# The levels of a request that the surface reads, by the names of their fields.
_MEDIA: dict[str, Any] = {"inlineData": {}, "fileData": {}}
_CONTENT: dict[str, Any] = {"parts": {"functionResponse": {"parts": _MEDIA}, **_MEDIA}}
_LEVELS: dict[str, Any] = {"contents": _CONTENT, "systemInstruction": _CONTENT, "generationConfig": {}}
_LEVELS["generateContentRequest"] = dict(_LEVELS)


class GeminiIdiom:
    """What upstreams of ``:generateContent``, ``:streamGenerateContent`` and ``:countTokens`` speak."""

    name = NAME
    usage_mark = re.compile(rb'"usageMetadata"\s*:\s*\{')
    done_mark = re.compile(rb'"finishReason"\s*:\s*"|"blockReason"\s*:\s*"')

    def patched(self, request: Request, upstream_model: str) -> bytes:  # noqa: ARG002 - the path says the model
        """The bytes to send upstream: the client's, each key once, and no model beside that of the path."""
        fields = _once(request.raw, _LEVELS)
        fields.pop("model", None)
        return _encode(fields)

    def write_request(self, conversation: Conversation, upstream_model: str) -> Written:
        """``conversation`` as the upstream reads it. Raises ``NotCarried`` and ``Invalid``."""
        return write_request(conversation, upstream_model)

    def prompts(self, body: Any) -> Iterable[Slot]:
        """Every text of a request that may hold somebody's data."""
        return texts.prompts(body)

    def reading(self, document: bytes) -> Reading | None:
        """What an answer, or one event of it, says for the meter; ``None`` where it is no JSON object."""
        counted = tokens(document)
        return None if counted is None else Reading(*counted)

    def slots(self, document: Any) -> Iterable[Slot]:
        """Every text that a model wrote in an answer or event."""
        return texts.slots(document)

    def piece(self, document: bytes) -> None:
        """Texts and thoughts end each other here: no event can be told by itself."""

    def closes(self, document: Any) -> frozenset[str]:
        """The channels that end with this event."""
        return frozenset(texts.closes(document))

    def repeatable(self, document: Any) -> None:
        """Nothing: no event that carries text says what may be said only once."""

    def read_reply(self, body: bytes) -> Reply:
        """A whole answer. Raises ``Unavailable`` (``upstream_unreadable``)."""
        return read_reply(body)

    def event_reader(self) -> EventReader:
        """What reads one stream."""
        return GeminiEventReader()

    def error_message(self, body: bytes) -> str:
        """What an error says in words."""
        return error_message(body)


class GeminiCountingIdiom(GeminiIdiom):
    """``:countTokens`` alone, for clients that ask it in its own words."""

    name = COUNTING_NAME

    def patched(self, request: Request, upstream_model: str) -> bytes:
        """The client's bytes, each key once; a whole request inside names the model as the upstream knows it."""
        fields = _once(request.raw, _LEVELS)
        fields.pop("model", None)
        for key, value in fields.items():
            if camel(key) == "generateContentRequest" and isinstance(value, dict):
                value["model"] = resource(upstream_model)
        return _encode(fields)

    def write_request(self, conversation: Conversation, upstream_model: str) -> Written:
        """``conversation`` in the frame that ``countTokens`` wants around all but contents alone."""
        written = super().write_request(conversation, upstream_model)
        framed = {"model": resource(upstream_model), **_fields(written.body)}
        return Written(_encode({"generateContentRequest": framed}), written.left_out)


IDIOM = GeminiIdiom()
COUNTING_IDIOM = GeminiCountingIdiom()


def _once(raw: bytes | msgspec.Raw, levels: dict[str, Any]) -> _Once:
    """The fields of an object, each once; those of ``levels`` in the same way."""
    fields: _Once = _fields(raw)
    for key, value in fields.items():
        inner = levels.get(camel(key))
        if inner is None:
            continue
        first = bytes(value[:1]) if isinstance(value, bytes) else bytes(memoryview(value)[:1])
        if first == b"{":
            fields[key] = _once(value, inner)
        elif first == b"[":
            fields[key] = [_once(row, inner) for row in _rows(value)]
    return fields
