"""The documents are true: what a page names exists, what exists is on its page, and the tree speaks of itself alone."""

import dataclasses
import itertools
import re
import tomllib
from pathlib import Path

from daffa.cli import main
from daffa.decision import ATTRIBUTES, Basis, Category, Door, Form, Label, Level, Place, Purpose
from daffa.identity import Role
from daffa.settings import ENVIRONMENT, File, Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])
FRONT_DOOR = {"test", "check", "lock"}
SKIPPED = {".git", ".venv", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis"}

# Written so that the patterns do not find themselves.
STRAY = re.compile(
    r"(?<![\w.])/(?:wor[k]|roo[t])/|/tm[p]/"  # paths of one machine
    r"|pyp[i]\.org|pythonhoste[d]\.org|npmj[s]\.|deb\.debia[n]\.org"  # registries
    # Who wrote it; the name of a model that somebody may ask is none.
    r"|\bclaud[e]\b(?!-(?:haiku|sonnet|opus)-\d)|\bcopilo[t]\b|co-authored-b[y]|as an A[I]\b|\bsubagen[t]",
    re.IGNORECASE,
)


def read(page):
    """The text of a page, by its path from the root."""
    return (ROOT / page).read_text(encoding="utf-8")


def name(path):
    """A path as a person would say it."""
    return path.relative_to(ROOT).as_posix()


def files():
    """Every file of the tree that is kept."""
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file() and not SKIPPED.intersection(path.relative_to(ROOT).parts) and "daffa.egg-info" not in path.parts
    ]


def test_every_file_that_a_page_names_exists():
    """A path under ``src``, ``tests``, ``docs``, ``scripts``, ``bench`` or ``policies`` that a page names exists."""
    named = re.compile(r"`((?:src|tests|docs|scripts|bench|policies)/[\w./-]+)`")
    missing = {(name(page), path) for page in PAGES for path in named.findall(read(page)) if not (ROOT / path).exists()}
    assert missing == set()


def test_every_link_between_pages_leads_somewhere():
    """A relative link of a page leads to a file."""
    link = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")
    missing = {(name(page), to) for page in PAGES for to in link.findall(read(page)) if not (page.parent / to).exists()}
    assert missing == set()


def test_records_are_numbered_without_a_gap():
    """Architecture decisions are numbered from 1 on without a gap, and each has its context, decision and consequences."""
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        assert [line for line in read(record).splitlines() if line.startswith("## ")] == [
            "## Context",
            "## Decision",
            "## Consequences",
        ]


def test_every_word_of_the_decision_is_in_the_glossary():
    """Each value and each field that a question can have is in the glossary, with a French and an Arabic word."""
    rows = [row for row in read("docs/glossary.md").splitlines() if row.startswith("|")]
    words = {word for kind in (Category, Basis, Purpose, Door) for word in kind}
    words |= {member.name.lower() for kind in (Level, Form) for member in kind}
    words |= {field.name for kind in (Label, Place) for field in dataclasses.fields(kind) if field.name[0] != "_"} - {"id"}
    explained = {word: row for row in rows for word in re.findall(r"^\| (?:\d \| )?[`*]+(\w+)[`*]+", row)}
    assert words - explained.keys() == set()
    assert [word for word in words if not re.search("[\u0600-\u06ff]", explained[word])] == []


def test_every_attribute_of_the_law_is_documented():
    """Each attribute that a rule may read is named in the documents."""
    pages = "\n".join(map(read, PAGES))
    assert [attribute for attribute in ATTRIBUTES if f"`{attribute}`" not in pages] == []


def test_every_setting_is_documented():
    """Each setting, each field of a table of ``daffa.toml`` and each ``DAFFA_*`` variable is named on the page of settings."""
    page = read("docs/settings.md")
    rows = {field: File.__annotations__[field] for field in File.__struct_fields__}
    names = (
        {field.name for field in dataclasses.fields(Settings)} - {"data", "places", "models", "witnesses"}
        | rows.keys()
        | ENVIRONMENT.keys()
    )
    names |= set(row_fields())
    assert sorted(word for word in names if f"`{word}`" not in page and f"`[[{word}]]`" not in page) == []


def row_fields():
    """The fields of the tables that ``daffa.toml`` lists: ``[[place]]``, ``[[model]]`` and what they hold."""
    import daffa.settings as settings

    return itertools.chain.from_iterable(
        getattr(settings, row).__struct_fields__ for row in vars(settings) if row.endswith("Row")
    )


def test_every_role_is_documented():
    """Each role that a key may have is named in the documents."""
    pages = "\n".join(map(read, PAGES))
    assert [str(role) for role in Role if f"`{role}`" not in pages] == []


def test_every_contract_and_every_room_is_in_the_architecture():
    """ARCHITECTURE.md names each import contract and each room that exists."""
    page = read("ARCHITECTURE.md")
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    wanted = [contract["name"] for contract in contracts if not contract["name"].endswith(" is entered by its face")]
    assert [contract for contract in wanted if contract not in page] == []
    rooms = [path.stem for path in (ROOT / "src" / "daffa").iterdir() if not path.stem.startswith("__") and path.stem != "py"]
    assert [room for room in rooms if f"| `{room}` |" not in page] == []


def test_every_command_that_a_page_names_exists(capsys):
    """A command that a page names is known to the front door or to the command line."""
    named = {
        tuple(words.split()) for page in PAGES for words in re.findall(r"\./daffa +([a-z]+(?: +[a-z][a-z-]*)?)", read(page))
    }
    assert named
    unknown = [" ".join(words) for words in sorted(named) if words[0] not in FRONT_DOOR and not known(words)]
    capsys.readouterr()
    assert unknown == []


def known(words):
    """Whether the command line has help on a command."""
    try:
        main([*words, "--help"])
    except SystemExit as end:
        return end.code == 0


def test_the_tree_speaks_of_itself_alone():
    """No file names a path of one machine, the address of a registry, or whoever typed it."""
    found = []
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{name(path)}:{number}" for number, line in enumerate(text.splitlines(), 1) if STRAY.search(line)]
    assert found == []
