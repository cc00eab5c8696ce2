"""The network between the machines: it delays, reorders, drops and doubles. Witnesses, and upstreams, at its other end.

What is said over it goes through the real code at both ends: ``Cosigning`` asks by the port ``WitnessClient``, and the
witness answers as the ASGI application that serves it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from daffa.audit import KeyKind, Reply, VerifyingKey, Witness, WitnessFolder, witness_app
from daffa.errors import Unavailable

from .host import Faults, Host, Process
from .oracle import Forks
from .storage import Storage
from .world import Lane, World

__all__ = ["Network", "SimulatedWitness", "SimulatedWitnessClient"]

_FOLDER = Path("/witness")


class Network:
    """Carries messages, well or badly."""

    def __init__(self, world: World, loss: float, double: float, slow: float) -> None:
        self.world = world
        self.loss = loss
        self.double = double
        self.slow = slow
        self.cut: set[str] = set()

    def heal(self) -> None:
        """From now on every message arrives, once and soon."""
        self.loss = self.double = self.slow = 0.0
        self.cut.clear()

    def carry(self, name: str, deliver: Callable[[], object]) -> None:
        """Bring a message to, or from, the machine ``name``: once, twice, late or never."""
        rng = self.world.rng
        if name in self.cut or rng.random() < self.loss:
            return
        for _ in range(1 + (rng.random() < self.double)):
            late = rng.random() * 20.0 if rng.random() < self.slow else rng.random() * 0.05
            self.world.later(late, deliver)


class SimulatedWitness:
    """A witness on a machine of its own."""

    def __init__(self, world: World, name: str, faults: Faults, pem: bytes, logs: list[VerifyingKey], forks: Forks) -> None:
        self.host = Host(world, name, faults)
        self.host.on_end = self._ended
        self.url = f"http://{name}"
        self._logs = logs
        self._forks = forks
        self._app = None
        storage = self.host.storage
        storage.root.seen["witness"] = folder = type(storage.root)()
        storage.root.durable["witness"] = folder
        key = storage.file(_FOLDER / "witness.key", make=True)
        key.write(0, pem)
        key.sync()
        storage.sync_folder(folder)
        self.starting = False

    def start(self) -> None:
        """Begin a process that serves it, once its folder has been opened."""
        if self.host.process is not None:
            return
        process = self.host.start()
        opened: list[WitnessFolder] = []

        def work() -> None:
            opened.append(WitnessFolder(_FOLDER, self.host.name, KeyKind.COSIGNATURE, process))

        def done(error: Exception | None) -> None:
            if error is None:
                folder = opened[0]
                self._app = witness_app(Witness(folder.cosigner, self._logs, folder), folder, self.host.clock)
            elif process.failed:
                self.host.stop("killed")
            else:
                self.host.world.violate(f"the witness {self.host.name} does not open: {error!r}")

        Lane(process.loop).submit(work, done)

    @property
    def serves(self) -> bool:
        """Whether it can be asked."""
        return self._app is not None

    def _ended(self, how: str) -> None:
        self._app = None
        self.host.world.later(self.host.world.rng.random() * 3.0, self.start)

    def receive(self, body: bytes, storage: Storage, answer: Callable[[Reply], None]) -> None:
        """A submission has come; ``storage`` is the disk of who sent it."""
        if self._app is not None and self.host.process is not None:
            self.host.process.spawn(self._serve(self._app, body, storage, answer))

    async def _serve(self, app, body: bytes, storage: Storage, answer: Callable[[Reply], None]) -> None:
        said: dict[str, object] = {}

        async def receive():
            return {"type": "http.request", "body": body}

        async def send(message):
            if message["type"] == "http.response.start":
                said["status"], said["type"] = message["status"], dict(message["headers"])[b"content-type"].decode()
            else:
                if said["status"] == 200:
                    self._forks.cosigned(self.host.name, body, storage, self.host.storage)
                answer(Reply(said["status"], said["type"], message["body"]))

        await app({"type": "http", "method": "POST", "path": "/add-checkpoint"}, receive, send)


class SimulatedWitnessClient:
    """The port to witnesses, for one process."""

    def __init__(self, process: Process, network: Network, witnesses: dict[str, SimulatedWitness], shown) -> None:
        self._process = process
        self._network = network
        self._witnesses = witnesses
        self._shown = shown

    async def post(self, url: str, body: bytes) -> Reply:
        """See ``WitnessClient.post``."""
        process, witness = self._process, self._witnesses[url.removesuffix("/add-checkpoint")]
        name, storage = witness.host.name, process.host.storage
        self._shown(process, body)
        future = process.loop.create_future()

        def arrived(reply: Reply) -> None:
            if not future.done():
                future.set_result(reply)

        def answer(reply: Reply) -> None:
            self._network.carry(name, lambda: process.world.later(0.0, arrived, reply, loop=process.loop))

        self._network.carry(name, lambda: witness.receive(body, storage, answer))

        def gave_up() -> None:
            if not future.done():
                future.set_exception(Unavailable("witness_unreachable", url=url, reason="timeout"))

        timer = process.loop.call_later(15.0, gave_up)
        try:
            return await future
        finally:
            timer.cancel()

    async def close(self) -> None:
        """See ``WitnessClient.close``."""
