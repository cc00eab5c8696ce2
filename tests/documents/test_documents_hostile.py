"""Files that lie, lock, swell or attack are refused with the reason, and the process that reads them is bounded."""

import os
import subprocess
import sys
import threading
import zipfile
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from document_files import W, docx, odt, packed_stream_pdf, paragraph, pdf, zipped

from daffa.documents import MOST_BYTES, Document, read_document
from daffa.documents.apart import make_apart
from daffa.documents.child import Answer
from daffa.errors import Invalid

BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def refused(raw, name, code):
    """The error with which a file is refused; every language has a sentence for it that names the file."""
    with pytest.raises(Invalid) as caught:
        read_document(raw, name)
    assert caught.value.code == code
    for language in ("fr", "ar", "en"):
        assert name in caught.value.say(language)
        assert "{" not in caught.value.say(language)
    return caught.value


def encrypted_zip():
    """A Word document whose parts say that they are encrypted."""
    raw = bytearray(docx(paragraph("Bonjour")))
    for head, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(head)
        while at >= 0:
            raw[at + place] |= 1
            at = raw.find(head, at + 1)
    return bytes(raw)


def renamed(old, new):
    """A Word document in which a part has another name of the same length."""
    return docx(paragraph("Bonjour"), **{old: "<a/>"}).replace(f"word/{old}.xml".encode(), new.encode())


@pytest.mark.parametrize(
    ("raw", "name", "code"),
    [
        (b"", "a.txt", "document_empty"),
        (b" \n\t", "a.md", "document_empty"),
        (b"--- *** ...", "a.txt", "document_empty"),
        (docx(""), "a.docx", "document_empty"),
        (pdf([[]]), "a.pdf", "document_empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a.png", "document_format"),
        (b"MZ\x90\x00\x03\x00", "a.txt", "document_format"),
        (b"{\\rtf1 Bonjour}", "a.rtf", "document_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.doc", "document_format"),
        (zipped({"xl/workbook.xml": "<a/>"}), "a.xlsx", "document_format"),
        (zipped({"a": "b"}), "a.zip", "document_format"),
        (b"Bonjour", "a.pdf", "document_damaged"),
        (b"Bonjour", "a.docx", "document_damaged"),
        (b"PK\x03\x04" + bytes(40), "a.docx", "document_damaged"),
        (b"%PDF-1.4\nrien", "a.pdf", "document_damaged"),
        (docx("<w:p>"), "a.docx", "document_damaged"),
        (odt("<text:p>"), "a.odt", "document_damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.docx", "document_encrypted"),
        (encrypted_zip(), "a.docx", "document_encrypted"),
        (odt("<text:p>a</text:p>", **{"META-INF_manifest": "<manifest:encryption-data/>"}), "a.odt", "document_encrypted"),
        (pdf([["Bonjour"]], locked=True), "a.pdf", "document_encrypted"),
        (pdf([[], [], ["2"]], scanned=True), "a.pdf", "document_needs_ocr"),
        (renamed("aaaa", "../../ab1.xml"), "a.docx", "document_unsafe"),
        (zipped({"word/document.xml": f"{BOMB}<w:document {W}>&b;</w:document>"}), "a.docx", "document_unsafe"),
        (docx("<w:sdt>" * 300 + "</w:sdt>" * 300), "a.docx", "document_unsafe"),
        (zipped({"word/document.xml": b" " * (80 << 20)}), "a.docx", "document_too_large"),
        (docx(f"<w:p><w:r><w:t>{'a' * (4 << 20)}</w:t></w:r></w:p>"), "a.docx", "document_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_bad_file_is_refused_with_the_reason(raw, name, code):
    """Each way of being no readable document has its own code, with a sentence in every language."""
    refused(raw, name, code)


def test_a_file_has_a_size():
    """One byte over the most is refused before anything looks at it."""
    refused(bytes(MOST_BYTES + 1), "a.txt", "document_too_large")


def test_a_part_that_stands_twice_is_refused():
    """Two parts of one name: readers differ in which they take, so nobody may choose."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("word/document.xml", "<b/>")
    refused(file.getvalue(), "a.docx", "document_unsafe")


def test_utf_16_hides_no_entity():
    """A DTD is seen in whatever encoding the part is written."""
    part = f'<?xml version="1.0" encoding="utf-16"?>{BOMB}<w:document {W}/>'.encode("utf-16")
    refused(zipped({"word/document.xml": part}), "a.docx", "document_unsafe")


def test_a_page_that_makes_the_parser_run_is_ended_by_the_kernel(monkeypatch):
    """A page on which the parser is quadratic ends with the child's processor time, and the house answers."""
    monkeypatch.setattr("daffa.documents.apart._COMMAND", (sys.executable, "-P", "-c", BOUNDED))
    refused(b"<html><a " + b"<a " * 200_000, "a.html", "document_too_slow")


BOUNDED = """
import sys
import daffa.documents.child as child
child.SECONDS = 1
child.main("html", "a.html")
"""


def test_a_pdf_that_swells_does_not_take_the_house_down():
    """A stream of a gigabyte packed into a megabyte is read within the child's memory, or refused."""
    raw = packed_stream_pdf(b"BT ET\n" * (180 << 20 >> 3))
    with pytest.raises(Invalid) as caught:
        read_document(raw, "a.pdf")
    assert caught.value.code in {"document_empty", "document_damaged", "document_too_slow", "document_too_large"}


def test_the_child_is_told_no_secret(monkeypatch):
    """The environment of the server stays in the server."""
    monkeypatch.setenv("PEPPER", "very secret")
    document = Document("a.pdf", "a", "a", "", (), "pdf")
    answer = msgspec.json.encode(Answer(document=document))
    seen = {}

    def run(command, **options):
        seen.update(options["env"])
        return subprocess.CompletedProcess(command, 0, answer, b"")

    monkeypatch.setattr("daffa.documents.apart.subprocess.run", run)
    assert make_apart("pdf", b"", "a.pdf").text == "a"
    assert "PEPPER" not in seen


def test_a_child_that_dies_is_a_damaged_file(monkeypatch):
    """A reader that is killed by its own memory mistake says so as an error of the file."""
    monkeypatch.setattr("daffa.documents.apart._COMMAND", (sys.executable, "-c", "import os; os.abort()"))
    assert "exit -6" in refused(pdf([["a"]]), "a.pdf", "document_damaged").say("en")


def test_many_files_are_read_at_once():
    """Files read in four threads are each what they are when read alone."""
    raw = {number: pdf([[f"Bonjour numéro {number} de la liste."]]) for number in range(4)}
    texts = {}

    def read(number):
        texts[number] = read_document(raw[number], "a.pdf").text

    threads = [threading.Thread(target=read, args=(number,)) for number in raw]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == {number: f"Bonjour numéro {number} de la liste." for number in raw}


def children():
    """The processes that this one has started and not yet let go."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split())


def test_nothing_is_left_behind():
    """After a file was read no process of ours is left waiting."""
    before = children()
    read_document(pdf([["Bonjour."]]), "a.pdf")
    assert children() <= before


def test_no_mark_turns_a_number_round():
    """A document cannot show another number than it says: overrides and isolates are taken out, a plain mark stays."""
    text = "L'amende est de \u202e0001\u202c dirhams \u2066au plus\u2069.\n\nالغرامة\u200f 100 درهم."
    read = read_document(text.encode(), "loi.txt")
    assert read.text == "L'amende est de 0001 dirhams au plus.\n\nالغرامة\u200f 100 درهم."
