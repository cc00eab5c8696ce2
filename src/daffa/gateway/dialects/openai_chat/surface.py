"""OpenAI chat completions as clients speak it: read a request, speak errors and lists of models. Pure; does no I/O.

Only what the gateway needs is decoded. Of a key that is given twice the last counts, as in ``idiom.patched``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec

from daffa.errors import DaffaError

from ...conversation import Conversation, Reply
from ...dialect import EventWriter
from ...request import DECLARATIONS, Kind, Request
from ..openai import UNREADABLE, error_body, invalid, upstream_error
from .conversing import converse
from .replying import ChatEventWriter, write_reply

__all__ = ["LISTING", "SURFACE", "OpenAIChatSurface", "OpenAIListing"]

_TEXT_PARTS = frozenset({"text", "refusal"})
_NEEDS_BY_PART = {"image_url": "images", "input_audio": "audio", "file": "files"}
_NULL = msgspec.Raw(b"null")


class _Part(msgspec.Struct, gc=False):
    type: str
    text: msgspec.Raw = _NULL


class _Message(msgspec.Struct, gc=False):
    role: str
    content: str | list[_Part] | None = None


class _ResponseFormat(msgspec.Struct, gc=False):
    type: str = "text"


class _StreamOptions(msgspec.Struct, gc=False):
    include_usage: bool | None = False


_Count = Annotated[int, msgspec.Meta(ge=1, le=2**31)]


class _Body(msgspec.Struct, gc=False):
    model: Annotated[str, msgspec.Meta(min_length=1)]
    messages: Annotated[list[_Message], msgspec.Meta(min_length=1)]
    stream: bool | None = False
    stream_options: _StreamOptions | None = None
    tools: list[msgspec.Raw] | None = None
    functions: list[msgspec.Raw] | None = None
    response_format: _ResponseFormat | None = None
    max_tokens: _Count | None = None
    max_completion_tokens: _Count | None = None
    n: _Count | None = None
    metadata: dict[str, msgspec.Raw] | None = None


_decode = msgspec.json.decode
_read_body = msgspec.json.Decoder(_Body).decode
_encode = msgspec.json.Encoder().encode


class OpenAIChatSurface:
    """What clients of ``/v1/chat/completions`` speak."""

    name = "openai_chat"
    kind: Kind = "chat"

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock

    def read(self, raw: bytes, *, model: str = "", stream: bool = False) -> Request:  # noqa: ARG002 - both stand in the body
        """A request's body. Raises ``Invalid`` naming the field and what was expected."""
        return _read(raw)

    def converse(self, request: Request) -> Conversation:
        """The request whole. Raises ``Invalid``, and ``NotCarried`` for what only this protocol can say."""
        return converse(request)

    def write_reply(self, reply: Reply, request: Request) -> bytes:
        """A ``chat.completion``."""
        return write_reply(reply, request.model, int(self._clock()))

    def event_writer(self, request: Request) -> EventWriter:
        """What writes a stream of chunks, with the event that counts where the client asked for it."""
        return ChatEventWriter(request.model, int(self._clock()), wants_usage=request.wants_usage)

    def error_body(self, error: DaffaError, status: int, language: str, more: Mapping[str, Any] | None = None) -> bytes:
        """An error in OpenAI's shape, its sentence in ``language``; ``more`` is added to the error object."""
        return error_body(error, status, language, more)

    def error_event(self, error: DaffaError, language: str) -> bytes:
        """The event that ends a stream which broke after its first byte."""
        return b"data: " + error_body(error, 502, language) + b"\n\n"

    def upstream_error(self, message: str, status: int) -> bytes:
        """What an upstream of another protocol found wrong with the request, in its words."""
        return upstream_error(message, status)


SURFACE = OpenAIChatSurface()


# Mistral's client, which asks in the same place, cannot read a row without these.
_KIND = {"type": "base", "capabilities": {}}


class OpenAIListing:
    """``GET /v1/models`` as OpenAI's clients read it."""

    def models(self, rows: list[dict[str, Any]]) -> bytes:
        """All of them."""
        return _encode({"object": "list", "data": [row | _KIND for row in rows]})

    def model(self, row: dict[str, Any]) -> bytes:
        """One of them."""
        return _encode(row | _KIND)


LISTING = OpenAIListing()


def _read(raw: bytes) -> Request:
    """Read a request's body. Raises ``Invalid`` naming the field and what was expected."""
    try:
        body = _read_body(raw)
        # What is not decoded was not checked either; JSON between systems is UTF-8 (RFC 8259, 8.1).
        raw.decode()
        declared = body.metadata or {}
        metadata = {name: _decode(declared[name]) for name in DECLARATIONS if name in declared}
        joined = tuple(_together(message) for message in body.messages if _is_in_parts(message))
        question = next((_together(message) for message in reversed(body.messages) if message.role == "user"), "")
    except UNREADABLE as error:
        raise invalid(error) from error
    kinds = {part.type for message in body.messages if isinstance(message.content, list) for part in message.content}
    needs = {_NEEDS_BY_PART[kind] for kind in kinds if kind in _NEEDS_BY_PART}
    if body.tools or body.functions:
        needs.add("tools")
    if body.response_format is not None and body.response_format.type == "json_schema":
        needs.add("json_schema")
    return Request(
        model=body.model,
        stream=bool(body.stream),
        wants_usage=body.stream_options is not None and bool(body.stream_options.include_usage),
        needs=frozenset(needs),
        opaque=not kinds <= _TEXT_PARTS,
        joined=joined,
        question=question,
        answer_tokens=body.max_completion_tokens or body.max_tokens or 0,
        answers=body.n or 1,
        metadata=metadata,
        raw=raw,
    )


def _is_in_parts(message: _Message) -> bool:
    return isinstance(message.content, list) and len(message.content) > 1


def _together(message: _Message) -> str:
    """The text of a message, its parts put together as a model reads it."""
    if not isinstance(message.content, list):
        return message.content or ""
    texts = [_decode(part.text) for part in message.content]
    return "".join(text for text in texts if isinstance(text, str))
