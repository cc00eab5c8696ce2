"""Errors, usage, and media as URLs, as all of OpenAI's protocols have them. Pure; does no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from daffa.errors import DaffaError, Invalid

from ...conversation import Media, Usage
from ...request import Request
from ..fields import UNREADABLE, Fields

__all__ = [
    "EFFORTS",
    "data_url",
    "error_body",
    "error_message",
    "error_object",
    "invalid",
    "media_of",
    "message_in",
    "metadata_left",
    "prefixed",
    "refuse_respelled",
    "together",
    "upstream_error",
    "usage_of",
    "with_description",
    "without_declarations",
]

EFFORTS = ("none", "minimal", "low", "medium", "high")
"""How much thought can be asked for in every protocol."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error", 451: "policy_refusal"}
_MOST = 2**53


def error_object(error: DaffaError, status: int, language: str) -> dict[str, Any]:
    """What is wrong, in OpenAI's words for kinds of errors and in a sentence in ``language``."""
    return {
        "message": error.say(language),
        "type": _type_of(status),
        "param": error.facts.get("field"),
        "code": error.code,
    }


def error_body(error: DaffaError, status: int, language: str, more: Mapping[str, Any] | None = None) -> bytes:
    """An error in OpenAI's shape; ``more`` is added to the error object."""
    return _encode({"error": {**error_object(error, status, language), **(more or {})}})


def upstream_error(message: str, status: int) -> bytes:
    """What an upstream of another protocol found wrong, in its words."""
    return _encode({"error": {"message": message, "type": _type_of(status), "param": None, "code": None}})


def _type_of(status: int) -> str:
    return _TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")


def error_message(body: bytes) -> str:
    """What an error of an OpenAI-like upstream says in words; empty where it says nothing readable."""
    try:
        return message_in(_decode(body))
    except UNREADABLE:
        return ""


def message_in(said: Any) -> str:
    """The words of an error in any of the shapes that OpenAI-like upstreams give it."""
    for _ in range(4):
        if isinstance(said, str):
            return said
        if isinstance(said, list):  # of faults, each with its place (FastAPI)
            return "; ".join(filter(None, map(_fault, said)))
        if not isinstance(said, dict):
            return ""
        said = next((said[key] for key in ("error", "message", "detail", "msg") if said.get(key)), None)
    return ""


def _fault(fault: Any) -> str:
    if not isinstance(fault, dict) or not isinstance(fault.get("msg"), str):
        return ""
    place = fault.get("loc")
    return f"{'.'.join(map(str, place))}: {fault['msg']}" if isinstance(place, list) else fault["msg"]


def invalid(error: Exception) -> Invalid:
    """What the decoder found wrong with a body, by field."""
    if isinstance(error, msgspec.ValidationError):
        field, expected = _field_of(str(error))
        return Invalid("invalid_request_field", field=field, expected=expected)
    return Invalid("invalid_json", reason=str(error))


def _field_of(message: str) -> tuple[str, str]:
    """Split msgspec's «Expected `int`, got `str` - at `$.a[0].b`» into the field and the expectation."""
    said, _, path = message.partition(" - at ")
    field = path.strip("`").removeprefix("$").lstrip(".")
    if "missing required field" in said:
        missing = said.split("`")[1]
        return f"{field}.{missing}" if field else missing, "to be present"
    return field or "body", said.removeprefix("Expected ").replace("`", "")


def usage_of(stated: Any) -> Usage | None:
    """Usage as chat completions count it; None where nothing readable is said."""
    if not isinstance(stated, dict):
        return None
    read, written = _count(stated.get("prompt_tokens")), _count(stated.get("completion_tokens"))
    if read is None and written is None:
        return None
    cached = _inside(stated, "prompt_tokens_details", "cached_tokens")
    thought = _inside(stated, "completion_tokens_details", "reasoning_tokens")
    return Usage(read or 0, written or 0, cached or _count(stated.get("prompt_cache_hit_tokens")) or 0, thought or 0)


def together(begun: Usage | None, ended: Usage | None) -> Usage | None:
    """The usage at the end of a stream, with what was said at its beginning where the end does not say it."""
    if begun is None or ended is None:
        return ended or begun
    return Usage(ended.tokens_in or begun.tokens_in, ended.tokens_out, ended.cached or begun.cached, ended.thought)


def _inside(stated: dict[str, Any], group: str, name: str) -> int | None:
    details = stated.get(group)
    return _count(details.get(name)) if isinstance(details, dict) else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST else None


def media_of(kind: Literal["images", "audio", "files"], url: str, holder: Fields, field: str, name: str = "") -> Media:
    """What the URL in a field stands for: the data itself (``data:``, in base64), or where it is. Raises ``NotCarried``."""
    if not url.startswith("data:"):
        return Media(kind, url=url, name=name)
    head, comma, data = url[5:].partition(",")
    media_type, _, coding = head.rpartition(";")
    if not comma or coding != "base64":
        raise holder.not_carried(field)
    return Media(kind, media_type=media_type, data=data, name=name)


def data_url(media: Media) -> str:
    """The URL of a medium."""
    return media.url or f"data:{media.media_type or 'application/octet-stream'};base64,{media.data}"


def prefixed(prefix: str, name: str) -> str:
    """An id that begins as the protocol's ids do."""
    return name if name.startswith(prefix) else prefix + name


def metadata_left(body: Fields) -> None:
    """What a client's metadata says to us is kept here; the rest is for the vendor's own lists, and left out."""
    metadata = body.plain("metadata") or {}
    if any(not name.startswith("daffa_") for name in metadata):
        body.note("metadata")


def without_declarations(fields: dict[str, Any], request: Request) -> None:
    """Take what a client declares of its own request out of its fields, which are undecoded: it is said to us alone."""
    if request.metadata:
        kept = {name: value for name, value in _read_fields(fields["metadata"]).items() if name not in request.metadata}
        fields["metadata"] = kept
        if not kept:
            del fields["metadata"]


def refuse_respelled(fields: Iterable[str], read: frozenset[str]) -> None:
    """Raise ``Invalid`` for a field that is one of those ``read`` here but for its case.

    Servers written in Go take ``Messages`` for ``messages``: they would be shown what nobody decided on.
    """
    for name in fields:
        if name not in read and name.casefold() in read:
            raise Invalid("invalid_request_field", field=name[:80], expected=f"to be spelled {name.casefold()}")


def with_description(schema: dict[str, Any], description: str | None) -> dict[str, Any]:
    """A schema that says for itself what it is for."""
    return {"description": description, **schema} if description else schema
