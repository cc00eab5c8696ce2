"""One contract for both clients of the upstream port, over real sockets: what goes out and what comes back."""

from __future__ import annotations

import gzip
import socket
import zlib

import pytest
from sockets import ANSWER, END, STREAM, Upstream, answer, chunk
from upstream_clients import Client, connections, fault, url

KIND = b"Content-Type: application/json\r\n"


@pytest.mark.parametrize("size", [0, 1, 20_000, 1_000_000])
def test_a_request_is_the_bytes_and_headers_given(client: Client, upstream: Upstream, size: int):
    """The body leaves as it is, with its length, the given headers once, and no cookie, agent or wish for compression."""
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    client.ask(url(upstream, "/v1/a%2Fb//c?d=e"), body, {"Content-Type": "application/json", "Authorization": "Bearer k"})
    head, received = upstream.received[-1]
    lines = head.decode("ascii").split("\r\n")
    headers = sorted(line.lower() for line in lines[1:] if line)
    assert (lines[0], received) == ("POST /v1/a%2Fb//c?d=e HTTP/1.1", body)
    assert headers == sorted(
        [
            f"host: 127.0.0.1:{upstream.port}",
            "accept: */*",
            "accept-encoding: identity",
            "content-type: application/json",
            "authorization: bearer k",
            f"content-length: {size}",
        ]
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "b\r\nX-Forged: 1"},
        {"X-A\r\nX-Forged": "1"},
        {"X-A": "b\nX-Forged: 1"},
        {"X-A": "b\x00"},
        {"X-A": "b\r\n\r\nGET / HTTP/1.1"},
    ],
)
def test_a_header_cannot_be_more_than_a_header(client: Client, upstream: Upstream, headers: dict[str, str]):
    """A line end or a zero byte in a name or a value is an error, and nothing is sent."""
    with pytest.raises(ValueError):  # noqa: PT011 - each client has words of its own
        client.ask(url(upstream), b"{}", headers)
    assert upstream.received == []


@pytest.mark.parametrize(
    "name", ["Host", "content-length", "Transfer-Encoding", "Connection", "Expect", "Accept-Encoding", "", "a b"]
)
def test_how_a_message_is_framed_is_not_the_callers(own: Client, upstream: Upstream, name: str):
    """A header that says where a message ends, or is none, cannot be given."""
    with pytest.raises(ValueError, match="header"):
        own.ask(url(upstream), b"{}", {name: "1"})
    assert upstream.received == []


@pytest.mark.parametrize(
    "address", ["ftp://127.0.0.1/", "http:///v1", "http://a@127.0.0.1/", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y"]
)
def test_an_address_cannot_be_more_than_an_address(own: Client, address: str):
    """What is no plain address of a server is an error before any connection."""
    with pytest.raises(ValueError, match="expected"):
        own.ask(address)


MUCH = b"HTTP/1.1 103 Hints\r\nContent-Length: 9\r\nContent-Encoding: gzip\r\nKeep-Alive: timeout=0\r\n\r\n"
ANSWERS = {
    "length": [answer()],
    "chunks": [STREAM, chunk(ANSWER[:9]), chunk(ANSWER[9:]), END],
    "chunks_of_a_byte": [STREAM, b"".join(chunk(ANSWER[at : at + 1]) for at in range(len(ANSWER))), END],
    "bytes_alone": [(STREAM + chunk(ANSWER) + END)[at : at + 1] for at in range(len(STREAM + chunk(ANSWER) + END))],
    "extension": [STREAM, b"%x;a=b\r\n%b\r\n" % (len(ANSWER), ANSWER), END],
    "trailers": [STREAM, chunk(ANSWER), b"0\r\nX-Trailer: 1\r\nContent-Type: x/y\r\n\r\n"],
    "until_closed": [b"HTTP/1.1 200 OK\r\n" + KIND + b"\r\n" + ANSWER, None],
    "http_1_0": [b"HTTP/1.0 200 OK\r\n" + KIND + b"\r\n" + ANSWER, None],
    "half_closed": [b"HTTP/1.1 200 OK\r\n" + KIND + b"\r\n" + ANSWER, lambda to: to.shutdown(socket.SHUT_WR), 5.0],
    "interim": [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: <x>\r\nContent-Type: a/b\r\n\r\n" + answer()],
    "interim_apart": [b"HTTP/1.1 102 Processing\r\n\r\n", 0.05, b"HTTP/1.1 102 Processing\r\n\r\n", answer()],
    "interim_says_much": [MUCH + b"HTTP/1.1 200 OK\r\n" + KIND + b"\r\n" + ANSWER, None],
    "gzip": [answer(gzip.compress(ANSWER), headers=KIND + b"Content-Encoding: gzip\r\n")],
    "deflate": [answer(zlib.compress(ANSWER), headers=KIND + b"Content-Encoding: deflate\r\n")],
    "identity": [answer(headers=KIND + b"Content-Encoding: identity\r\n")],
    "odd_bytes_in_a_header": [answer(headers=b"X-Odd: \x01\xff\r\n X-Folded: 1\r\n" + KIND)],
}  # fmt: skip


@pytest.mark.parametrize("script", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_comes_whole_however_it_is_sent(client: Client, upstream: Upstream, script: list):
    """However an answer is framed, cut or packed, the reader gets its bytes, and the connection is good or closed after it."""
    upstream.script = script
    for _ in range(2):
        got = client.ask(url(upstream))
        assert (got.status, got.body) == (200, ANSWER)
        assert got.content_type in ("application/json", "text/event-stream")
    assert len(upstream.received) == 2


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_an_answer_without_a_body_has_none(client: Client, upstream: Upstream, status: bytes):
    """204 and 304 end with their head, whatever stands in it, and nothing is waited for."""
    upstream.script = [b"HTTP/1.1 " + status + b"\r\n\r\n"]
    seen = connections(upstream)
    assert [client.ask(url(upstream)).body for _ in range(2)] == [b"", b""]
    assert len(seen) == 1


def test_a_redirect_is_an_answer(client: Client, upstream: Upstream):
    """It is handed over, and nobody is asked where it points to."""
    upstream.script = [answer(b"", status=b"307 Temporary", headers=b"Location: /elsewhere\r\n")]
    assert client.ask(url(upstream)).status == 307
    assert len(upstream.received) == 1


HEADLESS = {
    "nothing": [None],
    "no_http": [b"SSH-2.0-OpenSSH_9\r\n", None],
    "half_a_head": [answer()[:20], None],
    "huge_header": [answer(headers=KIND + b"X-Big: " + b"a" * 100_000 + b"\r\n")],
    "many_headers": [answer(headers=KIND + b"X-Many: y\r\n" * 5_000)],
    "many_interim": [b"HTTP/1.1 103 Hints\r\nLink: <x>\r\n\r\n" * 5_000 + answer()],
    "bare_return": [answer(headers=b"Content-Type: application/json\rX-Forged: 1\r\n")],
    "negative_length": [b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n"],
    "huge_length": [b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n"],
    "two_lengths": [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde"],
    "length_and_chunks": [STREAM[:-2] + b"Content-Length: 3\r\n\r\n" + chunk(b"abc") + END],
    "another_coding": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabc", None],
    "another_version": [b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"],
}  # fmt: skip
LENIENT = {"many_interim", "another_coding", "another_version"}  # aiohttp reads these


@pytest.mark.parametrize("name", HEADLESS)
def test_what_is_no_head_is_no_answer(client: Client, upstream: Upstream, name: str):
    """A head that is none, too large or says two things is refused; the server is asked once and let go."""
    if name in LENIENT and not client.own:
        pytest.skip("aiohttp is lenient here")
    upstream.script = HEADLESS[name]
    assert fault(client, upstream) == "upstream_unreachable"
    assert len(upstream.received) == 1
    assert upstream.freed()


PACKED = gzip.compress(ANSWER)
BROKEN = {
    "short_length": [answer()[:-9], None],
    "reset": [answer()[:-9], 0.1, lambda to: to.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"), None],
    "chunks_cut": [STREAM, chunk(b"abc"), None],
    "no_last_chunk": [STREAM, chunk(b"abc"), b"0\r\n", None],
    "no_chunk": [STREAM, chunk(b"abc"), 0.1, b"zz\r\n", 5.0],
    "two_gzips": [answer(PACKED + PACKED, headers=b"Content-Encoding: gzip\r\n")],
    "no_gzip": [answer(b"no gzip", headers=b"Content-Encoding: gzip\r\n")],
    "half_a_gzip": [answer(PACKED[:-9], headers=b"Content-Encoding: gzip\r\n")],
    "unknown_packing": [answer(b"abc", headers=b"Content-Encoding: br\r\n")],
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_body_that_breaks_off_is_not_whole(client: Client, upstream: Upstream, name: str):
    """A body that ends before its end raises, never passes for a whole one, and its connection serves nobody else."""
    upstream.script = BROKEN[name]
    client.patient(idle_seconds=1.0)
    if name in ("half_a_gzip", "two_gzips", "unknown_packing") and not client.own:
        pytest.skip("aiohttp passes on what it could unpack, or unpacks it where a library is installed")
    # aiohttp notices bytes that are no chunk only by its patience.
    assert fault(client, upstream) in (("upstream_broke_off",) if client.own else ("upstream_broke_off", "upstream_timeout"))
    upstream.script = [answer()]
    assert client.ask(url(upstream)).body == ANSWER
