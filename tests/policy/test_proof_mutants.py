"""Planted holes: every slip in a rule is found by an invariant or by a case, as docs/proof.md says row by row."""

from __future__ import annotations

import collections
import re
import shutil
from pathlib import Path

import pytest
import z3
from law_mutants import finders, mutants

from daffa.policy import Bundle
from daffa.policy.proof.ruled import Ruled
from daffa.policy.proof.search import Search
from daffa.policy.proof.world import World

ROOT = Path(__file__).resolve().parents[2]
MOROCCO = ROOT / "policies" / "ma"
PAGE = (ROOT / "docs" / "proof.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([^|`]+) \| `([PF]-[a-z-]+)` \| `([^`]*)` \| (?:`([^`]*)`|\*nothing\*) \| `([a-z-]+)` \|$", re.MULTILINE)
HOLES = [match.groups(default="") for match in ROW.finditer(PAGE)]


def test_at_least_ten_holes_are_planted():
    """The page plants at least ten holes, in different rules, and nothing finds any in the law as shipped."""
    rows = [line for line in PAGE.partition("## Planted holes")[2].splitlines() if line.startswith("| ")]
    assert len(HOLES) == len(rows[1:]) >= 10
    assert len({rule for _, rule, *_ in HOLES}) >= 10
    bundle = Bundle.read(MOROCCO)
    assert finders(bundle, bundle.table.rules) == (set(), set(), set())


@pytest.mark.parametrize(("told", "rule", "written", "made", "finder"), HOLES, ids=[hole[0] for hole in HOLES])
def test_a_planted_hole_is_found(tmp_path, told, rule, written, made, finder):
    """The law with the hole reads well, and what the page names finds it."""
    folder = tmp_path / "law"
    shutil.copytree(MOROCCO, folder)
    for file in (folder / "rules").glob("*.cedar"):
        text = file.read_text(encoding="utf-8")
        if (start := text.find(f'@id("{rule}")')) >= 0:
            assert text.count(written, start, text.index(";", text.index("principal, action", start))) == 1, told
            file.write_text(text[:start] + text[start:].replace(written, made, 1), encoding="utf-8")
    bundle = Bundle.read(folder)
    assert bundle.rule(rule).rule != Bundle.read(MOROCCO).rule(rule).rule
    nevers, mays, cases = finders(bundle, bundle.table.rules)
    assert finder in nevers | mays | cases


@pytest.mark.scale
def test_every_small_slip_that_turns_a_verdict_is_found():
    """Of all small slips, those that turn a verdict are found, and the page counts them as they are."""
    bundle = Bundle.read(MOROCCO)
    counts: collections.Counter[str] = collections.Counter()
    for told, rules in mutants(bundle.table.rules):
        search = Search(World((*bundle.table.rules, *rules), bundle.country))
        old, new = Ruled(search, bundle.table.rules, "old "), Ruled(search, rules, "new ")
        turns = search.find(z3.Xor(old.allowed, new.allowed)) is not None
        nevers, mays, cases = finders(bundle, rules)
        assert (nevers or mays or cases) or not turns, told
        counts["all"] += 1
        counts["turn"] += turns
        counts["never"] += bool(nevers)
        counts["may"] += bool(mays and not nevers)
        counts["reasons"] += bool(cases and not turns)
    said = [
        rf"Of {counts['all']} such mutants",
        rf"{counts['turn']} turn a verdict",
        rf"{counts['never']} break a\s+never",
        rf"{counts['may']} leave a may",
        rf"{counts['all'] - counts['turn']} turn no verdict: {counts['reasons']} change the reasons",
    ]
    assert [line for line in said if not re.search(line, PAGE)] == []
