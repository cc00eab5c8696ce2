"""The world of the solver is the world of questions: the same clauses hold, the same questions can be asked."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import z3
from decision_strategies import clauses, questions, rules
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.decision import ATTRIBUTES, Clause, Door, Effect, Op, Rule
from daffa.policy import NOW, question_json, random_questions, read_question
from daffa.policy.proof.axioms import AXIOMS
from daffa.policy.proof.example import Examples
from daffa.policy.proof.ruled import Ruled
from daffa.policy.proof.search import Search, Undecided
from daffa.policy.proof.world import World
from daffa.policy.wire import read_rules_json, rules_json

PAGE = Path(__file__).resolve().parents[2] / "docs" / "proof.md"

singles = st.sampled_from(
    [
        Clause("context.form", Op.EQ, "raw"),
        Clause("resource.hw", Op.EQ, "MA", negated=True),
        Clause("resource.region", Op.EQ, ""),
        Clause("resource.region", Op.EQ, "MA-04", negated=True),
        Clause("resource.reach", Op.HAS, "US"),
        Clause("context.categories", Op.HAS, "health", negated=True),
        Clause("context.level", Op.ONE_OF, frozenset({0, 4})),
        Clause("context.categories", Op.HAS_ANY, frozenset()),
        Clause("context.basis", Op.WITHIN, frozenset()),
        Clause("principal.roles", Op.HAS_ALL, frozenset()),
    ]
)


def law_of(*written: Clause) -> list[Rule]:
    """A rule for each clause."""
    return [Rule(f"R{number}", Effect.PERMIT, frozenset(Door), (clause,)) for number, clause in enumerate(written)]


@settings(max_examples=150, deadline=None)
@given(st.lists(clauses | singles, min_size=1, max_size=8), st.lists(questions, min_size=1, max_size=5))
def test_a_clause_holds_for_the_solver_as_it_holds_for_a_question(written, asked):
    """Whatever is compared with whatever: the solver finds the question possible, and each clause as true as it is."""
    search = Search(World(law_of(*written), "MA"))
    named = [search.name(f"clause {number}", search.world.clause(clause)) for number, clause in enumerate(written)]
    for question in asked:
        model = search.find(search.world.is_question(question))
        assert model is not None, question
        for clause, name in zip(written, named, strict=True):
            truth = clause.holds(ATTRIBUTES[clause.attribute][1](question))
            assert z3.is_true(model.eval(name, model_completion=True)) is truth, (clause, question)


@settings(max_examples=60, deadline=None)
@given(rules, st.lists(clauses | singles, max_size=4))
def test_what_the_solver_finds_can_be_asked(law, wanted):
    """An example is a real question: it meets what was wanted, each rule applies as in the model, plain JSON keeps it."""
    search = Search(World([*law, *law_of(*wanted)], "MA"))
    ruled = Ruled(search, law)
    examples = Examples(search, [])
    model = examples.find(*map(search.world.clause, wanted))
    if model is None:
        return
    question = read_question(examples.json(model), {}, NOW)
    for clause in wanted:
        assert clause.holds(ATTRIBUTES[clause.attribute][1](question)), (clause, question)
    for rule in law:
        assert z3.is_true(model.eval(ruled.holds[rule.id], model_completion=True)) is rule.holds(question), (rule, question)
    assert read_question(question_json(question), {}, NOW) == question


@pytest.mark.parametrize("name", ["morocco", "shared_law"])
def test_a_shipped_law_reads_alike_to_the_solver_and_to_the_table(name, request):
    """On random questions, each rule and the verdict are to the solver what they are to the plain reading and the table."""
    bundle = request.getfixturevalue(name)
    law = [*bundle.table.rules, *(rule.rule for pair in bundle.invariants for rule in (pair.never, pair.may))]
    search = Search(World(law, bundle.country))
    ruled, beside = Ruled(search, bundle.table.rules), {rule.id: search.name(rule.id, search.world.rule(rule)) for rule in law}
    for question in random_questions(random.Random(7), 300, law, bundle.country):
        model = search.find(search.world.is_question(question))
        assert model is not None, question
        for rule in law:
            assert z3.is_true(model.eval(beside[rule.id], model_completion=True)) is rule.holds(question), (rule.id, question)
        allowed = z3.is_true(model.eval(ruled.allowed, model_completion=True))
        assert allowed is bundle.table.decide(question).allowed, question


def test_an_impossible_question_is_not_found():
    """The axioms keep out what no question can be."""
    impossible = [
        [Clause("resource.hw", Op.EQ, "US"), Clause("resource.reach", Op.WITHIN, frozenset({"MA"}))],
        [Clause("resource.operator", Op.EQ, "MA", negated=True), Clause("resource.reach", Op.WITHIN, frozenset({"MA"}))],
        [Clause("resource.region", Op.EQ, "MA-04"), Clause("resource.hw", Op.EQ, "FR")],
        [Clause("context.same_region", Op.EQ, True), Clause("resource.region", Op.EQ, "")],
        [Clause("context.level", Op.GT, 4)],
        [Clause("resource.retention_days", Op.LT, 0)],
        [Clause("resource.hw", Op.ONE_OF, frozenset({"MA", "FR"})), Clause("resource.hw", Op.EQ, "US")],
    ]
    for wanted in impossible:
        search = Search(World(law_of(*wanted), "MA"))
        assert search.find(*map(search.world.clause, wanted)) is None, wanted
        if len(wanted) > 1:
            assert all(search.find(search.world.clause(clause)) is not None for clause in wanted), wanted


def test_an_example_is_the_plainest():
    """Where nothing asks for more, an example is public, about nobody, at home, and nothing in it is out of the ordinary."""
    search = Search(World([], "MA"))
    examples = Examples(search, [])
    plain = read_question(examples.of(), {}, NOW)
    assert (plain.label.level, plain.label.categories, plain.actor.roles, plain.place.hw) == (0, set(), set(), "MA")
    assert plain.facts.purpose_permitted
    assert not plain.facts.expired
    assert not plain.place.trains
    wanted = law_of(Clause("context.categories", Op.HAS_ANY, frozenset({"health", "personal"})))
    search = Search(World(wanted, "MA"))
    found = read_question(Examples(search, []).of(search.world.rule(wanted[0])), {}, NOW)
    assert found.label.categories == {"personal"}


def test_a_known_place_is_named_where_it_fits(morocco):
    """An example stands at a place of the cases where one fits, and keeps all that this place is."""
    places = {case.question.place.id: case.question.place for case in morocco.cases}
    search = Search(World(morocco.table.rules, "MA"))
    examples = Examples(search, list(places.values()))
    abroad = Clause("resource.reach", Op.WITHIN, frozenset({"MA"}), negated=True)
    level = Clause("context.level", Op.GE, 3)
    place = read_question(examples.of(search.world.clause(abroad), search.world.clause(level)), {}, NOW).place
    assert places[place.id] == place


def test_every_axiom_is_on_the_page():
    """docs/proof.md says each axiom in its own words."""
    page = PAGE.read_text(encoding="utf-8")
    assert [axiom.id for axiom in AXIOMS if f"| `{axiom.id}` | {axiom.says} |" not in page] == []
    assert len({axiom.id for axiom in AXIOMS}) == len(AXIOMS)


@given(rules)
def test_rules_travel_unchanged(law):
    """Rules written as JSON are read as the same rules."""
    assert list(read_rules_json(rules_json(law))) == law


def test_a_solver_that_comes_to_no_end_says_so():
    """A question on which the solver gives up is an error, neither a proof nor a counter-example."""
    search = Search(World([], "MA"))
    x, y, z = (z3.Int(name, search.world.context) for name in "xyz")
    search._solver.set("timeout", 50)
    with pytest.raises(Undecided):
        search.find(x > 1, y > 1, z > 1, x * x * x + y * y * y == z * z * z)
    assert search.find() is not None


def test_a_name_stands_for_one_term():
    """Two terms under one name would make contradictions, under which anything is proved: the second is refused."""
    search = Search(World([], "MA"))
    trains = search.world.variables["resource.trains"]
    search.name("trains", trains)
    with pytest.raises(ValueError, match="trains"):
        search.name("trains", z3.Not(trains))
