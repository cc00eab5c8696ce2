"""OpenAI embeddings as upstreams speak it: patch a request, read usage off an answer. Pure; does no I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from daffa.errors import Unavailable

from ...conversation import Conversation, NotCarried, Reply, Written
from ...dialect import EventReader, Slot
from ...metering import Reading
from ...request import Request
from ..openai import UNREADABLE, error_message, refuse_respelled, texts, usage_of, without_declarations

__all__ = ["IDIOM", "OpenAIEmbeddingsIdiom"]


class _Answer(msgspec.Struct, gc=False):
    usage: msgspec.Raw = msgspec.Raw(b"null")


_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_answer: Callable[[bytes], _Answer] = msgspec.json.Decoder(_Answer).decode
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_READ = frozenset({"model", "input", "metadata"})


class OpenAIEmbeddingsIdiom:
    """What upstreams of ``/embeddings`` speak. Vectors hold no text: there is nothing to put back."""

    name = "openai_embeddings"
    usage_mark = re.compile(rb'"usage"\s*:\s*\{')
    done_mark = re.compile(rb"(?!)")

    def patched(self, request: Request, upstream_model: str) -> bytes:
        """The client's bytes, with the model's name as the upstream knows it."""
        fields: dict[str, Any] = _read_fields(request.raw)
        refuse_respelled(fields, _READ)
        fields["model"] = upstream_model
        without_declarations(fields, request)
        return _encode(fields)

    def write_request(self, conversation: Conversation, upstream_model: str) -> Written:  # noqa: ARG002 - whatever it says
        """A conversation asks for no vectors: always ``NotCarried``."""
        raise NotCarried("messages", self.name)

    def prompts(self, body: Any) -> Iterable[Slot]:
        """Every text of a decoded request body that is no name of the protocol's."""
        return texts(body)

    def reading(self, document: bytes) -> Reading | None:
        """What an answer says for the meter; ``None`` where it is no JSON object."""
        try:
            stated = _decode(_read_answer(document).usage)
        except UNREADABLE:
            return None
        usage = usage_of(stated)
        return Reading(usage.tokens_in, usage.tokens_out) if usage is not None else Reading()

    def slots(self, document: Any) -> Iterable[Slot]:  # noqa: ARG002 - numbers alone
        """No text."""
        return ()

    def piece(self, document: bytes) -> None:
        """No stream."""

    def closes(self, document: Any) -> frozenset[str]:  # noqa: ARG002 - no stream
        """No channel."""
        return frozenset()

    def repeatable(self, document: Any) -> None:
        """Nothing: no event that carries text says what may be said only once."""

    def read_reply(self, body: bytes) -> Reply:  # noqa: ARG002 - whatever it says
        """Vectors are no answer in words: always ``Unavailable``."""
        raise Unavailable("upstream_unreadable", status=200)

    def event_reader(self) -> EventReader:
        """Vectors do not come in events: always ``Unavailable``."""
        raise Unavailable("upstream_unreadable", status=200)

    def error_message(self, body: bytes) -> str:
        """What an answer with an error's status says in words; empty where it says nothing readable."""
        return error_message(body)


IDIOM = OpenAIEmbeddingsIdiom()
