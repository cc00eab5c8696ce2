"""OpenAI chat completions as upstreams speak it: patch a request, read usage off an answer. Pure; does no I/O.

All fields but the model's name travel as the bytes that the client sent. Of a key that is given twice the last counts, and
at every level that is read here only that one travels: nobody behind us can be shown another request than the one that
was decided on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import msgspec

from ...conversation import Conversation, Reply, Written
from ...dialect import EventReader, Slot
from ...metering import Reading
from ...request import Request
from ..openai import UNREADABLE, error_message, refuse_respelled, texts, without_declarations
from .answering import ChatEventReader, read_reply
from .asking import write_request
from .slots import closes, piece, repeatable, slots

__all__ = ["IDIOM", "OpenAIChatIdiom"]

_NULL = msgspec.Raw(b"null")
_Tokens = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: _Tokens = 0
    completion_tokens: _Tokens = 0


class _Answer(msgspec.Struct, gc=False):
    usage: msgspec.Raw = _NULL
    choices: list[msgspec.Raw] | None = None


_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_rows: Callable[[bytes | msgspec.Raw], list[dict[str, Any]]] = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode
_read_answer = msgspec.json.Decoder(_Answer).decode
_read_usage: Callable[[bytes | msgspec.Raw], _Usage | None] = msgspec.json.Decoder(_Usage | None).decode
_encode = msgspec.json.Encoder().encode
# What is read of a request, of a message, and of a part of one.
_READ = frozenset({
    "model", "messages", "stream", "stream_options", "tools", "functions", "response_format", "metadata", "n", "max_tokens",
    "max_completion_tokens",
})  # fmt: skip
_READ_OF_MESSAGE = frozenset({"role", "content"})
_READ_OF_PART = frozenset({"type", "text", "image_url", "input_audio", "file"})


class OpenAIChatIdiom:
    """What upstreams of ``/chat/completions`` speak."""

    name = "openai_chat"
    # Many upstreams say "usage": null in every event: those are not looked at.
    usage_mark = re.compile(rb'"usage"\s*:\s*\{')
    # It opens with what the engine can look for at once: what must not stand before it is asked behind that.
    done_mark = re.compile(rb"data:(?<![^\r\n]data:) ?\[DONE\]")

    def patched(self, request: Request, upstream_model: str) -> bytes:
        """The bytes to send upstream: the client's, with the model's name there, and usage always asked for in streams."""
        fields: dict[str, Any] = _read_fields(request.raw)
        refuse_respelled(fields, _READ)
        fields["model"] = upstream_model
        fields["messages"] = messages = _read_rows(fields["messages"])
        for message in messages:
            refuse_respelled(message, _READ_OF_MESSAGE)
            if bytes(memoryview(message.get("content", b""))[:1]) == b"[":
                message["content"] = parts = _read_rows(message["content"])
                for part in parts:
                    refuse_respelled(part, _READ_OF_PART)
        without_declarations(fields, request)
        if request.stream and not request.wants_usage:
            stated = bytes(fields.get("stream_options", b"null"))
            options = _read_fields(stated) if stated != b"null" else {}
            fields["stream_options"] = {**options, "include_usage": True}
        return _encode(fields)

    def reading(self, document: bytes) -> Reading | None:
        """What an answer, or one event of it, says for the meter; ``None`` where it is no JSON object."""
        try:
            found = _read_answer(document)
        except UNREADABLE:
            return None
        usage = _usage(found.usage)
        return Reading(usage.prompt_tokens, usage.completion_tokens, found.choices == []) if usage else Reading()

    def write_request(self, conversation: Conversation, upstream_model: str) -> Written:
        """``conversation`` as the upstream reads it. Raises ``NotCarried``."""
        return write_request(conversation, upstream_model)

    def prompts(self, body: Any) -> Iterable[Slot]:
        """Every text of a decoded request body that is no name of the protocol's."""
        return texts(body)

    def slots(self, document: Any) -> Iterable[Slot]:
        """Every text that a model wrote in a decoded answer or chunk."""
        return slots(document)

    def piece(self, document: bytes) -> tuple[str, str] | None:
        """Channel and text of a chunk that is more of one text and nothing else."""
        return piece(document)

    def closes(self, document: Any) -> frozenset[str]:
        """The channels of the choices that a decoded chunk ends."""
        return closes(document)

    def repeatable(self, document: Any) -> None:
        """Take out of a decoded chunk what a stream says only once."""
        repeatable(document)

    def read_reply(self, body: bytes) -> Reply:
        """A whole answer. Raises ``Unavailable`` (``upstream_unreadable``)."""
        return read_reply(body)

    def event_reader(self) -> EventReader:
        """What reads one stream."""
        return ChatEventReader()

    def error_message(self, body: bytes) -> str:
        """What an answer with an error's status says in words; empty where it says nothing readable."""
        return error_message(body)


IDIOM = OpenAIChatIdiom()


def _usage(stated: msgspec.Raw) -> _Usage | None:
    try:
        return _read_usage(stated)
    except UNREADABLE:
        return None
