"""``/metrics``: the counters of this worker in the text format of Prometheus. Read when asked; nothing is counted here.

No label names a person, a key or an organisation, and each has a bounded number of values: the surfaces, the models and
places of the configuration, the rules of the law, codes of errors. Knows the house by its rooms' faces.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable, Iterator

from litestar import Response, get
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

import daffa
from daffa.app import House
from daffa.errors import Denied, NotFound
from daffa.gateway import Histogram, State
from daffa.identity import Role

from .callers import Asked, caller_of, house_of

__all__ = ["Metrics", "is_local", "metrics"]

_READERS = (Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR)
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_CALLED = ("surface", "model", "place")
# What a proxy adds: whoever came through one is not local, whatever the address says.
_FORWARDED = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"})


class Metrics:
    """The metrics of one house."""

    def __init__(self, house: House) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Gateway(house))
        self._registry.register(_House(house))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """All of them as they stand now."""
        return generate_latest(self._registry)


@get("/metrics", include_in_schema=False)
async def metrics(request: Asked) -> Response[bytes]:
    """The counters of this worker, for whoever the setting lets read them."""
    match house_of(request).settings.metrics:
        case "off":
            raise NotFound("unknown_route", method=request.method, path=request.url.path)
        case "local":
            if request.client is None or not is_local(request.client.host, request.headers.keys()):
                raise Denied("metrics_for_local")
        case _:
            caller_of(request, *_READERS)
    shown: Metrics = request.app.state.metrics
    # In a thread: many models at many places make a long text.
    return Response(await asyncio.to_thread(shown.text), media_type=_CONTENT_TYPE)


def is_local(address: str, headers: Iterable[str]) -> bool:
    """Whether a request came from this machine and through nobody.

    Args:
        address: of whoever is at the other end of the connection.
        headers: their names, in lower case.
    """
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
    return loopback and _FORWARDED.isdisjoint(headers)


class _Gateway(Collector):
    """What the gateway did."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Metric]:
        """See ``prometheus_client.registry.Collector``."""
        yield from self._calls()
        yield from self._turned_away()
        yield from self._models()

    def _calls(self) -> Iterator[Metric]:
        requests = CounterMetricFamily("daffa_requests", "Questions to models, by how they ended.", labels=[*_CALLED, "status"])
        tokens = CounterMetricFamily("daffa_tokens", "Tokens in and out.", labels=[*_CALLED, "direction"])
        estimated = CounterMetricFamily("daffa_requests_estimated", "Questions whose tokens are estimates.", labels=_CALLED)
        cost = CounterMetricFamily("daffa_cost", "Cost at present prices, in the currency of the house.", labels=_CALLED)
        energy = CounterMetricFamily("daffa_energy_watt_hours", "Energy of answers, estimated.", labels=_CALLED)
        sent = CounterMetricFamily("daffa_answer_bytes", "Bytes of answers.", labels=_CALLED)
        first = HistogramMetricFamily("daffa_first_byte_seconds", "From question to first byte.", labels=_CALLED)
        whole = HistogramMetricFamily("daffa_request_seconds", "From question to last byte.", labels=_CALLED)
        # A copy: more may be added while this is read.
        for key, sums in list(self._house.running.counters.sums.items()):
            for status, number in list(sums.outcomes.items()):
                requests.add_metric([*key, status], number)
            tokens.add_metric([*key, "in"], sums.tokens_in)
            tokens.add_metric([*key, "out"], sums.tokens_out)
            estimated.add_metric(key, sums.estimated)
            cost.add_metric(key, sums.cost)
            energy.add_metric(key, sums.energy)
            sent.add_metric(key, sums.bytes_out)
            _observe(first, key, sums.first_byte)
            _observe(whole, key, sums.seconds)
        yield from (requests, tokens, estimated, cost, energy, sent, first, whole)

    def _turned_away(self) -> Iterator[Metric]:
        counters = self._house.running.counters
        away = CounterMetricFamily("daffa_turned_away", "Requests that got an error.", labels=["surface", "code"])
        for (surface, code), number in list(counters.turned_away.items()):
            away.add_metric([surface, code], number)
        rules = CounterMetricFamily("daffa_refusals", "Requests that the law refused, by rule.", labels=["rule"])
        for rule, number in list(counters.refused.items()):
            rules.add_metric([rule], number)
        waits = HistogramMetricFamily("daffa_admission_seconds", "Until a decision was made and durable.")
        _observe(waits, (), counters.waits)
        yield from (away, rules, waits)

    def _models(self) -> Iterator[Metric]:
        running = self._house.running
        states = GaugeMetricFamily(
            "daffa_model_state", "1 for the state that a model's breaker is in.", labels=["model", "state"]
        )
        opened = CounterMetricFamily("daffa_breaker_opened", "How often a model's breaker opened.", labels=["model"])
        retries = CounterMetricFamily("daffa_retries", "Questions that were not the first of their request.", labels=["model"])
        for model in self._house.settings.models:
            standing = running.health.state(model)
            for state in State:
                states.add_metric([model, state.value], state is standing)
            opened.add_metric([model], running.health.opened.get(model, 0))
            retries.add_metric([model], running.counters.retries[model])
        yield from (states, opened, retries)


class _House(Collector):
    """What the process holds now."""

    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Metric]:
        """See ``prometheus_client.registry.Collector``."""
        house = self._house
        intake = house.running.intake
        build = GaugeMetricFamily("daffa_build", "1, with the version of the program.", labels=["version"])
        build.add_metric([daffa.__version__], 1)
        yield build
        yield GaugeMetricFamily("daffa_requests_in_flight", "Requests under way.", value=intake.under_way)
        yield CounterMetricFamily("daffa_overloaded", "Requests that found the worker full.", value=intake.turned_away)
        dropped = CounterMetricFamily("daffa_told_dropped", "Lines and spans that were lost.", labels=["teller"])
        for name, teller in house.running.tellers.items():
            dropped.add_metric([name], teller.dropped)
        yield dropped
        waiting = GaugeMetricFamily("daffa_waiting", "Requests that wait for their turn at a scarce engine.", labels=["model"])
        for model, length in house.quota.waiting().items():
            waiting.add_metric([model], length)
        yield waiting
        yield GaugeMetricFamily("daffa_audit_entries", "Entries under the log's checkpoint.", value=house.audit.checkpoint.size)
        yield GaugeMetricFamily("daffa_audit_writable", "1 while the log takes entries.", value=house.audit.writable)
        yield GaugeMetricFamily("daffa_incidents_open", "Incidents that stand open.", value=house.incidents.standing)


def _observe(family: HistogramMetricFamily, key: Iterable[str], histogram: Histogram) -> None:
    buckets = [("+Inf" if bound == float("inf") else repr(bound), float(count)) for bound, count in histogram.cumulative()]
    family.add_metric(list(key), buckets, histogram.total)
