"""How dependent the country is: the share of what was let out by legal reach, operator and vendor, over time. Pure sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from daffa.decision import STATES
from daffa.gateway import ASSISTANT

from .catalogue import Catalogue
from .flow import Flow
from .period import month_of

__all__ = ["EVERY_STATE", "Amount", "Dependence", "Month", "Share", "measure"]

EVERY_STATE = "*"
"""The key of places of which nothing shows whose law does not reach them."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Something in the three measures: requests let out, tokens in and out, money at present prices."""

    requests: int = 0
    tokens: int = 0
    money: float = 0.0

    def plus(self, other: Amount) -> Amount:
        """Both together."""
        return Amount(self.requests + other.requests, self.tokens + other.tokens, self.money + other.money)

    def of(self, whole: Amount) -> tuple[float, float, float]:
        """Which part of ``whole`` it is in each measure; 0 where there is none of it."""
        pairs = ((self.requests, whole.requests), (self.tokens, whole.tokens), (self.money, whole.money))
        requests, tokens, money = (part / all_of_it if all_of_it else 0.0 for part, all_of_it in pairs)
        return requests, tokens, money


@dataclass(frozen=True, slots=True)
class Share:
    """What stands under one state, operator or vendor, and which part of the whole that is, 0 to 1 in each measure.

    Attributes:
        key: a state (ISO 3166-1, or ``EVERY_STATE``), a vendor, or a place.
        kind: what the key is: ``state``, ``vendor``; ``place`` for a place whose vendor the law's list does not name;
            ``gone`` for a place that is configured no longer, of which nothing more is known.
        foreign: whether something of it is out of the country's own law alone.
    """

    key: str
    kind: str
    foreign: bool
    amount: Amount
    of_requests: float
    of_tokens: float
    of_money: float


@dataclass(frozen=True, slots=True)
class Month:
    """One month: what was let out and refused, the national share, and the foreign state that reached the most."""

    month: str
    amount: Amount
    refused: int
    national: Share
    largest: Share | None


@dataclass(frozen=True, slots=True)
class Dependence:
    """How dependent the country was in a period.

    Attributes:
        refused: how often nothing was let out, for want of a lawful place.
        unpriced: requests that are not in the money, their place having no model any more.
        national: what no foreign law reaches.
        reach: by state whose law can compel disclosure. Not a partition: one place may be reached by several.
        operator, vendor: by state of the operator, by vendor. Partitions: each request stands in one row.
        concentration: Herfindahl-Hirschman index, 0 to 1, of ``operator`` and ``vendor``, in each measure.
        largest_state, largest_vendor: the foreign ones with the most requests; ``None`` without any.
        months: the same month by month, oldest first.
        gone: places in the log that are configured no longer.
    """

    total: Amount
    refused: int
    unpriced: int
    national: Share
    reach: tuple[Share, ...]
    operator: tuple[Share, ...]
    vendor: tuple[Share, ...]
    concentration: Mapping[str, Mapping[str, float]]
    largest_state: Share | None
    largest_vendor: Share | None
    months: tuple[Month, ...]
    gone: tuple[str, ...]


class _Key(NamedTuple):
    key: str
    kind: str


class _Sums:
    """Amounts by key, and which keys have something foreign in them."""

    def __init__(self) -> None:
        self.amounts: dict[_Key, Amount] = defaultdict(Amount)
        self.foreign: set[_Key] = set()

    def add(self, key: _Key, amount: Amount, *, foreign: bool) -> None:
        """Count ``amount`` under ``key``."""
        self.amounts[key] = self.amounts[key].plus(amount)
        if foreign:
            self.foreign.add(key)

    def shares(self, total: Amount) -> tuple[Share, ...]:
        """Each key's share of ``total``, the most requests first."""
        ranked = sorted(self.amounts.items(), key=lambda item: (-item[1].requests, -item[1].tokens, item[0]))
        return tuple(_share(key, key in self.foreign, amount, total) for key, amount in ranked)


def measure(flows: Iterable[Flow], catalogue: Catalogue) -> Dependence:
    """Measure the dependence that ``flows`` show, with the places and prices of ``catalogue``.

    What the house's own assistant was asked is not counted: nobody served it, and whomever it asked in turn stands in the log.
    """
    flows = [flow for flow in flows if not _asked_of_the_house(flow, catalogue)]
    let_out = [flow for flow in flows if flow.allowed]
    amounts = _by_place(let_out, catalogue)
    total = _sum(amounts.values())
    reach, operator, vendor = _shares_of(amounts, total, catalogue)
    return Dependence(
        total=total,
        refused=_refused(flows),
        unpriced=sum(
            flow.decisions for flow in let_out if not (flow.model in catalogue.models or catalogue.models_at(flow.place))
        ),
        national=_national(amounts, total, catalogue),
        reach=reach,
        operator=operator,
        vendor=vendor,
        concentration={"operator": _concentration(operator), "vendor": _concentration(vendor)},
        largest_state=_largest(reach),
        largest_vendor=_largest(vendor),
        months=_months(flows, catalogue),
        gone=tuple(sorted(place for place in amounts if place not in catalogue.places)),
    )


def _asked_of_the_house(flow: Flow, catalogue: Catalogue) -> bool:
    there = catalogue.models_at(flow.place)
    return flow.allowed and bool(there) and all(model.wire == ASSISTANT for model in there)


def _by_place(let_out: Iterable[Flow], catalogue: Catalogue) -> dict[str, Amount]:
    amounts: dict[str, Amount] = defaultdict(Amount)
    for flow in let_out:
        money = catalogue.price(flow.place, flow.model, flow.tokens_in, flow.tokens_out) or 0.0
        amounts[flow.place] = amounts[flow.place].plus(Amount(flow.decisions, flow.tokens_in + flow.tokens_out, money))
    return amounts


def _shares_of(
    amounts: Mapping[str, Amount], total: Amount, catalogue: Catalogue
) -> tuple[tuple[Share, ...], tuple[Share, ...], tuple[Share, ...]]:
    # Whoever can compel everybody can compel each: but only states that some place names have a row of their own.
    known = [place for place in amounts if place in catalogue.places]
    named = {state for place in known if not catalogue.everybodys(place) for state in catalogue.places[place].reach}
    home = _Key(catalogue.law.country, "state")
    reach, operator, vendor = _Sums(), _Sums(), _Sums()
    for place, amount in amounts.items():
        for key in _reached_by(place, named, catalogue):
            reach.add(key, amount, foreign=key != home)
        key = _operator_of(place, catalogue)
        operator.add(key, amount, foreign=key != home)
        vendor.add(_vendor_of(place, catalogue), amount, foreign=not catalogue.is_home(place))
    return reach.shares(total), operator.shares(total), vendor.shares(total)


def _reached_by(place: str, named: set[str], catalogue: Catalogue) -> list[_Key]:
    if place not in catalogue.places:
        return [_Key(place, "gone")]
    if catalogue.everybodys(place):
        return [_Key(EVERY_STATE, "state"), *(_Key(state, "state") for state in sorted(named & STATES))]
    return [_Key(state, "state") for state in sorted(catalogue.places[place].reach)]


def _operator_of(place: str, catalogue: Catalogue) -> _Key:
    if place not in catalogue.places:
        return _Key(place, "gone")
    return _Key(catalogue.places[place].operator, "state")


def _vendor_of(place: str, catalogue: Catalogue) -> _Key:
    if place not in catalogue.places:
        return _Key(place, "gone")
    vendors = catalogue.vendors(place)
    return _Key(" + ".join(vendors), "vendor") if vendors else _Key(place, "place")


def _national(amounts: Mapping[str, Amount], total: Amount, catalogue: Catalogue) -> Share:
    amount = _sum(amount for place, amount in amounts.items() if catalogue.is_home(place))
    return _share(_Key(catalogue.law.country, "state"), False, amount, total)


def _months(flows: Iterable[Flow], catalogue: Catalogue) -> tuple[Month, ...]:
    parted: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        parted[month_of(flow.time)].append(flow)
    months = []
    for month, part in sorted(parted.items()):
        amounts = _by_place([flow for flow in part if flow.allowed], catalogue)
        total = _sum(amounts.values())
        largest = _largest(_shares_of(amounts, total, catalogue)[0])
        months.append(Month(month, total, _refused(part), _national(amounts, total, catalogue), largest))
    return tuple(months)


def _refused(flows: Iterable[Flow]) -> int:
    return sum(flow.decisions for flow in flows if not flow.allowed)


def _largest(shares: Iterable[Share]) -> Share | None:
    return next((share for share in shares if share.foreign and share.amount.requests), None)


def _concentration(shares: tuple[Share, ...]) -> dict[str, float]:
    return {
        "requests": sum(share.of_requests**2 for share in shares),
        "tokens": sum(share.of_tokens**2 for share in shares),
        "money": sum(share.of_money**2 for share in shares),
    }


def _share(key: _Key, foreign: bool, amount: Amount, total: Amount) -> Share:
    return Share(*key, foreign, amount, *amount.of(total))


def _sum(amounts: Iterable[Amount]) -> Amount:
    total = Amount()
    for amount in amounts:
        total = total.plus(amount)
    return total
