"""The wire to upstreams that speak Gemini. Knows the address and the key; nothing leaves without a Permit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from daffa.decision import Door
from daffa.guard import Permit

from ..dialect import Idiom
from ..dialects import gemini
from ..exchange import Asker
from ..model import Model
from ..request import Kind
from ..upstream import Response, Upstream

__all__ = ["GeminiWire"]


class GeminiWire:
    """Sends the requests of one model to its upstream, which learns from the path what is asked of which model."""

    idioms: Mapping[Kind, Idiom] = {"chat": gemini.IDIOM, "count": gemini.COUNTING_IDIOM}

    def __init__(self, model: Model, upstream: Upstream, clock: Callable[[], float]) -> None:
        self._model = model
        self._upstream = upstream
        self._clock = clock
        self._url = f"{model.url.rstrip('/')}/{quote(gemini.resource(model.upstream_model))}:"
        self._headers = {"Content-Type": "application/json"}
        if model.key:
            self._headers["x-goog-api-key"] = model.key

    async def send(
        self,
        permit: Permit,
        body: bytes,
        *,
        kind: Kind,
        stream: bool,
        asker: Asker | None = None,  # noqa: ARG002 - an upstream is not told who asks
    ) -> Response:
        """Spend ``permit`` on ``body`` and send it.

        Raises what ``Permit.use`` raises, before anything is sent, and ``Unavailable`` as the port does.
        """
        permit.use(door=Door.GATEWAY, place=self._model.place, receiver=self._model.id, payload=body, now=self._clock())
        call = "countTokens" if kind == "count" else "streamGenerateContent?alt=sse" if stream else "generateContent"
        return await self._upstream.post(self._url + call, self._headers, body)
