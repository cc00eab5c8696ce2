"""The walk: files of every format become documents with titles, sections, article numbers and passages."""

import doctest
import json
from pathlib import Path

import pytest
from document_files import STYLES, W, docx, odt, paragraph, pdf

from daffa.documents import chunks, read_document, read_lines
from daffa.errors import Invalid

LAW = """LOI N° 1-26 RELATIVE AUX ESSAIS

TITRE PREMIER
DISPOSITIONS GÉNÉRALES

Article premier

La présente loi fixe les règles des essais.

Art. 2 bis. - Les essais visés à l'article 24
ci-dessous durent trente jours. Ils sont gra-
tuits pour les sous-
traitants.

Article 3
Conformément aux dispositions de
l'article 2, l'administration répond dans le délai fixé par
Article 24 ci-après.
"""


def test_the_examples_of_the_page_are_true():
    """The examples of the page about documents run."""
    page = Path(__file__).resolve().parents[2] / "docs" / "documents.md"
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (failed, tried > 3) == (0, True)


def test_a_law_in_plain_text_walks():
    """A law becomes sections with the numbers of its articles, folded lines joined, broken words made whole."""
    law = read_document(LAW.encode(), "loi.txt")
    assert (law.title, law.language, law.format) == ("LOI N° 1-26 RELATIVE AUX ESSAIS", "fr-Latn", "text")
    assert [(section.heading, section.level, section.number) for section in law.sections] == [
        ("", 1, ""),
        ("TITRE PREMIER DISPOSITIONS GÉNÉRALES", 2, ""),
        ("Article premier", 6, "1"),
        ("Art. 2 bis", 6, "2 bis"),
        ("Article 3", 6, "3"),
    ]
    passages = {chunk.number: chunk for chunk in chunks(law)}
    assert passages["2 bis"].text == (
        "Les essais visés à l'article 24 ci-dessous durent trente jours. Ils sont gratuits pour les sous-traitants."
    )
    assert passages["2 bis"].above == "TITRE PREMIER DISPOSITIONS GÉNÉRALES"
    assert "Article 24 ci-après." in passages["3"].text


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        ("Article 24", "24"), ("ARTICLE 24-1", "24-1"), ("Art. 3", "3"), ("Article premier", "1"), ("Article 1er", "1"),
        ("Article 5 ter : Des délais", "5 ter"), ("المادة 24", "24"), ("المادة ٢٤", "24"), ("المادة الأولى", "1"),
        ("المادة 16 مكررة", "16 bis"), ("الفصل 24", "24"), ("الفصل الحادي عشر", "11"), ("المادة الحادية والعشرون", "21"),
        ("المادة العشرون", "20"), ("مادة فريدة", "1"), ("ⴰⵎⴳⵔⴰⴷ 24", "24"), ("ⴰⵎⴰⴳⵔⴰⴷ 24", "24"), ("Article 15[3]", "15"),
        ("Articles 24 et 25", ""), ("Article sur l'eau", ""), ("Chapitre 24", ""), ("المواد 24", ""), ("L'article 24", ""),
    ],
)  # fmt: skip
def test_the_number_of_an_article_is_read(heading, number):
    """A heading that names an article carries its number, in three scripts; others carry none."""
    read = read_document(f"# {heading}\n\nTexte.".encode(), "a.md")
    assert read.sections[0].number == number
    assert read_document(f"{heading}\n\nTexte.".encode(), "a.txt").sections[0].number == number


@pytest.mark.parametrize(
    "line",
    [
        "Article 171 ci-après, sous réserve que ce choix soit conforme.", "article 24",
        "المادة 24 من هذا القانون تنص على ما يلي", "Article 12345 est", "Chapitres et sections", "livre 3 exemplaires",
    ],
)  # fmt: skip
def test_a_reference_is_no_heading(line):
    """A line that begins with a reference to an article, or with a word for a part, begins no section."""
    assert [section.heading for section in read_document(f"{line}\n".encode(), "a.txt").sections] == [""]


def test_the_chapters_of_a_law_with_articles_are_no_articles():
    """الفصل is an article where no article is called المادة, else it is a chapter."""
    code = read_document("الفصل الأول\nيسمى هذا القانون كذا.\nالفصل 2\nينشر.".encode(), "a.txt")
    assert [section.number for section in code.sections] == ["1", "2"]
    law = read_document("الفصل الأول\nأحكام عامة\nالمادة 1\nينشر هذا القانون.".encode(), "a.txt")
    assert [(section.heading, section.number) for section in law.sections] == [
        ("الفصل الأول أحكام عامة", ""),
        ("المادة 1", "1"),
    ]


def test_an_article_that_a_note_quotes_is_text():
    """Between articles 5 and 6 an article 34 is quoted from another law."""
    text = "Article 5\nVoir.\nArticle 34\n« Le décret. »\nArticle 6\nFin.\nArticle 8\nSaut."
    assert [section.number for section in read_document(text.encode(), "a.txt").sections] == ["5", "6", "8"]


def cells(*texts):
    """The cells of a row of a Word table."""
    return "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in texts)


def test_a_word_document_walks():
    """Headings by style and outline level, tables by rows, numbers drawn, notes after their paragraph; deletions left out."""
    numbering = (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        '<w:lvlText w:val="Article %1."/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.%2)"/>'
        '</w:lvl></w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
    )
    number = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="3"/></w:numPr>'
    changed = (
        "<w:p><w:r><w:t>Le dossier</w:t></w:r><w:del><w:r><w:delText> supprimé</w:delText></w:r></w:del>"
        '<w:r><w:footnoteReference w:id="4"/></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t> caché</w:t></w:r>'
        '<w:ins><w:r><w:t xml:space="preserve"> est</w:t><w:tab/><w:t>complet.</w:t></w:r></w:ins></w:p>'
    )
    table = f"<w:tbl><w:tr>{cells('Pièce', 'Délai')}</w:tr><w:sdt><w:sdtContent><w:tr>{cells('Carte', '15')}</w:tr>"
    table += "</w:sdtContent></w:sdt></w:tbl>"
    body = [
        paragraph("Sommaire 3", "TM1"),
        paragraph("Guide", "Mien"),
        paragraph("Objet", "Plan"),
        changed,
        table,
        paragraph("Les délais courent.", more=number.format(0)),
        paragraph("dès le dépôt", more=number.format(1)),
        paragraph("Fin.", more=number.format(0)),
    ]
    notes = f'<w:footnotes {W}><w:footnote w:id="0" w:type="separator"/><w:footnote w:id="4">{paragraph("Dahir de 2020.")}'
    notes += "</w:footnote></w:footnotes>"
    core = '<c:p xmlns:c="a" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Guide des pièces</dc:title></c:p>'
    read = read_document(docx("".join(body), numbering=numbering, footnotes=notes, core=core), "guide.docx")
    assert (read.title, read.format) == ("Guide des pièces", "docx")
    assert [(section.heading, section.level, section.number) for section in read.sections] == [
        ("Guide", 1, ""), ("Objet", 2, ""), ("Article 1", 6, "1"), ("Article 2", 6, "2"),
    ]  # fmt: skip
    assert read.text == (
        "Guide\n\nObjet\n\nLe dossier[4] est complet.\n\n[4] Dahir de 2020.\n\nPièce | Délai\n\nCarte | 15\n\nArticle 1"
        "\n\nLes délais courent.\n\n1.a) dès le dépôt\n\nArticle 2\n\nFin."
    )


def test_an_opendocument_text_walks():
    """Headings by outline level, lists, tables, notes; tracked deletions, comments and the generated index left out."""
    body = (
        "<text:tracked-changes><text:deletion><text:p>supprimé</text:p></text:deletion></text:tracked-changes>"
        "<text:table-of-content><text:p>Objet 1</text:p></text:table-of-content>"
        '<text:h text:outline-level="2">Objet</text:h><text:p>Le<text:s text:c="3"/>dossier<text:note><text:note-citation>1'
        "</text:note-citation><text:note-body><text:p>Dahir.</text:p></text:note-body></text:note> est<office:annotation>"
        "<text:p>non</text:p></office:annotation> complet.</text:p>"
        "<text:list><text:list-item><text:p>un</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p>"
        "</table:table-cell></table:table-row></table:table>"
    )
    read = read_document(odt(body), "note.odt")
    assert read.text == "Objet\n\nLe dossier[1] est complet.\n\n[1] Dahir.\n\nun\n\na | b"
    assert (read.sections[0].level, read.title, read.format) == (2, "note", "odt")


def test_a_page_walks():
    """Headings, items and rows of a page in its own encoding; scripts, styles, navigation and what is hidden are left out."""
    page = (
        "<!DOCTYPE html><html><head><meta charset='windows-1256'><title>الآجال | الموقع</title><style>p{}</style></head><body>"
        "<nav>الرئيسية</nav><h1>الآجال</h1><p>أجل الجواب<br>ثلاثون يوما.<p hidden>خفي</p><div style='display: none'>خفي</div>"
        "<ul><li>نسخة<li>طلب</ul><table><tr><th>وثيقة<th>أجل<tr><td>بطاقة<td>15</table>"
        "<script>alert('<p>لا</p>')</script></body></html>"
    )
    read = read_document(page.encode("cp1256"), "page.html")
    assert (read.title, read.language, read.format) == ("الآجال | الموقع", "ar-Arab", "html")
    assert read.text == "الآجال\n\nأجل الجواب\nثلاثون يوما.\n\n- نسخة\n\n- طلب\n\nوثيقة | أجل\n\nبطاقة | 15"


def test_markdown_walks():
    """Markers come off, headings make sections, the title is that of the front matter, code stays as it is."""
    text = (
        '+++\ntitle = "Délais"\n+++\n# Les **délais**\n\n'
        "Voir [la loi](https://example.ma/a_b) *art. 16* et `code_a`.\nSuite.\n\n"
        "> cité\n\n1. un\n- [x] deux\n\n| a | b |\n|---|---|\n| c | d |\n\nSous-titre\n---\n\n```\nx = *a*\n"
        "```\n2 * 3 * 4, snake_case\n"
    )
    read = read_document(text.encode(), "délais.md")
    assert (read.title, read.format) == ("Délais", "markdown")
    assert read.text == (
        "Les délais\n\nVoir la loi art. 16 et code_a. Suite.\n\ncité\n\n1. un\n\n- deux\n\na | b\n\nc | d\n\nSous-titre\n\n"
        "x = *a*\n\n2 * 3 * 4, snake_case"
    )
    assert [(section.heading, section.level) for section in read.sections] == [("Les délais", 1), ("Sous-titre", 2)]


def test_a_pdf_walks():
    """Headings by size, headers and page numbers off, a word broken over two pages made whole, pages counted."""
    pages = [
        ["MINISTÈRE DES ESSAIS", ("Guide des essais", 20), "Les essais sont gra-"],
        ["MINISTÈRE DES ESSAIS", "tuits pour tous les usagers de l'administration, sans autre", "Article 2", "Fin du guide."],
        ["MINISTÈRE DES ESSAIS", "Article 3", "Rien."],
    ]
    raw = pdf([[*page, f"- {number} -"] for number, page in enumerate(pages, 1)], title="Microsoft Word - guide.doc")
    read = read_document(raw, "guide.pdf")
    assert (read.title, read.format, read.pages, read.language) == ("Guide des essais", "pdf", 3, "fr-Latn")
    assert [(section.heading, section.number) for section in read.sections] == [
        ("Guide des essais", ""), ("Article 2", "2"), ("Article 3", "3"),
    ]  # fmt: skip
    assert "MINISTÈRE" not in read.text
    assert "- 2 -" not in read.text
    assert "Les essais sont gratuits pour tous les usagers" in read.text


def test_the_mark_of_a_note_is_no_part_of_a_number():
    """A raised 3 after "Article 15" is the mark of a note, and the note stands after the paragraph."""
    # pdfium reads a line's parts by their place: the mark is drawn close behind, smaller and higher.
    raw = pdf([["Article 15", "Les essais sont libres et gratuits pour tous.", "Article 16", "Fin."]])
    raw = raw.replace(b"(Article 15) Tj", b"(Article 15) Tj /F 6 Tf 4 Ts (3) Tj")
    read = read_document(raw, "a.pdf")
    assert [section.number for section in read.sections] == ["15", "16"]


def test_damaged_arabic_is_repaired():
    """Lam and alef that a reader of PDF swapped are put right, and counted."""
    read = read_document("اإلدارة ملزمة باإلجابة داخل األجل المحدد في القانون.\n".encode(), "a.txt")
    assert read.text == "الإدارة ملزمة بالإجابة داخل الأجل المحدد في القانون."
    assert read.changes == 3


def test_lines_walk():
    """Each line is a document under its id, with its title, language and label as it says."""
    lines = [
        {"id": "a", "text": "اإلدارة ملزمة باإلجابة.", "title": "المادة 24", "label": "level=internal"},
        {"id": "b", "text": "Le délai est de 30 jours.", "language": "fr-Latn", "more": 1},
    ]
    first, second = read_lines("\n\n".join(map(json.dumps, lines)).encode(), "a.jsonl")
    assert (first.name, first.title, first.text, first.label) == ("a", "المادة 24", "الإدارة ملزمة بالإجابة.", "level=internal")
    assert (first.sections[0].number, first.language, first.format) == ("24", "ar-Arab", "jsonl")
    assert (second.title, second.language, second.label) == ("b", "fr-Latn", "")
    assert [chunk.text for chunk in chunks(second)] == ["Le délai est de 30 jours."]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[1]", "{id, text"), ('{"id": "a"}', "{id, text"), ('{"id": "", "text": "a"}', "id, text"), ("x", "{id, text"),
        ('{"id": "a", "text": 3}', "{id, text"),
        ('{"id": "first", "text": "a"}', "id"), ('{"id": "c", "text": "\\u0001"}', "text"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(line, expected):
    """A line that is no document is refused with its number and what was expected; the lines before it came out."""
    reading = read_lines(f'{{"id": "first", "text": "a"}}\n{line}\n'.encode(), "a.jsonl")
    assert next(reading).name == "first"
    with pytest.raises(Invalid) as caught:
        next(reading)
    assert (caught.value.code, caught.value.facts["line"]) == ("document_line", 2)
    assert caught.value.facts["expected"].startswith(expected)


def test_a_file_of_no_lines_is_empty():
    """No line, no document."""
    with pytest.raises(Invalid, match="there is no text in it"):
        list(read_lines(b"\n \n", "a.jsonl"))


def test_the_content_says_the_format_before_the_name_does():
    """A Word document named .txt is a Word document, a page without a suffix is a page."""
    assert read_document(docx(paragraph("Bonjour.", "Titre1")), "a.txt").format == "docx"
    assert read_document(b"<!-- x --><html><body><p>Bonjour", "a").format == "html"
    assert read_document(b"Bonjour.", "a.unknown").format == "text"
    assert "Titre1" in STYLES
