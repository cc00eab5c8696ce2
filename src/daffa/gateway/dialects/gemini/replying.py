"""An answer as Gemini's clients read it, whole or in events. Knows no upstream.

A stream is made of answers, each with the parts that are new; calls of tools are never cut. The last has the reason of the
end, and the usage.
"""

from __future__ import annotations

from typing import Any

import msgspec

from daffa.errors import Unavailable

from ... import sse
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
from .arguments import arguments_object
from .signatures import marked_signature

__all__ = ["GeminiEventWriter", "reply_document"]

_FINISHES: dict[Finish, str] = {"stop": "STOP", "tools": "STOP", "length": "MAX_TOKENS", "filtered": "SAFETY"}
_encode = msgspec.json.Encoder().encode


def reply_document(reply: Reply, model: str, *, thoughts: bool) -> dict[str, Any]:
    """A whole answer; ``thoughts`` where the client wants to see them. Raises ``Unavailable`` (``upstream_unreadable``)."""
    parts = [part for said in reply.parts if (part := _part(said, thoughts)) is not None]
    return _document(parts, model, reply.id, finish=reply.finish, usage=reply.usage)


class GeminiEventWriter:
    """Writes one stream of events."""

    def __init__(self, model: str, *, thoughts: bool) -> None:
        self._model = model
        self._thoughts = thoughts
        self._id = ""
        self._read: Usage | None = None
        self._open: Text | Thinking | ToolCall = Text("")
        self._arguments: list[str] = []

    def write(self, event: Event) -> bytes:
        """The bytes that ``event`` is. Raises ``Unavailable`` (``upstream_unreadable``)."""
        match event:
            case Started(id=name, usage=usage):
                self._id, self._read = name, usage
            case PartStarted(part=part):
                self._open, self._arguments = part, []
            case Piece(text=text):
                return self._piece(text)
            case PartEnded(signature=signature):
                return self._part_ended(signature)
            case Ended(finish=finish, usage=usage):
                return self._event([Text("")], finish=finish, usage=usage or self._read)
            case Failed(message=message):
                return sse.written("", _encode({"error": {"code": 502, "message": message, "status": "UNAVAILABLE"}}))
        return b""

    def _piece(self, text: str) -> bytes:
        if isinstance(self._open, ToolCall):
            self._arguments.append(text)
            return b""
        return self._event([Thinking(text) if isinstance(self._open, Thinking) else Text(text)]) if text else b""

    def _part_ended(self, signature: str) -> bytes:
        match self._open:
            case ToolCall(id=name, name=tool):
                return self._event([ToolCall(name, tool, "".join(self._arguments))])
            case Thinking() if signature:
                return self._event([Thinking("", signature)])
        return b""

    def _event(self, said: list[Part], finish: Finish | None = None, usage: Usage | None = None) -> bytes:
        parts = [part for each in said if (part := _part(each, self._thoughts)) is not None]
        if not parts:
            return b""
        return sse.written("", _encode(_document(parts, self._model, self._id, finish=finish, usage=usage)))


def _document(
    parts: list[dict[str, Any]], model: str, name: str, *, finish: Finish | None, usage: Usage | None
) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = _FINISHES[finish]
    document: dict[str, Any] = {"candidates": [candidate], "modelVersion": model, "responseId": name}
    if usage is not None:
        document["usageMetadata"] = _usage(usage)
    return document


def _part(part: Part, thoughts: bool) -> dict[str, Any] | None:
    """One part; none where it is a thought that the client does not want to see."""
    match part:
        case Text(text=text):
            return {"text": text}
        case Thinking(text=text, signature=signature) if thoughts:
            signed = {"thoughtSignature": marked_signature(signature)} if signature else {}
            return {"text": text, "thought": True, **signed}
        case ToolCall(id=name, name=tool, arguments=arguments):
            args = arguments_object(arguments)
            if args is None:
                raise Unavailable("upstream_unreadable", status=200)
            return {"functionCall": {"id": name, "name": tool, "args": args}}
    return None


def _usage(usage: Usage) -> dict[str, int]:
    """Google counts what was thought beside what was said."""
    counts = {
        "promptTokenCount": usage.tokens_in,
        "candidatesTokenCount": max(usage.tokens_out - usage.thought, 0),
        "totalTokenCount": usage.tokens_in + usage.tokens_out,
    }
    extra = {"cachedContentTokenCount": usage.cached, "thoughtsTokenCount": usage.thought}
    return counts | {name: count for name, count in extra.items() if count}
