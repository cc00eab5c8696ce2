"""Chaos: models that hang, reset, trickle, answer 500 and 429, and show a bad certificate, and a worker that is killed.

Whatever the models do, each request ends whole or with an error that says so, each decision has one outcome, the log verifies.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import http.client
import ipaddress
import json
import random
import re
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from servers import Server, serving
from sockets import chat

from daffa.audit import Reader
from daffa.worlds import Behaviour, Provider

CLIENTS, QUESTIONS = 6, 25
PLACE = """
[[place]]
id = "rabat"
hw = "MA"
region = "MA-04"
operator = "MA"
reach = ["MA"]
qual = 2
key = "state"
retention_days = 0
trains = false
"""
BEHAVIOURS = {
    "hangs": Behaviour(hang=True),
    "resets": Behaviour(reset_after_bytes=0),
    "breaks": Behaviour(reset_after_bytes=300),
    "trickles": Behaviour(chunk_bytes=7, trickle=0.001),
    "fails": Behaviour(fail_status=500),
    "saturated": Behaviour(fail_status=429, retry_after=1),
    "unreadable": Behaviour(broken_json=True),
    "well": Behaviour(),
    "dead": Behaviour(fail_status=503),
}
CONFIG = """
prefer = ["price"]
idle_seconds = 0.5
first_byte_seconds = 0.3
answer_seconds = 5.0
breaker_failures = 3
drain_seconds = 2.0
metrics = "local"
"""


def self_signed(folder: Path) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    key, today = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@dataclass
class Zoo:
    """The providers by name, all of them behind one place at home, the worst the cheapest."""

    providers: dict[str, Provider]

    def config(self, extra: str = CONFIG) -> str:
        """The ``daffa.toml`` that names them."""
        rows = [
            f'[[model]]\nid = "{name}"\nwire = "openai"\nurl = "{provider.url}"\nupstream_model = "sim"\nplace = "rabat"\n'
            f"price_in = {1 + number}.0\n"
            for number, (name, provider) in enumerate(self.providers.items())
        ]
        return "\n".join([extra, PLACE, *rows])


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zoo]:
    """All of them, running in a thread."""
    tls = self_signed(tmp_path_factory.mktemp("tls"))
    providers = {"untrusted": Provider("untrusted", tls=tls)}
    providers |= {name: Provider(name, behaviour=behaviour) for name, behaviour in BEHAVIOURS.items()}
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work):
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)

    for provider in providers.values():
        run(provider.start())
    try:
        yield Zoo(providers)
    finally:
        for provider in providers.values():
            run(provider.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def server(zoo: Zoo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server before all of them."""
    with serving(tmp_path_factory.mktemp("house"), zoo.config()) as server:
        yield server


@dataclass
class Crowd:
    """Clients that each ask some questions, whole and streamed, by name and by ``auto``, and note how each ended."""

    server: Server
    models: list[str]
    questions: int = QUESTIONS
    ended: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def run(self) -> None:
        """All of them, until each has asked its questions."""
        threads = [threading.Thread(target=self._client, args=(number,), daemon=True) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()

    def _client(self, number: int) -> None:
        chance = random.Random(number)
        for _ in range(self.questions):
            stream, model = chance.random() < 0.5, chance.choice(self.models)
            with contextlib.closing(http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=30)) as connection:
                headers = {"Authorization": f"Bearer {self.server.key}"}
                connection.request("POST", "/v1/chat/completions", chat("one two three", model=model, stream=stream), headers)
                with connection.getresponse() as response:
                    self._note(model, response.status, dict(response.getheaders()), response.read(), stream)

    def _note(self, model: str, status: int, headers: dict[str, str], body: bytes, stream: bool) -> None:
        ended = "other"
        if status == 503:
            code = json.loads(body)["error"]["code"]
            ended = code if int(headers["retry-after"]) >= 1 else "no retry-after"
        elif status == 200 and stream:
            last = body.rstrip().rsplit(b"\n\n", 1)[-1]
            ended = "whole" if last == b"data: [DONE]" else "broken" if b'"error"' in last else "cut"
        elif status == 200:
            ended = "whole" if json.loads(body)["choices"] else "empty"
        self.ended[ended] += 1
        if ended not in ("whole", "broken", "no_model_answered", "models_resting"):
            self.wrong.append(f"{model} {status} {body[:300]!r}")


def entries(data: Path) -> list[dict]:
    """Every entry of a log."""
    reader = Reader(data / "audit")
    return [json.loads(reader.entry(index)) for index in range(reader.checkpoint().size)]


def metric(server: Server, line: str) -> float:
    """The sum of the samples whose line begins so."""
    text = server.ask("GET", "/metrics", key=None).body.decode()
    return sum(float(found) for found in re.findall(rf"^{re.escape(line)}[^ ]* ([0-9.e+-]+)$", text, re.MULTILINE))


def test_whatever_the_models_do_each_request_ends(zoo: Zoo, server: Server):
    """Answers are whole, or errors with a code and a time to come back; each decision has one outcome; nothing is held."""
    crowd = Crowd(server, ["auto", "auto", "auto", *(name for name in zoo.providers if name != "dead")])
    crowd.run()
    assert crowd.wrong == []
    assert crowd.ended.total() == CLIENTS * QUESTIONS
    assert crowd.ended["whole"] > crowd.ended.total() / 4
    _until(lambda: metric(server, "daffa_requests_in_flight") == 0)
    resting = {name for name in zoo.providers if metric(server, f'daffa_breaker_opened_total{{model="{name}"')}
    assert {"hangs", "resets", "fails", "untrusted"} <= resting
    assert not {"well", "saturated"} & resting
    assert zoo.providers["untrusted"].requests == []
    server.ask("GET", "/api/audit/entries/0")  # writes out what the log holds
    assert Reader(server.data / "audit").verify().damage == ()
    kept = entries(server.data)
    allowed = [at for at, entry in enumerate(kept) if entry["kind"] == "decision" and entry["verdict"] == "allow"]
    ended = [entry["decision"] for entry in kept if entry["kind"] == "outcome"]
    assert sorted(ended) == allowed
    assert metric(server, "daffa_requests_total") == len(ended)


def test_a_model_that_is_dead_is_not_hammered(zoo: Zoo, server: Server):
    """A crowd that asks for a model that fails reaches it a few times; the others hear at once when to come back."""
    crowd = Crowd(server, ["dead"])
    crowd.run()
    assert set(crowd.ended) == {"no_model_answered", "models_resting"}
    assert len(zoo.providers["dead"].requests) <= 3 + 2 * CLIENTS


def test_a_worker_killed_in_mid_stream_leaves_a_log_that_verifies(zoo: Zoo, tmp_path: Path):
    """After kill -9 in the middle of streams only these lack an outcome, and the next start goes on in the same log."""
    zoo.providers["well"].behaviour = Behaviour(gap=0.02)
    with serving(tmp_path, zoo.config()) as server:
        crowd = Crowd(server, ["well", "fails", "auto"])
        thread = threading.Thread(target=_unbothered, args=(crowd,), daemon=True)
        thread.start()
        _until(lambda: metric(server, "daffa_requests_in_flight") >= 3 and metric(server, "daffa_requests_total") > 5)
        server.kill()
        thread.join(60)
    zoo.providers["well"].behaviour = Behaviour()
    assert Reader(tmp_path / "audit").verify().damage == ()
    before = entries(tmp_path)
    with serving(tmp_path) as server:
        assert server.chat("hello", "well").status == 200
    assert Reader(tmp_path / "audit").verify().damage == ()
    after = entries(tmp_path)
    assert after[: len(before)] == before
    decided = {at for at, entry in enumerate(after) if entry["kind"] == "decision" and entry["verdict"] == "allow"}
    ended = [entry["decision"] for entry in after if entry["kind"] == "outcome"]
    assert len(ended) == len(set(ended))
    assert set(ended) <= decided


def _unbothered(crowd: Crowd) -> None:
    """Run the crowd, whose server goes away."""
    original = threading.excepthook
    threading.excepthook = lambda _: None
    try:
        crowd.run()
    finally:
        threading.excepthook = original


def _until(true, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
