"""What changes between two laws: nothing where nothing does, and where something does, for whom and by which rules."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from law_mutants import mutants

from daffa.decision import ATTRIBUTES, Clause, Door, Op, Table
from daffa.policy import Bundle, Diff, diff, diff_json, random_questions, read_question
from daffa.policy.proof.comparing import compare
from daffa.policy.wire import read_clauses, rules_json

ROOT = Path(__file__).resolve().parents[2]
MOROCCO = ROOT / "policies" / "ma"


@pytest.fixture
def changed(tmp_path):
    """The law of Morocco with some passages of its files replaced; each must stand there once."""

    def change(*edits: tuple[str, str, str]) -> Bundle:
        folder = tmp_path / "new"
        shutil.copytree(MOROCCO, folder)
        for name, old, new in edits:
            text = (folder / name).read_text(encoding="utf-8")
            assert text.count(old) == 1, old
            (folder / name).write_text(text.replace(old, new), encoding="utf-8")
        return Bundle.read(folder)

    return change


def meets(question, clauses) -> bool:
    """Whether a question meets all clauses."""
    return all(clause.holds(ATTRIBUTES[clause.attribute][1](question)) for clause in clauses)


def test_a_law_does_not_differ_from_itself(morocco):
    """The same law gives the same verdicts for the same reasons."""
    same = diff(morocco, morocco)
    assert (same.widens, same.narrows, same.reasons, same.changes) == (False, False, False, ())
    assert (same.added, same.removed, same.altered, same.reworded, same.beside) == ((), (), (), (), ())


def test_words_and_order_change_no_verdict(morocco, changed):
    """Conditions in another order, other words or another file change nothing that is decided, and are told as such."""
    new = changed(
        ("rules/50-gateway.cedar", 'when { context.level <= 2 && ["MA"].containsAll(resource.reach) };',
         'when { ["MA"].containsAll(resource.reach) && context.level < 3 };'),
        ("rules/51-factory.cedar", "A dataset that is public", "A data set that is public"),
    )  # fmt: skip
    found = diff(morocco, new)
    assert (found.altered, found.reworded) == (("P-gateway-home",), ("P-factory-open-data",))
    assert (found.widens, found.narrows, found.reasons) == (False, False, False)


def test_what_a_reading_changes_for_whom(morocco, changed):
    """Read without children, the rule on guarded persons opens what it guarded: by which rule, where, for which data."""
    new = changed(
        ("rules/40-reach.cedar", 'context.categories.containsAny(["health", "judicial", "minors"])',
         'context.categories.containsAny(["health", "judicial"])'),
    )  # fmt: skip
    found = diff(morocco, new)
    assert (found.widens, found.narrows, found.altered) == (True, False, ("F-guarded-persons-abroad",))
    assert {change.door for change in found.changes} == {Door.GATEWAY, Door.FACTORY, Door.CLOUD}
    for change in found.changes:
        assert (change.allows, change.rules, change.before.rules) == (True, found.altered, found.altered)
        assert "minors" in change.question.label.categories
        assert change.question.place.reach - {"MA"}
        assert meets(change.question, change.concerned)
        assert Clause("context.categories", Op.HAS_ANY, frozenset({"health", "judicial"}), negated=True).holds(
            change.question.label.categories
        )
    (gateway,) = [change for change in found.changes if change.door is Door.GATEWAY]
    assert Clause("resource.retention_days", Op.LE, 30) in gateway.concerned
    assert Clause("context.level", Op.LE, 1) in gateway.concerned
    back = diff(new, morocco)
    assert (back.widens, back.narrows) == (False, True)
    assert {change.door for change in back.changes} == {Door.GATEWAY, Door.FACTORY, Door.CLOUD}


def test_both_directions_are_told(morocco, changed):
    """A law that allows more here and less there does both, each with its rule."""
    new = changed(
        ("rules/50-gateway.cedar", "== 1 && resource.retention_days <= 30", "== 1 && resource.retention_days <= 10"),
        ("rules/52-forge.cedar", "context.level == 0 && context.form", "context.level <= 1 && context.form"),
    )  # fmt: skip
    found = diff(morocco, new)
    assert {(change.door, change.allows, change.rules) for change in found.changes} == {
        (Door.GATEWAY, False, ("P-gateway-internal-abroad",)),
        (Door.FORGE, True, ("P-forge-public-abroad",)),
    }


def test_rules_that_must_change_together_are_named_together(morocco, tmp_path):
    """Where two prohibitions must go before a verdict turns, the change names both."""
    folder = tmp_path / "new"
    shutil.copytree(MOROCCO, folder)
    for name in ("F-guarded-persons-abroad", "F-tax-file-abroad"):
        file = folder / "rules" / "40-reach.cedar"
        text = file.read_text(encoding="utf-8")
        start = text.index(f'@id("{name}")')
        file.write_text(text[:start] + text[text.index("\n};" if "guarded" in name else " };", start) + 3 :], encoding="utf-8")
    new = Bundle.read(folder)
    found = diff(morocco, new)
    assert found.removed == ("F-guarded-persons-abroad", "F-tax-file-abroad")
    assert {change.rules for change in found.changes} == {(name,) for name in found.removed}
    two = [rule for rule in morocco.table.rules if rule.id == "F-data-expired"]
    twice = [*rules_json(two), {**rules_json(two)[0], "id": "F-again"}]
    permit = rules_json(rule for rule in morocco.table.rules if rule.id == "P-gateway-home")
    answer = compare({"home": "MA", "old": [*twice, *permit], "new": permit, "places": [], "most": 5})
    assert [change["rules"] for change in answer["changes"]] == [["F-data-expired", "F-again"]]


def test_a_permit_that_becomes_a_prohibition_narrows(morocco, changed):
    """The same conditions with the opposite effect are a change too."""
    body = '(principal, action == Action::"cloud", resource)\nwhen { resource.hw == "MA" };'
    new = changed(("rules/53-cloud.cedar", f"permit {body}", f"forbid {body}"))
    found = diff(morocco, new)
    assert (found.widens, found.narrows, {change.rules for change in found.changes}) == (
        False,
        True,
        {("P-cloud-national-soil",)},
    )


def test_reasons_alone(morocco, changed):
    """A rule that only adds a reason turns no verdict, and the reasons are said to differ."""
    more = """when { context.expired };
        @id("F-more") @fr("f") @ar("ع") @en("e") @base("b") @status("s")
        forbid (principal, action, resource) when { context.expired && context.level >= 3 };"""
    new = changed(("rules/10-common.cedar", "when { context.expired };", more))
    found = diff(morocco, new)
    assert (found.added, found.widens, found.narrows, found.reasons) == (("F-more",), False, False, True)


def test_what_changes_beside_the_rules_is_told(morocco, changed):
    """Whether declarations count, the hosts and the invariants are no rules, and change what is asked or proved."""
    new = changed(
        ("bundle.toml", "accept_declared = true", "accept_declared = false"),
        ("invariants/10-never.cedar", "context.level >= 2 && context.form !=", "context.level >= 1 && context.form !="),
        ("invariants/10-never.cedar", "context.level >= 2 && context.form ==", "context.level >= 1 && context.form =="),
    )
    found = diff(morocco, new)
    assert found.beside == ("accept_declared", "invariants")
    assert next(diff_json(found))["beside"] == ["accept_declared", "invariants"]


def test_no_more_changes_than_asked_for(morocco, changed):
    """Where there may be more changes than were asked for, the door and the direction are named."""
    new = changed(
        ("rules/50-gateway.cedar", "context.level <= 2 &&", "context.level <= 0 &&"),
        ("rules/50-gateway.cedar", "context.level >= 3 && resource.hw", "context.level >= 4 && resource.hw"),
    )
    found = diff(morocco, new, most=1)
    assert len(found.changes) == 1
    assert diff(morocco, new, most=0).narrows
    assert found.full == {(Door.GATEWAY, False)}
    assert diff(morocco, new).full == frozenset()


def test_every_question_that_turns_is_told(shared_law):
    """For small slips in a law: a random question turns only as the comparison says, at that door, for those concerned."""
    rules, country = shared_law.table.rules, shared_law.country
    asked = list(random_questions(random.Random(11), 1000, rules, country))
    before = [shared_law.table.decide(question).allowed for question in asked]
    turned = 0
    for told, slipped in list(mutants(rules))[::5]:
        answer = compare({"home": country, "old": rules_json(rules), "new": rules_json(slipped), "places": [], "most": 20})
        changes = [(Door(change["door"]), change["allows"], read_clauses(change["concerned"])) for change in answer["changes"]]
        table = Table(slipped)
        for question, was in zip(asked, before, strict=True):
            now = table.decide(question).allowed
            if now is not was:
                turned += 1
                here = [clauses for door, allows, clauses in changes if (door, allows) == (question.door, now)]
                assert any(meets(question, clauses) for clauses in here), (told, question)
        for change in answer["changes"]:
            example = read_question(change["question"], {}, 0)
            assert table.decide(example).allowed is change["allows"], told
            assert shared_law.table.decide(example).allowed is not change["allows"], told
    assert turned > 100


def test_examples_can_be_asked(morocco, changed):
    """Each row of a comparison holds its question as decide reads it, with evidence where the law wants evidence."""
    new = changed(
        ("bundle.toml", "accept_declared = true", "accept_declared = false"),
        ("rules/50-gateway.cedar", "context.level <= 2 &&", "context.level <= 1 &&"),
    )
    found: Diff = diff(morocco, new)
    rows = [row for row in diff_json(found) if "question" in row]
    assert rows
    for row in rows:
        question = read_question(row["question"], {}, 1_800_000_000, accept_declared=False)
        assert new.table.decide(question).allowed is row["allows"] is row["after"]["allowed"]
        assert morocco.table.decide(question).allowed is row["before"]["allowed"]
