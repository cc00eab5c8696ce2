"""Anthropic Messages to a conversation: the whole request, for an upstream that speaks something else. Pure.

Which fields are carried, which are left out without harm and which are refused stands in ``docs/doors/gateway-dialects.md``.
Source: the public reference of the Anthropic API, version 2023-06-01.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from daffa.errors import Invalid

from ...conversation import (
    Conversation,
    Format,
    Media,
    NotCarried,
    Part,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
)
from ...request import DECLARATIONS, Request
from .fields import OTHERS, Fields, decoded

__all__ = ["converse"]

# Of the request: what names a payer, a cache, a price or a report, and leaves the answer as it is.
_HARMLESS = ("cache_control", "context_management", "diagnostics", "service_tier", "speed", "user_profile_id", "workspace_id")
_EFFORTS = {"low": "low", "medium": "medium", "high": "high", "xhigh": "high", "max": "high"}
_CHOICES = {"auto": "auto", "any": "required", "none": "none", "tool": "named"}
_ROLES = ("user", "assistant", "system")
# Of a role; and of blocks that have blocks in them.
_BLOCKS_OF = {
    "user": frozenset({"text", "image", "document", "tool_result"}),
    "assistant": frozenset({"text", "thinking", "redacted_thinking", "tool_use"}),
    "system": frozenset({"text"}),
    "tool_result": frozenset({"text", "image", "document"}),
    "document": frozenset({"text", "image"}),
}


def converse(request: Request) -> Conversation:
    """The request whole. Raises ``Invalid``, and ``NotCarried`` for what only this protocol can say."""
    body, left = Fields(decoded(request.raw), ""), list[str]()
    body.need("model", str)
    turns = (*_system(body, left), *_messages(body, left))
    choice, parallel = _tool_choice(body)
    tokens, effort = _thinking(body, left)
    shape, effort = _output(body, effort, left)
    _metadata(body, left)
    left += body.leave(*_HARMLESS)
    conversation = Conversation(
        turns=turns,
        stream=bool(body.take("stream", bool)),
        tools=tuple(_tool(row, left) for row in body.rows("tools")),
        tool_choice=choice,
        parallel_calls=parallel,
        format=shape,
        max_tokens=_max_tokens(body),
        temperature=body.take("temperature", float),
        top_p=body.take("top_p", float),
        top_k=body.take("top_k", int),
        stop=tuple(_texts(body, "stop_sequences")),
        effort=effort,
        thinking_tokens=tokens,
        left_out=tuple(left),
    )
    body.done()
    return conversation


def _max_tokens(body: Fields) -> int | None:
    most = body.take("max_tokens", int)
    if most == 0:  # fill a cache, answer nothing
        raise body.refuse("max_tokens")
    return most


def _metadata(body: Fields, left: list[str]) -> None:
    metadata = body.inner("metadata")
    if metadata is not None:
        left += metadata.leave("user_id")
        metadata.leave(*DECLARATIONS)
        metadata.done()


def _texts(body: Fields, name: str) -> list[str]:
    texts: list[Any] = body.take(name, list) or []
    for index, text in enumerate(texts):
        if not isinstance(text, str):
            raise Invalid("invalid_request_field", field=f"{body.at(name)}[{index}]", expected="a string")
    return texts


def _system(body: Fields, left: list[str]) -> tuple[Turn, ...]:
    parts = _content(body, "system", "system", left) if "system" in body else ()
    return (Turn("system", parts),) if parts else ()


def _messages(body: Fields, left: list[str]) -> list[Turn]:
    turns = []
    for message in body.rows("messages"):
        role = message.need("role", str)
        if role not in _ROLES:
            raise Invalid("invalid_request_field", field=message.at("role"), expected=" | ".join(_ROLES))
        turns.append(Turn(role, _content(message, "content", role, left)))  # type: ignore[arg-type]
        message.done()
    if not turns:
        raise Invalid("invalid_request_field", field="messages", expected="at least one message")
    if turns[-1].role == "assistant":
        # An answer begun for the model, that it goes on with.
        raise NotCarried(f"messages[{len(turns) - 1}].role", OTHERS)
    return turns


def _content(holder: Fields, name: str, place: str, left: list[str]) -> tuple[Part, ...]:
    content = holder.any(name)
    if isinstance(content, str):
        return (Text(content),)
    if not isinstance(content, list):
        raise Invalid("invalid_request_field", field=holder.at(name), expected="a string, or a list of blocks")
    rows = (Fields(row, f"{holder.at(name)}[{index}]") for index, row in enumerate(content))
    return tuple(part for row in rows for part in _block(row, place, left))


def _block(block: Fields, place: str, left: list[str]) -> tuple[Part, ...]:
    kind = block.need("type", str)
    if kind not in _READERS:
        raise block.refuse("type")
    if kind not in _BLOCKS_OF[place]:
        expected = " | ".join(sorted(_BLOCKS_OF[place]))
        raise Invalid("invalid_request_field", field=block.at("type"), expected=expected)
    parts = _READERS[kind](block, left)
    left += block.leave("cache_control")
    block.done()
    return parts


def _text(block: Fields, left: list[str]) -> tuple[Part, ...]:
    left += block.leave("citations")
    return (Text(block.need("text", str)),)


def _image(block: Fields, left: list[str]) -> tuple[Part, ...]:  # noqa: ARG001 - a reader of blocks
    source = _needed(block, "source")
    media = _media("images", source)
    source.done()
    return (media,)


def _document(block: Fields, left: list[str]) -> tuple[Part, ...]:
    citations = block.inner("citations")
    if citations is not None and citations.take("enabled", bool):
        raise block.refuse("citations")
    source = _needed(block, "source")
    kind = source.any("type")
    if kind in ("text", "content"):
        return _written_document(block, source, kind, left)
    media = _media("files", source, kind, block.take("title", str) or "")
    source.done()
    return (media,)


def _written_document(block: Fields, source: Fields, kind: str, left: list[str]) -> tuple[Part, ...]:
    """A document that is text: its title and context stand above it, so that any model can read them."""
    heads = [head for head in (block.take("title", str), block.take("context", str)) if head]
    if kind == "text":
        source.any("media_type")
        parts: tuple[Part, ...] = (Text("\n\n".join([*heads, source.need("data", str)])),)
    else:
        above = (Text("\n\n".join([*heads, ""])),) if heads else ()
        parts = (*above, *_content(source, "content", "document", left))
    source.done()
    return parts


def _media(kind: Any, source: Fields, form: Any = None, name: str = "") -> Media:
    match form or source.any("type"):
        case "base64":
            return Media(kind, source.need("media_type", str), source.need("data", str), name=name)
        case "url":
            return Media(kind, url=source.need("url", str), name=name)
    raise source.refuse("type")


def _needed(block: Fields, name: str) -> Fields:
    inner = block.inner(name)
    if inner is None:
        raise Invalid("invalid_request_field", field=block.at(name), expected="to be present")
    return inner


def _thought(block: Fields, left: list[str]) -> tuple[Part, ...]:  # noqa: ARG001 - a reader of blocks
    return (Thinking(block.need("thinking", str), block.take("signature", str) or ""),)


def _hidden_thought(block: Fields, left: list[str]) -> tuple[Part, ...]:
    left += block.leave("data")
    return ()


def _tool_use(block: Fields, left: list[str]) -> tuple[Part, ...]:  # noqa: ARG001 - a reader of blocks
    caller = block.inner("caller")
    if caller is not None and caller.any("type") != "direct":
        raise block.refuse("caller")
    arguments = block.need("input", dict)
    return (ToolCall(block.need("id", str), block.need("name", str), _written(arguments, block.at("input"))),)


def _tool_result(block: Fields, left: list[str]) -> tuple[Part, ...]:
    call, failed = block.need("tool_use_id", str), bool(block.take("is_error", bool))
    parts = _content(block, "content", "tool_result", left) if "content" in block else ()
    return (ToolResult(call, parts, failed=failed),)  # type: ignore[arg-type]


_READERS: dict[str, Callable[[Fields, list[str]], tuple[Part, ...]]] = {
    "text": _text,
    "image": _image,
    "document": _document,
    "thinking": _thought,
    "redacted_thinking": _hidden_thought,
    "tool_use": _tool_use,
    "tool_result": _tool_result,
}


def _written(value: Any, field: str) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except (OverflowError, RecursionError) as error:
        raise Invalid("invalid_request_field", field=field, expected="numbers of at most 64 bits") from error


def _tool(row: Fields, left: list[str]) -> Tool:
    if row.any("type") not in (None, "custom"):
        raise row.refuse("type")
    if row.take("defer_loading", bool):
        raise row.refuse("defer_loading")
    if row.any("allowed_callers") not in (None, ["direct"]):
        raise row.refuse("allowed_callers")
    left += row.leave("cache_control", "eager_input_streaming")
    tool = Tool(
        name=row.need("name", str),
        description=row.take("description", str) or "",
        schema=row.need("input_schema", dict),
        strict=row.take("strict", bool),
    )
    row.done()
    return tool


def _tool_choice(body: Fields) -> tuple[ToolChoice | None, bool | None]:
    choice = body.inner("tool_choice")
    if choice is None:
        return None, None
    kind = choice.need("type", str)
    if kind not in _CHOICES:
        raise choice.refuse("type")
    alone = choice.take("disable_parallel_tool_use", bool)
    mode: Any = _CHOICES[kind]
    chosen = ToolChoice(mode, choice.need("name", str) if mode == "named" else "")
    choice.done()
    return chosen, None if alone is None else not alone


def _thinking(body: Fields, left: list[str]) -> tuple[int | None, str | None]:
    """How many tokens may be thought, and how hard a model shall think."""
    thinking = body.inner("thinking")
    if thinking is None:
        return None, None
    left += thinking.leave("display")
    tokens, effort = None, None
    match thinking.need("type", str):
        case "enabled":
            tokens = thinking.need("budget_tokens", int)
        case "disabled":
            effort = "none"
        case "adaptive":  # the model decides, as others do where nothing is said
            pass
        case _:
            raise thinking.refuse("type")
    thinking.done()
    return tokens, effort


def _output(body: Fields, effort: str | None, left: list[str]) -> tuple[Format | None, str | None]:
    config = body.inner("output_config")
    shape = _format(body.inner("output_format"))
    if config is None:
        return shape, effort
    shape = _format(config.inner("format")) or shape
    stated = config.take("effort", str)
    if stated is not None and stated not in _EFFORTS:
        raise config.refuse("effort")
    if stated is not None and (effort is not None or _EFFORTS[stated] != stated):
        left.append(config.at("effort"))
    config.done()
    return shape, effort or (_EFFORTS[stated] if stated is not None else None)


def _format(shape: Fields | None) -> Format | None:
    if shape is None:
        return None
    if shape.need("type", str) != "json_schema":
        raise shape.refuse("type")
    schema = shape.need("schema", dict)
    shape.done()
    return Format(schema)
