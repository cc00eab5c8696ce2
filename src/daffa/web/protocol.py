"""HTTP/1.1 on the connections of a worker: models are answered here, everything else by the framework.

Requests are answered one after the other in the order in which they came, whichever of the two answers. Knows bytes, tasks
and prefixes of paths; no route.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from daffa.gateway import Outbox

from .framework_request import FrameworkRequest
from .http_reader import Head, Reader, UnreadableError
from .model_request import ModelRequest
from .patience import Patience

__all__ = ["Front", "Protocol"]

# Whatever a path only looks like, the framework's routes answer.
_MODELS = ("/v1/", "/v1beta/")
_NAME = "a request to the models' routes"
# Whoever sends more of them ahead of the answers gets these answers, and asks for the rest on another connection.
_MOST_AHEAD = 1000
# Bytes that wait for the end of a turn of the loop; more are sent at once.
_MOST_UNSENT = 1 << 16
# So many readers wait for the next request; more than come in at one turn of the loop are seldom needed.
_MOST_READERS = 64


class Front:
    """What the connections of one worker share, made in its loop; uvicorn calls it for each new one.

    Args:
        models: answers a request to the models' routes; raises nothing.
        rest_seconds: that a connection stays open between two requests.
        arrival_seconds: in which a head has to come, and of a body at least something.
    """

    config: Config
    state: ServerState

    def __init__(
        self,
        models: Callable[[ModelRequest], Coroutine[Any, Any, None]],
        *,
        rest_seconds: float = 5.0,
        arrival_seconds: float = 60.0,
    ) -> None:
        self.models = models
        self.loop = asyncio.get_running_loop()
        self.outbox = Outbox(self.loop)
        self.readers: list[Reader] = []  # that nobody needs now: each stands between two requests
        self.resting = Patience(self.loop, rest_seconds, Protocol.rested)
        self.arriving = Patience(self.loop, arrival_seconds, Protocol.kept_waiting)

    def __call__(
        self,
        *,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002 - uvicorn's word; there is no lifespan that would fill it
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> Protocol:
        """A connection that is about to be made."""
        self.config = config
        self.state = server_state
        return Protocol(self)


class _Flow(FlowControl):
    """What holds one side back for the other.

    Attributes:
        held: whether nothing is read whoever says so: uvicorn reads on whenever a body is asked for.
    """

    held = False

    def resume_reading(self) -> None:
        """See ``FlowControl``."""
        if not self.held:
            super().resume_reading()


class Protocol(asyncio.Protocol):
    """The server's side of a connection.

    ``_newest`` is the request whose body comes in or came last, until it is answered; ``_answering`` the one whose turn it is.
    ``_coming`` says whether a body comes in, be it of a request that was answered before all of it had come.

    Attributes:
        full: whether its client reads slowly.
    """

    __slots__ = (
        "_answering", "_coming", "_flow", "_front", "_newest", "_queue", "_reader", "_size", "_transport", "_unsent", "full",
    )  # fmt: skip

    def __init__(self, front: Front) -> None:
        self.full = False
        self._front = front
        self._transport: asyncio.Transport = None  # type: ignore[assignment]  # until the connection is made
        self._reader: Reader | None = None
        self._unsent: list[bytes] = []
        self._size = 0  # of what is unsent
        self._coming = False
        self._flow: _Flow | None = None
        self._answering: ModelRequest | FrameworkRequest | None = None
        self._newest: ModelRequest | FrameworkRequest | None = None
        self._queue: deque[ModelRequest | FrameworkRequest] | None = None

    # As the loop and the server see it.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See ``asyncio.Protocol``."""
        self._transport = cast("asyncio.Transport", transport)
        self._front.state.connections.add(cast("Any", self))
        self._front.arriving.begin(self)

    def data_received(self, data: bytes) -> None:
        """See ``asyncio.Protocol``."""
        front = self._front
        front.resting.end(self)
        reader = self._reader
        if reader is None:
            reader = self._reader = front.readers.pop() if front.readers else Reader()
            reader.teller = self
        try:
            rests = reader.read(data)
        except UnreadableError as error:
            self._refuse(str(error))
            return
        if rests:
            self._reader = reader.teller = None
            if len(front.readers) < _MOST_READERS:
                front.readers.append(reader)
        if rests or self._coming:
            front.arriving.end(self)
        if not rests:
            front.arriving.begin(self)

    def eof_received(self) -> None:
        """See ``asyncio.Protocol``: the connection closes, behind what is written."""
        self.send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's word
        """Tell the request that is being answered, and the newest."""
        self._front.state.connections.discard(cast("Any", self))
        self._front.resting.end(self)
        self._front.arriving.end(self)
        for request in {self._answering, self._newest}:
            if request is not None:
                request.leave()
        if self._flow is not None:
            self._flow.resume_writing()
        self.full = False
        self._reader = self._queue = self._answering = self._newest = None

    def pause_writing(self) -> None:
        """See ``asyncio.Protocol``."""
        self.full = True
        self.flow.pause_writing()

    def resume_writing(self) -> None:
        """See ``asyncio.Protocol``."""
        self.full = False
        self.flow.resume_writing()

    def shutdown(self) -> None:
        """Close, now or behind the answer that is under way."""
        if self._newest is None:
            self._close()
        else:
            self._newest.keep_alive = False

    def rested(self) -> None:
        """No request has come for a while."""
        if self._newest is None:
            self._close()

    def kept_waiting(self) -> None:
        """What has begun to come does not come to its end."""
        if self._flow is not None and self._flow.read_paused:
            self._front.arriving.begin(self)  # it is not the client who keeps us waiting
        elif self._coming:
            self._close()
        else:
            self.shutdown()

    # As its reader sees it.

    def head_came(self, head: Head) -> None:
        """See ``Reading``."""
        waits = self._newest is not None
        if waits and self._queue is not None and len(self._queue) == _MOST_AHEAD:
            raise UnreadableError("Too many requests came ahead of their answers.")
        self._coming = True
        if head.path.startswith(_MODELS):
            request: ModelRequest | FrameworkRequest = ModelRequest(self, head)
        else:
            request = FrameworkRequest(self._transport, self.flow, self._front.config, head, self.answered)
        self._newest = request
        if not waits:
            self._start(request)
            return
        self.flow.pause_reading()
        self.flow.held = True
        if self._queue is None:
            self._queue = deque()
        self._queue.append(request)

    def body_came(self, piece: bytes) -> None:
        """See ``Reading``."""
        if self._newest is not None:  # else it was answered before all of it had come
            self._newest.more(piece)

    def all_came(self) -> None:
        """See ``Reading``."""
        self._coming = False
        if self._newest is not None:
            self._newest.all_in()
        else:
            self._front.resting.begin(self)

    # As a request sees it.

    @property
    def flow(self) -> _Flow:
        """What holds one side back for the other; made where it is first needed."""
        if self._flow is None:
            self._flow = _Flow(self._transport)
        return self._flow

    def write(self, data: bytes) -> None:
        """See ``Way``."""
        self._unsent.append(data)
        self._size += len(data)
        if self._size > _MOST_UNSENT:
            self.send()
        elif len(self._unsent) == 1:
            self._front.outbox.add(self)

    def send(self) -> None:
        """What was written in this turn of the loop goes out; nothing where the client has left. See ``Sender``."""
        unsent, self._size = self._unsent, 0
        if unsent and not self._transport.is_closing():
            if len(unsent) == 1:
                self._transport.write(unsent[0])
            else:
                self._transport.writelines(unsent)
        unsent.clear()

    async def room(self) -> None:
        """See ``Way``."""
        await self.flow.drain()

    def hold(self) -> None:
        """See ``Way``."""
        self.flow.pause_reading()

    def read_on(self) -> None:
        """See ``Way``."""
        if self._flow is not None:
            self._flow.resume_reading()

    def answered(self, *, keep_alive: bool = True) -> None:
        """An answer is complete: the next request has its turn. See ``Way``."""
        if not keep_alive:
            self._close()
        self._answering = None
        if self._transport.is_closing():
            self._newest = self._queue = None
            return
        if self._queue:
            self._start(self._queue.popleft())
        else:
            self._newest = None
            self._front.resting.begin(self)
        if self._flow is not None and not self._queue:
            self._flow.held = False
            self._flow.resume_reading()

    def over(self, task: asyncio.Task[None], *, complete: bool) -> None:
        """See ``Way``."""
        self._front.state.tasks.discard(task)
        if not complete:
            self._close()

    def _close(self) -> None:
        self.send()
        self._transport.close()

    def _start(self, request: ModelRequest | FrameworkRequest) -> None:
        front, tasks = self._front, self._front.state.tasks
        self._answering = request
        if isinstance(request, ModelRequest):
            request.task = task = front.loop.create_task(front.models(request), name=_NAME)
            task.add_done_callback(request.ended)
        else:
            task = front.loop.create_task(request.run_asgi(front.config.loaded_app))
            task.add_done_callback(tasks.discard)
        tasks.add(task)

    def _refuse(self, why: str) -> None:
        """What came is no request: whole ones before it are still answered, and nothing goes into the middle of an answer."""
        if self._newest is not None and not self._coming:
            self.shutdown()
            return
        if self._newest is None:
            head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
            self.write(b"%bcontent-length: %d\r\n\r\n%b" % (head, len(why), why.encode("ascii")))
        self._close()
