"""A law whose table lost rules after it was loaded, as memory that was damaged or a wrong mask would: Cedar is left whole."""

from __future__ import annotations

from pathlib import Path

from daffa.decision import Table

IDENTIFIERS = "F-raw-identifiers-abroad"
GROUND = "F-transfer-without-ground"
"""The first keeps personal data of level 1 from going abroad as it is, the second where no legal basis was named."""

_STARTS_WITH = """\
import sys

if "up" in sys.orig_argv:
    from daffa.guard import guard
    from sabotage import lose

    weigh = guard.Guard._weigh_evidence

    def sabotaged(self, now):
        weigh(self, now)
        table = self._weighed_under.bundle.table
        if any(rule.id in {rules!r} for rule in table.rules):
            lose(table, *{rules!r})

    guard.Guard._weigh_evidence = sabotaged
"""


def lose(table: Table, *rules: str) -> None:
    """Have ``table`` forget rules from now on."""
    left = [rule for rule in table.rules if rule.id not in rules]
    assert len(left) == len(table.rules) - len(rules)
    table.__dict__.update(Table(left).__dict__)


def damaged(folder: Path, *rules: str) -> dict[str, str]:
    """The variables under which a server loses ``rules`` of whatever law is in force; ``folder`` keeps what brings it about.

    Without ``rules``: those that keep questions in which an identity card is named from going to any model abroad.
    """
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(_STARTS_WITH.format(rules=rules or (IDENTIFIERS, GROUND)), encoding="utf-8")
    return {"PYTHONPATH": f"{folder}:{Path(__file__).parent}"}
