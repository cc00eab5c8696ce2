"""A reply, whole or in events, as Anthropic's clients read it. Pure.

A stream is ``message_start``, then each block by itself (``content_block_start``, its deltas, ``content_block_stop``), then
``message_delta`` and ``message_stop``. Source: the public reference of the Anthropic API, messages and their streaming.
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
from .fields import UNREADABLE

__all__ = ["MessageWriter", "written_count", "written_message"]

_STOP_REASONS: dict[Finish, str] = {"stop": "end_turn", "length": "max_tokens", "tools": "tool_use", "filtered": "refusal"}
_encode = msgspec.json.Encoder().encode
_read_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def written_message(reply: Reply, model: str, *, thoughts: bool) -> bytes:
    """The message that ``reply`` is; ``thoughts`` are shown to who asked for them.

    A tool call that the length cut short is left out: the protocol has no word for half an object, and ``max_tokens``
    says that the answer is not whole. Raises ``Unavailable`` where the arguments of another are no JSON object.
    """
    parts = [part for part in reply.parts if thoughts or not isinstance(part, Thinking)]
    content = [block for part in parts if (block := _block(part, cut=reply.finish == "length")) is not None]
    return _encode({**_frame(reply.id, model, reply.usage), "content": content, **_stop(reply.finish, reply.stop)})


def written_count(tokens: int) -> bytes:
    """How many tokens a request has."""
    return _encode({"input_tokens": tokens})


class MessageWriter:
    """Writes one stream.

    Args:
        model: its name in the answer.
        thoughts: whether they are shown.
    """

    def __init__(self, model: str, *, thoughts: bool) -> None:
        self._model = model
        self._thoughts = thoughts
        self._shown: dict[int, tuple[int, Text | Thinking | ToolCall]] = {}

    def write(self, event: Event) -> bytes:
        """The bytes that ``event`` is; empty for a piece with nothing in it."""
        match event:
            case Started():
                start = {
                    **_frame(event.id, self._model, event.usage),
                    "content": [],
                    "stop_reason": None,
                    "stop_sequence": None,
                }
                return _sent("message_start", message=start)
            case PartStarted():
                return self._started(event)
            case Piece():
                return self._delta(event.index, event.text) if event.text and event.index in self._shown else b""
            case PartEnded():
                return self._ended(event) if event.index in self._shown else b""
            case Ended():
                delta = _stop(event.finish, event.stop)
                return _sent("message_delta", delta=delta, usage=_usage(event.usage)) + _sent("message_stop")
            case Failed():
                return _sent("error", error={"type": "api_error", "message": event.message})

    def _started(self, event: PartStarted) -> bytes:
        if isinstance(event.part, Thinking) and not self._thoughts:
            return b""
        block = len(self._shown)
        self._shown[event.index] = block, event.part
        return _sent("content_block_start", index=block, content_block=_empty(event.part))

    def _delta(self, index: int, text: str) -> bytes:
        block, part = self._shown[index]
        match part:
            case Text():
                delta = {"type": "text_delta", "text": text}
            case Thinking():
                delta = {"type": "thinking_delta", "thinking": text}
            case ToolCall():
                delta = {"type": "input_json_delta", "partial_json": text}
        return _sent("content_block_delta", index=block, delta=delta)

    def _ended(self, event: PartEnded) -> bytes:
        signed, (block, _) = b"", self._shown[event.index]
        if event.signature:
            delta = {"type": "signature_delta", "signature": event.signature}
            signed = _sent("content_block_delta", index=block, delta=delta)
        return signed + _sent("content_block_stop", index=block)


def _sent(kind: str, **fields: Any) -> bytes:
    return sse.written(kind, _encode({"type": kind, **fields}))


def _frame(identity: str, model: str, usage: Usage | None) -> dict[str, Any]:
    return {"id": identity, "type": "message", "role": "assistant", "model": model, "usage": _usage(usage)}


def _stop(finish: Finish, stop: str | None) -> dict[str, Any]:
    reason = "stop_sequence" if finish == "stop" and stop is not None else _STOP_REASONS[finish]
    return {"stop_reason": reason, "stop_sequence": stop}


def _usage(usage: Usage | None) -> dict[str, Any]:
    """Anthropic counts what came from a cache beside the other tokens of the request, not among them."""
    counted = usage or Usage()
    written: dict[str, Any] = {
        "input_tokens": max(counted.tokens_in - counted.cached, 0),
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": counted.cached,
        "output_tokens": counted.tokens_out,
    }
    return {**written, "output_tokens_details": {"thinking_tokens": counted.thought}} if counted.thought else written


def _empty(part: Text | Thinking | ToolCall) -> dict[str, Any]:
    match part:
        case Text():
            return {"type": "text", "text": ""}
        case Thinking():
            return {"type": "thinking", "thinking": "", "signature": ""}
        case ToolCall():
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": {}}


def _block(part: Part, *, cut: bool) -> dict[str, Any] | None:
    match part:
        case Text():
            return {"type": "text", "text": part.text}
        case Thinking():
            return {"type": "thinking", "thinking": part.text, "signature": part.signature}
        case ToolCall():
            try:
                arguments = _read_object(part.arguments.strip() or "{}")
            except UNREADABLE as error:
                if cut:
                    return None
                raise Unavailable("upstream_unreadable", status=200) from error
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": arguments}
    raise Unavailable("upstream_unreadable", status=200)
