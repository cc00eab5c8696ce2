"""Where the texts stand in what a chat completions upstream answers. Knows no text's meaning."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from ...dialect import Slot
from ..openai import UNREADABLE

__all__ = ["closes", "piece", "repeatable", "slots"]

_WRITTEN = ("content", "reasoning_content", "reasoning", "refusal")
# As many calls as the public reference lets a request have tools.
_MOST_CALLS = 128


# The commonest chunk by far: more of one text. Whatever is typed ``None`` makes a chunk another one.
class _Delta(msgspec.Struct, gc=False):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: None = None
    tool_calls: None = None
    function_call: None = None
    audio: None = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Delta
    index: int = 0
    finish_reason: None = None
    message: None = None


class _Chunk(msgspec.Struct, gc=False):
    choices: tuple[_Choice]


_read_chunk = msgspec.json.Decoder(_Chunk).decode


def piece(document: bytes) -> tuple[str, str] | None:
    """Channel and text of a chunk that is more of one text and nothing else; ``None`` for any other."""
    try:
        choice = _read_chunk(document).choices[0]
    except UNREADABLE:
        return None
    delta, index = choice.delta, choice.index
    if delta.content is not None:
        alone = delta.reasoning_content is None and delta.reasoning is None
        return (f"{index}.content", delta.content) if alone else None
    if delta.reasoning_content is not None:
        return (f"{index}.reasoning_content", delta.reasoning_content) if delta.reasoning is None else None
    return (f"{index}.reasoning", delta.reasoning) if delta.reasoning is not None else None


def slots(document: Any) -> Iterator[Slot]:
    """Every text that a model wrote in a decoded answer or chunk; the logarithms of single tokens are not among them."""
    for choice in _listed(document, "choices"):
        message, delta = choice.get("message"), choice.get("delta")
        if isinstance(message, dict):
            yield from _of(message, None)
        if isinstance(delta, dict):
            yield from _of(delta, str(choice.get("index", 0)))


def closes(document: Any) -> frozenset[str]:
    """The channels of every choice that has ended."""
    ended = [str(choice.get("index", 0)) for choice in _listed(document, "choices") if choice.get("finish_reason")]
    return frozenset().union(*map(_channels, ended)) if len(ended) != 1 else _channels(ended[0])


@lru_cache(maxsize=16)
def _channels(index: str) -> frozenset[str]:
    """All that a choice may have."""
    names = (*_WRITTEN, "thinking", "function_call", "audio")
    calls = (None, *range(_MOST_CALLS))
    return frozenset([*(f"{index}.{name}" for name in names), *(f"{index}.calls.{call}" for call in calls)])


def repeatable(document: Any) -> None:
    """Clients put the strings of all pieces together: who speaks, which call it is, how likely a piece was: said once."""
    for choice in _listed(document, "choices"):
        choice.pop("logprobs", None)
        delta = choice.get("delta")
        if isinstance(delta, dict):
            delta.pop("role", None)
            for call in _listed(delta, "tool_calls"):
                call.pop("id", None)
                call.pop("type", None)
                if isinstance(call.get("function"), dict):
                    call["function"].pop("name", None)


def _of(message: dict[str, Any], prefix: str | None) -> Iterator[Slot]:
    for name in _WRITTEN:
        if isinstance(message.get(name), str):
            yield Slot(_channel(prefix, name), message, name)
    for part in _listed(message, "content"):
        if isinstance(part.get("text"), str):
            yield Slot(_channel(prefix, "content"), part, "text")
        for piece in _listed(part, "thinking"):
            if isinstance(piece.get("text"), str):
                yield Slot(_channel(prefix, "thinking"), piece, "text")
    for call in _listed(message, "tool_calls"):
        yield from _arguments(call.get("function"), _channel(prefix, f"calls.{call.get('index')}"))
    yield from _arguments(message.get("function_call"), _channel(prefix, "function_call"))
    audio = message.get("audio")
    if isinstance(audio, dict) and isinstance(audio.get("transcript"), str):
        yield Slot(_channel(prefix, "audio"), audio, "transcript")


def _arguments(function: Any, channel: str | None) -> Iterator[Slot]:
    arguments = function.get("arguments") if isinstance(function, dict) else None
    if isinstance(arguments, str):
        yield Slot(channel, function, "arguments", json=True)
    elif isinstance(arguments, dict):  # some servers give an object
        yield Slot(None, function, "arguments")


def _channel(prefix: str | None, name: str) -> str | None:
    return None if prefix is None else f"{prefix}.{name}"


def _listed(holder: Any, key: str) -> list[dict[str, Any]]:
    listed = holder.get(key) if isinstance(holder, dict) else None
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
