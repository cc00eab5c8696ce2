"""Truths of the sector packs for taxes, social aid and farming that hold in all their languages."""

import re
from collections import Counter
from pathlib import Path

import pytest

from daffa.packs import Origin, Tools, lint, read_pack, trials

PACKS = Path(__file__).parents[2] / "packs"
NAMES = ("social-and-tax", "agriculture")
LANGUAGES = ("fr-Latn", "ar-Arab", "ary-Arab", "ary-Latn", "zgh-Tfng", "en-Latn")
# Thousands are set apart by a space in French, Arabic and Tamazight, by a comma in English.
GROUPED = re.compile(r"(?<=\d)[ ,](?=\d{3}(?!\d))")
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
# The first of a month is a word in Arabic; laws are numbered 60-24 or 60.24.
WRITTEN_ELSEWISE = re.compile(r"\b(?:1er|1) (?:janvier|January)|(?:loi de finances n°|finance law|قانون المالية رقم) [\d.-]+")
CITED = re.compile(r"\([^()]+\)\.$")


@pytest.fixture(scope="module", params=NAMES)
def pack(request):
    """One of the two packs."""
    return read_pack(PACKS / request.param, Origin.SHIPPED)


def sentences(document):
    """The lines of a document that say something."""
    return [line for line in document.text.splitlines() if line and not line.startswith("#")]


def figures(text):
    """The numbers of a text, however they are written."""
    return Counter(number.replace(",", ".") for number in NUMBER.findall(GROUPED.sub("", text)))


def claimed(document):
    """The figures of what a document says, without the references in parentheses, whose numbers are written differently."""
    said = [re.sub(r"\([^()]*\)\.$", "", line) for line in sentences(document)]
    spoken = [WRITTEN_ELSEWISE.sub("", line) for line in said]
    return [figures(line) for line in spoken]


def editions(pack, name):
    """A document by language."""
    return {document.language: document for document in pack.documents if document.name == name}


def test_a_pack_has_nothing_to_mend(pack):
    """Lint finds nothing, not even a doubt."""
    assert lint(PACKS / pack.id) == []


def test_published_values_and_expected_values_come_out(pack):
    """Each published value, each refusal, and each value that a question expects, is what the tool gives."""
    with Tools([pack]) as tools:
        tried = list(trials(pack, tools))
    assert len(tried) > 15
    assert [trial for trial in tried if not trial.held] == []


def test_the_same_figures_stand_in_french_arabic_and_english(pack):
    """Sentence by sentence, the three languages state the same numbers."""
    for name in {document.name for document in pack.documents}:
        said = {language: claimed(document) for language, document in editions(pack, name).items()}
        assert said["fr"] == said["en"], name
        assert said["fr"] == said["ar"], name


def test_tamazight_states_no_figure_of_its_own(pack):
    """Each number of a Tamazight text stands in the French one too."""
    for name in {document.name for document in pack.documents}:
        both = editions(pack, name)
        written = figures(both["zgh"].text)
        assert set(written) <= set(figures(both["fr"].text)), (name, set(written) - set(figures(both["fr"].text)))


def test_tamazight_is_marked_as_not_reviewed(pack):
    """No Tamazight text claims that a speaker has read it; the others are reviewed."""
    assert {document.language for document in pack.documents if not document.reviewed} == {"zgh"}


def test_each_sentence_ends_in_its_source(pack):
    """A sentence that is shown alone still says which article or table it rests on."""
    bare = [line for document in pack.documents for line in sentences(document) if not CITED.search(line)]
    assert bare == []


def test_no_sentence_stands_twice(pack):
    """A sentence belongs to one document, so that a citation is not a matter of chance."""
    counted = Counter(line for document in pack.documents for line in sentences(document))
    assert [line for line, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_questions_of_both_kinds_in_each_language(pack, language):
    """At least twelve that the pack answers and six that it does not, in each language and script."""
    asked = [question for question in pack.questions if question.language == language and question.tool is None]
    assert sum(question.status == "answered" for question in asked) >= 12
    assert sum(question.status == "not_covered" for question in asked) >= 6


def test_questions_are_not_the_words_of_the_documents(pack):
    """No question holds six words in a row that stand in a document."""
    text = " ".join(" ".join(document.text.split()) for document in pack.documents).casefold()
    for question in pack.questions:
        words = question.question.casefold().split()
        runs = [" ".join(words[start : start + 6]) for start in range(len(words) - 5)]
        assert [run for run in runs if run in text] == [], question.id


def test_a_right_citation_exists_in_french_and_arabic(pack):
    """What a question asks for may be cited in either administrative language."""
    for question in (question for question in pack.questions if question.spans):
        for language in ("fr", "ar"):
            texts = [editions(pack, name)[language].text for name in question.documents]
            assert any(span in text for span in question.spans for text in texts), (question.id, language)


def test_each_script_asks_in_its_script(pack):
    """Arabic questions are in Arabic letters, Tamazight in Tifinagh, the others in neither."""
    scripts = {"Arab": re.compile("[\u0600-\u06ff]"), "Tfng": re.compile("[\u2d30-\u2d7f]")}
    for question in pack.questions:
        script = question.language.rpartition("-")[2]
        for name, letters in scripts.items():
            assert bool(letters.search(question.question)) == (script == name), question.id


def test_the_glossary_knows_a_hundred_terms_in_darija_both_ways(pack):
    """A hundred terms and more, nearly all in Darija in both scripts."""
    assert len(pack.glossary) >= 100
    for language in ("ary", "ary_latn"):
        assert sum(bool(entry.words.get(language)) for entry in pack.glossary) >= 85, language


def test_letters_ask_for_the_same_facts_in_each_language(pack):
    """A letter in Arabic and in French names the same facts, and its text uses each of them."""
    for name in {template.name for template in pack.templates}:
        letters = [template for template in pack.templates if template.name == name]
        assert len({tuple(letter.facts) for letter in letters}) == 1, name
        for letter in letters:
            assert all("{" + fact + "}" in letter.text for fact in letter.facts)


def test_every_figure_names_its_source(pack):
    """Each dated value has a reference and a source of the pack."""
    for parameter in pack.parameters.values():
        for value in parameter.values:
            assert value.reference
            assert value.source in pack.sources
