"""The law in plain words: right, complete in three languages, and within 80 columns."""

from __future__ import annotations

import json
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa import sentences
from daffa.decision import ATTRIBUTES, Basis, Category, Door, Form, KeyHolder, Level, Near, Op, Purpose, Verdict
from daffa.errors import NotFound
from daffa.policy import (
    Bundle,
    examine,
    explain,
    random_questions,
    render_check,
    render_explain,
    render_table,
    sentences_of,
)
from daffa.policy.columns import isolated, pad, width, wrap

LANGUAGES = ("fr", "ar", "en")
CONTROLS = re.compile("[\u200e\u200f\u2066-\u2069]")


def bare(text: str) -> str:
    """What is read, without the marks that only steer its direction."""
    return CONTROLS.sub("", text)


def rule(bundle: Bundle, name: str, language: str):
    """One explained rule."""
    (row,) = explain(bundle, language, name)
    return row


def test_a_rule_is_explained_by_who_what_why_where_unless(small_law):
    """Conditions stand in groups; negated ones stand under unless; bounds read as at least and at most."""
    row = rule(small_law, "P-audit", "en")
    assert (row.effect, row.doors, row.sentence) == ("ALLOWS", ("factory",), "The auditor sees everything at home.")
    assert row.conditions == {
        "who": (
            "roles including auditor and sworn",
            "organisation: audit",
            "the data belongs to the asking organisation alone",
        ),
        "where": ("retention in days: at most 30", "cloud qualification: at least 2"),
    }
    assert row.unless == ("region of the hardware: SN-TH",)
    assert (row.base, row.status, row.file, row.line) == ("Essai, art. 4", "test", "rules/10-permits.cedar", 35)


def test_words_are_those_of_the_language(small_law):
    """The same rule in French and in Arabic."""
    french = rule(small_law, "F-secret", "fr")
    assert french.conditions == {"what": ("niveau : au moins confidentiel",)}
    assert french.unless == ("clés de chiffrement détenues par : l'État", "niveau de souveraineté (SEAL) : 3 ou 4")
    arabic = rule(small_law, "F-minors", "ar")
    assert [bare(said) for said in arabic.conditions["why"]] == ["الغاية: البحث العلمي أو الإحصاء"]
    assert [bare(said) for said in arabic.unless] == [
        "العتاد داخل التراب الوطني",
        "المكان في جهة صاحب الطلب",
        "ما سيخرج اجتاز تقييمه",
    ]


def test_a_negated_bound_is_said_the_other_way_round(small_law):
    """`!(level < 1)` is "at least internal", not an exception."""
    row = rule(small_law, "F-trains", "en")
    assert row.conditions["what"] == ("level: at least internal",)
    assert row.unless == ()


def test_another_language_is_answered_in_english(small_law):
    """A law that does not speak a language is explained in English."""
    assert explain(small_law, "zgh") == explain(small_law, "en")
    assert render_explain(small_law, "zgh") == render_explain(small_law, "en")


def test_an_unknown_rule_is_not_found(small_law):
    """Asking for a rule that the law does not have is an error that names it."""
    with pytest.raises(NotFound, match="P-none"):
        render_explain(small_law, "fr", "P-none")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_vocabulary_is_spoken(language):
    """Each attribute, comparison and value of a closed list has its words in each language."""
    catalogue = sentences.catalogue()
    codes = [f"law_true_{name.replace('.', '_')}" for name, (kind, _) in ATTRIBUTES.items() if kind == "Boolean"]
    codes += [f"law_subject_{name.replace('.', '_')}" for name, (kind, _) in ATTRIBUTES.items() if kind != "Boolean"]
    codes += [f"law_op_{op.name.lower()}" for op in Op if op not in (Op.LT, Op.GT)]
    codes += [f"law_level_{level}" for level in Level] + [f"law_form_{form.name.lower()}" for form in Form]
    for kind, words in {"categories": Category, "basis": Basis, "purpose": Purpose, "key": KeyHolder, "door": Door}.items():
        codes += [f"law_{kind}_{word}" for word in words]
    assert [code for code in codes if language not in catalogue.get(code, {})] == []


def test_every_sentence_of_the_room_is_whole():
    """Each code of the room speaks three languages, and names the same facts in each."""
    for code, said in sentences.catalogue().items():
        if code.startswith("law_"):
            facts = {language: sorted(set(re.findall(r"{(\w+)}", said[language]))) for language in LANGUAGES}
            assert facts["fr"] == facts["ar"] == facts["en"], code


@pytest.mark.parametrize("language", [*LANGUAGES, "zgh"])
@pytest.mark.parametrize("law", ["small_law", "morocco"])
def test_pages_fit_a_terminal_of_80_columns(request, law, language):
    """No line of any page is wider than 80 columns or ends in a space, and every isolate is closed in its line."""
    bundle = request.getfixturevalue(law)
    pages = [render_explain(bundle, language), render_table(bundle, language), render_check(examine(bundle, 20), language)]
    for line in "".join(pages).splitlines():
        assert width(line) <= 80
        assert line == line.rstrip()
        assert line.count("\u2066") + line.count("\u2067") + line.count("\u2068") == line.count("\u2069")


@pytest.mark.parametrize("page", [render_explain, render_table])
def test_french_punctuation_stays_with_its_word(morocco, page):
    """No line begins with a sign that French sets a space before, and none ends with an opening quotation mark."""
    cells = [cell.strip() for line in page(morocco, "fr").splitlines() for cell in line.split("│")]
    assert [cell for cell in cells if re.match("[:;!?»]( |$)", cell) or cell.endswith("«")] == []


def test_arabic_inside_an_isolate_runs_from_right_to_left(morocco):
    """An isolate that holds Arabic takes its direction from Arabic, not from what is nested in it, or from nothing."""
    for row in explain(morocco, "ar"):
        for said in (*row.unless, *(words for group in row.conditions.values() for words in group)):
            surface = said
            while "\u2068" in surface:
                surface = re.sub("\u2068[^\u2068\u2069]*\u2069", "", surface)
            assert re.match("[^A-Za-z]*[\u200f\u0600-\u06ff]", surface), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_explanation_leaves_nothing_out(morocco, language):
    """Every rule stands on the page with its sentence, its text of law and its status."""
    page = " ".join(bare(render_explain(morocco, language)).split())
    for row in explain(morocco, language):
        for said in (row.id, row.sentence, row.base, row.status):
            assert " ".join(bare(said).split()) in page


def test_the_usual_status_speaks_the_language(morocco):
    """What a jurist has still to confirm is said in his own language."""
    assert {row.status for row in explain(morocco, "fr")} == {"à confirmer par un juriste"}


def test_a_single_rule_is_explained_alone(small_law):
    """Asked for one rule, the page shows it and no other."""
    page = render_explain(small_law, "fr", "P-home")
    assert page.startswith("P-home")
    assert "P-public" not in page


def test_the_table_speaks_two_languages(small_law):
    """Side by side: French and Arabic; for an Arabic reader Arabic first, right to left."""
    row = next(line for line in render_table(small_law, "fr").splitlines() if "pays." in line)
    assert re.fullmatch(r"Une donnée interne ou restreinte reste │ .*|au pays\. +│ .*", row)
    arabic = render_table(small_law, "ar").splitlines()
    assert all(line.startswith("\u200f") for line in arabic if line)
    first = next(line for line in arabic if "تبقى المعطيات الداخلية" in line)
    assert bare(first).index("تبقى") < bare(first).index("Une donnée")


def test_a_check_says_what_is_wrong(law_folder):
    """A failed case is shown with what the judge said, why the law demands otherwise, and on what text."""
    file = law_folder / "rules" / "20-forbids.cedar"
    file.write_text(
        file.read_text(encoding="utf-8").replace("when { context.expired }", "when { context.evaluated }"), encoding="utf-8"
    )
    page = render_check(examine(Bundle.read(law_folder), 20), "en")
    assert "✗ Cases written from the text of law: 9 of 10" in page
    assert (
        " ".join(page.split()).count(
            "case expired, table: allowed by P-public, P-home, P-treaty, the law demands otherwise: “Expired.”"
        )
        == 1
    )
    assert "rule F-expired decides no case" in page
    assert page.endswith("Faults found: such a law does not come into force.\n")


def test_a_sound_law_is_said_to_be_sound(small_law):
    """Without a fault the page says so."""
    page = render_check(examine(small_law, 20), "fr")
    assert "✓ Questions tirées au hasard où la table et Cedar s'accordent : 20 sur 20" in page
    assert page.endswith("Aucun défaut trouvé.\n")


def test_a_refusal_speaks_with_the_sentences_of_the_law(small_law):
    """Where rules decided, their sentences are the reason, in the caller's language."""
    verdict = Verdict(False, ("F-expired", "F-secret"))
    assert sentences_of(verdict, small_law, "fr") == ["Une donnée échue ne sort pas.", "Le secret ne sort que vers l'État."]
    assert sentences_of(Verdict(True, ("P-home",)), small_law, "ar") == ["تبقى المعطيات الداخلية والمحدودة داخل البلد."]


def test_silence_says_what_came_nearest(small_law):
    """Where no rule decided, each nearest permit is named with what is missing and what is in the way."""
    clauses = {written.id: written.rule.clauses for written in small_law.rules}
    near = (Near("P-public", clauses["P-public"][:1]), Near("P-audit", clauses["P-audit"][3:5]))
    silence, public, audit = sentences_of(Verdict(False, (), near), small_law, "en")
    assert silence == "No rule allows it, and what no rule allows is refused."
    assert public == "Nearest rule, P-public: Public data may go anywhere. Missing: “level: public”."
    assert audit.startswith(
        "Nearest rule, P-audit: The auditor sees everything at home. Missing: “retention in days: at most 30”"
    )
    assert audit.endswith(". In the way: “region of the hardware: SN-TH”.")


def test_a_verdict_of_another_law_is_named_by_its_rules(small_law):
    """A rule that the law in force no longer has is named by its id, for a verdict may be older than the law."""
    assert sentences_of(Verdict(True, ("P-old", "P-home")), small_law, "en")[0] == "P-old"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_words(morocco, language):
    """Any question gets at least one sentence, without a word that was left to be filled in."""
    for question in random_questions(random.Random(4), 300, morocco.table.rules, morocco.country):
        said = sentences_of(morocco.table.decide(question), morocco, language)
        assert said
        assert not any("{" in sentence or not sentence.strip() for sentence in said)
        json.dumps(said).encode("ascii")


@given(words=st.lists(st.text("abéعربّ字", min_size=1, max_size=12), min_size=1, max_size=8), columns=st.integers(2, 30))
def test_wrapping_keeps_every_word_within_the_columns(words, columns):
    """Wrapped lines hold all signs in their order, none wider than asked; isolates are closed in the line where they open."""
    text = " ".join(words)
    lines = wrap(text, columns)
    assert "".join("".join(lines).split()) == "".join(words)
    assert all(width(line) <= columns for line in lines)
    shielded = wrap(isolated(text), columns)
    assert [bare(line) for line in shielded] == lines
    assert all(line.count("\u2068") == line.count("\u2069") for line in shielded)


def test_width_counts_columns_and_not_signs():
    """Vowel marks and steering marks take no column, wide signs two; padding goes by columns."""
    assert [width(text) for text in ("", "abc", "é", "e\u0301", "دفّة", "\u2068x\u2069", "字")] == [0, 3, 1, 1, 3, 1, 2]
    assert pad("دفّة", 5) == "دفّة  "
    assert pad("字", 4, right=True) == "  字"
