"""What is proved of a law, what is refused, and how a proof is kept."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from daffa.decision import Table
from daffa.errors import Invalid, Unavailable
from daffa.policy import Bundle, Law, assure, proof_key, prove, question_json, random_questions, try_law
from daffa.policy import proofs as proofs_module
from daffa.policy import solver as solver_module
from daffa.policy.wire import rules_json

NOTES = '@fr("f") @ar("ع") @en("e") @base("b") @status("s")'
NEVER = 'context.level >= 3 && resource.hw != "SN"'
MAY = 'context.level >= 3 && resource.hw == "SN"'


def invariant(name: str, never: str, may: str, doors: str = "action") -> str:
    """An invariant as Cedar text."""
    return (
        f'@id("never-{name}") {NOTES}\nforbid (principal, {doors}, resource) when {{ {never} }};\n'
        f'@id("may-{name}") {NOTES}\npermit (principal, {doors}, resource) when {{ {may} }};\n'
    )


@pytest.fixture
def proved(with_rules):
    """Write a law with these rules and invariants; say its folder."""

    def write(rules: str, *invariants: str) -> Path:
        folder = with_rules(rules)
        (folder / "invariants").mkdir(exist_ok=True)
        (folder / "invariants" / "10-never.cedar").write_text("".join(invariants), encoding="utf-8")
        return folder

    return write


HOME = f'@id("P-home") {NOTES}\npermit (principal, action, resource) when {{ ["SN"].containsAll(resource.reach) }};\n'
PUBLIC = f'@id("P-public") {NOTES}\npermit (principal, action, resource) when {{ context.level == 0 }};\n'
LEAK = (
    f'@id("P-leak") {NOTES}\npermit (principal, action, resource) when {{ context.level == 4 && resource.operator == "SN" }};\n'
)


def test_the_shipped_law_is_proved(morocco):
    """At least twelve invariants of Morocco hold, none is empty or said twice, and each rule turns some verdict."""
    proof = prove(morocco)
    assert len(proof.invariants) >= 12
    assert proof.faults == ()
    assert [need for need in proof.rules if not need.needed] == []
    assert [need.rule for need in proof.rules] == [rule.id for rule in morocco.rules]
    for proved in proof.invariants:
        assert proved.shown.verdict.allowed
        assert proved.invariant.may.rule.holds(proved.shown.question)
        assert not proved.invariant.never.rule.holds(proved.shown.question)


def test_an_invariant_says_what_the_issue_asks_for(morocco):
    """What must never happen in Morocco is stated: soil, control and reach of level 3, persons and text abroad, training."""
    stated = {invariant.id for invariant in morocco.invariants}
    assert stated >= {
        "never-sensitive-foreign-soil",
        "never-sensitive-foreign-control",
        "never-sensitive-foreign-reach",
        "never-guarded-persons-abroad",
        "never-restricted-text-abroad",
        "never-training-place-beyond-public",
        "never-sensitive-unqualified-service",
        "never-secret-keys-outside-state",
        "never-expired",
        "never-purpose-not-permitted",
        "never-raw-identifiers-abroad",
        "never-transfer-without-ground",
        "never-unevaluated-deployed",
    }
    for invariant in morocco.invariants:
        assert set(invariant.never.says) == set(invariant.may.says) == {"fr", "ar", "en"}
        assert invariant.never.status == "to be confirmed by a jurist"


def test_a_broken_invariant_has_a_counter_example(proved):
    """A law that allows what it should never is not proved; the counter-example meets the never and is allowed."""
    bundle = Bundle.read(proved(HOME + LEAK, invariant("abroad", NEVER, MAY)))
    (found,) = prove(bundle).faults
    assert (found.fault, found.broken.verdict.rules) == ("broken", ("P-leak",))
    question = found.broken.question
    assert found.invariant.never.rule.holds(question)
    assert (question.label.level, question.place.operator, question.label.categories) == (4, "SN", frozenset())
    assert question.place.hw != "SN"


@pytest.mark.parametrize(
    ("rules", "invariants", "faults"),
    [
        (PUBLIC, [invariant("abroad", NEVER, MAY)], {"never-abroad": "unshown"}),
        (
            HOME,
            [invariant("moon", 'resource.hw == "SN" && ["FR"].containsAll(resource.reach)', 'resource.hw == "SN"')],
            {"never-moon": "unaskable"},
        ),
        (
            HOME,
            [
                invariant("abroad", NEVER, MAY),
                invariant("secret-abroad", 'context.level == 4 && resource.hw != "SN"', "context.level == 4"),
            ],
            {"never-secret-abroad": "implied"},
        ),
        (
            HOME,
            [
                invariant("soil", NEVER, MAY),
                invariant("reach", 'context.level >= 3 && !["SN"].containsAll(resource.reach)', "context.level >= 3"),
            ],
            {"never-soil": "implied"},
        ),
        (
            HOME,
            [
                invariant("three", 'context.level == 3 && resource.hw != "SN"', "context.level == 3"),
                invariant("four", 'context.level == 4 && resource.hw != "SN"', "context.level == 4"),
                invariant("both", NEVER, MAY),
            ],
            {"never-three": "implied", "never-four": "implied", "never-both": "implied"},
        ),
        (HOME, [invariant("abroad", NEVER, MAY, 'action == Action::"cloud"')], {}),
    ],
    ids=["refuses everything", "nobody can ask", "narrower", "follows from an axiom", "two make one", "sound"],
)
def test_an_invariant_that_proves_nothing_is_a_fault(proved, rules, invariants, faults):
    """A never beside which nothing is allowed, that nobody can ask for, or that others say already, does not stand."""
    bundle = Bundle.read(proved(rules, *invariants))
    assert {one.invariant.id: one.fault for one in prove(bundle).faults} == faults


def test_what_implies_an_invariant_is_named(proved):
    """An invariant that follows from others names them."""
    three = invariant("three", 'context.level == 3 && resource.hw != "SN"', "context.level == 3")
    four = invariant("four", 'context.level == 4 && resource.hw != "SN"', "context.level == 4")
    bundle = Bundle.read(
        proved(HOME, three, four, invariant("both", NEVER, MAY), invariant("expired", "context.expired", "!context.expired"))
    )
    implied = {one.invariant.id: set(one.implied) for one in prove(bundle).invariants}
    assert implied["never-both"] == {"never-three", "never-four"}
    assert implied["never-expired"] == set()


def test_a_law_without_invariants_needs_no_proof(small_law, monkeypatch):
    """Where nothing is stated, nothing is asked of the solver."""
    monkeypatch.setattr(solver_module, "_COMMAND", ("/nonexistent",))
    assert small_law.invariants == ()
    assure(small_law)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'@id("never-x") {NOTES} forbid (principal, action, resource) when {{ context.expired }};', "may-x"),
        (f'@id("may-x") {NOTES} permit (principal, action, resource) when {{ context.expired }};', "never-x"),
        (f'@id("x") {NOTES} forbid (principal, action, resource) when {{ context.expired }};', 'forbid @id("never-'),
        (f'@id("may-x") {NOTES} forbid (principal, action, resource) when {{ context.expired }};', 'forbid @id("never-'),
        (invariant("x", "context.expired && context.evaluated", "!context.expired"), "all conditions of never-x but one"),
        (invariant("x", "context.expired", "context.expired"), "all conditions of never-x but one"),
        (
            invariant("x", "context.expired", "!context.expired")
            .replace("permit (principal, action,", "permit (principal, action,")
            .replace("forbid (principal, action,", 'forbid (principal, action == Action::"cloud",'),
            "all conditions of never-x but one",
        ),
    ],
)
def test_an_invariant_out_of_shape_is_refused_by_name(proved, text, told):
    """A block without its other half, of the wrong kind, or that turns more than one condition is an error with its line."""
    with pytest.raises(Invalid) as caught:
        Bundle.read(proved(HOME, text))
    assert caught.value.code == "law_invariant"
    assert told in caught.value.facts["expected"]
    assert caught.value.facts["file"] == "invariants/10-never.cedar"


def test_an_invariant_is_held_to_the_language_of_rules(proved):
    """Words that no question has, and constructs outside the profile, are refused in invariants as in rules."""
    for text, code in ((invariant("x", 'context.form == "anonymised"', "true"), "law_word"), ("forbid", "law_syntax")):
        with pytest.raises(Invalid) as caught:
            Bundle.read(proved(HOME, text))
        assert caught.value.code == code


def test_invariants_are_not_in_the_digest_but_in_the_proof(proved):
    """Like cases, invariants judge the law and are no part of it; a proof is of both."""
    one = Bundle.read(proved(HOME, invariant("abroad", NEVER, MAY)))
    two = Bundle.read(
        proved(HOME, invariant("abroad", NEVER, MAY), invariant("expired", "context.expired", "!context.expired"))
    )
    assert one.digest == two.digest
    assert proof_key(one) != proof_key(two)


def test_the_need_for_a_rule_is_what_questions_show(shared_law):
    """A rule that the proof holds for needless turns no random question; one that decides none decides none of them."""
    rules = shared_law.table.rules
    needs = {need.rule: need for need in prove(shared_law).rules}
    asked = list(random_questions(random.Random(3), 3000, rules, shared_law.country))
    for rule in rules:
        without = Table(kept for kept in rules if kept is not rule)
        turned = any(without.decide(one).allowed is not shared_law.table.decide(one).allowed for one in asked)
        decided = any(rule.id in shared_law.table.decide(one).rules for one in asked)
        assert needs[rule.id].needed or not turned
        assert needs[rule.id].decides or not decided


def test_a_rule_that_changes_nothing_is_listed(with_rules):
    """A rule within another adds a reason at most; one that contradicts itself decides nothing."""
    within = HOME.replace("P-home", "P-own").replace("when { ", "when { context.same_owner && ")
    never = HOME.replace("P-home", "P-never").replace("when { ", 'when { resource.hw == "FR" && ')
    needs = {need.rule: (need.needed, need.decides) for need in prove(Bundle.read(with_rules(HOME + within + never))).rules}
    assert needs == {"P-home": (True, True), "P-own": (False, True), "P-never": (False, False)}


def test_a_law_that_is_not_proved_does_not_come_into_force(proved):
    """The trial of a law with a broken invariant raises, and the law in force stays; the error holds the question."""
    folder = proved(HOME, invariant("abroad", NEVER, MAY))
    law = Law.load(folder)
    before = law.bundle
    proved(HOME + LEAK, invariant("abroad", NEVER, MAY))
    with pytest.raises(Invalid) as caught:
        law.put(try_law(Bundle.read(folder)))
    assert (caught.value.code, caught.value.facts["rules"]) == ("law_invariant_broken", "P-leak")
    assert json.loads(caught.value.facts["question"])["label"]["level"] == "secret"
    assert law.bundle is before
    for text, code in (
        (
            invariant("x", 'resource.hw == "SN" && ["FR"].containsAll(resource.reach)', 'resource.hw == "SN"'),
            "law_invariant_unaskable",
        ),
        (invariant("x", NEVER, MAY) + invariant("y", NEVER, MAY), "law_invariant_implied"),
    ):
        with pytest.raises(Invalid) as caught:
            Law.load(proved(HOME, text))
        assert caught.value.code == code
    with pytest.raises(Invalid) as caught:
        Law.load(proved(PUBLIC, invariant("x", NEVER, MAY)))
    assert (caught.value.code, caught.value.facts["may"]) == ("law_invariant_unshown", "may-x")


def test_a_law_is_proved_once(proved, tmp_path, monkeypatch):
    """A kept proof is believed for the same law, invariants and prover, and for no other; what is damaged is proved again."""
    kept = tmp_path / "data" / "proofs"
    folder = proved(HOME, invariant("abroad", NEVER, MAY))
    digest = Law.load(folder, kept).bundle.digest
    (record,) = kept.iterdir()
    assert record.name == f"{digest}.json"
    monkeypatch.setattr(solver_module, "_COMMAND", ("/nonexistent",))
    Law.load(folder, kept).put(try_law(Bundle.read(folder), kept))
    whole = record.read_bytes()
    for damaged in (
        b"",
        b"{",
        b"[]",
        whole.replace(b"never-abroad", b"never-broken"),
        whole.replace(digest.encode(), b"0" * 64),
    ):
        record.write_bytes(damaged)
        with pytest.raises(Unavailable, match="nonexistent"):
            Law.load(folder, kept)
    record.write_bytes(whole)
    with pytest.raises(Unavailable):
        Law.load(folder)
    (folder / "invariants" / "20-more.cedar").write_text(invariant("expired", "context.expired", "!context.expired"))
    with pytest.raises(Unavailable):
        Law.load(folder, kept)
    (folder / "invariants" / "20-more.cedar").unlink()
    monkeypatch.setattr(proofs_module, "_prover", lambda: "another prover")
    with pytest.raises(Unavailable):
        Law.load(folder, kept)


def test_a_law_that_is_not_proved_leaves_no_record(proved, tmp_path):
    """Only a proof is kept, and where it cannot be kept the law loads all the same."""
    with pytest.raises(Invalid):
        Law.load(proved(HOME + LEAK, invariant("abroad", NEVER, MAY)), tmp_path / "proofs")
    assert not (tmp_path / "proofs").exists()
    (tmp_path / "file").write_text("")
    assert Law.load(proved(HOME, invariant("abroad", NEVER, MAY)), tmp_path / "file").bundle.invariants


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import sys; sys.exit('no memory left')", "no memory left"),
        ("import os; os._exit(9)", "exit code 9"),
        ("print('{')", "answer"),
        ("print('[]')", "answer"),
    ],
)
def test_a_solver_that_fails_keeps_the_law_out(proved, monkeypatch, program, told):
    """A solver that dies or talks nonsense is an error of the house, not a proof."""
    monkeypatch.setattr(solver_module, "_COMMAND", (sys.executable, "-c", program))
    with pytest.raises(Unavailable) as caught:
        Law.load(proved(HOME, invariant("abroad", NEVER, MAY)))
    assert caught.value.code == "law_solver_silent"
    assert told in caught.value.facts["reason"]


def test_a_solver_that_the_table_contradicts_proves_nothing(proved, monkeypatch):
    """An example that the table decides otherwise is an error of the house: one of both judges is wrong."""
    bundle = Bundle.read(proved(HOME, invariant("abroad", NEVER, MAY)))
    (stands,) = prove(bundle).invariants
    asked = question_json(stands.shown.question)
    asked["place"]["reach"] = ["FR"]
    said = {"askable": True, "broken": asked, "shown": asked, "implied": []}
    answer = json.dumps({"task": "prove", "invariants": [said], "rules": [], "checks": 1, "solver": "0"})
    monkeypatch.setattr(solver_module, "_COMMAND", (sys.executable, "-c", f"print({answer!r})"))
    with pytest.raises(Unavailable) as caught:
        assure(bundle)
    assert caught.value.code == "law_solver_wrong"


def test_the_same_law_is_proved_alike(morocco):
    """Whatever the seed of Python's hashes, the solver gives the same examples: two readers see the same page."""
    request = {
        "task": "prove",
        "home": "MA",
        "rules": rules_json(rule for rule in morocco.table.rules if rule.id != "F-restricted-text-abroad"),
        "nevers": rules_json(invariant.never.rule for invariant in morocco.invariants),
        "mays": rules_json(invariant.may.rule for invariant in morocco.invariants),
        "places": [],
        "thorough": True,
    }
    command = [sys.executable, "-m", "daffa.policy.proof"]
    answers = {
        subprocess.run(
            command,
            input=json.dumps(request),
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(answers) == 1
    assert '"broken": {' in answers.pop()


def test_no_server_holds_the_solver():
    """Neither the law's room, nor the wiring, nor the command line imports the solver."""
    code = "import sys, daffa.policy, daffa.app, daffa.cli; sys.exit('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
