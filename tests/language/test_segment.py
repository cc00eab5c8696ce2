"""Where sentences end: laws first, then each language, then the law texts."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.language import sentences

pieces = st.sampled_from(
    [
        *"aAéبك.!?؟؛۔…⵰ⴰ»«\")'’1٣-:,،\n\t ",
        "\u00a0",
        "\u2060",
        "M. ",
        "art. ",
        "المادة ",
        "n° ",
        "1) ",
        "أ - ",
        "etc. ",
        "\n\n",
        "3.5",
    ]
)
anything = st.text() | st.lists(pieces, max_size=60).map("".join)

REFERENCE = re.compile(
    r"(?:المادة|المواد|المادتين|الفصل|الفصول|عدد|رقم|n[°º]|\b[Aa]rt(?:icles?|\.)|\b[Aa]linéa)\s*[\d٠-٩]+(?:[-./]\d+)*"
)


def cut(text):
    """The sentences of a text as strings."""
    return [text[start:end] for start, end in sentences(text)]


@settings(max_examples=1500)
@given(anything)
def test_sentences_cover_the_text_in_order(text):
    """Sentences ascend, do not overlap, and hold every character that is no blank."""
    place = 0
    for start, end in sentences(text):
        assert place <= start < end
        assert not text[place:start].strip()
        assert text[start:end] == text[start:end].strip()
        place = end
    assert not text[place:].strip()


@given(st.lists(st.sampled_from(["Le texte est clair.", "هل هذا صحيح؟", "ⵜⴳⴰ ⵜⴰⵙⵎⴷⴰⵢⵜ.", "Oui !"]), min_size=1, max_size=6))
def test_plain_sentences_are_found(said):
    """Sentences of three scripts, set one after the other, come out as they went in."""
    assert cut(" ".join(said)) == said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M. Benali est venu. Mme Alami aussi.", ["M. Benali est venu.", "Mme Alami aussi."]),
        ("Le Dr. Fassi et Me. Tazi. Fin.", ["Le Dr. Fassi et Me. Tazi.", "Fin."]),
        ("L'art. 5 de la loi n° 09-08. Le reste.", ["L'art. 5 de la loi n° 09-08.", "Le reste."]),
        ("Article 5. Le contrat est nul. Il est refait.", ["Article 5. Le contrat est nul.", "Il est refait."]),
        ("1. Premier point. 2. Second point.", ["1. Premier point.", "2. Second point."]),
        ("Le prix est de 3.5 dh. Payé le 31.12.2026. Bien.", ["Le prix est de 3.5 dh.", "Payé le 31.12.2026.", "Bien."]),
        ("« Jamais ! » s'écria-t-il. Puis rien.", ["« Jamais ! » s'écria-t-il.", "Puis rien."]),
        ("Jamais! s’écria Glenarvan. Oui.", ["Jamais! s’écria Glenarvan.", "Oui."]),
        ("Des fruits, etc. Le reste suit.", ["Des fruits, etc.", "Le reste suit."]),
        ("En 300 av. J.-C. la ville. M. A. Idrissi parle.", ["En 300 av. J.-C. la ville.", "M. A. Idrissi parle."]),
        ("(Fin.) Elle dit : « Bon. » Oui…", ["(Fin.)", "Elle dit : « Bon. »", "Oui…"]),
        ("Voir www.adala.justice.gov.ma pour cela. Merci.", ["Voir www.adala.justice.gov.ma pour cela.", "Merci."]),
        ("المادة 5. ينشر المرسوم. انتهى.", ["المادة 5. ينشر المرسوم.", "انتهى."]),
        ("قال د. أحمد كذا؛ وذهب. هل عاد؟ نعم!", ["قال د. أحمد كذا؛", "وذهب.", "هل عاد؟", "نعم!"]),
        ("صدر بالعدد 3.249 من الجريدة. انتهى.", ["صدر بالعدد 3.249 من الجريدة.", "انتهى."]),
        ("أعضاء هذا المجلس.يعين الرئيس", ["أعضاء هذا المجلس.", "يعين الرئيس"]),
        ("یہ کتاب ہے۔ ٹھیک", ["یہ کتاب ہے۔", "ٹھیک"]),
        ("ⵎⴰⵏ ⴰⵢⴰ⵰ ⵜⴳⴰ ⵜⴰⵙⵎⴷⴰⵢⵜ. ⴷ ⵓⵔ?", ["ⵎⴰⵏ ⴰⵢⴰ⵰", "ⵜⴳⴰ ⵜⴰⵙⵎⴷⴰⵢⵜ.", "ⴷ ⵓⵔ?"]),
        ("wach kayn? ana ghadi. safi", ["wach kayn?", "ana ghadi.", "safi"]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_signs_are_read_in_their_place(text, expected):
    """Abbreviations, numbers, initials, quotations and chat are cut where a reader would cut."""
    assert cut(text) == expected


def test_folded_lines_go_on():
    """A long line without a sign goes on in the next; a short one, an item and a blank line end a sentence."""
    folded = "تخضع للتعليل القرارات المرتبطة بمجال ممارسة الحريات العامة أو التي تكتسي\nطابع إجراء ضبطي؛"
    assert cut(f"القرارات التالية:\nأ) {folded}\nب) القرارات") == ["القرارات التالية:", f"أ) {folded}", "ب) القرارات"]
    assert cut("Titre\nLe texte") == ["Titre", "Le texte"]
    assert cut("Rabat,\nle 5 mai") == ["Rabat,\nle 5 mai"]
    assert cut("une ligne\n\nune autre") == ["une ligne", "une autre"]
    assert cut("المشار إليها في المادة\n5 من القانون.") == ["المشار إليها في المادة\n5 من القانون."]


@pytest.mark.scale
@pytest.mark.parametrize(("name", "worst"), [("laws_ar_articles", 6), ("laws_fr_articles", 0)])
def test_no_reference_of_a_law_is_torn(shared, name, worst):
    """Of the references to articles, laws and issues in all law texts, only those across a blank line are torn."""
    references = torn = 0
    for row in gzip.decompress((shared / "docs" / f"{name}.jsonl.gz").read_bytes()).decode().splitlines():
        text = json.loads(row)["text"]
        ends = [end for _, end in sentences(text)]
        spans = [found.span() for found in REFERENCE.finditer(text)]
        references += len(spans)
        torn += sum(any(start < end < stop for end in ends) for start, stop in spans)
    assert references > 3_000
    assert torn <= worst


def test_hostile_text_stays_linear():
    """A long text of one sign, or of signs that almost end a sentence, is read to its end."""
    for piece in (".", ". ", "؟", ".)", "\n", "1) ", "M. ", "...a", ".»  ", " ", "-", "المادة\n", "\n ", "؛ "):
        sentences(piece * (100_000 // len(piece)))
    sentences("." + ")" * 100_000 + "a")
    sentences("." + " " * 100_000 + "a")
