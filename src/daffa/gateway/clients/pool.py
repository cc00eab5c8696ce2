"""The connections to one server: a bounded number, first come first served. Knows how to reach it; no request and no answer."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from dataclasses import dataclass

from ..deadlines import Deadlines
from ..outbox import Outbox
from .connection import Connection
from .tls import ClientContext

__all__ = ["Limits", "Pool"]

_ADDRESSES_SECONDS = 10.0
# A server that says how long it keeps an idle connection is believed up to this, less a second for the way.
_LONGEST_KEPT = 60.0
_MARGIN = 1.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What every pool of a client keeps to.

    Attributes:
        connections: to one server, at once.
        connect_seconds: for a free connection where all are in use, and then to open one: its handshake included.
        idle_seconds: without progress of an answer that is waited for.
        keep_seconds: how long an idle connection is kept where the server does not say. A request that is sent just as
            the server closes is lost, so this stays below what common servers keep (uvicorn, node: 5 s).
    """

    connections: int
    connect_seconds: float
    idle_seconds: float
    keep_seconds: float


class Pool:
    """The connections to ``host`` and ``port``; with ``tls``, encrypted and the server known by its name.

    With ``unix``, the path of a socket, there is no host to look for.
    """

    def __init__(self, host: str, port: int, tls: ClientContext | None, limits: Limits, unix: str = "") -> None:
        self._unix = unix
        self._host = host
        self._port = port
        self._tls = tls
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._deadlines = Deadlines()
        self._outbox = Outbox(self._loop)
        self._free = limits.connections
        self._row: deque[asyncio.Future[None]] = deque()
        self._idle: dict[Connection, float] = {}
        self._busy: set[Connection] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._asking = asyncio.Lock()
        self._addresses: list[str] = []
        self._asked = 0.0
        self._closed = False

    def idle(self) -> Connection | None:
        """A connection for one request, where one stands and nobody has to be waited for."""
        connection = self._idle_one() if self._free else None
        if connection is not None:
            self._free -= 1
            self._busy.add(connection)
        return connection

    async def acquire(self) -> Connection:
        """A connection for one request, an idle one if there is one. Raises ``TimeoutError`` or ``OSError``."""
        if self._free:
            self._free -= 1
        else:
            await self._turn()
        try:
            connection = self._idle_one() or await self._open()
            if self._closed:
                connection.drop()
                raise ConnectionAbortedError("closed")
        except BaseException:
            self._release()
            raise
        self._busy.add(connection)
        return connection

    async def _turn(self) -> None:
        """Wait until somebody hands over his place."""
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._row.append(waiter)
        try:
            async with asyncio.timeout(self._limits.connect_seconds):
                await waiter
        except BaseException:
            if not waiter.cancelled():  # it was handed over just when he left
                self._release()
            elif waiter in self._row:
                self._row.remove(waiter)
            raise

    def _release(self) -> None:
        """A place is free: whoever has waited longest gets it."""
        while self._row:
            waiter = self._row.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1

    def close(self) -> None:
        """Close all connections; requests under way fail."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        for connection in [*self._idle, *self._busy]:
            connection.fail(ConnectionAbortedError("closed"))
        self._idle.clear()

    def _idle_one(self) -> Connection | None:
        """The connection that was used last and still stands."""
        now = self._loop.time()
        while self._idle:
            connection, until = self._idle.popitem()
            if until > now and connection.fresh():
                return connection
            connection.drop()
        return None

    def _ended(self, connection: Connection, keeps: float | None) -> None:
        """An answer has ended. ``keeps``: for how many seconds the server keeps the connection."""
        self._busy.discard(connection)
        self._release()
        seconds = self._limits.keep_seconds if keeps is None else min(keeps, _LONGEST_KEPT) - _MARGIN
        # A server that closes after each answer profits most from a short handshake.
        if not connection.served and self._tls is not None and isinstance(tls := connection.tls, ssl.SSLObject):
            self._tls.keep_session(tls)
        connection.served = True
        if keeps == 0 or seconds <= 0 or self._closed:
            connection.drop()
            return
        self._idle[connection] = self._loop.time() + seconds
        if self._sweeping is None:
            self._sweeping = self._loop.call_later(self._limits.keep_seconds, self._sweep)

    def _sweep(self) -> None:
        """Close what has been idle too long, and look again while anything is idle."""
        now = self._loop.time()
        for connection in [each for each, until in self._idle.items() if until <= now or not each.fresh()]:
            del self._idle[connection]
            connection.drop()
        self._sweeping = self._loop.call_later(self._limits.keep_seconds, self._sweep) if self._idle else None

    async def _open(self) -> Connection:
        """A new connection to the first address that answers; each has its share of the time that is left."""
        end = self._loop.time() + self._limits.connect_seconds
        async with asyncio.timeout_at(end):
            addresses = await self._resolved()
        failed: OSError = ConnectionError("no address")
        for number, address in enumerate(addresses):
            share = (end - self._loop.time()) / (len(addresses) - number)
            try:
                async with asyncio.timeout(share):
                    connection = await self._connected(address)
            except OSError as error:  # a timeout and a bad certificate too
                failed = error
            else:
                # The next connection need not try in vain what this one did.
                self._addresses = [address, *(other for other in addresses if other != address)]
                return connection
        self._addresses = []
        raise failed

    async def _connected(self, address: str) -> Connection:
        def made() -> Connection:
            return Connection(self._loop, self._limits.idle_seconds, self._deadlines, self._outbox, self._ended)

        if self._unix:
            _, connection = await self._loop.create_unix_connection(made, self._unix)
            return connection
        _, connection = await self._loop.create_connection(
            made,
            address,
            self._port,
            ssl=self._tls,
            server_hostname=self._host if self._tls is not None else None,
        )
        return connection

    async def _resolved(self) -> list[str]:
        """The addresses of the host, asked for once at a time and remembered for a moment."""
        if self._unix:
            return [self._unix]
        async with self._asking:
            if not self._addresses or self._loop.time() - self._asked > _ADDRESSES_SECONDS:
                found = await self._loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
                self._addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
                self._asked = self._loop.time()
            return self._addresses
