"""The log's routes under ``/api/audit``: entries and proofs, erasure, witnesses, the index. Knows ``audit`` by its face."""

from __future__ import annotations

import time
from typing import Annotated, Any

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from daffa.app import House
from daffa.audit import Cosigning, Erasure, Found, Reader, Standing, Usage
from daffa.errors import NotFound
from daffa.identity import Role

from .callers import Asked, caller_of, house_of

__all__ = ["AuditController"]

Before = Annotated[int | None, QueryParameter(ge=0, le=2**53)]


class Erase(msgspec.Struct, forbid_unknown_fields=True):
    """An entry whose details shall go, and why."""

    index: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class AuditController(Controller):
    """The log: entries with their proofs, decisions, usage. Prompts and answers are in none of them."""

    path = "/api/audit"

    @get("/entries/{index:int}")
    async def entry(self, request: Asked, index: FromPath[int]) -> dict[str, Any]:
        """An entry, its receipt, and its details where they were not erased."""
        caller_of(request, Role.AUDITOR, Role.ADMINISTRATOR)
        house = house_of(request)
        await house.audit.flush()
        proof = Reader(house.settings.data / "audit").prove(index)
        try:
            details = dict((await house.audit.open_details(index)).details)
        except NotFound:
            details = None
        return {"index": index, "entry": msgspec.json.decode(proof.entry), "receipt": proof.receipt(), "details": details}

    @get("/decisions")
    async def decisions(self, request: Asked, verdict: FromQuery[str | None] = None, before: Before = None) -> list[Found]:
        """A hundred decisions with their outcomes, newest first; the next page comes ``before`` the last index."""
        caller_of(request, Role.AUDITOR, Role.ADMINISTRATOR)
        index = house_of(request).index
        await index.follow()
        return await index.decisions(verdict=verdict, before=before)

    @get("/usage")
    async def usage(self, request: Asked) -> list[Usage]:
        """Tokens and bytes by place."""
        caller_of(request, Role.AUDITOR, Role.ADMINISTRATOR, Role.OPERATOR)
        index = house_of(request).index
        await index.follow()
        return await index.usage()

    @post("/erase", status_code=200)
    async def erase(self, request: Asked, data: JSONBody[Erase]) -> dict[str, str]:
        """Destroy the record key and the details of an entry, for good; the erasure has an entry of its own."""
        caller = caller_of(request, Role.ADMINISTRATOR)
        log = house_of(request).audit
        details = {"actor": caller.actor.id, "reason": data.reason}
        return {"reference": log.reference(await log.erase(Erasure(data.index, time.time(), details)))}

    @post("/erase-again", status_code=200)
    async def erase_again(self, request: Asked) -> dict[str, int]:
        """Repeat every erasure of the log: after a backup was restored, which brings keys back."""
        caller_of(request, Role.ADMINISTRATOR)
        return {"erasures": await house_of(request).audit.repeat_erasures()}

    @get("/witnesses")
    async def witnesses(self, request: Asked) -> Standing:
        """How far the witnesses vouch for the log."""
        caller_of(request, Role.AUDITOR, Role.OPERATOR, Role.ADMINISTRATOR)
        return _cosigning(house_of(request)).standing()

    @post("/cosign", status_code=200)
    async def cosign(self, request: Asked) -> Standing:
        """Have the log cosigned now."""
        caller_of(request, Role.OPERATOR, Role.ADMINISTRATOR)
        house = house_of(request)
        await house.audit.flush()
        return await _cosigning(house).cosign()

    @get("/policy")
    async def policy(self, request: Asked) -> dict[str, str]:
        """Whom verifiers may trust, as a C2SP tlog-policy."""
        caller_of(request)
        return {"policy": _cosigning(house_of(request)).policy()}

    @post("/rebuild", status_code=200)
    async def rebuild(self, request: Asked) -> dict[str, int]:
        """Build the index anew from the log."""
        caller_of(request, Role.OPERATOR, Role.ADMINISTRATOR)
        house = house_of(request)
        await house.audit.flush()
        return {"entries": await house.index.rebuild()}


def _cosigning(house: House) -> Cosigning:
    if house.cosigning is None:
        raise NotFound("no_witnesses")
    return house.cosigning
