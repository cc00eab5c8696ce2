"""What changes between two laws, for whom, by which rules: asked of the solver, its examples decided by both tables.

Knows what a comparison says; how it is found stands in ``proof``, which this file never imports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from daffa.decision import Clause, Door, Question, Verdict

from .bundle import Bundle
from .proved import known_places, read_example
from .solver import ask_solver
from .wire import read_clauses, rules_json

__all__ = ["Change", "Diff", "diff"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change at one door.

    Attributes:
        allows: whether more is allowed than before, or less.
        rules: ids of the rules of which the change makes this difference, each needed for it.
        question: the plainest question whose verdict turns; ``before`` and ``after`` are its verdicts.
        concerned: what every question meets whose verdict turns so; more may meet it than are concerned.
    """

    door: Door
    allows: bool
    rules: tuple[str, ...]
    question: Question
    before: Verdict
    after: Verdict
    concerned: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """What changes from ``old`` to ``new``.

    Attributes:
        added, removed, altered: ids of rules; altered are those that decide otherwise than before.
        reworded: ids of rules of which the sentence, the text of law or the status alone differ.
        beside: what else differs: ``country``, ``accept_declared``, ``hosts``, ``invariants``, ``cases``.
        changes: where verdicts turn; none where both laws answer alike.
        full: doors and directions of which there may be more changes than were asked for.
        widens, narrows: whether the new law allows what the old one refused, and refuses what the old one allowed.
        reasons: whether some question is decided by other rules than before.
    """

    old: Bundle
    new: Bundle
    added: tuple[str, ...]
    removed: tuple[str, ...]
    altered: tuple[str, ...]
    reworded: tuple[str, ...]
    beside: tuple[str, ...]
    changes: tuple[Change, ...]
    full: frozenset[tuple[Door, bool]]
    widens: bool
    narrows: bool
    reasons: bool


def diff(old: Bundle, new: Bundle, most: int = 5) -> Diff:
    """Compare two laws; at most ``most`` changes a door and a direction. Raises ``Unavailable`` as ``prove`` does."""
    answer = ask_solver(
        "compare",
        {
            "home": new.country,
            "old": rules_json(old.table.rules),
            "new": rules_json(new.table.rules),
            "places": known_places([new, old]),
            "most": most,
        },
    )
    changes = tuple(_change(data, old, new) for data in answer["changes"])
    ways = [(change.door, change.allows) for change in changes]
    before, after = ({written.id: written for written in bundle.rules} for bundle in (old, new))
    kept = [name for name in before if name in after]
    altered = tuple(name for name in kept if before[name].rule != after[name].rule)
    said = ("says", "base", "status")
    return Diff(
        old=old,
        new=new,
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
        altered=altered,
        reworded=tuple(
            name
            for name in kept
            if name not in altered and any(getattr(before[name], part) != getattr(after[name], part) for part in said)
        ),
        beside=tuple(_beside(old, new)),
        changes=changes,
        full=frozenset(way for way in ways if ways.count(way) >= most),
        widens=answer["widens"],
        narrows=answer["narrows"],
        reasons=answer["reasons"],
    )


def _change(data: Mapping[str, Any], old: Bundle, new: Bundle) -> Change:
    allows = data["allows"]
    after = read_example(data["question"], new, allowed=allows)
    return Change(
        door=Door(data["door"]),
        allows=allows,
        rules=tuple(data["rules"]),
        question=after.question,
        before=read_example(data["question"], old, allowed=not allows).verdict,
        after=after.verdict,
        concerned=read_clauses(data["concerned"]),
    )


def _beside(old: Bundle, new: Bundle) -> list[str]:
    """What differs beside the rules and may change what is asked, allowed or proved."""
    readers: dict[str, Callable[[Bundle], object]] = {
        "country": lambda bundle: bundle.country,
        "accept_declared": lambda bundle: bundle.accept_declared,
        "hosts": lambda bundle: bundle.hosts,
        "invariants": lambda bundle: [(one.never.rule, one.may.rule) for one in bundle.invariants],
        "cases": lambda bundle: [(case.id, case.question, case.allowed, case.rules) for case in bundle.cases],
    }
    return [name for name, read in readers.items() if read(old) != read(new)]
