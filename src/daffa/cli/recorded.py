"""The questions of the log, put together again from its decisions. Knows the routes of the log; decides nothing.

A decision keeps its label, purpose and actor sealed and names its places; what a place is, is taken from the configuration
of now. So each question is first asked again under its own law, where that is the law in force: one that gets another
verdict than was recorded has changed since, and is left out and counted.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from daffa.decision import Actor, Door, Label, Place, Purpose, Question, ask
from daffa.errors import DaffaError, Invalid
from daffa.policy import Bundle

from .reach import Call

__all__ = ["Recorded"]


class Recorded:
    """The recorded questions, newest first.

    Attributes:
        left_out: how many could not be asked again, by reason: ``erased``, ``unknown_place``, ``unreadable``, ``drifted``.
    """

    def __init__(self, call: Call, places: Mapping[str, Place], in_force: Bundle) -> None:
        self._call = call
        self._places = places
        self._in_force = in_force
        self._regions = {one["id"]: one["region"] for one in call("GET", "/api/organisations", None)}
        self.left_out: Counter[str] = Counter(erased=0, unknown_place=0, unreadable=0, drifted=0)

    def questions(self, most: int) -> Iterator[tuple[Question, bool]]:
        """The questions of the newest ``most`` decisions, each with its recorded verdict."""
        for index in self._decisions(most):
            found = self._call("GET", f"/api/audit/entries/{index}", None)
            entry, details = found["entry"], found["details"]
            if details is None:
                self.left_out["erased"] += len(list(_asked(entry)))
                continue
            for place, allowed in _asked(entry):
                question = self._question(entry, details, place)
                if question is not None and self._same(entry, question, allowed):
                    yield question, allowed

    def _decisions(self, most: int) -> Iterator[int]:
        # To be asked for an entry makes the house publish all that it has: else the last second would be missing.
        with contextlib.suppress(DaffaError):
            self._call("GET", "/api/audit/entries/0", None)
        before = ""
        while most > 0:
            page = self._call("GET", f"/api/audit/decisions{before}", None)[:most]
            yield from (found["index"] for found in page)
            if not page:
                return
            most -= len(page)
            before = f"?before={page[-1]['index']}"

    def _question(self, entry: Mapping[str, Any], details: Mapping[str, Any], place: str) -> Question | None:
        if place not in self._places:
            self.left_out["unknown_place"] += 1
            return None
        now = int(datetime.fromisoformat(entry["time"]).timestamp())
        try:
            return ask(
                door=Door(entry["door"]),
                purpose=Purpose(details["purpose"]),
                label=Label.parse(details["label"]),
                place=self._places[place].effective(now, self._in_force.accept_declared),
                actor=self._actor(details),
                now=now,
                evaluated=bool(details.get("evaluated", False)),
            )
        except (KeyError, ValueError, Invalid):
            self.left_out["unreadable"] += 1
            return None

    def _actor(self, details: Mapping[str, Any]) -> Actor:
        organisation = details["organisation"]
        region = details.get("region", self._regions.get(organisation, ""))
        return Actor(details["actor"], organisation, frozenset(details["roles"]), region)

    def _same(self, entry: Mapping[str, Any], question: Question, allowed: bool) -> bool:
        """Whether the question still gets its recorded verdict, as far as that can be seen."""
        known = entry["bundle"] == self._in_force.digest
        same = not known or self._in_force.table.decide(question).allowed is allowed
        self.left_out["drifted"] += not same
        return same


def _asked(entry: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """The places that a decision was about, each with its verdict; none where something else than the law refused."""
    if entry.get("reason"):
        return
    if entry["verdict"] == "allow":
        yield entry["place"], True
    yield from ((place, False) for place, _ in entry["refused"])
