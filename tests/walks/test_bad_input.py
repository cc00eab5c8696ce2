"""Bad input: each mistake is a clear error naming field and expectation; nothing is half-written."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import openai
import pytest
from servers import Server, daffa, serving

from daffa.audit import Reader
from daffa.worlds import World

MEBIBYTE = 1_048_576
HELLO = {"model": "auto", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The three simulated providers."""
    with World.in_thread() as world:
        yield world


@pytest.fixture(scope="module")
def server(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server before them, which prefers the cheapest."""
    with serving(tmp_path_factory.mktemp("house"), world.config(prefer=("price",))) as server:
        yield server


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{not json", None),
        (b"\xff\xfe\x00", None),
        (b"", None),
        (json.dumps({**HELLO, "messages": 7}).encode(), "messages"),
        (json.dumps({**HELLO, "messages": [{"role": 1, "content": "a"}]}).encode(), "messages[0].role"),
        (json.dumps({**HELLO, "stream": "true"}).encode(), "stream"),
        (json.dumps({"messages": HELLO["messages"]}).encode(), "model"),
        (json.dumps({**HELLO, "metadata": {"daffa_label": "level=top"}}).encode(), "level"),
        (json.dumps({**HELLO, "metadata": {"daffa_purpose": "gossip"}}).encode(), "purpose"),
    ],
)
def test_a_bad_body_is_400_in_openais_shape(server: Server, body: bytes, field: str | None):
    """Malformed JSON, wrong types and bad declarations are named; nothing is recorded for them."""
    before = Reader(server.data / "audit").checkpoint().size
    reply = server.ask("POST", "/v1/chat/completions", body)
    error = reply.json["error"]
    assert (reply.status, error["type"], error["param"]) == (400, "invalid_request_error", field)
    assert error["message"]
    assert Reader(server.data / "audit").checkpoint().size == before


def test_an_unknown_model_is_404(server: Server):
    """The official client raises its own NotFoundError, which lists what there is."""
    client = openai.OpenAI(api_key=server.key, base_url=f"{server.url}/v1", max_retries=0)
    with pytest.raises(openai.NotFoundError, match="atlas-home"):
        client.chat.completions.create(**{**HELLO, "model": "gpt-17"})


@pytest.mark.parametrize(
    ("label", "field"), [("level=top", "level"), ("colour=red", "colour"), ("level", "level"), ("basis=because", "basis")]
)
def test_a_label_that_does_not_parse_is_400(server: Server, label: str, field: str):
    """A label header that is wrong stops the request; it is never taken for no label."""
    reply = server.chat("hello", X_Daffa_Label=label)
    assert (reply.status, reply.json["error"]["param"]) == (400, field)


@pytest.mark.parametrize("scheme", [None, "nonsense", "daffa_AAAAAAAAAA_wrong"])
def test_a_request_without_a_good_key_is_401(server: Server, scheme: str | None):
    """Neither models nor administration answer a stranger."""
    for method, path in (("POST", "/v1/chat/completions"), ("GET", "/v1/models"), ("GET", "/v1/nothing")):
        reply = server.ask(method, path, HELLO, key=scheme)
        assert (reply.status, reply.json["error"]["type"]) == (401, "authentication_error")
    assert server.ask("GET", "/api/law", key=scheme).status == 401


def test_an_expired_and_a_revoked_key_are_401(server: Server):
    """A key is good until its instant, and until somebody revokes it."""
    new = {"organisation": "home", "name": "short", "roles": ["agent"], "expires": int(time.time()) + 2}
    made = server.ask("POST", "/api/keys", new).json
    assert server.chat("hello", key=made["token"]).status == 200
    while time.time() < new["expires"]:
        time.sleep(0.05)
    reply = server.chat("hello", key=made["token"])
    assert (reply.status, reply.json["error"]["code"]) == (401, "expired_key")
    lasting = server.ask("POST", "/api/keys", {**new, "expires": None}).json
    assert server.chat("hello", key=lasting["token"]).status == 200
    server.ask("DELETE", f"/api/keys/{lasting['key']['id']}")
    assert server.chat("hello", key=lasting["token"]).json["error"]["code"] == "revoked_key"


def test_a_reader_may_not_ask_models_nor_administer(server: Server):
    """A role is needed for each thing, and the answer says which."""
    token = server.ask("POST", "/api/keys", {"organisation": "home", "name": "r", "roles": ["reader"]}).json["token"]
    assert server.chat("hello", key=token).status == 403
    reply = server.ask("GET", "/api/keys", key=token)
    assert (reply.status, reply.json["title"]) == (403, "forbidden")


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_of_50_megabytes_is_413(server: Server, announced: bool):
    """A body that is too large is refused whether or not its length is announced, and the server lives on."""
    address = urlsplit(server.url)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.key}\r\n"
    head += f"Content-Length: {50 * MEBIBYTE}\r\n\r\n" if announced else "Transfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(head.encode())
        piece = b"x" * MEBIBYTE
        try:
            for _ in range(50):
                connection.sendall(piece if announced else b"100000\r\n" + piece + b"\r\n")
        except OSError:
            sent_all = False
        else:
            sent_all = True
        answer = connection.recv(65536)
    assert b" 413 " in answer.split(b"\r\n")[0], (sent_all, answer)
    assert b"body_too_large" in answer
    assert server.chat("hello").status == 200


def test_the_administration_names_what_is_wrong(server: Server):
    """Problem documents name the field; a refused creation leaves nothing behind."""
    before = server.ask("GET", "/api/keys").json
    for body, field in (
        ({"organisation": "nowhere", "name": "x", "roles": ["agent"]}, None),
        ({"organisation": "home", "name": "x", "roles": ["king"]}, "roles"),
        ({"organisation": "home", "name": "x", "roles": ["agent"], "floor": "level=top"}, "level"),
        ({"organisation": "home", "name": "x", "colour": "red"}, None),
        (b"{", None),
    ):
        reply = server.ask("POST", "/api/keys", body)
        assert reply.status in (400, 404), reply.body
        assert reply.headers["content-type"].startswith("application/problem+json")
        if field:
            assert field in reply.body.decode()
    assert server.ask("GET", "/api/keys").json == before


def test_openapi_describes_the_administration(server: Server):
    """The description is OpenAPI 3.1 and names the routes."""
    document = server.ask("GET", "/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    assert {"/api/decide", "/api/keys", "/api/organisations", "/api/law"} <= set(document["paths"])


def test_unknown_paths_are_answered_in_the_shape_of_their_surface(server: Server):
    """Under /v1/ in OpenAI's shape, elsewhere as a problem document; /v1x is not /v1."""
    assert server.ask("GET", "/v1/nothing").json["error"]["code"] == "unknown_route"
    assert server.ask("GET", "/v1/chat/completions").json["error"]["code"] == "unknown_route"
    for path in ("/v1x/chat/completions", "/nothing"):
        assert server.ask("GET", path).json["title"] == "unknown_route"


# Header games


def test_a_client_cannot_lower_its_floor(server: Server, world: World):
    """A key whose floor is secret stays home, whatever its header says."""
    new = {"organisation": "home", "name": "crisis", "roles": ["agent"], "floor": "level=secret"}
    token = server.ask("POST", "/api/keys", new).json["token"]
    before = world.virginia.bytes_received + world.paris.bytes_received
    for label in ("level=public", "level=public; form=deidentified; basis=consent,law,treaty", ""):
        headers = {"X_Daffa_Label": label} if label else {}
        reply = server.chat("hello", key=token, **headers)
        assert (reply.status, reply.headers["x-daffa-place"]) == (200, "rabat")
        assert "level=secret" in reply.headers["x-daffa-label"]
        assert server.chat("hello", "potomac-virginia", key=token, **headers).status == 451
    assert world.virginia.bytes_received + world.paris.bytes_received == before


def test_a_client_cannot_claim_a_legal_ground(server: Server):
    """What the key's organisation has no ground for, its header cannot bring."""
    label = "categories=personal; basis=consent,law,cndp_authorisation,listed_country"
    reply = server.chat("hello", "seine-paris", X_Daffa_Label=label)
    assert reply.status == 451
    assert "basis=;" in reply.headers["x-daffa-label"]


def test_a_forged_decision_id_is_ignored(server: Server):
    """A decision is what the log says, not what a client says."""
    reply = server.chat("hello", X_Daffa_Decision="daffa/00000000#0", X_Daffa_Place="rabat", X_Daffa_Model="atlas-home")
    assert reply.headers["x-daffa-decision"] != "daffa/00000000#0"
    assert reply.headers["x-daffa-place"] == "virginia"


def test_a_label_cannot_write_headers(server: Server):
    """A label in metadata that carries line ends is refused and writes nothing."""
    body = {**HELLO, "metadata": {"daffa_label": "owners=a\r\nX-Forged: 1"}}
    reply = server.ask("POST", "/v1/chat/completions", body)
    assert reply.status == 400
    assert "x-forged" not in reply.headers


def test_an_image_stays_home(server: Server):
    """Content that cannot be read as text counts as restricted; no model here can take it, and none abroad is asked."""
    content = [{"type": "input_text_of_tomorrow", "data": "AAAA"}]
    reply = server.ask("POST", "/v1/chat/completions", {"model": "auto", "messages": [{"role": "user", "content": content}]})
    assert (reply.status, reply.headers["x-daffa-place"]) == (200, "rabat")


# Files and commands


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('port = "many"', "line 1"),
        ("[[place]]\nid = 'a'", "place[0].hw"),
        ("prefer = [", "TOML"),
        ("colour = 'red'", "colour"),
    ],
)
def test_a_broken_file_stops_the_start_in_one_line(tmp_path: Path, text: str, told: str):
    """The start fails with one line that names file, line and field, and makes nothing."""
    (tmp_path / "daffa.toml").write_text(text, encoding="utf-8")
    done = daffa("up", "--data", str(tmp_path), "--port", "0")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "daffa.toml" in done.stderr
    assert told in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["daffa.toml"]


def test_a_second_server_on_the_same_folder_is_refused(server: Server):
    """One log has one writer."""
    done = daffa("up", "--data", str(server.data), "--port", "0")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert server.chat("hello").status == 200


def test_a_taken_port_is_said(server: Server, tmp_path: Path):
    """A port on which something listens is an error in one line."""
    done = daffa("up", "--data", str(tmp_path), "--port", str(urlsplit(server.url).port))
    assert done.returncode == 1
    assert "--port" in done.stderr
