"""Real files: laws as their publishers gave them out are read whole; the broken ones among them are refused."""

import gzip
from pathlib import Path

import pytest

from daffa.documents import chunks, read_document
from daffa.errors import Invalid

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "docs"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the laws are not beside this checkout (shared/data/docs)")


def file(path):
    """The bytes of a file of the folder, unpacked."""
    raw = (FOLDER / path).read_bytes()
    return gzip.decompress(raw) if path.endswith(".gz") else raw


@pytest.mark.parametrize(
    ("path", "articles"),
    [("pdf/fr_code_de_la_famille_70-03.pdf", 400), ("pdf/fr_code_du_travail_65-99.pdf", 589), ("pdf/fr_loi_09-08.pdf", 67)],
)
def test_every_article_of_a_code_is_found(path, articles):
    """The articles of three laws in PDF are found in their order without a gap, and what stands in them is French."""
    law = read_document(file(path), path)
    assert [section.number for section in law.sections if section.number.isdigit()] == [str(at + 1) for at in range(articles)]
    assert law.language == "fr-Latn"
    assert all(law.text[chunk.start : chunk.start + len(chunk.text)] == chunk.text for chunk in chunks(law))


@pytest.mark.parametrize(
    "path",
    [
        "pdf/fr_code_du_travail_BROKEN_FONT_ENCODING.pdf",
        "raw_ar_txt/GARBLED_ma-loi-09-08.txt.gz",
        "raw_ar_txt/GARBLED_ma-adala-bank-al-maghrib-6163.head.txt.gz",
    ],
)
def test_a_broken_font_is_refused(path):
    """A file whose letters are not those that it shows is refused, with a piece of what would have been quoted."""
    with pytest.raises(Invalid) as caught:
        read_document(file(path), path)
    assert caught.value.code == "document_broken_font"
    assert caught.value.facts["share"] > 90
    assert caught.value.facts["example"]


@pytest.mark.parametrize("path", sorted(path.name for path in FOLDER.glob("raw_ar_txt/ma-*")))
def test_damaged_laws_are_read(path):
    """Damaged Arabic is no broken font: it is read, repaired, and its articles are found."""
    law = read_document(file(f"raw_ar_txt/{path}"), path.removesuffix(".gz"))
    assert law.language == "ar-Arab"
    assert law.changes > 100
    assert {"1", "2", "3"} <= {section.number for section in law.sections}
