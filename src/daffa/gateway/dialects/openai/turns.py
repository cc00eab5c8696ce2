"""Messages and items put together as turns. Knows no protocol."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from ...conversation import Part, ToolResult, Turn

__all__ = ["as_turns"]


def as_turns(said: Iterable[Turn], *, one_answer: bool = False) -> tuple[Turn, ...]:
    """``said`` in order: the results of tools, and what the user says after them, are one turn.

    ``one_answer``: so are the assistant's that follow each other.
    """
    turns: list[tuple[Literal["system", "user", "assistant"], list[Part]]] = []
    for turn in said:
        role, parts = turns[-1] if turns else (None, [])
        goes_on = one_answer if role == "assistant" else bool(parts) and isinstance(parts[-1], ToolResult)
        if role == turn.role and goes_on:
            parts.extend(turn.parts)
        else:
            turns.append((turn.role, [*turn.parts]))
    return tuple(Turn(role, tuple(parts)) for role, parts in turns)
