"""The bitmask table against the slow, obvious reading of the rules."""

import pytest
from decision_strategies import questions, rules
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.decision import ATTRIBUTES, Actor, Clause, Door, Effect, Label, Op, Place, Purpose, Question, Rule, Table, ask
from daffa.errors import Invalid

SOMEONE = Actor("someone", "health", frozenset({"agent"}))


def slowly(law: list[Rule], question: Question) -> tuple[bool, tuple[str, ...]]:
    """The verdict as the definition says it."""
    hold = [rule for rule in law if rule.holds(question)]
    forbids = tuple(rule.id for rule in hold if rule.effect is Effect.FORBID)
    permits = tuple(rule.id for rule in hold if rule.effect is Effect.PERMIT)
    return (False, forbids) if forbids else (bool(permits), permits)


@settings(max_examples=300)
@given(rules, st.lists(questions, min_size=1, max_size=8))
def test_the_table_decides_as_the_rules_say(law: list[Rule], asked: list[Question]):
    """Verdict and deciding rules equal the slow reading, also when columns are warm."""
    table = Table(law)
    for question in asked + asked:
        verdict = table.decide(question)
        assert (verdict.allowed, verdict.rules) == slowly(law, question)


@settings(max_examples=300)
@given(rules, questions)
def test_silence_names_the_nearest_permits(law: list[Rule], question: Question):
    """Where no rule decides, the permits with the fewest failing clauses are named with exactly those clauses."""
    verdict = Table(law).decide(question)
    if verdict.rules:
        assert verdict.nearest == ()
        return
    failing = {
        rule.id: tuple(c for c in rule.clauses if not c.holds(ATTRIBUTES[c.attribute][1](question)))
        for rule in law
        if rule.effect is Effect.PERMIT and question.door in rule.doors
    }
    fewest = min((len(clauses) for clauses in failing.values()), default=0)
    expected = [(name, clauses) for name, clauses in failing.items() if len(clauses) == fewest][:5]
    assert [(near.rule, near.failing) for near in verdict.nearest] == expected


def test_silence_is_refusal():
    """An empty law refuses everything and has nothing to name."""
    question = ask(Door.GATEWAY, Purpose.RESEARCH, Label(), Place("p"), SOMEONE, 0)
    verdict = Table([]).decide(question)
    assert (verdict.allowed, verdict.rules, verdict.nearest) == (False, (), ())


def test_forbid_beats_permit():
    """One forbid outweighs any number of permits, and only the forbids are named."""
    law = [Rule(name, effect, frozenset(Door), ()) for name, effect in (("p", Effect.PERMIT), ("f", Effect.FORBID))]
    verdict = Table(law).decide(ask(Door.CLOUD, Purpose.RESEARCH, Label(), Place("p"), SOMEONE, 0))
    assert (verdict.allowed, verdict.rules) == (False, ("f",))


def test_two_rules_cannot_share_an_id():
    """A law in which an id means two things is refused."""
    rule = Rule("same", Effect.PERMIT, frozenset(Door), ())
    with pytest.raises(Invalid, match="same"):
        Table([rule, rule])


@pytest.mark.parametrize(
    ("attribute", "op", "operand"),
    [
        ("resource.qal", Op.EQ, 1),
        ("resource.qual", Op.EQ, "1"),
        ("resource.qual", Op.EQ, True),
        ("resource.hw", Op.LT, "MA"),
        ("context.categories", Op.EQ, "health"),
        ("context.expired", Op.EQ, 1),
    ],
)
def test_a_clause_that_does_not_fit_is_refused(attribute: str, op: Op, operand: object):
    """An unknown attribute or a comparison that its type does not have never becomes a clause."""
    with pytest.raises(Invalid):
        Clause(attribute, op, operand)


def test_the_facts_of_a_question_follow_from_its_parts():
    """Purpose, owner, region and expiry are worked out from label, place, actor and time."""
    label = Label(purposes=frozenset({Purpose.JUSTICE}), owners=frozenset({"justice"}), expires=100)
    place = Place("p", hw="MA", operator="MA", region="MA-04")
    inside = ask(Door.NETWORK, Purpose.JUSTICE, label, place, Actor("a", "justice", region="MA-04"), 99)
    assert inside.facts == (True, True, True, False, False)
    outside = ask(Door.NETWORK, Purpose.RESEARCH, label, place, Actor("a", "health", region="MA-05"), 100, evaluated=True)
    assert outside.facts == (False, False, False, True, True)


def test_a_stranger_cannot_fill_the_memory():
    """A column that grew too large forgets, and still decides the same."""
    rule = Rule("p", Effect.PERMIT, frozenset(Door), (Clause("principal.organisation", Op.EQ, "o7"),))
    table = Table([rule])
    place = Place("p")
    for number in range(70_000):
        question = ask(Door.GATEWAY, Purpose.RESEARCH, Label(), place, Actor("a", f"o{number}"), 0)
        assert table.decide(question).allowed is (number == 7)
    assert len(table._holding.organisation) <= 65_536
