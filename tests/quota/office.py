"""An office where quota is spent: people who ask, a clock, and a log that a power cut can shorten. Knows quota's face."""

from __future__ import annotations

from dataclasses import dataclass

from daffa.errors import Exhausted
from daffa.quota import Quota

NOON = 1_790_000_000 // 86_400 * 86_400 + 43_200  # of a day in the middle of a month


@dataclass(frozen=True)
class Actor:
    """Who somebody is."""

    id: str


@dataclass(frozen=True)
class Asker:
    """Somebody who asks, as rules see them."""

    organisation: str
    key_id: str
    actor: Actor


CHU = Asker("chu", "key1", Actor("amina"))
OTHER = Asker("other", "key2", Actor("key:key2"))


class Clock:
    """Unix seconds that pass when they are told to."""

    def __init__(self, now: float = NOON):
        self.now = now

    def __call__(self) -> float:
        return self.now


class Log:
    """The log of one process: entries in order, of which the last ones may not be durable yet."""

    def __init__(self, origin: str):
        self.origin = origin
        self.entries = []
        self.durable = 0

    @property
    def size(self):
        return len(self.entries)

    async def flush(self):
        self.durable = len(self.entries)

    def outcome(self, charge):
        """Take an outcome with its charge."""
        self.entries.append(charge)

    def cut(self, lost: int):
        """What a power cut leaves: all that is durable, and of the rest all but the last ``lost``."""
        del self.entries[max(self.durable, len(self.entries) - lost) :]
        self.durable = len(self.entries)

    async def charges(self, start: int):
        """The charges from an index on."""
        for charge in self.entries[start:]:
            if charge is not None:
                yield charge

    def sum(self, rule: int) -> int:
        """What the outcomes cost that counted on a rule of money."""
        return sum(charge["cost"] for charge in self.entries if charge and rule in charge["rules"])


async def opened(database, log, clock, **more) -> Quota:
    """The quota of a process with this log."""
    return await Quota.open(database, log, log.charges, clock, **more)


async def tried(quota, asker=CHU, model="m", cost=1, tokens=1):
    """A reservation, or the code of the refusal."""
    try:
        return await quota.reserve(asker, model, cost, tokens)
    except Exhausted as error:
        return error.code


def settle(reservation, log, cost, tokens=0):
    """End a request as the gateway does: its charge and its outcome in one step."""
    log.outcome(reservation.settle(cost, tokens))
