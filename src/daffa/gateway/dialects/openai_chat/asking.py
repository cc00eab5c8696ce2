"""A conversation as a chat completions request. Knows no other protocol.

Texts side by side are written as one string, on lines of their own: many servers read no parts, and those that do join them so.
``max_tokens`` is what every server understands but OpenAI's own for the models that think: those want
``max_completion_tokens``. ``top_k`` is written where it is said: most servers know it, and one that does not says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from ...conversation import (
    Conversation,
    Format,
    Media,
    NotCarried,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
    Written,
)
from ..openai import data_url

__all__ = ["write_request"]

_NAME = "openai_chat"
_encode = msgspec.json.Encoder().encode
_THINKING_MODELS = re.compile(r"(?:openai/)?(?:o\d|gpt-(?:[5-9]|\d\d))")
# Tokens of thought up to which an effort is meant, as the vendors' own guides put it.
_EFFORTS = ((0, "none"), (1024, "minimal"), (4096, "low"), (16_384, "medium"))
_FORMS = {"audio/mpeg": "mp3", "audio/x-wav": "wav", "audio/wave": "wav", "audio/vnd.wave": "wav"}
_SAMPLING = ("temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty")


def write_request(conversation: Conversation, upstream_model: str) -> Written:
    """``conversation`` as bytes for ``upstream_model``. Raises ``NotCarried``."""
    left_out: list[str] = []
    body: dict[str, Any] = {"model": upstream_model, "messages": list(_messages(conversation.turns, left_out))}
    if conversation.stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    if conversation.tools:
        body |= _tools(conversation)
    elif conversation.tool_choice is not None:
        left_out.append("tool_choice (without tools)")
    if conversation.format is not None:
        body["response_format"] = _format(conversation.format)
    if conversation.max_tokens is not None:
        thinks = _THINKING_MODELS.match(upstream_model) is not None
        body["max_completion_tokens" if thinks else "max_tokens"] = conversation.max_tokens
    body |= {name: value for name in _SAMPLING if (value := getattr(conversation, name)) is not None}
    if conversation.stop:
        body["stop"] = list(conversation.stop)
    if (effort := _effort(conversation, left_out)) is not None:
        body["reasoning_effort"] = effort
    return Written(_encode(body), tuple(left_out))


def _effort(conversation: Conversation, left_out: list[str]) -> str | None:
    if conversation.thinking_tokens is None or conversation.effort is not None:
        return conversation.effort
    left_out.append("thinking (its number of tokens, told as an effort)")
    return next((effort for most, effort in _EFFORTS if conversation.thinking_tokens <= most), "high")


def _messages(turns: tuple[Turn, ...], left_out: list[str]) -> Iterator[dict[str, Any]]:
    for at, turn in enumerate(turns):
        if turn.role == "assistant":
            yield _answer(turn, at, left_out)
        else:
            yield from _given(turn, at, left_out)


def _given(turn: Turn, at: int, left_out: list[str]) -> Iterator[dict[str, Any]]:
    """A turn of the user's or the system's: the results of tools in messages of their own, then the rest."""
    rest: list[Text | Media] = []
    for part in turn.parts:
        if isinstance(part, ToolResult):
            yield _result(part, at, rest, left_out)
        elif isinstance(part, (Text, Media)):
            rest.append(part)
        else:
            raise NotCarried(f"turns[{at}]", _NAME)
    if rest or not turn.parts:
        yield {"role": turn.role, "content": _content(rest, at)}


def _result(result: ToolResult, at: int, rest: list[Text | Media], left_out: list[str]) -> dict[str, Any]:
    """The message of one result. It can hold text alone: what else a tool gave goes to what the user says next."""
    texts = [part for part in result.parts if isinstance(part, Text)]
    seen = [part for part in result.parts if isinstance(part, Media)]
    if seen:
        rest += seen
        left_out.append(f"turns[{at}] (media of a tool's result, moved)")
    if result.failed:
        left_out.append(f"turns[{at}] (that a tool failed)")
    return {"role": "tool", "tool_call_id": result.call, "content": _content([*texts], at)}


def _content(parts: list[Text | Media], at: int) -> str | list[dict[str, Any]]:
    texts = [part.text for part in parts if isinstance(part, Text)]
    if len(texts) == len(parts):
        return "\n".join(texts)
    return [{"type": "text", "text": part.text} if isinstance(part, Text) else _medium(part, at) for part in parts]


def _medium(media: Media, at: int) -> dict[str, Any]:
    if media.kind == "images":
        return {"type": "image_url", "image_url": {"url": data_url(media)}}
    if media.url:
        raise NotCarried(f"turns[{at}] (a URL of {media.kind})", _NAME)
    if media.kind == "audio":
        form = _FORMS.get(media.media_type, media.media_type.partition("/")[2])
        return {"type": "input_audio", "input_audio": {"data": media.data, "format": form}}
    named = {"filename": media.name} if media.name else {}
    return {"type": "file", "file": {**named, "file_data": data_url(media)}}


def _answer(turn: Turn, at: int, left_out: list[str]) -> dict[str, Any]:
    texts: list[Text | Media] = []
    calls = []
    for part in turn.parts:
        if isinstance(part, Text):
            texts.append(part)
        elif isinstance(part, ToolCall):
            function = {"name": part.name, "arguments": part.arguments}
            calls.append({"id": part.id, "type": "function", "function": function})
        elif isinstance(part, Thinking):
            left_out.append(f"turns[{at}] (thinking)")
        else:
            raise NotCarried(f"turns[{at}]", _NAME)
    content = None if calls and not texts else _content(texts, at)
    return {"role": "assistant", "content": content, **({"tool_calls": calls} if calls else {})}


def _tools(conversation: Conversation) -> dict[str, Any]:
    fields: dict[str, Any] = {"tools": [_tool(tool) for tool in conversation.tools]}
    if conversation.tool_choice is not None:
        fields["tool_choice"] = _choice(conversation.tool_choice)
    if conversation.parallel_calls is not None:
        fields["parallel_tool_calls"] = conversation.parallel_calls
    return fields


def _tool(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name, "parameters": tool.schema}
    if tool.description:
        function["description"] = tool.description
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _choice(choice: ToolChoice) -> str | dict[str, Any]:
    return {"type": "function", "function": {"name": choice.name}} if choice.mode == "named" else choice.mode


def _format(form: Format) -> dict[str, Any]:
    if form.schema is None:
        return {"type": "json_object"}
    stated: dict[str, Any] = {"name": form.name, "schema": form.schema}
    if form.strict is not None:
        stated["strict"] = form.strict
    return {"type": "json_schema", "json_schema": stated}
