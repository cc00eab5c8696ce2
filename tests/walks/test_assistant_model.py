"""The assistant with models: it asks them like any client, under the label of what it shows them; none sees more than it may.

Two simulated models' servers (Rabat and Paris) word answers out of the passages that they are sent, and keep those.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from page_servers import browsing, signed_in
from servers import Server, serving

PUBLIC = "J'ai perdu ma carte nationale, que faire ?"
SECRET = "Quel est le budget du projet Tamuzgha ?"
KEPT = "Le budget du projet Tamuzgha est de 48 millions de dirhams. Il est voté par le conseil."
WORD = "Tamuzgha"
_PASSAGE = re.compile(r'<passage id="(p\d+)"[^>]*>\n[^\n]*\n([^\n]*)')


@dataclass
class Author:
    """A model's server that answers with the first sentence of the first passages, as JSON, and keeps every request's body.

    It streams single bytes, and writes no second sentence (``many``) before ``go`` is set.
    """

    name: str
    many: int = 1
    received: list[str] = field(default_factory=list)
    go: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def written(self, body: str) -> Iterator[str]:
        """What it says to a request, in pieces."""
        said = json.loads(body)["messages"][-1]["content"]
        passages = _PASSAGE.findall(said)
        passages.sort(key=lambda each: WORD not in each[1])
        yield '{"status": "answered", "sentences": ['
        for number, (name, text) in enumerate(passages[: self.many]):
            if number:
                self.go.wait(30)
            first = re.split(r"(?<=[^t]\.) ", text)[0]
            yield (", " if number else "") + json.dumps({"text": first, "cites": [name]})
        yield "]}"


def event(piece: str) -> bytes:
    """A piece of a chat as an event."""
    return b"data: %b\n\n" % json.dumps({"choices": [{"index": 0, "delta": {"content": piece}}]}).encode()


def serve(author: Author) -> ThreadingHTTPServer:
    """``author`` behind a port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            author.received.append(body)
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in author.written(body):
                for at in range(0, len(piece), 9):
                    self.wfile.write(b"".join(b"1\r\n%c\r\n" % byte for byte in event(piece[at : at + 9])))
                self.wfile.flush()
            usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
            end = b"data: %b\n\ndata: [DONE]\n\n" % json.dumps({"choices": [], "usage": usage}).encode()
            self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(end), end))

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    author.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@dataclass(frozen=True)
class Both:
    """The two servers."""

    home: Author
    abroad: Author

    def config(self, assistant_model: str) -> str:
        """Settings in which the one abroad is the cheaper one, and preferred for that."""
        at_home = 'hw = "MA"\nregion = "MA-04"\noperator = "MA"\nreach = ["MA"]\nqual = 2\nseal = 4\nkey = "state"'
        outside = 'hw = "FR"\nregion = "FR-IDF"\noperator = "FR"\nreach = ["FR"]\nqual = 0\nseal = 2\nkey = "provider"'
        rows = [f'prefer = ["price"]\nassistant_model = "{assistant_model}"\n']
        for author, place, price in ((self.home, at_home, 0.9), (self.abroad, outside, 0.1)):
            rows.append(f'[[place]]\nid = "{author.name}-place"\n{place}\nretention_days = 0\ntrains = false\n')
            rows.append(
                f'[[model]]\nid = "{author.name}"\nwire = "openai"\nurl = "http://127.0.0.1:{author.port}/v1"\n'
                f'place = "{author.name}-place"\nprice_in = {price}\nprice_out = {price}\ncapabilities = ["json_schema"]\n'
            )
        return "\n".join(rows)

    def forget(self) -> None:
        """Begin anew."""
        self.abroad.many = 1
        self.abroad.go.clear()
        self.home.received.clear()
        self.abroad.received.clear()


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    """The two servers, running."""
    both = Both(Author("rabat"), Author("paris"))
    running = [serve(author) for author in (both.home, both.abroad)]
    yield both
    for server in running:
        server.shutdown()
        server.server_close()


def furnish(server: Server) -> Server:
    """Make a confidential collection of one document."""
    server.ask("POST", "/api/collections", {"name": "plans", "floor": "level=confidential"})
    new = {"id": "budget", "text": KEPT, "title": "Le projet", "language": "fr-Latn"}
    assert server.ask("POST", "/api/collections/plans/documents", {"documents": [new]}).status == 201
    return server


@pytest.fixture(scope="module")
def any_model(both: Both, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house whose assistant may ask any model."""
    with serving(tmp_path_factory.mktemp("auto"), both.config("auto")) as server:
        yield furnish(server)


@pytest.fixture(scope="module")
def foreign_model(both: Both, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house whose assistant has but the model abroad."""
    with serving(tmp_path_factory.mktemp("paris"), both.config("paris")) as server:
        yield furnish(server)


def ask(server: Server, question: str, **more: Any) -> tuple[dict[str, Any], str]:
    """The outcome, and what a client shows that knows no extension."""
    body = {"model": "daffa", "messages": [{"role": "user", "content": question}], **more}
    reply = server.ask("POST", "/v1/chat/completions", body)
    assert reply.status == 200, reply.body
    return reply.json["daffa"], reply.json["choices"][0]["message"]["content"]


def entries(server: Server, outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of an outcome's decisions."""
    return [server.entries(int(reference.rpartition("#")[2]), 1)[0] for reference in outcome["decisions"]]


def test_a_question_of_public_texts_may_be_worded_abroad(both: Both, any_model: Server):
    """The cheaper model abroad words it; the question and the asking of the model are two decisions, both recorded."""
    both.forget()
    outcome, content = ask(any_model, PUBLIC)
    assert (outcome["status"], outcome["mode"], outcome["model"], outcome["place"]) == (
        "answered",
        "model",
        "paris",
        "paris-place",
    )
    assert (len(both.abroad.received), len(both.home.received)) == (1, 0)
    assert PUBLIC in both.abroad.received[0]
    sentence = outcome["sentences"][0]
    assert (sentence["verdict"], sentence["text"]) == ("supported", content)
    first, second = entries(any_model, outcome)
    assert [(each["verdict"], each["place"]) for each in (first, second)] == [("allow", "house"), ("allow", "paris-place")]


@contextlib.contextmanager
def streamed(server: Server, door: str) -> Iterator[httpx.Response]:
    """The stream that a question is answered with, by OpenAI's protocol, by ``/api`` or on the page."""
    with browsing(server, "fr") as client:
        headers = {"Authorization": f"Bearer {server.key}"}
        openai = {"model": "daffa", "stream": True, "messages": [{"role": "user", "content": PUBLIC}]}
        if door == "page":
            asked = signed_in(client, server).post("/ask", data={"question": PUBLIC}, headers={"HX-Request": "true"})
            name = re.search(r'hx-sse:connect="([^"]+)"', client.get(asked.headers["hx-redirect"]).text)[1]
            stream = client.stream("GET", name)
        elif door == "openai":
            stream = client.stream("POST", "/v1/chat/completions", json=openai, headers=headers)
        else:
            stream = client.stream("POST", "/api/assistant/stream", json={"question": PUBLIC}, headers=headers)
        with stream as response:
            yield response


@pytest.mark.parametrize("door", ["openai", "api", "page"])
def test_a_sentence_is_read_while_the_model_still_writes(both: Both, any_model: Server, door: str):
    """Through each door the first sentence is there, cited, before the model has written the second one."""
    both.forget()
    both.abroad.many = 2
    with streamed(any_model, door) as response:
        lines = response.iter_lines()
        first = next(line for line in lines if "renouvel" in line or "perte" in line)
        assert not both.abroad.go.is_set()
        assert "c1" in first or "mark" in first
        both.abroad.go.set()
        rest = list(lines)
    assert len(both.abroad.received) == 1
    if door == "api":
        outcome = json.loads([line for line in rest if line][-1].removeprefix("data: "))
        assert (outcome["status"], len(outcome["sentences"]), outcome["model"]) == ("answered", 2, "paris")
        assert first.removeprefix("data: ").startswith('{"sentence":')


def test_a_confidential_passage_raises_the_label_and_stays_at_home(both: Both, any_model: Server):
    """The same question of a confidential collection goes to the dearer model at home, under the collection's level."""
    both.forget()
    outcome, content = ask(any_model, SECRET)
    assert (outcome["mode"], outcome["model"]) == ("model", "rabat")
    assert content == KEPT.partition(".")[0] + "."
    assert (both.abroad.received, len(both.home.received)) == ([], 1)
    first, second = entries(any_model, outcome)
    assert (first["level"], second["level"]) == (1, 3)
    assert second["place"] == "rabat-place"


@pytest.mark.parametrize("question", [SECRET, SECRET + " " + PUBLIC, f"{WORD} ?", PUBLIC + " Et le budget ?"])
def test_a_model_abroad_is_never_sent_a_confidential_passage(both: Both, foreign_model: Server, question: str):
    """Whatever is asked, one passage of the collection among those found is enough: nothing leaves but the public ones."""
    both.forget()
    outcome, _ = ask(foreign_model, question)
    assert outcome["status"] in ("answered", "partial", "not_covered")
    assert all("48 millions" not in body and "conseil" not in body for body in both.abroad.received)
    assert both.home.received == []


def test_where_no_model_may_see_it_extracts_answer_and_say_why(both: Both, foreign_model: Server):
    """The law keeps the only model away: the asker reads the very words, and why no model worded them; both are recorded."""
    both.forget()
    outcome, content = ask(foreign_model, SECRET)
    assert (outcome["status"], outcome["mode"], outcome["model"]) == ("answered", "extract", "")
    assert outcome["sentences"][0]["text"] == KEPT.partition(".")[0] + "."
    assert outcome["message"]
    assert outcome["message"] in content
    assert both.abroad.received == []
    first, second = entries(foreign_model, outcome)
    assert (first["verdict"], second["verdict"], second["level"]) == ("allow", "refuse", 3)


def test_what_an_organisation_keeps_is_looked_through(both: Both, foreign_model: Server):
    """A document that nobody has labelled but that names a person does not go abroad: only a pack's is no free text."""
    both.forget()
    text = "Le dossier Azdur est suivi par M. Alaoui, CIN AB123456."
    foreign_model.ask("POST", "/api/collections", {"name": "files"})
    new = {"documents": [{"id": "azdur", "text": text, "language": "fr-Latn"}]}
    assert foreign_model.ask("POST", "/api/collections/files/documents", new).status == 201
    outcome, content = ask(foreign_model, "Qui suit le dossier Azdur ?")
    assert "M. Alaoui" in content
    assert outcome["citations"][0]["collection"] == "home.files"
    assert all("AB123456" not in body for body in both.abroad.received)


@pytest.mark.parametrize("stream", [False, True])
def test_what_went_before_travels_under_its_own_label(both: Both, foreign_model: Server, stream: bool):
    """An answer out of the collection that a client sends again as history does not reach the model abroad either."""
    both.forget()
    messages = [
        {"role": "user", "content": SECRET},
        {"role": "assistant", "content": KEPT},
        {"role": "user", "content": PUBLIC},
    ]
    reply = foreign_model.ask("POST", "/v1/chat/completions", {"model": "daffa", "messages": messages, "stream": stream})
    assert reply.status == 200
    assert "identity-card" in reply.body.decode()
    assert all("48 millions" not in body for body in both.abroad.received)
