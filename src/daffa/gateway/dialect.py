"""The two halves of a protocol that models are spoken to in: the client's and the upstream's. Ports; nothing is done here.

A ``Surface`` is what clients speak, an ``Idiom`` what upstreams do. Each is pure: bytes in, bytes out. Where both speak
the same (``Surface.name == Idiom.name``), the client's bytes travel, and the upstream's come back untouched; else one
reads into a ``Conversation`` and the other writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from daffa.errors import DaffaError

from .conversation import Conversation, Event, Reply, Written
from .metering import Counts
from .request import Kind, Request

__all__ = ["EventReader", "EventWriter", "Idiom", "Listing", "Slot", "Surface"]


class EventWriter(Protocol):
    """Writes one stream of events as a client reads it."""

    def write(self, event: Event) -> bytes:
        """The bytes that ``event`` is; empty where the protocol says nothing of it. ``Ended`` gives all that ends a stream."""
        ...


class EventReader(Protocol):
    """Reads one stream of an upstream."""

    def read(self, name: str, document: bytes) -> Iterable[Event]:
        """The events that one server-sent event holds; ``name`` is its ``event:`` line, ``document`` its data.

        Raises ``Unavailable`` (``upstream_unreadable``) where it is not what the protocol says.
        """
        ...

    def end(self) -> Iterable[Event]:
        """What is still to be said when the upstream's bytes end: an ``Ended`` where the protocol's end had been seen.

        Raises ``Unavailable`` (``upstream_broke_off``) where it had not.
        """
        ...


class Surface(Protocol):
    """What a client speaks."""

    name: str
    kind: Kind

    def read(self, raw: bytes, *, model: str = "", stream: bool = False) -> Request:
        """A request's body; ``model`` and ``stream`` from the path where the protocol puts them there. Raises ``Invalid``."""
        ...

    def converse(self, request: Request) -> Conversation:
        """The request whole. Raises ``Invalid``, and ``NotCarried`` for what only this protocol can say."""
        ...

    def write_reply(self, reply: Reply, request: Request) -> bytes:
        """A whole answer; ``request.model`` is the model's name in it."""
        ...

    def event_writer(self, request: Request) -> EventWriter:
        """What writes a stream of answer to ``request``."""
        ...

    def error_body(self, error: DaffaError, status: int, language: str, more: Mapping[str, Any] | None = None) -> bytes:
        """An error, its sentence in ``language``; ``more`` is added to the error object."""
        ...

    def error_event(self, error: DaffaError, language: str) -> bytes:
        """What ends a stream that broke after its first byte."""
        ...

    def upstream_error(self, message: str, status: int) -> bytes:
        """What an upstream of another protocol found wrong with the request, in its words."""
        ...


class Listing(Protocol):
    """How a vendor's clients read the list of models.

    A row is ``{"id", "object": "model", "created", "owned_by", "daffa": {"place", "hw", "operator", "reach", "allowed"}}``;
    that of ``auto`` has no ``daffa``.
    """

    def models(self, rows: list[dict[str, Any]]) -> bytes:
        """All of them."""
        ...

    def model(self, row: dict[str, Any]) -> bytes:
        """One of them."""
        ...


class Slot(NamedTuple):
    """A text of a request or of an answer: ``holder[key]``.

    Or an object, such as the arguments of a call: all of it is somebody's own, its keys and numbers too.

    Attributes:
        channel: pieces of one channel are one text, cut anywhere; None where the text is whole, as an object is.
        json: whether the text is itself JSON (arguments of a tool call): what is put in must be escaped once.
    """

    channel: str | None
    holder: Any
    key: Any
    json: bool = False


class Idiom(Counts, Protocol):
    """What an upstream speaks.

    Attributes:
        name: as the ``Surface`` of the same protocol.
        usage_mark: found in the bytes of every event that counts tokens, and in few others.
        done_mark: found in the bytes of the event that ends a stream.
    """

    name: str

    def patched(self, request: Request, upstream_model: str) -> bytes:
        """The client's own bytes (it speaks this protocol), with the model's name as the upstream knows it."""
        ...

    def write_request(self, conversation: Conversation, upstream_model: str) -> Written:
        """``conversation`` as the upstream reads it. Raises ``NotCarried``."""
        ...

    def prompts(self, body: Any) -> Iterable[Slot]:
        """Every text of a decoded request body that may hold somebody's data: all that is no name of the protocol's."""
        ...

    def slots(self, document: Any) -> Iterable[Slot]:
        """Every text that a model wrote in a decoded answer or event."""
        ...

    def piece(self, document: bytes) -> tuple[str, str] | None:
        """Channel and text of an event that is a piece of one text, no JSON, and says nothing else that matters.

        ``None`` for any other event, and where it takes longer to tell: then ``slots`` and ``closes`` say what it holds.
        """
        ...

    def closes(self, document: Any) -> frozenset[str]:
        """The channels of which a decoded event says that nothing more will come: what is held back must go out before it."""
        ...

    def repeatable(self, document: Any) -> None:
        """Take out of a decoded event what a stream says only once, so that the event may be given again with other text."""
        ...

    def read_reply(self, body: bytes) -> Reply:
        """A whole answer. Raises ``Unavailable`` (``upstream_unreadable``)."""
        ...

    def event_reader(self) -> EventReader:
        """What reads one stream."""
        ...

    def error_message(self, body: bytes) -> str:
        """What an answer with an error's status says in words; empty where it says nothing readable."""
        ...
