"""The law of the witnesses: whatever a log with its true key tries, and whenever they crash, no two forks are both cosigned."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from daffa.audit import KeyKind, Witness, WitnessFolder, new_log_key
from daffa.audit.submission import write_submission
from daffa.audit.vkey import verifying_key

from .growing import Branch

ORIGIN = "example.ma/log"
KEY = new_log_key()
WITNESSES = 3
MAJORITY = 2
CRASHES = st.sampled_from([None, None, None, "before", "after"])


class Crash(Exception):
    """The witness's process ends here."""


class Fragile:
    """A memory whose process may end just before, or just after, it has kept a checkpoint."""

    def __init__(self, folder):
        self.folder, self.crash = folder, None

    def last(self, origin):
        return self.folder.last(origin)

    def keep(self, checkpoint):
        if self.crash == "before":
            raise Crash
        self.folder.keep(checkpoint)
        if self.crash == "after":
            raise Crash


class Member:
    """A witness in its folder, which lives on when the process does not."""

    def __init__(self, path):
        self.path, self.cosigned = path, []
        self.start()

    def start(self):
        folder = WitnessFolder(self.path, "w", KeyKind.COSIGNATURE)
        self.memory = Fragile(folder)
        self.witness = Witness(folder.cosigner, [verifying_key(ORIGIN, KEY)], self.memory)

    def restart(self):
        self.memory.folder.close()
        self.start()

    def size(self):
        last = self.memory.last(ORIGIN)
        return last.size if last else 0

    def submit(self, body, history, crash):
        """Submit; where a cosignature comes back, the history that it vouches for is put down."""
        self.memory.crash = crash
        try:
            if self.witness.add_checkpoint(body, 1).status == 200:
                self.cosigned.append(history)
        except Crash:
            self.restart()
        self.memory.crash = None


class Forgetful(Member):
    """A witness that comes back without its memory: what must never be."""

    def restart(self):
        self.memory.folder.close()
        shutil.rmtree(self.path / "logs", ignore_errors=True)
        self.start()


class Forks(RuleBasedStateMachine):
    """A log that grows, forks and rolls back, and three witnesses."""

    member = Member
    branches = Bundle("branches")
    numbers = st.integers(0, WITNESSES - 1)

    def __init__(self):
        super().__init__()
        self.home = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None, prefix="daffa-witnesses-"))
        self.members = [self.member(self.home / str(number)) for number in range(WITNESSES)]
        self.fresh = (b"entry %d" % number for number in itertools.count())

    def teardown(self):
        for member in self.members:
            member.memory.folder.close()
        shutil.rmtree(self.home)

    @rule(target=branches, size=st.integers(1, 9))
    def begin(self, size):
        return Branch(ORIGIN, KEY, itertools.islice(self.fresh, size))

    @rule(branch=branches, more=st.integers(1, 9))
    def grow(self, branch, more):
        branch.leaves += itertools.islice(self.fresh, more)

    @rule(target=branches, branch=branches, data=st.data())
    def fork(self, branch, data):
        kept = data.draw(st.integers(0, len(branch.leaves)))
        return multiple(Branch(ORIGIN, KEY, [*branch.leaves[:kept], next(self.fresh)]))

    @rule(branch=branches, number=numbers, back=st.integers(0, 3), crash=CRASHES)
    def submit(self, branch, number, back, crash):
        """The true size and the proof that this branch has; it may be rolled back by a few entries."""
        member, size = self.members[number], max(0, len(branch.leaves) - back)
        old = member.size()
        proof = branch.proof(old, size) if old <= size else []
        member.submit(write_submission(old, proof, branch.checkpoint(size)), tuple(branch.leaves[:size]), crash)

    @rule(branch=branches, other=branches, number=numbers, old=st.integers(0, 20), crash=CRASHES)
    def deceive(self, branch, other, number, old, crash):
        """Another size than the true one, and the proof of another branch."""
        old = min(old, len(other.leaves))
        body = write_submission(old, other.proof(old), branch.checkpoint())
        self.members[number].submit(body, tuple(branch.leaves), crash)

    @rule(number=numbers)
    def restart(self, number):
        self.members[number].restart()

    @invariant()
    def each_witness_saw_one_history_grow(self):
        for member in self.members:
            for earlier, later in itertools.pairwise(member.cosigned):
                assert later[: len(earlier)] == earlier
            assert not member.cosigned or member.size() >= len(member.cosigned[-1])

    @invariant()
    def no_majority_stands_behind_two_forks(self):
        count = {}
        for member in self.members:
            for history in set(member.cosigned):
                count[history] = count.get(history, 0) + 1
        vouched = sorted((history for history, votes in count.items() if votes >= MAJORITY), key=len)
        for shorter, longer in itertools.combinations(vouched, 2):
            assert longer[: len(shorter)] == shorter


class WithForgetful(Forks):
    """The same with witnesses that forget."""

    member = Forgetful


def test_no_two_forks_are_ever_cosigned():
    """No witness ever goes back or over to another branch, and no two forks have a majority, through crashes and lies."""
    run_state_machine_as_test(Forks, settings=settings(max_examples=150, stateful_step_count=30, deadline=None))


def test_the_law_is_put_to_the_test():
    """With witnesses that forget when they restart, the same search finds a log that goes back or forks."""
    quick = settings(
        max_examples=300,
        stateful_step_count=30,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        report_multiple_bugs=False,
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(WithForgetful, settings=quick)
