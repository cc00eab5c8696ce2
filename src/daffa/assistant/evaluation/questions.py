"""The questions of packs, in two halves: one for tuning, one that tuning never sees. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from daffa.packs import Pack, PackQuestion

__all__ = ["Asking", "Half", "questions_of"]

Half = Literal["tuning", "held"]
"""Weights and thresholds were chosen on ``tuning``; ``held`` was looked at afterwards."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A question of a pack."""

    pack: str
    question: PackQuestion

    @property
    def half(self) -> Half:
        """By the question's name alone, so that a new question moves no other."""
        return "tuning" if zlib.crc32(f"{self.pack}/{self.question.id}".encode()) % 2 else "held"


def questions_of(packs: Iterable[Pack]) -> Iterator[Asking]:
    """All questions, pack by pack."""
    for pack in packs:
        yield from (Asking(pack.id, question) for question in pack.questions)
