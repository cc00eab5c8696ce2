"""The administration's routes under ``/api``: decide, organisations, people, keys. Knows the rooms' faces.

Each handler asks for a role, calls one room, and returns what it said. Every change is recorded in the log.
"""

from __future__ import annotations

import time
from typing import Annotated, Any

import msgspec
from litestar import Controller, delete, get, post
from litestar.params import FromPath, JSONBody

from daffa.errors import Invalid
from daffa.identity import Key, Organisation, Person, Role
from daffa.policy import read_question, verdict_json

from .assistant_api import AssistantController
from .audit_api import AuditController
from .auth_api import SessionController
from .auth_routes import SignOnController
from .authzen import AuthZENController
from .callers import Asked, caller_of, house_of, record
from .feedback_api import FeedbackController
from .incidents_api import IncidentController
from .law_api import LawController
from .library_api import LibraryController
from .packs_api import PackController
from .page import CONTROLLERS as PAGE
from .quota_api import QuotaController
from .usage_api import UsageController

__all__ = ["CONTROLLERS"]

# All of them are decided in one go, and everybody else waits.
_MOST_QUESTIONS = 1000


def _said(**schema: Any) -> msgspec.Meta:
    """What the room behind asks of a field, for the description: the room itself looks, and says what is wrong in words."""
    return msgspec.Meta(extra_json_schema=schema)


Slug = Annotated[str, _said(pattern="^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")]
Name = Annotated[str, _said(minLength=1, maxLength=200)]
Region = Annotated[str, _said(pattern="^([A-Z]{2}-[A-Z0-9]{1,3})?$")]
Floor = Annotated[str, _said(maxLength=1000)]
RoleName = Annotated[str, _said(enum=[str(role) for role in Role])]
Instant = Annotated[int, _said(minimum=0, maximum=253_402_300_799)]


class NewOrganisation(msgspec.Struct, forbid_unknown_fields=True):
    """An organisation to create; ``floor`` is a label (see docs/identity.md)."""

    id: Slug
    name: Name
    region: Region = ""
    floor: Floor = ""


class NewPerson(msgspec.Struct, forbid_unknown_fields=True):
    """A person to create."""

    id: Slug
    organisation: Slug
    name: Name
    roles: list[RoleName] = []


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    """A key to create; ``expires`` in Unix seconds."""

    organisation: Slug
    name: Name
    person: Slug | None = None
    roles: list[RoleName] = []
    floor: Floor = ""
    expires: Instant | None = None


class DecisionController(Controller):
    """The decision, without a trace, for tools and for people who want to know beforehand."""

    path = "/api/decide"

    @post(status_code=200)
    async def decide(self, request: Asked, data: JSONBody[list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """The verdict on each question, in the same order: ``{"allowed", "rules", "nearest"}``."""
        house = house_of(request)
        caller_of(request)
        if len(data) > _MOST_QUESTIONS:
            raise Invalid("invalid_field", field="body", expected=f"at most {_MOST_QUESTIONS} questions", got=len(data))
        now = int(time.time())
        answers = []
        for item in data:
            question = read_question(item, house.settings.places, now, house.law.bundle.accept_declared)
            answers.append(verdict_json(house.guard.ask(question)))
        return answers


class IdentityController(Controller):
    """Organisations, people and keys."""

    path = "/api"

    @get("/organisations")
    async def organisations(self, request: Asked) -> list[Organisation]:
        """Every organisation."""
        caller_of(request, Role.ADMINISTRATOR, Role.AUDITOR)
        return await house_of(request).identity.organisations()

    @post("/organisations")
    async def create_organisation(self, request: Asked, data: JSONBody[NewOrganisation]) -> Organisation:
        """Create an organisation."""
        caller = caller_of(request, Role.ADMINISTRATOR)
        made = await house_of(request).identity.create_organisation(
            data.id, data.name, now=time.time(), region=data.region, floor=data.floor
        )
        await record(request, caller, "organisation_created", organisation=made.id)
        return made

    @get("/people")
    async def people(self, request: Asked) -> list[Person]:
        """Every person."""
        caller_of(request, Role.ADMINISTRATOR, Role.AUDITOR)
        return await house_of(request).identity.people()

    @post("/people")
    async def create_person(self, request: Asked, data: JSONBody[NewPerson]) -> Person:
        """Create a person."""
        caller = caller_of(request, Role.ADMINISTRATOR)
        made = await house_of(request).identity.create_person(data.id, data.organisation, data.name, roles=data.roles)
        await record(request, caller, "person_created", person=made.id)
        return made

    @get("/keys")
    async def keys(self, request: Asked) -> list[Key]:
        """Every key, without its secret."""
        caller_of(request, Role.ADMINISTRATOR, Role.AUDITOR)
        return await house_of(request).identity.keys()

    @post("/keys")
    async def create_key(self, request: Asked, data: JSONBody[NewKey]) -> dict[str, Any]:
        """Create a key; its token is in this answer and nowhere else."""
        caller = caller_of(request, Role.ADMINISTRATOR)
        key, token = await house_of(request).identity.create_key(**msgspec.structs.asdict(data), now=time.time())
        await record(request, caller, "key_created", key=key.id, organisation=key.organisation)
        return {"key": key, "token": token}

    @delete("/keys/{key_id:str}", status_code=200)
    async def revoke_key(self, request: Asked, key_id: FromPath[str]) -> Key:
        """Revoke a key; the next request with it is refused."""
        caller = caller_of(request, Role.ADMINISTRATOR)
        key = await house_of(request).identity.revoke_key(key_id, time.time())
        await record(request, caller, "key_revoked", key=key.id)
        return key


CONTROLLERS: list[type[Controller]] = [
    DecisionController,
    IdentityController,
    SessionController,
    SignOnController,
    AuditController,
    LawController,
    AuthZENController,
    IncidentController,
    UsageController,
    QuotaController,
    LibraryController,
    AssistantController,
    PackController,
    FeedbackController,
    *PAGE,
]
