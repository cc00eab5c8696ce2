"""Anthropic Messages as clients speak it: read a request, speak errors. Pure; does no I/O.

Only what the gateway needs is decoded. Of a key that is given twice the last counts, as in ``idiom.patched``.
Source: the public reference of the Anthropic API, version 2023-06-01.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec

from daffa.errors import DaffaError, Invalid

from ... import sse
from ...conversation import Conversation, NotCarried, Reply
from ...request import DECLARATIONS, Kind, Request
from .conversing import converse
from .fields import DEEPEST, UNREADABLE, invalid
from .replying import MessageWriter, written_count, written_message

__all__ = ["COUNTING", "SURFACE", "AnthropicSurface"]

_NULL = msgspec.Raw(b"null")
# Blocks whose text stands in the body as it is.
_READABLE = frozenset({"thinking", "tool_use"})


class _Block(msgspec.Struct, gc=False):
    type: str
    text: msgspec.Raw = _NULL
    content: msgspec.Raw = _NULL
    source: msgspec.Raw = _NULL


class _Source(msgspec.Struct, gc=False):
    type: str = ""
    data: msgspec.Raw = _NULL
    content: msgspec.Raw = _NULL


class _Message(msgspec.Struct, gc=False):
    role: str
    content: str | list[_Block]


class _Format(msgspec.Struct, gc=False):
    type: str = ""


class _OutputConfig(msgspec.Struct, gc=False):
    format: _Format | None = None


class _Thinking(msgspec.Struct, gc=False):
    type: str = "disabled"
    display: str | None = None


class _Thoughts(msgspec.Struct, gc=False):
    thinking: _Thinking | None = None


class _Count(msgspec.Struct, gc=False):
    """The body of ``/v1/messages/count_tokens``."""

    model: Annotated[str, msgspec.Meta(min_length=1)]
    messages: Annotated[list[_Message], msgspec.Meta(min_length=1)]
    system: str | list[_Block] | None = None
    stream: bool | None = False
    tools: list[msgspec.Raw] | None = None
    output_config: _OutputConfig | None = None
    output_format: _Format | None = None
    metadata: dict[str, msgspec.Raw] | None = None
    thread: msgspec.Raw = _NULL


class _Body(_Count, kw_only=True, gc=False):
    """The body of ``/v1/messages``. ``max_tokens`` of 0 fills a cache and asks for no answer."""

    max_tokens: Annotated[int, msgspec.Meta(ge=0, le=2**31)]


_decode = msgspec.json.decode
_read_count = msgspec.json.Decoder(_Count).decode
_read_body = msgspec.json.Decoder(_Body).decode
_read_thoughts = msgspec.json.Decoder(_Thoughts).decode
_read_inner = msgspec.json.Decoder(str | list[_Block] | None).decode
_read_source: Callable[[msgspec.Raw], _Source] = msgspec.json.Decoder(_Source).decode
_encode = msgspec.json.Encoder().encode

_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    451: "permission_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


# A code of the vendor's own, where its clients know what to do about it: this one sends the whole conversation instead.
_THEIR_CODES: Mapping[tuple[str, Any], str] = {("field_not_carried", "thread"): "thread_unsupported_request"}


class AnthropicSurface:
    """What clients of ``/v1/messages`` speak; and of ``/v1/messages/count_tokens`` where ``kind`` is ``count``."""

    def __init__(self, name: str, kind: Kind) -> None:
        self.name = name
        self.kind: Kind = kind

    def read(self, raw: bytes, *, model: str = "", stream: bool = False) -> Request:  # noqa: ARG002 - both stand in the body
        """A request's body. Raises ``Invalid`` naming the field and what was expected."""
        try:
            body = _read_count(raw) if self.kind == "count" else _read_body(raw)
            # What is not decoded was not checked either; JSON between systems is UTF-8 (RFC 8259, 8.1).
            raw.decode()
            return _understood(body, raw, self.kind)
        except msgspec.ValidationError as error:
            raise invalid(error) from error
        except UNREADABLE as error:
            raise Invalid("invalid_json", reason=str(error)) from error

    def converse(self, request: Request) -> Conversation:
        """The request whole. Raises ``Invalid``, and ``NotCarried`` for what only this protocol can say."""
        return converse(request)

    def write_reply(self, reply: Reply, request: Request) -> bytes:
        """A whole answer: a message, or the count of the tokens in. Raises ``Unavailable`` where the protocol cannot say it."""
        if self.kind == "count":
            return self.count_reply(reply.usage.tokens_in if reply.usage else 0)
        return written_message(reply, request.model, thoughts=_thinks(request.raw))

    def count_reply(self, tokens: int) -> bytes:
        """The answer to ``/v1/messages/count_tokens``."""
        return written_count(tokens)

    def event_writer(self, request: Request) -> MessageWriter:
        """What writes a stream of answer to ``request``."""
        return MessageWriter(request.model, thoughts=_thinks(request.raw))

    def error_body(self, error: DaffaError, status: int, language: str, more: Mapping[str, Any] | None = None) -> bytes:
        """An error in Anthropic's shape, its sentence in ``language``; ``more`` is added to the error object.

        ``details.error_code`` is where Anthropic's own clients look for a code.
        """
        code = _THEIR_CODES.get((error.code, error.facts.get("field")), error.code)
        fields = {"message": error.say(language), "code": error.code, "details": {"error_code": code}}
        return _error(_type(status), {**fields, **(more or {})})

    def error_event(self, error: DaffaError, language: str) -> bytes:
        """The event that ends a stream which broke after its first byte."""
        return sse.written("error", self.error_body(error, 502, language))

    def upstream_error(self, message: str, status: int) -> bytes:
        """What an upstream of another protocol found wrong with the request, in its words."""
        return _error(_type(status), {"message": message})


SURFACE = AnthropicSurface("anthropic", "chat")
COUNTING = AnthropicSurface("anthropic_count", "count")


def _thinks(raw: bytes) -> bool:
    """Whether a request that was read asks for thoughts: who does not, finds none before the text."""
    try:
        thinking = _read_thoughts(raw).thinking
    except UNREADABLE:
        return False
    return thinking is not None and thinking.type != "disabled" and thinking.display != "omitted"


def _type(status: int) -> str:
    return _TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")


def _error(kind: str, fields: Mapping[str, Any]) -> bytes:
    return _encode({"type": "error", "error": {"type": kind, **fields}})


@dataclass(slots=True)
class _Seen:
    """What blocks show: their texts in order, what they need of a model, and whether one cannot be read as text."""

    own: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    needs: set[str] = field(default_factory=set)
    opaque: bool = False

    def look(self, content: str | Iterable[_Block] | None, depth: int = 0) -> None:
        """Add what ``content`` shows; ``depth`` is how many blocks it stands in."""
        if depth > DEEPEST:
            self.opaque = True
            return
        if isinstance(content, str):
            self._say(content, depth)
        for block in content or () if not isinstance(content, str) else ():
            match block.type:
                case "text":
                    self._say(_decode(block.text), depth)
                case "tool_result" | "search_result":
                    self._within(block.content, depth)
                case "document":
                    self._document(block.source, depth)
                case "image":
                    self.needs.add("images")
                    self.opaque = True
                case kind:
                    self.opaque = self.opaque or kind not in _READABLE

    def _within(self, content: msgspec.Raw, depth: int) -> None:
        try:
            self.look(_read_inner(content), depth + 1)
        except msgspec.ValidationError:
            self.opaque = True

    def _document(self, stated: msgspec.Raw, depth: int) -> None:
        source = _read_source(stated)
        if source.type == "text":
            self._say(_decode(source.data), depth + 1)
        elif source.type == "content":
            self._within(source.content, depth)
        else:
            self.needs.add("files")
            self.opaque = True

    def _say(self, text: Any, depth: int) -> None:
        if isinstance(text, str):
            self.texts.append(text)
            if not depth:
                self.own.append(text)


def _understood(body: _Count, raw: bytes, kind: Kind) -> Request:
    if bytes(body.thread) != b"null":
        # Turns that the vendor keeps are not in the request: nothing can be decided on what nobody here can read.
        raise NotCarried("thread", "anthropic")
    contents = [body.system, *(message.content for message in body.messages)]
    seen = [_looked(content) for content in contents]
    asked = (each for each, message in zip(seen[:0:-1], reversed(body.messages), strict=True) if message.role == "user")
    stated = body.metadata or {}
    shape = body.output_config.format if body.output_config else None
    needs = set().union(*(each.needs for each in seen))
    if body.tools:
        needs.add("tools")
    if "json_schema" in {each.type for each in (shape, body.output_format) if each}:
        needs.add("json_schema")
    return Request(
        model=body.model,
        stream=bool(body.stream) and kind == "chat",
        wants_usage=True,
        needs=frozenset(needs),
        opaque=any(each.opaque for each in seen),
        joined=tuple("".join(each.texts) for each in seen if len(each.texts) > 1),
        question=next(("".join(each.own) for each in asked if each.own), ""),
        answer_tokens=body.max_tokens if isinstance(body, _Body) else 0,
        metadata={name: _decode(stated[name]) for name in DECLARATIONS if name in stated},
        raw=raw,
        kind=kind,
    )


def _looked(content: str | list[_Block] | None) -> _Seen:
    seen = _Seen()
    seen.look(content)
    return seen
