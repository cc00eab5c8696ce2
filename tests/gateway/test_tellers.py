"""Who is told of ended requests: the counters, the access log, and a real collector of traces. No content, no silent loss."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes

from daffa.decision import Label
from daffa.errors import Invalid
from daffa.gateway import Call, Counters, Histogram, TurnedAway
from daffa.gateway.tellers import tracing
from daffa.gateway.tellers.access_log import AccessLog
from daffa.gateway.tellers.aside import Aside
from daffa.gateway.tellers.tracing import Tracing

CALL = Call(
    surface="openai_chat",
    model="atlas",
    upstream_model="atlas-24b",
    wire="openai",
    place="rabat",
    url="http://127.0.0.1:9001/v1",
    reference="daffa/1#7",
    label=Label.parse("level=internal"),
    attempt=1,
    stream=True,
    status="answered",
    http_status=200,
    fault="",
    tokens_in=12,
    tokens_out=34,
    estimated=False,
    bytes_out=560,
    cost=0.002,
    energy=0.05,
    started=1_763_812_800.25,
    waited=0.004,
    first_byte=0.3,
    seconds=1.5,
)
AWAY = TurnedAway(
    surface="openai_chat", code="refused_by_policy", http_status=451, rules=("ma-1", "ma-2"), reference="daffa/1#8", time=9.0
)


def other(**fields: Any) -> Call:
    """A call that differs in ``fields``."""
    return msgspec.structs.replace(CALL, **fields)


@given(st.lists(st.floats(0, 100)), st.lists(st.floats(0.001, 50), min_size=1, unique=True))
def test_a_histogram_counts_what_is_at_most_each_bound(values: list[float], bounds: list[float]):
    """Its classes are what Prometheus calls cumulative: each holds all below it, the last holds all."""
    histogram = Histogram(tuple(sorted(bounds)))
    for value in values:
        histogram.add(value)
    for bound, count in histogram.cumulative():
        assert count == sum(value <= bound for value in values)
    assert histogram.total == pytest.approx(sum(values))


def test_counters_add_up():
    """By surface, model and place; retries, refusals by rule, and errors by code."""
    counters = Counters()
    for told in (CALL, other(status="failed", first_byte=-1.0, attempt=2, estimated=True), other(place="paris"), AWAY):
        counters(told)
    sums = counters.sums["openai_chat", "atlas", "rabat"]
    assert sums.outcomes == {"answered": 1, "failed": 1}
    assert (sums.tokens_in, sums.tokens_out, sums.estimated, sums.bytes_out) == (24, 68, 1, 1120)
    assert (sums.cost, sums.energy) == (pytest.approx(0.004), pytest.approx(0.1))
    assert sums.first_byte.cumulative()[-1][1] == 1
    assert counters.waits.cumulative()[-1][1] == 3
    assert dict(counters.retries) == {"atlas": 1}
    assert dict(counters.turned_away) == {("openai_chat", "refused_by_policy"): 1}
    assert dict(counters.refused) == {"ma-1": 1, "ma-2": 1}


def test_what_comes_too_fast_is_dropped_and_counted():
    """A worker that stands still never makes anybody wait: so many wait at most, and the rest is counted."""
    gate, seen = threading.Event(), list[int]()

    def work(items: list[int]) -> None:
        gate.wait(10)
        seen.extend(items)

    aside: Aside[int] = Aside("slow", work, most=10, batch=5, pause=0.0)
    for number in range(100):
        aside.put(number)
    gate.set()
    aside.close(10)
    assert len(seen) + aside.dropped == 100
    assert seen == sorted(seen)
    assert 10 <= len(seen) <= 15


def test_work_that_fails_is_said_once_and_goes_on(caplog: pytest.LogCaptureFixture):
    """A disk that is full or a collector that is away costs what was to be kept, and never a request."""
    fails, seen = [True], list[int]()

    def work(items: list[int]) -> None:
        if fails[0]:
            raise OSError("no space")
        seen.extend(items)

    aside: Aside[int] = Aside("a log", work, pause=0.0)
    for number in range(3):
        aside.put(number)
        _until(lambda number=number: aside.dropped == number + 1)
    fails[0] = False
    aside.put(9)
    aside.close(10)
    assert (seen, aside.dropped, caplog.text.count("no space")) == ([9], 3, 1)


def _until(true: Any) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of an access log."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_access_log_has_a_line_for_each(tmp_path: Path):
    """Time, reference, surface, model, place, status, duration and tokens; what was turned away has its code."""
    log = AccessLog(str(tmp_path / "access.log"))
    log(CALL)
    log(AWAY)
    log.close()
    first, second = lines(tmp_path / "access.log")
    assert first == {
        "time": "2025-11-22T12:00:00.250Z",
        "reference": "daffa/1#7",
        "surface": "openai_chat",
        "model": "atlas",
        "place": "rabat",
        "attempt": 1,
        "stream": True,
        "status": "answered",
        "code": "",
        "http_status": 200,
        "first_byte": 0.3,
        "seconds": 1.5,
        "tokens_in": 12,
        "tokens_out": 34,
        "estimated": False,
        "bytes_out": 560,
    }
    assert (second["status"], second["code"], second["reference"]) == ("turned_away", "refused_by_policy", "daffa/1#8")
    assert (tmp_path / "access.log").stat().st_mode & 0o007 == 0


def test_the_access_log_follows_its_name(tmp_path: Path):
    """Whoever rotates renames the file; the next line is in a new one, and none is lost."""
    path = tmp_path / "access.log"
    log = AccessLog(str(path))
    log(CALL)
    _until(lambda: path.read_text().count("\n") == 1)
    path.rename(tmp_path / "access.log.1")
    log(other(reference="daffa/1#9"))
    log.close()
    assert [line["reference"] for line in lines(tmp_path / "access.log.1")] == ["daffa/1#7"]
    assert [line["reference"] for line in lines(path)] == ["daffa/1#9"]


def test_an_access_log_that_cannot_be_written_stops_the_start(tmp_path: Path):
    """A path whose folder does not exist is named."""
    with pytest.raises(Invalid) as raised:
        AccessLog(str(tmp_path / "nowhere" / "access.log"))
    assert raised.value.code == "access_log_unwritable"


class Collector(http.server.BaseHTTPRequestHandler):
    """A collector of traces that keeps what it gets."""

    spans: list[Any]
    paths: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.paths.append(self.path)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.spans.extend((resource.resource, span) for span in scope.spans)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[tuple[str, type[Collector]]]:
    """A collector on the loopback: its address, and what it got."""
    kept = type("Kept", (Collector,), {"spans": [], "paths": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), kept) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", kept
        server.shutdown()


def attributes(holder: Any) -> dict[str, Any]:
    """The attributes of a span or a resource, as plain values."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in holder.attributes}


def test_spans_reach_a_collector(collector: tuple[str, type[Collector]]):
    """A span a question: named after the operation and the model, of the true length, with the decision, label and place."""
    address, kept = collector
    traces = Tracing(address, 1.0, version="1.2", chance=lambda: 0.5)
    traces(CALL)
    traces(other(status="failed", fault="upstream_timeout", http_status=0, surface="gemini", wire="gemini"))
    traces(AWAY)
    traces.close()
    assert set(kept.paths) == {"/v1/traces"}
    (resource, first), (_, second) = kept.spans
    assert attributes(resource) == {"service.name": "daffa", "service.version": "1.2"}
    assert (first.name, first.kind) == ("chat atlas", 3)
    assert (first.end_time_unix_nano - first.start_time_unix_nano) / 1e9 == pytest.approx(1.5)
    assert len(first.trace_id) == 16
    assert first.trace_id != second.trace_id
    said = attributes(first)
    assert said["gen_ai.provider.name"] == "openai"
    assert said["gen_ai.request.model"] == "atlas-24b"
    assert (said["server.address"], said["server.port"]) == ("127.0.0.1", 9001)
    assert (said["gen_ai.usage.input_tokens"], said["gen_ai.usage.output_tokens"]) == (12, 34)
    assert (said["daffa.decision"], said["daffa.label"], said["daffa.place"]) == ("daffa/1#7", "level=internal", "rabat")
    assert said["gen_ai.response.time_to_first_chunk"] == pytest.approx(0.3)
    assert (second.name, second.status.code, attributes(second)["error.type"]) == (
        "generate_content atlas",
        2,
        "upstream_timeout",
    )


def test_only_names_of_the_conventions_are_used(collector: tuple[str, type[Collector]]):
    """Every ``gen_ai`` name is one that the published conventions have, and none that carries content."""
    address, kept = collector
    traces = Tracing(address, 1.0, version="1", chance=lambda: 0.0)
    traces(CALL)
    traces.close()
    known = {value for name, value in vars(gen_ai_attributes).items() if name.startswith("GEN_AI_")}
    used = {name for name in attributes(kept.spans[0][1]) if name.startswith("gen_ai.")}
    assert used
    assert used <= known
    assert not any(word in name for name in used for word in ("messages", "prompt", "completion", "instructions"))


def test_a_share_of_the_questions_is_traced(collector: tuple[str, type[Collector]]):
    """A question is told of where chance falls under the share."""
    address, kept = collector
    luck = iter([0.05, 0.1, 0.09, 0.5])
    traces = Tracing(address, 0.1, version="1", chance=lambda: next(luck))
    for number in range(4):
        traces(other(reference=f"daffa/1#{number}"))
    traces.close()
    assert [attributes(span)["daffa.decision"] for _, span in kept.spans] == ["daffa/1#0", "daffa/1#2"]


def test_without_the_extra_the_start_says_so(monkeypatch: pytest.MonkeyPatch):
    """The core does without the SDK; who asks for traces then is told which extra is missing."""
    monkeypatch.setattr(tracing, "OTLPSpanExporter", None)
    with pytest.raises(Invalid) as raised:
        Tracing("http://127.0.0.1:9/v1/traces", 1.0, version="1", chance=lambda: 0.0)
    assert raised.value.code == "otel_missing"
