"""The questions of packs, in two halves: one for tuning, one that tuning never sees. Pure.

A question without a day of its own is asked on one day, for all time: texts and figures run out, and what was measured must
not change with the calendar.
"""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from daffa.gateway import Asker
from daffa.library import day_of
from daffa.packs import Pack

from ..asked import Asked, Said

__all__ = ["DAY", "Asking", "Expected", "Half", "asked_of", "questions_of"]

DAY = datetime.date(2026, 11, 26)

Half = Literal["tuning", "held"]
"""Weights and thresholds were chosen on ``tuning``; ``held`` was looked at afterwards."""


class Expected(Protocol):
    """A question of a pack, with what a right answer has: see docs/packs.md."""

    @property
    def id(self) -> str: ...  # noqa: D102 - as in docs/packs.md, and so those below
    @property
    def language(self) -> str: ...  # noqa: D102
    @property
    def question(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def spans(self) -> list[str]: ...  # noqa: D102
    @property
    def day(self) -> datetime.date | None: ...  # noqa: D102
    @property
    def tool(self) -> Any: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Asking:
    """A question of a pack."""

    pack: str
    question: Expected

    @property
    def half(self) -> Half:
        """By the question's name alone, so that a new question moves no other."""
        return "tuning" if zlib.crc32(f"{self.pack}/{self.question.id}".encode()) % 2 else "held"


def questions_of(packs: Iterable[Pack]) -> Iterator[Asking]:
    """All questions, pack by pack."""
    for pack in packs:
        yield from (Asking(pack.id, question) for question in pack.questions)


def asked_of(asking: Asking, asker: Asker, collections: Sequence[str]) -> Asked:
    """A question as it is put to the assistant."""
    day = asking.question.day or DAY
    said = (Said("user", asking.question.question),)
    return Asked(said, asker, "", tuple(collections), day=day_of(day))
