"""OpenAI responses as clients speak them: read a request, speak errors. Pure; does no I/O.

Only what the gateway needs is decoded at first. Of a key that is given twice the last counts.
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
from ..openai import UNREADABLE, error_body, error_object, invalid, upstream_error
from .conversing import converse
from .events import ResponseEventWriter, named
from .replying import write_reply

__all__ = ["SURFACE", "OpenAIResponsesSurface"]

_NULL = msgspec.Raw(b"null")
_TEXT_PARTS = frozenset({"input_text", "output_text", "text", "refusal", "summary_text", "reasoning_text"})
_NEEDS_BY_PART = {"input_image": "images", "input_audio": "audio", "input_file": "files"}
# Items that hold text alone, or parts that are looked at one by one.
_TEXT_ITEMS = frozenset({"message", "function_call", "function_call_output", "reasoning"})


class _Part(msgspec.Struct, gc=False):
    type: str
    text: msgspec.Raw = _NULL


class _Item(msgspec.Struct, gc=False):
    type: str | None = "message"
    role: str = ""
    content: str | list[_Part] | None = None
    output: str | list[_Part] | None = None


class _TextConfig(msgspec.Struct, gc=False):
    format: dict[str, msgspec.Raw] | None = None


_Count = Annotated[int, msgspec.Meta(ge=1, le=2**31)]


class _Body(msgspec.Struct, gc=False):
    model: Annotated[str, msgspec.Meta(min_length=1)]
    input: str | Annotated[list[_Item], msgspec.Meta(min_length=1)]
    stream: bool | None = False
    tools: list[msgspec.Raw] | None = None
    text: _TextConfig | None = None
    max_output_tokens: _Count | None = None
    metadata: dict[str, msgspec.Raw] | None = None


_decode = msgspec.json.decode
_read_body = msgspec.json.Decoder(_Body).decode


class OpenAIResponsesSurface:
    """What clients of ``/v1/responses`` speak."""

    name = "openai_responses"
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
        """A ``response``."""
        return write_reply(reply, request, int(self._clock()))

    def event_writer(self, request: Request) -> EventWriter:
        """What writes a stream of ``response.*`` events."""
        return ResponseEventWriter(request, self._clock)

    def error_body(self, error: DaffaError, status: int, language: str, more: Mapping[str, Any] | None = None) -> bytes:
        """An error in OpenAI's shape, its sentence in ``language``; ``more`` is added to the error object."""
        return error_body(error, status, language, more)

    def error_event(self, error: DaffaError, language: str) -> bytes:
        """The event that ends a stream which broke after its first byte: clients read either of its two shapes."""
        said = error_object(error, 502, language)
        return named("error", {**said, "type": "error", "error": said})

    def upstream_error(self, message: str, status: int) -> bytes:
        """What an upstream of another protocol found wrong with the request, in its words."""
        return upstream_error(message, status)


SURFACE = OpenAIResponsesSurface()


def _read(raw: bytes) -> Request:
    try:
        body = _read_body(raw)
        # What is not decoded was not checked either; JSON between systems is UTF-8 (RFC 8259, 8.1).
        raw.decode()
        declared = body.metadata or {}
        metadata = {name: _decode(declared[name]) for name in DECLARATIONS if name in declared}
        items = body.input if isinstance(body.input, list) else []
        contents = [each for item in items for each in (item.content, item.output) if each is not None]
        joined = tuple(_together(content) for content in contents if isinstance(content, list) and len(content) > 1)
        question = next((_together(item.content) for item in reversed(items) if item.role == "user"), "")
        form = _decode(body.text.format.get("type", b'""')) if body.text and body.text.format else ""
    except UNREADABLE as error:
        raise invalid(error) from error
    kinds = {part.type for content in contents if isinstance(content, list) for part in content}
    needs = {_NEEDS_BY_PART[kind] for kind in kinds if kind in _NEEDS_BY_PART}
    if body.tools:
        needs.add("tools")
    if form == "json_schema":
        needs.add("json_schema")
    return Request(
        model=body.model,
        stream=bool(body.stream),
        wants_usage=True,
        needs=frozenset(needs),
        opaque=not kinds <= _TEXT_PARTS or not {item.type or "message" for item in items} <= _TEXT_ITEMS,
        joined=joined,
        question=body.input if isinstance(body.input, str) else question,
        answer_tokens=body.max_output_tokens or 0,
        metadata=metadata,
        raw=raw,
    )


def _together(content: str | list[_Part] | None) -> str:
    """The text of a content, its parts put together as a model reads it."""
    if not isinstance(content, list):
        return content or ""
    texts = [_decode(part.text) for part in content]
    return "".join(text for text in texts if isinstance(text, str))
