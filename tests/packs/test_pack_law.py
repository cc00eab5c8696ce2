"""Truths of the packs that explain the law (procedures, labour, family, data): figures, references, arithmetic."""

import datetime
import gzip
import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.errors import Invalid
from daffa.language import repair
from daffa.packs import Origin, Tools, lint, read_pack, trials

PACKS = Path(__file__).parents[2] / "packs"
LANGUAGES = ("fr-Latn", "ar-Arab", "ary-Arab", "ary-Latn", "zgh-Tfng", "en-Latn")
DAY = datetime.date(2026, 1, 1)
NUMBER = re.compile(r"\d+(?:[.,-]\d+)*")
CITED = re.compile(r"\(([^()]+)\)\.$")
FRENCH_REFERENCE = re.compile(r"(?P<law>(?:loi|décret)[^()]*), (?P<article>(?:art\.|annexe) \d+)$")

# A law as it is cited -> the text that it was read in.
TEXTS = {
    "loi 65-99": "code_du_travail",
    "loi 70-03": "code_de_la_famille",
    "loi 09-08": "protection_donnees",
    "loi 05-20": "ma-loi-05-20",
    "loi 43-20": "ma-loi-43-20",
    "décret 2-24-921": "ma-decret-2-24-921",
    "loi 55-19": "ma-adala-administrative-159",
    "loi 31-13": "ma-adala-rights-freedoms-486",
    "loi 04-20": "ma-adala-electronic-476",
    "loi 36-21": "ma-adala-family-121",
    "décret 2-04-469": "ma-adala-labor-4196",
    "loi sur la motivation": "ma-adala-administrative-152",
    "décret du 12 août 2020": "ma-adala-administrative-6856",
    "décret du 22 juin 2023": "ma-adala-family-122",
    "décret du 23 juin 2017": "ma-adala-administrative-497",
}
# How the texts write a figure where they do not use digits.
WORDS = {
    "3": "trois|ثلاث", "4": "quatre|أربع", "5": "cinq|خمس", "6": "six|ست", "7": "sept|سبع", "8": "huit|ثمانية", "10": "dix|عشر",
    "12": "douze", "14": "quatorze", "15": r"quinze|خمسة?\s+عشرة?", "16": "seize", "18": "dix-huit", "20": "vingt|عشرين",
    "24": "vingt-?quatre", "25": "vingt-cinq", "30": "trente|ثلاثين", "60": "ستين", "90": "quatre-vingt-dix",
}  # fmt: skip


@pytest.fixture(scope="module", params=("administration", "law"))
def pack(request):
    """One of the two packs."""
    return read_pack(PACKS / request.param, Origin.SHIPPED)


@pytest.fixture(scope="module")
def call():
    """Call a tool of the pack on the law, on a day of 2026."""
    with Tools([read_pack(PACKS / "law", Origin.SHIPPED)], workers=1) as tools:
        yield lambda name, **arguments: tools.call("law", name, arguments, day=DAY)


@pytest.fixture(scope="module")
def articles(shared):
    """Text of an article by law and number, of the laws in ``TEXTS``; damaged Arabic is mended."""
    found = defaultdict(str)
    for language in ("fr", "ar"):
        with gzip.open(shared / "docs" / f"laws_{language}_articles.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                # Most lines are of other laws: their text is not worth parsing.
                if any(f'"law": "{law}"' in line for law in TEXTS.values()):
                    article = json.loads(line)
                    text = repair(article["text"]).text if language == "ar" else article["text"]
                    found[article["law"], re.sub(r"\D.*", "", article["ref"].removeprefix("art").strip())] += f" {text}"
    return found


def sentences(document):
    """The lines of a document that say something."""
    return [line for line in document.text.splitlines() if line and not line.startswith("#")]


def editions(pack, name):
    """A document by language."""
    return {document.language: document for document in pack.documents if document.name == name}


def names(pack):
    """The names of its documents."""
    return sorted({document.name for document in pack.documents})


def figures(text):
    """The numbers of a text; a decimal comma is a point."""
    return Counter(number.replace(",", ".") for number in NUMBER.findall(text))


def test_a_pack_has_nothing_to_mend(pack):
    """Lint finds nothing, not even a doubt."""
    assert lint(PACKS / pack.id) == []


def test_hand_worked_values_come_out(pack):
    """Each case, each refusal and each value that a question expects is what the tool gives."""
    with Tools([pack], workers=1) as tools:
        assert [trial for trial in trials(pack, tools) if not trial.held] == []


def test_the_same_figures_stand_in_french_arabic_and_english(pack):
    """Sentence by sentence, the three languages state the same numbers, references included."""
    for name in names(pack):
        said = {language: list(map(figures, sentences(document))) for language, document in editions(pack, name).items()}
        assert said["fr"] == said["ar"] == said["en"], name


def test_tamazight_states_no_figure_of_its_own(pack):
    """Each number of a Tamazight text stands in the French one, and none of these texts claims to be reviewed."""
    for name in names(pack):
        both = editions(pack, name)
        assert not both["zgh"].reviewed
        assert set(figures(both["zgh"].text)) <= set(figures(both["fr"].text)), name


def test_each_sentence_says_which_article_it_rests_on(pack):
    """A sentence that is shown alone ends in its reference, in every language."""
    assert [line for document in pack.documents for line in sentences(document) if not CITED.search(line)] == []


def test_the_articles_named_in_front_are_those_cited(pack):
    """``articles`` of a document lists what its sentences cite, no more and no less."""
    for name in names(pack):
        both = editions(pack, name)
        cited = {CITED.search(line)[1] for line in sentences(both["fr"])}
        assert all(set(document.articles) == cited for document in both.values()), name


def test_each_figure_stands_in_the_article_that_is_cited(pack, articles):
    """A number of a French sentence is read in the law's own text, in digits or in words."""
    checked = 0
    for document in (document for document in pack.documents if document.language == "fr"):
        for line in sentences(document):
            reference = FRENCH_REFERENCE.search(CITED.search(line)[1])
            law, article = TEXTS.get(reference["law"]), reference["article"].removeprefix("art. ")
            text = re.sub(r"(?<=\d)[.\s](?=\d{3}\b)", "", articles.get((law, article), ""))
            for number in figures(line[: line.rindex("(")]) if text else ():
                spelled = WORDS.get(number)
                said = re.search(rf"(?<!\d){number.replace('.', '[.,]')}(?!\d)", text) or (spelled and re.search(spelled, text))
                # Article 20 of the family code names the age of article 19 by its number alone.
                assert said or (reference["law"], article) == ("loi 70-03", "20"), line
                checked += 1
    assert checked > 50


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_questions_of_both_kinds_in_each_language(pack, language):
    """At least twelve that the pack answers and six that it does not, in each language and script."""
    asked = [question for question in pack.questions if question.language == language and question.tool is None]
    assert sum(question.status == "answered" for question in asked) >= 12
    assert sum(question.status == "not_covered" for question in asked) >= 6


def test_a_right_citation_exists_in_french_arabic_and_english(pack):
    """What a question asks for may be cited in each of the reviewed languages."""
    for question in (question for question in pack.questions if question.spans):
        for language in ("fr", "ar", "en"):
            texts = [editions(pack, name)[language].text for name in question.documents]
            assert any(span in text for span in question.spans for text in texts), (question.id, language)


def test_words_of_everyday_are_plenty_and_lead_somewhere(pack):
    """At least a hundred and twenty rows, nine in ten with Darija in both scripts, in words that no other row has first."""
    entries = pack.glossary
    assert len(entries) >= 120
    assert sum(bool(entry.words["ary"] and entry.words["ary_latn"]) for entry in entries) >= 0.9 * len(entries)
    assert len({entry.words["fr"][0] for entry in entries}) == len(entries)


@settings(deadline=None, max_examples=40)
@given(years=st.integers(0, 40), months=st.integers(0, 11), wage=st.integers(1, 500))
def test_the_indemnity_never_falls_with_time(call, years, months, wage):
    """One more year is worth between 96 and 240 hours of pay (law 65-99, article 53)."""
    now = call("dismissal_indemnity", years=years, months=months, hourly_wage=wage).value
    later = call("dismissal_indemnity", years=years + 1, months=months, hourly_wage=wage).value
    assert 96 * wage <= later - now <= 240 * wage


@settings(deadline=None, max_examples=30)
@given(years=st.integers(0, 70), service=st.integers(6, 12), minor=st.booleans())
def test_seniority_never_takes_leave_away(call, years, service, minor):
    """Leave is at least what the months give, and seniority brings it to thirty days at most (law 65-99, articles 231, 232)."""
    days = call("annual_leave", service_months=service, years=years, minor=minor).value
    assert service * (2 if minor else 1.5) <= days <= 30


def test_damages_stop_at_thirty_six_months(call):
    """From twenty-four years on, damages are thirty-six months of pay (law 65-99, article 41)."""
    assert {call("dismissal_damages", years=years, monthly_wage=1000).value for years in (24, 25, 50)} == {36_000}
    assert call("dismissal_damages", years=23, monthly_wage=1000).value == 34_500


def test_a_result_names_its_law(call):
    """Each figure that a result rests on has its article and its first day."""
    used = call("notice", years=2).used
    assert [(each.reference, each.since) for each in used] == [("Décret 2-04-469, art. 1", "2005-01-03")]


@pytest.mark.parametrize(
    ("tool", "arguments", "field"),
    [
        ("dismissal_indemnity", {"years": -1, "hourly_wage": 20}, "years"),
        ("dismissal_indemnity", {"years": 3, "hourly_wage": 0}, "hourly_wage"),
        ("dismissal_indemnity", {"hourly_wage": 20}, "years"),
        ("annual_leave", {"service_months": 13}, "service_months"),
        ("notice", {"years": 2, "category": "king"}, "category"),
    ],
)
def test_what_cannot_be_computed_names_its_field(call, tool, arguments, field):
    """A wrong or missing argument is refused by its name."""
    with pytest.raises(Invalid) as refused:
        call(tool, **arguments)
    assert field in str(refused.value.facts)
