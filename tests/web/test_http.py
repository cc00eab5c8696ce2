"""HTTP as hostile or careless clients speak it: what is odd is refused or means one thing, and leaves no trace on stderr."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator

import pytest
from servers import Server, serving
from sockets import chat, connected, exchange, read_until, request

from daffa.worlds import World

CLOSE = b"Connection: close\r\n"


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


def status(answer: bytes) -> int:
    """The status of an answer; 0 where there is none."""
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def decided(server: Server) -> int:
    """The index of a decision made now, whose outcome is recorded: with nothing between, that of the next is two more."""
    reference = server.chat("hello").headers["x-daffa-decision"]
    server.history(reference)
    return int(reference.rpartition("#")[2])


def error(answer: bytes) -> dict:
    """The error of an answer in OpenAI's shape."""
    return json.loads(answer.partition(b"\r\n\r\n")[2])["error"]


def ask(server: Server, headers: bytes, body: bytes | None = None) -> bytes:
    """The answer to a chat request with more headers."""
    return exchange(server, request(server, chat() if body is None else body, CLOSE + headers))


# One header, given twice


@pytest.mark.parametrize("pair", [(b"level=public", b"level=secret"), (b"level=secret", b"level=public")])
def test_of_two_labels_neither_wins_in_silence(server: Server, pair: tuple[bytes, bytes]):
    """A label that is given twice and does not read as one is refused."""
    answer = ask(server, b"X-Daffa-Label: %b\r\nX-Daffa-Label: %b\r\n" % pair)
    assert (status(answer), error(answer)["param"]) == (400, "level")


def test_two_halves_of_a_label_are_one_label(server: Server):
    """Values that continue each other are one value, as HTTP has it."""
    answer = ask(server, b"X-Daffa-Label: categories=health\r\nX-Daffa-Label: tax\r\n")
    assert b"categories=health,tax" in answer


def test_of_two_keys_neither_wins_in_silence(server: Server):
    """A good key beside another one opens nothing, whichever comes first, on no route."""
    for first, second in ((server.key, "nonsense"), ("nonsense", server.key)):
        for route in (b"GET /v1/models", b"GET /api/law"):
            head = b"%b HTTP/1.1\r\nHost: x\r\n" % route + CLOSE
            head += b"".join(b"Authorization: Bearer %b\r\n" % key.encode() for key in (first, second))
            assert status(exchange(server, head + b"\r\n")) == 401


def test_of_two_purposes_neither_wins_in_silence(server: Server):
    """Two purposes are none."""
    answer = ask(server, b"X-Daffa-Purpose: justice\r\nX-Daffa-Purpose: research\r\n")
    assert (status(answer), error(answer)["param"]) == (400, "purpose")


def test_a_purpose_in_the_header_and_another_in_the_body_are_refused(server: Server):
    """A purpose cannot be joined; where both places name the same one, that is the purpose."""
    for named, expected in (("justice", 400), ("research", 200)):
        body = chat(metadata={"daffa_purpose": named})
        assert status(ask(server, b"X-Daffa-Purpose: research\r\n", body)) == expected


@pytest.mark.parametrize("value", [b"level=\xff\xfe", b"owners=\xd8\xa7", b"level=secret\x80", b"\xe9"])
def test_a_label_of_odd_bytes_is_refused(server: Server, value: bytes):
    """Bytes that are no ASCII are no label."""
    assert status(ask(server, b"X-Daffa-Label: " + value + b"\r\n")) == 400


def test_a_key_of_odd_bytes_is_no_key(server: Server):
    """A key that is no ASCII opens nothing and breaks nothing."""
    head = b"GET /v1/models HTTP/1.1\r\nHost: x\r\n" + CLOSE + b"Authorization: Bearer \xff\xfe\xd8\xa7\r\n\r\n"
    assert status(exchange(server, head)) == 401


# Bodies


@pytest.mark.parametrize("encoding", [b"gzip", b"GZIP", b"br", b"deflate, gzip", b"identity, gzip"])
def test_a_body_that_is_encoded_is_refused(server: Server, world: World, encoding: bytes):
    """What cannot be read cannot be decided on: nothing is recorded and nothing leaves."""
    first, before = decided(server), world.virginia.bytes_received
    for body in (gzip.compress(chat()), chat()):
        answer = ask(server, b"Content-Encoding: " + encoding + b"\r\n", body)
        told = error(answer)
        assert (status(answer), told["code"], told["type"]) == (415, "body_encoded", "invalid_request_error")
    assert world.virginia.bytes_received == before
    assert decided(server) == first + 2
    assert status(ask(server, b"Content-Encoding: identity\r\n")) == 200


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: " + b"9" * 5_000 + b"\r\n",
        b"Transfer-Encoding: chunked, identity\r\nContent-Length: 5\r\n",
        b"X-Daffa-Label : level=secret\r\n",
        b"X-Daffa-Label: level=public;\r\n form=raw\r\n",
        b"X-Daffa-Label: level=\x00\r\n",
    ],
)
def test_a_head_that_two_readers_would_read_differently_is_refused(server: Server, headers: bytes):
    """Lengths that contradict each other, folded lines and the like are 400, and the connection ends."""
    assert status(exchange(server, request(server, None, headers) + b"\r\nhello")) == 400


def test_a_body_in_single_bytes_is_the_same_body(server: Server):
    """However a body is cut into chunks, and with trailers behind it, it is decided on as a whole; trailers say nothing."""
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in chat("CIN AB123456"))
    head = request(server, None, CLOSE + b"Transfer-Encoding: chunked\r\nTrailer: X-Daffa-Label\r\n\r\n")
    answer = exchange(server, head + pieces + b"0\r\nX-Daffa-Label: level=secret\r\n\r\n")
    assert status(answer) == 200
    assert b"x-daffa-place: rabat" in answer
    assert b"level=internal; categories=personal" in answer
    head = request(server, None, b"", b"POST /v1/chat/completions HTTP/1.1").replace(b"Authorization: ", b"X-Nothing: ")
    keyless = head + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\nAuthorization: Bearer "
    assert status(exchange(server, keyless + server.key.encode() + b"\r\n\r\n")) == 401


def test_a_client_that_waits_to_be_asked_is_asked(server: Server):
    """``Expect: 100-continue`` is answered before the body comes."""
    body = chat()
    with connected(server) as connection:
        connection.sendall(request(server, None, b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)))
        assert read_until(connection, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert status(read_until(connection, b"}]")) == 200


@pytest.mark.parametrize(
    ("line", "refused"),
    [(b"POST /v1/chat/completions HTTP/1.1", b"401"), (b"POST /v1/chat/completions HTTP/1.0", b"401"),
     (b"PUT /api/nothing HTTP/1.1", b"404"), (b"PUT /api/nothing HTTP/1.0", b"404")],
)  # fmt: skip
def test_who_is_refused_before_being_asked_for_a_body_is_not_misread(server: Server, line: bytes, refused: bytes):
    """The connection ends: what came next on it could be the body, or the next request."""
    head = b"%b\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 50\r\n\r\n" % line
    answer = exchange(server, head)
    assert (answer.split(b" ")[1], b"connection: close" in answer) == (refused, True)


def test_each_request_of_a_connection_shows_its_own_key(server: Server):
    """Who asked before on the same connection opens nothing for who asks next, on no route."""
    with connected(server) as connection:
        for path in (b"/v1/models", b"/api/law"):
            for key, expected in ((server.key.encode(), 200), (b"nonsense", 401), (server.key.encode(), 200), (b"", 401)):
                bears = b"Authorization: Bearer %b\r\n" % key if key else b""
                connection.sendall(b"GET %b HTTP/1.1\r\nHost: x\r\n%b\r\n" % (path, bears))
                head, _, rest = read_until(connection, b"\r\n\r\n").partition(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                while len(rest) < length:
                    rest += connection.recv(65_536)
                assert status(head) == expected


def test_pipelined_requests_are_answered_in_order(server: Server):
    """Each of several requests sent at once is decided on by itself."""
    texts = ("one", "CIN AB123456", "three")
    sent = b"".join(request(server, chat(text), CLOSE if text == texts[-1] else b"") for text in texts)
    answers = exchange(server, sent).split(b"HTTP/1.1 200 OK")[1:]
    places = [answer.split(b"x-daffa-place: ")[1].split(b"\r\n")[0] for answer in answers]
    assert places == [b"virginia", b"rabat", b"virginia"]


def test_models_and_pages_share_a_connection(server: Server):
    """Whoever answers, requests on one connection are answered in order, sent at once or one after the other."""
    health = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    with connected(server) as connection:
        connection.sendall(request(server, chat()))
        assert status(read_until(connection, b"}]")) == 200
        several = [health + b"\r\n", request(server, chat()), health + b"\r\n", request(server, chat(stream=True))]
        connection.sendall(b"".join(several) + health + CLOSE + b"\r\n")
        answers = read_until(connection, b"\x00never\x00").split(b"HTTP/1.1 200 OK")
        kinds = [answer.partition(b"content-type: ")[2].partition(b"\r\n")[0].partition(b";")[0] for answer in answers[1:]]
        assert kinds == [b"text/plain", b"application/json", b"text/plain", b"text/event-stream", b"text/plain"]


def test_what_was_refused_before_its_body_came_spoils_nothing(server: Server):
    """The rest of a body that nobody reads is dropped, and the next request on the connection is answered."""
    head = request(server, None, b"Content-Encoding: gzip\r\nContent-Length: 200000\r\n\r\n")
    with connected(server) as connection:
        connection.sendall(head + b"x" * 100)
        assert status(read_until(connection, b"}}")) == 415
        connection.sendall(b"x" * 199_900 + request(server, chat()))
        assert status(read_until(connection, b"}]")) == 200


def test_a_stream_for_an_old_client_ends_with_the_connection(server: Server):
    """HTTP/1.0 knows no chunks: the events come as they are."""
    answer = exchange(server, request(server, chat(stream=True), b"", b"POST /v1/chat/completions HTTP/1.0"))
    assert b"transfer-encoding" not in answer
    assert answer.partition(b"\r\n\r\n")[2].startswith(b"data: ")
    assert answer.endswith(b"data: [DONE]\n\n")


def test_another_protocol_is_not_taken_up(server: Server):
    """A client that offers HTTP/2 or web sockets is answered in HTTP/1.1, and its connection ends with that."""
    for offered in (b"h2c", b"websocket"):
        answer = exchange(server, request(server, chat(), b"Connection: Upgrade\r\nUpgrade: " + offered + b"\r\n"))
        assert (status(answer), b"connection: close" in answer) == (200, True)


# Lines


@pytest.mark.parametrize(
    "target",
    ["//v1/chat/completions", "/v1//chat/completions", "/v1/chat/completions/", "/v1/chat/completions;x", "/v1", "/v1/", "*",
     "/V1/chat/completions", "/v1/./chat/completions", "/v1/../v1/chat/completions", "/v1/%00", "/v1/%ff%fe"],
)  # fmt: skip
def test_a_path_that_only_looks_like_a_route_is_404(server: Server, target: str):
    """Paths mean what they say: nothing is folded together."""
    line = b"POST %b HTTP/1.1" % target.encode()
    assert status(exchange(server, request(server, chat(), CLOSE, line))) == 404


@pytest.mark.parametrize("target", ["/v1/chat/completions?api-version=1", "http://elsewhere.example/v1/chat/completions"])
def test_a_query_and_an_absolute_target_change_nothing(server: Server, target: str):
    """What stands around the path does not matter."""
    line = b"POST %b HTTP/1.1" % target.encode()
    assert status(exchange(server, request(server, chat(), CLOSE, line))) == 200


@pytest.mark.parametrize(
    "line",
    [
        b"GET /healthz",
        b"GET /healthz HTTP/0.9",
        b"GET /v1/models HTTP/2.0",
        b"POST /v1/\xff HTTP/1.1",
        b"POST  HTTP/1.1",
        b"PRI * HTTP/2.0\r\n\r\nSM",
        b"\x16\x03\x01\x02\x00",
        b"GET",
    ],
)
def test_what_is_no_http_is_refused(server: Server, line: bytes):
    """Other protocols and bytes that are none get 400 and the end of the connection."""
    assert status(exchange(server, line + b"\r\n\r\n")) == 400


def test_head_is_answered_without_a_body(server: Server):
    """HEAD has no route, and no answer to it has a body."""
    answer = exchange(server, request(server, None, CLOSE + b"\r\n", b"HEAD /v1/models HTTP/1.1"))
    assert status(answer) == 404
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "filler", [b"X-Big: " + b"a" * 4_000_000, b"X-Many: y\r\n" * 400_000, b"\r\n" * 2_000_000], ids=["one", "many", "blank"]
)
def test_a_head_without_end_is_refused(server: Server, filler: bytes):
    """Whoever sends megabytes of head gets no more than 64 KiB read, key or no key; the server lives on."""
    with connected(server) as connection:
        connection.settimeout(20)
        try:
            connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n" + filler)
            answer = read_until(connection, b"\x00never\x00")
        except ConnectionError:
            answer = b""  # refused before all of it was sent
    assert answer == b"" or status(answer) == 400
    assert server.chat("hello").status == 200


def test_a_request_that_is_not_sent_to_its_end_leaves_nothing(server: Server):
    """A client that goes away in the middle of its body was never there, on no route."""
    first = decided(server)
    for line in (b"POST /v1/chat/completions HTTP/1.1", b"POST /api/keys HTTP/1.1"):
        with connected(server) as connection:
            connection.sendall(request(server, chat(), b"Content-Type: application/json\r\n", line)[:-3])
            connection.shutdown(socket.SHUT_WR)
            read_until(connection, b"\x00never\x00")
    assert server.ask("GET", "/healthz").status == 200
    assert decided(server) == first + 2


# The administration


@pytest.mark.parametrize("body", [b"[" * 100_000, b'[{"label":' + b"[" * 100_000, b'[{"label":"\\ud800"}]', b"[{}]" + b"x"])
def test_the_administration_refuses_odd_json(server: Server, body: bytes):
    """Deep nesting, half characters and trailing bytes are 400 with a reason."""
    reply = server.ask("POST", "/api/decide", body)
    assert (reply.status, reply.json["title"]) == (400, "bad_request")
    assert reply.json["detail"]


def test_the_administration_says_what_it_expects_in_the_callers_language(server: Server):
    """What the framework finds wrong is said as every other error is."""
    for method, path, expected in (("PUT", "/api/keys", 405), ("GET", "/api/nothing", 404)):
        reply = server.ask(method, path, Accept_Language="fr")
        assert (reply.status, reply.json["method"], reply.json["path"]) == (expected, method, path)
        assert path in reply.json["detail"]
    assert "attendu" in server.ask("POST", "/api/keys", b"x" * 10_485_761, Accept_Language="fr").json["detail"]


@pytest.mark.parametrize("before", ["-1", "9007199254740993", "99999999999999999999", "x"])
def test_a_page_before_an_impossible_entry_is_400(server: Server, before: str):
    """A number that no entry can have is named, and reaches no database."""
    reply = server.ask("GET", f"/api/audit/decisions?before={before}")
    assert (reply.status, "before" in reply.json["detail"]) == (400, True)


def test_at_most_a_thousand_questions_are_decided_at_once(server: Server):
    """A longer list is refused whole, so that nobody waits behind it."""
    reply = server.ask("POST", "/api/decide", [{}] * 1_001)
    assert (reply.status, "1000" in reply.json["detail"]) == (400, True)
