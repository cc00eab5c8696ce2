"""A witness over HTTP, as a plain ASGI application: two routes (C2SP tlog-witness). Knows no server and no rule of cosigning.

POST /add-checkpoint                        see ``Witness.add_checkpoint``
GET  /<SHA-256 of origin, hex>/checkpoint   what was cosigned last, for whoever watches that log
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

from daffa.errors import DaffaError

from .submission import MAX_SUBMISSION
from .witness import Answer, Witness
from .witness_folder import WitnessFolder

__all__ = ["witness_app"]

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

_NOTE = re.compile(r"/([0-9a-f]{64})/checkpoint")
_logger = logging.getLogger(__name__)


def witness_app(witness: Witness, folder: WitnessFolder, clock: Callable[[], float] = time.time) -> App:
    """The application that serves ``witness``, whose memory is ``folder``."""
    # One thread: the next submission is judged when the last one is kept, even if whoever sent that has gone.
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="witness")

    def judged(body: bytes) -> Answer:
        return witness.add_checkpoint(body, int(clock()))

    async def answer(scope: Message, receive: Receive) -> Answer:
        match scope["method"], scope["path"]:
            case "POST", "/add-checkpoint":
                body = await _body(receive)
                if body is None:
                    return Answer(413, "the submission is too long\n")
                return await asyncio.get_running_loop().run_in_executor(thread, judged, body)
            case "GET", path if found := _NOTE.fullmatch(path):
                note = await asyncio.get_running_loop().run_in_executor(thread, folder.note_of, found[1])
                return Answer(404, "nothing was cosigned of this log\n") if note is None else Answer(200, note)
        return Answer(404, "POST /add-checkpoint, or GET /<SHA-256 of the origin>/checkpoint\n")

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                await _send(send, await answer(scope, receive))
            except DaffaError:
                _logger.exception("nothing was cosigned")
                await _send(send, Answer(500, "this witness cannot keep what it would cosign\n"))

    return application


async def _body(receive: Receive) -> bytes | None:
    """The whole body; ``None`` where it is longer than any submission."""
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > MAX_SUBMISSION:
            return None
        more = message.get("more_body", False)
    return b"".join(pieces)


async def _send(send: Send, answer: Answer) -> None:
    body = answer.text.encode()
    headers = [(b"content-type", answer.content_type.encode()), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
