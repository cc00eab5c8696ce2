"""What the assistant says while it answers: sentences that may be shown, one by one, and at last how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from .outcome import Citation, Outcome, Sentence

__all__ = ["Ended", "Event", "Shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence that passed, with the citations that were not shown before."""

    sentence: Sentence
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended; nothing comes after it."""

    outcome: Outcome


Event = Shown | Ended
