"""The guide to the law says what is so: its examples load and decide."""

from __future__ import annotations

import re
from pathlib import Path

from daffa.policy import Bundle, Law

HOWTO = Path(__file__).parents[2] / "docs" / "howto"
GUIDE = HOWTO / "policy.md"


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


def test_the_title_file_of_the_guide_to_a_country_reads(law_folder):
    """The guide's `bundle.toml` is one: country, title in three languages, and names that the vocabulary has."""
    (title, _) = re.findall(r"```toml\n(.*?)```", (HOWTO / "country.md").read_text(encoding="utf-8"), re.DOTALL)
    (law_folder / "bundle.toml").write_text(title, encoding="utf-8")
    law = Bundle.read(law_folder)
    assert (law.country, law.names["region", "SN-DK"]["ar"]) == ("SN", "دكار")
