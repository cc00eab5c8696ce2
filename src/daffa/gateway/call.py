"""What is told of a request once it has ended: no word of what was said. Knows neither who listens nor how they keep it."""

from __future__ import annotations

from typing import Protocol

import msgspec

from daffa.decision import Label

__all__ = ["Call", "Teller", "TurnedAway"]


# Made for each request: a msgspec struct costs a sixth of a frozen dataclass.
class Call(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One question to one model, as it ended. A request that is tried again makes one for each try.

    Attributes:
        surface: the protocol that the client speaks, such as ``openai_chat``.
        model, upstream_model, wire, place: who was asked: ids of the configuration.
        url: of the model's server.
        reference: ``origin#index`` of the decision.
        label: the label that was decided on.
        attempt: how many were asked before it for the same request, and one.
        stream: whether the answer comes in pieces.
        status: ``answered``, ``rejected``, ``failed`` or ``client_gone``.
        http_status: of the model's server; 0 where it did not answer.
        fault: the code of what went wrong; empty where nothing did.
        tokens_in, tokens_out: as the server counted them; or estimated.
        estimated: whether the tokens are estimates.
        bytes_out: of the answer.
        cost: at present prices, in the house's currency.
        energy: watt-hours, estimated; 0 where nothing is known of the model.
        started: Unix seconds at which the question was sent.
        waited: seconds until it was decided, and the decision durable.
        first_byte: seconds from the question to the first byte; negative where none came.
        seconds: from the question to the end.
    """

    surface: str
    model: str
    upstream_model: str
    wire: str
    place: str
    url: str
    reference: str
    label: Label
    attempt: int
    stream: bool
    status: str
    http_status: int
    fault: str
    tokens_in: int
    tokens_out: int
    estimated: bool
    bytes_out: int
    cost: float
    energy: float
    started: float
    waited: float
    first_byte: float
    seconds: float


class TurnedAway(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A request that no model was asked for, or whose models all failed.

    Attributes:
        surface: the protocol that the client speaks; empty where the path names none.
        code: of the error.
        http_status: that the client got.
        rules: ids of the rules that refused it; empty where it was not the law.
        reference: of the decision that refused it; empty where there is none.
        time: Unix seconds.
        seconds: from the request's first byte to the error.
    """

    surface: str
    code: str
    http_status: int
    rules: tuple[str, ...] = ()
    reference: str = ""
    time: float = 0.0
    seconds: float = 0.0


class Teller(Protocol):
    """Is told of each, keeps it aside, and must neither wait nor raise. ``dropped`` counts what it could not keep."""

    @property
    def dropped(self) -> int:
        """How many were lost."""
        ...

    def __call__(self, told: Call | TurnedAway) -> None:
        """Take one."""
        ...

    def close(self) -> None:
        """Keep what waits, and end."""
        ...
