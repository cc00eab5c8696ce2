"""What the gateway must understand of any request, whatever the client speaks. Knows fields, no protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

__all__ = ["DECLARATIONS", "Kind", "Request"]

Kind = Literal["chat", "embeddings", "count"]
"""What is asked for: an answer, vectors, or the number of tokens that a question has."""

DECLARATIONS = ("daffa_label", "daffa_purpose", "daffa_conversation")
"""What a client's metadata may declare of its own request. It is said to us alone, and does not travel."""


# Made for each request: a msgspec struct costs a sixth of a frozen dataclass.
class Request(msgspec.Struct, frozen=True, gc=False):
    """A request, as far as the gateway must understand it.

    Attributes:
        model: what the client asks for.
        stream: whether the answer shall come in events.
        wants_usage: whether the client sees the usage event of a stream; where it does not, that event is kept from it.
        needs: capabilities that a model must have.
        opaque: whether a part of the content cannot be read as text (images, audio, files).
        joined: the text of each message that comes in several parts, put together as a model reads it.
        question: the text of the user's last message; empty where none has any.
        answer_tokens: the most tokens that an answer may have; 0 where the client does not say.
        answers: how many answers are asked for.
        metadata: what the client's metadata declares, of ``DECLARATIONS``.
        raw: the body as it came.
        kind: what is asked for.
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
    kind: Kind = "chat"
    answers: int = 1
