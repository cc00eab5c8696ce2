"""OpenAI chat completions as clients speak it: read a request, patch it for an upstream, speak errors. Pure; does no I/O.

Only what the gateway needs is decoded. All other fields travel as the bytes that the client sent. Of a key that is
given twice the last counts, and at every level that is read here only that one travels: nobody behind us can be shown
another request than the one that was decided on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from daffa.errors import DaffaError, Invalid

from ..metering import Reading

__all__ = ["ChatRequest", "body_for", "error_body", "error_event", "model_list", "model_row", "read", "read_answer"]

_TEXT_PARTS = frozenset({"text", "refusal"})
_NEEDS_BY_PART = {"image_url": "images", "input_audio": "audio", "file": "files"}
_NULL = msgspec.Raw(b"null")
_DECLARATIONS = ("daffa_label", "daffa_purpose")


class _Part(msgspec.Struct, gc=False):
    type: str
    text: msgspec.Raw = _NULL


class _Message(msgspec.Struct, gc=False):
    role: str
    content: str | list[_Part] | None = None


class _ResponseFormat(msgspec.Struct, gc=False):
    type: str = "text"


class _StreamOptions(msgspec.Struct, gc=False):
    include_usage: bool | None = False


_Count = Annotated[int, msgspec.Meta(ge=1, le=2**31)]


class _Body(msgspec.Struct, gc=False):
    model: Annotated[str, msgspec.Meta(min_length=1)]
    messages: Annotated[list[_Message], msgspec.Meta(min_length=1)]
    stream: bool | None = False
    stream_options: _StreamOptions | None = None
    tools: list[msgspec.Raw] | None = None
    functions: list[msgspec.Raw] | None = None
    response_format: _ResponseFormat | None = None
    max_tokens: _Count | None = None
    max_completion_tokens: _Count | None = None
    metadata: dict[str, msgspec.Raw] | None = None


_Tokens = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: _Tokens = 0
    completion_tokens: _Tokens = 0


class _Answer(msgspec.Struct, gc=False):
    usage: msgspec.Raw = _NULL
    choices: list[msgspec.Raw] | None = None


_decode = msgspec.json.decode
_read_body = msgspec.json.Decoder(_Body).decode
_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_rows: Callable[[bytes | msgspec.Raw], list[dict[str, Any]]] = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode
_read_answer = msgspec.json.Decoder(_Answer).decode
_read_usage: Callable[[bytes | msgspec.Raw], _Usage | None] = msgspec.json.Decoder(_Usage | None).decode
_encode = msgspec.json.Encoder().encode
# What the decoder raises on bytes from outside.
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat request, as far as the gateway must understand it.

    Attributes:
        model: what the client asks for.
        stream: whether the answer shall come in events.
        wants_usage: whether the client asked for the usage event of a stream.
        needs: capabilities that a model must have.
        opaque: whether a part of the content cannot be read as text (images, audio, files).
        joined: the text of each message that comes in several parts, put together as a model reads it.
        question: the text of the user's last message; empty where none has any.
        answer_tokens: the most tokens that the answer may have; 0 where the client does not say.
        metadata: what the client's metadata declares: ``daffa_label`` and ``daffa_purpose``, where it has them.
        raw: the body as it came.
    """

    model: str
    stream: bool
    wants_usage: bool
    needs: frozenset[str]
    opaque: bool
    joined: tuple[str, ...]
    question: str
    answer_tokens: int
    metadata: Mapping[str, Any]
    raw: bytes


def read(raw: bytes) -> ChatRequest:
    """Read a request's body. Raises ``Invalid`` naming the field and what was expected."""
    try:
        body = _read_body(raw)
        # What is not decoded was not checked either; JSON between systems is UTF-8 (RFC 8259, 8.1).
        raw.decode()
        declared = body.metadata or {}
        metadata = {name: _decode(declared[name]) for name in _DECLARATIONS if name in declared}
        joined = tuple(_together(message) for message in body.messages if _is_in_parts(message))
        question = next((_together(message) for message in reversed(body.messages) if message.role == "user"), "")
    except msgspec.ValidationError as error:
        field, expected = _field_of(str(error))
        raise Invalid("invalid_request_field", field=field, expected=expected) from error
    except _UNREADABLE as error:
        raise Invalid("invalid_json", reason=str(error)) from error
    kinds = {part.type for message in body.messages if isinstance(message.content, list) for part in message.content}
    needs = {_NEEDS_BY_PART[kind] for kind in kinds if kind in _NEEDS_BY_PART}
    if body.tools or body.functions:
        needs.add("tools")
    if body.response_format is not None and body.response_format.type == "json_schema":
        needs.add("json_schema")
    return ChatRequest(
        model=body.model,
        stream=bool(body.stream),
        wants_usage=body.stream_options is not None and bool(body.stream_options.include_usage),
        needs=frozenset(needs),
        opaque=not kinds <= _TEXT_PARTS,
        joined=joined,
        question=question,
        answer_tokens=body.max_completion_tokens or body.max_tokens or 0,
        metadata=metadata,
        raw=raw,
    )


def body_for(request: ChatRequest, upstream_model: str) -> bytes:
    """The bytes to send upstream: the client's, with the model's name there, and usage always asked for in streams."""
    fields: dict[str, Any] = _read_fields(request.raw)
    fields["model"] = upstream_model
    fields["messages"] = messages = _read_rows(fields["messages"])
    for message in messages:
        if bytes(memoryview(message.get("content", b""))[:1]) == b"[":
            message["content"] = _read_rows(message["content"])
    if request.stream and not request.wants_usage:
        stated = bytes(fields.get("stream_options", b"null"))
        options = _read_fields(stated) if stated != b"null" else {}
        fields["stream_options"] = {**options, "include_usage": True}
    return _encode(fields)


def read_answer(document: bytes) -> Reading | None:
    """What an answer, or one event of it, says for the meter; ``None`` where it is no JSON object."""
    try:
        found = _read_answer(document)
    except _UNREADABLE:
        return None
    usage = _usage(found.usage)
    return Reading((usage.prompt_tokens, usage.completion_tokens), found.choices == []) if usage else Reading()


def _usage(stated: msgspec.Raw) -> _Usage | None:
    try:
        return _read_usage(stated)
    except _UNREADABLE:
        return None


_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error", 451: "policy_refusal"}


def error_body(error: DaffaError, status: int, language: str, more: Mapping[str, Any] | None = None) -> bytes:
    """An error in OpenAI's shape, its sentence in ``language``; ``more`` is added to the error object."""
    fields = {
        "message": error.say(language),
        "type": _TYPES.get(status, "invalid_request_error" if status < 500 else "api_error"),
        "param": error.facts.get("field"),
        "code": error.code,
    }
    return _encode({"error": {**fields, **(more or {})}})


def error_event(error: DaffaError, language: str) -> bytes:
    """The event that ends a stream which broke after its first byte."""
    return b"data: " + error_body(error, 502, language) + b"\n\n"


def model_list(rows: list[dict[str, Any]]) -> bytes:
    """The answer to ``GET /v1/models``."""
    return _encode({"object": "list", "data": rows})


def model_row(row: dict[str, Any]) -> bytes:
    """The answer to ``GET /v1/models/{model}``."""
    return _encode(row)


def _is_in_parts(message: _Message) -> bool:
    return isinstance(message.content, list) and len(message.content) > 1


def _together(message: _Message) -> str:
    """The text of a message, its parts put together as a model reads it."""
    if not isinstance(message.content, list):
        return message.content or ""
    texts = [_decode(part.text) for part in message.content]
    return "".join(text for text in texts if isinstance(text, str))


def _field_of(message: str) -> tuple[str, str]:
    """Split msgspec's «Expected `int`, got `str` - at `$.a[0].b`» into the field and the expectation."""
    said, _, path = message.partition(" - at ")
    field = path.strip("`").removeprefix("$").lstrip(".")
    if "missing required field" in said:
        missing = said.split("`")[1]
        return f"{field}.{missing}" if field else missing, "to be present"
    return field or "body", said.removeprefix("Expected ").replace("`", "")
