"""Whether a pack fits together: what lint finds that no single file shows."""

import json
import shutil

import pytest

from daffa.errors import NotFound
from daffa.packs import Origin, Severity, lint, origin_of, shipped


def errors(folder, origin=None):
    """The errors, as file, field and what was expected."""
    return [(one.file, one.field, one.expected) for one in lint(folder, origin) if one.severity is Severity.ERROR]


def test_the_example_has_no_error(data_pack, tool_pack):
    """With its tools and without, the example is sound."""
    assert errors(data_pack) == []
    assert errors(tool_pack, Origin.WHEEL) == []


def test_a_missing_language_is_an_error_unless_it_is_said_why(data_pack, spoil):
    """Each document is there in each language of the pack, or ``[[absent]]`` gives the reason; ``*`` stands for all."""
    spoil(data_pack, "pack.toml", 'document = "delays"', 'document = "*"')
    assert errors(data_pack) == []
    spoil(data_pack, "pack.toml", 'language = "en"', 'language = "fr"')
    assert errors(data_pack) == [
        ("documents/delays.en.md", "file", "the document, or [[absent]] in pack.toml with a reason"),
    ]


def test_an_absence_needs_a_reason_and_a_document(data_pack, spoil):
    """An absence without a word is an error; one of a document that nobody has is a warning."""
    spoil(data_pack, "pack.toml", "Not translated yet.", "")
    assert errors(data_pack) == [("pack.toml", "reason", "a reason")]
    spoil(data_pack, "pack.toml", 'reason = ""', 'reason = "later"')
    spoil(data_pack, "pack.toml", 'document = "delays"', 'document = "delay"')
    assert "absent delay en" in [one.field for one in lint(data_pack)]


def test_a_document_in_a_language_that_the_pack_has_not_is_an_error(data_pack, spoil):
    """The languages of the pack are those of its documents."""
    spoil(data_pack, "pack.toml", '"fr", "ar", "en"', '"fr", "en"')
    assert ("documents/delays.ar.md", "language", "a language of pack.toml") in errors(data_pack)


def test_a_source_that_nothing_rests_on_is_a_warning(data_pack, spoil):
    """It may be a mistake, and keeps nobody out."""
    spoil(data_pack, "pack.toml", "[[absent]]", '[[source]]\nid = "law-2"\ntitle = "t"\nurl = ""\nlicence = "l"\n\n[[absent]]')
    assert errors(data_pack) == []
    assert "source law-2" in [one.field for one in lint(data_pack)]


def question(**changed):
    """A sound question, changed."""
    sound = {
        "id": "q", "language": "fr-Latn", "question": "Combien ?", "status": "answered", "documents": ["delays"],
        "spans": ["60 jours"],
    }  # fmt: skip
    return {name: value for name, value in {**sound, **changed}.items() if value is not None}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"documents": ["delay"]}, "documents"),
        ({"spans": ["61 jours"]}, "spans"),
        ({"spans": ["60 jours", "61 jours"]}, "spans"),
        ({"spans": ["Le délai général\n\nL'administration"]}, "spans"),
        ({"spans": ["jo"]}, "spans"),
        ({"spans": []}, "status"),
        ({"documents": [], "spans": []}, "status"),
        ({"question": " "}, "question"),
        ({"status": "not_covered"}, "status"),
        ({"tool": {"name": "deadline", "arguments": {}, "value": 1}}, "tool"),
    ],
)
def test_a_question_that_cannot_be_held_is_an_error(data_pack, changed, field):
    """A question names documents of the pack and words that stand in them, and is covered or not, not both."""
    (data_pack / "questions.jsonl").write_text(json.dumps(question(**changed)), encoding="utf-8")
    assert field in [name for _, name, _ in errors(data_pack)]


def test_spans_may_be_of_any_language_of_the_document(data_pack):
    """A French question may be answered from the Arabic text: its words count too."""
    (data_pack / "questions.jsonl").write_text(json.dumps(question(spans=["60 يوما"])), encoding="utf-8")
    assert errors(data_pack) == []


def test_a_clarification_needs_no_document(data_pack):
    """What must be asked back has no span."""
    changed = question(status="clarification", documents=None, spans=None)
    (data_pack / "questions.jsonl").write_text(json.dumps(changed), encoding="utf-8")
    assert errors(data_pack) == []


def case(**changed):
    """A sound line of tools.jsonl, changed."""
    sound = {"tool": "deadline", "input": {"day": "2026-06-01"}, "expected": 30, "source": "law-1"}
    return {name: value for name, value in {**sound, **changed}.items() if value is not None}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"tool": "other"}, "tool"),
        ({"source": "law-2"}, "source"),
        ({"input": {}}, "input.day"),
        ({"expected": None}, "expected"),
        ({"refused": "invalid_field"}, "expected"),
        ({"tolerance": -1}, "tolerance"),
    ],
)
def test_a_published_value_is_complete(tool_pack, changed, field):
    """It names a tool, a day, a source, and a value or an error."""
    lines = [json.dumps(case())] * 3 + [json.dumps(case(**changed))]
    (tool_pack / "tools.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert [name for _, name, _ in errors(tool_pack, Origin.WHEEL)] == [field]


def test_a_tool_with_two_published_values_is_an_error(tool_pack):
    """Three values that somebody has published, at least; refusals do not count."""
    lines = [json.dumps(case())] * 2 + [json.dumps(case(expected=None, refused="parameter_not_valid"))] * 3
    (tool_pack / "tools.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert errors(tool_pack, Origin.WHEEL) == [("tools.jsonl", "deadline", "at least 3 published values")]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("from typing import Annotated", "import os\nfrom typing import Annotated", "code"),
        ("from typing import Annotated", "from . import x\nfrom typing import Annotated", "code"),
        ("days = at", "import time\n    days = at", "code"),
        ("days = at", "day = at.day.today()\n    days = at", "code"),
        ("def deadline", "def deadline(", "code"),
        ('name="deadline"', 'name="Dead line"', "name"),
        ('"en": "Time to answer"', '"xx": "Time to answer"', "deadline.title"),
        (', asked(fr="nombre de dossiers", ar="عدد الملفات", en="number of files", ge=1, le=1000)', ", 1", "deadline.files"),
        ("files: Annotated", "day: Annotated", "TOOLS"),
        ("TOOLS = (", "TOOLS = 1\nOTHERS = (", "TOOLS"),
        ("input=Deadline", "input=int", "TOOLS"),
    ],
)
def test_a_tool_that_is_not_pure_or_not_described_is_an_error(tool_pack, spoil, old, new, field):
    """Imports, clocks, missing titles and code that does not load are found before anybody asks the tool."""
    spoil(tool_pack, "tools.py", old, new)
    assert field in [name for _, name, _ in errors(tool_pack, Origin.WHEEL)]


def test_values_without_tools_are_an_error(tool_pack):
    """A tools.jsonl beside no tools.py belongs to nothing."""
    (tool_pack / "tools.py").unlink()
    assert ("tools.jsonl", "file", "tools.py beside it") in errors(tool_pack, Origin.WHEEL)


def test_where_a_folder_lies_says_what_it_is_and_not_what_is_in_it(tmp_path):
    """A folder outside of the shipped ones is data, though it says that it is a package."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x/__init__.py").write_text("", encoding="utf-8")
    assert origin_of(tmp_path / "x") is Origin.FOLDER
    assert {origin_of(folder) for folder in shipped()} == {Origin.SHIPPED}


def test_nothing_is_found_where_nothing_is(tmp_path):
    """A folder that is not there is not a sound pack."""
    with pytest.raises(NotFound):
        lint(tmp_path / "nothing")


def test_errors_come_first_and_in_the_order_of_the_files(tool_pack, spoil):
    """Whoever reads from the top reads what matters."""
    spoil(tool_pack, "glossary.csv", ",law-1", ",law-9")
    spoil(tool_pack, "documents/delays.fr.md", "## Le délai général", "Le délai général")
    shutil.rmtree(tool_pack / "forms")
    found = lint(tool_pack, Origin.WHEEL)
    assert [one.severity for one in found] == sorted(one.severity for one in found)
    assert found[0].file == "glossary.csv"
