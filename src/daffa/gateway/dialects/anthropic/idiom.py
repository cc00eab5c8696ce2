"""Anthropic Messages as upstreams speak it: patch a request, find its texts, read usage off an answer. Pure; does no I/O.

All fields but the model's name travel as the bytes that the client sent. Of a key that is given twice the last counts, and
at every level that is read (here and in ``surface``) only that one travels: nobody behind us can be shown another request
than the one that was decided on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, Literal

import msgspec

from ...conversation import Conversation, Reply, Written
from ...dialect import Slot
from ...metering import Reading
from ...request import DECLARATIONS, Request
from .answering import MessageReader, error_message, read_count, read_message
from .asking import written_request
from .fields import DEEPEST, UNREADABLE

__all__ = ["COUNTING_IDIOM", "IDIOM", "AnthropicCountIdiom", "AnthropicIdiom"]

_NULL = msgspec.Raw(b"null")
_Tokens = Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None


class _Usage(msgspec.Struct, gc=False):
    input_tokens: _Tokens = None
    cache_creation_input_tokens: _Tokens = None
    cache_read_input_tokens: _Tokens = None
    output_tokens: _Tokens = None


class _Holder(msgspec.Struct, gc=False):
    usage: msgspec.Raw = _NULL
    message: msgspec.Raw = _NULL


class _Delta(msgspec.Struct, gc=False):
    type: Literal["text_delta"]
    text: str
    stop_sequence: None = None
    thinking: None = None
    partial_json: None = None
    citation: None = None


class _Piece(msgspec.Struct, gc=False):
    type: Literal["content_block_delta"]
    index: int
    delta: _Delta
    content: None = None
    content_block: None = None
    error: None = None
    stop_sequence: None = None


_read_piece = msgspec.json.Decoder(_Piece).decode
_read_fields: Callable[[bytes | msgspec.Raw], dict[str, Any]] = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_rows: Callable[[bytes | msgspec.Raw], list[dict[str, Any]]] = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode
_read_holder: Callable[[bytes | msgspec.Raw], _Holder] = msgspec.json.Decoder(_Holder).decode
_read_usage: Callable[[bytes | msgspec.Raw], _Usage | None] = msgspec.json.Decoder(_Usage | None).decode
_encode = msgspec.json.Encoder().encode

# Of a request: names and numbers of the protocol's, at its top.
_NAMES = frozenset({"model", "service_tier", "speed", "inference_geo", "thinking", "tool_choice", "cache_control", "container"})
# Of a block: its kind, what it is called by, and what is opaque or would no longer be what it is.
_KEYS = frozenset(
    {"type", "role", "id", "tool_use_id", "name", "media_type", "signature", "cache_control", "url", "file_id", "caller"}
)
# What holds a client's own names, and none of the protocol's; ``input``, a call's arguments, is one slot as a whole.
_FREE = frozenset({"input_schema", "schema"})


class AnthropicIdiom:
    """What upstreams of ``/v1/messages`` speak."""

    name = "anthropic"
    usage_mark = re.compile(rb'"usage"\s*:\s*\{')
    done_mark = re.compile(rb'"type"\s*:\s*"message_stop"')

    def patched(self, request: Request, upstream_model: str) -> bytes:
        """The client's own bytes, with the model's name as the upstream knows it."""
        fields = _read_fields(request.raw)
        fields["model"] = upstream_model
        fields["messages"] = messages = _read_rows(fields["messages"])
        for message in messages:
            message["content"] = _last_of_each(message["content"])
        if "system" in fields:
            fields["system"] = _last_of_each(fields["system"])
        for name in ("output_config", "output_format"):
            if _begins(fields.get(name), b"{"):
                fields[name] = shape = _read_fields(fields[name])
                if _begins(shape.get("format"), b"{"):
                    shape["format"] = _read_fields(shape["format"])
        if _begins(fields.get("metadata"), b"{"):
            fields["metadata"] = {
                name: said for name, said in _read_fields(fields["metadata"]).items() if name not in DECLARATIONS
            }
        return _encode(fields)

    def write_request(self, conversation: Conversation, upstream_model: str) -> Written:
        """``conversation`` as the upstream reads it. Raises ``NotCarried`` and ``Invalid``."""
        return written_request(conversation, upstream_model)

    def prompts(self, body: Any) -> Iterable[Slot]:
        """Every text of a decoded request body that may hold somebody's data."""
        for name in body:
            if name not in _NAMES:
                yield from _texts(body, name)

    def reading(self, document: bytes) -> Reading | None:
        """What an answer, or one event of it, says for the meter; ``None`` where it is no JSON object."""
        try:
            found = _read_holder(document)
        except UNREADABLE:
            return None
        try:
            usage = _read_usage(found.usage) or _read_usage(_read_holder(found.message).usage)
        except UNREADABLE:
            usage = None
        if usage is None:
            return Reading()
        cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
        return Reading(None if usage.input_tokens is None else usage.input_tokens + cached, usage.output_tokens)

    def slots(self, document: Any) -> Iterable[Slot]:
        """Every text that a model wrote in a decoded answer or event. A block of a stream is one channel, by its index."""
        if isinstance(document.get("content"), list):
            yield from _texts(document, "content")
        if isinstance(document.get("content_block"), dict):
            yield from _texts(document, "content_block")
        delta = document.get("delta")
        if isinstance(delta, dict):
            for key in ("text", "thinking", "partial_json"):
                if isinstance(delta.get(key), str):
                    yield Slot(str(document.get("index")), delta, key, json=key == "partial_json")
            yield from _texts(delta, "citation")
        if isinstance(document.get("error"), dict):
            yield from _texts(document["error"], "message")
        for holder in (document, delta):
            if isinstance(holder, dict) and isinstance(holder.get("stop_sequence"), str):
                yield Slot(None, holder, "stop_sequence")

    def piece(self, document: bytes) -> tuple[str, str] | None:
        """The block and the words of a ``text_delta``."""
        if b'"text_delta"' not in document:
            return None
        try:
            found = _read_piece(document)
        except UNREADABLE:
            return None
        return str(found.index), found.delta.text

    def closes(self, document: Any) -> frozenset[str]:
        """The block that has ended, or that is signed, which comes after its last word."""
        delta = document.get("delta")
        signed = isinstance(delta, dict) and delta.get("type") == "signature_delta"
        ended = signed or document.get("type") == "content_block_stop"
        return frozenset({str(document.get("index"))}) if ended else frozenset()

    def repeatable(self, document: Any) -> None:
        """Nothing: no event that carries text says what may be said only once."""

    def read_reply(self, body: bytes) -> Reply:
        """A whole answer. Raises ``Unavailable`` (``upstream_unreadable``)."""
        return read_message(body)

    def event_reader(self) -> MessageReader:
        """What reads one stream."""
        return MessageReader()

    def error_message(self, body: bytes) -> str:
        """What an answer with an error's status says in words; empty where it says nothing readable."""
        return error_message(body)


class AnthropicCountIdiom(AnthropicIdiom):
    """What upstreams of ``/v1/messages/count_tokens`` speak: the same questions, and a number for an answer."""

    name = "anthropic_count"

    def write_request(self, conversation: Conversation, upstream_model: str) -> Written:
        """``conversation`` as the upstream counts it. Raises ``NotCarried`` and ``Invalid``."""
        return written_request(conversation, upstream_model, counting=True)

    def read_reply(self, body: bytes) -> Reply:
        """The count, as usage. Raises ``Unavailable`` (``upstream_unreadable``)."""
        return read_count(body)


IDIOM = AnthropicIdiom()
COUNTING_IDIOM = AnthropicCountIdiom()


def _begins(raw: msgspec.Raw | None, mark: bytes) -> bool:
    return raw is not None and bytes(memoryview(raw)[:1]) == mark


def _last_of_each(content: Any, depth: int = 0) -> Any:
    """Blocks with each key once, down to where they are looked into; anything else as it is."""
    if depth > DEEPEST or not _begins(content, b"["):
        return content
    try:
        blocks = _read_rows(content)
    except UNREADABLE:
        return content
    for block in blocks:
        if "content" in block:
            block["content"] = _last_of_each(block["content"], depth + 1)
        if _begins(block.get("source"), b"{"):
            block["source"] = source = _read_fields(block["source"])
            if "content" in source:
                source["content"] = _last_of_each(source["content"], depth + 1)
    return blocks


def _texts(holder: dict[str, Any], key: str) -> Iterator[Slot]:
    """Every text in ``holder[key]``, in order; without recursion, for a client says how deep its body is."""
    waiting: list[tuple[Any, Any, bool]] = [(holder, key, False)] if key in holder else []
    while waiting:
        within, at, free = waiting.pop()
        value = within[at]
        if isinstance(value, str):
            yield Slot(None, within, at)
        elif isinstance(value, list):
            waiting += [(value, index, free) for index in reversed(range(len(value)))]
        elif isinstance(value, dict) and at == "input" and not free:
            yield Slot(None, within, at)
        elif isinstance(value, dict):
            names = value if free else [name for name in value if name not in _closed(value)]
            waiting += [(value, name, free or name in _FREE) for name in reversed(list(names))]


def _closed(block: dict[str, Any]) -> frozenset[str]:
    """The keys of a block whose values are no texts: bytes in base64 are none, a plain document's data are."""
    return _KEYS | {"data"} if block.get("type") in ("base64", "redacted_thinking") else _KEYS
