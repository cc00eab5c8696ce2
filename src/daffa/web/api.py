"""The administration's routes under ``/api``: decide, organisations, people, keys, the log. Knows the rooms' faces.

Each handler asks for a role, calls one room, and returns what it said. Every change is recorded in the log.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import msgspec
from litestar import Controller, Request, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from daffa.app import House
from daffa.audit import Change, Found, Reader, Usage
from daffa.errors import Denied, NotFound
from daffa.identity import Caller, Key, Organisation, Person, Role
from daffa.policy import read_question

__all__ = ["CONTROLLERS"]

Asked = Request[Any, Any, Any]


class NewOrganisation(msgspec.Struct, forbid_unknown_fields=True):
    """An organisation to create; ``floor`` is a label (see docs/identity.md)."""

    id: str
    name: str
    region: str = ""
    floor: str = ""


class NewPerson(msgspec.Struct, forbid_unknown_fields=True):
    """A person to create."""

    id: str
    organisation: str
    name: str
    roles: list[str] = []


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    """A key to create; ``expires`` in Unix seconds."""

    organisation: str
    name: str
    person: str | None = None
    roles: list[str] = []
    floor: str = ""
    expires: int | None = None


class DecisionController(Controller):
    """The decision, without a trace, for tools and for people who want to know beforehand."""

    path = "/api/decide"

    @post(status_code=200)
    async def decide(self, request: Asked, data: JSONBody[list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """The verdict on each question, in the same order: ``{"allowed", "rules", "nearest"}``."""
        house = _house(request)
        _caller(request)
        now = int(time.time())
        answers = []
        for item in data:
            question = read_question(item, house.settings.places, now, house.law.bundle.accept_declared)
            verdict = house.guard.ask(question)
            nearest = [{"rule": near.rule, "failing": [str(clause) for clause in near.failing]} for near in verdict.nearest]
            answers.append({"allowed": verdict.allowed, "rules": list(verdict.rules), "nearest": nearest})
        return answers


class IdentityController(Controller):
    """Organisations, people and keys."""

    path = "/api"

    @get("/organisations")
    async def organisations(self, request: Asked) -> list[Organisation]:
        """Every organisation."""
        _caller(request, Role.ADMINISTRATOR, Role.AUDITOR)
        return await _house(request).identity.organisations()

    @post("/organisations")
    async def create_organisation(self, request: Asked, data: JSONBody[NewOrganisation]) -> Organisation:
        """Create an organisation."""
        caller = _caller(request, Role.ADMINISTRATOR)
        made = await _house(request).identity.create_organisation(
            data.id, data.name, now=time.time(), region=data.region, floor=data.floor
        )
        await _record(request, caller, "organisation_created", organisation=made.id)
        return made

    @get("/people")
    async def people(self, request: Asked) -> list[Person]:
        """Every person."""
        _caller(request, Role.ADMINISTRATOR, Role.AUDITOR)
        return await _house(request).identity.people()

    @post("/people")
    async def create_person(self, request: Asked, data: JSONBody[NewPerson]) -> Person:
        """Create a person."""
        caller = _caller(request, Role.ADMINISTRATOR)
        made = await _house(request).identity.create_person(data.id, data.organisation, data.name, roles=data.roles)
        await _record(request, caller, "person_created", person=made.id)
        return made

    @get("/keys")
    async def keys(self, request: Asked) -> list[Key]:
        """Every key, without its secret."""
        _caller(request, Role.ADMINISTRATOR, Role.AUDITOR)
        return await _house(request).identity.keys()

    @post("/keys")
    async def create_key(self, request: Asked, data: JSONBody[NewKey]) -> dict[str, Any]:
        """Create a key; its token is in this answer and nowhere else."""
        caller = _caller(request, Role.ADMINISTRATOR)
        key, token = await _house(request).identity.create_key(**msgspec.structs.asdict(data), now=time.time())
        await _record(request, caller, "key_created", key=key.id, organisation=key.organisation)
        return {"key": key, "token": token}

    @delete("/keys/{key_id:str}", status_code=200)
    async def revoke_key(self, request: Asked, key_id: FromPath[str]) -> Key:
        """Revoke a key; the next request with it is refused."""
        caller = _caller(request, Role.ADMINISTRATOR)
        key = await _house(request).identity.revoke_key(key_id, time.time())
        await _record(request, caller, "key_revoked", key=key.id)
        return key


class AuditController(Controller):
    """The log: entries with their proofs, decisions, usage. Prompts and answers are in none of them."""

    path = "/api/audit"

    @get("/entries/{index:int}")
    async def entry(self, request: Asked, index: FromPath[int]) -> dict[str, Any]:
        """An entry, its receipt, and its details where they were not erased."""
        _caller(request, Role.AUDITOR, Role.ADMINISTRATOR)
        house = _house(request)
        await house.audit.flush()
        proof = Reader(house.settings.data / "audit").prove(index)
        try:
            details = dict((await house.audit.open_details(index)).details)
        except NotFound:
            details = None
        return {"index": index, "entry": msgspec.json.decode(proof.entry), "receipt": proof.receipt(), "details": details}

    @get("/decisions")
    async def decisions(
        self, request: Asked, verdict: FromQuery[str | None] = None, before: FromQuery[int | None] = None
    ) -> list[Found]:
        """A hundred decisions with their outcomes, newest first; the next page comes ``before`` the last index."""
        _caller(request, Role.AUDITOR, Role.ADMINISTRATOR)
        index = _house(request).index
        await index.follow()
        return await index.decisions(verdict=verdict, before=before)

    @get("/usage")
    async def usage(self, request: Asked) -> list[Usage]:
        """Tokens and bytes by place."""
        _caller(request, Role.AUDITOR, Role.ADMINISTRATOR, Role.OPERATOR)
        index = _house(request).index
        await index.follow()
        return await index.usage()

    @post("/rebuild", status_code=200)
    async def rebuild(self, request: Asked) -> dict[str, int]:
        """Build the index anew from the log."""
        _caller(request, Role.OPERATOR, Role.ADMINISTRATOR)
        house = _house(request)
        await house.audit.flush()
        return {"entries": await house.index.rebuild()}


class LawController(Controller):
    """The law in force."""

    path = "/api/law"

    @get()
    async def law(self, request: Asked) -> dict[str, Any]:
        """Which law is in force: country, digest, rules with their sentences."""
        _caller(request)
        bundle = _house(request).law.bundle
        rules = [
            {"id": rule.id, "effect": str(rule.rule.effect), "base": rule.base, "sentences": dict(rule.says)}
            for rule in bundle.rules
        ]
        return {"country": bundle.country, "digest": bundle.digest, "rules": rules}

    @post("/reload", status_code=200)
    async def reload(self, request: Asked) -> dict[str, Any]:
        """Read the law again; where it does not load, the old one stays in force and the error says why."""
        caller = _caller(request, Role.APPROVER, Role.ADMINISTRATOR)
        house = _house(request)
        bundle = await asyncio.to_thread(house.law.reload)
        await _record(request, caller, "law_loaded", digest=bundle.digest)
        return {"country": bundle.country, "digest": bundle.digest}


CONTROLLERS: list[type[Controller]] = [DecisionController, IdentityController, AuditController, LawController]


def _house(request: Asked) -> House:
    house: House = request.app.state.house
    return house


def _caller(request: Asked, *roles: Role) -> Caller:
    """Who asks. Raises ``Denied`` without a valid key, or (``forbidden``) without one of ``roles`` where any is named."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Denied("missing_key")
    caller = _house(request).identity.authenticate(token.strip(), time.time())
    if roles and caller.actor.roles.isdisjoint(roles):
        raise Denied("forbidden", expected=_listed(roles))
    return caller


def _listed(roles: Iterable[Role]) -> str:
    return ", ".join(str(role) for role in roles)


async def _record(request: Asked, caller: Caller, action: str, **details: Any) -> None:
    change = Change(action=action, time=time.time(), details={"actor": caller.actor.id, **details})
    await _house(request).audit.change(change)
