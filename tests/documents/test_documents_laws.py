"""Laws of documents, over texts made by chance: offsets hold, no word is lost, nothing but our own errors comes out."""

import re

import pytest
from document_files import docx, odt, paragraph, zipped
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from daffa.documents import Document, Section, chunks, document_of, front_matter, read_document
from daffa.documents.assembling import assemble
from daffa.documents.folding import unfold
from daffa.documents.formats import Block
from daffa.documents.formats.archive import Archive
from daffa.documents.formats.decoding import decode
from daffa.documents.formats.docx import read_docx
from daffa.documents.formats.html import read_html
from daffa.documents.formats.odt import read_odt
from daffa.documents.formats.pdf_order import Letter, in_order
from daffa.documents.making import tidy
from daffa.errors import Invalid

WORDS = (
    "Article 24 premier المادة الأولى الفصل 3 bis loi n° 55-19 l’administration répond dans le délai. الإدارة ملزمة بالجواب؛"
    " ⴰⵎⴳⵔⴰⴷ ⴰⵣⵓⵍ! M. Alami (art. 5) sous- traitant; fin: oui, non? # ## - | ** Chapitre II TITRE Section 1 12 34.5 20-24"
    " « là » a b c . ; :"
).split()
TEXTS = st.lists(st.sampled_from([*WORDS, "\n", "\n\n", "\n# ", "\n## ", "x" * 40]), max_size=120).map(" ".join)
BLOCKS = st.lists(
    st.builds(
        Block, st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join), st.sampled_from([0, 0, 0, 1, 2, 3, 6])
    ),
    max_size=20,
)


def error_of(do):
    """Our own error that ``do`` ends with, if any; another one is not caught."""
    try:
        do()
    except Invalid as mistake:
        return mistake
    return None


def document(text, sections):
    """A document of ``text``."""
    return Document("a", "a", text, "", sections, "text")


@given(TEXTS, st.sampled_from(["a.md", "a.txt"]), st.integers(1, 300))
@settings(max_examples=150)
def test_a_passage_stands_where_it_says(text, name, most):
    """``text[start:start + len(chunk)]`` is the chunk, it is not too long, and it lies within one section or is its heading."""
    assume(any(map(str.isalnum, text)))
    read = read_document(text.encode(), name)
    for chunk in chunks(read, most):
        end = chunk.start + len(chunk.text)
        assert read.text[chunk.start : end] == chunk.text
        assert chunk.text == chunk.text.strip() != ""
        inside = [section for section in read.sections if section.start <= chunk.start and end <= section.end]
        assert (len(inside) == 1 and len(chunk.text) <= most) or chunk.text == chunk.heading


@given(BLOCKS, st.integers(1, 200))
@settings(max_examples=150)
def test_no_word_is_in_no_passage(blocks, most):
    """Every letter of a document is in a passage, or in a heading above one."""
    text, sections = assemble(blocks)
    found = chunks(document(text, sections), most)
    covered = set()
    for chunk in found:
        covered.update(range(chunk.start, chunk.start + len(chunk.text)))
    shown = {heading for chunk in found for heading in (chunk.heading, *chunk.above.split(" › "))}
    for section in sections:
        if section.heading in shown:
            start = text.rfind(section.heading, 0, section.start)
            covered.update(range(start, start + len(section.heading)))
    assert [text[at] for at in range(len(text)) if text[at].isalnum() and at not in covered] == []


@given(BLOCKS)
def test_sections_follow_each_other(blocks):
    """Sections do not overlap, and between two of them stands the heading of the second alone."""
    text, sections = assemble(blocks)
    read = 0
    for section in sections:
        assert read <= section.start <= section.end <= len(text)
        assert text[read : section.start].strip() == section.heading
        read = section.end
    assert text[read:].strip() == ""


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=15).map(" ".join), max_size=30))
@settings(max_examples=150)
def test_unfolding_keeps_every_letter(lines):
    """Letters and digits of the lines are those of the blocks, in their order."""
    letters = "".join(filter(str.isalnum, "".join(lines)))
    assert "".join(filter(str.isalnum, "".join(block.text for block in unfold(Block(line) for line in lines)))) == letters


@given(st.text())
def test_what_is_tidy_stays_so(text):
    """Tidying twice is tidying once, and leaves no character that nobody sees."""
    once = tidy(text)
    assert tidy(once) == once
    assert not re.search("[\x00-\x08\x0b-\x1f\u00ad\ufeff\ue000-\uf8ff]", once)


SAFE = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=40)


@given(st.lists(SAFE.filter(lambda text: text.strip()), min_size=1, max_size=8))
@settings(max_examples=60)
def test_office_files_give_back_their_paragraphs(texts):
    """What was written as paragraphs of DOCX and of ODT is read as those paragraphs."""
    wanted = [" ".join(text.split()) for text in texts]
    word = read_docx(Archive(docx("".join(map(paragraph, texts)))))
    assert [" ".join(block.text.split()) for block in word.blocks] == wanted
    body = "".join(f"<text:p>{text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</text:p>" for text in texts)
    assert [" ".join(block.text.split()) for block in read_odt(Archive(odt(body))).blocks] == wanted


PARTS = [
    "<p>",
    "</p>",
    "<h1>",
    "</h1>",
    "<table>",
    "<tr>",
    "<td>",
    "</td>",
    "<script>",
    "</script>",
    "<li>",
    "<!--",
    "-->",
    "<nav>",
    "a",
    "é &amp;",
    "<",
    "&",
]


@given(st.lists(st.sampled_from(PARTS), max_size=30).map("".join))
def test_any_page_is_read(page):
    """A page of any tags in any order gives blocks, and never the words of a script that was closed."""
    for block in read_html(page.encode()).blocks:
        assert block.text.strip()


@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.md", "a"]))
def test_any_bytes_give_a_document_or_our_error(raw, name):
    """Whatever the bytes of a text file are, nothing but our own error comes out, and it names the file."""
    assume(not re.search(rb"%PDF-|<\s*(?:!doctype|html|head|body)", raw, re.IGNORECASE))
    mistake = error_of(lambda: read_document(raw, name))
    assert mistake is None or (mistake.facts["name"] == name and mistake.say("fr"))


@given(st.data())
@settings(max_examples=80)
def test_a_bitten_archive_gives_blocks_or_our_error(data):
    """An office file with bytes changed anywhere is read, or refused by our own error."""
    raw = bytearray(docx(paragraph("Bonjour")) if data.draw(st.booleans()) else odt("<text:p>Bonjour</text:p>"))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    for reader in (read_docx, read_odt):
        mistake = error_of(lambda reader=reader: reader(Archive(bytes(raw))))
        assert mistake is None or mistake.code.startswith("document_")


FRENCH = st.lists(
    st.sampled_from("Le délai où l’élève répond, ça coûte 5 € : É À œuvre « là » N° été".split()), min_size=3
).map(" ".join)
ARABIC = st.lists(st.sampled_from("الإدارة ملزمة بالجواب داخل أجل 30 يوما؛ هذه المادة؟ نعم، من".split()), min_size=3).map(
    " ".join
)


@given(FRENCH, ARABIC)
def test_a_code_page_is_recognised(french, arabic):
    """French in windows-1252 and Arabic in windows-1256, alone or with French inside it, are read as they were written."""
    assert decode(french.encode("cp1252")) == french
    assume(len(re.findall("[ء-ي]{2}", arabic)) >= 2)
    assert decode(arabic.encode("cp1256")) == arabic
    for text in (french, arabic):
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le"):
            assert decode(text.encode(encoding)) == text


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 9)), TEXTS)
def test_front_matter_comes_off(facts, text):
    """The facts between two lines of plus signs and the text after them are told apart."""
    head = "".join(f"{name} = {value}\n" for name, value in facts.items())
    assert front_matter(f"+++\n{head}+++\n{text}") == (facts, text)
    assume(not text.startswith("+++"))
    assert front_matter(text) == ({}, text.removeprefix("\ufeff"))


ARABIC_WORDS = "الإدارة ملزمة بالجواب داخل أجل".split()
PHRASES = st.lists(
    st.sampled_from(ARABIC_WORDS) | st.sampled_from(["30", "2020", "1.500,00", "06/03/2020", "article 16", "Daffa"]),
    min_size=1,
    max_size=9,
)


def drawn(phrases):
    """The letters of a line as a page that reads from right to left shows them: ten points each, a blank five."""
    letters, right, word = [], 500.0, 0
    for phrase in phrases:
        signs = list(phrase)
        arabic = "ء" <= signs[0] <= "ي"
        for sign in signs if arabic else reversed(signs):
            wide = 5.0 if sign == " " else 10.0
            if sign != " ":
                letters.append(Letter(sign, right - wide, right, 14.0, word))
            word += sign == " "
            right -= wide
        right -= 5.0
        word += 1
    return letters


def separate(phrases):
    """``phrases`` without two Latin ones in a row, which are drawn as one."""
    kept = []
    for phrase in phrases:
        if not (kept and kept[-1][0].isascii() and phrase[0].isascii()):
            kept.append(phrase)
    return kept


@given(PHRASES.map(separate), st.randoms(use_true_random=False))
def test_a_drawn_line_is_read_in_its_order(phrases, chance):
    """Arabic words, numbers and Latin words come back in the order of reading, whatever order the file keeps its letters in."""
    letters = drawn(phrases)
    chance.shuffle(letters)
    assume(any("ء" <= phrase[0] <= "ي" for phrase in phrases))
    assert in_order(letters, leftward=True) == " ".join(phrases)


def test_passages_have_a_length():
    """A passage of no length is a mistake of the caller."""
    with pytest.raises(ValueError, match="0 code points"):
        chunks(document("a", (Section("", 1, 0, 1),)), 0)


def test_passages_of_a_section_are_of_about_one_length():
    """A section a little longer than a passage is cut in halves, not into a whole and a rest."""
    text = " ".join(["Une phrase de trente caractères."] * 35)
    lengths = [len(chunk.text) for chunk in chunks(document(text, (Section("", 1, 0, len(text)),)), 900)]
    assert len(lengths) == 2
    assert max(lengths) - min(lengths) < 100


def test_an_archive_of_many_parts_is_refused():
    """Ten thousand and one parts are too many."""
    with pytest.raises(Invalid) as caught:
        Archive(zipped({str(number): "" for number in range(10_001)}))
    assert caught.value.code == "document_too_large"
    assert caught.value.facts["most"] == "10000 ZIP parts"


@given(TEXTS)
def test_a_given_text_is_not_touched(text):
    """A text that is given as text is itself, in sections that follow each other, each after its heading."""
    given_text = document_of(text, "a")
    assert given_text.text == text
    read = 0
    for section in given_text.sections:
        assert read <= section.start <= section.end <= len(text)
        assert section.heading in text[read : section.start]
        read = section.end
    assert read == len(text)


def test_a_document_that_was_read_has_its_articles_again():
    """The text of a law that was read, given as text, has the same articles and title lines."""
    law = read_document(b"# Guide\n\n## Objet\n\nTexte un.\n\nArticle 2. - Texte deux.\n\nArticle 3\n\nTexte.", "a.md")
    again = document_of(law.text, "a")
    assert [(section.heading, section.number, law.text[section.start : section.end].strip()) for section in again.sections] == [
        ("Guide", "", ""), ("Objet", "", "Texte un."), ("Article 2", "2", "Texte deux."), ("Article 3", "3", "Texte."),
    ]  # fmt: skip
