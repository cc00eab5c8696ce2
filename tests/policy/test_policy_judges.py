"""Three judges of one law: the table, Cedar, and the slow reading of each rule. They must say the same."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.decision import ATTRIBUTES, STATES, Basis, Category, Clause, Door, Effect, Form, KeyHolder, Op, Purpose, Rule
from daffa.policy import Bundle, Opinion, Second, differences, random_questions

LAW = Path(__file__).parent / "law"
SCHEMA = Path(__file__).parents[2] / "policies" / "ma" / "schema.cedarschema"

WORDS = {
    "context.categories": list(Category),
    "context.form": [form.name.lower() for form in Form],
    "context.basis": list(Basis),
    "context.purpose": list(Purpose),
    "principal.roles": ["agent", "auditor", 'quote"d', "back\\slash", "قاض"],
    "principal.organisation": ["health", "a b", "new\nline", "{brace}"],
    "resource.hw": ["MA", "FR", "US", "ZZ"],
    "resource.region": ["", "MA-04", "MA-06", "FR-04"],
    "resource.operator": ["MA", "FR", "US", "ZZ"],
    "resource.reach": ["MA", "FR", "US", *sorted(STATES)[:3]],
    "resource.key": list(KeyHolder),
}
HIGHEST = {"context.level": 4, "resource.qual": 2, "resource.seal": 4, "resource.retention_days": 40}
CEDAR_OPS = {Op.EQ: "==", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}
MIRRORED = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@st.composite
def a_clause(draw) -> Clause:
    """Any clause of the profile on any attribute."""
    attribute = draw(st.sampled_from(sorted(ATTRIBUTES)))
    kind, _ = ATTRIBUTES[attribute]
    negated = draw(st.booleans())
    if kind == "Boolean":
        return Clause(attribute, Op.EQ, True, negated)
    value = st.integers(0, HIGHEST[attribute]) if kind == "Long" else st.sampled_from([str(word) for word in WORDS[attribute]])
    values = st.frozensets(value, min_size=1, max_size=4)
    one = {"Long": [*CEDAR_OPS], "String": [Op.EQ], "Set": [Op.HAS]}[kind]
    many = [Op.HAS_ANY, Op.HAS_ALL, Op.WITHIN] if kind == "Set" else [Op.ONE_OF]
    op = draw(st.sampled_from([*one, *many]))
    return Clause(attribute, op, draw(values if op in many else value), negated)


@st.composite
def a_law(draw) -> tuple[list[Rule], str]:
    """Some rules and the Cedar text that says them, each clause in one of its spellings."""
    rules, texts = [], []
    for number in range(draw(st.integers(1, 8))):
        doors = draw(st.frozensets(st.sampled_from(list(Door)), min_size=1))
        clauses = draw(st.lists(a_clause(), max_size=5))
        effect = draw(st.sampled_from([Effect.PERMIT, Effect.PERMIT, Effect.FORBID]))
        rules.append(Rule(f"R-{number}", effect, doors, tuple(clauses)))
        conditions = [spelled(clause, draw(st.booleans())) for clause in clauses]
        notes = f'@id("R-{number}") @fr("f") @ar("ع") @en("e") @base("b") @status("s")'
        texts.append(f"{notes}\n{effect} {scope(doors)} {' '.join(conditions)};")
    return rules, "\n".join(texts)


def scope(doors: frozenset[Door]) -> str:
    """The scope of a rule; all five doors are said by saying none."""
    named = [f'Action::"{door}"' for door in sorted(doors)]
    action = "" if len(named) == len(Door) else f" == {named[0]}" if len(named) == 1 else f" in [{', '.join(named)}]"
    return f"(principal, action{action}, resource)"


def spelled(clause: Clause, other_way: bool) -> str:
    """The clause as a condition of Cedar, in one of two spellings."""
    plain = Clause(clause.attribute, clause.op, clause.operand)
    text = {
        Op.HAS: f"{plain.attribute}.contains({literal(plain.operand)})",
        Op.ONE_OF: f"{literal(plain.operand)}.contains({plain.attribute})",
        Op.HAS_ANY: f"{plain.attribute}.containsAny({literal(plain.operand)})",
        Op.HAS_ALL: f"{plain.attribute}.containsAll({literal(plain.operand)})",
        Op.WITHIN: f"{literal(plain.operand)}.containsAll({plain.attribute})",
    }.get(plain.op)
    if text is None:
        op = CEDAR_OPS[plain.op]
        sides = (
            (literal(plain.operand), MIRRORED[op], plain.attribute)
            if other_way
            else (plain.attribute, op, literal(plain.operand))
        )
        text = " ".join(sides)
    if not clause.negated:
        return f"when {{ {text} }}"
    return f"unless {{ {text} }}" if other_way else f"when {{ !({text}) }}"


def literal(operand) -> str:
    """An operand as Cedar writes it."""
    if isinstance(operand, frozenset):
        return f"[{', '.join(literal(value) for value in operand)}]"
    if isinstance(operand, str):
        return json.dumps(operand, ensure_ascii=False)
    return str(operand).lower()


def slow_verdict(rules, question) -> Opinion:
    """The obvious reading: forbid beats permit, silence refuses."""
    applying = [rule for rule in rules if rule.holds(question)]
    forbidding = tuple(rule.id for rule in applying if rule.effect is Effect.FORBID)
    if forbidding:
        return Opinion(False, forbidding)
    return Opinion(bool(applying), tuple(rule.id for rule in applying))


@settings(max_examples=150, deadline=None)
@given(law=a_law(), seed=st.integers(0, 2**32))
def test_any_law_of_the_profile_reads_the_same_to_three_judges(law, seed):
    """Random rules in random spellings: the text translates to those rules, and all judges give one verdict and its rules."""
    rules, text = law
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "law"
        shutil.copytree(LAW, folder, ignore=shutil.ignore_patterns("cases", "*.cedar"))
        shutil.copy(SCHEMA, folder)
        (folder / "rules" / "only.cedar").write_text(text, encoding="utf-8")
        bundle = Bundle.read(folder)
    assert bundle.table.rules == tuple(rules)
    second = Second(bundle.cedar, bundle.schema)
    for question in random_questions(random.Random(seed), 25, rules, "MA"):
        verdict = bundle.table.decide(question)
        assert Opinion(verdict.allowed, verdict.rules) == second.decide(question) == slow_verdict(rules, question)


def test_table_and_cedar_agree_on_the_law_of_morocco(morocco):
    """20,000 random questions: same verdict, same deciding rules."""
    assert differences(morocco, Second(morocco.cedar, morocco.schema), random.Random(2026), 20_000) == []


def test_table_and_cedar_agree_on_a_second_country(small_law):
    """The law of another state, which uses every comparison of the profile: 4,000 random questions."""
    assert differences(small_law, Second(small_law.cedar, small_law.schema), random.Random(7), 4_000) == []


def test_a_difference_is_found(small_law, law_folder):
    """Judges of two different laws do differ, and each difference shows what both said."""
    file = law_folder / "rules" / "20-forbids.cedar"
    file.write_text(file.read_text(encoding="utf-8").replace("context.level > 2", "context.level > 3"), encoding="utf-8")
    changed = Bundle.read(law_folder)
    found = differences(small_law, Second(changed.cedar, changed.schema), random.Random(7), 2_000)
    assert found
    for difference in found:
        assert "F-secret" in difference.table.rules
        assert "F-secret" not in difference.cedar.rules


def test_random_questions_are_a_fair_mix(morocco):
    """Among random questions no kind of verdict is rare, all doors are asked, and labels are mostly distinct."""
    asked = list(random_questions(random.Random(1), 4_000, morocco.table.rules, morocco.country))
    verdicts = [morocco.table.decide(question) for question in asked]
    kinds = Counter("allowed" if v.allowed else "forbidden" if v.rules else "silence" for v in verdicts)
    assert min(kinds[kind] for kind in ("allowed", "forbidden", "silence")) > 400
    assert {question.door for question in asked} == set(Door)
    assert len({question.label for question in asked}) > 2_000


def test_most_rules_apply_to_some_random_question(morocco):
    """The random questions reach nine rules in ten (the cases reach all), so that a comparison of judges means something."""
    asked = list(random_questions(random.Random(3), 20_000, morocco.table.rules, morocco.country))
    silent = [rule.id for rule in morocco.table.rules if not any(rule.holds(question) for question in asked)]
    assert len(silent) <= len(morocco.rules) // 10


@pytest.mark.parametrize("seed", [0, 1])
def test_random_questions_come_back_with_their_seed(small_law, seed):
    """The same generator and count give the same questions: a failure can be seen again."""
    first = list(random_questions(random.Random(seed), 50, small_law.table.rules, small_law.country))
    assert first == list(random_questions(random.Random(seed), 50, small_law.table.rules, small_law.country))
    assert first != list(random_questions(random.Random(seed + 1), 50, small_law.table.rules, small_law.country))
