"""The pages on proofs and changes: in three languages, within 80 columns, saying all that was found."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from daffa.decision import Rule, Table
from daffa.policy import (
    Bundle,
    Diff,
    Proof,
    diff,
    prove,
    random_questions,
    render_diff,
    render_proof,
    render_simulation,
    simulate,
)
from daffa.policy.columns import width

LANGUAGES = ("fr", "ar", "en")
LEFT_OUT = {"erased": 2, "unknown_place": 1, "unreadable": 0, "drifted": 4}


def with_rules(bundle: Bundle, changed: dict[str, Rule | None]) -> Bundle:
    """The law with some rules changed (or repealed) as data."""
    kept = [(written, changed.get(written.id, written.rule)) for written in bundle.rules]
    rules = tuple(replace(written, rule=rule) for written, rule in kept if rule is not None)
    return replace(bundle, rules=rules, table=Table(rule.rule for rule in rules), digest="f" * 64, version="proposed")


@pytest.fixture(scope="module")
def new(morocco: Bundle) -> Bundle:
    """A law that forgets children, keeps less long and has no rule on biometrics."""
    guarded, internal = morocco.rule("F-guarded-persons-abroad").rule, morocco.rule("P-gateway-internal-abroad").rule
    persons, *others = guarded.clauses
    level, days, *rest = internal.clauses
    forgetful = replace(guarded, clauses=(replace(persons, operand=frozenset({"health", "judicial"})), *others))
    brief = replace(internal, clauses=(level, replace(days, operand=7), *rest))
    return with_rules(morocco, {guarded.id: forgetful, internal.id: brief, "F-biometrics-abroad": None})


@pytest.fixture(scope="module")
def broken(new: Bundle) -> Proof:
    """The proof of that law, which fails."""
    return prove(new)


@pytest.fixture(scope="module")
def change(morocco: Bundle, new: Bundle) -> Diff:
    """What changes to that law."""
    return diff(morocco, new)


def lines_of(page: str, language: str) -> list[str]:
    """The lines of a page, each checked: at most 80 columns, no blank filled in, marked where it is Arabic."""
    lines = page.split("\n")
    assert max(map(width, lines)) <= 80, max(lines, key=width)
    assert lines[-1] == ""
    assert "{" not in page
    if language == "ar":
        assert all(line.startswith("\u200f") for line in lines if line)
        for line in lines:
            assert line.count("\u2068") + line.count("\u2067") == line.count("\u2069"), line
    return lines


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_proof_is_read_line_by_line(morocco, language):
    """Each invariant stands on the page with its mark and its sentence, and the conclusion says that all hold."""
    page = render_proof(prove(morocco), language)
    lines = lines_of(page, language)
    assert sum("✓" in line for line in lines) == len(morocco.invariants) + 1
    flat = " ".join(page.replace("\u200f", "").split())
    assert [one.id for one in morocco.invariants if " ".join(one.never.say(language).split()) not in flat] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_counter_example_is_told_in_words(broken, language):
    """A broken invariant shows its text, the question in words and the rules that allow it."""
    page = render_proof(broken, language)
    lines_of(page, language)
    assert len(broken.faults) == page.count("✗") == 2
    for fault in broken.faults:
        assert fault.invariant.id in page
        assert fault.broken.verdict.rules[0] in page
        assert fault.broken.question.place.id in page
    minors = {"fr": "mineurs", "ar": "القاصرون", "en": "minors"}[language]
    assert minors in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_has_its_words(broken, language):
    """Each kind of fault, and a law without invariants, is said in each language."""
    sound = next(one for one in broken.invariants if not one.fault)
    faults = [replace(sound, askable=False), replace(sound, shown=None), replace(sound, implied=("never-expired",))]
    page = render_proof(replace(broken, invariants=tuple(faults)), language)
    lines_of(page, language)
    assert page.count("✗") == 3
    assert "never-expired" in page
    assert sound.invariant.may.id in page
    lines_of(render_proof(replace(broken, invariants=(), rules=()), language), language)
    idle = (replace(broken.rules[0], needed=False), replace(broken.rules[1], needed=False, decides=False))
    page = render_proof(replace(broken, rules=idle), language)
    assert all(need.rule in page for need in idle)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_change_answers_a_jurist(change, language):
    """The page says which rules change, where more or less is allowed, for whom, and shows a question before and after."""
    page = render_diff(change, language)
    lines_of(page, language)
    assert change.changes
    for rule in (*change.altered, *change.removed):
        assert rule in page
        assert change.old.rule(rule).base.split(",")[0] in page
    assert {"fr": "PASSERELLE", "ar": "البوابة", "en": "GATEWAY"}[language] in page
    concerned = {"fr": "Qui est concerné", "ar": "من يعنيه ذلك", "en": "Whom it concerns"}[language]
    assert page.count(concerned) == len(change.changes)
    for found in change.changes:
        assert found.question.place.id in page
        assert all(rule in page for rule in (*found.before.rules, *found.after.rules))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_conclusion_has_its_words(change, language):
    """Wider, narrower, both, only other reasons, nothing: each is said, and nothing else then."""
    seen = set()
    for widens, narrows, reasons in (
        (True, False, True),
        (False, True, True),
        (True, True, True),
        (False, False, True),
        (False,) * 3,
    ):
        found = replace(change, widens=widens, narrows=narrows, reasons=reasons, changes=(), full=frozenset())
        lines = lines_of(render_diff(found, language), language)
        seen.add(next(line for line in lines if re.match("\u200f?[±+−✓] ", line)))
    assert len(seen) == 5
    rest = replace(change, added=("P-gateway-home",), reworded=("P-gateway-public",), changes=(),
                   beside=("country", "accept_declared", "hosts", "invariants", "cases"))  # fmt: skip
    lines_of(render_diff(rest, language), language)
    full = replace(change, full=frozenset((one.door, one.allows) for one in change.changes))
    assert "--most" in render_diff(full, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_simulation_counts_and_shows(morocco, new, language):
    """The page counts what turned and what was left out, by reason, and shows examples before and after."""
    questions = random_questions(random.Random(2), 3000, morocco.table.rules, morocco.country)
    found = simulate(new, ((question, morocco.table.decide(question).allowed) for question in questions), most=1)
    assert found.turned
    page = render_simulation(found, morocco, LEFT_OUT, language)
    lines_of(page, language)
    assert str(found.asked) in page
    assert all(str(turn.count) in page for turn in (*found.opened, *found.closed))
    assert sum("·" in line for line in page.split("\n")) >= 1 + sum(count > 0 for count in LEFT_OUT.values())
    # Decided under an older law than the one in force, a verdict is told without its reasons.
    assert render_simulation(found, new, LEFT_OUT, language) != page


def test_an_unknown_language_is_answered_in_english(change):
    """A language that laws do not speak gets English."""
    assert render_diff(change, "zgh") == render_diff(change, "en")
