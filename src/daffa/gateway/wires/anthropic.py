"""The wire to upstreams that speak Anthropic Messages. Knows the address and the key; nothing leaves without a Permit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from daffa.decision import Door
from daffa.guard import Permit

from ..dialect import Idiom
from ..dialects import anthropic
from ..exchange import Asker
from ..model import Model
from ..request import Kind
from ..upstream import Response, Upstream

__all__ = ["AnthropicWire"]

_VERSION = "2023-06-01"
_PATHS: Mapping[Kind, str] = {"chat": "/messages", "count": "/messages/count_tokens"}


class AnthropicWire:
    """Sends the requests of one model to its upstream. Its ``url`` may have a ``/v1`` at the end; the vendor's own has none."""

    idioms: Mapping[Kind, Idiom] = {"chat": anthropic.IDIOM, "count": anthropic.COUNTING_IDIOM}

    def __init__(self, model: Model, upstream: Upstream, clock: Callable[[], float]) -> None:
        self._model = model
        self._upstream = upstream
        self._clock = clock
        self._base = model.url.rstrip("/").removesuffix("/v1") + "/v1"
        self._headers = {"Content-Type": "application/json", "anthropic-version": _VERSION}
        if model.key:
            self._headers["x-api-key"] = model.key

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
        return await self._upstream.post(self._base + _PATHS[kind], self._headers, body)
