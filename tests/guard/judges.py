"""What the tests of the two judges share: places, questions, and a house of law, log, database and guard."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from daffa.audit import Audit, Reader
from daffa.decision import Actor, Basis, Category, Door, Form, KeyHolder, Label, Level, Place, Purpose, Question
from daffa.errors import Refused
from daffa.guard import Guard, Incidents, Permit, Shadow
from daffa.policy import Law

POLICIES = Path(__file__).parents[2] / "policies" / "ma"
RABAT = Place("rabat", "MA", "MA-04", "MA", frozenset({"MA"}), 2, 4, KeyHolder.STATE, 0, trains=False)
VIRGINIA = Place("virginia", "US", "US-VA", "US", frozenset({"US"}), retention_days=30, trains=False)
PLACES = {"rabat": RABAT, "virginia": VIRGINIA}
AMINA = Actor("amina", "clinic-of-one-doctor", frozenset({"agent"}), "MA-04")
INTERNAL = Label(Level.INTERNAL, form=Form.RAW, basis=frozenset())
PERSONAL = Label(Level.INTERNAL, frozenset({Category.PERSONAL}), Form.RAW, basis=frozenset({Basis.CONSENT}))
SECRET = Label(Level.SECRET, form=Form.RAW, basis=frozenset())
NOW = 500.0


def always(rate: float = 0.0) -> float:
    """A chance that takes every decision."""
    return rate


@dataclass
class House:
    """A guard with a shadow, and what stands behind it."""

    law: Law
    log: Audit
    incidents: Incidents
    guard: Guard
    folder: Path

    def question(self, label: Label, place: str = "virginia", actor: Actor = AMINA) -> Question:
        """The gateway's question."""
        return self.guard.question(Door.GATEWAY, Purpose.PUBLIC_SERVICE, label, place, actor)

    async def admit(self, label: Label, place: str = "virginia", actor: Actor = AMINA) -> Permit | Refused:
        """The Permit, or the error of the refusal."""
        try:
            return await self.guard.admit(self.question(label, place, actor), "potomac", b"bytes")
        except Refused as error:
            return error

    async def entries(self) -> list[dict]:
        """What the log says, from its public files."""
        await self.log.flush()
        reader = Reader(self.folder / "audit")
        return [json.loads(reader.entry(index)) for index in range(reader.checkpoint().size)]


def house(law: Law, log: Audit, incidents: Incidents, folder: Path, rate: float = 1.0, chance=always) -> House:
    """A guard over two places; ``rate`` and ``chance`` are the shadow's."""
    guard = Guard(law, log, PLACES, lambda: NOW, Shadow(incidents, rate, chance))
    return House(law, log, incidents, guard, folder)
