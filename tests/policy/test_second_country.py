"""A country is a folder: the code that reads, judges, proves and tells Morocco's law does so with a fictional federation's."""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
import z3
from law_mutants import finders, mutants

from daffa.decision import ATTRIBUTES, STATES, Door, Effect, Place
from daffa.errors import Invalid
from daffa.policy import (
    Bundle,
    Diff,
    Law,
    Proof,
    Second,
    diff,
    differences,
    examine,
    explain,
    necessity,
    prove,
    random_questions,
    render_check,
    render_diff,
    render_explain,
    render_proof,
    render_table,
    sentences_of,
)
from daffa.policy.columns import width
from daffa.policy.proof.ruled import Ruled
from daffa.policy.proof.search import Search
from daffa.policy.proof.world import World

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE, MOROCCO = ROOT / "policies" / "example", ROOT / "policies" / "ma"
PAGE = (ROOT / "docs" / "law-example.md").read_text(encoding="utf-8")
ACTS = (EXAMPLE / "README.md").read_text(encoding="utf-8")
LANGUAGES = ("fr", "ar", "en")
ROW = re.compile(r"^\| ([^|`]+) \| `([PF]-[a-z-]+)` \| `([^`]*)` \| (?:`([^`]*)`|\*nothing\*) \| `([a-z-]+)` \|$", re.MULTILINE)
HOLES = [match.groups(default="") for match in ROW.finditer(PAGE)]


@pytest.fixture(scope="module")
def example() -> Bundle:
    """The law of the Federation of Orsane, as shipped."""
    return Bundle.read(EXAMPLE)


@pytest.fixture(scope="module")
def proof(example: Bundle) -> Proof:
    """What the solver says of it."""
    return prove(example)


@pytest.fixture(scope="module")
def difference(example: Bundle, morocco: Bundle) -> Diff:
    """What the solver says of it beside Morocco's."""
    return diff(morocco, example, most=2)


def changed(tmp_path: Path, name: str, old: str, new: str) -> Path:
    """The folder of the law with one text of one file changed."""
    folder = shutil.copytree(EXAMPLE, tmp_path / "law")
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    return folder


# ---- The laws that hold for Morocco hold here


def test_it_may_come_into_force(tmp_path: Path):
    """The law passes its trial: cases, both judges, every invariant proved."""
    assert Law.load(EXAMPLE, tmp_path).bundle.country == "XO"


def test_it_is_large_enough_to_show_something(example: Bundle):
    """At least 25 rules over all five doors, 60 cases and 10 invariants."""
    assert len(example.rules) >= 25
    assert {door for written in example.rules for door in written.rule.doors} == set(Door)
    assert all(any(door in rule.doors and rule.effect is Effect.PERMIT for rule in example.table.rules) for door in Door)
    assert len(example.cases) >= 60
    assert len(example.invariants) >= 10


def test_it_is_sound_and_no_rule_is_idle(example: Bundle):
    """Each case is decided as demanded by both judges; each rule decides a case, and turns one when it is taken out."""
    report = examine(example, count=500)
    assert (report.failures, report.idle, report.unturned, report.differences) == ((), (), (), ())
    assert [rule for rule, need in necessity(example).items() if not need.turns] == []


def test_every_invariant_is_proved_and_every_rule_needed(proof: Proof):
    """The solver finds no question that breaks a never, one for each may, and for each rule a verdict that turns without it."""
    assert [proved.invariant.id for proved in proof.faults] == []
    assert [need.rule for need in proof.rules if not need.needed] == []


def test_table_and_cedar_agree(example: Bundle):
    """10,000 random questions: same verdict, same deciding rules."""
    assert differences(example, Second(example.cedar, example.schema), random.Random(2026), 10_000) == []


def test_random_questions_reach_its_rules(example: Bundle):
    """Random questions apply nine rules in ten, and meet permits, prohibitions and silence, so comparing means something."""
    asked = list(random_questions(random.Random(3), 20_000, example.table.rules, example.country))
    silent = [rule.id for rule in example.table.rules if not any(rule.holds(question) for question in asked)]
    assert len(silent) <= len(example.rules) // 10
    kinds = {(verdict.allowed, bool(verdict.rules)) for verdict in map(example.table.decide, asked)}
    assert kinds == {(True, True), (False, True), (False, False)}


def test_at_least_eight_holes_are_planted(example: Bundle):
    """The page plants at least eight holes, in different rules, and nothing finds any in the law as shipped."""
    rows = [line for line in PAGE.partition("## Planted holes")[2].partition("\n## ")[0].splitlines() if line.startswith("| ")]
    assert len(HOLES) == len(rows[1:]) >= 8
    assert len({rule for _, rule, *_ in HOLES}) >= 8
    assert finders(example, example.table.rules) == (set(), set(), set())


@pytest.mark.parametrize(("told", "rule", "written", "made", "finder"), HOLES, ids=[hole[0] for hole in HOLES])
def test_a_planted_hole_is_found(tmp_path, example, told, rule, written, made, finder):
    """The law with the hole reads well, and what the page names finds it."""
    folder = shutil.copytree(EXAMPLE, tmp_path / "law")
    for file in (folder / "rules").glob("*.cedar"):
        text = file.read_text(encoding="utf-8")
        if (start := text.find(f'@id("{rule}")')) >= 0:
            assert text.count(written, start, text.index(";", text.index("principal, action", start))) == 1, told
            file.write_text(text[:start] + text[start:].replace(written, made, 1), encoding="utf-8")
    bundle = Bundle.read(folder)
    assert bundle.rule(rule).rule != example.rule(rule).rule
    nevers, mays, cases = finders(bundle, bundle.table.rules)
    assert finder in nevers | mays | cases


@pytest.mark.scale
def test_every_small_slip_that_turns_a_verdict_is_found(example: Bundle):
    """Of all small slips, those that turn a verdict are found, and the page counts them as they are."""
    counts: Counter[str] = Counter()
    for told, rules in mutants(example.table.rules):
        search = Search(World((*example.table.rules, *rules), example.country))
        old, new = Ruled(search, example.table.rules, "old "), Ruled(search, rules, "new ")
        turns = search.find(z3.Xor(old.allowed, new.allowed)) is not None
        nevers, mays, cases = finders(example, rules)
        assert (nevers or mays or cases) or not turns, told
        counts.update(all=1, turn=turns, never=bool(nevers), may=bool(mays and not nevers))
    wanted = [
        rf"Of {counts['all']} small slips",
        rf"{counts['turn']} turn a verdict",
        rf"{counts['never']} break a never",
        rf"{counts['may']} leave a may",
    ]
    assert [line for line in wanted if not re.search(line, " ".join(PAGE.split()))] == []


# ---- It is another law, and it is told in its own words


def test_it_decides_otherwise_than_morocco(difference: Diff):
    """The same law would prove nothing: each of the two allows something, at every door, that the other refuses."""
    assert difference.widens
    assert difference.narrows
    assert {(change.door, change.allows) for change in difference.changes} == {
        (door, way) for door in Door for way in (True, False)
    }


def test_its_hosts_are_its_own(example: Bundle, morocco: Bundle):
    """What is foreign to one country is home to another."""
    assert example.host("www.gov.ma").operator == "MA"
    assert morocco.host("www.gov.ma") is None
    assert {host.suffix for host in example.hosts} != {host.suffix for host in morocco.hosts}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_told(example: Bundle, proof: Proof, difference: Diff, language: str):
    """Explanation, table, check, proof and difference have words in each language, within 80 columns."""
    pages = [
        render_explain(example, language),
        render_table(example, language),
        render_check(examine(example, 20), language),
        render_proof(proof, language),
        render_diff(difference, language),
    ]
    for page in pages:
        assert example.title[language].split()[0] in page
        assert "{" not in page
        assert max(map(width, page.splitlines())) <= 80


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_it_speaks_of_morocco(example: Bundle, proof: Proof, language: str):
    """Neither explanation, table nor proof of the law names Morocco, its authority or its acts."""
    pages = render_explain(example, language) + render_table(example, language) + render_proof(proof, language)
    assert not re.search("Maroc|Morocc|المغرب|CNDP|اللجنة الوطنية|09-08|05-20|2-24-921", pages)


@pytest.mark.parametrize(
    ("rule", "language", "words"),
    [
        ("F-secret-outside-district", "fr", "région du matériel : District fédéral"),
        ("F-secret-keys", "en", "encryption keys held by: a public authority of Orsane"),
        ("F-pupil-leaves-its-state", "en", "legal grounds including published agreement between states of the Federation"),
        ("F-named-outside-adequacy", "ar", "اتحاد أورسان"),
    ],
)
def test_what_the_law_names_is_said_as_it_says_it(example: Bundle, rule: str, language: str, words: str):
    """A region, a key holder, a ground and the state itself are named by the law, wherever a condition says them."""
    (row,) = explain(example, language, rule)
    assert any(words in said for said in row.unless)


def test_morocco_names_its_own_authority(morocco: Bundle, example: Bundle):
    """The same ground is the authority of Morocco under its law, and any authority under a law that does not name one."""
    rule = morocco.rule("F-sensitive-persons-unauthorised").rule
    assert any("CNDP" in said for said in explain(morocco, "fr", rule.id)[0].unless)
    told = Bundle(**{name: getattr(morocco, name) for name in Bundle.__slots__} | {"names": example.names})
    assert any(
        "autorisation de l'autorité de protection des données" in said for said in explain(told, "fr", rule.id)[0].unless
    )


def test_side_by_side_a_ground_keeps_its_common_name(example: Bundle, morocco: Bundle, difference: Diff):
    """In a difference of two countries no ground goes by the name that only one of them gives it; regions and states do."""
    page = " ".join(render_diff(difference, "en").split())
    assert "a treaty" in page
    assert not re.search("including published agreement between states", page)
    assert page.startswith(f"{morocco.title['en']} → {example.title['en']}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_words(example: Bundle, language: str):
    """Any question gets at least one sentence, without a word left to be filled in."""
    for question in random_questions(random.Random(4), 300, example.table.rules, example.country):
        said = sentences_of(example.table.decide(question), example, language)
        assert said
        assert not any("{" in sentence or not sentence.strip() for sentence in said)


def test_morocco_under_another_code_is_the_same_law(tmp_path: Path, morocco: Bundle):
    """Its files alone say that the home of a law is MA: with another code in them, it is judged, proved and decides alike."""
    folder = shutil.copytree(MOROCCO, tmp_path / "law")
    for file in folder.rglob("*"):
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            file.write_text(re.sub(r'"MA(?=["-])', '"XM', text), encoding="utf-8")
    moved = Law.load(folder, tmp_path).bundle
    assert (moved.country, len(moved.cases), len(moved.invariants)) == ("XM", len(morocco.cases), len(morocco.invariants))
    pairs = [
        [random_questions(random.Random(8), 4_000, law.table.rules, law.country) for law in (morocco, moved)],
        [[case.question for case in law.cases] for law in (morocco, moved)],
    ]
    for before, after in pairs:
        for one, other in zip(before, after, strict=True):
            old, new = morocco.table.decide(one), moved.table.decide(other)
            assert (old.allowed, old.rules) == (new.allowed, new.rules)
    named = [[row.conditions | {"unless": row.unless} for row in explain(law, "fr")] for law in (morocco, moved)]
    assert named[0] == named[1]


# ---- Its acts and its pages


def cited(base: str) -> list[tuple[str, str, list[str]]]:
    """What a base cites: act, article, paragraphs."""
    found = []
    for part in base.split(" ; "):
        act, articles = re.fullmatch(r"(.*?)(?: \([^)]*\))?, art\. (.*)", part).groups()
        found += [(act.lower(), *_article(one)) for one in articles.split(" et ")]
    return found


def _article(text: str) -> tuple[str, list[str]]:
    number, paragraphs = re.fullmatch(r"(\d+)(?: \(al\. ([\d, ]+)\))?", text).groups()
    return number, re.findall(r"\d+", paragraphs or "")


def stated() -> dict[tuple[str, str], str]:
    """The articles that the page of acts states, by act and number."""
    articles, act = {}, ""
    for line in ACTS.splitlines():
        if line.startswith("### "):
            act = re.match(r"### ((?:Loi|Constitution) \S+)?", line).group(1) or ""
        elif row := re.match(r"\| (?:(Loi \S+) \([^)]*\), )?(\d+) \|", line):
            articles[(row[1] or act).lower(), row[2]] = line
    return articles


def test_every_article_that_is_cited_is_stated(example: Bundle):
    """Each rule, invariant and case cites articles that the folder states in three languages, with their paragraphs."""
    articles = stated()
    assert len(articles) > 30
    bases = {rule.base for rule in example.rules} | {case.base for case in example.cases}
    bases |= {block.base for invariant in example.invariants for block in (invariant.never, invariant.may)}
    for base in bases:
        for act, number, paragraphs in cited(base):
            row = articles[act, number]
            assert row.count(" | ") == 3, row
            assert all(row.count(f"({paragraph})") == 3 for paragraph in paragraphs), (base, row)


def test_every_article_that_is_stated_has_its_case(example: Bundle):
    """No article is decoration: each is cited by a case or by a rule."""
    bases = [rule.base for rule in example.rules] + [case.base for case in example.cases]
    assert stated().keys() - {(act, number) for base in bases for act, number, _ in cited(base)} == set()


def test_every_case_says_why_in_three_languages(example: Bundle):
    """Cases are read by jurists of three languages."""
    assert [case.id for case in example.cases if set(case.why) != set(LANGUAGES)] == []


@pytest.mark.parametrize("page", [PAGE, ACTS], ids=["docs", "folder"])
def test_the_pages_count_it_as_it_is(example: Bundle, page: str):
    """Rules, permits, prohibitions, cases and invariants are counted as they are."""
    permits = sum(rule.effect is Effect.PERMIT for rule in example.table.rules)
    counts = {
        r"(\d+) (?:rules|règles)": len(example.rules),
        r"(\d+) (?:permit|autorisent)": permits,
        r"(\d+) (?:forbid|interdisent)": len(example.rules) - permits,
        r"(\d+) (?:cases|cas)\b": len(example.cases),
        r"(\d+) (?:invariants|choses)": len(example.invariants),
    }
    for pattern, count in counts.items():
        assert set(re.findall(pattern, page)) == {str(count)}, pattern


def test_the_table_of_rules_is_whole_and_true(example: Bundle):
    """docs/law-example.md lists every rule with the text on which it stands."""
    rows = dict(re.findall(r"^\| `([PF]-[a-z0-9-]+)` \| [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE))
    assert rows == {rule.id: rule.base for rule in example.rules}


# ---- What a country may write, and what not


def test_a_country_may_have_a_code_of_its_own():
    """Codes that ISO 3166-1 leaves to its users say a state; XX and ZZ, which say that none is known, do not."""
    assert {"XA", "XK", "XO", "XZ"} <= STATES
    assert not {"XX", "ZZ", "AA", "QM"} & STATES
    assert Place("p", hw="XO", region="XO-FD").region == "XO-FD"


def test_the_schema_is_that_of_every_country(example: Bundle, morocco: Bundle):
    """Without its comments the vocabulary is the same: it is that of questions, not of a country."""
    plain = [" ".join(re.sub("//[^\n]*", "", law.schema).split()) for law in (example, morocco)]
    assert plain[0] == plain[1]
    assert set(ATTRIBUTES) >= {clause.attribute for rule in example.table.rules for clause in rule.clauses}


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("[names.basis.treaty]", "[names.basis.pact]", "bundle.toml: names.basis.pact"),
        ("[names.basis.treaty]", "[names.ground.treaty]", "bundle.toml: names.ground"),
        ("[names.state.XO]", "[names.state.Orsane]", "bundle.toml: names.state.Orsane"),
        ("[names.state.XO]", "[names.level.high]", "bundle.toml: names.level.high"),
        ("[names.state.XO]", '[names.level."٣"]', "bundle.toml: names.level"),
        ("[names.region.XO-FD]", "[names.region.capital]", "bundle.toml: names.region.capital"),
        ('en = "Federal District"', "", "bundle.toml: names.region.XO-FD.en"),
        ('"Federal District"', '"\\u001b[2J"', "bundle.toml: names.region.XO-FD.en"),
        ('"Federal District"', '" "', "bundle.toml: names.region.XO-FD.en"),
        ('"Federal District"', "7", "bundle.toml: names.region.XO-FD.en"),
    ],
)
def test_a_name_that_would_never_be_read_is_refused(tmp_path: Path, old: str, new: str, field: str):
    """A name for a word outside the vocabulary, or not in three languages, is an error that names the field."""
    with pytest.raises(Invalid) as caught:
        Bundle.read(changed(tmp_path, "bundle.toml", old, new))
    assert field in str(caught.value)


def test_a_name_changes_words_and_the_digest_but_no_verdict(tmp_path: Path, example: Bundle):
    """A level may be named as its country grades it: the page says so, the rules are the same, the digest tells it."""
    named = '[names.level.3]\nfr = "grave"\nar = "خطير"\nen = "grave"\n\n[names.region.XO-FD]'
    law = Bundle.read(changed(tmp_path, "bundle.toml", "[names.region.XO-FD]", named))
    assert explain(law, "fr", "F-confidential-outside")[0].conditions["what"] == ("niveau : au moins grave",)
    assert law.table.rules == example.table.rules
    assert law.digest != example.digest
