"""What a protocol beside chat completions must say for a simulated provider to speak it. Knows no socket and no protocol."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["Asked", "Spoken", "SpokenEvent", "Tongue", "cut"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and how the provider is to answer it.

    Attributes:
        path: without its query.
        headers: names in lower case.
        body: decoded; None where there is none.
        name: of the provider.
        models: that it offers.
        language: of the sentence around the echo.
        counted: whether tokens are counted.
        chunks: pieces that the text of a stream is cut into; None for one a word.
        query: what follows the ``?`` of the path.
    """

    path: str
    headers: Mapping[str, str]
    body: Any
    name: str
    models: tuple[str, ...]
    language: str = "en"
    counted: bool = True
    chunks: int | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class SpokenEvent:
    """One event of a stream; ``name`` is its ``event:`` line, ``piece`` whether it carries a piece of the answer."""

    name: str
    document: Any
    piece: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer: a ``document``, or else the ``events`` of a stream; ``last`` is the data of a mark that ends it."""

    document: Any = None
    events: tuple[SpokenEvent, ...] | None = None
    last: bytes = b""


class Tongue(Protocol):
    """One protocol, pure: the answers that chat completions give to the same question."""

    def hears(self, method: str, path: str) -> bool:
        """Whether this is an address of the protocol."""
        ...

    def answer(self, asked: Asked) -> Spoken:
        """The answer. Raises ``Complaint``."""
        ...

    def error(self, status: int, code: str | None, message: str, param: str | None = None) -> SpokenEvent:
        """An error object, and the event that it is in mid-stream."""
        ...


def cut(text: str, count: int) -> tuple[str, ...]:
    """``text`` in ``count`` pieces of nearly equal length; some are empty where the text is short."""
    ends = [len(text) * step // max(count, 1) for step in range(max(count, 1) + 1)]
    return tuple(text[start:end] for start, end in itertools.pairwise(ends))
