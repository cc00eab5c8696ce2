"""Whatever people try, in whatever order: no law in force without proof and a second person, and no state without its entry."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from lawmakers import EVERYBODY, entries, opened
from tiny_law import FIRST, LEAKING, UNGUARDED, WIDER

from daffa.errors import DaffaError
from daffa.policy import LawFiles

TEXTS = {"first": FIRST, "wider": WIDER, "leaking": LEAKING, "unguarded": UNGUARDED}
PEOPLE = st.sampled_from(sorted(EVERYBODY)).map(EVERYBODY.get)
NAMES = st.sampled_from(sorted(TEXTS))
NUMBERS = st.integers(1, 4)


class LawIsMade(RuleBasedStateMachine):
    """Anybody tries any step on any proposal; the log is read like a stranger would, and has to explain what is."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.house = None

    @initialize(changed=st.booleans())
    def begin(self, changed):
        """The house begins; in half of the worlds it has changed its law already."""
        self.open()
        if changed:
            self.work_as_one_should("wider")

    def open(self):
        self.house = opened(str(self.folder / "daffa.db"), self.folder / "house")
        self.making, self.log = self.runner.run(self.house.__aenter__())

    def close(self):
        if self.house is not None:
            self.runner.run(self.house.__aexit__(None, None, None))
            self.house = None

    def teardown(self):
        """Take the house down."""
        self.close()
        self.runner.close()
        shutil.rmtree(self.folder)

    def attempt(self, work):
        """Somebody tries something, and may be told why not."""
        with contextlib.suppress(DaffaError):
            self.runner.run(work)

    @rule(who=PEOPLE, text=NAMES)
    def propose(self, who, text):
        """Anybody proposes anything."""
        self.attempt(self.making.propose(who, "A title", TEXTS[text]))

    @rule(who=PEOPLE, number=NUMBERS)
    def prove(self, who, number):
        """Anybody asks for a proof."""
        self.attempt(self.making.prove(who, number))

    @rule(who=PEOPLE, number=NUMBERS)
    def approve(self, who, number):
        """Anybody approves."""
        self.attempt(self.making.approve(who, number))

    @rule(who=PEOPLE, number=NUMBERS, step=st.sampled_from(["reject", "withdraw"]))
    def put_aside(self, who, number, step):
        """Anybody puts a proposal aside."""
        self.attempt(getattr(self.making, step)(who, number, "a reason"))

    @rule(who=PEOPLE, number=NUMBERS)
    def load(self, who, number):
        """Anybody loads."""
        self.attempt(self.making.load(who, number))

    @rule(text=NAMES)
    def work_as_one_should(self, text):
        """An office does what the law wants, as far as it gets."""
        self.attempt(self.making.propose(EVERYBODY["fatima"], "A title", TEXTS[text]))
        for one in self.runner.run(self.making.standing()).open[:1]:
            self.attempt(self.making.prove(EVERYBODY["omar"], one.number))
            self.attempt(self.making.approve(EVERYBODY["omar"], one.number))
            self.attempt(self.making.load(EVERYBODY["idir"], one.number))

    @rule(who=PEOPLE, again=PEOPLE, text=NAMES)
    def do_it_alone(self, who, again, text):
        """Somebody tries the whole way without anybody else; as Salma, with her other key too."""
        keys = [who, *(EVERYBODY[name] for name in EVERYBODY if EVERYBODY[name].person == who.person)]
        self.attempt(self.making.propose(who, "A title", TEXTS[text]))
        for one in self.runner.run(self.making.standing()).open[:1]:
            self.attempt(self.making.prove(again, one.number))
            for key in keys:
                self.attempt(self.making.approve(key, one.number))
            self.attempt(self.making.load(EVERYBODY["idir"], one.number))

    @rule(who=PEOPLE, other=PEOPLE)
    def go_on(self, who, other):
        """Whoever it is, two try to bring the newest open proposal further."""
        for one in self.runner.run(self.making.standing()).open[:1]:
            step = {"proposed": "prove", "proved": "approve", "approved": "load"}[one.state]
            self.attempt(getattr(self.making, step)(who, one.number))
            self.attempt(getattr(self.making, step)(other, one.number))

    @rule(who=PEOPLE, text=NAMES)
    def roll_back(self, who, text):
        """Anybody brings anything back."""
        self.attempt(self.making.roll_back(who, LawFiles.of(TEXTS[text]).id(), "a reason"))

    @rule()
    def restart(self):
        """The process ends and another begins."""
        self.close()
        self.open()

    @invariant()
    def the_log_explains_what_is(self):
        """Replayed by rules of its own, the log leads to the states that the database has, and to the law in force."""
        if self.house is None:
            return
        told = self.runner.run(entries(self.log, self.folder / "house"))
        states, texts, in_force, past = {}, {}, None, set()
        for action, said in told:
            number = said.get("proposal")
            if action == "law_first":
                assert in_force is None
                in_force, way = said["text"], "first"
            elif action == "law_rolled_back":
                assert said["text"] in past - {in_force}
                assert said["actor"] in ("omar", "salma", "idir")
                event("a law was brought back")
                in_force, way = said["text"], "rollback"
            elif action == "law_proposed":
                assert number not in states
                assert said["actor"] in ("fatima", "salma")
                states[number], texts[number] = [(action, said["actor"], in_force, way)], said["text"]
            else:
                states[number].append((action, said["actor"]))
                if action == "law_loaded":
                    event("a law was loaded")
                    steps = states[number]
                    assert [step[0] for step in steps] == ["law_proposed", "law_proved", "law_approved", "law_loaded"]
                    assert steps[2][1] in {"omar", "salma"} - {steps[0][1]}
                    in_force, way = texts[number], "load"
            past.add(in_force)
        standing = self.runner.run(self.making.standing())
        assert (standing.in_force.text, standing.in_force.way) == (in_force, way)
        assert self.making.law.bundle.digest == standing.in_force.digest
        assert standing.attention == ("" if way == "load" else way)
        found = {one.number: one for one in self.runner.run(self.making.proposals())}
        assert {number: f"law_{one.state}" for number, one in found.items()} == {
            number: steps[-1][0] for number, steps in states.items()
        }
        for number, one in found.items():
            assert len(one.steps) == len(states[number])
            assert len({step.entry for step in one.steps}) == len(one.steps)
        assert in_force != LawFiles.of(LEAKING).id()


TestLawIsMade = LawIsMade.TestCase
TestLawIsMade.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
