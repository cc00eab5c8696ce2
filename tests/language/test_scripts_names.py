"""Names in Latin letters, and the key where their spellings meet. Laws first, then names, then the edges."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.language import latin_names, name_key
from daffa.language.scripts.name_words import WORDS

arabic_names = st.text(st.sampled_from("ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءأإآ َُّ-ـ"), max_size=40)


@given(st.text(), st.integers(1, 9))
def test_there_is_always_a_spelling(text, limit):
    """Whatever the text there is a spelling, each stands once, and there are no more than asked for."""
    spellings = latin_names(text, limit)
    assert 1 <= len(spellings) <= limit
    assert len(set(spellings)) == len(spellings)


@given(arabic_names)
def test_no_arabic_letter_is_left(name):
    """A name in Arabic letters is spelled to its end."""
    assert not any("ء" <= letter <= "ي" for spelling in latin_names(name) for letter in spelling)


@given(st.text())
def test_the_key_of_a_key_like_text_is_stable_under_case_and_marks(text):
    """A key does not depend on direction marks around a name."""
    assert name_key(f"\u2068{text}\u2069") == name_key(text)


@given(st.text(st.characters(max_codepoint=127)))
def test_capitals_do_not_change_a_key(text):
    """A key does not depend on capitals."""
    assert name_key(text.upper()) == name_key(text.lower())


@pytest.mark.parametrize(
    "spellings",
    [
        "Mohamed Mohammed Mouhamed Muhammad Mohammad MOHAMED محمد مُحَمَّد",
        "M'hamed|Mhamed|امحمد",
        "Abdelkader|Abd el-Kader|Abdulkader|عبد القادر|عبدالقادر",
        "Abderrahim|Abdurrahim|عبد الرحيم",
        "Abdellah|Abdallah|Abd Allah|عبد الله|عبدالله",
        "Abdelilah|Abdel Ilah|عبد الإله",
        "Abdelhak|Abdelhaq|عبد الحق",
        "Benabdellah|Ben Abdallah|بنعبد الله|بن عبد الله",
        "Noureddine|Nour Eddine|Nour-eddine|Nourdine|نور الدين",
        "Aït Idir|Ait Idir|آيت إيدير|أيت إيدير|ⴰⵢⵜ ⵉⴷⵉⵔ",
        "El Alaoui|Alaoui|Elalaoui|العلوي",
        "Benali|Ben Ali|بنعلي|بن علي",
        "Fatima-Zahra|Fatima Zahra|Fatimazahra|فاطمة الزهراء",
        "Youssef|Yousef|Yusuf|يوسف",
        "Khadija|Khadidja|5adija|خديجة",
        "Hayat|حياة",
        "Ouafae|Wafae|Wafa|وفاء",
        "Rachid|Rashid|Rachide|رشيد",
        "Salah|صلاح",
        "Taha|طه",
        "Ghizlane|غزلان",
        "7assan|Hassan|حسن",
    ],
)
def test_spellings_of_one_name_meet(spellings):
    """The spellings of one name, in Latin, Arabic, Tifinagh letters or with chat digits, have one key."""
    names = spellings.split("|") if "|" in spellings else spellings.split()
    assert len({name_key(name) for name in names}) == 1
    assert name_key(names[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [("Rachid", "Rachida Tazi"), ("Hassan", "Khalid"), ("Benali", "Alami"), ("محمد", "حميد")],
)
def test_different_names_stay_apart(one, other):
    """Names of other consonants have other keys."""
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("محمد", "Mohammed"),
        ("بنعلي", "Benali"),
        ("عبد الإله", "Abdelilah"),
        ("عبد الرحيم بوعبيد", "Abderrahim Bouabid"),
        ("آيت", "Ait"),
        ("ⴰⵢⵜ ⵉⴷⵉⵔ", "Ait Idir"),
        ("محمد العلوي", "Mohammed El Alaoui"),
        ("نور الدين", "Noureddine"),
        ("الصحراوي", "Essahraoui"),
        ("نبيل بنعبد الله", "Nabil Benabdellah"),
        ("كَرِيم", "Karim"),
        ("ﻣﺤﻤﺪ", "Mohammed"),
        ("السيد محمد (الرباط)", "Essid Mohammed (Errabat)"),
        ("", ""),
    ],
)
def test_the_best_spelling(name, spelling):
    """The first candidate is the usual Moroccan spelling."""
    assert latin_names(name)[0] == spelling


def test_several_spellings_are_ranked():
    """A name with several usual spellings gives them all, the most usual first."""
    assert latin_names("محمد") == ["Mohammed", "Mohamed", "Mouhamed", "Muhammad"]
    assert latin_names("محمد بنعلي", 2) == ["Mohammed Benali", "Mohamed Benali"]


def test_every_listed_spelling_meets_its_arabic():
    """The keys of a listed word and of its spellings are one, but for the few that add or drop a consonant."""
    apart = {spelling for word, spellings in WORDS.items() for spelling in spellings if name_key(spelling) != name_key(word)}
    assert apart <= {"Lahcen", "Lhoucine", "My", "Rhizlane"}, apart


def test_spellings_beside_a_list_of_given_names(shared):
    """Most given names of a list that is not shipped meet by their key, and half are spelled as the list spells them."""
    rows = gzip.decompress((shared / "lexicon" / "moroccan_given_names.tsv.gz").read_bytes()).decode().splitlines()[2:]
    pairs = [row.split("\t")[1].split("|") for row in rows]
    pairs = [(names[0].strip(), arabic.strip()) for names in pairs for arabic in names[1:] if arabic.strip() != "name_darija"]
    met = sum(name_key(latin) == name_key(arabic) for latin, arabic in pairs)
    assert met >= 0.97 * len(pairs)
    listed: dict[str, set[str]] = {}
    for latin, arabic in pairs:
        listed.setdefault(arabic, set()).add(latin.lower())
    first = sum(latin_names(arabic)[0].lower() in spellings for arabic, spellings in listed.items())
    among = sum(not spellings.isdisjoint(map(str.lower, latin_names(arabic))) for arabic, spellings in listed.items())
    assert first >= 0.55 * len(listed)
    assert among >= 0.72 * len(listed)


def test_a_long_name_is_spelled_too():
    """A hundred thousand letters without a blank, or as many words, are spelled to the end."""
    assert latin_names("ب" * 100_000)
    assert len(latin_names("محمد " * 20_000)) == 5
    assert name_key("abdel" * 20_000)
