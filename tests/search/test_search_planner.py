"""The planner: any question gives a query whose every term has a reason; glossary, table and cues bring terms in."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.errors import Invalid
from daffa.search import FIELDS, Glossary, Planner, Query, Weights, everyday, matched
from daffa.search.cues import kinds
from daffa.search.glossary import COLUMNS
from daffa.search.latin import bare_forms, key
from daffa.search.lattice import Lattice
from daffa.search.reading import read
from daffa.search.tables import Tables

HEAD = "fr,ar,ary,ary_latn,zgh,en,asks\n"
PLANNER = Planner(everyday())
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=300) | st.text("wach l7a9 3ndi فالقانون ⵜⴰ délai 24 'ً ", max_size=200)


def by(query: Query, reason: str) -> dict[str, float]:
    """The terms of ``query`` that are there for one reason."""
    return {term.text: term.weight for term in query.terms if term.because.by == reason and term.field == "stem"}


def glossary(tmp_path: Path, lines: str) -> Glossary:
    """A glossary of these lines."""
    file = tmp_path / "glossary.csv"
    file.write_text(HEAD + lines, encoding="utf-8")
    return Glossary.of(file)


@given(ANY_TEXT, st.sampled_from(["", "fr-Latn", "ary-Latn", "ary-Arab", "zgh-Tfng", "xx", "und"]))
@settings(max_examples=150, deadline=None)
def test_any_text_is_planned(text: str, language: str) -> None:
    """A query has terms of known fields with weights above 0 and reasons, and concepts that tell between 0 and 1."""
    query = PLANNER.plan(text, language)
    assert query.text == text
    for term in query.terms:
        assert term.field in FIELDS
        assert term.text
        assert term.weight > 0
        assert term.because.asked
        assert term.because.by
    assert all(concept.asked and 0 <= concept.weight <= 1 for concept in query.concepts)
    assert len({(term.field, term.text) for term in query.terms}) == len(query.terms)


@given(ANY_TEXT, ANY_TEXT)
@settings(max_examples=50, deadline=None)
def test_what_matches_stands_in_the_text(question: str, text: str) -> None:
    """A match names a concept of the query and a place of the text."""
    query = PLANNER.plan(question)
    for match in matched(query, text):
        assert 0 <= match.concept < len(query.concepts)
        assert 0 <= match.start < match.end <= len(text)


@pytest.mark.parametrize(
    "text", ["mot " * 200_000, "كلمة" * 200_000, "l7a9i9a " * 200_000, "\ud800", "\x00" * 1000, "'" * 100_000]
)
def test_a_text_without_end_gives_a_bounded_query(text: str) -> None:
    """However long a question, its query is no longer than a question's."""
    query = PLANNER.plan(text)
    assert len(query.terms) <= 400
    assert len(query.concepts) <= 48


def test_the_words_of_a_question_weigh_most() -> None:
    """A word that no glossary knows keeps its full weight, and says itself why it is there."""
    query = Planner(Glossary(), Tables()).plan("durée de la servitude", "fr-Latn")
    assert by(query, "word") == {"dur": 1.0, "servitud": 1.0}
    assert [concept.asked for concept in query.concepts] == ["durée", "servitude"]


def test_an_everyday_word_brings_in_the_word_of_the_law(tmp_path: Path) -> None:
    """A line brings in both its sides, by Darija in either script, by everyday French and by English."""
    planner = Planner(
        glossary(tmp_path, "licenciement,الفصل من الشغل,جراو عليا,jraw 3lia,,fired,viré|mettre à la porte\n"), Tables()
    )
    for question, language in {
        "on m'a viré hier": "fr-Latn",
        "il veut me mettre à la porte": "fr-Latn",
        "jraw 3liya": "ary-Latn",
        "جراو عليا البارح": "ary-Arab",
        "I was fired": "en-Latn",
    }.items():
        found = by(planner.plan(question, language), "glossary")
        assert {"licenci", "فصل", "شغل"} <= set(found), question


def test_a_line_is_not_brought_in_by_half_a_phrase(tmp_path: Path) -> None:
    """A phrase is met as a whole, with the small words in it where they make it what it is."""
    planner = Planner(
        glossary(tmp_path, "ancienneté,أقدمية,,,,,combien par année\nmariage,زواج,,,,,contrat de mariage\n"), Tables()
    )
    assert not by(planner.plan("le contrat d'une année", "fr-Latn"), "glossary")
    assert by(planner.plan("combien par année ?", "fr-Latn"), "glossary")


def test_a_longer_phrase_stands_for_the_shorter_one_in_it(tmp_path: Path) -> None:
    """Of two lines that are met at one place the longer phrase alone counts."""
    planner = Planner(glossary(tmp_path, "identité,هوية,الكارط,,,,\npermis,رخصة,الكارط الرمادية,,,,\n"), Tables())
    assert set(by(planner.plan("ضاعت ليا الكارط الرمادية", "ary-Arab"), "glossary")) == {"perm", "رخص"}


def test_a_word_of_many_lines_brings_in_none_of_them(tmp_path: Path) -> None:
    """A wording of the searched sides asks only where it stands in one line, and only as a phrase."""
    planner = Planner(
        glossary(tmp_path, "bail|contrat de location,كراء,,,,,\nbail rural|contrat de location,مزارعة,,,,,\n"), Tables()
    )
    assert not by(planner.plan("un contrat de location", "fr-Latn"), "glossary")
    assert by(planner.plan("un bail rural", "fr-Latn"), "glossary")


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("ghadi nsiftolik lbriya", "ary-Latn"),
        ("kansifto", "ary-Latn"),
        ("masiftch", "ary-Latn"),
        ("siftathom", "ary-Latn"),
        ("صيفطوها", "ary-Arab"),
        ("كيصيفطو", "ary-Arab"),
    ],
)
def test_a_verb_is_met_in_any_person_and_time(tmp_path: Path, question: str, language: str) -> None:
    """A star says that a word is a verb: its consonants bring the line in, whatever stands around them."""
    terms = {term.text for term in Planner(glossary(tmp_path, "expédition,,صيفط*,,,,\n")).plan(question, language).terms}
    assert "expedit" in terms
    plain = {term.text for term in Planner(glossary(tmp_path, "expédition,,,sift zzz,,,\n")).plan(question, language).terms}
    assert "expedit" not in plain


def test_a_guess_gives_way_and_says_nothing(tmp_path: Path) -> None:
    """A verb met by its consonants is left out where the word is met surely, and never stands for a concept."""
    lines = glossary(tmp_path, "expédition,,,sift*,,,\nsaphir,,,msift,,,\n")
    assert set(by(Planner(lines).plan("msift", "ary-Latn"), "glossary")) == {"saph"}
    guessed = Planner(lines).plan("kansifto", "ary-Latn")
    assert "expedit" in by(guessed, "stem")
    assert all("expedit" not in concept.stems for concept in guessed.concepts)


def test_lines_of_one_word_share_its_weight(tmp_path: Path) -> None:
    """However many lines a word brings in, together they weigh what one would alone."""
    alone = by(Planner(glossary(tmp_path, "saphir,,,,,,caillou\n")).plan("caillou", "fr-Latn"), "glossary")
    both = by(Planner(glossary(tmp_path, "saphir,,,,,,caillou\nagate,,,,,,caillou\n")).plan("caillou", "fr-Latn"), "glossary")
    assert len(both) == 2
    assert sum(both.values()) == pytest.approx(sum(alone.values()))


def test_arabizi_meets_a_word_in_arabic_letters(tmp_path: Path) -> None:
    """A line written in Arabic letters alone is brought in by Latin spellings of its words."""
    lines = glossary(tmp_path, "saphir,,طوموبيل,,,,\n")
    for spelling in ("tomobil", "ttomobile", "toumoubil"):
        assert "saph" in by(Planner(lines).plan(spelling, "ary-Latn"), "glossary"), spelling


def test_a_translation_is_brought_in_with_its_share() -> None:
    """The table gives terms of the other language, weighed by how likely they are."""
    planner = Planner(Glossary(), Tables({"طالق": {"divorc": 0.8, "separ": 0.2}}, {"طالق": 3}, 100))
    assert by(planner.plan("الطلاق", "ar-Arab"), "translation") == pytest.approx({"divorc": 0.8, "separ": 0.2})


def test_arabizi_is_read_as_terms_that_exist() -> None:
    """A Latin word of Darija gives Arabic terms that were counted, the likeliest the heaviest."""
    found = by(Planner(Glossary()).plan("l9anon dyal lma7kama", "ary-Latn"), "arabizi")
    assert max(found, key=lambda term: found[term]) in {"قانون", "محكم"}
    assert {"قانون", "محكم"} <= set(found)


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("article 24 du code du travail", "24"),
        ("l'art. 41-2", "41.2"),
        ("que dit l'article premier ?", "1"),
        ("المادة 24 من مدونة الشغل", "24"),
        ("والفصل ٢٣٠ مكرر", "230bis"),
        ("lmada 24 dyal modawanat chghol", "24"),
    ],
)
def test_an_article_is_asked_for_by_its_number(question: str, number: str) -> None:
    """A cue and a number make the number weigh more than all words."""
    first = PLANNER.plan(question).terms[0]
    assert (first.field, first.text, first.because.by) == ("number", number, "number")


@pytest.mark.parametrize("question", ["24 heures", "les 18 articles", "مادة خام", "en 2024"])
def test_a_number_alone_asks_for_no_article(question: str) -> None:
    """Without a cue a number is a word among others."""
    assert not [term for term in PLANNER.plan(question).terms if term.field == "number"]


def test_a_law_is_asked_for_by_its_names(tmp_path: Path) -> None:
    """Beside a number the name of a law is looked for in both languages."""
    works = glossary(tmp_path, "code du travail|loi 65-99,مدونة الشغل,,modawanat chghol,,labour code,\n")
    planner = Planner(Glossary(), works=works)
    for question in ("article 24 du code du travail", "المادة 24 من مدونة الشغل", "article 24 of the labour code"):
        names = {term.text for term in planner.plan(question).terms if term.field == "work" and term.because.by == "name"}
        assert {"travail", "65.99", "مدون", "شغل"} <= names


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("Que veut dire « pension » ?", "fr-Latn", "definition"),
        ("Quelle est la peine pour un vol ?", "fr-Latn", "penalty"),
        ("Dans quel délai faire appel ?", "fr-Latn", "time"),
        ("À quel âge se marier ?", "fr-Latn", "threshold"),
        ("Devant quel tribunal ?", "fr-Latn", "competence"),
        ("ما هي عقوبة السرقة؟", "ar-Arab", "penalty"),
        ("شحال ديال الوقت عندي؟", "ary-Arab", "time"),
        ("chno l3o9oba dyal sri9a", "ary-Latn", "penalty"),
        ("what is the penalty for theft", "en-Latn", "penalty"),
    ],
)
def test_the_kind_of_a_question_is_heard(question: str, language: str, kind: str) -> None:
    """Phrases tell what sort of answer is wanted."""
    assert kind in {found.name for _, found in kinds(question, language)}


def test_matched_shows_which_words_answer_which_concept() -> None:
    """A passage in the other language is matched by what stands for the words that were asked."""
    text = "Le divorce judiciaire est prononcé par le tribunal."
    query = PLANNER.plan("كيفاش نطلب الطلاق", "ary-Arab")
    found = {text[match.start : match.end]: match for match in matched(query, text, "fr-Latn")}
    match = found["divorce"]
    assert "الطلاق" in query.concepts[match.concept].asked
    assert match.because.by in {"glossary", "translation"}


def test_a_word_of_nonsense_tells_most() -> None:
    """What no text has ever held is the rarest concept, so that nothing seems to cover it."""
    query = PLANNER.plan("la procédure de gloubiboulga", "fr-Latn")
    weights = {concept.asked: concept.weight for concept in query.concepts}
    assert weights["gloubiboulga"] == 1.0 > weights["procédure"]


def test_an_ingredient_can_be_left_out() -> None:
    """A weight of nothing leaves its terms out: what the benchmark measures with and without."""
    question = "chno l3o9oba dyal sri9a"
    for name, reason in {"glossary": "glossary", "arabizi": "arabizi", "kind": "kind"}.items():
        assert by(PLANNER.plan(question), reason)
        assert not by(Planner(everyday(), weights=Weights(**{name: 0.0})).plan(question), reason)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ch7al", "chhal"),
        ("lkhdma", "l5dma"),
        ("l7a9", "lha9"),
        ("9anoun", "qanon"),
        ("ssalaire", "salaire"),
    ],
)
def test_spellings_of_one_sound_have_one_key(one: str, other: str) -> None:
    """Writers of Arabizi vary letters that mean one sound."""
    assert key(one) == key(other)


def test_a_verb_loses_its_particles() -> None:
    """The negation and the particle of time are written together with a verb."""
    assert key("ykhelles") in bare_forms("makaykhellesch")
    assert key("ykhelles") in bare_forms("kaykhelles")


def test_a_lattice_knows_only_terms_that_were_counted() -> None:
    """The likeliest term has the skeleton of the word and its vowels."""
    lattice = Lattice({"كراء": 50, "كره": 50, "قرار": 50, "شيك": 9})
    assert next(term for term, _ in lattice.candidates("lkra")) == "كراء"
    assert lattice.candidates("zzz") == ()


def test_the_shipped_glossary_can_be_asked() -> None:
    """Each line of the everyday glossary has a side to search for and something that brings it in; there are 250 and more."""
    entries = everyday().entries
    assert len(entries) >= 250
    for entry in entries:
        assert entry.searched, entry.source
        asking = [wording for column in ("ary", "ary_latn", "zgh", "en", "asks") for wording in entry.wordings[column]]
        assert asking, entry.source
        said = (word for wording in asking for word in read(wording, "ary-Latn" if wording.isascii() else ""))
        assert not all(word.stop for word in said), entry.source


def test_glossaries_merge(tmp_path: Path) -> None:
    """The lines of packs stand beside the everyday ones."""
    merged = everyday().merged(glossary(tmp_path, "forage,ثقب مائي,البير,,,,\n"))
    assert len(merged.entries) == len(everyday().entries) + 1
    assert merged.entries[-1].source == "glossary.csv:2"


@pytest.mark.parametrize(
    "content",
    [b"fr,ar\nx,y\n", b"", b"\xff\xfe", HEAD.encode() + b",,a,,,,\n", HEAD.encode() + b"a,b,c\n", HEAD.encode() + b'"a,b\n'],
)
def test_a_file_that_is_no_glossary_is_refused(tmp_path: Path, content: bytes) -> None:
    """What cannot be read as a glossary is refused with its line."""
    file = tmp_path / "glossary.csv"
    file.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        Glossary.of(file)
    assert refused.value.code == "glossary_line"
    assert refused.value.facts["expected"] in (",".join(COLUMNS), "fr | ar")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A glossary that is not there is said to be none."""
    with pytest.raises(Invalid, match="is no line of a glossary"):
        Glossary.of(tmp_path / "none.csv")
