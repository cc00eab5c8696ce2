"""What is asked of the assistant: the turns, who asks under which label, and what the request says besides. Knows no wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from daffa.gateway import Asker

__all__ = ["Asked", "Said"]


@dataclass(frozen=True, slots=True)
class Said:
    """What was said: ``role`` is ``user``, ``assistant`` or ``system``."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the assistant.

    Attributes:
        turns: what was said until now, the question last; what a client says as ``system`` changes nothing.
        asker: who asks, under which label, for which purpose; the label was decided on for the question itself.
        reference: ``origin#index`` of that decision.
        collections: where to look; empty: everywhere that the asker may.
        language: BCP 47, as the client states it; empty: that of the question.
        day: days since 1970-01-01 that the question is about; ``None``: today.
        task: what shall be done instead of answering, as docs/assistant.md says; empty: answer.
    """

    turns: tuple[Said, ...]
    asker: Asker
    reference: str
    collections: tuple[str, ...] = ()
    language: str = ""
    day: int | None = None
    task: Mapping[str, Any] = field(default_factory=dict)

    @property
    def question(self) -> str:
        """The last turn of the user; empty where there is none."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")
