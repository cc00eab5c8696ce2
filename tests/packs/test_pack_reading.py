"""From a folder to a pack: what is read, and how each mistake is told with its file, line, field, expected and got."""

import contextlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daffa.decision import Label, Level
from daffa.errors import DaffaError, Invalid, NotFound
from daffa.packs import Origin, Severity, lint, read_pack
from daffa.packs.written import line_of

EXAMPLE = Path(__file__).parent / "data" / "example"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    cut=st.integers(0, 3000),
    put=st.sampled_from(["", "\0", "\ufeff", "[", '"', "\n", "=", "+++", "é", "]]", "'''", "{", "\u2028", "x = 1\n"]),
    file=st.sampled_from([
        "pack.toml", "documents/delays.fr.md", "glossary.csv", "parameters.toml", "questions.jsonl", "templates/request.fr.md",
        "forms/request.toml",
    ]),
)  # fmt: skip
def test_whatever_is_in_a_file_is_read_or_refused_by_name(data_pack, cut, put, file):
    """A file spoiled in any place ends in a pack or in an error that names file, line and field; lint says the same."""
    path = data_pack / file
    whole = path.read_text(encoding="utf-8")
    place = cut % len(whole)
    path.write_text(whole[:place] + put + whole[place + 1 :], encoding="utf-8")
    try:
        read_pack(data_pack)
    except Invalid as error:
        refused = error
    else:
        refused = None
    found = [one for one in lint(data_pack) if one.severity is Severity.ERROR]
    path.write_text(whole, encoding="utf-8")
    if refused is not None:
        assert refused.code == "invalid_pack"
        assert set(refused.facts) == {"file", "line", "field", "expected", "got"}
        assert (refused.facts["file"], refused.facts["line"]) in {(one.file, one.line) for one in found}


def test_a_whole_pack_is_read(data_pack):
    """Everything that is in the folder is in the pack."""
    pack = read_pack(data_pack)
    assert (pack.id, pack.version, pack.origin) == ("example", "2026.1", Origin.FOLDER)
    assert {(one.name, one.language, one.tag) for one in pack.documents} == {
        ("delays", "fr", "fr-Latn"),
        ("delays", "ar", "ar-Arab"),
    }
    french = next(one for one in pack.documents if one.language == "fr")
    assert french.text.startswith("## Le délai général\n")
    assert (data_pack / "documents/delays.fr.md").read_text(encoding="utf-8").split("\n")[
        french.line - 1
    ] == "## Le délai général"
    (entry,) = pack.glossary
    assert entry.words["fr"] == ("délai", "temps de réponse")
    assert "zgh" not in entry.words
    assert pack.templates[0].facts["applicant"].type == "person"
    assert pack.forms[0].fields[0].cues["fr"][0] == "nom et prénom"
    assert [one.status for one in pack.questions] == ["answered", "not_covered"]


def test_reading_twice_gives_the_same(data_pack):
    """What is read depends on the files alone."""
    one, two = read_pack(data_pack), read_pack(data_pack)
    assert {name: getattr(one, name) for name in one.__slots__ if name != "parameters"} == {
        name: getattr(two, name) for name in two.__slots__ if name != "parameters"
    }
    assert dict(one.parameters) == dict(two.parameters)


@given(level=st.sampled_from(list(Level)), own=st.sampled_from([None, *Level]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_a_label_is_joined_and_never_lowered(data_pack, level, own):
    """The label of a document is the pack's joined with its own: at least as high as each."""
    toml = (EXAMPLE / "pack.toml").read_text(encoding="utf-8")
    (data_pack / "pack.toml").write_text(toml.replace("level=public", f"level={level.name.lower()}"), encoding="utf-8")
    text = (EXAMPLE / "documents/delays.ar.md").read_text(encoding="utf-8")
    said = "" if own is None else f'label = "level={own.name.lower()}"\n'
    (data_pack / "documents/delays.ar.md").write_text(text.replace('label = "level=internal"\n', said), encoding="utf-8")
    pack = read_pack(data_pack)
    arabic = next(one for one in pack.documents if one.language == "ar")
    assert pack.label == Label(level=level)
    assert arabic.label == Label(level=max(level, own or Level.PUBLIC))


ID = "the id of a [[source]] of pack.toml"
LEVELS = "public | internal | restricted | confidential | secret"
CUES = 'cues.fr = ["nom et prénom", "nom complet"]\ncues.ar = ["الاسم العائلي والشخصي"]\n'
VALUE = "parameter[1].value[1].value"

MISTAKES = [
    ("pack.toml", 'id = "example"', 'id = "other"', 1, "id", "the name of the folder, example"),
    ("pack.toml", 'id = "example"', 'id = "../x"', 1, "id", "2 to 40 letters a-z, digits, -"),
    ("pack.toml", 'version = "2026.1"', 'version = "new"', 2, "version", "two to four numbers with points, e.g. 2026.1"),
    ("pack.toml", 'version = "2026.1"', "version = 2026.1", 2, "version", "text"),
    ("pack.toml", 'owner = "Ministry of Examples"\n', "", 1, "owner", "to be present"),
    ("pack.toml", 'owner = "Ministry of Examples"', 'owner = " "', 3, "owner", "words"),
    ("pack.toml", 'jurisdiction = "XA"', 'jurisdiction = "Example"', 5, "jurisdiction", "ISO 3166-1 or 3166-2"),
    ("pack.toml", '"fr", "ar", "en"]', '"fr", "ar", "xx"]', 6, "languages[3]", "one of its words"),
    ("pack.toml", '"fr", "ar", "en"]', '"fr", "ar", "fr"]', 6, "languages", "each language once, at least one"),
    ("pack.toml", "level=public", "level=nothing", 7, "label: level", LEVELS),
    ("pack.toml", "valid_to = 2026-12-31", "valid_to = 2025-12-31", 9, "valid_to", "2026-01-01 or later"),
    ("pack.toml", "valid_to = 2026-12-31", "valid_too = 2026-12-31", 9, "valid_too", "no such key"),
    ("pack.toml", "valid_to = 2026-12-31", 'valid_to = "soon"', 9, "valid_to", "a date such as 2026-06-01"),
    ("pack.toml", 'ar = "مثال"\n', "", 11, "title", "a title in ar"),
    ("pack.toml", 'licence = "official text"', 'licence = ""', 16, "licence", "words"),
    ("pack.toml", "https://example.org/law-1", "javascript:alert(1)", 16, "url", "an http(s) address, or nothing"),
    ("pack.toml", "[[absent]]", "[absent]", 23, "absent", "a list"),
    ("pack.toml", "[[source]]", "[[source]", 16, "TOML", "TOML"),
    ("documents/delays.fr.md", 'sources = ["law-1"]', "sources = []", 3, "sources", "at least one"),
    ("documents/delays.fr.md", 'sources = ["law-1"]', 'sources = ["law-2"]', 3, "sources", ID),
    ("documents/delays.fr.md", 'work = "Law 1"', "valid_to = 2025-01-01", 5, "valid_to", "2026-01-01 or later"),
    ("documents/delays.fr.md", "60 jours.", "60 jours <b>.", 10, "text", "Markdown without HTML and images"),
    ("documents/delays.fr.md", "60 jours.", "60 jours ![x](y).", 10, "text", "Markdown without HTML and images"),
    ("documents/delays.fr.md", "(https://example.org/law-1)", "(javascript:alert)", 10, "link", "[words](https://...)"),
    ("documents/delays.ar.md", "level=internal", "level=9", 6, "label: level", LEVELS),
    ("glossary.csv", "definition,source\n", "definition\n", 1, "header", "fr,ar,ary,ary_latn,zgh,en,definition,source"),
    ("glossary.csv", ",law-1", ",law-9", 2, "source", ID),
    ("glossary.csv", "أجل|مدة الجواب", "", 2, "ar", "to be given"),
    ("glossary.csv", "lwe9t,,", "lwe9t,", 2, "row", "8 cells"),
    ("parameters.toml", "Law 1, article 16\"\nsource", " \"\nsource", 6, "delay_days.reference", "article or bulletin"),
    ("parameters.toml", 'law-1"\nurl', 'law-7"\nurl', 6, "delay_days.source", ID),
    ("parameters.toml", "value = 60", 'value = "60"', 8, VALUE, "a number or a table or a list"),
    ("parameters.toml", "value = 60", "value = nan", 8, "delay_days.value", "finite numbers"),
    ("parameters.toml", "from = 2026-01-01", "from = 2020-01-01", 14, "delay_days.from", "later than 2020-09-28"),
    ("parameters.toml", "value = 60", "value = 60\nuntil = 2025-06-30", 15, "delay_days.from", "the day after 2025-06-30"),
    ("parameters.toml", "https://example.org/law-1#16", "javascript:x", 6, "delay_days.url", "an http(s) address, or nothing"),
    ("parameters.toml", 'ar = "الأجل العام"', 'ar = "الأجل العام", es = "x"', 1, "delay_days.title", "fr | ar | en | zgh"),
    ("parameters.toml", 'ar = "الأجل العام", ', "", 1, "delay_days.title", "a title in ar"),
    ("glossary.csv", "أجل|مدة الجواب", " | ", 2, "ar", "to be given"),
    ("questions.jsonl", '"answered"', '"maybe"', 1, "status", "one of its words"),
    ("questions.jsonl", '"none-fr-1"', '"delay-fr-1"', 2, "id", "another id than line 1"),
    ("questions.jsonl", '{"id": "none', '["id": "none', 2, "row", "a table"),
    ("templates/request.fr.md", "le {day}", "le {day} {date}", 15, "{date}", "[facts.date] in the front matter"),
    ("templates/request.fr.md", "le {day}", "le {day} {Day}", 15, "text", "braces around placeholders alone"),
    ("templates/request.fr.md", "le {day}", "un jour", 9, "facts.day", "{day} in the letter"),
    ("templates/request.fr.md", '"date"', '"moment"', 9, "day", ""),
    ("forms/request.toml", '"person"', '"nobody"', 4, "applicant.type", ""),
    ("forms/request.toml", CUES, "", 4, "applicant.cues", ""),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "line", "field", "expected"), MISTAKES)
def test_a_mistake_is_told_with_its_place(data_pack, spoil, file, old, new, line, field, expected):
    """Each mistake is one error with the file, the line, the field and what was expected."""
    spoil(data_pack, file, old, new)
    with pytest.raises(Invalid) as refused:
        read_pack(data_pack)
    facts = refused.value.facts
    assert (facts["file"], facts["line"], facts["field"]) == (file, line, field)
    assert facts["expected"] == expected if expected else facts["expected"]
    assert refused.value.say("fr")
    assert refused.value.say("ar")


def test_a_tamazight_text_says_whether_it_was_reviewed(data_pack, spoil):
    """A text in zgh without ``reviewed`` is an error; with it, the pack knows."""
    spoil(data_pack, "pack.toml", '"fr", "ar", "en"]', '"fr", "ar", "zgh"]')
    spoil(data_pack, "pack.toml", 'en = "Example"', 'en = "Example"\nzgh = "ⴰⵎⴷⵢⴰ"')
    text = '+++\ntitle = "ⵉⵎⵉⵔⵏ"\nsources = ["law-1"]\n{}+++\n\n## ⵉⵎⵉⵔ\n\nⵉⵎⵉⵔ.\n'
    (data_pack / "documents/delays.zgh.md").write_text(text.format(""), encoding="utf-8")
    with pytest.raises(Invalid, match="reviewed"):
        read_pack(data_pack)
    (data_pack / "documents/delays.zgh.md").write_text(text.format("reviewed = false\n"), encoding="utf-8")
    assert [one.reviewed for one in read_pack(data_pack).documents if one.language == "zgh"] == [False]


def link_to_a_file(folder):
    """A document that is a link to a file outside."""
    (folder / "documents/delays.fr.md").unlink()
    (folder / "documents/delays.fr.md").symlink_to("/etc/passwd")


def link_to_a_folder(folder):
    """A folder of documents that is a link."""
    (folder / "documents").rename(folder.parent / "elsewhere")
    (folder / "documents").symlink_to(folder.parent / "elsewhere")


def pipe(folder):
    """A pipe that nobody writes into."""
    os.mkfifo(folder / "documents/pipe.fr.md")


def strange_file(folder):
    """A file that no pack has."""
    (folder / "run.sh").write_text("exit", encoding="utf-8")


def strange_folder(folder):
    """A folder that no pack has."""
    (folder / "documents/deeper").mkdir()
    (folder / "documents/deeper/x.fr.md").write_text("+++", encoding="utf-8")


def module(folder):
    """A Python module beside the texts of a folder of data."""
    (folder / "__init__.py").write_text("", encoding="utf-8")


def hidden(folder):
    """A hidden file."""
    (folder / ".env").write_text("SECRET=1", encoding="utf-8")


def large(folder):
    """A file of more than a mebibyte."""
    (folder / "documents/large.fr.md").write_text("x" * (1 << 20) + "y", encoding="utf-8")


def many(folder):
    """More files than a pack has."""
    for number in range(1001):
        (folder / f"documents/d{number}.fr.md").write_text("", encoding="utf-8")


def heavy(folder):
    """More bytes than a pack has, in files that are each small enough."""
    for number in range(17):
        (folder / f"documents/heavy-{number}.fr.md").write_text("x" * (1 << 20), encoding="utf-8")


def latin(folder):
    """A file in another encoding."""
    (folder / "documents/delays.fr.md").write_bytes('+++\ntitle = "é"'.encode("latin-1"))


def control(folder):
    """A terminal escape in a title."""
    path = folder / "pack.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("Exemple", "\x1b[2J"), encoding="utf-8")


def terminal(folder):
    """A name that a terminal would obey."""
    (folder / "x\x1b[2J.md").write_text("x", encoding="utf-8")


def nameless(folder):
    """A name in bytes that are no text."""
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.md")).write_text("x", encoding="utf-8")


def turned(folder):
    """A title that is written to look like another."""
    path = folder / "pack.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("Exemple", "Ex\u202eelpme"), encoding="utf-8")


def language(folder):
    """A document in a language that no pack has."""
    (folder / "documents/delays.fr.md").rename(folder / "documents/delays.es.md")


def above(folder):
    """A name that climbs."""
    (folder / "documents/..fr.md").write_text("x", encoding="utf-8")


@pytest.mark.parametrize(
    "spoiled",
    [
        link_to_a_file, link_to_a_folder, pipe, strange_file, strange_folder, module, hidden, large, many, heavy, latin,
        control, turned, terminal, nameless, language, above,
    ],
)  # fmt: skip
def test_a_hostile_folder_is_refused_without_being_followed(data_pack, spoiled):
    """Links, pipes, strange, large and badly written files are errors that name the file; nothing is waited for or followed."""
    spoiled(data_pack)
    with pytest.raises(Invalid) as refused:
        read_pack(data_pack)
    assert refused.value.code == "invalid_pack"
    assert "root:" not in str(refused.value)
    assert refused.value.say("ar").isprintable() or "\u2068" in refused.value.say("ar")
    assert "\x1b" not in refused.value.say("en")
    assert refused.value.say("en").encode()


def test_a_folder_that_is_not_there_is_not_found(tmp_path):
    """No folder is no pack."""
    with pytest.raises(NotFound):
        read_pack(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(Invalid, match=r"pack\.toml"):
        read_pack(tmp_path / "empty")


TOML = """top = 1

[title]
fr = "x"

[[row]]
name = "a"

[[row.value]]
from = 1

[[row.value]]
from = 2
reference = "r"

[[row]]
name = "b"
cues.fr = ["x"]

[[row.value]]
from = 3
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 1),
        (("title", "fr"), 4),
        (("row", 0, "name"), 7),
        (("row", 0, "value", 0, "from"), 10),
        (("row", 0, "value", 1, "reference"), 14),
        (("row", 1, "name"), 17),
        (("row", 1, "cues", "fr", 0), 18),
        (("row", 1, "value", 0, "from"), 21),
        (("row", 1, "value", 0, "missing"), 20),
        (("row", 1, "missing"), 16),
        (("missing",), 1),
    ],
)
def test_the_line_of_a_field_is_that_on_which_it_is_written(path, line):
    """In arrays of tables within arrays of tables, too; a field that is missing is looked for in its own table."""
    assert line_of(TOML, path) == line


def test_no_error_is_left_without_a_sentence(data_pack):
    """Every error of reading can be said in three languages."""
    for file in sorted(data_pack.rglob("*.*")):
        whole = file.read_bytes()
        for bad in (b"", b"\xff\xfe", b"+++\n", b"[[[", b'{"a":'):
            file.write_bytes(bad)
            with contextlib.suppress(DaffaError):
                read_pack(data_pack)
            for one in lint(data_pack):
                assert all(one.error().say(language) for language in ("fr", "ar", "en"))
        file.write_bytes(whole)
