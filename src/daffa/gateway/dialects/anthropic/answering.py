"""What an Anthropic upstream answers, as a reply or as events. Pure.

Events and fields that are not known are passed over, as the protocol's own rules for versions ask. Thoughts that the
vendor has encrypted (``redacted_thinking``) are of use to no other and left out.
Source: the public reference of the Anthropic API, messages and their streaming, version 2023-06-01.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec

from daffa.errors import Unavailable

from ...conversation import (
    Ended,
    Event,
    Failed,
    Finish,
    Part,
    PartEnded,
    PartStarted,
    Piece,
    Reply,
    Started,
    Text,
    Thinking,
    ToolCall,
    Usage,
)
from .asking import JSON_ANSWER
from .fields import UNREADABLE

__all__ = ["MessageReader", "error_message", "read_count", "read_message"]

Struct = TypeVar("Struct")
_Tokens = Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None
_FINISHES: dict[str, Finish] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tools",
    "refusal": "filtered",
}
_HIDDEN = "redacted_thinking"
_AFTER_START = frozenset({"content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"})


class _Details(msgspec.Struct, gc=False):
    thinking_tokens: _Tokens = None


class _Usage(msgspec.Struct, gc=False):
    input_tokens: _Tokens = None
    cache_creation_input_tokens: _Tokens = None
    cache_read_input_tokens: _Tokens = None
    output_tokens: _Tokens = None
    output_tokens_details: _Details | None = None


class _Block(msgspec.Struct, gc=False):
    type: str
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw(b"{}")


class _Message(msgspec.Struct, gc=False):
    content: list[_Block]
    id: str = ""
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: _Usage | None = None


class _Count(msgspec.Struct, gc=False):
    input_tokens: Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Kind(msgspec.Struct, gc=False):
    type: str


class _MessageStart(msgspec.Struct, gc=False):
    message: _Message


class _BlockStart(msgspec.Struct, gc=False):
    index: int
    content_block: _Block


class _Delta(msgspec.Struct, gc=False):
    type: str
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    signature: str | None = None


class _BlockDelta(msgspec.Struct, gc=False):
    index: int
    delta: _Delta


class _BlockStop(msgspec.Struct, gc=False):
    index: int


class _Stop(msgspec.Struct, gc=False):
    stop_reason: str | None = None
    stop_sequence: str | None = None


class _MessageDelta(msgspec.Struct, gc=False):
    delta: _Stop
    usage: _Usage | None = None


class _Error(msgspec.Struct, gc=False):
    message: str = ""


class _Failure(msgspec.Struct, gc=False):
    error: _Error | str | None = None


_read_message = msgspec.json.Decoder(_Message).decode
_read_count = msgspec.json.Decoder(_Count).decode
_read_kind = msgspec.json.Decoder(_Kind).decode
_read_start = msgspec.json.Decoder(_MessageStart).decode
_read_block_start = msgspec.json.Decoder(_BlockStart).decode
_read_block_delta = msgspec.json.Decoder(_BlockDelta).decode
_read_block_stop = msgspec.json.Decoder(_BlockStop).decode
_read_message_delta = msgspec.json.Decoder(_MessageDelta).decode
_read_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_failure = msgspec.json.Decoder(_Failure).decode


def read_message(body: bytes) -> Reply:
    """A whole answer: a message. Raises ``Unavailable`` (``upstream_unreadable``)."""
    message = _readable(_read_message, body)
    parts = tuple(_part(block) for block in message.content if block.type != _HIDDEN)
    as_json = any(block.name == JSON_ANSWER for block in message.content)
    finish = _finish(message.stop_reason, as_json=as_json)
    return Reply(id=message.id, parts=parts, finish=finish, usage=_usage(message.usage), stop=message.stop_sequence)


def read_count(body: bytes) -> Reply:
    """A count of tokens, as a reply that says nothing. Raises ``Unavailable`` (``upstream_unreadable``)."""
    return Reply(id="", parts=(), finish="stop", usage=Usage(tokens_in=_readable(_read_count, body).input_tokens))


def error_message(body: bytes) -> str:
    """What an answer with an error's status says in words; empty where it says nothing readable."""
    try:
        error = _read_failure(body).error
    except UNREADABLE:
        return ""
    return error.message if isinstance(error, _Error) else error or ""


@dataclass(slots=True)
class _Open:
    """A block that has begun, and what has come of it.

    Attributes:
        index: which part it is; None for a block that is left out.
        nothing: what is said of it where nothing came: arguments of a tool are an object at least.
        said: whether something came.
        signature: of a thought.
    """

    index: int | None
    nothing: str = ""
    said: bool = False
    signature: str = ""


class MessageReader:
    """Reads one stream."""

    def __init__(self) -> None:
        self._open: dict[int, _Open] = {}
        self._parts = 0
        self._usage = Usage()
        self._counted = False
        self._stop: _Stop | None = None
        self._as_json = False
        self._started = False
        self._done = False

    def read(self, name: str, document: bytes) -> Iterator[Event]:  # noqa: ARG002 - the document says its kind itself
        """The events that one server-sent event holds. Raises ``Unavailable`` (``upstream_unreadable``)."""
        kind = _readable(_read_kind, document).type
        if self._done:
            return
        if kind in _AFTER_START and not self._started:
            raise _unreadable()
        match kind:
            case "message_start":
                yield self._begin(_readable(_read_start, document).message)
            case "content_block_start":
                yield from self._start(_readable(_read_block_start, document))
            case "content_block_delta":
                yield from self._delta(_readable(_read_block_delta, document))
            case "content_block_stop":
                yield from self._end_of(_readable(_read_block_stop, document).index)
            case "message_delta":
                stated = _readable(_read_message_delta, document)
                self._count(stated.usage)
                self._stop = stated.delta if stated.delta.stop_reason else self._stop
            case "message_stop":
                yield from self._ended()
            case "error":
                self._done = True
                yield Failed(error_message(document))

    def end(self) -> Iterator[Event]:
        """What is still to be said when the bytes end. Raises ``Unavailable`` where no reason to stop had been given."""
        if self._done:
            return
        if self._stop is None:
            raise Unavailable("upstream_broke_off", reason="no message_stop")
        yield from self._ended()

    def _begin(self, message: _Message) -> Started:
        if self._started:
            raise _unreadable()
        self._started = True
        self._count(message.usage)
        return Started(message.id, self._usage if self._counted else None)

    def _ended(self) -> Iterator[Event]:
        for index in list(self._open):
            yield from self._end_of(index)
        stop = self._stop or _Stop()
        self._done = True
        finish = _finish(stop.stop_reason, as_json=self._as_json)
        yield Ended(finish, self._usage if self._counted else None, stop.stop_sequence)

    def _start(self, event: _BlockStart) -> Iterator[Event]:
        block = event.content_block
        if event.index in self._open:
            raise _unreadable()
        if block.type == _HIDDEN:
            self._open[event.index] = _Open(None)
            return
        self._as_json = self._as_json or block.name == JSON_ANSWER
        part, text = _begun(block)
        index = self._parts
        self._parts += 1
        self._open[event.index] = _Open(index, "{}" if block.type == "tool_use" else "", said=bool(text))
        yield PartStarted(index, part)
        if text:
            yield Piece(index, text)

    def _delta(self, event: _BlockDelta) -> Iterator[Event]:
        begun, delta = self._begun(event.index), event.delta
        if delta.type == "signature_delta":
            begun.signature = delta.signature or ""
        text = delta.text or delta.thinking or delta.partial_json
        if text and begun.index is not None:
            begun.said = True
            yield Piece(begun.index, text)

    def _end_of(self, index: int) -> Iterator[Event]:
        begun = self._begun(index)
        del self._open[index]
        if begun.index is None:
            return
        if begun.nothing and not begun.said:
            yield Piece(begun.index, begun.nothing)
        yield PartEnded(begun.index, begun.signature)

    def _begun(self, index: int) -> _Open:
        if index not in self._open:
            raise _unreadable()
        return self._open[index]

    def _count(self, stated: _Usage | None) -> None:
        """Counts are totals so far; what an event does not count stays as it was."""
        counted = _usage(stated)
        if stated is None or counted is None:
            return
        known, self._counted = self._usage, True
        self._usage = Usage(
            tokens_in=counted.tokens_in if stated.input_tokens is not None else known.tokens_in,
            tokens_out=counted.tokens_out if stated.output_tokens is not None else known.tokens_out,
            cached=counted.cached if stated.cache_read_input_tokens is not None else known.cached,
            thought=counted.thought if stated.output_tokens_details is not None else known.thought,
        )


def _readable(read: Callable[[Any], Struct], document: Any) -> Struct:
    try:
        return read(document)
    except UNREADABLE as error:
        raise _unreadable() from error


def _unreadable() -> Unavailable:
    return Unavailable("upstream_unreadable", status=200)


def _finish(reason: str | None, *, as_json: bool) -> Finish:
    finish = _FINISHES.get(reason or "", "stop")
    return "stop" if as_json and finish == "tools" else finish


def _usage(stated: _Usage | None) -> Usage | None:
    """Anthropic counts what came from a cache, or went into one, beside the other tokens of the request."""
    if stated is None:
        return None
    cached = stated.cache_read_input_tokens or 0
    thought = stated.output_tokens_details.thinking_tokens if stated.output_tokens_details else None
    return Usage(
        tokens_in=(stated.input_tokens or 0) + (stated.cache_creation_input_tokens or 0) + cached,
        tokens_out=stated.output_tokens or 0,
        cached=cached,
        thought=thought or 0,
    )


def _part(block: _Block) -> Part:
    part, text = _begun(block)
    match part:
        case Text():
            return Text(text or ("{}" if block.type == "tool_use" else ""))
        case Thinking():
            return Thinking(text, block.signature or "")
        case ToolCall():
            return ToolCall(part.id, part.name, text or "{}")


def _begun(block: _Block) -> tuple[Text | Thinking | ToolCall, str]:
    """A block as a part with nothing in it, and what is in it. Raises ``Unavailable``: one that was never asked for."""
    match block.type:
        case "text":
            return Text(""), block.text or ""
        case "thinking":
            return Thinking(""), block.thinking or ""
        case "tool_use":
            # In a stream an empty object stands where the arguments are still to come.
            arguments = bytes(block.input).decode() if _readable(_read_object, block.input) else ""
            as_json = block.name == JSON_ANSWER
            return Text("") if as_json else ToolCall(block.id or "", block.name or "", ""), arguments
    raise _unreadable()
