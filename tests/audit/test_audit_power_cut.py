"""A process that is killed, another that goes on, and then a power cut: what the second one answered for is still there.

What a killed process wrote is seen by the next, and is not durable for that. Found by the simulation; here each is
taken apart: the first process ends at each operation of its disk in turn, and the cut takes all that was not synced.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from simulation.host import Faults, Host
from simulation.storage import View
from simulation.world import Ended, World

from daffa.audit import Change, KeyKind, Reader, Witness, WitnessFolder, load_or_create_key, new_log_key
from daffa.audit.entry import seal
from daffa.audit.files import Folders
from daffa.audit.records import Records
from daffa.audit.store import Store
from daffa.audit.vkey import verifying_key

from .growing import Branch

ORIGIN = "example.ma/log"
FOLDER = Path("/audit")
KEY = new_log_key()


class Worst(Random):
    """The chance by which nothing is kept that was not synced."""

    def random(self):
        return 0.99

    def choice(self, among):
        return min(among)


class Machine:
    """A machine whose processes are killed at the operation of the disk that is asked for."""

    def __init__(self):
        self.host = Host(World(1), "machine", Faults(power=0.0))

    def run(self, work, *, killed_at=0):
        """``work(disk)`` in a process; whether it came to its end."""
        process = self.host.start()
        process._crash_at, process._crash_in = "", killed_at
        try:
            work(process)
        except Ended:
            return False
        else:
            self.host.stop("killed")
            return True
        finally:
            self.host.world.run(lambda: True, 0.0)

    def power_cut(self, chance=None):
        """All that was not synced is gone, or what ``chance`` says."""
        self.host.storage.crash(chance or Worst())


def record(number):
    return seal(Change(str(number), 0.0, {"n": number}), number.to_bytes(32, "big"))


def test_what_a_log_acknowledged_after_a_kill_outlives_a_power_cut():
    """Whatever step of beginning, writing and publishing a log was killed in, no later acknowledgement stands on sand."""
    step, ended = 0, False
    while not ended:
        step += 1
        machine, told = Machine(), []

        def first(disk, told=told):
            store = Store(FOLDER, ORIGIN, KEY, disk=disk)
            for number in range(2):
                batch = [record(number * 2 + 1), record(number * 2 + 2)]
                store.append(number * 2, batch)
                told += batch
                store.integrate(batch, store.switch())

        def second(disk, told=told):
            store = Store(FOLDER, ORIGIN, KEY, disk=disk)
            del told[store.checkpoint.size :]
            fresh = [record(number + 1) for number in range(len(told), store.checkpoint.size + 1)]
            store.append(store.checkpoint.size, fresh[-1:])
            told += fresh

        ended = machine.run(first, killed_at=step)
        assert machine.run(second)
        machine.power_cut()
        assert machine.run(lambda disk: Store(FOLDER, ORIGIN, KEY, disk=disk)), step
        view = View(machine.host.storage)
        reader = Reader(FOLDER, view)
        assert reader.verify(str(verifying_key(ORIGIN, KEY))).damage == ()
        assert [reader.entry(index) for index in range(reader.checkpoint().size)] == [one.leaf for one in told], step
        records = Records(FOLDER, Folders(view))
        assert all(records.get(index) for index in range(len(told))), step
    assert step > 80


def test_what_a_witness_cosigned_after_a_kill_outlives_a_power_cut():
    """Killed anywhere in keeping a checkpoint and asked for it again, a witness does not cosign what it might forget."""
    branch, step, ended = Branch(ORIGIN, KEY, [b"one", b"two"]), 0, False
    while not ended:
        step += 1
        machine, answers = Machine(), []

        def ask(disk, answers=answers):
            folder = WitnessFolder(Path("/witness"), "w", KeyKind.COSIGNATURE, disk)
            witness = Witness(folder.cosigner, [verifying_key(ORIGIN, KEY)], folder)
            last = folder.last(ORIGIN)
            answers.append(witness.add_checkpoint(branch.submission(last.size if last else 0), 1).status)

        def still_knows(disk):
            assert WitnessFolder(Path("/witness"), "w", KeyKind.COSIGNATURE, disk).last(ORIGIN).size == 2

        ended = machine.run(ask, killed_at=step)
        assert machine.run(ask)
        assert answers[-1] == 200
        machine.power_cut()
        assert machine.run(still_knows), step
    assert step > 20


def test_a_key_that_was_used_outlives_a_power_cut():
    """Killed anywhere in the making of the log's key, the next process uses no key that could be gone tomorrow."""
    step, ended = 0, False
    while not ended:
        step += 1
        machine, keys = Machine(), []

        def load(disk, keys=keys):
            keys.append(load_or_create_key(Path("/log.key"), disk).private_bytes_raw())

        ended = machine.run(load, killed_at=step)
        assert machine.run(load)
        machine.power_cut()
        assert machine.run(load)
        assert keys[-1] == keys[-2], step
    assert step > 5


@pytest.mark.parametrize("seed", range(60))
def test_an_erasure_torn_anywhere_takes_no_other_details(seed):
    """Torn by a power cut at any byte and done again, an erasure destroys the details that it names and no others."""
    step, ended = 0, False
    while not ended:
        step += 1
        machine = Machine()
        machine.run(lambda disk: Records(FOLDER, Folders(disk)).put(0, [record(number) for number in range(1, 5)]))
        ended = machine.run(lambda disk: Records(FOLDER, Folders(disk)).destroy(0), killed_at=step)
        machine.power_cut(Random(seed))
        machine.run(lambda disk: Records(FOLDER, Folders(disk)).destroy(0))
        records = Records(FOLDER, Folders(View(machine.host.storage)))
        assert records.get(0) is None
        assert [records.get(number) for number in (1, 2, 3)] == [(record(n).key, record(n).sealed) for n in (2, 3, 4)]
