"""Every error that can be raised has its sentence in French, Arabic and English, with facts to fill it, and is documented."""

import re
import runpy
import string
from pathlib import Path

from daffa import sentences

ROOT = Path(__file__).resolve().parents[2]
PAGE = runpy.run_path(str(ROOT / "scripts" / "errors_page.py"))
RAISED = PAGE["raised"]()
CATALOGUE = sentences.catalogue()
LANGUAGES = ("fr", "ar", "en")


def blanks(template):
    """The names of the facts that a sentence is filled with."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_error_has_its_sentence():
    """A code that is raised anywhere stands in the catalogue."""
    assert {item.code: item.place for item in RAISED if item.code not in CATALOGUE} == {}


def test_every_sentence_is_said_in_three_languages():
    """Each code has a sentence in French, in Arabic and in English."""
    assert {code: LANGUAGES for code, said in CATALOGUE.items() if not all(said.get(language) for language in LANGUAGES)} == {}


def test_no_other_language_is_in_the_catalogue():
    """A sentence is keyed by a language that the house speaks."""
    assert {code for code, said in CATALOGUE.items() if not said.keys() <= set(sentences.LANGUAGES)} == set()


def test_languages_name_the_same_facts():
    """A sentence names the same facts in every language, so that no reader learns less than another."""
    assert {
        code for code, said in CATALOGUE.items() if len({frozenset(blanks(template)) for template in said.values()}) > 1
    } == set()


def test_every_fact_of_a_sentence_is_given_where_it_is_raised():
    """Who raises an error gives every fact that its sentence names."""
    lacking = {
        item.place: blanks(CATALOGUE[item.code]["en"]) - item.facts
        for item in RAISED
        if item.facts is not None and item.code in CATALOGUE and not blanks(CATALOGUE[item.code]["en"]) <= item.facts
    }
    assert lacking == {}


def test_no_sentence_is_dead():
    """Each code of the catalogue is raised, or named in the source, whole or by the beginning from which it is put together."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    alive = {item.code for item in RAISED} | set(re.findall(r'"([a-z][a-zA-Z0-9_]+)"', source))
    beginnings = tuple(re.findall(r'"([a-z][a-z_]+_)[{"]', source))
    assert [code for code in CATALOGUE if code not in alive and not code.startswith(beginnings)] == []


def test_the_page_of_errors_is_true():
    """``docs/errors.md`` is what ``scripts/errors_page.py`` prints."""
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == PAGE["page"]() + "\n"
