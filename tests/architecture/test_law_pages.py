"""The pages about the law say what the law is: its counts, its rules, the text that each stands on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daffa.decision import Effect
from daffa.policy import Bundle

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "law-ma.md", ROOT / "policies" / "ma" / "README.md"]


@pytest.fixture(scope="module")
def law() -> Bundle:
    """The law of Morocco."""
    return Bundle.read(ROOT / "policies" / "ma")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_counts_of_a_page_are_those_of_the_law(law: Bundle, page: Path):
    """Rules, permits, prohibitions and cases are counted as they are."""
    permits = sum(rule.effect is Effect.PERMIT for rule in law.table.rules)
    text = page.read_text(encoding="utf-8")
    counts = {
        r"(\d+) (?:rules|règles)": len(law.rules),
        r"(\d+) (?:permits|autorisent|permissions)": permits,
        r"(\d+) (?:prohibitions|interdisent|interdictions)": len(law.rules) - permits,
        r"(\d+) (?:cases|cas)\b": len(law.cases),
    }
    for pattern, count in counts.items():
        assert str(count) in re.findall(pattern, text), pattern


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_rule_and_case_that_a_page_names_exists(law: Bundle, page: Path):
    """A rule or case id between backticks is one of the law."""
    known = {rule.id for rule in law.rules} | {case.id for case in law.cases}
    named = set(re.findall(r"`([PF]-[a-z][a-z0-9-]+)`", page.read_text(encoding="utf-8")))
    assert named <= known


def test_the_table_of_rules_is_whole_and_true(law: Bundle):
    """docs/law-ma.md lists every rule with the text on which it stands."""
    rows = dict(
        re.findall(r"^\| `([PF]-[a-z0-9-]+)` \| (?:[^|]*\| )*?([^|]+) \|$", PAGES[0].read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert rows == {rule.id: rule.base for rule in law.rules}


def test_every_rule_awaits_a_jurist(law: Bundle):
    """No rule claims to be confirmed law, and each says its sentence in three languages and its base."""
    for rule in law.rules:
        assert rule.status == "to be confirmed by a jurist"
        assert set(rule.says) == {"fr", "ar", "en"}
        assert rule.base


def test_the_law_is_as_large_as_was_asked(law: Bundle):
    """At least 40 rules over all five doors, and at least 60 cases."""
    assert len(law.rules) >= 40
    assert len(law.cases) >= 60
    assert {door for rule in law.table.rules for door in rule.doors} >= {"gateway", "factory", "forge", "cloud", "network"}
