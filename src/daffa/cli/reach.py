"""Reach the house in a folder: over its local address where a server runs on it, else by opening the files.

Either way a command speaks to the same routes with the same key; it cannot tell the two apart. The key is the
administrator's in the folder, unless a person gives their own: in a file, or in the variable ``DAFFA_KEY``.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import http.client
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from daffa.errors import DaffaError, Invalid, Unavailable

__all__ = ["ADDRESS", "ADMIN_KEY", "KEY_VARIABLE", "Call", "key_of", "reach", "server_of"]

ADDRESS = "server.json"
ADMIN_KEY = "admin.key"
KEY_VARIABLE = "DAFFA_KEY"
_KEY = re.compile(r"[\x21-\x7e]+")

Call = Callable[[str, str, Any], Any]
"""``call(method, path, body)`` returns the decoded answer; raises ``DaffaError`` as the house said it."""


def server_of(data: Path) -> str | None:
    """The address of the server that runs on ``data``, or ``None``."""
    try:
        with (data / ADDRESS).open(encoding="utf-8") as file:
            if not _locked(file.fileno()):
                return None  # a server that was killed left it: by now anybody may listen there
            return str(json.load(file)["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


@contextlib.contextmanager
def reach(data: Path, key: str | None = None, *, environment: Mapping[str, str] | None = None) -> Iterator[Call]:
    """A way to call the house in ``data``, with the key of a person or the administrator's.

    ``environment`` stands in for that of the process where the files are opened.
    """
    if (url := server_of(data)) is not None:
        yield lambda method, path, body: _over_http(url, _headers(data, key), method, path, body)
        return
    # The whole house is imported only here: a command that meets a server starts without it.
    from daffa.app import build
    from daffa.settings import read_settings
    from daffa.web import application

    with asyncio.Runner() as runner:
        house = build(read_settings(data, environment))
        app = application(runner.run(house.__aenter__()))
        try:
            yield lambda method, path, body: runner.run(_inside(app, _headers(data, key), method, path, body))
        finally:
            runner.run(house.__aexit__(None, None, None))


def _over_http(url: str, headers: dict[str, str], method: str, path: str, body: Any) -> Any:
    try:
        with contextlib.closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)) as connection:
            connection.request(method, path, json.dumps(body).encode(), headers)
            response = connection.getresponse()
            return _answer(response.status, response.read())
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable("server_gone", url=url) from error


async def _inside(app: Any, headers: dict[str, str], method: str, path: str, body: Any) -> Any:
    """One request to the ASGI application itself."""
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": json.dumps(body).encode()}]

    async def receive() -> dict[str, Any]:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    target, _, query = path.partition("?")
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "path": target,
        "raw_path": target.encode(), "query_string": query.encode(), "root_path": "", "headers": raw,
        "client": ("127.0.0.1", 0), "server": ("127.0.0.1", 0),
    }  # fmt: skip
    await app(scope, receive, send)
    return _answer(int(sent[0]["status"]), b"".join(message.get("body", b"") for message in sent[1:]))


def key_of(file: Path | None) -> str | None:
    """The key of whoever runs the command: of ``file``, else of the variable, else none. Raises ``Invalid``."""
    where, given = KEY_VARIABLE, os.environ.get(KEY_VARIABLE, "")
    if file is not None:
        try:
            where, given = f"--key-file {file}", file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            reason = (error.strerror or "unreadable").lower()
            raise Invalid(
                "invalid_field", field=f"--key-file {file}", expected="a file that holds a key", got=reason
            ) from error
    elif not given:
        return None
    if not _KEY.fullmatch(given.strip()):
        raise Invalid(
            "invalid_field", field=where, expected="one key such as daffa_..., and nothing else", got="something else"
        )
    return given.strip()


def _headers(data: Path, key: str | None) -> dict[str, str]:
    path = data / ADMIN_KEY
    if key is None:
        if not path.exists():
            raise Unavailable("no_admin_key", path=str(path))
        key = path.read_text(encoding="ascii", errors="ignore").strip()
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


def _answer(status: int, content: bytes) -> Any:
    answer: Any = json.loads(content or b"null")
    if status >= 400:
        facts = {name: value for name, value in answer.items() if name not in ("type", "title", "status", "detail")}
        raise DaffaError(answer["title"], **facts)
    return answer
