"""An answer as an asynchronous iterator of its pieces, at the price of one object. Knows not where they come from."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine
from types import TracebackType
from typing import Any, NoReturn, Protocol

__all__ = ["Relay"]


class Relayed(Protocol):
    """What gives pieces."""

    async def next(self) -> bytes:
        """The next one. Raises ``StopAsyncIteration`` at the end."""
        ...

    def leave(self) -> None:
        """No more are wanted."""
        ...


class Relay(AsyncGenerator[bytes, None]):
    """In place of an asynchronous generator, each of which the loop would watch from its first step on."""

    __slots__ = ("_relayed",)

    def __init__(self, relayed: Relayed) -> None:
        self._relayed = relayed

    def __anext__(self) -> Coroutine[Any, Any, bytes]:
        """The next piece: no coroutine of its own, for each stream waits in one."""
        return self._relayed.next()

    async def asend(self, _: None) -> bytes:
        """The next piece: nothing can be said to it."""
        return await self._relayed.next()

    async def athrow(self, kind: Any, value: Any = None, _: TracebackType | None = None) -> NoReturn:
        """It ends, and the error comes back."""
        self._relayed.leave()
        raise kind if value is None else value

    async def aclose(self) -> None:
        """No more pieces are wanted."""
        self._relayed.leave()
