"""Asking a model through the gateway, like any client: for JSON of a schema, under the label of all that it is shown.

So the question of the assistant itself has its own decision, quota and outcome. Knows no wire and no place.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Protocol

import msgspec

from daffa.errors import Conflict, Exhausted, Invalid, NotFound, Unavailable
from daffa.gateway import SURFACES, Answer, Asker, Declared, Surface
from daffa.identity import Caller, Role

from .ports import Composed, Prompt, Streamed

__all__ = ["AsksGateway", "GatewayModel"]

_TOKENS = 1500
_TRIES = 2
_SURFACE = SURFACES["openai_chat"]
_DONE = b"[DONE]"
_LONGEST_LINE = 1 << 20


class AsksGateway(Protocol):
    """``Gateway.ask``."""

    async def __call__(
        self, surface: Surface, caller: Caller, raw: bytes, declared: Declared, *, model: str = "", stream: bool = False
    ) -> Answer:
        """Ask; see there."""
        ...


class GatewayModel:
    """A model of the catalogue, or ``auto``.

    Args:
        ask: of the gateway.
        model: what is asked for.
    """

    def __init__(self, ask: AsksGateway, model: str) -> None:
        self._ask = ask
        self._model = model

    async def __call__(self, prompt: Prompt, asker: Asker) -> Composed:
        """JSON that a model wrote; asked once more where it is none.

        Raises ``Refused`` where the law lets no model have it, and ``Unavailable`` where none answers, or none answers in JSON,
        or where the asker may ask none.
        """
        request = self._request(prompt, asker, stream=False)
        for _ in range(_TRIES):
            answer = await self._answer(asker, *request)
            data = _json(await _collected(answer))
            if data is not None:
                return Composed(data, answer.reference, answer.model, answer.place)
        raise Unavailable("assistant_model", reason="no JSON")

    async def stream(self, prompt: Prompt, asker: Asker) -> Streamed:
        """The text of a model as it comes; raises as a call does, and where it breaks off."""
        answer = await self._answer(asker, *self._request(prompt, asker, stream=True))
        return Streamed(_written(answer), answer.reference, answer.model, answer.place)

    def _request(self, prompt: Prompt, asker: Asker, *, stream: bool) -> tuple[bytes, Declared]:
        """The body, and what is declared with it."""
        if Role.AGENT not in asker.caller.roles:  # a visitor of the page, a reader: they see extracts
            raise Unavailable("assistant_model", reason="role")
        answer = {"name": "answer", "schema": prompt.schema, "strict": True}
        raw = msgspec.json.encode({
            "model": self._model,
            "messages": prompt.messages,
            "temperature": 0,
            "max_tokens": _TOKENS,
            "stream": stream,
            "response_format": {"type": "json_schema", "json_schema": answer},
        })  # fmt: skip
        return raw, Declared(label=str(prompt.label), purpose=str(asker.purpose), published=prompt.published)

    async def _answer(self, asker: Asker, raw: bytes, declared: Declared) -> Answer:
        try:
            return await self._ask(_SURFACE, asker.caller, raw, declared)
        except (Invalid, NotFound, Conflict, Exhausted) as error:
            raise Unavailable("assistant_model", reason=error.code) from error


async def _written(answer: Answer) -> AsyncGenerator[str]:
    """The text of a chat, streamed or whole. Raises ``Unavailable`` where it breaks off or is none."""
    if answer.whole:
        yield _content(await _collected(answer))
        return
    rest = b""
    async with aclosing(answer.chunks) as chunks:
        async for chunk in chunks:
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if piece := _piece(line):
                    yield piece
            if len(rest) > _LONGEST_LINE:
                raise Unavailable("assistant_model", reason="no stream")
    if piece := _piece(rest):
        yield piece


def _piece(line: bytes) -> str:
    """What a line of the stream adds to the text: each event of a chat is one line."""
    field, _, data = line.partition(b":")
    if field != b"data" or not data.strip() or data.strip() == _DONE:
        return ""
    try:
        choices = msgspec.json.decode(data).get("choices")
        content = choices[0].get("delta", {}).get("content") if choices else ""
    except (msgspec.DecodeError, RecursionError, LookupError, TypeError, AttributeError) as error:
        raise Unavailable("assistant_model", reason="no stream") from error
    return content if isinstance(content, str) else ""


async def _collected(answer: Answer) -> bytes:
    async with aclosing(answer.chunks) as chunks:
        return b"".join([chunk async for chunk in chunks])


def _json(body: bytes) -> Mapping[str, Any] | None:
    """The object that a model wrote as its whole answer."""
    try:
        data = msgspec.json.decode(_unfenced(_content(body)))
    except (msgspec.DecodeError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _content(body: bytes) -> str:
    """The text of a chat that came whole; empty where it is none, such as an error."""
    try:
        content = msgspec.json.decode(body)["choices"][0]["message"]["content"]
    except (msgspec.DecodeError, RecursionError, LookupError, TypeError):
        return ""
    return content if isinstance(content, str) else ""


def _unfenced(content: str) -> str:
    """What stands in a fence of Markdown, where a model without a grammar wrote one."""
    text = content.strip()
    return text.removeprefix("```json").removeprefix("```").removesuffix("```").strip() if text.startswith("```") else text
