"""The wire to upstreams that speak OpenAI chat completions. Knows the address and the key; nothing leaves without a Permit."""

from __future__ import annotations

from collections.abc import Callable

from daffa.decision import Door
from daffa.guard import Permit

from ..model import Model
from ..upstream import Response, Upstream

__all__ = ["OpenAIWire"]


class OpenAIWire:
    """Sends chat requests of one model to its upstream."""

    def __init__(self, model: Model, upstream: Upstream, clock: Callable[[], float]) -> None:
        self._model = model
        self._upstream = upstream
        self._clock = clock
        self._url = model.url.rstrip("/") + "/chat/completions"
        self._headers = {"Content-Type": "application/json"}
        if model.key:
            self._headers["Authorization"] = f"Bearer {model.key}"

    async def chat(self, permit: Permit, body: bytes) -> Response:
        """Spend ``permit`` on ``body`` and send it.

        Raises what ``Permit.use`` raises, before anything is sent, and ``Unavailable`` as the port does.
        """
        permit.use(door=Door.GATEWAY, place=self._model.place, receiver=self._model.id, payload=body, now=self._clock())
        return await self._upstream.post(self._url, self._headers, body)
