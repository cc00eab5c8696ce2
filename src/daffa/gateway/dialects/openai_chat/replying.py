"""An answer as a chat completion, whole or in chunks. Knows no upstream."""

from __future__ import annotations

from typing import Any

import msgspec

from ...conversation import Ended, Event, Failed, Part, PartStarted, Piece, Reply, Started, Text, Thinking, ToolCall, Usage
from ..openai import prefixed, together, upstream_error

__all__ = ["ChatEventWriter", "write_reply"]

_encode = msgspec.json.Encoder().encode
_FINISHES = {"stop": "stop", "length": "length", "tools": "tool_calls", "filtered": "content_filter"}


def write_reply(reply: Reply, model: str, created: int) -> bytes:
    """A ``chat.completion``; thoughts stand in ``reasoning_content``, as most servers give them."""
    calls = [_call(part, part.arguments) for part in reply.parts if isinstance(part, ToolCall)]
    texts = [part.text for part in reply.parts if isinstance(part, Text)]
    thoughts = [part.text for part in reply.parts if isinstance(part, Thinking)]
    content = "".join(texts) if texts or not calls else None
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": None}
    if thoughts:
        message["reasoning_content"] = "".join(thoughts)
    if calls:
        message["tool_calls"] = calls
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _FINISHES[reply.finish]}
    frame = _frame(reply.id, "chat.completion", model, created) | {"choices": [choice]}
    return _encode(frame | ({"usage": _usage(reply.usage)} if reply.usage is not None else {}))


class ChatEventWriter:
    """Writes one stream of ``chat.completion.chunk``.

    Args:
        wants_usage: whether the client asked for the event that counts.
    """

    def __init__(self, model: str, created: int, *, wants_usage: bool) -> None:
        self._model = model
        self._created = created
        self._wants_usage = wants_usage
        self._id = ""
        self._begun = False
        self._calls = 0
        self._parts: dict[int, tuple[Part, int]] = {}
        self._read: Usage | None = None

    def write(self, event: Event) -> bytes:
        """The bytes that ``event`` is."""
        if isinstance(event, Started):
            self._id, self._read = event.id, event.usage
            return b""
        if isinstance(event, PartStarted):
            return self._part(event.index, event.part)
        if isinstance(event, Piece):
            return self._piece(event)
        if isinstance(event, Ended):
            return self._end(event)
        if isinstance(event, Failed):
            return b"data: " + upstream_error(event.message, 502) + b"\n\n"
        return b""

    def _part(self, index: int, part: Text | Thinking | ToolCall) -> bytes:
        begun = self._begin("" if isinstance(part, Text) else None)
        self._parts[index] = part, self._calls
        if isinstance(part, ToolCall):
            begun += self._delta({"tool_calls": [{"index": self._calls, **_call(part, "")}]})
            self._calls += 1
        return begun

    def _begin(self, content: str | None) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        return self._delta({"role": "assistant", "content": content, "refusal": None})

    def _piece(self, piece: Piece) -> bytes:
        part, call = self._parts[piece.index]
        if isinstance(part, ToolCall):
            # Mistral's own client cannot do without a name; to all others an empty one adds nothing.
            return self._delta({"tool_calls": [{"index": call, "function": {"name": "", "arguments": piece.text}}]})
        return self._delta({"reasoning_content" if isinstance(part, Thinking) else "content": piece.text})

    def _end(self, event: Ended) -> bytes:
        last = self._begin("") + self._delta({}, _FINISHES[event.finish])
        usage = together(self._read, event.usage)
        if self._wants_usage and usage is not None:
            last += self._chunk({"choices": [], "usage": _usage(usage)})
        return last + b"data: [DONE]\n\n"

    def _delta(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._chunk({"choices": [choice], **({"usage": None} if self._wants_usage else {})})

    def _chunk(self, fields: dict[str, Any]) -> bytes:
        frame = _frame(self._id, "chat.completion.chunk", self._model, self._created)
        return b"data: " + _encode(frame | fields) + b"\n\n"


def _frame(reply_id: str, kind: str, model: str, created: int) -> dict[str, Any]:
    return {"id": prefixed("chatcmpl-", reply_id), "object": kind, "created": created, "model": model}


def _call(call: ToolCall, arguments: str) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.tokens_in,
        "completion_tokens": usage.tokens_out,
        "total_tokens": usage.tokens_in + usage.tokens_out,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.thought},
    }
