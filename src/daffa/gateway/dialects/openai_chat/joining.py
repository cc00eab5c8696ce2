"""Deltas put in order: parts one after the other, each whole before the next begins. Knows no JSON of any protocol's.

Calls may come in turns, a piece of one and a piece of the other. The first that is not whole is passed on as it comes;
what belongs to a later one waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from daffa.errors import Unavailable

from ...conversation import Event, PartEnded, PartStarted, Piece, Text, Thinking, ToolCall
from ..openai import object_text

__all__ = ["Joining"]


# As often a call is looked at whether it is whole; one that never seems to be waits for the end of the answer.
_LOOKS = 64


@dataclass(slots=True)
class _Call:
    id: str
    name: str
    derived: str
    pieces: list[str] = field(default_factory=list)
    passed: int = 0
    over: bool = False
    looked: int = 0
    looks: int = 0
    complete: bool = False

    def whole(self) -> bool:
        """Whether no more can come: arguments that are an object already cannot go on."""
        if self.looked < len(self.pieces) and self.looks < _LOOKS and self.pieces[-1].rstrip().endswith("}"):
            self.looked, self.looks = len(self.pieces), self.looks + 1
            self.complete = object_text("".join(self.pieces))
        return self.complete


class Joining:
    """The parts of one answer as they come.

    Attributes:
        called_any: whether a tool was called.
    """

    def __init__(self) -> None:
        self.called_any = False
        self._index = -1
        self._kind: type[Text | Thinking] | None = None
        self._calls: dict[int | str, _Call] = {}
        self._last: _Call | None = None
        self._count = 0
        self._live: _Call | None = None
        self._waiting: deque[_Call] = deque()
        self._late: list[tuple[Text | Thinking, str]] = []

    def said(self, part: Text | Thinking, text: str) -> Iterator[Event]:
        """``text`` belongs to a part like ``part``: to the one that is open, or to a new one."""
        if self._live is not None and not self._live.whole():
            # Some servers say a blank or two between the pieces of a call.
            self._late.append((part, text))
            return
        yield from self._end_calls()
        late, self._late = self._late, []
        for held, words in (*late, (part, text)):
            yield from self._more(held, words)

    def _more(self, part: Text | Thinking, text: str) -> Iterator[Event]:
        if self._kind is not type(part):
            yield from self._close()
            self._index += 1
            self._kind = type(part)
            yield PartStarted(self._index, part)
        yield Piece(self._index, text)

    def called(self, key: int | None, call_id: str, name: str, piece: str, reply_id: str) -> Iterator[Event]:
        """A piece of a call: of a new one, or of one that has begun. Raises ``Unavailable`` (``upstream_unreadable``)."""
        call = self._found(key, call_id, name)
        if call is None:
            if not name:
                raise Unavailable("upstream_unreadable", status=200)
            call = self._new(key, _Call(call_id, name, f"call_{reply_id}-{self._count}"))
            yield from self._close()
        self._last = call
        if call.over and piece:
            raise Unavailable("upstream_unreadable", status=200)
        if piece:
            call.pieces.append(piece)
        yield from self._pass_on(call)

    def end(self) -> Iterator[Event]:
        """What ends every part that is open, and what waited for it."""
        yield from self._end_calls()
        for part, text in self._late:
            yield from self._more(part, text)
        yield from self._close()

    def _found(self, key: int | None, call_id: str, name: str) -> _Call | None:
        """The call that a piece belongs to; None for a new one."""
        if key is None and not call_id:
            return None if name else self._last
        call = self._calls.get(call_id if key is None else key)
        if call is not None and name and call_id and call.id and call_id != call.id:
            return None
        return call

    def _new(self, key: int | None, call: _Call) -> _Call:
        self.called_any = True
        self._count += 1
        self._waiting.append(call)
        for name in (key, call.id or None):
            if name is not None:
                self._calls[name] = call
        return call

    def _pass_on(self, call: _Call) -> Iterator[Event]:
        """What can go out now that ``call`` has grown."""
        while self._live is not None or self._waiting:
            live = self._live or self._waiting.popleft()
            if self._live is None:
                yield self._begin(live)
            yield from self._flush(live)
            if live is call or not live.whole():
                return
            yield from self._end_live()

    def _begin(self, call: _Call) -> Event:
        self._live = call
        self._index += 1
        return PartStarted(self._index, ToolCall(call.id or call.derived, call.name, ""))

    def _flush(self, call: _Call) -> Iterator[Event]:
        for piece in call.pieces[call.passed :]:
            yield Piece(self._index, piece)
        call.passed = len(call.pieces)

    def _end_live(self) -> Iterator[Event]:
        call, self._live = self._live, None
        if call is not None:
            if not call.pieces:
                yield Piece(self._index, "{}")
            call.over = True
            yield PartEnded(self._index)

    def _end_calls(self) -> Iterator[Event]:
        yield from self._end_live()
        while self._waiting:
            call = self._waiting.popleft()
            yield self._begin(call)
            yield from self._flush(call)
            yield from self._end_live()

    def _close(self) -> Iterator[Event]:
        if self._kind is not None:
            yield PartEnded(self._index)
            self._kind = None
