"""Clients of the house: they ask, send, cancel, come back, and try whatever a Permit is not for.

Each is a task inside the process that serves it; what it was told is told to the oracle at once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from daffa.audit import Change, Erasure, Reader, verify_receipt
from daffa.decision import Door, Question
from daffa.errors import Conflict, DaffaError, NotFound, Refused
from daffa.gateway import SURFACES, Declared
from daffa.identity import Caller

from .house import House, Open
from .oracle import FOLDER
from .storage import View
from .world import World

__all__ = ["Clients"]

# What may be told to a client where nothing failed on this machine: others failed, or a clock jumped.
_TOLERATED = ("upstream_", "no_model_answered", "audit_closed", "permit_expired")
_MISUSE = ("twice", "at once", "other bytes", "other receiver", "late")


class Clients:
    """All that clients of one house do. ``questions`` are what they ask, ``caller`` who comes through the gateway."""

    def __init__(self, world: World, house: House, questions: list[Question], caller: Caller) -> None:
        self.world = world
        self.house = house
        self.questions = questions
        self.caller = caller
        self.number = 0
        self.compared = 0
        self.refused = 0

    def act(self) -> None:
        """One client does one thing, if the house is open."""
        opened = self.house.open
        if opened is None:
            return
        rng = self.world.rng
        doing = rng.choices(
            (self.ask, self.chat, self.change, self.erase, self.receipt, self.details, self.crowd), (30, 12, 8, 4, 6, 3, 2)
        )[0]
        self.begin(opened, doing)

    def begin(self, opened: Open, doing: Callable[[Open], Awaitable[None]]) -> None:
        """Begin it; perhaps the client leaves in its middle."""
        loop, rng = opened.process.loop, self.world.rng

        def enter() -> None:
            task = loop.create_task(self.tolerant(opened, doing))
            if rng.random() < 0.15:
                loop.call_later(rng.random() ** 3 * 0.2, task.cancel)

        self.world.later(0.0, enter, loop=loop)

    async def tolerant(self, opened: Open, doing: Callable[[Open], Awaitable[None]]) -> None:
        """Do it. That the disk refused, or that the log is being closed, may be told to a client; no other error may."""
        try:
            await doing(opened)
        except asyncio.CancelledError:
            pass
        except Exception as error:  # noqa: BLE001 - which of them is allowed is the question
            code = error.code if isinstance(error, DaffaError) else ""
            if code.startswith(_TOLERATED) or not opened.process.alive:
                return
            if not opened.process.failed:
                self.world.violate(f"a client was told, though no disk refused: {error!r} {getattr(error, 'facts', '')}")
            elif not opened.audit.writable:
                self.world.later(self.world.rng.random(), self.house.host.stop, "killed", loop=opened.process.loop)

    async def ask(self, opened: Open) -> None:
        """Ask about a random question, send where it is allowed, and use the Permit rightly or wrongly."""
        rng = self.world.rng
        self.number += 1
        question = rng.choice(self.questions)
        receiver, body = f"m-{question.place.id}", b'{"number":%d}' % self.number
        self.compare(opened, question)
        try:
            permit = await opened.guard.admit(question, receiver, body)
        except Refused as error:
            self.refused += 1
            self.recorded(opened, int(error.facts["reference"].rpartition("#")[2]))
            return
        self.recorded(opened, permit.index)
        status = "failed"
        try:
            misuse = rng.choice(_MISUSE) if rng.random() < 0.4 else ""
            if question.door is not Door.GATEWAY:
                misuse = "other door"
            if misuse in ("", "twice", "at once") and rng.random() < 0.8:
                await asyncio.sleep(rng.random() ** 4)
            if misuse:
                await self.misuse(opened, misuse, permit, receiver, body)
            else:
                await opened.wires[receiver].send(permit, body, kind="chat", stream=False)
            status = "answered"
        except asyncio.CancelledError:
            status = "client_gone"
            raise
        finally:
            opened.guard.settle(permit.index, status)

    async def misuse(self, opened: Open, how: str, permit, receiver: str, body: bytes) -> None:
        """Whatever is tried, the wire refuses it before a byte leaves: the oracle sees what leaves."""
        wire, rng = opened.wires[receiver], self.world.rng
        if how == "at once":
            sent = (wire.send(permit, body, kind="chat", stream=False) for _ in range(2))
            await asyncio.gather(*sent, return_exceptions=True)
            return
        if how == "late":
            await asyncio.sleep(rng.random())
            self.house.host.offset += 60.0  # for all else that happens here, a clock that jumps
        elif how == "twice":
            await wire.send(permit, body, kind="chat", stream=False)
        elif how == "other bytes":
            body = body + b" "
        elif how == "other receiver":
            wire = opened.wires[rng.choice(sorted(opened.wires))]
        try:
            await wire.send(permit, body, kind="chat", stream=False)
        except (Conflict, Refused) as error:
            self.world.tell("client", "may not", error.code)

    def compare(self, opened: Open, question: Question) -> None:
        """The table and Cedar say the same."""
        law = self.house.setting.law
        verdict, opinion = law.bundle.table.decide(question), law.second.decide(question)
        self.compared += 1
        if (verdict.allowed, verdict.rules) != tuple(opinion):
            self.world.violate(f"table and Cedar differ: {verdict.rules} and {opinion.rules}")

    async def chat(self, opened: Open) -> None:
        """A chat request through the gateway, from its bytes to the answer's."""
        self.number += 1
        model = self.world.rng.choice(["auto", *sorted(opened.wires)])
        raw = json.dumps({"model": model, "messages": [{"role": "user", "content": f"number {self.number}"}]}).encode()
        try:
            answer = await opened.gateway.ask(SURFACES["openai_chat"], self.caller, raw, Declared())
        except Refused as error:
            self.recorded(opened, int(error.facts["reference"].rpartition("#")[2]))
            return
        self.recorded(opened, int(answer.reference.rpartition("#")[2]))
        async for _ in answer.chunks:
            if self.world.rng.random() < 0.2:
                await asyncio.sleep(self.world.rng.random())

    async def change(self, opened: Open) -> None:
        """An administrative change."""
        self.recorded(opened, await opened.audit.change(Change("key.created", self.house.host.clock(), {"n": self.number})))

    async def crowd(self, opened: Open) -> None:
        """Many at once."""
        count = self.world.rng.randrange(2, 60)
        for index in await asyncio.gather(
            *[opened.audit.change(Change("crowd", self.house.host.clock(), {"n": number})) for number in range(count)]
        ):
            self.recorded(opened, index)

    async def erase(self, opened: Open) -> None:
        """Erase the details of an entry that is there."""
        promised, rng = self.house.oracle.promised, self.world.rng
        if promised.entries:
            index = rng.choice(sorted(promised.entries))
            promised.asked.add(index)
            recorded = await opened.audit.erase(Erasure(index, self.house.host.clock(), {"why": "asked"}))
            self.recorded(opened, recorded)
            if opened.process.alive:
                promised.erased.add(index)

    async def receipt(self, opened: Open) -> None:
        """Have everything under a checkpoint, and take a receipt."""
        promised, rng = self.house.oracle.promised, self.world.rng
        await opened.audit.flush()
        self.house.oracle.shown(opened.process, opened.audit.checkpoint.size)
        known = [index for index in promised.entries if index < opened.audit.checkpoint.size]
        if known and opened.process.alive and len(promised.receipts) < 6:
            index, reader = rng.choice(known), Reader(FOLDER, View(self.house.host.storage))
            proof = reader.prove(index)
            verify_receipt(proof.receipt(), proof.entry, str(reader.vkey()))
            promised.receipts.append((index, proof.entry, proof.checkpoint))

    async def details(self, opened: Open) -> None:
        """Open the details of an entry: they are there unless they were erased."""
        promised = self.house.oracle.promised
        if promised.entries:
            index = self.world.rng.choice(sorted(promised.entries))
            try:
                await opened.audit.open_details(index)
            except NotFound:
                if index not in promised.asked and not opened.process.failed:
                    self.world.violate(f"the details of entry {index} are gone")
            else:
                if index in promised.erased:
                    self.world.violate(f"entry {index} was erased and was opened")

    def recorded(self, opened: Open, index: int) -> None:
        """The house says that an entry is recorded."""
        self.house.oracle.acknowledged(opened.process, index)
