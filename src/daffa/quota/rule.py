"""A rule: who may use how much of what in which time, and how it stands. Knows the calendar (UTC); no database, no clock."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

from daffa.errors import Invalid

__all__ = [
    "FOREVER",
    "LARGEST",
    "MEASURES",
    "PERIODS",
    "SCOPES",
    "Asker",
    "Rule",
    "Standing",
    "checked",
    "checked_subject",
    "window_of",
]

SCOPES = ("organisation", "person", "key")
"""Whose use a rule bounds. All requests of an organisation count on its rules, with whichever key they come."""

MEASURES = ("money", "requests", "tokens")
"""What it bounds: money in millionths of the house's currency, requests, tokens (in and out)."""

PERIODS = ("minute", "day", "month", "total")
"""The time after which it begins anew, by the calendar in UTC; ``total`` never does."""

LARGEST = 1 << 53
"""The largest amount of a rule: the last whole number that every reader of JSON takes as it is."""

FOREVER = 253_402_300_800  # the end of the year 9999
_SECONDS = {"minute": 60, "day": 86_400}
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_MODEL = re.compile(r"[a-z0-9][a-z0-9._:-]{0,63}")


class Asker(Protocol):
    """Who asks, as far as rules can be about them; ``identity.Caller`` is one."""

    @property
    def organisation(self) -> str:
        """Id of their organisation."""
        ...

    @property
    def key_id(self) -> str:
        """Id of the key that was shown."""
        ...

    @property
    def actor(self) -> _Actor:
        """Who they are."""
        ...


class _Actor(Protocol):
    @property
    def id(self) -> str:
        """Id of the person, or something that no person's id looks like."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """A budget (of money) or a limit (of requests or tokens).

    Attributes:
        number: its name, never used twice.
        scope, subject: one of ``SCOPES``, and which one by its id.
        model: id of the only model that it is about; ``""`` for all of them together.
        measure: one of ``MEASURES``.
        period: one of ``PERIODS``.
        most: how much of the measure may be used in one period, 0 to ``LARGEST``.
    """

    number: int
    scope: str
    subject: str
    model: str
    measure: str
    period: str
    most: int
    slot: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "slot", MEASURES.index(self.measure))

    @property
    def name(self) -> str:
        """The rule in a word: ``organisation:tax-office/money/month``, with the model behind it where it is about one."""
        return f"{self.scope}:{self.subject}/{self.measure}/{self.period}" + (f"/{self.model}" if self.model else "")

    def shown(self, amount: int) -> str:
        """An amount of what it bounds, for people: money in whole units of the currency."""
        if self.measure != "money":
            return str(amount)
        whole, rest = divmod(abs(amount), 1_000_000)
        sign, decimals = "-" if amount < 0 else "", f"{rest:06d}".rstrip("0").ljust(2, "0")
        return f"{sign}{whole}.{decimals}"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule stands now.

    Attributes:
        rule: the rule.
        spent: what the requests of this period have used.
        reserved: what is kept for requests under way here, and for whatever other workers may do with their leases.
        left: what a request may still take; never below 0.
        resets: the end of the period (Unix seconds, UTC); ``None`` where it has none.
    """

    rule: Rule
    spent: int
    reserved: int
    left: int
    resets: int | None


def window_of(period: str, now: float) -> tuple[int, int]:
    """The period around ``now``: its first second, and the one after its last (Unix seconds, UTC)."""
    if period == "total":
        return 0, FOREVER
    if period == "month":
        day = datetime.datetime.fromtimestamp(now, datetime.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        after = (day + datetime.timedelta(days=32)).replace(day=1)
        return int(day.timestamp()), int(after.timestamp())
    length = _SECONDS[period]
    start = int(now) // length * length
    return start, start + length


def checked(scope: Any, subject: Any, model: Any, measure: Any, period: Any, most: Any = 0) -> Rule:
    """A rule without a number yet. Raises ``Invalid`` naming the field that no rule can have."""
    checked_subject(scope, subject)
    for name, value, words in (("measure", measure, MEASURES), ("period", period, PERIODS)):
        if value not in words:
            _refuse(name, " | ".join(words), value)
    if model != "" and not (isinstance(model, str) and _MODEL.fullmatch(model)):
        _refuse("model", "the id of a model, or nothing for all", model)
    if type(most) is not int or not 0 <= most <= LARGEST:
        _refuse("most", f"a whole number from 0 to {LARGEST}", most)
    return Rule(0, scope, subject, model, measure, period, most)


def checked_subject(scope: Any, subject: Any) -> None:
    """Raise ``Invalid`` for somebody whom no rule can be about."""
    if scope not in SCOPES:
        _refuse("scope", " | ".join(SCOPES), scope)
    if not (isinstance(subject, str) and _ID.fullmatch(subject)):
        _refuse("subject", f"the id of the {scope}", subject)


def _refuse(field_name: str, expected: str, value: Any) -> NoReturn:
    raise Invalid("invalid_field", field=field_name, expected=expected, got=repr(value)[:80])
