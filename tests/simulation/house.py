"""The house of the simulation: the real log, guard, gateway and client of witnesses, on a machine that fails.

It is opened, serves its clients until it ends in whatever way, and is opened again by what its disk kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from daffa.audit import Audit, Cosigning, WitnessPolicy
from daffa.audit.machine import Machine
from daffa.audit.submission import read_submission
from daffa.decision import Place, Purpose
from daffa.errors import Unavailable
from daffa.gateway import Asker, Gateway, Kind, Limits, Model, Patience, Running
from daffa.gateway.wires.openai import OpenAIWire
from daffa.guard import Guard, Permit
from daffa.policy import Law
from daffa.quota import Quota

from .host import Host, Process
from .network import Network, SimulatedWitness, SimulatedWitnessClient
from .oracle import FOLDER, ORIGIN, LogOracle
from .storage import Storage
from .world import Lane, World

__all__ = ["House", "Setting"]

ANSWER = b'{"choices":[{"message":{"role":"assistant","content":"ok"}}],"usage":{"prompt_tokens":3,"completion_tokens":1}}'


@dataclass
class Setting:
    """What a house is opened with, each time.

    Attributes:
        keys: the log's keys, oldest first; ``signing`` says how many of them have come into use, ``both`` whether the
            one before the newest signs too.
    """

    law: Law
    places: Mapping[str, Place]
    models: Mapping[str, Model]
    policy: WitnessPolicy
    keys: list[Ed25519PrivateKey]
    signing: int = 1
    both: bool = False


@dataclass
class Open:
    """A house that is open: one process of it."""

    process: Process
    audit: Audit
    guard: Guard
    gateway: Gateway
    cosigning: Cosigning
    wires: Mapping[str, WatchedWire]


class House:
    """A machine with a log, opened again and again."""

    def __init__(
        self,
        world: World,
        host: Host,
        setting: Setting,
        network: Network,
        witnesses: dict[str, SimulatedWitness],
    ) -> None:
        self.world = world
        self.host = host
        self.setting = setting
        self.network = network
        self.witnesses = witnesses
        self.oracle = LogOracle(world, host)
        self.open: Open | None = None
        self.backup: tuple[Storage, object, int] | None = None
        self.vkey = ""
        self.wanted = True  # whether it is started again
        self.closing = False
        self.opened = 0
        host.on_end = self._ended

    def start(self) -> None:
        """Begin a process that opens the log, and then serves."""
        if self.host.process is not None or not self.wanted:
            return
        process, setting = self.host.start(), self.setting
        key, previous = setting.keys[setting.signing - 1], setting.keys[setting.signing - 2] if setting.both else None
        machine = Machine(process, process.worker, self.host.clock, self.world.rng.randbytes)
        found: list[Audit] = []

        def done(error: Exception | None) -> None:
            if error is None:
                self._serve(process, found[0])
            elif process.failed:
                self.host.stop("killed")
            else:
                self.world.violate(f"the log does not open: {error!r}")

        Lane(process.loop).submit(lambda: found.append(Audit.open(FOLDER, ORIGIN, key, previous, machine)), done)

    def _serve(self, process: Process, audit: Audit) -> None:
        self.opened += 1
        self.vkey = self.vkey or audit.vkey
        self.world.tell(self.host.name, "opened", audit.checkpoint.size)
        self.oracle.check(self.vkey)
        setting, loop = self.setting, process.loop
        guard = Guard(setting.law, audit, setting.places, self.host.clock)
        upstream = SimulatedUpstream(process, self.oracle)
        wires = {
            model.id: WatchedWire(OpenAIWire(model, upstream, self.host.clock), self.oracle, model.place)
            for model in setting.models.values()
        }
        gateway = Gateway(
            guard, setting.models, wires, law=setting.law, prefer=("home", "price"), purpose=Purpose.ADMINISTRATION,
            quota=Quota(None, audit, self.host.clock, 16, 1.0),  # a house without rules about money asks no database
            running=self._running(loop),
        )  # fmt: skip
        client = SimulatedWitnessClient(process, self.network, self.witnesses, self._shown)
        cosigning = Cosigning(audit, setting.policy, client, loop.time, patience=5.0)
        self.open = Open(process, audit, guard, gateway, cosigning, wires)
        loop.create_task(cosigning.run())

    def _running(self, loop: asyncio.AbstractEventLoop) -> Running:
        clocks = {"clock": loop.time, "wall": self.host.clock, "chance": self.world.rng.random}
        return Running(**clocks, limits=Limits(), patience=Patience(), retry_share=0.2, most=100, tellers={})

    def _shown(self, process: Process, body: bytes) -> None:
        self.oracle.shown(process, read_submission(body).checkpoint.size)

    def _ended(self, how: str) -> None:
        self.open, self.closing = None, False
        self.world.later(self.world.rng.random() * 2.0, self.start)

    async def close(self) -> None:
        """End in good order: nothing that was given is lost, however lazy it was."""
        opened, self.closing = self.open, True
        given = opened.audit._next
        try:
            await opened.audit.close()
        except Unavailable:
            if not opened.process.failed:
                raise
        else:
            if opened.process.alive and not opened.process.failed:
                self.oracle.shown(opened.process, given)
        if opened.process.alive:
            self.host.stop("done")

    def back_up(self) -> None:
        """Keep a copy of the disk as it is now."""
        self.world.tell(self.host.name, "is backed up")
        self.backup = self.host.storage.copy(), self.oracle.promised.copy(), self.world.events

    def restore(self) -> None:
        """Put the disk back to the backup: what came after is forgotten, which the log cannot know."""
        if self.backup is not None:
            self.host.stop("crash")
            storage, promised, _ = self.backup
            self.world.tell(self.host.name, "is put back")
            self.host.storage = storage.copy()
            self.oracle.promised = promised.copy()
            if self.host.process is None:
                self.world.later(1.0, self.start)


class WatchedWire:
    """A wire whose bytes and Permits the oracle sees; it changes nothing."""

    def __init__(self, wire: OpenAIWire, oracle: LogOracle, place: str) -> None:
        self._wire = wire
        self.idioms = wire.idioms
        self._oracle = oracle
        self._place = place

    async def send(
        self, permit: Permit, body: bytes, *, kind: Kind, stream: bool, asker: Asker | None = None
    ) -> SimulatedResponse:
        """See ``gateway.Wire``."""
        self._oracle.sends(body, permit, self._place)
        return await self._wire.send(permit, body, kind="chat", stream=False, asker=asker)


class SimulatedUpstream:
    """The port to upstreams: answers, fails or stalls."""

    def __init__(self, process: Process, oracle: LogOracle) -> None:
        self._process = process
        self._oracle = oracle

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> SimulatedResponse:
        """See ``Upstream.post``. The model is the first part of the path."""
        rng, loop = self._process.world.rng, self._process.loop
        self._oracle.leaves(self._process, url.split("/")[3], body)
        future = loop.create_future()
        loop.call_later(rng.random() ** 4 * 8.0, lambda: future.done() or future.set_result(None))
        await future
        fate = rng.random()
        if fate < 0.1:
            raise Unavailable("upstream_unreachable", url=url, reason="by chance")
        return SimulatedResponse(500 if fate < 0.2 else 200, fate > 0.9)

    async def close(self) -> None:
        """See ``Upstream.close``."""


class SimulatedResponse:
    """A response; ``broken`` ones break off."""

    content_type, retry_after = "application/json", ""

    def __init__(self, status: int, broken: bool) -> None:
        self.status = status
        self._broken = broken

    async def chunks(self) -> AsyncIterator[bytes]:
        """See ``Response.chunks``."""
        yield ANSWER[:20] if self._broken else ANSWER
        if self._broken:
            raise Unavailable("upstream_broke_off", reason="by chance")

    def close(self) -> None:
        """See ``Response.close``."""
