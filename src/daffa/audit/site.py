"""A witness as the log meets it: one submission to it, and what its answer means. Knows no HTTP and no policy."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias
from urllib.parse import urlsplit

from daffa.errors import Conflict, DaffaError, Invalid, Unavailable

from .cosignature import cosigned
from .notation import decimal
from .note import Checkpoint
from .submission import SIZE_TYPE, write_submission
from .vkey import VerifyingKey

__all__ = ["Reply", "WitnessClient", "WitnessSite", "WitnessStanding"]

Prove: TypeAlias = Callable[[int, Checkpoint], Awaitable[list[bytes]]]
"""``prove(old, checkpoint)``: the proof that the log of ``old`` entries is a prefix of a checkpoint."""

# Asked with another size than it holds, a witness says which; to be told a third one is a race with somebody.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Reply:
    """What a witness answered over HTTP."""

    status: int
    content_type: str
    body: bytes


class WitnessClient(Protocol):
    """The port to witnesses. Adapters stand in ``clients``; they follow no redirect and read no proxy from the environment."""

    async def post(self, url: str, body: bytes) -> Reply:
        """Send a submission. Raises ``Unavailable`` (``witness_unreachable``)."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


@dataclass(frozen=True, slots=True)
class WitnessStanding:
    """One witness as the log sees it.

    Attributes:
        here: it listens on this very machine: good for tests, and proof of nothing to anybody else.
        size: up to which it has cosigned, as far as is known.
        problem, facts: the code and facts of what went wrong last; empty where nothing did.
    """

    name: str
    url: str
    here: bool
    size: int
    problem: str
    facts: dict[str, Any]


class WitnessSite:
    """One witness, at its address, and what is known of it."""

    def __init__(self, key: VerifyingKey, url: str, client: WitnessClient, prove: Prove) -> None:
        self.key = key
        self._url = url
        self._client = client
        self._prove = prove
        self._size = 0
        self._problem: DaffaError | None = None

    def standing(self) -> WitnessStanding:
        """What is known of it."""
        problem = self._problem
        code, facts = (problem.code, problem.facts) if problem else ("", {})
        return WitnessStanding(self.key.name, self._url, _here(self._url), self._size, code, facts)

    def is_late(self) -> None:
        """Take note that it did not answer in time."""
        self._problem = Unavailable("witness_unreachable", url=self._url, reason="timeout")

    async def ask(self, checkpoint: Checkpoint) -> str | None:
        """Its cosignature line on a checkpoint of the log, checked; ``None`` where it gives none: ``standing`` says why."""
        try:
            line = await self._submit(checkpoint)
        except DaffaError as error:
            self._problem = error
            return None
        self._size, self._problem = checkpoint.size, None
        return line

    async def _submit(self, checkpoint: Checkpoint) -> str:
        for _ in range(_TRIES):
            proof = await self._prove(self._size, checkpoint)
            body = write_submission(self._size, proof, checkpoint)
            reply = await self._client.post(f"{self._url}/add-checkpoint", body)
            if reply.status == 200:
                return self._cosignature(reply, checkpoint)
            if reply.status != 409 or reply.content_type != SIZE_TYPE:
                break
            held = decimal(reply.body.decode("ascii", "replace").removesuffix("\n"))
            if held > checkpoint.size:
                raise Conflict("witness_is_ahead", name=self.key.name, held=held, size=checkpoint.size)
            self._size = held
        if reply.status in (409, 422):
            raise Conflict("witness_sees_a_fork", name=self.key.name, size=self._size)
        raise Unavailable("witness_refuses", name=self.key.name, status=reply.status)

    def _cosignature(self, reply: Reply, checkpoint: Checkpoint) -> str:
        """The line in an answer that is this witness's cosignature; lines by others are passed over."""
        for line in reply.body.decode("utf-8", "replace").removesuffix("\n").split("\n"):
            if cosigned(replace(checkpoint, note=f"{checkpoint.note}{line}\n"), [self.key]):
                return f"{line}\n"
        raise Invalid("signature_does_not_hold", name=self.key.name)


def _here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
