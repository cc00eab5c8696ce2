"""What a running worker tells: metrics, access log, traces and usage agree with the log, and have not a word of content."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from servers import Server, serving
from sockets import DONE, END, STREAM, Upstream, answer, chat, chunk, connected, event, read_until, request

SECRET = "palmier-7391"


@dataclass
class Collected:
    """What a collector of traces got."""

    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Any]:
        """Every span."""
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [span for each in requests for one in each.resource_spans for scope in one.scope_spans for span in scope.spans]


@pytest.fixture(scope="module")
def collected() -> Iterator[tuple[str, Collected]]:
    """A collector of traces, and what it got."""
    kept = Collected()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", kept
        server.shutdown()


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """The model's server."""
    with Upstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def server(upstream: Upstream, collected: tuple[str, Collected], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that tells all that it can."""
    data = tmp_path_factory.mktemp("house")
    config = upstream.config(
        f'access_log = "{data}/access.log"\notel = {{ endpoint = "{collected[0]}", sample = 1.0 }}\n'
        "first_byte_seconds = 0.5\nanswer_seconds = 1.5\nbreaker_failures = 0\n"
    )
    with serving(data, config + "params_active = 24e9\nprice_out = 2.0\n") as server:
        yield server


def samples(server: Server) -> dict[tuple[str, str], float]:
    """Every sample of the metrics, by name and status (or code, state, rule)."""
    text = server.ask("GET", "/metrics").body.decode()
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            mark = next(
                (sample.labels[name] for name in ("status", "code", "rule", "state", "direction") if name in sample.labels), ""
            )
            found[sample.name, mark] = found.get((sample.name, mark), 0.0) + sample.value
    return found


def outcome(server: Server, reference: str) -> dict[str, Any]:
    """The outcome of a decision."""
    return server.history(reference)[1][int(reference.rpartition("#")[2])]


def reference_of(head: bytes) -> str:
    """The decision that an answer names."""
    return head.split(b"x-daffa-decision: ")[1].split(b"\r\n")[0].decode()


def test_an_answer_is_told_everywhere(server: Server, upstream: Upstream, collected: tuple[str, Collected]):
    """Counters, a line, a span and the usage each have its tokens; none has its words."""
    before = samples(server)
    upstream.script = [answer(b'{"choices":[{"index":0}],"usage":{"prompt_tokens":3,"completion_tokens":500}}')]
    reply = server.chat(SECRET, "raw")
    assert reply.status == 200
    outcome(server, reply.headers["x-daffa-decision"])
    after = samples(server)
    gained = {key: after[key] - before.get(key, 0.0) for key in after}
    assert gained["daffa_requests_total", "answered"] == 1
    assert (gained["daffa_tokens_total", "in"], gained["daffa_tokens_total", "out"]) == (3, 500)
    assert gained["daffa_cost_total", ""] == pytest.approx(0.001)
    assert 0.01 < gained["daffa_energy_watt_hours_total", ""] < 1
    assert gained["daffa_first_byte_seconds_count", ""] == gained["daffa_request_seconds_count", ""] == 1
    assert gained["daffa_admission_seconds_count", ""] == 1
    assert after["daffa_model_state", "closed"] == 1
    assert after["daffa_requests_in_flight", ""] == 0
    line = _until(lambda: [row for row in _lines(server) if row["reference"] == reply.headers["x-daffa-decision"]])[0]
    assert (line["status"], line["model"], line["place"], line["tokens_out"]) == ("answered", "raw", "rabat", 500)
    spans = _until(lambda: [span for span in collected[1].spans() if _decision(span) == reply.headers["x-daffa-decision"]])
    assert spans[0].name == "chat raw"
    used = server.ask("GET", "/api/usage?by=model").json
    (row,) = [row for row in used["rows"] if row["key"] == "raw"]
    assert (row["tokens_out"] >= 500, row["unmetered"], row["energy"] > 0.01) == (True, 0, True)
    told = server.ask("GET", "/metrics").body + Path(server.data / "access.log").read_bytes() + b"".join(collected[1].bodies)
    assert SECRET.encode() not in told
    assert server.key.encode() not in told


def test_a_client_that_leaves_in_mid_stream_has_used_what_came(server: Server, upstream: Upstream):
    """Its tokens are an estimate by the events that came, and the log's sealed details say that it is one."""
    upstream.script = [STREAM, *[event(f"word {number}") for number in range(12)], 30.0]
    before = samples(server)
    with connected(server) as connection:
        connection.sendall(request(server, chat("hello " * 50, stream=True)))
        head = read_until(connection, b"word 11")
    assert upstream.freed()
    reference = reference_of(head)
    ended = outcome(server, reference)
    assert (ended["status"], ended["tokens_out"]) == ("client_gone", 12)
    assert 50 < ended["tokens_in"] < 150
    opened = [server.ask("GET", f"/api/audit/entries/{index}").json for index in _after(server, reference)]
    assert any(entry.get("details", {}).get("estimated") is True for entry in opened), opened
    assert samples(server)["daffa_requests_estimated_total", ""] == before["daffa_requests_estimated_total", ""] + 1


def test_a_stream_that_lasts_too_long_ends(server: Server, upstream: Upstream):
    """After ``answer_seconds`` the client gets an error event, the model's server is let go, and the outcome says failed."""
    upstream.script = [STREAM, *([event("a"), 0.1] * 100), END]
    with connected(server) as connection:
        connection.sendall(request(server, chat(stream=True)))
        head = read_until(connection, b"upstream_timeout")
    assert b"upstream_timeout" in head
    assert upstream.freed()
    assert outcome(server, reference_of(head))["status"] == "failed"


def test_a_retry_is_a_decision_of_its_own(server: Server, upstream: Upstream):
    """A model that does not answer in time is asked once more, under another Permit, and both outcomes are recorded."""
    before, asked = samples(server), len(upstream.received)
    slow = [True]

    def once(_: Any) -> None:
        if slow.pop() if slow else False:
            time.sleep(1.0)

    upstream.script = [once, STREAM, event("late"), chunk(DONE), END]
    with connected(server) as connection:
        connection.sendall(request(server, chat(stream=True)))
        got = read_until(connection, DONE)
    assert DONE in got
    assert len(upstream.received) == asked + 2
    reference = reference_of(got)
    entries, outcomes = server.history(reference)
    tried = [at for at, entry in enumerate(entries) if entry["kind"] == "decision"][-2:]
    assert [outcomes[at]["status"] for at in tried] == ["failed", "answered"]
    assert samples(server)["daffa_retries_total", ""] == before["daffa_retries_total", ""] + 1


def test_a_refusal_is_counted_by_its_rule(server: Server):
    """The rule that forbade it is a label; the line of the access log leads to the entry of the refusal."""
    before = samples(server)
    reply = server.chat("hello", "raw", X_Daffa_Label="level=secret; purposes=")
    assert reply.status == 451
    after = samples(server)
    assert (
        after["daffa_turned_away_total", "refused_by_policy"]
        == before.get(("daffa_turned_away_total", "refused_by_policy"), 0) + 1
    )
    rules = reply.json["error"]["rules"]
    for rule in rules:
        assert after["daffa_refusals_total", rule["id"]] >= 1
    reference = reply.headers["x-daffa-decision"]
    line = _until(lambda: [row for row in _lines(server) if row["reference"] == reference])[0]
    assert (line["status"], line["code"], line["http_status"]) == ("turned_away", "refused_by_policy", 451)


def test_metrics_are_for_whoever_may_know(server: Server):
    """Without a key, or with that of a program that only asks, there are none; no label names a key or an organisation."""
    assert server.ask("GET", "/metrics", key=None).status == 401
    made = server.ask("POST", "/api/keys", {"organisation": "home", "name": "petitpoint", "roles": ["agent"]}).json
    assert server.ask("GET", "/metrics", key=made["token"]).status == 403
    assert server.chat("hello", key=made["token"]).status in (200, 503)
    shown = server.ask("GET", "/metrics")
    assert shown.headers["content-type"].startswith("text/plain")
    assert b"petitpoint" not in shown.body
    assert b"home" not in shown.body
    assert b"process_resident_memory_bytes" in shown.body


def test_the_list_of_models_says_how_each_is(server: Server):
    """Each row says whether its model may be asked now."""
    rows = {row["id"]: row for row in server.ask("GET", "/v1/models").json["data"]}
    assert rows["raw"]["daffa"]["state"] == "closed"


def _lines(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (server.data / "access.log").read_text().splitlines()]


def _decision(span: Any) -> str:
    return next(each.value.string_value for each in span.attributes if each.key == "daffa.decision")


def _after(server: Server, reference: str) -> list[int]:
    """The indexes of the entries after a decision."""
    entries, _ = server.history(reference)
    return list(range(len(entries), len(entries) + 3))


def _until(find: Any) -> Any:
    end = time.monotonic() + 10
    while not (found := find()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found
