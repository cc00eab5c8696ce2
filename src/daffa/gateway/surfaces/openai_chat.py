"""OpenAI chat completions as clients speak it: read a request, patch it for an upstream, speak errors. Pure; does no I/O.

Only what the gateway needs is decoded. All other fields travel as the bytes that the client sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from daffa.errors import DaffaError, Invalid

__all__ = ["ChatRequest", "Usage", "body_for", "error_body", "error_event", "model_list", "model_row", "read", "usage_of"]

_TEXT_PARTS = frozenset({"text", "refusal"})
_NEEDS_BY_PART = {"image_url": "images", "input_audio": "audio", "file": "files"}


class _Part(msgspec.Struct, gc=False):
    type: str


class _Message(msgspec.Struct, gc=False):
    role: str
    content: str | list[_Part] | None = None


class _ResponseFormat(msgspec.Struct, gc=False):
    type: str = "text"


class _StreamOptions(msgspec.Struct, gc=False):
    include_usage: bool | None = False


_Count = Annotated[int, msgspec.Meta(ge=1)]


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
    metadata: dict[str, Any] | None = None


class Usage(msgspec.Struct, gc=False):
    """Tokens as the upstream counted them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class _WithUsage(msgspec.Struct, gc=False):
    usage: Usage | None = None
    choices: list[msgspec.Raw] | None = None


_read_body = msgspec.json.Decoder(_Body).decode
_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_usage = msgspec.json.Decoder(_WithUsage).decode
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat request, as far as the gateway must understand it.

    Attributes:
        model: what the client asks for.
        stream: whether the answer shall come in events.
        wants_usage: whether the client asked for the usage event of a stream.
        needs: capabilities that a model must have.
        opaque: whether a part of the content cannot be read as text (images, audio, files).
        answer_tokens: the most tokens that the answer may have; 0 where the client does not say.
        metadata: the client's metadata, where a label may be declared.
        raw: the body as it came.
    """

    model: str
    stream: bool
    wants_usage: bool
    needs: frozenset[str]
    opaque: bool
    answer_tokens: int
    metadata: Mapping[str, Any]
    raw: bytes


def read(raw: bytes) -> ChatRequest:
    """Read a request's body. Raises ``Invalid`` naming the field and what was expected."""
    try:
        body = _read_body(raw)
    except msgspec.ValidationError as error:
        field, expected = _field_of(str(error))
        raise Invalid("invalid_request_field", field=field, expected=expected) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
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
        answer_tokens=body.max_completion_tokens or body.max_tokens or 0,
        metadata=body.metadata or {},
        raw=raw,
    )


def body_for(request: ChatRequest, upstream_model: str) -> bytes:
    """The bytes to send upstream: the client's, with the model's name there, and usage always asked for in streams."""
    fields: dict[str, Any] = _read_fields(request.raw)
    fields["model"] = upstream_model
    if request.stream and not request.wants_usage:
        stated = bytes(fields.get("stream_options", b"null"))
        options = _read_fields(stated) if stated != b"null" else {}
        fields["stream_options"] = {**options, "include_usage": True}
    return _encode(fields)


def usage_of(document: bytes) -> tuple[Usage | None, bool]:
    """The usage in an answer or an event, and whether the event carries nothing else. ``(None, False)`` where unreadable."""
    try:
        found = _read_usage(document)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None, False
    return found.usage, found.usage is not None and found.choices == []


_TYPES = {400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "invalid_request_error"}
_TYPES |= {413: "invalid_request_error", 429: "rate_limit_error", 451: "policy_refusal"}


def error_body(error: DaffaError, status: int, language: str, more: Mapping[str, Any] | None = None) -> bytes:
    """An error in OpenAI's shape, its sentence in ``language``; ``more`` is added to the error object."""
    fields = {
        "message": error.say(language),
        "type": _TYPES.get(status, "api_error"),
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


def _field_of(message: str) -> tuple[str, str]:
    """Split msgspec's «Expected `int`, got `str` - at `$.a[0].b`» into the field and the expectation."""
    said, _, path = message.partition(" - at ")
    field = path.strip("`").removeprefix("$").lstrip(".")
    if "missing required field" in said:
        missing = said.split("`")[1]
        return f"{field}.{missing}" if field else missing, "to be present"
    return field or "body", said.removeprefix("Expected ").replace("`", "")
