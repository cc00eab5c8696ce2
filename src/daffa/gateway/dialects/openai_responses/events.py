"""An answer as a stream of ``response.*`` events, numbered in their strict order. Knows no upstream.

Each part of the answer is an item of its own. Source: the public reference of the OpenAI API, streaming events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from ...conversation import Ended, Event, Failed, PartEnded, PartStarted, Piece, Started, Text, Thinking, ToolCall, Usage
from ...request import Request
from ..openai import together
from .replying import call_item, frame, item_id, message_item, outcome, text_part, thought_item, thought_part

__all__ = ["ResponseEventWriter", "named"]

_encode = msgspec.json.Encoder().encode
_Said = Iterator[tuple[str, dict[str, Any]]]


def named(kind: str, fields: dict[str, Any]) -> bytes:
    """One event."""
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), _encode({"type": kind, **fields}))


class _Open:
    """A part that is being written: its item so far."""

    def __init__(self, part: Text | Thinking | ToolCall, reply_id: str, index: int) -> None:
        self.part = part
        self.index = index
        self.pieces: list[str] = []
        prefix = "fc" if isinstance(part, ToolCall) else "rs" if isinstance(part, Thinking) else "msg"
        self.name = item_id(prefix, reply_id, index)

    def at(self, **more: Any) -> dict[str, Any]:
        """Where an event belongs."""
        return {"item_id": self.name, "output_index": self.index, **more}

    def begin(self) -> _Said:
        """The item, and its one part, as they begin."""
        part = self.part
        if isinstance(part, ToolCall):
            item = call_item(self.name, part, "", "in_progress")
        elif isinstance(part, Thinking):
            item = thought_item(self.name, None, status="in_progress")
        else:
            item = message_item(self.name, None, "in_progress")
        yield "response.output_item.added", {"output_index": self.index, "item": item}
        if isinstance(part, Thinking):
            yield "response.reasoning_summary_part.added", self.at(summary_index=0, part=thought_part(""))
        elif isinstance(part, Text):
            yield "response.content_part.added", self.at(content_index=0, part=text_part(""))

    def piece(self, text: str) -> _Said:
        """More of it."""
        self.pieces.append(text)
        if isinstance(self.part, ToolCall):
            yield "response.function_call_arguments.delta", self.at(delta=text)
        elif isinstance(self.part, Thinking):
            yield "response.reasoning_summary_text.delta", self.at(summary_index=0, delta=text)
        else:
            yield "response.output_text.delta", self.at(content_index=0, delta=text, logprobs=[])

    def end(self, item: dict[str, Any]) -> _Said:
        """Its whole text, its part and its item."""
        text = "".join(self.pieces)
        if isinstance(self.part, ToolCall):
            yield "response.function_call_arguments.done", self.at(name=self.part.name, arguments=text)
        elif isinstance(self.part, Thinking):
            yield "response.reasoning_summary_text.done", self.at(summary_index=0, text=text)
            yield "response.reasoning_summary_part.done", self.at(summary_index=0, part=thought_part(text))
        else:
            yield "response.output_text.done", self.at(content_index=0, text=text, logprobs=[])
            yield "response.content_part.done", self.at(content_index=0, part=text_part(text))
        yield "response.output_item.done", {"output_index": self.index, "item": item}

    def item(self, signature: str) -> dict[str, Any]:
        """The item when it is whole."""
        text = "".join(self.pieces)
        if isinstance(self.part, ToolCall):
            return call_item(self.name, self.part, text)
        if isinstance(self.part, Thinking):
            return thought_item(self.name, text, signature)
        return message_item(self.name, text)


class ResponseEventWriter:
    """Writes one stream.

    Args:
        request: what is answered; a response repeats much of it.
        clock: seconds since 1970.
    """

    def __init__(self, request: Request, clock: Callable[[], float]) -> None:
        self._request = request
        self._clock = clock
        self._number = 0
        self._frame: dict[str, Any] = {}
        self._id = ""
        self._read: Usage | None = None
        self._open: dict[int, _Open] = {}
        self._items: dict[int, dict[str, Any]] = {}

    def write(self, event: Event) -> bytes:
        """The bytes that ``event`` is."""
        return b"".join(self._numbered(kind, fields) for kind, fields in self._said(event)) + self._last(event)

    def _numbered(self, kind: str, fields: dict[str, Any]) -> bytes:
        numbered = named(kind, {"sequence_number": self._number, **fields})
        self._number += 1
        return numbered

    def _last(self, event: Event) -> bytes:
        """The mark at the end, which the Open Responses specification asks for."""
        return b"data: [DONE]\n\n" if isinstance(event, (Ended, Failed)) else b""

    def _said(self, event: Event) -> _Said:
        if isinstance(event, Started):
            self._id, self._read = event.id, event.usage
            self._frame = frame(self._request, event.id, int(self._clock()))
            yield "response.created", {"response": self._frame}
            yield "response.in_progress", {"response": self._frame}
        elif isinstance(event, PartStarted):
            self._open[event.index] = opened = _Open(event.part, self._id, event.index)
            yield from opened.begin()
        elif isinstance(event, Piece):
            yield from self._open[event.index].piece(event.text)
        elif isinstance(event, PartEnded):
            ended = self._open.pop(event.index)
            item = ended.item(event.signature)
            self._items[event.index] = item
            yield from ended.end(item)
        elif isinstance(event, Ended):
            said = outcome(event.finish, self._output(), together(self._read, event.usage), int(self._clock()))
            yield f"response.{said['status']}", {"response": self._frame | said}
        else:
            failed = {"status": "failed", "error": {"code": "server_error", "message": event.message}}
            yield "response.failed", {"response": self._frame | failed | {"output": self._output()}}

    def _output(self) -> list[dict[str, Any]]:
        return [self._items[index] for index in sorted(self._items)]
