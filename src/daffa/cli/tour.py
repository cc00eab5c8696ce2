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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from daffa import sentences
from daffa.decision import Category, Label
from daffa.errors import Conflict, Unavailable
from daffa.worlds import World

from . import tour_proof
from .paint import WIDTH, Page, isolate, tone, width
from .reach import ADMIN_KEY

__all__ = ["add"]

_RIB = "007 780 0001234567890123 96"
_PLACES = ("rabat", "paris", "virginia")
_FACTS = "simulated real choice asked label law rule went answer entry refused why then".split()
_STOP_SECONDS = 60.0


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
    tour.opening()
    with World.in_thread() as world, _folder(arguments.keep) as data:
        for provider, place in zip(world.providers, _PLACES, strict=True):
            provider.name = sentences.say(f"tour_provider_{place}", arguments.lang)
            provider.behaviour.language = arguments.lang
        (data / "daffa.toml").write_text(world.config(prefer=("price",)), encoding="utf-8")
        with _server(data) as url:
            client = _Client(url, data, arguments.lang)
            for number, stop in enumerate(_STOPS, 1):
                tour.station(number, stop, client, world)
        tour.proof(data / "audit")
    return 0


class _Tour:
    """Says, in one language, what happens."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._arabic = language == "ar"
        self._margin = 4 + max(width(self._t(name)) for name in _FACTS)
        self._page = Page(right_to_left=self._arabic, margin=self._margin)
        self._last = ""
        self._told: set[str] = set()

    def opening(self) -> None:
        """What a newcomer needs to know first: what is simulated, what is real, who is chosen."""
        self._page.heading(self._t("title"))
        self._page.line()
        for name in ("simulated", "real", "choice"):
            self._fact(name, self._t(f"{name}_is"))

    def station(self, number: int, stop: _Stop, client: _Client, world: World) -> None:
        """One question: its label, every candidate's verdict, the words of a rule, where it went, its entry."""
        question = self._t(f"question_{stop.name}", rib=_RIB)
        self._page.heading(f"{number}. {self._t(f'title_{stop.name}')}")
        self._page.paragraph(self._t(f"about_{stop.name}"))
        self._fact("asked", question.replace(_RIB, _RIB.replace(" ", "\u00a0")))
        before = world.virginia.bytes_received
        answer = client.ask(question, stop)
        self._fact("label", self._in_words(Label.parse(answer.label)))
        verdicts = client.verdicts(answer.label, stop.purpose)
        self._verdicts(verdicts)
        if answer.status == 451:
            self._refusal(answer, world.virginia.bytes_received - before)
        else:
            self._one_rule(verdicts, client.law())
            self._fact("went", tone(self._latin(f"{answer.place} ({answer.model})"), "plain"))
            self._fact("answer", self._short(answer.text))
            self._fact("entry", self._t("durable", reference=answer.reference))
        self._last = answer.reference

    def proof(self, audit: Path) -> None:
        """The log verified, a receipt verified without the server, a tampered copy caught."""
        self._page.heading(self._t("proof"))
        mark = tone("✓", "good")
        self._page.paragraph(self._t("verified", size=tour_proof.verify(audit)), lead=mark)
        self._page.paragraph(self._t("receipt", reference=self._last), lead=mark)
        self._page.verbatim(tour_proof.receipt(audit, self._last))
        entry, damage = tour_proof.tamper(audit, self._last)
        self._page.paragraph(self._t("tampered", entry=entry), lead=mark)
        self._page.paragraph(damage.say(self._language), indent=4)
        self._page.line()
        then = {"up": "up", "policy explain": "explain", "--help": "help"}
        rows = [(self._latin(f"./daffa {words}"), self._t(f"then_{name}")) for words, name in then.items()]
        self._page.rows(self._t("then"), rows)
        self._page.line()

    def _t(self, code: str, **facts: Any) -> str:
        return sentences.say(f"tour_{code}", self._language, **facts)

    def _fact(self, name: str, value: str) -> None:
        self._page.fact(self._t(name), value)

    def _verdicts(self, verdicts: dict[str, dict[str, Any]]) -> None:
        """Every candidate: whether it is lawful, and the first rules that say so."""
        room = WIDTH - self._margin - 4 - max(map(len, verdicts))
        rows = []
        for place, verdict in verdicts.items():
            mark = tone("✓", "good") if verdict["allowed"] else tone("✗", "bad")
            rules = verdict["rules"] or [near["rule"] for near in verdict["nearest"]]
            rows.append((f"{mark} {self._latin(place)}", self._listed(rules, room)))
        self._page.rows(self._t("law"), rows)

    def _one_rule(self, verdicts: dict[str, dict[str, Any]], law: dict[str, dict[str, Any]]) -> None:
        """In its own words, a rule that refused here and was not yet told."""
        refusing = [name for verdict in verdicts.values() if not verdict["allowed"] for name in verdict["rules"]]
        for name in [name for name in refusing if name not in self._told][:1]:
            self._fact("rule", self._in_its_words(name, law[name]["sentences"][self._language]))
            self._told.add(name)

    def _refusal(self, answer: _Answer, received: int) -> None:
        self._fact("refused", tone(self._t("no_byte", bytes=received), "bad"))
        for number, (name, sentence) in enumerate(answer.rules):
            self._page.fact(self._t("why") if number == 0 else "", self._in_its_words(name, sentence))
        self._fact("entry", self._t("recorded_refusal", reference=answer.reference))

    def _in_words(self, label: Label) -> str:
        """The level, the categories and the form of a label."""
        codes = [f"level_{label.level:d}", *(f"categories_{name}" for name in Category if name in label.categories)]
        about, form = (self._law_word(code) for code in ("subject_context_form", f"form_{label.form.name.lower()}"))
        said = sentences.say("law_op_eq", self._language, subject=about, values=form)
        return " · ".join([*map(self._law_word, codes), said])

    def _law_word(self, code: str) -> str:
        return sentences.say(f"law_{code}", self._language)

    def _in_its_words(self, rule: str, sentence: str) -> str:
        return self._t("words", rule=rule, sentence=sentence)

    def _listed(self, rules: Sequence[str], room: int) -> str:
        """As many ids as ``room`` holds, and how many more there are."""
        for shown in range(len(rules), 0, -1):
            more = f" {self._latin(f'+{len(rules) - shown}')}" if shown < len(rules) else ""
            text = ("، " if self._arabic else ", ").join(map(self._latin, rules[:shown])) + more
            if width(text) <= room:
                break
        return text

    def _short(self, text: str) -> str:
        """The first sentence of ``text``, as much of it as one line holds."""
        first, _, rest = text.partition(". ")
        said = f"{first}. …" if rest else first
        room = WIDTH - self._margin
        return said if width(said) <= room else f"{said[: room - 2].rpartition(' ')[0]} …"

    def _latin(self, text: str) -> str:
        return isolate(text) if self._arabic else text


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back: ``rules`` are the id and the sentence of each rule that refused."""

    status: int
    label: str
    place: str
    model: str
    reference: str
    text: str
    rules: tuple[tuple[str, str], ...]


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
        response, content = self._call("POST", "/v1/chat/completions", body, headers)
        if response.status not in (200, 451):
            raise Unavailable("tour_failed", reason=content.decode()[:300])
        said = {name: response.getheader(f"X-Daffa-{name}", "") for name in ("Label", "Place", "Model", "Decision")}
        text = _text(content.decode(), stop.stream) if response.status == 200 else ""
        rules = json.loads(content)["error"]["rules"] if response.status == 451 else []
        return _Answer(
            response.status, said["Label"], said["Place"], said["Model"], said["Decision"], text,
            tuple((rule["id"], rule["sentence"]) for rule in rules),
        )  # fmt: skip

    def verdicts(self, label: str, purpose: str) -> dict[str, dict[str, Any]]:
        """The verdict on each of the three places for this label."""
        actor = {"organisation": "home", "roles": ["administrator", "agent", "operator"]}
        questions = [
            {"door": "gateway", "purpose": purpose, "label": label, "place": place, "actor": actor} for place in _PLACES
        ]
        _, content = self._call("POST", "/api/decide", questions)
        return dict(zip(_PLACES, json.loads(content), strict=True))

    def law(self) -> dict[str, dict[str, Any]]:
        """The rules of the law in force, by id."""
        _, content = self._call("GET", "/api/law")
        return {rule["id"]: rule for rule in json.loads(content)["rules"]}

    def _call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        with contextlib.closing(http.client.HTTPConnection(self._host, timeout=30)) as connection:
            connection.request(method, path, json.dumps(body), self._headers | (headers or {}))
            response = connection.getresponse()
            return response, response.read()


def _text(content: str, stream: bool) -> str:
    if not stream:
        return str(json.loads(content)["choices"][0]["message"]["content"])
    events = [json.loads(line[5:]) for line in content.splitlines() if line.startswith("data:") and "[DONE]" not in line]
    return "".join(choice["delta"].get("content") or "" for event in events for choice in event["choices"])


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(keep.iterdir()):
            raise Conflict("tour_folder_taken", folder=str(keep))
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
