"""An answer as a ``response`` object. Knows no upstream and no events."""

from __future__ import annotations

from typing import Any

import msgspec

from ...conversation import Finish, Reply, Text, Thinking, ToolCall, Usage
from ...request import Request
from ..openai import prefixed

__all__ = [
    "call_item",
    "frame",
    "item_id",
    "message_item",
    "outcome",
    "text_part",
    "thought_item",
    "thought_part",
    "write_reply",
]

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_REASONS = {"length": "max_output_tokens", "filtered": "content_filter"}
# What a response repeats of its request, and what it says where the request said nothing.
_REPEATED: dict[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "prompt_cache_key": None,
    "safety_identifier": None,
    "temperature": 1.0,
    "tool_choice": "auto",
    "top_logprobs": 0,
    "top_p": 1.0,
    "user": None,
}
# Nothing is kept, continued, put off or cut here.
_FIXED: dict[str, Any] = {
    "background": False,
    "frequency_penalty": 0.0,
    "presence_penalty": 0.0,
    "previous_response_id": None,
    "service_tier": "default",
    "store": False,
    "truncation": "disabled",
}
_TOOL = {"type": "function", "description": None, "parameters": None, "strict": None}


def write_reply(reply: Reply, request: Request, now: int) -> bytes:
    """The response that ``reply`` is, at the time ``now``."""
    output = [_item(reply.id, at, part) for at, part in enumerate(reply.parts)]
    ended = outcome(reply.finish, output, reply.usage, now)
    return _encode(frame(request, reply.id, now) | ended)


def frame(request: Request, reply_id: str, created: int) -> dict[str, Any]:
    """A response to ``request`` that has nothing in it yet."""
    asked: dict[str, Any] = _decode(request.raw)
    said = {name: value for name, value in asked.items() if value is not None}
    text, reasoning = said.get("text") or {}, said.get("reasoning") or {}
    return {
        "id": prefixed("resp_", reply_id),
        "object": "response",
        "created_at": created,
        "completed_at": None,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": request.model,
        "output": [],
        "usage": None,
        **{name: said.get(name, default) for name, default in _REPEATED.items()},
        **_FIXED,
        "reasoning": {"effort": reasoning.get("effort"), "summary": None},
        "text": {"format": text.get("format") or {"type": "text"}, "verbosity": "medium"},
        "tools": [{**_TOOL, **tool} for tool in said.get("tools") or ()],
    }


def outcome(finish: Finish, output: list[dict[str, Any]], usage: Usage | None, now: int) -> dict[str, Any]:
    """What a response says when it has ended; the last item of one that is not complete is not complete either."""
    reason = _REASONS.get(finish)
    if reason is None:
        ended: dict[str, Any] = {"status": "completed", "completed_at": now}
    else:
        ended = {"status": "incomplete", "incomplete_details": {"reason": reason}}
        output = [*output[:-1], *({**item, "status": "incomplete"} for item in output[-1:])]
    return {**ended, "output": output, "usage": None if usage is None else _usage(usage)}


def item_id(prefix: str, reply_id: str, index: int) -> str:
    """The id of item ``index``, which holds part ``index``."""
    return f"{prefix}_{reply_id}_{index}"


def _item(reply_id: str, index: int, part: Any) -> dict[str, Any]:
    if isinstance(part, ToolCall):
        return call_item(item_id("fc", reply_id, index), part, part.arguments)
    if isinstance(part, Thinking):
        return thought_item(item_id("rs", reply_id, index), part.text, part.signature)
    return message_item(item_id("msg", reply_id, index), part.text if isinstance(part, Text) else "")


def message_item(name: str, text: str | None, status: str = "completed") -> dict[str, Any]:
    """A message of one text; ``None`` where it has not begun."""
    content = [] if text is None else [text_part(text)]
    return {"id": name, "type": "message", "status": status, "role": "assistant", "content": content}


def text_part(text: str) -> dict[str, Any]:
    """The one part of a message."""
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def call_item(name: str, call: ToolCall, arguments: str, status: str = "completed") -> dict[str, Any]:
    """A call of a function."""
    called = {"call_id": call.id, "name": call.name, "arguments": arguments}
    return {"id": name, "type": "function_call", "status": status, **called}


def thought_item(name: str, text: str | None, signature: str = "", status: str = "completed") -> dict[str, Any]:
    """A thought; ``None`` where it has not begun."""
    summary = [] if text is None else [thought_part(text)]
    kept = {"encrypted_content": signature} if signature else {}
    return {"id": name, "type": "reasoning", "summary": summary, **kept, "status": status}


def thought_part(text: str) -> dict[str, Any]:
    """The one part of a thought."""
    return {"type": "summary_text", "text": text}


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.tokens_in,
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": 0},
        "output_tokens": usage.tokens_out,
        "output_tokens_details": {"reasoning_tokens": usage.thought},
        "total_tokens": usage.tokens_in + usage.tokens_out,
    }
