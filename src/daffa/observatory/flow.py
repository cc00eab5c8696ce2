"""What the log says of many decisions at once: where they went, how they ended, how many tokens. Knows no price, no law."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Flow"]


@dataclass(frozen=True, slots=True)
class Flow:
    """Decisions that are alike, with what came back under them.

    Attributes:
        time: a moment of their day (Unix seconds).
        place: where they went; of a refusal, the only place considered, or ``""`` where there were several.
        allowed: their verdict.
        status: how they ended; ``""`` while they are open.
        decisions: how many they are.
        model: the model that they went to, or that was asked for where nothing left; ``None`` where that is not known.
        organisation: who asked; ``None`` where that is not known.
    """

    time: float
    place: str
    allowed: bool
    status: str
    decisions: int
    tokens_in: int
    tokens_out: int
    model: str | None = None
    organisation: str | None = None
