"""The second judge in the shadow of the first: where both are asked, a damaged table lets nothing out, and all learn why."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sabotage import GROUND, IDENTIFIERS, lose

from daffa.audit import Reader
from daffa.decision import Actor, Question, Table
from daffa.errors import Refused, Unavailable
from daffa.guard import Candidate, Guard, Permit, Shadow
from daffa.guard.finding import compare, nobodys
from daffa.policy import Bundle, Law, Opinion, Second, Tried, question_json, random_questions, read_question

from .judges import AMINA, INTERNAL, NOW, PERSONAL, PLACES, POLICIES, SECRET, House, house

BUNDLE = Bundle.read(POLICIES)
SECOND = Second(BUNDLE.cedar, BUNDLE.schema)
# A law whose vocabulary has none of the doors: to every question Cedar says that it cannot answer.
MUTE = Second(BUNDLE.cedar, "entity Nothing;")


class Counting(Second):
    """Cedar, and how often it was asked."""

    asked = 0

    def decide(self, question: Question) -> Opinion:
        """Count, and answer."""
        self.asked += 1
        return super().decide(question)


def a_question(seed: int) -> Question:
    """Any question: half of them of a plausible kind, half with the words at the edges."""
    return next(iter(random_questions(Random(seed), 1, BUNDLE.table.rules, "MA")))


def never() -> float:
    """A chance that must not be taken."""
    raise AssertionError("nobody should throw the dice")


# Laws


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_nobodys_question_is_the_same_question_to_every_rule(seed: int):
    """What is told of a question is decided as the question itself, by both judges, and names neither who asked nor owners."""
    asked = a_question(seed)
    actor = Actor("amina@clinic", "clinic-of-one-doctor", asked.actor.roles, asked.actor.region or "MA-99")
    asked = replace(asked, actor=actor, label=replace(asked.label, owners=asked.label.owners | {"clinic-of-one-doctor"}))
    told = nobodys(asked, BUNDLE)
    assert BUNDLE.table.decide(told) == BUNDLE.table.decide(asked)
    assert SECOND.decide(told) == SECOND.decide(asked)
    assert told.facts == asked.facts
    written = json.dumps(question_json(told), ensure_ascii=False)
    assert not any(word in written for word in ("amina", "clinic", "MA-99"))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_nobodys_question_can_be_asked_again(seed: int):
    """The JSON of an incident reads back as a question with the same facts, at any later instant."""
    told = nobodys(replace(a_question(seed), actor=AMINA), BUNDLE)
    again = read_question(question_json(told), {}, 2_000_000_000)
    assert again == told


def test_the_organisation_stays_where_the_law_names_it():
    """A law that speaks of one organisation keeps its name in what is told; any other name goes."""
    text = '@id("R") @fr("f") @ar("ع") @en("e") @base("b") @status("s") permit (principal, action, resource)'
    text += ' when { principal.organisation == "court" };'
    bundle = named_by(text)
    asked = a_question(1)
    for organisation, told in (("court", "court"), ("clinic", "somebody"), ("somebody", "somebody")):
        actor = replace(asked.actor, organisation=organisation)
        assert nobodys(replace(asked, actor=actor), bundle).actor.organisation == told


def named_by(text: str) -> Bundle:
    """The shipped law with one rule instead of its own."""
    from daffa.decision import Clause, Door, Effect, Op, Rule

    rule = Rule("R", Effect.PERMIT, frozenset(Door), (Clause("principal.organisation", Op.EQ, "court"),))
    return replace(BUNDLE, table=Table([rule]), cedar=text)


def test_the_same_difference_has_one_fingerprint_and_another_has_another(copy: Law):
    """Who asks, about which label and place, makes no other incident; the door, the law and the opinions do."""
    lose(copy.bundle.table, "F-purpose-not-permitted")
    questions = [a_question(seed) for seed in range(600)]
    found = [finding for q in questions if (finding := compare(q, copy.bundle, copy.second)) is not None]
    kinds = {(finding.question.door, finding.table, finding.cedar) for finding in found}
    assert 10 < len(kinds) < len(found)
    assert len({finding.fingerprint for finding in found}) == len(kinds)
    other = [compare(finding.question, replace(copy.bundle, digest="0" * 64), copy.second) for finding in found]
    assert {finding.fingerprint for finding in other}.isdisjoint(finding.fingerprint for finding in found)


def test_judges_that_agree_have_nothing_to_tell():
    """On no random question of the shipped law do the judges differ."""
    assert [compare(a_question(seed), BUNDLE, SECOND) for seed in range(200)] == [None] * 200


# The walk


async def test_a_table_that_lost_a_rule_lets_nothing_out(here: House):
    """The table says yes and Cedar no: no Permit, a refusal in the log that says why in clear, and one incident."""
    lose(here.law.bundle.table, IDENTIFIERS)
    refused = await here.admit(PERSONAL)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.facts["rules"], refused.facts["reference"]) == ("judges_differ", [], "guard/test#0")
    decision, change = await here.entries()
    leaf = Reader(here.folder / "audit").entry(0)
    assert leaf.decode() == json.dumps(decision, sort_keys=True, separators=(",", ":"))
    assert (decision["verdict"], decision["reason"]) == ("refuse", "judges_differ")
    assert (decision["rules"], decision["nearest"]) == ([], [])
    assert decision["refused"] == [["virginia", []]]
    assert change["action"] == "incident_opened"
    (incident,) = await here.incidents.incidents()
    assert (incident.number, incident.kind, incident.open, incident.times) == (1, "judges_differ", True, 1)
    assert incident.table == {"allowed": True, "rules": ["P-gateway-persons-abroad"]}
    assert incident.cedar == {"allowed": False, "rules": [IDENTIFIERS]}
    assert (incident.bundle, incident.reference) == (here.law.bundle.digest, "guard/test#0")


async def test_what_cedar_allows_and_the_table_does_not_is_refused_as_well(here: House):
    """A table that lost a permit: the refusal is no refusal of the law, and is told as one of its judges."""
    lose(here.law.bundle.table, "P-gateway-internal-abroad")
    assert (await here.admit(INTERNAL)).code == "judges_differ"
    (incident,) = await here.incidents.incidents()
    assert (incident.table["allowed"], incident.cedar["allowed"]) == (False, True)


async def test_other_deciding_rules_are_a_difference_though_the_answer_is_the_same(here: House):
    """One of several rules that forbid is lost: both say no, and still there is an incident."""
    lose(here.law.bundle.table, "F-secret-retained")
    assert (await here.admit(SECRET)).code == "judges_differ"
    (incident,) = await here.incidents.incidents()
    assert set(incident.cedar["rules"]) - set(incident.table["rules"]) == {"F-secret-retained"}


async def test_a_wrong_mask_is_caught(here: House):
    """One bit too many in the mask of a place."""
    table, place = here.law.bundle.table, here.question(INTERNAL).place
    home = next(bit for bit, rule in enumerate(table.rules) if rule.id == "P-gateway-home")
    table.decide(here.question(INTERNAL))
    table._holding.place[place] |= 1 << home
    assert (await here.admit(INTERNAL)).code == "judges_differ"


async def test_a_judge_that_gives_no_answer_refuses(here: House, shipped: Law):
    """Where Cedar is silent nothing leaves; its words, which may quote the question, stay sealed."""
    here.law.put(Tried(shipped.bundle, MUTE))
    refused = await here.admit(INTERNAL)
    assert refused.code == "judge_silent"
    decision, _ = await here.entries()
    assert (decision["verdict"], decision["reason"]) == ("refuse", "judge_silent")
    (incident,) = await here.incidents.incidents()
    assert (incident.kind, incident.cedar) == ("judge_silent", None)
    (judges,) = (await here.log.open_details(0)).details["judges"]
    assert judges["trouble"]
    assert judges["trouble"] not in str(incident)


async def test_what_both_judges_allow_goes_out(here: House):
    """A whole table: a Permit, its entry without a reason, and no incident."""
    permit = await here.admit(INTERNAL)
    assert isinstance(permit, Permit)
    (entry,) = await here.entries()
    assert "reason" not in entry
    assert await here.incidents.incidents() == []


async def test_what_both_judges_refuse_is_refused_by_the_law(here: House):
    """A whole table: the refusal names the rules that forbid."""
    refused = await here.admit(SECRET)
    assert refused.code == "refused_by_policy"
    assert "F-secret-retained" in refused.facts["rules"]
    assert (await here.entries())[0]["rules"] == refused.facts["rules"]


async def test_a_refusal_of_several_names_those_that_the_judges_differ_on(here: House):
    """Of two candidates one is refused by the law and one by the doubt: each stands in the entry with its own rules."""
    lose(here.law.bundle.table, "P-gateway-home")
    questions = [here.question(PERSONAL, "rabat"), here.question(PERSONAL, "virginia")]
    with pytest.raises(Refused) as raised:
        await here.guard.refuse([Candidate(q.place.id, q, here.guard.ask(q)) for q in questions])
    assert raised.value.code == "judges_differ"
    decision, _ = await here.entries()
    assert decision["refused"] == [["rabat", []], ["virginia", [IDENTIFIERS]]]
    assert (decision["rules"], decision["nearest"], decision["reason"]) == ([IDENTIFIERS], [], "judges_differ")
    (incident,) = await here.incidents.incidents()
    assert incident.question["place"]["id"] == "rabat"


async def test_the_details_of_the_entry_know_who_asked_and_the_incident_does_not(here: House):
    """What names somebody is sealed in the log under its own key; the row in the database has nothing of it."""
    lose(here.law.bundle.table, IDENTIFIERS)
    await here.admit(PERSONAL)
    details = (await here.log.open_details(0)).details
    assert (details["actor"], details["organisation"]) == (AMINA.id, AMINA.organisation)
    assert details["judges"][0]["table"]["allowed"] is True
    told = str(await here.incidents.incidents())
    assert not any(word in told for word in (AMINA.id, AMINA.organisation, AMINA.region))


# How often


@pytest.mark.parametrize("rate", [0.01, 0.2])
async def test_the_second_judge_is_asked_as_often_as_the_rate_says(here: House, shipped: Law, rate: float):
    """Over 20,000 decisions the share is the rate, within five standard deviations."""
    second = Counting(BUNDLE.cedar, BUNDLE.schema)
    shadow, asked = Shadow(here.incidents, rate, Random(3).random), [here.question(INTERNAL)]
    for _ in range(20_000):
        assert shadow.look(asked, shipped.bundle, second) == ()
    spread = (20_000 * rate * (1 - rate)) ** 0.5
    assert abs(second.asked - 20_000 * rate) < 5 * spread


async def test_a_damaged_table_is_caught_at_the_first_decision_that_is_looked_at(copy: Law, here: House, tmp_path):
    """At a rate of 0.25 each decision goes out until chance takes one; after that none does."""
    three_go_by = 1 - 0.75**3.5
    quarter = house(copy, here.log, here.incidents, tmp_path, 0.25, iter([three_go_by, 0.0]).__next__)
    lose(copy.bundle.table, IDENTIFIERS)
    outcomes = [isinstance(await quarter.admit(PERSONAL), Permit) for _ in range(8)]
    assert outcomes == [True] * 3 + [False] * 5


async def test_at_rate_zero_nobody_pays_and_nobody_looks(here: House, shipped: Law, tmp_path):
    """Without an open incident the second judge is not asked and no dice are thrown."""
    second = Counting(BUNDLE.cedar, BUNDLE.schema)
    still = house(Law(Tried(shipped.bundle, second)), here.log, here.incidents, tmp_path, 0.0, never)
    assert isinstance(await still.admit(INTERNAL), Permit)
    assert second.asked == 0


async def test_while_an_incident_stands_open_everything_is_looked_at(copy: Law, here: House, shipped: Law, tmp_path):
    """At rate zero too, and on questions that have nothing to do with it; after it is closed no more."""
    second = Counting(BUNDLE.cedar, BUNDLE.schema)
    still = house(Law(Tried(shipped.bundle, second)), here.log, here.incidents, tmp_path, 0.0, never)
    lose(copy.bundle.table, IDENTIFIERS)
    await here.admit(PERSONAL)
    assert isinstance(await still.admit(INTERNAL), Permit)
    assert (await still.admit(SECRET)).code == "refused_by_policy"
    assert second.asked == 2
    await here.incidents.close(1, "omar", "the memory was exchanged")
    assert isinstance(await still.admit(INTERNAL), Permit)
    assert second.asked == 2


async def test_previews_ask_the_table_alone(here: House, shipped: Law):
    """``ask`` leaves no trace and takes no second opinion."""
    here.law.put(Tried(shipped.bundle, MUTE))
    assert here.guard.ask(here.question(INTERNAL)).allowed
    assert not here.incidents.watching


# The edges


@pytest.mark.parametrize("turns", range(8))
async def test_a_client_that_leaves_takes_no_incident_with_it(here: House, turns: int):
    """Whenever the asker goes away, the refusal is recorded and the incident is raised all the same."""
    lose(here.law.bundle.table, IDENTIFIERS)
    asking = asyncio.create_task(here.admit(PERSONAL))
    for _ in range(turns):
        await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await here.guard.end()
    await here.incidents.end()
    decided = [entry for entry in await here.entries() if entry["kind"] == "decision"]
    assert [incident.times for incident in await here.incidents.incidents()] == [1] * len(decided)


async def test_one_decision_is_judged_by_one_law(shipped: Law, here: House):
    """A law that is exchanged between two decisions, however often, is never compared with the judge of another."""
    silent = replace(shipped.bundle, table=Table(()), digest="0" * 64)
    laws = [Tried(shipped.bundle, shipped.second), Tried(silent, Second("", BUNDLE.schema))]

    async def exchange() -> None:
        for number in range(200):
            here.law.put(laws[number % 2])
            await asyncio.sleep(0)

    async def ask() -> None:
        for _ in range(20):
            await here.admit(INTERNAL)

    await asyncio.gather(exchange(), *(ask() for _ in range(4)))
    assert await here.incidents.incidents() == []


async def test_a_log_that_cannot_be_written_lets_nothing_out(here: House):
    """No entry, no incident, no exit."""
    lose(here.law.bundle.table, IDENTIFIERS)
    question = here.question(PERSONAL)
    await here.log.close()
    with pytest.raises(Unavailable):
        await here.guard.admit(question, "potomac", b"bytes")


async def test_a_guard_without_a_shadow_decides_by_the_table(copy: Law, here: House):
    """The other rooms' tests may leave it out."""
    guard = Guard(copy, here.log, PLACES, lambda: NOW)
    assert isinstance(await guard.admit(here.question(INTERNAL), "potomac", b"bytes"), Permit)


async def test_what_was_kept_out_is_told_by_the_law_of_the_entry(here: House, shipped: Law):
    """When the law changes between choice and decision, the entry names no rule of the old one, nor whom the new lets in."""
    out = [here.guard.consider("potomac", here.question(SECRET)), here.guard.consider("potomac", here.question(PERSONAL))]
    rules = [rule if rule.id == IDENTIFIERS else replace(rule, id=f"N.{rule.id}") for rule in shipped.bundle.table.rules]
    kept = Table([rule for rule in rules if rule.id not in (IDENTIFIERS, f"N.{GROUND}")])
    new = replace(shipped.bundle, table=kept, digest="1" * 64)
    here.law.put(Tried(new, shipped.second))
    still = house(here.law, here.log, here.incidents, here.folder, 0.0)
    await still.guard.admit(here.question(INTERNAL), "potomac", b"bytes", refused=out)
    *_, entry = await here.entries()
    assert entry["bundle"] == new.digest
    ((place, names),) = entry["refused"]
    assert place == "virginia"
    assert names
    assert all(name.startswith("N.") for name in names)
