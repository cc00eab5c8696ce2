"""What was asked, asked again under another law: which verdicts would turn. Pure; knows neither the log nor the solver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from daffa.decision import Door, Question, Verdict

from .bundle import Bundle

__all__ = ["Simulation", "Turn", "simulate"]


@dataclass(frozen=True, slots=True)
class Turn:
    """Questions whose verdict would turn alike: at one door, by the same rules.

    Attributes:
        door: where they were asked.
        verdict: the verdict that each of them would have.
        count: how many they are.
        examples: the first of them, none twice.
    """

    door: Door
    verdict: Verdict
    count: int
    examples: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """What would change for what was asked.

    Attributes:
        asked: how many questions were asked again.
        opened: refused then, and would be allowed; the most frequent first.
        closed: allowed then, and would be refused; the most frequent first.
    """

    bundle: Bundle
    asked: int
    opened: tuple[Turn, ...]
    closed: tuple[Turn, ...]

    @property
    def turned(self) -> int:
        """How many verdicts would turn."""
        return sum(turn.count for turn in (*self.opened, *self.closed))


def simulate(bundle: Bundle, questions: Iterable[tuple[Question, bool]], most: int = 3) -> Simulation:
    """Decide each question under ``bundle`` and compare with the verdict that it had; at most ``most`` examples a turn.

    Goes through ``questions`` once and keeps only what turned: a log of any length fits.
    """
    asked = 0
    counts: dict[tuple[Door, Verdict], int] = {}
    examples: dict[tuple[Door, Verdict], dict[Question, None]] = {}
    for question, allowed in questions:
        asked += 1
        verdict = bundle.table.decide(question)
        if verdict.allowed is not allowed:
            # Nearest rules differ from question to question; what turned a verdict does not.
            key = question.door, Verdict(verdict.allowed, verdict.rules)
            counts[key] = counts.get(key, 0) + 1
            if len(kept := examples.setdefault(key, {})) < most:
                kept[question] = None
    turns = [Turn(*key, count, tuple(examples[key])) for key, count in sorted(counts.items(), key=lambda item: -item[1])]
    return Simulation(
        bundle=bundle,
        asked=asked,
        opened=tuple(turn for turn in turns if turn.verdict.allowed),
        closed=tuple(turn for turn in turns if not turn.verdict.allowed),
    )
