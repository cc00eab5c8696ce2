"""Files of an office into a pack: what is written, what is refused, and that nothing is half there."""

import datetime
import hashlib
import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daffa.documents import front_matter, read_document
from daffa.errors import Invalid, NotFound
from daffa.packs import Severity, bring, lint, read_pack

DAY = datetime.date(2026, 11, 26)
SENTENCE = "La demande est déposée au guichet de la commune, contre un récépissé."


def brought(files, into, **options):
    """All reports."""
    return list(bring(files, into, day=DAY, **({"licence": "official text"} | options)))


def line(name, **more):
    """A line of JSON lines."""
    return json.dumps({"id": name, "text": SENTENCE, **more}) + "\n"


def errors(folder):
    """What keeps the pack out."""
    return [one for one in lint(folder) if one.severity is Severity.ERROR]


def docx(*paragraphs):
    """A Word file with one line a paragraph."""
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as file:
        file.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>')
    return raw.getvalue()


@pytest.fixture
def office(tmp_path):
    """Files as an office has them: five that can be read, three that cannot."""
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "guichet.fr.html").write_text(
        f"<html><head><title>Le guichet</title></head><body><h1>Le guichet</h1><p>{SENTENCE}</p>"
        "<h2>Article 3</h2><p>Le récépissé est remis &lt;tout de suite&gt;.</p></body></html>",
        encoding="utf-8",
    )
    (folder / "note.docx").write_bytes(docx("Note de service", "Le service ouvre à huit heures et ferme à seize heures."))
    (folder / "دليل.txt").write_text(
        "لكل شخص الحق في الحصول على المعلومات من الإدارة العمومية داخل أجل معقول.", encoding="utf-8"
    )
    (folder / "lignes.jsonl").write_text(line("Fiche 1", title="Dépôt"), encoding="utf-8")
    (folder / "guide.fr.txt").write_text(SENTENCE, encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 nothing more")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    (folder / "empty.txt").write_bytes(b"")
    return folder


def test_the_files_of_an_office_become_documents(data_pack, office):
    """Each that can be read is a document with its source, hash and day; the others are told with the reason."""
    reports = {Path(one.file.partition("#")[0]).name: one for one in brought([office], data_pack)}
    assert {name: one.status for name, one in reports.items()} == {
        "guichet.fr.html": "written", "note.docx": "written", "دليل.txt": "written", "lignes.jsonl": "written",
        "guide.fr.txt": "written", "broken.pdf": "refused", "picture.png": "refused", "empty.txt": "refused",
    }  # fmt: skip
    assert reports["broken.pdf"].error.code == "document_damaged"
    assert reports["empty.txt"].error.code == "document_empty"
    assert errors(data_pack) == []
    pack = read_pack(data_pack)
    held = {one.name: one for one in pack.documents if one.imported}
    assert set(held) >= {"guichet", "note", "fiche-1"}
    guide = held["guichet"]
    assert guide.title == "Le guichet"
    assert guide.imported.sha256 == hashlib.sha256((office / "guichet.fr.html").read_bytes()).hexdigest()
    assert (guide.imported.file, guide.imported.date) == ("guichet.fr.html", DAY)
    assert SENTENCE in guide.text
    assert "## Article 3" in guide.text.replace("### ", "## ")
    assert pack.sources[guide.sources[0]].licence == "official text"


def seen(text):
    """The text without blanks and without the signs that turn its direction."""
    return "".join(text.replace("\u202b", "").split())


def test_names_that_no_terminal_shows_are_told_all_the_same(data_pack, tmp_path):
    """A file whose name is no text, or would clear the screen, becomes a document; its report can be printed."""
    folder = tmp_path / "odd"
    folder.mkdir()
    for name in (b"\xff.txt", b"a\x1b[2J\xe2\x80\xae.txt"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(SENTENCE, encoding="utf-8")
    reports = brought([folder], data_pack)
    assert [one.status for one in reports] == ["written", "written"]
    assert all(one.file.isprintable() and one.file.encode() for one in reports)
    assert errors(data_pack) == []


def test_a_second_time_changes_nothing(data_pack, office):
    """The same files are known by their hash; nothing is written again."""
    files = [office / "lignes.jsonl", office / "دليل.txt"]
    brought(files, data_pack)
    before = {path: path.read_bytes() for path in data_pack.rglob("*") if path.is_file()}
    assert {one.status for one in brought(files, data_pack)} == {"same"}
    assert {path: path.read_bytes() for path in data_pack.rglob("*") if path.is_file()} == before


def test_another_file_of_the_same_name_needs_force(data_pack, office, tmp_path):
    """A document that is there from another file, or written by hand, is let alone."""
    brought([office / "guide.fr.txt"], data_pack)
    other = tmp_path / "guide.txt"
    other.write_text("Le service de la commune est fermé le vendredi après-midi.", encoding="utf-8")
    (refused,) = brought([other], data_pack)
    assert refused.error.code == "pack_document_exists"
    (written,) = brought([other], data_pack, force=True)
    assert written.status == "written"
    assert "vendredi" in (data_pack / "documents/guide.fr.md").read_text(encoding="utf-8")
    hand = tmp_path / "delays.txt"
    hand.write_text(SENTENCE, encoding="utf-8")
    assert brought([hand], data_pack)[0].error.code == "pack_document_exists"


def test_a_source_of_the_pack_may_be_named(data_pack, office):
    """Then no source is added; one that is not there, or no licence, stops before the first file."""
    brought([office / "guide.fr.txt"], data_pack, source="law-1", licence="")
    assert [one.sources for one in read_pack(data_pack).documents if one.name == "guide"] == [("law-1",)]
    with pytest.raises(Invalid) as source:
        brought([office], data_pack, source="law-2")
    assert source.value.facts["field"] == "source"
    with pytest.raises(Invalid) as licence:
        brought([office], data_pack, licence=" ")
    assert licence.value.facts["field"] == "licence"
    with pytest.raises(NotFound):
        brought([office], data_pack.parent / "nowhere")


def test_a_pack_with_tools_takes_files_too(tool_pack, office):
    """A pack that is to be a wheel has documents like any other; its tools are not run for it."""
    (tool_pack / "tools.py").write_text("raise SystemExit", encoding="utf-8")
    assert brought([office / "guide.fr.txt"], tool_pack)[0].status == "written"


def test_a_language_that_the_pack_has_not_is_refused(data_pack, tmp_path):
    """A Spanish text is told with its language, and not written under another."""
    file = tmp_path / "guia.fr.txt"
    file.write_text(
        "La solicitud se presenta en la oficina del ayuntamiento y se entrega un recibo al interesado.", encoding="utf-8"
    )
    (report,) = brought([file], data_pack)
    assert (report.error.code, report.error.facts["got"]) == ("pack_document_language", "es-Latn")


def test_both_languages_of_one_file_are_one_document(data_pack, tmp_path):
    """``guide.fr.txt`` and ``guide-ar.txt`` are one document in two languages."""
    (tmp_path / "guide.fr.txt").write_text(SENTENCE, encoding="utf-8")
    (tmp_path / "guide-ar.txt").write_text("يودع الطلب لدى الجماعة مقابل وصل يسلم للمعني بالأمر في الحين.", encoding="utf-8")
    brought([tmp_path / "guide.fr.txt", tmp_path / "guide-ar.txt"], data_pack)
    assert sorted(one.language for one in read_pack(data_pack).documents if one.name == "guide") == ["ar", "fr"]
    assert errors(data_pack) == []


def test_a_bad_line_stops_its_file_and_no_other(data_pack, tmp_path):
    """What came before it is written, and the next file is read."""
    lines = tmp_path / "lines.jsonl"
    lines.write_text(line("one") + '{"id": 5}\n' + line("two"), encoding="utf-8")
    (tmp_path / "after.txt").write_text(SENTENCE, encoding="utf-8")
    statuses = [one.status for one in brought([lines, tmp_path / "after.txt"], data_pack)]
    assert statuses == ["written", "refused", "written"]


def test_a_label_of_a_line_is_joined(data_pack, tmp_path):
    """A line may raise its label; a label that is none refuses the line."""
    lines = tmp_path / "lines.jsonl"
    lines.write_text(line("a1", label="level=restricted") + line("a2", label="level=odd"), encoding="utf-8")
    assert [one.status for one in brought([lines], data_pack)] == ["written", "refused"]
    assert [int(one.label.level) for one in read_pack(data_pack).documents if one.name == "a1"] == [2]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    lines=st.lists(
        st.text(
            alphabet=st.sampled_from("abcéلم\u202b\u200f #-+=<>[]()!\\{}.0123\"'~|&:/"), min_size=1, max_size=30
        ).filter(lambda line: any(map(str.isalnum, line))),
        min_size=1,
        max_size=6,
    )
)  # fmt: skip
def test_what_is_written_reads_as_what_was_read(data_pack, tmp_path, lines):
    """Whatever signs a text has (those of emphasis apart), its Markdown gives the same words back; the pack stays sound."""
    file = tmp_path / "signs.txt"
    file.write_text(SENTENCE + "\n\n" + "\n\n".join(lines), encoding="utf-8")
    before = read_document(file.read_bytes(), file.name)
    (report,) = brought([file], data_pack, force=True)
    assert report.error is None
    text = (data_pack / report.document).read_text(encoding="utf-8")
    after = read_document(front_matter(text)[1].encode(), "signs.md")
    assert seen(after.text) == seen(before.text)
    assert errors(data_pack) == []


@pytest.mark.parametrize("name", ["a" * 200, "..", "-", "1", "é", "guide (1)", "con", "x.fr.ar", "A_B.C"])
def test_any_name_of_a_file_becomes_a_name_of_a_document(data_pack, tmp_path, name):
    """Long, short, climbing or without a Latin letter: the document has a plain name in its folder."""
    folder = tmp_path / "names"
    folder.mkdir()
    (folder / f"{name}.txt").write_text(SENTENCE, encoding="utf-8")
    (report,) = brought([folder / f"{name}.txt"], data_pack)
    assert report.status == "written", report.error
    assert (data_pack / report.document).parent == data_pack / "documents"
    assert errors(data_pack) == []


def test_links_and_hidden_files_of_a_folder_are_not_followed(data_pack, tmp_path):
    """A folder gives the files that it has, none that it points to."""
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "secret.txt").symlink_to("/etc/passwd")
    (folder / ".hidden.txt").write_text(SENTENCE, encoding="utf-8")
    assert brought([folder], data_pack) == []


def test_an_import_that_is_killed_leaves_a_sound_pack(data_pack, tmp_path, killed_at):
    """Killed before each change in turn, the pack can be read and has only whole documents; a second run finishes."""
    file = tmp_path / "note.txt"
    file.write_text(SENTENCE, encoding="utf-8")
    for at in range(1, 20):
        ended = not killed_at(at, lambda: brought([file], data_pack))
        assert errors(data_pack) == []
        texts = [one.text for one in read_pack(data_pack).documents if one.name == "note"]
        assert [SENTENCE in text for text in texts] in ([], [True])
        if ended:
            break
    assert (ended, len(texts)) == (True, 1)
    assert at > 3
