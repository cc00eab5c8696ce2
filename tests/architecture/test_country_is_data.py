"""A country is data: no constant of Morocco stands in the code, outside a short list of places that are about it by nature."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "daffa"

# Codes, numbers, authorities and acts of the country, its money, its cities and its own name, in the three languages.
MOROCCO = re.compile(
    r"""["'`]MA["'`]|\bMA-\d|["'`]ma["'`]|fr-MA|ar-MA
    |\bCNDP\b|\bDGSSI\b|\bCNSS\b|\+212|\b212\b|Africa/Casablanca|\bMAD\b
    |\b09-08\b|\b05-20\b|\b31-13\b|\b2-24-921\b|\b2-21-406\b|\b2-09-165\b
    |Moroc|Maroc|maroc|المغرب|المملكة|Rabat|\brabat\b|Casablanca|الرباط""",
    re.VERBOSE,
)

BY_NATURE = {
    "language": "the languages are those of Morocco",
    "privacy": "the finders know Moroccan identifiers, and say so",
    "worlds": "the simulated providers of the tour: one of them stands in Rabat",
    "sentences/tour.toml": "the tour tells of those providers",
    "sentences/privacy.toml": "the kinds of identifiers that the finders know",
    "cli/language.py": "the commands of those languages",
    "cli/tour.py": "the tour asks those providers",
    "cli/up.py": "the example of a configuration, every line commented out",
    "cli/identity.py": "an example of a region, in a help text",
    "identity/fields.py": "an example of a region, in a message",
    "settings/file.py": "which of the shipped laws is in force where nobody says: the default of `country`",
    "assistant/words/fields.toml": "a French word for my",
    "sentences/policy.toml": "the name of the state MA, beside those of other states",
}


def found() -> dict[str, list[str]]:
    """By file, the lines that name something of Morocco."""
    lines = {}
    for path in SOURCE.rglob("*"):
        if path.is_file() and path.suffix in (".py", ".toml", ".html", ".css", ".js", ".mako"):
            text = path.read_text(encoding="utf-8").splitlines()
            if named := [line.strip() for line in text if MOROCCO.search(line)]:
                lines[path.relative_to(SOURCE).as_posix()] = named
    return lines


def reason(file: str) -> str | None:
    """Why a file may name it: the file itself is listed, or its room."""
    return BY_NATURE.get(file) or BY_NATURE.get(file.partition("/")[0])


def test_no_constant_of_morocco_stands_in_the_code():
    """Code that names Morocco is on the list, with its reason; everything else of the country is in its folder."""
    assert {file: lines for file, lines in found().items() if reason(file) is None} == {}


def test_the_list_is_no_longer_than_it_must_be():
    """Each place on the list still names something; one that does not is taken off it."""
    named = found()
    idle = [place for place in BY_NATURE if not any(file == place or file.startswith(f"{place}/") for file in named)]
    assert idle == []


def test_the_floors_of_the_decision_are_not_on_the_list():
    """What decides, proves, records and lets out knows no country at all."""
    rooms = {"decision", "policy", "guard", "audit", "gateway", "storage", "web", "app"}
    assert rooms & {place.partition("/")[0] for place in BY_NATURE} == set()


def test_every_law_is_in_the_wheel():
    """The wheel takes the folder of the laws whole: what is shipped in the tree is shipped to whoever installs."""
    assert '"policies" = "daffa/policies"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert {folder.name for folder in (ROOT / "policies").iterdir()} >= {"ma", "example"}
