"""Tiny laws of one state as texts by name, for tests of how a law changes: each is read and proved in a moment."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTES = '@fr("f") @ar("ع") @en("e") @base("b") @status("s")'
HOME = f'@id("P-home") {NOTES}\npermit (principal, action, resource) when {{ ["SN"].containsAll(resource.reach) }};\n'
PUBLIC = f'@id("P-public") {NOTES}\npermit (principal, action, resource) when {{ context.level == 0 }};\n'
LEAK = f'@id("P-leak") {NOTES}\npermit (principal, action, resource) when {{ context.level == 4 }};\n'
GUARD = (
    f'@id("never-abroad") {NOTES}\nforbid (principal, action, resource)\n'
    'when { context.level >= 3 && resource.hw != "SN" };\n'
    f'@id("may-abroad") {NOTES}\npermit (principal, action, resource)\n'
    'when { context.level >= 3 && resource.hw == "SN" };\n'
)


def law(version: str, rules: str, invariants: str = GUARD) -> dict[str, str]:
    """A law with these rules, as texts by name."""
    title = f'country = "SN"\nversion = "{version}"\naccept_declared = true\n[title]\nfr = "Loi"\nar = "قانون"\nen = "Law"\n'
    texts = {
        "bundle.toml": title,
        "schema.cedarschema": (ROOT / "policies" / "ma" / "schema.cedarschema").read_text(encoding="utf-8"),
        "hosts.toml": "",
        "rules/10-rules.cedar": rules,
    }
    return texts | ({"invariants/10-never.cedar": invariants} if invariants else {})


FIRST = law("1", HOME)
WIDER = law("2", HOME + PUBLIC)
LEAKING = law("3", HOME + LEAK)
UNGUARDED = law("4", HOME, "")


def write(folder: Path, texts: dict[str, str]) -> Path:
    """Write a law into a folder."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
