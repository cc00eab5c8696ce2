"""Who used how much: requests, refusals, tokens, money and energy by day, month, place, model, organisation. Pure sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from .catalogue import Catalogue
from .flow import Flow
from .period import day_of, month_of

__all__ = ["KINDS", "SEALED", "Usage", "UsageRow", "sum_usage"]

_KEYS: dict[str, Callable[[Flow], str | None]] = {
    "day": lambda flow: day_of(flow.time),
    "month": lambda flow: month_of(flow.time),
    "place": lambda flow: flow.place or None,
    "model": lambda flow: flow.model,
    "organisation": lambda flow: flow.organisation,
}

KINDS = tuple(_KEYS)
"""By what usage may be summed."""

SEALED = frozenset({"model", "organisation"})
"""Those that stand in the sealed details alone."""

FAILED = "failed"


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What one day, place, ... used.

    Attributes:
        key: which; ``None`` gathers what cannot be told: several places refused at once, details erased or not read.
        requests: how often something was let out; a question that went on to a second model counts for each.
        failed: how many of these brought no answer.
        refused: how often nothing was let out.
        money: at present prices.
        unpriced: how many requests are not in ``money``, their place having no model any more.
        energy: watt-hours, estimated (``daffa.gateway.watt_hours``), or as measured where the configuration says so.
        unmetered: how many requests are not in ``energy``, nothing being known of what their model takes.
    """

    key: str | None
    requests: int = 0
    failed: int = 0
    refused: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    money: float = 0.0
    unpriced: int = 0
    energy: float = 0.0
    unmetered: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """The rows, those of time in its order and all others by their requests; and their sum, whose key is ``None``."""

    by: str
    rows: tuple[UsageRow, ...]
    total: UsageRow


def sum_usage(flows: Iterable[Flow], by: str, catalogue: Catalogue) -> Usage:
    """Sum ``flows`` by one of ``KINDS``. Each flow is in exactly one row."""
    key_of = _KEYS[by]
    rows: dict[str | None, UsageRow] = {}
    total = UsageRow(None)
    for flow in flows:
        key = key_of(flow)
        rows[key] = _with(rows.get(key, UsageRow(key)), flow, catalogue)
        total = _with(total, flow, catalogue)
    in_time = by in ("day", "month")
    ranked = sorted(rows.values(), key=lambda row: row.key or "")
    return Usage(by, tuple(ranked if in_time else sorted(ranked, key=_rank)), total)


def _rank(row: UsageRow) -> tuple[bool, int, int]:
    return row.key is None, -row.requests, -row.refused


def _with(row: UsageRow, flow: Flow, catalogue: Catalogue) -> UsageRow:
    if not flow.allowed:
        return replace(row, refused=row.refused + flow.decisions)
    price = catalogue.price(flow.place, flow.model, flow.tokens_in, flow.tokens_out)
    energy = catalogue.energy(flow.place, flow.model, flow.tokens_out)
    return replace(
        row,
        requests=row.requests + flow.decisions,
        failed=row.failed + flow.decisions * (flow.status == FAILED),
        tokens_in=row.tokens_in + flow.tokens_in,
        tokens_out=row.tokens_out + flow.tokens_out,
        money=row.money + (price or 0.0),
        unpriced=row.unpriced + flow.decisions * (price is None),
        energy=row.energy + (energy or 0.0),
        unmetered=row.unmetered + flow.decisions * (energy is None),
    )
