"""The guide to the law says what is so: its examples load and decide."""

from __future__ import annotations

import re
from pathlib import Path

from daffa.policy import Law

GUIDE = Path(__file__).parents[2] / "docs" / "howto" / "policy.md"


def test_the_rule_of_the_guide_decides_the_case_of_the_guide(law_folder):
    """The guide's case and rule are a sound law together."""
    text = GUIDE.read_text(encoding="utf-8")
    case, rule = (re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)[1] for kind in ("toml", "cedar"))
    for file in law_folder.glob("rules/*.cedar"):
        file.unlink()
    (law_folder / "rules" / "only.cedar").write_text(rule, encoding="utf-8")
    (law_folder / "cases" / "cases.toml").write_text(case, encoding="utf-8")
    (asked,) = Law.load(law_folder).bundle.cases
    assert Law.load(law_folder).bundle.table.decide(asked.question).rules == ("F-sensitive-foreign-soil",)
