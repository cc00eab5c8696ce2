"""Finding personal data in sentences as people write them, and leaving alone what only looks like it."""

import gzip
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from daffa.decision import Category
from daffa.privacy import Finding, Type, categories, find, find_bytes
from daffa.privacy.fold import DIGITS, MARKS, SEPARATORS

LAWS = Path(__file__).parents[2] / "../shared/data/docs"
RIB = "007780000123000045678973"


def spans(text):
    """What is found, as (type, text) pairs."""
    return [(str(each.type), text[each.start : each.end]) for each in find(text)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Ma CIN est AB123456 et mon téléphone le 06 12 34 56 78.", [("cin", "AB123456"), ("phone", "06 12 34 56 78")]),
        ("Titulaire de la CNIE n° BK 654321, né à Casablanca", [("cin", "BK 654321")]),
        ("Dossier de M. X (J123456), joignable au 0537-71.22.33", [("cin", "J123456"), ("phone", "0537-71.22.33")]),
        (
            f"Virement sur le RIB {RIB[:3]} {RIB[3:6]} {RIB[6:22]} {RIB[22:]} de 5000 DH",
            [("rib", "007 780 0001230000456789 73")],
        ),
        (f"RIB:{RIB}", [("rib", RIB)]),
        ("Société sise à Rabat, ICE 001561191000066, RC 12345", [("ice", "001561191000066"), ("rc", "12345")]),
        ("ICE : 001561191 0000 66", [("ice", "001561191 0000 66")]),
        ("Écrire à prenom.nom@exemple.gov.ma, ou appeler.", [("email", "prenom.nom@exemple.gov.ma")]),
        ("Tel:0612345678/0522334455", [("phone", "0612345678"), ("phone", "0522334455")]),
        ("GSM0661223344", [("phone", "0661223344")]),
        ("depuis l'étranger +212 (0) 6 61 22 33 44", [("phone", "+212 (0) 6 61 22 33 44")]),
        ("wa.me/212661223344", [("phone", "212661223344")]),
        ("06 12 34 56 78 07 12 34 56 78", [("phone", "06 12 34 56 78"), ("phone", "07 12 34 56 78")]),
        ("رقم بطاقتي الوطنية AB123456 وهاتفي 0612345678", [("cin", "AB123456"), ("phone", "0612345678")]),
        ("رقمAB123456في الملف", [("cin", "AB123456")]),
        ("البطاقة رقم AB١٢٣٤٥٦", [("cin", "AB١٢٣٤٥٦")]),
        ("هاتفي ٠٦ ١٢ ٣٤ ٥٦ ٧٨ شكرا", [("phone", "٠٦ ١٢ ٣٤ ٥٦ ٧٨")]),
        ("شماره ۰۶۱۲۳۴۵۶۷۸", [("phone", "۰۶۱۲۳۴۵۶۷۸")]),
        ("رقم التعريف: 123456AB", [("cin", "123456AB")]),
        ("المواطن 123456AB القاطن بالرباط", [("cin", "123456AB")]),
        ("البريدali@exemple.maللتواصل", [("email", "ali@exemple.ma")]),
        ("راسلني على محمد@exemple.ma", [("email", "محمد@exemple.ma")]),
        ("lbita9a dyali hiya ab123456 o nmra dyali 0612345678", [("cin", "ab123456"), ("phone", "0612345678")]),
        ("salam, 3ndi cin j123456 bghit njded", [("cin", "j123456")]),
        ("cin : bk 123456", [("cin", "bk 123456")]),
        ("3ayet liya f 06-12-34-56-78 wla ali_25@exemple.com", [("phone", "06-12-34-56-78"), ("email", "ali_25@exemple.com")]),
        ("\u200fAB\u200e123456\u200f", [("cin", "AB\u200e123456")]),
        ("ＡＢ１２３４５６", [("cin", "ＡＢ１２３４５６")]),
        ("x,AB123456,0612345678,y", [("cin", "AB123456"), ("phone", "0612345678")]),
        ("contact...ali@exemple.ma", [("email", "ali@exemple.ma")]),
        ("- ali@exemple.ma; -rené@société.ma", [("email", "ali@exemple.ma"), ("email", "rené@société.ma")]),
    ],
)
def test_identifiers_in_sentences(sentence, expected):
    """Identifiers in French, Arabic, Darija and tables are found at their place."""
    assert spans(sentence) == expected


def test_an_iban_is_not_also_an_account():
    """An IBAN is one finding, not also the account in it; both of its keys are checked."""
    for iban in ("MA64 0115 1900 0001 2050 0053 4921", "MA64011519000001205000534921", "ma64-0115-1900-0001-2050-0053-4921"):
        assert spans(f"IBAN {iban}.") == [("iban", iban)]
    assert find("MA64011519000001205000534921")[0].check == "mod97_twice"
    assert not find("MA65011519000001205000534921")


@pytest.mark.parametrize(
    "sentence",
    [
        "le 05/08/2021 à 12:30, soit 05 08 2021 12 h",
        "2021-05-08T12:30:45.123456Z",
        "un montant de 1 234 567 890,00 DH puis 212 500 000 000 DH",
        "les articles 43 et 44 de la loi n° 09-08 promulguée par le dahir n° 1-09-15 du 18 février 2009",
        "décret n° 2-24-921, bulletin officiel n° 5714, article 151",
        "القانون رقم 09.08 والمرسوم رقم 2.24.921 بتاريخ 22 أكتوبر 2024",
        "dossier 2024/1101/123456, affaire n° 1234/2024",
        "ISBN 978-9954-1-2345-6 et 0-306-40615-2",
        "commande CMD-2024-0001234, produit ABC-12345, lot XJ-900",
        "une amende de 20000 à 50000 dirhams, la 20000e, du 15000 au 20000",
        "AMENDE DE 20000 DH, LA 150000",
        "une carte de 20000 DH, ma 20000, de 20000 à 30000",
        "الغرامة 20000DH والوزن 15000KG والمسافة 12000M",
        "numéro 123456789012345678901235",
        "000000000000000000000000 000000000000000",
        "33.0573165123, -7.0589843210 et 0.6123456789",
        "DENIS-P J082303.1-491201",
        "الرسم العقاري رقم T69394/13",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "550e8400-e29b-41d4-a716-446655440000",
        "image@2x.png, @mention, a@b, user@localhost, 5@10.50, pip install paquet@1.2.3",
        "MAA123456 ABC123456 A1234 A1234567 AB1234567 A123456789",
        "IMEI 490154203237519, carte 4111 1111 1111 1111",
        "",
        "@",
        "0",
    ],
)
def test_false_friends(sentence):
    """Dates, amounts, references to laws and files, codes and digests are no personal data."""
    assert spans(sentence) == []


def test_how_sure_a_card_is():
    """A word that names the card makes a card number surest; then letters of a known office, capitals, and shape alone."""
    written = ("CIN AB123456", "AB123456", "ab123456", "YZ123456", "yz123456")
    sure = [find(text, least=0)[0].confidence for text in written]
    assert sure == sorted(sure, reverse=True)
    assert len(set(sure)) == len(sure)
    assert [find(text, least=0)[0].check for text in written] == ["context", "prefix", "prefix", "format", "format"]
    assert find("المواطن 123456AB القاطن")[0].confidence < find("المواطن AB123456 القاطن")[0].confidence


def test_mirrored_cards_need_arabic_around():
    """Digits before letters are a card only beside Arabic, where extraction from pages turns them round."""
    assert spans("produit 123456AB disponible") == []


@pytest.mark.parametrize("word", ["médecin", "cinq", "vaccin", "cinéma"])
def test_words_that_hold_cin_name_no_card(word):
    """The letters of a short name of the card inside another word give no context."""
    assert find(f"{word} AB123456")[0].check == "prefix"
    assert spans(f"{word} AB 123456") == []


def test_letters_beside_a_phone_number_make_it_less_sure():
    """A phone number with a letter at one edge is less sure, with letters at both it is a code; a word for phone is neither."""
    sure, less = find("0612345678")[0].confidence, find("SKU0612345678")[0].confidence
    assert less < sure
    assert find("tel0612345678")[0].confidence == sure
    assert find("0612345678et")[0].confidence == less
    assert find("SKU0612345678A") == ()


@pytest.mark.parametrize("size", [64, 65])
def test_a_local_part_has_at_most_64_characters(size):
    """The longest local part that the standard allows is read, a longer one is no address."""
    assert len(find("a" * size + "@exemple.ma")) == (size == 64)


def test_every_digit_separator_and_mark_is_read():
    """Each digit of each writing, each separator and each invisible mark that is folded is also seen by the scan."""
    for digit in DIGITS:
        assert [each.type for each in find("061234567" + digit)] == [Type.PHONE], repr(digit)
    for gap in SEPARATORS:
        assert [each.type for each in find(gap.join(("06", "12", "34", "56", "78")))] == [Type.PHONE], repr(gap)
    for mark in MARKS:
        for valid, kind in (("AB123456", Type.CIN), (RIB, Type.RIB), ("MA64011519000001205000534921", Type.IBAN)):
            assert [each.type for each in find(mark.join(valid))] == [kind], repr(mark)


def test_every_finding_is_personal():
    """Whatever is found makes a text personal; nothing found makes it nothing."""
    assert categories(find("ICE 001561191000066")) == {Category.PERSONAL}
    assert categories(find("bonjour")) == frozenset()


def test_a_finding_is_plain_data():
    """A finding encodes to JSON with the names of its fields, and cannot be changed."""
    finding = find("é 0612345678")[0]
    assert msgspec.json.decode(msgspec.json.encode(finding)) == {
        "type": "phone",
        "start": 2,
        "end": 12,
        "confidence": 0.9,
        "check": "format",
    }
    assert find_bytes("é 0612345678".encode()) == (Finding(Type.PHONE, 3, 13, 0.9, "format"),)
    with pytest.raises(AttributeError):
        finding.start = 0


def test_lone_surrogates_are_read_over():
    """A text that is no valid Unicode is read as well, with offsets in its code points."""
    assert spans("\ud800 0612345678 \udfff ali@exemple.ma") == [("phone", "0612345678"), ("email", "ali@exemple.ma")]


def test_threads_find_the_same():
    """Many threads may search at once; each finds what one alone finds."""
    texts = [f"n° {number} CIN AB{number:06d}, 06{number:08d}, a{number}@exemple.ma " * 20 for number in range(200)]
    alone = [find(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(find, texts)) == alone


def test_nothing_is_built_before_the_first_search():
    """Importing the room builds no automaton; the first search does, once."""
    code = (
        "from daffa.privacy import find, finder\n"
        "print(finder.scan.built)\n"
        "find('x')\n"
        "first = finder.scan._database\n"
        "find('y')\n"
        "print(finder.scan.built, finder.scan._database is first)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert said == ["False", "True", "True"]


def test_what_is_hardly_sure_is_left_out():
    """Findings below 0.5 are left out, unless the caller asks for them; what counts by itself does so at any limit below it."""
    assert find("YZ123456") == ()
    assert [each.confidence for each in find("YZ123456", least=0.3)] == [0.4]
    assert find("CIN AB123456", least=0.97) == find("CIN AB123456")
    assert find_bytes(b"0612345678", least=0.95) == ()


@pytest.mark.skipif(not (LAWS / "laws_fr_articles.jsonl.gz").exists(), reason="the corpus of laws is not beside the repository")
@pytest.mark.parametrize(("name", "count", "most"), [("laws_fr_articles", 5_756, 2), ("laws_ar_articles", 14_244, 5)])
def test_laws_hold_hardly_any_personal_data(name, count, most):
    """Of 20,000 articles of law next to nothing but the names of those who signed is taken for personal data."""
    found = []
    with gzip.open(LAWS / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for _, line in zip(range(count), lines, strict=False):
            article = json.loads(line)["text"]
            found += [(str(each.type), article[each.start : each.end]) for each in find(article) if each.type != "person"]
    assert len(found) <= most, found
