"""Plain sockets on both sides of a server: a client that sends any bytes, and an upstream that says exactly what it is told."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from servers import Server

Step = bytes | float | None | Callable[[socket.socket], None]
"""What an upstream does next: send bytes, wait for seconds, close (``None``), or anything else."""

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
DONE = b"data: [DONE]\n\n"
ANSWER = b'{"choices":[{"index":0}],"usage":{"prompt_tokens":3,"completion_tokens":5}}'


def chunk(data: bytes) -> bytes:
    """One HTTP chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(text: str) -> bytes:
    """One event of a chat, as an HTTP chunk."""
    return chunk(b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}).encode() + b"\n\n")


def answer(body: bytes = ANSWER, *, status: bytes = b"200 OK", headers: bytes = b"Content-Type: application/json\r\n") -> bytes:
    """One answer with a length."""
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, headers, len(body), body)


class Upstream:
    """A model's server that follows ``script`` for each request. ``open`` are its connections, ``received`` its requests."""

    def __init__(self) -> None:
        self.script: list[Step] = [answer()]
        self.received: list[tuple[bytes, bytes]] = []
        self.open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def config(self, extra: str = "") -> str:
        """A ``daffa.toml`` whose only model is this one, at home."""
        place = 'id = "rabat"\nhw = "MA"\nregion = "MA-04"\noperator = "MA"\nreach = ["MA"]\nqual = 2\nkey = "state"\n'
        place += "retention_days = 0\ntrains = false\n"
        model = f'id = "raw"\nwire = "openai"\nurl = "http://127.0.0.1:{self.port}/v1"\nplace = "rabat"\n'
        return f"{extra}\n[[place]]\n{place}\n[[model]]\n{model}"

    def freed(self) -> bool:
        """Whether all connections end within a few seconds."""
        end = time.monotonic() + 10
        while self.open and time.monotonic() < end:
            time.sleep(0.02)
        return not self.open

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            reader = connection.makefile("rb")
            while head := _head(reader):
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
                self.received.append((head, reader.read(int(length.partition(b":")[2]))))
                for step in self.script:
                    _take(step, connection)
            # A client that only reads on still holds the connection.
        self.open.discard(connection)


def _head(reader: Any) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = reader.readline()
        if not line:
            return b""
        head += line
    return head


def _take(step: Step, connection: socket.socket) -> None:
    if isinstance(step, bytes):
        connection.sendall(step)
    elif isinstance(step, float):
        _wait(step, connection)
    elif step is None:
        raise OSError("the script ends here")
    else:
        step(connection)


def _wait(seconds: float, connection: socket.socket) -> None:
    """Wait, but not for a peer that has gone."""
    connection.settimeout(seconds)
    with contextlib.suppress(TimeoutError):
        if not connection.recv(1, socket.MSG_PEEK):
            raise OSError("the peer has gone")
    connection.settimeout(None)


def chat(text: str = "hello", **fields: Any) -> bytes:
    """The body of a chat request."""
    return json.dumps({"model": "auto", "messages": [{"role": "user", "content": text}], **fields}).encode()


def request(
    server: Server, body: bytes | None, headers: bytes = b"", line: bytes = b"POST /v1/chat/completions HTTP/1.1"
) -> bytes:
    """The bytes of a request by the administrator; without a body it is only the head, without its last line."""
    head = line + b"\r\nHost: daffa\r\nAuthorization: Bearer " + server.key.encode() + b"\r\n" + headers
    return head if body is None else head + b"Content-Length: %d\r\n\r\n" % len(body) + body


@contextlib.contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    """A connection to a server."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        yield connection


def read_until(connection: socket.socket, mark: bytes) -> bytes:
    """Everything up to ``mark``, or up to the end of the connection."""
    got = b""
    while mark not in got and (piece := connection.recv(65_536)):
        got += piece
    return got


def exchange(server: Server, data: bytes) -> bytes:
    """What a server answers to ``data`` until it closes the connection, which it is asked to do by ``Connection: close``."""
    with connected(server) as connection, contextlib.suppress(ConnectionResetError):
        connection.sendall(data)
        return read_until(connection, b"\x00never\x00")
    return b""
