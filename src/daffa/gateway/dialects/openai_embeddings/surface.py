"""OpenAI embeddings as clients speak it: read a request, speak errors. Pure; does no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from daffa.errors import DaffaError

from ...conversation import Conversation, NotCarried, Reply
from ...dialect import EventWriter
from ...request import DECLARATIONS, Kind, Request
from ..openai import UNREADABLE, error_body, invalid, upstream_error

__all__ = ["SURFACE", "OpenAIEmbeddingsSurface"]

_Count = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
_Token = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Body(msgspec.Struct, gc=False):
    model: Annotated[str, msgspec.Meta(min_length=1)]
    input: str | Annotated[list[str | _Token | list[_Token]], msgspec.Meta(min_length=1)]
    dimensions: _Count | None = None
    encoding_format: str | None = None
    metadata: dict[str, msgspec.Raw] | None = None


_read_body = msgspec.json.Decoder(_Body).decode


class OpenAIEmbeddingsSurface:
    """What clients of ``/v1/embeddings`` speak."""

    name = "openai_embeddings"
    kind: Kind = "embeddings"

    def read(self, raw: bytes, *, model: str = "", stream: bool = False) -> Request:  # noqa: ARG002 - it is never streamed
        """A request's body; tokens given instead of text cannot be read as text. Raises ``Invalid`` naming the field."""
        try:
            body = _read_body(raw)
            # What is not decoded was not checked either; JSON between systems is UTF-8 (RFC 8259, 8.1).
            raw.decode()
            stated = body.metadata or {}
            metadata = {name: msgspec.json.decode(stated[name]) for name in DECLARATIONS if name in stated}
        except UNREADABLE as error:
            raise invalid(error) from error
        given = [body.input] if isinstance(body.input, str) else body.input
        texts = [each for each in given if isinstance(each, str)]
        return Request(
            model=body.model,
            stream=False,
            wants_usage=True,
            needs=frozenset({"embeddings"}),
            opaque=len(texts) < len(given),
            joined=(),
            question=texts[-1] if texts else "",
            answer_tokens=0,
            metadata=metadata,
            raw=raw,
            kind="embeddings",
        )

    def converse(self, request: Request) -> Conversation:  # noqa: ARG002 - whatever it says
        """No other protocol has a place for it: always ``NotCarried``."""
        raise NotCarried("input", self.name)

    def write_reply(self, reply: Reply, request: Request) -> bytes:  # noqa: ARG002 - whatever it says
        """No other protocol answers in vectors: always ``NotCarried``."""
        raise NotCarried("input", self.name)

    def event_writer(self, request: Request) -> EventWriter:  # noqa: ARG002 - whatever it says
        """Vectors do not come in events: always ``NotCarried``."""
        raise NotCarried("input", self.name)

    def error_body(self, error: DaffaError, status: int, language: str, more: Mapping[str, Any] | None = None) -> bytes:
        """An error in OpenAI's shape, its sentence in ``language``; ``more`` is added to the error object."""
        return error_body(error, status, language, more)

    def error_event(self, error: DaffaError, language: str) -> bytes:
        """What would end a stream."""
        return b"data: " + error_body(error, 502, language) + b"\n\n"

    def upstream_error(self, message: str, status: int) -> bytes:
        """What an upstream found wrong with the request, in its words."""
        return upstream_error(message, status)


SURFACE = OpenAIEmbeddingsSurface()
