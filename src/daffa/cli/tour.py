"""``daffa tour``: a guided walk on a machine with no model and no key. Real server, real log; the providers are simulated.

Everything happens in a folder of its own that is gone afterwards, unless ``--keep`` names one.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from daffa import sentences
from daffa.errors import Unavailable
from daffa.worlds import World

from . import tour_proof
from .paint import bold, columns, dim, fact, fold, isolate, rule, say, tone
from .reach import ADMIN_KEY

__all__ = ["add"]

_RIB = "007 780 0001234567890123 96"
_STOP_SECONDS = 60.0
_RULES_SHOWN = 2


@dataclass(frozen=True, slots=True)
class _Stop:
    """One station: which question, to which model, with which declaration."""

    name: str
    model: str = "auto"
    label: str = ""
    purpose: str = "public_service"
    stream: bool = False


_STOPS = (
    _Stop("plain", stream=True),
    _Stop("cin"),
    _Stop("rib"),
    _Stop("health", label="level=confidential; categories=health,personal", purpose="health_care"),
    _Stop("secret", model="potomac-virginia", label="level=secret"),
)


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("tour", parents=[common], help="a guided walk, without any model or key")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="do the walk in DIR and keep it")
    parser.set_defaults(run=_tour)


def _tour(arguments: argparse.Namespace) -> int:
    tour = _Tour(arguments.lang)
    tour.title()
    with World.in_thread() as world, _folder(arguments.keep) as data:
        for provider in world.providers:
            provider.behaviour.language = arguments.lang
        (data / "daffa.toml").write_text(world.config(prefer=("price",)), encoding="utf-8")
        with _server(data) as url:
            for number, stop in enumerate(_STOPS, 1):
                tour.station(number, stop, _Client(url, data, arguments.lang), world)
        tour.proof(data)
    return 0


class _Tour:
    """Says, in one language, what happens."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._rtl = language == "ar"
        self._last = ""

    def _t(self, code: str, **facts: Any) -> str:
        return sentences.say(f"tour_{code}", self._language, **facts)

    def _fact(self, code: str, value: str) -> None:
        for line in fact(self._t(code), value, right_to_left=self._rtl):
            say(line)

    def title(self) -> None:
        """What a newcomer needs to know first."""
        say()
        say(rule(self._t("title")))
        say()
        for line in fold(self._t("intro"), 78):
            say(line)
        say()
        say(dim(self._t("starting")))

    def station(self, number: int, stop: _Stop, client: _Client, world: World) -> None:
        """One question: its label, every candidate's verdict, where it went, its receipt."""
        question = self._t(f"question_{stop.name}", rib=_RIB)
        say()
        say(rule(str(number)))
        for line in fold(self._t(f"about_{stop.name}"), 76):
            say(f"  {bold(line)}")
        self._fact("asked", question)
        before = world.virginia.bytes_received
        answer = client.ask(question, stop)
        self._fact("label", self._latin(answer.label))
        self._verdicts(client.verdicts(answer.label, stop.purpose))
        if answer.status == 451:
            self._fact("refused", self._t("no_byte", bytes=world.virginia.bytes_received - before))
            self._fact("why", answer.text)
            self._fact("entry", self._t("recorded_refusal", reference=answer.reference))
        else:
            self._fact("went", tone(self._latin(f"{answer.place} ({answer.model})"), "plain"))
            self._fact("answer", answer.text)
            self._fact("entry", self._t("durable", reference=answer.reference))
        self._last = answer.reference

    def _verdicts(self, verdicts: dict[str, dict[str, Any]]) -> None:
        """Every candidate: whether it is lawful, and the first rules that say so."""
        for number, (place, verdict) in enumerate(verdicts.items()):
            allowed = verdict["allowed"]
            mark = tone("✓" if allowed else "✗", "good" if allowed else "bad")
            rules = verdict["rules"] or [near["rule"] for near in verdict["nearest"]]
            more = f" +{len(rules) - _RULES_SHOWN}" if len(rules) > _RULES_SHOWN else ""
            name = self._t("law") if number == 0 else ""
            for line in columns(name, f"{mark} {place}", rules[:_RULES_SHOWN], more, right_to_left=self._rtl):
                say(line)

    def _latin(self, text: str) -> str:
        return isolate(text) if self._rtl else text

    def proof(self, data: Path) -> None:
        """The log verified, a receipt verified without the server, a tampered copy caught."""
        say()
        say(rule(self._t("proof")))
        audit = data / "audit"
        size = tour_proof.verify(audit)
        lines = tour_proof.receipt(audit, self._last)
        entry, reason = tour_proof.tamper(audit, self._last, self._language)
        for code, facts in (
            ("verified", {"size": size}),
            ("receipt", {"reference": self._last, "lines": lines}),
            ("tampered", {"entry": entry, "reason": reason}),
        ):
            for number, line in enumerate(fold(self._t(code, **facts), 76)):
                say(f"{tone('✓', 'good') if number == 0 else ' '} {line}")
        say()
        for line in fold(self._t("end"), 78):
            say(line)
        say()


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    label: str
    place: str
    model: str
    reference: str
    text: str


class _Client:
    """A client as anybody could write one: HTTP and a key."""

    def __init__(self, url: str, data: Path, language: str) -> None:
        self._host = urlsplit(url).netloc
        key = (data / ADMIN_KEY).read_text(encoding="utf-8").strip()
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Accept-Language": language}

    def ask(self, question: str, stop: _Stop) -> _Answer:
        """Send one chat request and read its answer, whole or streamed."""
        headers = {"X-Daffa-Purpose": stop.purpose} | ({"X-Daffa-Label": stop.label} if stop.label else {})
        body = {"model": stop.model, "stream": stop.stream, "messages": [{"role": "user", "content": question}]}
        response, content = self._post("/v1/chat/completions", body, headers)
        if response.status not in (200, 451):
            raise Unavailable("tour_failed", reason=content.decode()[:300])
        said = {name: response.getheader(f"X-Daffa-{name}", "") for name in ("Label", "Place", "Model", "Decision")}
        text = _text(content.decode(), stop.stream) if response.status == 200 else _reason(content)
        return _Answer(response.status, said["Label"], said["Place"], said["Model"], said["Decision"], text)

    def verdicts(self, label: str, purpose: str) -> dict[str, dict[str, Any]]:
        """The verdict on each of the three places for this label."""
        places = ("rabat", "paris", "virginia")
        actor = {"organisation": "home", "roles": ["administrator", "agent", "operator"]}
        questions = [
            {"door": "gateway", "purpose": purpose, "label": label, "place": place, "actor": actor} for place in places
        ]
        _, content = self._post("/api/decide", questions, {})
        return dict(zip(places, json.loads(content), strict=True))

    def _post(self, path: str, body: Any, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
        with contextlib.closing(http.client.HTTPConnection(self._host, timeout=30)) as connection:
            connection.request("POST", path, json.dumps(body), self._headers | headers)
            response = connection.getresponse()
            return response, response.read()


def _text(content: str, stream: bool) -> str:
    if not stream:
        return str(json.loads(content)["choices"][0]["message"]["content"])
    events = [json.loads(line[5:]) for line in content.splitlines() if line.startswith("data:") and "[DONE]" not in line]
    return "".join(choice["delta"].get("content") or "" for event in events for choice in event["choices"])


def _reason(content: bytes) -> str:
    return " ".join(rule["sentence"] for rule in json.loads(content)["error"]["rules"][:1])


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="daffa-tour-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def _server(data: Path) -> Iterator[str]:
    """The real server, as a process of its own, on a free port."""
    command = [sys.executable, "-m", "daffa", "up", "--data", str(data), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603
    try:
        assert process.stdout is not None  # noqa: S101
        line = process.stdout.readline()
        if not line.startswith("ready "):
            raise Unavailable("tour_failed", reason=process.communicate(timeout=10)[1].strip()[-300:])
        yield line.split()[1]
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
