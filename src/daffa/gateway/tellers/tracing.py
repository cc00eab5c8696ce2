"""Traces: a ``gen_ai`` span for a share of the questions, sent by OTLP over HTTP. Never a prompt, never a name.

Made and sent in a thread. Knows the SDK of the extra ``otel``, which the core does without. The names follow the
semantic conventions of OpenTelemetry for generative AI (status: development); what they have no name for is ``daffa.*``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from daffa.errors import Invalid

from ..call import Call, TurnedAway
from .aside import Aside

try:
    import requests
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExportResult
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags
except ModuleNotFoundError:
    OTLPSpanExporter = None  # type: ignore[assignment,misc]

__all__ = ["Tracing"]

_OPERATIONS = {"count": "count_tokens", "embeddings": "embeddings", "gemini": "generate_content"}
# The names that the conventions give to whoever speaks a wire's protocol.
_PROVIDERS = {"anthropic": "anthropic", "gemini": "gcp.gemini", "mistral": "mistral_ai", "openai": "openai"}
_EXPORT_SECONDS = 5.0
_NANO = 1_000_000_000


class Tracing:
    """A ``Teller`` that sends spans.

    Args:
        endpoint: the whole address that takes traces, such as ``http://127.0.0.1:4318/v1/traces``.
        share: of the questions that are told of, 0 to 1.
        version: of the program.
        chance: a number in [0, 1), anew at each call.

    Raises ``Invalid`` (``otel_missing``) where the extra ``otel`` is not installed.
    """

    def __init__(self, endpoint: str, share: float, *, version: str, chance: Callable[[], float]) -> None:
        if OTLPSpanExporter is None:
            raise Invalid("otel_missing")
        session = requests.Session()
        session.trust_env = False  # no proxy of the environment: a span goes where the settings say, or nowhere
        self._exporter = OTLPSpanExporter(endpoint, timeout=_EXPORT_SECONDS, session=session)
        self._share = share
        self._chance = chance
        self._resource = Resource({"service.name": "daffa", "service.version": version})
        self._scope = InstrumentationScope("daffa.gateway", version)
        self._ids = RandomIdGenerator()
        self._aside: Aside[Call] = Aside("traces", self._export, most=2_000, batch=200, pause=1.0)

    @property
    def dropped(self) -> int:
        """Spans that could not be sent, or came faster than they could."""
        return self._aside.dropped

    def __call__(self, told: Call | TurnedAway) -> None:
        """See ``Teller``. A request that no model was asked for has no span."""
        if isinstance(told, Call) and self._chance() < self._share:
            self._aside.put(told)

    def close(self) -> None:
        """Send what waits."""
        self._aside.close(_EXPORT_SECONDS + 1)
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def _export(self, calls: list[Call]) -> None:
        if self._exporter.export([self._span(call) for call in calls]) is not SpanExportResult.SUCCESS:
            raise ConnectionError("the collector does not take spans")

    def _span(self, call: Call) -> ReadableSpan:
        context = SpanContext(
            self._ids.generate_trace_id(), self._ids.generate_span_id(), is_remote=False, trace_flags=TraceFlags(1)
        )
        failed = call.status == "failed"
        return ReadableSpan(
            name=f"{_operation(call)} {call.model}",
            context=context,
            resource=self._resource,
            attributes=_attributes(call),
            kind=SpanKind.CLIENT,
            status=Status(StatusCode.ERROR, call.fault) if failed else Status(StatusCode.UNSET),
            start_time=int(call.started * _NANO),
            end_time=int((call.started + call.seconds) * _NANO),
            instrumentation_scope=self._scope,
        )


def _operation(call: Call) -> str:
    return next((name for mark, name in _OPERATIONS.items() if mark in call.surface), "chat")


def _attributes(call: Call) -> dict[str, Any]:
    server = urlsplit(call.url)
    found: dict[str, Any] = {
        "gen_ai.operation.name": _operation(call),
        "gen_ai.provider.name": _PROVIDERS.get(call.wire, call.wire),
        "gen_ai.request.model": call.upstream_model,
        "gen_ai.request.stream": call.stream,
        "gen_ai.usage.input_tokens": call.tokens_in,
        "gen_ai.usage.output_tokens": call.tokens_out,
        "server.address": server.hostname or "",
        "server.port": server.port or (443 if server.scheme == "https" else 80),
        "daffa.decision": call.reference,
        "daffa.label": str(call.label),
        "daffa.place": call.place,
        "daffa.model": call.model,
        "daffa.surface": call.surface,
        "daffa.status": call.status,
        "daffa.attempt": call.attempt,
        "daffa.tokens.estimated": call.estimated,
        "daffa.energy.watt_hours": call.energy,
        "daffa.admission.seconds": call.waited,
    }
    if call.http_status:
        found["http.response.status_code"] = call.http_status
    if call.stream and call.first_byte >= 0:
        found["gen_ai.response.time_to_first_chunk"] = call.first_byte
    if call.fault:
        found["error.type"] = call.fault
    return found
