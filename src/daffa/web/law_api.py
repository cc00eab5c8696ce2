"""The law's routes under ``/api/law``: what is in force, what was, what is proposed, and each step.

Who may take a step, and when, ``lawmaking`` says; here a key becomes whoever signs.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, JSONBody, QueryParameter

from daffa.identity import Caller, Role
from daffa.lawmaking import Lawmaking
from daffa.policy import Dossier, Enactment, Proposal, Signer, Standing

from .callers import Asked, caller_of, house_of

__all__ = ["LawController"]

_READERS = (Role.AUTHOR, Role.APPROVER, Role.AUDITOR, Role.OPERATOR, Role.ADMINISTRATOR)

Before = Annotated[int | None, QueryParameter(ge=0, le=2**31 - 1)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class NewProposal(msgspec.Struct, forbid_unknown_fields=True):
    """A law to propose: ``files`` are the texts of a whole law by name, such as ``rules/10-home.cedar``; at most 4 MiB."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    files: dict[str, str]


class Because(msgspec.Struct, forbid_unknown_fields=True):
    """Why a proposal is put aside."""

    reason: Reason


class Back(msgspec.Struct, forbid_unknown_fields=True):
    """Which earlier law comes back, by the beginning of its digest (eight signs or more), and why."""

    digest: Annotated[str, msgspec.Meta(min_length=8, max_length=64)]
    reason: Reason


class LawController(Controller):
    """The law: what is in force, what was, what is proposed."""

    path = "/api/law"

    @get()
    async def law(self, request: Asked) -> dict[str, Any]:
        """Which law is in force: country, digest, rules with their sentences."""
        caller_of(request)
        bundle = house_of(request).law.bundle
        rules = [
            {"id": rule.id, "effect": str(rule.rule.effect), "base": rule.base, "sentences": dict(rule.says)}
            for rule in bundle.rules
        ]
        return {"country": bundle.country, "digest": bundle.digest, "rules": rules}

    @get("/standing")
    async def standing(self, request: Asked) -> Standing:
        """What put the law into force, whether that calls for attention, whether the folder differs, what is proposed."""
        return await _read(request).standing()

    @get("/history")
    async def history(self, request: Asked) -> list[Enactment]:
        """Every law that came into force, newest first."""
        return await _read(request).history()

    @get("/text")
    async def text(self, request: Asked) -> dict[str, Any]:
        """The files of the law in force: ``{"id", "files"}``."""
        name, files = await _read(request).text("")
        return {"id": name, "files": files}

    @get("/texts/{digest:str}")
    async def kept_text(self, request: Asked, digest: FromPath[str]) -> dict[str, Any]:
        """The files of a law that was in force or proposed, by the beginning of its digest or id: ``{"id", "files"}``."""
        name, files = await _read(request).text(digest)
        return {"id": name, "files": files}

    @get("/proposals")
    async def proposals(self, request: Asked, before: Before = None) -> list[Proposal]:
        """A hundred proposals, newest first; the next page comes ``before`` the last number."""
        return await _read(request).proposals(before)

    @get("/proposals/{number:int}")
    async def proposal(self, request: Asked, number: FromPath[int]) -> Dossier:
        """A proposal with what would change and what is proved, as rows and as pages in three languages."""
        return await _read(request).dossier(number)

    @post("/proposals")
    async def propose(self, request: Asked, data: JSONBody[NewProposal]) -> Dossier:
        """Propose a law. Role author, a person. It is read whole, its cases are decided, both evaluators compared."""
        return await _making(request).propose(_signer(request), data.title, data.files)

    @post("/proposals/{number:int}/prove", status_code=200)
    async def prove(self, request: Asked, number: FromPath[int]) -> Dossier:
        """Prove a proposal. Role author or approver. One whose invariants do not all stand goes no further."""
        return await _making(request).prove(_signer(request), number)

    @post("/proposals/{number:int}/approve", status_code=200)
    async def approve(self, request: Asked, number: FromPath[int]) -> Dossier:
        """Approve a proved proposal. Role approver, a person who is not its author."""
        return await _making(request).approve(_signer(request), number)

    @post("/proposals/{number:int}/reject", status_code=200)
    async def reject(self, request: Asked, number: FromPath[int], data: JSONBody[Because]) -> Dossier:
        """Put a proposal aside, approved or not. Role approver, a person who is not its author."""
        return await _making(request).reject(_signer(request), number, data.reason)

    @post("/proposals/{number:int}/withdraw", status_code=200)
    async def withdraw(self, request: Asked, number: FromPath[int], data: JSONBody[Because]) -> Dossier:
        """Put one's own proposal aside, approved or not. Role author."""
        return await _making(request).withdraw(_signer(request), number, data.reason)

    @post("/proposals/{number:int}/load", status_code=200)
    async def load(self, request: Asked, number: FromPath[int]) -> Enactment:
        """Put an approved proposal into force. Role approver or operator."""
        return await _making(request).load(_signer(request), number)

    @post("/rollback", status_code=200)
    async def roll_back(self, request: Asked, data: JSONBody[Back]) -> Enactment:
        """Bring back, alone and in an emergency, a law that was in force before. Role approver or operator, a person."""
        return await _making(request).roll_back(_signer(request), data.digest, data.reason)


def _read(request: Asked) -> Lawmaking:
    """Drafts of the law are for those who work on it."""
    caller_of(request, *_READERS)
    return _making(request)


def _making(request: Asked) -> Lawmaking:
    return house_of(request).lawmaking


def _signer(request: Asked) -> Signer:
    return signer_of(caller_of(request))


def signer_of(caller: Caller) -> Signer:
    """Whoever asks, as they sign: a program is no person."""
    person = None if caller.actor.id == f"key:{caller.key_id}" else caller.actor.id
    return Signer(person, caller.key_id, frozenset(map(str, caller.roles)))
