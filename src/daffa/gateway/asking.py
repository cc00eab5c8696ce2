"""One request on its way to the first lawful model that answers: each try is prepared, kept for, admitted, sent.

A model may drop out before anything leaves: its protocol cannot say the request, the data could not be masked for it, a
budget is spent, its queue is full. Then the next is tried; only where nobody could be asked does the client hear why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import msgspec

from daffa.decision import Form
from daffa.errors import DaffaError, Exhausted, Unavailable
from daffa.guard import Candidate, Guard
from daffa.identity import Caller
from daffa.quota import Priority, Quota

from .aside import LARGE, aside
from .conversation import NotCarried
from .dialect import Surface
from .exchange import Asked, Asker, Exchange, Wire
from .health import Try
from .masking import NotMasked
from .preparing import Prepared, prepare
from .request import Request
from .routing import Route
from .running import Running
from .spending import Spending, spend

__all__ = ["Answering", "Asking"]

# Bytes above which masking is done in a thread: two microseconds a byte of names and numbers.
_LARGE_TO_MASK = 1 << 12


class Answering(msgspec.Struct, frozen=True, gc=False):
    """An exchange whose first bytes have come, how it was let in, and what was sent."""

    exchange: Exchange
    route: Route
    prepared: Prepared


class Asking:
    """One request.

    Args:
        guard, quota, running, wires: of the gateway.
        surface, request, caller: who asks what, and in which protocol.
        new_key: gives the key that masks what the law lets out only masked; asked once, where it is needed.
        priority: of its turn at a scarce engine, where it states one.
    """

    __slots__ = (
        "_caller",
        "_guard",
        "_held_back",
        "_key",
        "_new_key",
        "_priority",
        "_quota",
        "_request",
        "_running",
        "_surface",
        "_unmasked",
        "_wires",
    )

    def __init__(
        self,
        guard: Guard,
        quota: Quota,
        running: Running,
        wires: Mapping[str, Wire],
        surface: Surface,
        request: Request,
        caller: Caller,
        new_key: Callable[[], bytes],
        priority: Priority | None,
    ) -> None:
        self._guard = guard
        self._quota = quota
        self._running = running
        self._wires = wires
        self._surface = surface
        self._request = request
        self._caller = caller
        self._new_key = new_key
        self._key = b""
        self._priority = priority
        self._held_back: tuple[DaffaError, ...] = ()
        self._unmasked: tuple[Candidate, ...] = ()

    async def first_answer(self, ordered: Sequence[Route], refused: tuple[Candidate, ...]) -> Answering:
        """Try the lawful in order, each with a Permit of its own, until one gives its first bytes.

        Raises what held the first one back where nobody could be asked, ``Refused`` where nothing could be masked, and
        ``Unavailable`` where everybody failed.
        """
        routes = {route.model.id: route for route in ordered}
        tries = self._running.tries([route.model for route in ordered])
        while (attempt := await tries.next()) is not None:
            route = routes[attempt.model]
            ready = await self._ready(attempt, route)
            if ready is None:
                tries.unfit(attempt)
                continue
            prepared, spending = ready
            question, request, begun = route.candidate.question, self._request, self._running.clock()
            details = {"asked": request.model}
            if prepared.originals is not None:
                details["masked"] = str(len(prepared.originals))
            try:
                permit = await self._guard.admit(question, route.model.id, prepared.body, refused=refused, details=details)
            except BaseException:
                spending.release()
                attempt.left()
                raise
            label, size, waited = question.label, len(request.raw), self._running.clock() - begun
            asked = Asked(self._surface.name, request.kind, request.stream, size, label, tries.number, waited)
            exchange = Exchange(self._guard, self._running, attempt, route.model, permit, asked, spending)
            asker = Asker(self._caller, label, question.purpose)
            try:
                await exchange.open(self._wires[attempt.model], self._surface, request, prepared, asker)
            except Unavailable as error:
                tries.failed(attempt, error)
            else:
                return Answering(exchange, route, prepared)
        if not tries.nobody:
            raise tries.given_up()
        if self._held_back:
            raise self._held_back[0]
        return await self._guard.refuse([*refused, *self._unmasked], details={"asked": self._request.model})

    async def _ready(self, attempt: Try, route: Route) -> tuple[Prepared, Spending] | None:
        """The bytes and what is kept for them; ``None`` where this model cannot be asked."""
        try:
            prepared = await self._prepared(route)
            return prepared, await spend(self._quota, self._caller, self._priority, route.model, self._request, prepared.body)
        except (NotCarried, Exhausted, Unavailable) as error:
            self._held_back += (error,)
        except NotMasked:
            self._unmasked += (self._as_it_is(route.candidate),)
        except BaseException:
            attempt.left()
            raise
        return None

    async def _prepared(self, route: Route) -> Prepared:
        request, model = self._request, route.model
        idiom = self._wires[model.id].idioms[request.kind]
        size = len(request.raw) * (LARGE // _LARGE_TO_MASK if route.masked else 1)
        if route.masked and not self._key:
            self._key = self._new_key()
        key = self._key if route.masked else None
        if size <= LARGE:
            return prepare(self._surface, idiom, request, model.upstream_model, key)
        return await aside(size, prepare, self._surface, idiom, request, model.upstream_model, key)

    def _as_it_is(self, candidate: Candidate) -> Candidate:
        """The candidate for the data in clear, since it could not be masked."""
        question = candidate.question
        raw = replace(question.label, form=Form.RAW)
        return self._guard.consider(candidate.receiver, replace(question, label=raw))
