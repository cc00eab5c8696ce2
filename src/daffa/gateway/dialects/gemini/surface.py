"""Gemini's ``generateContent`` and ``countTokens`` as clients speak them: read a request, write answers and errors. Pure.

The model's name and whether a stream is wanted stand in the path. The body has no place for metadata: label and purpose
come in headers alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from daffa.errors import DaffaError

from ...conversation import Conversation, Reply
from ...dialect import EventWriter
from ...request import Kind, Request
from .conversing import conversation
from .fields import COUNTING_NAME, NAME, Fields
from .replying import GeminiEventWriter, reply_document

__all__ = ["COUNTING", "SURFACE", "GeminiCountSurface", "GeminiSurface"]

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    422: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    451: "PERMISSION_DENIED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    504: "DEADLINE_EXCEEDED",
}
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_SCHEMAS = ("responseSchema", "responseJsonSchema", "responseFormat")
# A content by reference, or one that is no text: nobody can read here what it holds.
_OPAQUE = ("inlineData", "fileData")
# Beside texts: what holds nothing but texts, or says something of a part. Any other kind may hold anything.
_READABLE = frozenset({
    "thought", "thoughtSignature", "functionCall", "executableCode", "codeExecutionResult", "partMetadata", "videoMetadata",
    "mediaResolution",
})  # fmt: skip
_WANTS_THOUGHTS = re.compile(rb'"include_?[Tt]houghts"\s*:\s*true')
_encode = msgspec.json.Encoder().encode


class GeminiSurface:
    """What clients of ``/v1beta/models/{model}:generateContent`` and ``:streamGenerateContent`` speak."""

    name = NAME
    kind: Kind = "chat"

    def read(self, raw: bytes, *, model: str = "", stream: bool = False) -> Request:
        """A request's body. Raises ``Invalid`` naming the field and what was expected."""
        return _read(raw, self._asked(Fields.of(raw)), model, stream, self.kind)

    def converse(self, request: Request) -> Conversation:
        """The request whole. Raises ``Invalid``, and ``NotCarried`` for what only Gemini can say."""
        return conversation(self._asked(Fields.of(request.raw)), request.stream)

    def write_reply(self, reply: Reply, request: Request) -> bytes:
        """A whole answer. Raises ``Unavailable`` where the arguments of a call are no JSON object."""
        return _encode(reply_document(reply, request.model, thoughts=_wants_thoughts(request)))

    def event_writer(self, request: Request) -> EventWriter:
        """What writes a stream of answer to ``request``."""
        return GeminiEventWriter(request.model, thoughts=_wants_thoughts(request))

    def error_body(self, error: DaffaError, status: int, language: str, more: Mapping[str, Any] | None = None) -> bytes:
        """An error as Google shapes it, its sentence in ``language``; the code of the house stands in ``details``."""
        field = error.facts.get("field")
        facts = {"code": error.code, **({"field": str(field)} if field is not None else {})}
        details = [{"@type": _ERROR_INFO, "reason": error.code.upper(), "domain": "daffa", "metadata": facts}]
        return _encode({"error": {**_error(error.say(language), status), "details": details, **(more or {})}})

    def error_event(self, error: DaffaError, language: str) -> bytes:
        """The event that ends a stream which broke after its first byte."""
        return b"data: " + self.error_body(error, 502, language) + b"\n\n"

    def upstream_error(self, message: str, status: int) -> bytes:
        """What an upstream of another protocol found wrong with the request, in its words."""
        return _encode({"error": _error(message, status)})

    def _asked(self, body: Fields) -> Fields:
        return body


class GeminiCountSurface(GeminiSurface):
    """What clients of ``/v1beta/models/{model}:countTokens`` speak: contents, or a whole request."""

    name = COUNTING_NAME
    kind: Kind = "count"

    def write_reply(self, reply: Reply, request: Request) -> bytes:  # noqa: ARG002 - the face of a surface
        """The number of tokens that the question has."""
        return _encode({"totalTokens": reply.usage.tokens_in if reply.usage else 0})

    def _asked(self, body: Fields) -> Fields:
        asked = body.inner("generateContentRequest")
        if asked is None:
            return body
        if body.untaken - {"model"}:  # nobody has looked at what stands beside it
            raise body.wrong("generateContentRequest", "no other field beside it")
        return asked


SURFACE = GeminiSurface()
COUNTING = GeminiCountSurface()


def _error(message: str, status: int) -> dict[str, Any]:
    name = _STATUSES.get(status, "UNAVAILABLE" if status >= 500 else "INVALID_ARGUMENT")
    return {"code": status, "message": message, "status": name}


def _wants_thoughts(request: Request) -> bool:
    return _WANTS_THOUGHTS.search(request.raw) is not None


def _read(raw: bytes, body: Fields, model: str, stream: bool, kind: Kind) -> Request:
    contents = body.rows("contents")
    if not contents:
        raise body.wrong("contents", "an array of at least one content")
    said = [(content.text("role"), content.rows("parts")) for content in contents]
    system = body.inner("systemInstruction")
    system_parts = system.rows("parts") if system else []
    turns, system_texts = [_texts(parts) for _, parts in said], _texts(system_parts)
    config = body.inner("generationConfig") or body.deeper("generationConfig", {})
    needs = {need for parts in (system_parts, *(parts for _, parts in said)) for need in _needs(parts)}
    needs |= {"tools"} if body.rows("tools") else set()
    needs |= {"json_schema"} if any(config.take(name) is not None for name in _SCHEMAS) else set()
    return Request(
        model=model,
        stream=stream,
        wants_usage=True,
        needs=frozenset(needs - {"opaque"}),
        opaque="opaque" in needs or body.take("cachedContent") is not None,
        joined=tuple("".join(texts) for texts in [*turns, system_texts] if len(texts) > 1),
        question=_question(said, turns),
        answer_tokens=config.whole("maxOutputTokens", 1) or 0,
        answers=config.whole("candidateCount", 1) or 1,
        metadata={},
        raw=raw,
        kind=kind,
    )


def _question(said: list[tuple[str | None, list[Fields]]], turns: list[list[str]]) -> str:
    """The text of the user's last content that has any."""
    users = [texts for (role, _), texts in zip(said, turns, strict=True) if role != "model" and texts]
    return "".join(users[-1]) if users else ""


def _texts(parts: list[Fields]) -> list[str]:
    return [text for part in parts if (text := part.text("text")) is not None]


def _needs(parts: list[Fields]) -> set[str]:
    """Capabilities that the parts of one content ask for; ``opaque`` beside them for what is no text."""
    needs = set()
    for part in parts:
        inside = part.inner("functionResponse")
        for holder in (part, *(inside.rows("parts") if inside else ())):
            for media in filter(None, map(holder.inner, _OPAQUE)):
                kind = (media.text("mimeType") or "").partition("/")[0]
                needs |= {"opaque", {"image": "images", "audio": "audio"}.get(kind, "files")}
        if part.untaken - _READABLE:
            needs.add("opaque")
    return needs
