"""The wire to upstreams that speak like OpenAI. Knows addresses and the key; nothing leaves without a Permit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from daffa.decision import Door
from daffa.guard import Permit

from ..dialect import Idiom
from ..dialects import openai_chat, openai_embeddings
from ..exchange import Asker
from ..model import Model
from ..request import Kind
from ..upstream import Response, Upstream

__all__ = ["OpenAIWire"]

_PATHS: Mapping[Kind, str] = {"chat": "/chat/completions", "embeddings": "/embeddings"}


class OpenAIWire:
    """Sends the requests of one model to its upstream."""

    idioms: Mapping[Kind, Idiom] = {"chat": openai_chat.IDIOM, "embeddings": openai_embeddings.IDIOM}

    def __init__(self, model: Model, upstream: Upstream, clock: Callable[[], float]) -> None:
        self._model = model
        self._upstream = upstream
        self._clock = clock
        base = model.url.rstrip("/")
        self._urls = {kind: base + path for kind, path in _PATHS.items()}
        self._headers = {"Content-Type": "application/json"}
        if model.key:
            self._headers["Authorization"] = f"Bearer {model.key}"

    async def send(
        self,
        permit: Permit,
        body: bytes,
        *,
        kind: Kind,
        stream: bool,  # noqa: ARG002 - the body says it
        asker: Asker | None = None,  # noqa: ARG002 - an upstream is not told who asks
    ) -> Response:
        """Spend ``permit`` on ``body`` and send it.

        Raises what ``Permit.use`` raises, before anything is sent, and ``Unavailable`` as the port does.
        """
        permit.use(door=Door.GATEWAY, place=self._model.place, receiver=self._model.id, payload=body, now=self._clock())
        return await self._upstream.post(self._urls[kind], self._headers, body)
