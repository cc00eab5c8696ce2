"""One seed: it draws a world (machines, their faults, clients, misfortunes), lets it live, heals it, and asks what remains.

``simulate(seed)`` raises ``Violation`` where something happened that must never happen. The same seed makes the same world.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from daffa.audit import Audit, Change, KeyKind, Reader, VerifyingKey, WitnessPolicy, files, log, segment, verify_receipt
from daffa.audit.machine import Machine
from daffa.audit.vkey import verifying_key
from daffa.decision import Actor, Door, Form, KeyHolder, Label, Level, Place, Question
from daffa.gateway import Model
from daffa.identity import Caller
from daffa.policy import Law, random_questions

from .clients import Clients
from .host import Faults, Host
from .house import House, Setting
from .network import Network, SimulatedWitness
from .oracle import FOLDER, ORIGIN, Forks
from .storage import Storage, View
from .world import Violation, World

__all__ = ["Result", "simulate", "small"]

_LAW = Path(__file__).resolve().parents[2] / "policies" / "ma"
_SIZES = (0, 0, 1, 3, 250, 254, 255, 256, 510)
_WITNESSES = 3
_NEEDED = 2
_PERMITTED = Place("home", "MA", "MA-04", "MA", frozenset({"MA"}), 2, 4, KeyHolder.STATE, 0, trains=False)


@dataclass(frozen=True)
class Result:
    """What a seed came to: the digest and the lines of its trace, and how much happened."""

    digest: str
    lines: list[str]
    counts: dict[str, int]


def key_of(*words: object) -> Ed25519PrivateKey:
    """A key that these words alone decide."""
    return Ed25519PrivateKey.from_private_bytes(sha256(repr(words).encode()).digest())


@functools.cache
def law() -> Law:
    """The law of Morocco, read and proved once."""
    return Law.load(_LAW)


def _verified_once(verify):
    """The same signature over the same bytes is checked once: half of the time of a seed would go there."""
    held: set[tuple[bytes, bytes, bytes]] = set()

    def once(key, signature, message):
        known = (key.public, signature, message)
        if known not in held:
            verify(key, signature, message)
            if len(held) > 9999:
                held.clear()
            held.add(known)

    return once


@contextlib.contextmanager
def small() -> Iterator[None]:
    """Sizes at which files grow, are cut and fill up are made small, so that this happens often; our own messages are still."""
    changes = [(segment, "_STEP", 8192), (segment, "_KEEP", 16384), (files, "_TOGETHER", 2), (log, "_FULL", 6000)]
    changes += [(log, "_OVERFULL", 12000), (VerifyingKey, "verify", _verified_once(VerifyingKey.verify))]
    before = [(module, name, getattr(module, name)) for module, name, _ in changes]
    quiet, logger = logging.getLogger("daffa").level, logging.getLogger("daffa")
    for module, name, value in changes:
        setattr(module, name, value)
    logger.setLevel(logging.CRITICAL + 1)
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        logger.setLevel(quiet)
        for module, name, value in before:
            setattr(module, name, value)
        if collects:
            gc.enable()


@functools.cache
def _begun(size: int) -> Storage:
    """A disk with a log of ``size`` entries, well closed."""
    world = World(size)
    host = Host(world, "begun", Faults())
    process = host.start()
    machine = Machine(process, process.worker, host.clock, world.rng.randbytes)
    done: list[bool] = []

    async def fill() -> None:
        audit = Audit.open(FOLDER, ORIGIN, key_of("log", 0), None, machine)
        await asyncio.gather(*[audit.change(Change("begun", 0.0, {"n": number})) for number in range(size)])
        await audit.close()
        done.append(True)

    process.spawn(fill())
    world.run(lambda: bool(done), 100.0)
    host.stop("done")
    world.run(lambda: not world.ended, 100.0)
    return host.storage


class Life:
    """The world of one seed."""

    def __init__(self, seed: int, *, tell: bool = False) -> None:
        self.world = world = World(seed, tell=tell)
        rng = world.rng
        self.network = Network(world, *(rng.choice((0.0, 0.0, 0.05, 0.3)) for _ in range(3)))
        self.forks = Forks(world, _NEEDED)
        self.keys = [key_of("log", number) for number in range(3)]
        self.places, self.questions = self._questions(rng)
        self.witnesses = self._witnesses(rng)
        self.house = self._house("house", self._faults(rng), _begun(rng.choice(_SIZES)).copy())
        self.twin: House | None = None
        actor = Actor("someone", "home", frozenset({"agent"}), "MA-04")
        caller = Caller(actor, Label(Level.INTERNAL, form=Form.RAW, basis=frozenset()), "key", "home", frozenset())
        self.clients = Clients(world, self.house, self.questions, caller)
        self.rotates = rng.random() < 0.15
        self.put_back = self.forked = False
        self.before_put_back = 0
        self.length = rng.choice((5.0, 10.0, 20.0))

    def _questions(self, rng: Random) -> tuple[dict[str, Place], list[Question]]:
        bundle = law().bundle
        drawn = [
            question if rng.random() < 0.2 else replace(question, door=Door.GATEWAY)
            for question in random_questions(rng, 16, bundle.table.rules, bundle.country)
        ]
        allowed = [question for question in drawn if bundle.table.decide(question).allowed]
        questions = [*allowed, *[question for question in drawn if question not in allowed][:4]]
        places = {question.place.id: question.place for question in questions}
        return {**places, _PERMITTED.id: _PERMITTED}, questions

    def _witnesses(self, rng: Random) -> dict[str, SimulatedWitness]:
        logs: list[VerifyingKey] = [verifying_key(ORIGIN, key) for key in self.keys]
        found = {}
        for number in range(_WITNESSES):
            pem = key_of("witness", number).private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            witness = SimulatedWitness(self.world, f"w{number}", self._faults(rng, 0.5), pem, logs, self.forks)
            self._misset(witness.host, rng)
            found[witness.url] = witness
        return found

    def _faults(self, rng: Random, often: float = 0.8) -> Faults:
        crash = rng.choice((30, 100, 300)) if rng.random() < often else 0
        error = rng.choice((50, 200, 400)) if rng.random() < 0.3 else 0
        return Faults(crash, error, rng.choice((0.3, 0.7, 1.0)), rng.choice((0.0002, 0.002)), rng.choice((0.0, 0.0, 0.01)))

    def _misset(self, host: Host, rng: Random) -> None:
        host.rate = 1.0 + rng.choice((0.0, 0.0, -0.001, 0.01, 0.1))
        host.offset = rng.choice((0.0, 0.0, -3600.0, 86400.0 * rng.random()))

    def _house(self, name: str, faults: Faults, storage: Storage) -> House:
        host = Host(self.world, name, faults)
        host.storage = storage
        self._misset(host, self.world.rng)
        models = {
            f"m-{place}": Model(f"m-{place}", "openai", f"http://{place}/m-{place}", "sim", place) for place in self.places
        }
        keys = [str(VerifyingKey(f"w{n}", key_of("witness", n).public_key().public_bytes_raw(), KeyKind.COSIGNATURE))
                for n in range(_WITNESSES)]  # fmt: skip
        policy = WitnessPolicy.read([(key, f"http://w{n}") for n, key in enumerate(keys)], _NEEDED, 3600.0)
        setting = Setting(law(), self.places, models, policy, self.keys)
        return House(self.world, host, setting, self.network, self.witnesses)

    def live(self) -> None:
        """Everything happens that the seed has in store, until the length of this life is over."""
        world, rng = self.world, self.world.rng
        for witness in self.witnesses.values():
            world.later(rng.random(), witness.start)
        world.later(rng.random(), self.house.start)
        when = 0.0
        for _ in range(rng.choice((10, 25, 50))):
            # Half of them come in the heels of another.
            when = when + rng.random() * 0.002 if when and rng.random() < 0.5 else 1.0 + rng.random() * self.length
            world.at(when, self.clients.act)
        for _ in range(rng.randrange(8)):
            world.at(rng.random() * self.length, rng.choice(self._misfortunes()))
        world.run(lambda: False, self.length + 1.0)

    def _misfortunes(self) -> list[Callable[[], None]]:
        house, hosts = self.house, [self.house.host, *[witness.host for witness in self.witnesses.values()]]
        rng = self.world.rng

        def power_cut() -> None:
            for host in hosts:
                host.stop("crash")

        def clock_jump() -> None:
            rng.choice(hosts).offset += rng.choice((-1e6, -61.0, -1.0, 1.0, 61.0, 1e6))

        def cut() -> None:
            name = rng.choice([witness.host.name for witness in self.witnesses.values()])
            self.network.cut.add(name)
            self.world.later(rng.random() * 5.0, self.network.cut.discard, name)

        def good_end() -> None:
            if house.open is not None and not house.closing:
                house.open.process.spawn(house.close())

        common = [lambda: rng.choice(hosts).stop("killed"), lambda: rng.choice(hosts).stop("crash"), power_cut, clock_jump]
        common += [cut, good_end]
        if self.rotates:
            return [*common, self._new_key, self._new_key]
        return [*common, house.back_up, house.back_up, self._put_back, self._twin]

    def _new_key(self) -> None:
        setting = self.house.setting
        if self.house.open is None:
            return  # only a log that was opened has gone over to its new key
        if setting.both:
            setting.both = False
        elif setting.signing < len(self.keys):
            setting.signing, setting.both = setting.signing + 1, True
        else:
            return
        self.house.host.stop("killed")

    def _put_back(self) -> None:
        if self.house.backup is not None:
            self.put_back, self.before_put_back = True, self.forks.size
            self.house.restore()

    def _twin(self) -> None:
        """Somebody who has the log's key goes on from a copy of its disk."""
        if self.twin is None:
            self.forked = True
            self.twin = self._house("twin", self._faults(self.world.rng), self.house.host.storage.copy())
            self.twin.oracle.promised = self.house.oracle.promised.copy()
            clients = Clients(self.world, self.twin, self.questions, self.clients.caller)
            clients.number = 1_000_000
            self.twin.start()
            for _ in range(10):
                self.world.later(self.world.rng.random() * self.length, clients.act)

    def rest(self) -> None:
        """Nothing fails any more: what was promised is there, and where the log is one, the witnesses vouch for all of it."""
        world = self.world
        world.tell("world", "heals")
        self.network.heal()
        houses = [self.house, *([self.twin] if self.twin else [])]
        for host in [*[house.host for house in houses], *[witness.host for witness in self.witnesses.values()]]:
            host.faults = Faults()
            if host.process is not None:
                host.process.heal()
        if self.house.host.process is not None and self.house.host.process.failed:
            self.house.host.stop("killed")
        self._until(self._all_up, "not all machines come up again")
        done: list[bool] = []
        self.house.open.process.spawn(self._settle(done))
        self._until(lambda: bool(done), "the log does not come to rest")
        self.house.wanted = False
        self.house.open.process.spawn(self.house.close())
        self._until(lambda: self.house.open is None, "the log does not close")
        self.house.oracle.check(self.house.vkey)
        if self.twin and self.twin.opened:
            self.twin.host.stop("killed")

    def _all_up(self) -> bool:
        serving = all(witness.serves for witness in self.witnesses.values())
        return serving and self.house.open is not None and not self.house.closing

    def _until(self, condition: Callable[[], bool], otherwise: str) -> None:
        self.world.run(condition, self.world.now + 300.0)
        if not condition():
            self.world.violate(otherwise)
            raise self.world.violation

    async def _settle(self, done: list[bool]) -> None:
        opened, world = self.house.open, self.world
        if not opened.audit.checkpoint.size:
            await opened.audit.change(Change("begun", 0.0, {}))
        await opened.audit.flush()
        standing = await opened.cosigning.cosign()
        for _ in range(20):
            if standing.behind == 0 or self.put_back or self.forked:
                break
            await asyncio.sleep(2.0)
            standing = await opened.cosigning.cosign()
        world.tell("house", "stands at", opened.audit.checkpoint.size, "cosigned", standing.size)
        if not self.put_back and not self.forked:
            if standing.behind or standing.size != opened.audit.checkpoint.size:
                problems = [witness.problem for witness in standing.witnesses]
                world.violate(f"an honest log is not cosigned: {standing.size} of {opened.audit.checkpoint.size}, {problems}")
        elif self.put_back and standing.size < self.before_put_back:
            told = {witness.problem for witness in standing.witnesses}
            if not told & {"witness_is_ahead", "witness_sees_a_fork"}:
                world.violate(f"the log was put back behind {self.before_put_back} cosigned entries, and nobody says so")
        self._check_receipts(opened)
        done.append(True)

    def _check_receipts(self, opened) -> None:
        """Receipts of now hold offline, those under a cosigned checkpoint with the quorum."""
        reader = Reader(FOLDER, View(self.house.host.storage))
        trust = self.house.setting.policy.trust(*[str(verifying_key(ORIGIN, key)) for key in self.keys])
        cosigned = opened.audit.cosigned
        for index in list(self.house.oracle.promised.entries)[:2]:
            proof = reader.prove(index)
            covered = cosigned is not None and index < cosigned.size
            verify_receipt(proof.receipt(), proof.entry, "" if covered else opened.audit.vkey, trust if covered else None)

    def end(self) -> Result:
        """All processes end; what happened, in numbers."""
        world = self.world
        for host in [self.house.host, *([self.twin.host] if self.twin else []), *[w.host for w in self.witnesses.values()]]:
            host.stop("done")
        while world.ended:
            world.ended.pop(0)()
        counts = {
            "events": world.events,
            "crashes": self.house.host.crashes + sum(w.host.crashes for w in self.witnesses.values()),
            "openings": self.house.opened,
            "acknowledged": len(self.house.oracle.promised.entries),
            "sent": self.house.oracle.sent,
            "refused": self.clients.refused,
            "compared": self.clients.compared,
            "cosigned": self.forks.size > 0,
            "put back": self.put_back,
            "twins": self.forked,
            "key changes": self.house.setting.signing - 1,
        }
        return Result(world.digest(), world.lines or [], counts)


def simulate(seed: int, *, tell: bool = False) -> Result:
    """Live through one seed. Raises ``Violation``, with ``lines`` of its trace where ``tell`` asks for them."""
    life = Life(seed, tell=tell)
    try:
        life.live()
        life.rest()
    except Violation as violation:
        violation.lines = tuple(life.world.lines or ())
        raise
    finally:
        result = life.end()
    return result
