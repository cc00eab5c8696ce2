"""A conversation as Anthropic's upstreams read it: ``POST /v1/messages``. Pure.

Source: the public reference of the Anthropic API, version 2023-06-01. What it cannot say is refused or reported; the
table stands in ``docs/doors/gateway-dialects.md``.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

import msgspec

from daffa.errors import Invalid

from ...conversation import (
    Conversation,
    Media,
    NotCarried,
    Part,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
    Written,
)
from ..ids import Ids
from .fields import UNREADABLE

__all__ = ["JSON_ANSWER", "written_request"]

NAME = "anthropic"
JSON_ANSWER = "daffa_json_answer"
"""The tool that a model is made to call where it shall answer in JSON of no schema; its arguments are the answer."""

# Tokens of an answer where the client sets no limit, for the protocol must have one: what every model can write.
# A model that thinks has that many more on top, since thoughts count as well.
_ANSWER, _THOUGHTS = 4096, 12_288
# No thinking with fewer tokens.
_LEAST_THOUGHT = 1024
_EFFORTS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "xhigh", "max": "max"}
_CHOICES = {"auto": "auto", "required": "any", "none": "none", "named": "tool"}
_ID = re.compile(r"[a-zA-Z0-9_-]+")
_encode = msgspec.json.Encoder().encode
_read_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def written_request(conversation: Conversation, model: str, *, counting: bool = False) -> Written:
    """``conversation`` for ``model``; ``counting`` leaves out what has no bearing on how many tokens it has.

    Raises ``NotCarried``, and ``Invalid`` where a tool call's arguments are no object.
    """
    left: list[str] = []
    body: dict[str, Any] = {"model": model}
    if not counting:
        body["max_tokens"] = _max_tokens(conversation)
        body |= {"stream": True} if conversation.stream else {}
        body |= _sampling(conversation, left)
    if system := _system(conversation.turns, left):
        body["system"] = system
    body["messages"] = _messages(conversation.turns, left)
    body |= _tools(conversation)
    body |= _thinking(conversation, left)
    if conversation.format is not None:
        body = _formed(body, conversation)
    try:
        return Written(_encode(body), tuple(left))
    except (OverflowError, RecursionError) as error:
        raise Invalid("invalid_request_field", field="tools", expected="numbers of at most 64 bits") from error


def _max_tokens(conversation: Conversation) -> int:
    if conversation.max_tokens is not None:
        return conversation.max_tokens
    if conversation.thinking_tokens:
        return _ANSWER + max(conversation.thinking_tokens, _LEAST_THOUGHT)
    return _ANSWER + (_THOUGHTS if conversation.effort not in (None, "none") else 0)


def _system(turns: tuple[Turn, ...], left: list[str]) -> list[dict[str, Any]]:
    """The texts of all system turns: the protocol has one place for them, before everything else."""
    blocks, others = [], False
    for index, turn in enumerate(turns):
        if turn.role != "system":
            others = True
            continue
        if others:
            left.append(f"messages[{index}] (moved)")
        for part in turn.parts:
            if not isinstance(part, Text):
                raise NotCarried(f"messages[{index}].content", NAME)
            if part.text:
                blocks.append({"type": "text", "text": part.text})
    return blocks


def _messages(turns: tuple[Turn, ...], left: list[str]) -> list[dict[str, Any]]:
    """The turns, those of one role that follow each other as one, results of tools before all else in theirs."""
    messages: list[dict[str, Any]] = []
    ids = Ids(_ID, "call_made_{}")
    for index, turn in enumerate(turns):
        if turn.role == "system":
            continue
        written = (_block(part, f"messages[{index}]", left, ids) for part in turn.parts)
        blocks = [block for block in written if block is not None]
        if messages and messages[-1]["role"] == turn.role:
            messages[-1]["content"] += blocks
        elif blocks:
            messages.append({"role": turn.role, "content": blocks})
    if messages and messages[-1]["role"] == "assistant":
        # The model would go on with it, where others answer to it.
        raise NotCarried(f"messages[{len(turns) - 1}].role", NAME)
    for message in messages:
        message["content"].sort(key=lambda block: block["type"] != "tool_result")
        if [block["type"] for block in message["content"]] == ["text"]:
            message["content"] = message["content"][0]["text"]
    return messages


def _block(part: Part, path: str, left: list[str], ids: Ids) -> dict[str, Any] | None:
    match part:
        case Text():
            # An empty text is an error there, and says nothing.
            return {"type": "text", "text": part.text} if part.text else None
        case Media():
            return _media(part, path)
        case Thinking():
            if not part.signature:  # another vendor's: it could not be verified, and is refused there
                left.append(f"{path} (thinking)")
                return None
            return {"type": "thinking", "thinking": part.text, "signature": part.signature}
        case ToolCall():
            return {"type": "tool_use", "id": ids(part.id), "name": part.name, "input": _arguments(part, path)}
        case ToolResult():
            return _result(part, path, left, ids)


def _result(part: ToolResult, path: str, left: list[str], ids: Ids) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "tool_result", "tool_use_id": ids(part.call)}
    content = [inner for each in part.parts if (inner := _block(each, path, left, ids)) is not None]
    if [inner["type"] for inner in content] == ["text"]:
        block["content"] = content[0]["text"]
    elif content:
        block["content"] = content
    return {**block, "is_error": True} if part.failed else block


def _arguments(call: ToolCall, path: str) -> msgspec.Raw:
    text = call.arguments.strip() or "{}"
    try:
        _read_object(text)
    except UNREADABLE as error:
        field = f"{path} (arguments of {call.name[:80]})"
        raise Invalid("invalid_request_field", field=field, expected="a JSON object") from error
    return msgspec.Raw(text.encode())


def _media(media: Media, path: str) -> dict[str, Any]:
    source: dict[str, Any]
    if media.kind == "audio":
        raise NotCarried(f"{path}.content (audio)", NAME)
    if media.url:
        source = {"type": "url", "url": media.url}
    elif media.kind == "files" and media.media_type == "text/plain":
        source = {"type": "text", "media_type": "text/plain", "data": _plain(media, path)}
    else:
        source = {"type": "base64", "media_type": _media_type(media, path), "data": media.data}
    if media.kind == "images":
        return {"type": "image", "source": source}
    return {"type": "document", "source": source, **({"title": media.name} if media.name else {})}


def _media_type(media: Media, path: str) -> str:
    stated = media.media_type.lower()
    if media.kind == "files" and stated in ("", "application/pdf"):
        return "application/pdf"
    if media.kind == "images" and stated:
        return stated.replace("image/jpg", "image/jpeg")
    raise NotCarried(f"{path}.content ({stated[:80] or media.kind})", NAME)


def _plain(media: Media, path: str) -> str:
    try:
        return base64.b64decode(media.data, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Invalid("invalid_request_field", field=f"{path}.content", expected="base64 of UTF-8 text") from error


def _sampling(conversation: Conversation, left: list[str]) -> dict[str, Any]:
    if conversation.temperature is not None and conversation.temperature > 1:
        raise NotCarried("temperature", NAME)
    for name in ("presence_penalty", "frequency_penalty"):
        if getattr(conversation, name):
            raise NotCarried(name, NAME)
    if conversation.seed is not None:
        left.append("seed")
    stated = {name: getattr(conversation, name) for name in ("temperature", "top_p", "top_k")}
    stated["stop_sequences"] = list(conversation.stop) or None
    return {name: value for name, value in stated.items() if value is not None}


def _tools(conversation: Conversation) -> dict[str, Any]:
    choice, parallel = conversation.tool_choice, conversation.parallel_calls
    if not conversation.tools:
        if choice is not None and choice.mode in ("required", "named"):
            raise NotCarried("tool_choice", NAME)
        return {}
    stated: dict[str, Any] = {"tools": [_tool(tool) for tool in conversation.tools]}
    if choice is None and parallel is None:
        return stated
    mode = choice.mode if choice is not None else "auto"
    chosen: dict[str, Any] = {"type": _CHOICES[mode]}
    if mode == "named" and choice is not None:
        chosen["name"] = choice.name
    if parallel is not None and mode != "none":
        chosen["disable_parallel_tool_use"] = not parallel
    return {**stated, "tool_choice": chosen}


def _tool(tool: Tool) -> dict[str, Any]:
    written: dict[str, Any] = {"name": tool.name}
    if tool.description:
        written["description"] = tool.description
    written["input_schema"] = {"type": "object", **tool.schema}
    return written if tool.strict is None else {**written, "strict": tool.strict}


def _thinking(conversation: Conversation, left: list[str]) -> dict[str, Any]:
    effort, tokens = conversation.effort, conversation.thinking_tokens
    if effort is not None and effort != "none" and effort not in _EFFORTS:
        raise NotCarried("effort", NAME)
    stated: dict[str, Any] = {}
    if tokens:
        stated["thinking"] = {"type": "enabled", "budget_tokens": max(tokens, _LEAST_THOUGHT)}
        if tokens < _LEAST_THOUGHT:
            left.append(f"thinking_tokens ({_LEAST_THOUGHT})")
    elif tokens == 0:
        stated["thinking"] = {"type": "disabled"}
    elif effort is not None:
        stated["thinking"] = {"type": "disabled" if effort == "none" else "adaptive"}
    if effort is not None and effort != "none":
        stated["output_config"] = {"effort": _EFFORTS[effort]}
        if _EFFORTS[effort] != effort:
            left.append("effort")
    return stated


def _formed(body: dict[str, Any], conversation: Conversation) -> dict[str, Any]:
    """``body`` with the form of its answer: by its schema; else as the arguments of the one tool that must be called."""
    shape = conversation.format
    if shape is not None and shape.schema is not None:
        stated = {"type": "json_schema", "schema": shape.schema}
        return {**body, "output_config": {**body.get("output_config", {}), "format": stated}}
    if conversation.tools:
        raise NotCarried("format", NAME)
    tool = {"name": JSON_ANSWER, "description": "Give the answer: one JSON object.", "input_schema": {"type": "object"}}
    return {**body, "tools": [tool], "tool_choice": {"type": "tool", "name": JSON_ANSWER}}
