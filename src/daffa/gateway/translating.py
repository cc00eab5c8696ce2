"""What stands between an upstream's bytes and a client's: nothing, what restores, what translates, or both. Does no I/O.

Each way has one face: ``feed`` for a piece of a stream, ``end`` for its rest, and ``whole`` for an answer that is no stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from daffa.errors import Unavailable
from daffa.privacy import Originals

from . import sse
from .conversation import Event, Failed
from .dialect import Idiom, Surface
from .request import Request
from .restoring import StreamRestorer, restored_whole
from .sse import ServerSent, Splitter

__all__ = ["PASSING", "Passing", "Way", "way_back"]


class Passing:
    """Bytes go through as they are: both sides speak the same, and nothing was masked.

    Attributes:
        touches: whether a way does anything to what comes.
    """

    touches = False

    def feed(self, chunk: bytes) -> bytes:
        """The piece."""
        return chunk

    def end(self) -> bytes:
        """Nothing was held back."""
        return b""

    def whole(self, body: bytes, status: int) -> bytes:  # noqa: ARG002 - the face of a way
        """The answer."""
        return body


PASSING = Passing()
"""It keeps nothing: one is enough for all."""


class Way(Passing):
    """An answer's events taken apart, restored where something was masked, and written as the client speaks."""

    touches = True

    def __init__(self, surface: Surface, idiom: Idiom, request: Request, originals: Originals | None) -> None:
        self._surface = surface
        self._idiom = idiom
        self._request = request
        self._originals = originals
        self._splitter = Splitter()
        self._broken: Unavailable | None = None
        self._restorer = StreamRestorer(idiom, originals) if originals is not None else None
        same = surface.name == idiom.name
        self._reader = None if same else idiom.event_reader()
        self._writer = None if same else surface.event_writer(request)

    def feed(self, chunk: bytes) -> bytes:
        """What goes to the client now. Raises ``Unavailable`` where the upstream says what its protocol does not have.

        What came before that in the same chunk goes out first; the error is raised by the next call.
        """
        self._raise_if_broken()
        if not chunk:
            return b""
        whole = self._splitter.empty and chunk.endswith(sse.BLANK_LINES)
        if whole and self._restorer is not None and self._reader is None:
            return self._restorer.read(chunk)
        said: list[bytes] = []
        try:
            said.extend(self._written(self._restored(self._splitter.feed(chunk))))
        except Unavailable as error:
            self._broken = error
        if not any(said):
            self._raise_if_broken()
        return b"".join(said)

    def end(self) -> bytes:
        """The rest. Raises ``Unavailable`` where the answer broke off."""
        self._raise_if_broken()
        rest = list(self._written(self._restored(self._splitter.end())))
        if self._restorer is not None:
            rest += self._written(self._restorer.end())
        if self._reader is not None:
            rest += map(self._said, self._reader.end())
        return b"".join(rest)

    def whole(self, body: bytes, status: int) -> bytes:
        """A whole answer. Raises ``Unavailable`` where it is not what the upstream's protocol says."""
        restored = body if self._originals is None else restored_whole(self._idiom, self._originals, body)
        if self._reader is None:
            return restored
        if status != 200:
            said = self._idiom.error_message(restored) or f"the model's server answered with status {status}"
            return self._surface.upstream_error(said, status)
        return self._surface.write_reply(self._idiom.read_reply(restored), self._request)

    def _raise_if_broken(self) -> None:
        if self._broken is not None:
            raise self._broken

    def _restored(self, events: Iterable[ServerSent]) -> Iterator[ServerSent]:
        for event in events:
            if self._restorer is None:
                yield event
            else:
                yield from self._restorer.feed(event)

    def _written(self, events: Iterable[ServerSent]) -> Iterator[bytes]:
        for event in events:
            if self._reader is None:
                yield event.raw
            elif event.data:  # a comment is for whoever speaks to the upstream: not every client can read one
                yield from map(self._said, self._reader.read(event.name, event.data))

    def _said(self, event: Event) -> bytes:
        if self._writer is None:
            raise RuntimeError("only what is translated is said again")
        if isinstance(event, Failed):
            raise Unavailable("upstream_reports", reason=event.message[:300])
        return self._writer.write(event)


def way_back(surface: Surface, idiom: Idiom, request: Request, originals: Originals | None) -> Passing:
    """What an answer has to go through."""
    if surface.name == idiom.name and originals is None:
        return PASSING
    return Way(surface, idiom, request, originals)
