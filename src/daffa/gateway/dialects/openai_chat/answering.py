"""What an upstream of chat completions answers, read whole or as its events come. Knows no other protocol.

Servers that speak like OpenAI differ in small things, and all of these are read: thoughts as ``reasoning_content`` or
``reasoning`` or as parts of the content, ``content`` null or empty beside calls, calls without an id or an index or all
with the index 0, arguments as an object or not at all, usage in the last event or in every one, a stream that ends without
``[DONE]``, and a ``finish_reason`` that is empty, unknown, or ``stop`` where tools are called.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from daffa.errors import Unavailable

from ...conversation import Ended, Event, Failed, Finish, Part, Reply, Started, Text, Thinking, ToolCall, Usage
from ..openai import UNREADABLE, message_in, usage_of
from .joining import Joining

__all__ = ["ChatEventReader", "read_reply"]

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "length": "length",
    "model_length": "length",
    "max_tokens": "length",
    "tool_calls": "tools",
    "function_call": "tools",
    "content_filter": "filtered",
}


def read_reply(body: bytes) -> Reply:
    """A whole answer. Raises ``Unavailable`` (``upstream_unreadable``)."""
    document = _document(body)
    choice = _first(document)
    message = choice.get("message") if choice is not None else None
    if choice is None or not isinstance(message, dict):
        raise _unreadable()
    reply_id = _id(document, body)
    parts: list[Part] = [Thinking(thought) for thought in [_thought(message)] if thought]
    parts += [Text(text) for text in [_said(message)] if text]
    calls = [_call(call, f"{reply_id}-{at}") for at, call in enumerate(_listed(message, "tool_calls"))]
    refused = bool(_text(message, "refusal"))
    finish = _finish(choice.get("finish_reason"), called=bool(calls), refused=refused)
    return Reply(id=reply_id, parts=(*parts, *calls), finish=finish, usage=usage_of(document.get("usage")))


class ChatEventReader:
    """Reads one stream."""

    def __init__(self) -> None:
        self._parts = Joining()
        self._id: str | None = None
        self._finish: Any = None
        self._refused = False
        self._usage: Usage | None = None
        self._over = False

    def read(self, name: str, document: bytes) -> Iterable[Event]:
        """The events in one server-sent event. Raises ``Unavailable`` (``upstream_unreadable``)."""
        if self._over:
            return ()
        if document.strip() == b"[DONE]":
            return self._end()
        return self._read(name, document)

    def end(self) -> Iterable[Event]:
        """What the end of the bytes means. Raises ``Unavailable`` (``upstream_broke_off``) where the answer is not whole."""
        if self._over:
            return ()
        if not self._finish:
            raise Unavailable("upstream_broke_off", reason="no end")
        return self._end()

    def _read(self, name: str, raw: bytes) -> Iterator[Event]:
        document = _document(raw)
        if name == "error" or document.get("error") or document.get("object") == "error":
            self._over = True
            yield Failed(message_in(document))
            return
        self._usage = usage_of(document.get("usage")) or self._usage
        if (choice := _first(document)) is None:
            return
        if self._id is None:
            self._id = _id(document, raw)
            yield Started(self._id)
        delta = choice.get("delta")
        if isinstance(delta, dict):
            yield from self._delta(delta, self._id)
        if choice.get("finish_reason"):
            self._finish = choice["finish_reason"]

    def _delta(self, delta: dict[str, Any], reply_id: str) -> Iterator[Event]:
        if thought := _thought(delta):
            yield from self._parts.said(Thinking(""), thought)
        if text := _said(delta):
            yield from self._parts.said(Text(""), text)
        self._refused = self._refused or bool(_text(delta, "refusal"))
        for call in _listed(delta, "tool_calls"):
            function = call.get("function")
            function = function if isinstance(function, dict) else {}
            index = call.get("index")
            yield from self._parts.called(
                index if isinstance(index, int) else None,
                _text(call, "id"),
                _text(function, "name"),
                _arguments(function),
                reply_id,
            )

    def _end(self) -> Iterator[Event]:
        self._over = True
        if self._id is None:
            raise _unreadable()
        yield from self._parts.end()
        finish = _finish(self._finish, called=self._parts.called_any, refused=self._refused)
        yield Ended(finish, self._usage)


def _unreadable() -> Unavailable:
    return Unavailable("upstream_unreadable", status=200)


def _document(raw: bytes) -> dict[str, Any]:
    try:
        document = _decode(raw)
    except UNREADABLE as error:
        raise _unreadable() from error
    if not isinstance(document, dict):
        raise _unreadable()
    return document


def _id(document: dict[str, Any], raw: bytes) -> str:
    """The answer's id; where it has none, one made from its bytes."""
    return _text(document, "id") or hashlib.sha256(raw).hexdigest()[:24]


def _first(document: dict[str, Any]) -> dict[str, Any] | None:
    """The first choice: no more than one was asked for."""
    choices = [choice for choice in _listed(document, "choices") if choice.get("index") in (0, None)]
    return choices[0] if choices else None


def _listed(holder: dict[str, Any], key: str) -> list[dict[str, Any]]:
    listed = holder.get(key)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _text(holder: dict[str, Any], key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def _thought(message: dict[str, Any]) -> str:
    inner = [_text(piece, "text") for part in _listed(message, "content") for piece in _listed(part, "thinking")]
    return (_text(message, "reasoning_content") or _text(message, "reasoning")) + "".join(inner)


def _said(message: dict[str, Any]) -> str:
    parts = [_text(part, "text") for part in _listed(message, "content")]
    return _text(message, "content") + "".join(parts) + _text(message, "refusal")


def _call(call: dict[str, Any], derived: str) -> ToolCall:
    function = call.get("function")
    if not isinstance(function, dict) or not _text(function, "name"):
        raise _unreadable()
    return ToolCall(_text(call, "id") or f"call_{derived}", _text(function, "name"), _arguments(function) or "{}")


def _arguments(function: dict[str, Any]) -> str:
    arguments = function.get("arguments")
    return _encode(arguments).decode() if isinstance(arguments, dict) else _text(function, "arguments")


def _finish(stated: Any, *, called: bool, refused: bool) -> Finish:
    if stated == "error":
        raise Unavailable("upstream_broke_off", reason="the model's server ended with an error")
    finish = _FINISHES.get(stated, "stop") if isinstance(stated, str) else "stop"
    if finish != "stop":
        return finish
    return "tools" if called else "filtered" if refused else "stop"
