"""Gemini's answers, whole and in events, as replies. Knows no client.

Each event is an answer of its own with the parts that are new; calls of tools come whole. A call's signature is kept as that
of a thought before it, so that clients of other protocols bring it back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any

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
from .arguments import arguments_text
from .fields import UNREADABLE
from .signatures import kept_signature

__all__ = ["GeminiEventReader", "error_message", "read_reply", "tokens"]

_Tokens = Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None


class _Counts(msgspec.Struct, rename="camel", gc=False):
    prompt_token_count: _Tokens = None
    tool_use_prompt_token_count: _Tokens = None
    candidates_token_count: _Tokens = None
    thoughts_token_count: _Tokens = None
    cached_content_token_count: _Tokens = None


class _Call(msgspec.Struct, rename="camel", gc=False):
    name: str
    id: str | None = None
    args: msgspec.Raw = msgspec.Raw(b"{}")


class _Content(msgspec.Struct, gc=False):
    parts: list[dict[str, msgspec.Raw]] | None = None


class _Candidate(msgspec.Struct, rename="camel", gc=False):
    content: _Content | None = None
    finish_reason: str | None = None
    finish_message: str | None = None


class _Feedback(msgspec.Struct, rename="camel", gc=False):
    block_reason: str | None = None


class _Error(msgspec.Struct, gc=False):
    message: str = ""


class _Document(msgspec.Struct, rename="camel", gc=False):
    candidates: list[_Candidate] | None = None
    usage_metadata: _Counts | None = None
    prompt_feedback: _Feedback | None = None
    response_id: str | None = None
    total_tokens: _Tokens = None
    error: _Error | None = None


_decode = msgspec.json.Decoder(_Document).decode
_read_text = msgspec.json.Decoder(str | None).decode
_read_flag = msgspec.json.Decoder(bool | None).decode
_read_call = msgspec.json.Decoder(_Call).decode
_read_any = msgspec.json.Decoder().decode

_FINISHES: dict[str, Finish] = {"STOP": "stop", "MAX_TOKENS": "length"}
# The model said what is no answer: another one may do better.
_BROKEN = frozenset({"MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL", "MISSING_THOUGHT_SIGNATURE"})
_UNSAID = "FINISH_REASON_UNSPECIFIED"
# Beside what a part says: they say how it came about.
_BESIDE = frozenset({"thought", "thoughtSignature", "partMetadata", "text", "functionCall"})


def read_reply(body: bytes) -> Reply:
    """A whole answer, or a number of tokens. Raises ``Unavailable`` (``upstream_unreadable``)."""
    said = _document(body)
    if said.total_tokens is not None:
        return Reply(id="", parts=(), finish="stop", usage=Usage(said.total_tokens))
    reader = GeminiEventReader()
    if said.error is not None:
        raise _unreadable()
    events = [*reader.take(body, said), *reader.rest()]
    ended = events[-1]
    if not isinstance(ended, Ended):
        raise _unreadable()
    parts: list[Part] = []
    for event in events:
        match event:
            case PartStarted(part=begun):
                parts.append(begun)
            case Piece(text=text):
                parts[-1] = _longer(parts[-1], text)
            case PartEnded(signature=signature) if signature and isinstance(part := parts[-1], Thinking):
                parts[-1] = Thinking(part.text, signature)
    return Reply(id=reader.id, parts=tuple(parts), finish=ended.finish, usage=ended.usage)


def tokens(body: bytes) -> tuple[int | None, int | None] | None:
    """Tokens read and written, as far as a document counts them; ``None`` where it is no JSON object of Gemini's."""
    try:
        counts = _decode(body).usage_metadata
    except UNREADABLE:
        return (None, None) if isinstance(_any(body), dict) else None
    usage = _usage(counts)
    return (usage.tokens_in, usage.tokens_out) if usage else (None, None)


def error_message(body: bytes) -> str:
    """What an error says in words; empty where it says nothing readable. Google wraps one that ends a stream in a list."""
    said = _any(body)
    if isinstance(said, list) and said:
        said = said[0]
    error = said.get("error") if isinstance(said, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return message if isinstance(message, str) else ""


class GeminiEventReader:
    """Reads one stream.

    Attributes:
        id: of the answer, as soon as its first event was read.
    """

    def __init__(self) -> None:
        self.id = ""
        self._index = -1
        self._open: type[Text | Thinking] | None = None
        self._signature = ""
        self._calls = 0
        self._finish: Finish | None = None
        self._usage: Usage | None = None

    def read(self, name: str, document: bytes) -> Iterator[Event]:  # noqa: ARG002 - Gemini's events have no names
        """The events that one document holds. Raises ``Unavailable`` (``upstream_unreadable``)."""
        said = _document(document)
        if said.error is not None:
            yield Failed(said.error.message)
        else:
            yield from self.take(document, said)

    def end(self) -> Iterator[Event]:
        """The end, where its reason was said. Raises ``Unavailable`` (``upstream_broke_off``)."""
        if self._finish is None:
            raise Unavailable("upstream_broke_off", reason="no finishReason")
        yield from self.rest()

    def rest(self) -> Iterator[Event]:
        """What ends the part that is open, and all."""
        yield from self._close()
        if self._finish is not None:
            yield Ended("tools" if self._finish == "stop" and self._calls else self._finish, self._usage)

    def take(self, document: bytes, said: _Document) -> Iterator[Event]:
        """The events of a document that is read already."""
        if not self.id:
            self.id = said.response_id or hashlib.sha256(document).hexdigest()[:24]
            yield Started(self.id)
        self._usage = _usage(said.usage_metadata) or self._usage
        if said.prompt_feedback is not None and said.prompt_feedback.block_reason:
            self._finish = "filtered"
        for candidate in (said.candidates or ())[:1]:
            for part in (candidate.content and candidate.content.parts) or ():
                yield from self._part(part)
            reason = candidate.finish_reason
            if reason in _BROKEN:
                raise Unavailable("upstream_reports", reason=candidate.finish_message or reason)
            if reason and reason != _UNSAID:
                self._finish = _FINISHES.get(reason, "filtered")

    def _part(self, part: dict[str, msgspec.Raw]) -> Iterator[Event]:
        text, signature, thought, call = _read_part(part)
        if call is not None:
            yield from self._call(call, signature)
        elif thought:
            yield from self._said(Thinking(""), text)
            self._signature = signature or self._signature
        elif text:
            yield from self._said(Text(""), text)

    def _said(self, part: Text | Thinking, text: str) -> Iterator[Event]:
        if self._open is not type(part):
            yield from self._start(part)
        if text:
            yield Piece(self._index, text)

    def _call(self, call: _Call, signature: str) -> Iterator[Event]:
        arguments = arguments_text(call.args)
        if arguments is None:
            raise _unreadable()
        if signature:
            if self._open is not Thinking:
                yield from self._start(Thinking(""))
            self._signature = signature
        yield from self._close()
        self._calls += 1
        self._index += 1
        yield PartStarted(self._index, ToolCall(call.id or _derived(self.id, self._calls), call.name, ""))
        yield Piece(self._index, arguments)
        yield PartEnded(self._index)

    def _start(self, part: Text | Thinking) -> Iterator[Event]:
        yield from self._close()
        self._index += 1
        self._open = type(part)
        yield PartStarted(self._index, part)

    def _close(self) -> Iterator[Event]:
        if self._open is not None:
            yield PartEnded(self._index, kept_signature(self._signature))
        self._open, self._signature = None, ""


def _derived(reply: str, number: int) -> str:
    """The id of a call that has none: of nine letters and digits, for Mistral takes no other."""
    return hashlib.sha256(f"{reply}/{number}".encode()).hexdigest()[:9]


def _read_part(part: dict[str, msgspec.Raw]) -> tuple[str, str, bool, _Call | None]:
    """Text, signature, whether it is a thought, and the call. Raises ``Unavailable`` for what no other protocol can say."""
    if any(name not in _BESIDE and bytes(value) != b"null" for name, value in part.items()):
        raise _unreadable()
    try:
        text = _read_text(part["text"]) if "text" in part else None
        signature = _read_text(part["thoughtSignature"]) if "thoughtSignature" in part else None
        thought = _read_flag(part["thought"]) if "thought" in part else None
        call = _read_call(part["functionCall"]) if "functionCall" in part else None
    except UNREADABLE as error:
        raise _unreadable() from error
    return text or "", signature or "", bool(thought), call


def _longer(part: Part, text: str) -> Part:
    match part:
        case Text():
            return Text(part.text + text)
        case Thinking():
            return Thinking(part.text + text, part.signature)
        case ToolCall():
            return ToolCall(part.id, part.name, part.arguments + text)
    return part


def _usage(counts: _Counts | None) -> Usage | None:
    if counts is None:
        return None
    thought = counts.thoughts_token_count or 0
    return Usage(
        tokens_in=(counts.prompt_token_count or 0) + (counts.tool_use_prompt_token_count or 0),
        tokens_out=(counts.candidates_token_count or 0) + thought,
        cached=counts.cached_content_token_count or 0,
        thought=thought,
    )


def _document(body: bytes) -> _Document:
    try:
        return _decode(body)
    except UNREADABLE as error:
        raise _unreadable() from error


def _any(body: bytes) -> Any:
    try:
        return _read_any(body)
    except UNREADABLE:
        return None


def _unreadable() -> Unavailable:
    return Unavailable("upstream_unreadable", status=200)
