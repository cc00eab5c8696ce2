"""A request's body as a question to the assistant: OpenAI's chat, and the extension ``daffa``. Pure; asks nobody."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import msgspec

from daffa.errors import Invalid
from daffa.gateway import Asker
from daffa.library import day_of

from .asked import Asked, Said

__all__ = ["Wanted", "read_request"]

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class _Part(msgspec.Struct):
    type: str = "text"
    text: str = ""


class _Message(msgspec.Struct):
    role: str
    content: str | list[_Part] | None = None


class _Options(msgspec.Struct):
    include_usage: bool | None = False


class _Extension(msgspec.Struct, forbid_unknown_fields=True):
    collections: Annotated[list[_Id], msgspec.Meta(max_length=100)] = []
    language: Annotated[str, msgspec.Meta(pattern="^([a-zA-Z]{2,3}(-[a-zA-Z]{4})?)?$")] = ""
    day: datetime.date | None = None
    task: dict[str, Any] = {}


class _Body(msgspec.Struct):
    messages: list[_Message]
    model: str = ""
    stream: bool | None = False
    stream_options: _Options | None = None
    n: int | None = 1
    daffa: _Extension | None = None


class Wanted(msgspec.Struct, frozen=True):
    """How the answer is given: under which model's name, whole or streamed, with usage at the end or without."""

    asked: Asked
    model: str
    wants_usage: bool


_decode = msgspec.json.Decoder(_Body).decode


def read_request(body: bytes, asker: Asker, reference: str) -> Wanted:
    """The question. Raises ``Invalid`` naming the field."""
    try:
        read = _decode(body)
    except msgspec.ValidationError as error:
        field, expected = _field_of(str(error))
        raise Invalid("invalid_request_field", field=field, expected=expected) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Invalid("invalid_json", reason=str(error)) from error
    if read.n not in (None, 1):
        raise Invalid("invalid_field", field="n", expected=1, got=read.n)
    extension = read.daffa or _Extension()
    asked = Asked(
        turns=tuple(Said(message.role, _text(message)) for message in read.messages),
        asker=asker,
        reference=reference,
        collections=tuple(extension.collections),
        language=extension.language,
        day=day_of(extension.day) if extension.day else None,
        task=extension.task,
    )
    return Wanted(asked, read.model, read.stream_options is not None and bool(read.stream_options.include_usage))


def _text(message: _Message) -> str:
    if isinstance(message.content, list):
        return "".join(part.text for part in message.content)
    return message.content or ""


def _field_of(message: str) -> tuple[str, str]:
    """Msgspec's «Expected `int`, got `str` - at `$.a`» as the field and the expectation."""
    said, _, path = message.partition(" - at ")
    field = path.strip("`").removeprefix("$").lstrip(".")
    if "unknown field" in said:
        unknown = said.split("`")[1]
        return f"{field}.{unknown}" if field else unknown, "collections | language | day | task"
    return field or "body", said.removeprefix("Expected ").replace("`", "")
