"""What is sent in one turn of the event loop goes out together at its end. Knows neither connections nor bytes.

System calls beside each other cost half of what they do one by one, each between two pieces of work: the ways of the kernel
are warm, and whoever reads at the other end is awake. Who is alone does not wait: the first one of a turn sends at once.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

__all__ = ["Outbox"]


class Sender(Protocol):
    """What has something to send."""

    def send(self) -> None:
        """Send it now, where it is still to be sent. Raises nothing."""
        ...


class Outbox:
    """Who has something to send, in the order in which they came."""

    __slots__ = ("_loop", "_turn", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._turn = -1.0
        self._waiting: list[Sender] = []

    def add(self, sender: Sender) -> None:
        """``sender`` is told to send: now, or when this turn of the loop is over."""
        if not self._waiting:
            now = self._loop.time()  # the same for all of a turn (uvloop)
            if now != self._turn:
                self._turn = now
                sender.send()
                return
            self._loop.call_soon(self._send)
        self._waiting.append(sender)

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        for sender in waiting:
            sender.send()
