"""Looks whether a server that has rested after failures can be reached again, before a request is spent on finding out.

A look opens a connection and closes it: not a byte of anybody's goes there, no key, no name of a model, not even a TLS
handshake. So it needs no Permit, which is bound to bytes. It goes to addresses of the configuration alone, to which requests
go anyway. Whether the server *answers* is shown by the next lawful request, which is the breaker's trial.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from .health import Health
from .model import Model

__all__ = ["Probing", "Reach"]

Reach = Callable[[str], Awaitable[bool]]
"""Whether the server of a URL takes a connection now; raises nothing."""


class Probing:
    """Looks after the models of the catalogue.

    Args:
        health: of the models.
        models: the catalogue, by id.
        reach: opens and closes a connection.
    """

    def __init__(self, health: Health, models: Mapping[str, Model], reach: Reach) -> None:
        self._health = health
        self._models = models
        self._reach = reach

    async def look(self) -> None:
        """Look at each server that is due, all at once."""
        await asyncio.gather(*(self._look(name) for name in self._health.due()))

    async def _look(self, name: str) -> None:
        url = self._models[name].url
        # A model that is a file has an engine of its own, which is watched elsewhere.
        self._health.looked(name, reached=not url.startswith(("http://", "https://")) or await self._reach(url))
