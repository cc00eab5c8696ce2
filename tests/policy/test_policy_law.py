"""How a law is read, tried, put into force and replaced."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from daffa.decision import Table
from daffa.errors import Invalid, NotFound, Unavailable
from daffa.policy import Bundle, Law, Second, check_cases, examine, necessity, random_questions, try_law
from daffa.policy.law import judge


def edit(folder: Path, name: str, old: str, new: str) -> None:
    """Change one file of a law."""
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_law_is_read_whole(law_folder):
    """A bundle holds title, rules with their text and place, cases and hosts."""
    bundle = Bundle.read(law_folder)
    assert (bundle.country, bundle.title["fr"], bundle.version, bundle.accept_declared) == ("SN", "Loi d'essai", "test-1", True)
    assert [rule.id for rule in bundle.rules] == [rule.id for rule in bundle.table.rules]
    assert [rule.id for rule in bundle.rules][:2] == ["P-public", "P-home"]
    home = bundle.rule("P-home")
    assert (home.say("en"), home.base, home.status) == ("Internal and restricted data stay at home.", "Essai, art. 2", "test")
    assert (home.file, home.line, home.say("zgh")) == ("rules/10-permits.cedar", 12, home.say("en"))
    assert len(bundle.cases) == 10
    with pytest.raises(NotFound, match="P-none"):
        bundle.rule("P-none")


@pytest.mark.parametrize(
    ("name", "vendor"),
    [
        ("example.com", "Example"),
        ("API.Example.COM.", "Example"),
        ("a.eu.example.com", "Example Europe"),
        ("notexample.com", None),
        ("com", None),
        ("example.com.ma", None),
        ("", None),
        ("..", None),
    ],
)
def test_a_host_belongs_to_the_longest_known_suffix(small_law, name, vendor):
    """A host is known by whole labels, whatever its case; the nearest catalogue entry wins."""
    host = small_law.host(name)
    assert (host.vendor if host else None) == vendor


def test_the_digest_covers_what_decides_and_nothing_else(law_folder):
    """A changed, added or renamed rule, schema, title or host changes the digest; a case does not."""
    before = Bundle.read(law_folder).digest
    edit(law_folder, "cases/cases.toml", "Rien ne le permet.", "Rien.")
    assert Bundle.read(law_folder).digest == before
    digests = {before}
    for name, old, new in [
        ("rules/10-permits.cedar", "// What", "// what"),
        ("bundle.toml", "test-1", "test-2"),
        ("hosts.toml", "IE", "FR"),
        ("schema.cedarschema", "// Who asks", "// who asks"),
    ]:
        edit(law_folder, name, old, new)
        digests.add(Bundle.read(law_folder).digest)
    (law_folder / "rules" / "10-permits.cedar").rename(law_folder / "rules" / "11-permits.cedar")
    digests.add(Bundle.read(law_folder).digest)
    assert len(digests) == 6


def test_a_law_comes_into_force(law_folder):
    """A sound law loads, and its two judges answer alike."""
    law = Law.load(law_folder)
    for question in random_questions(random.Random(5), 20, law.bundle.table.rules, law.bundle.country):
        assert law.second.decide(question).allowed is law.bundle.table.decide(question).allowed


@pytest.mark.parametrize(
    ("name", "old", "new", "code"),
    [
        ("rules/10-permits.cedar", "context.level == 0 &&", "context.level == &&", "law_syntax"),
        ("rules/10-permits.cedar", "resource.hw ==", "resource.soil ==", "law_schema"),
        ("rules/10-permits.cedar", "context.level <= 2", "context.level <= 1", "law_case"),
        ("cases/cases.toml", 'expect = "allow"', 'expect = "refuse"', "law_case"),
        ("cases/cases.toml", 'rules = ["F-secret"]', 'rules = ["F-trains"]', "law_case"),
        ("cases/cases.toml", 'rules = ["F-secret"]', "default = true", "law_case"),
        ("bundle.toml", "country", "contry", "invalid_field"),
        ("schema.cedarschema", "entity Place {", "entity Place", "law_file"),
        ("hosts.toml", "[[host]]", "[[host]", "law_file"),
    ],
)
def test_a_law_that_does_not_hold_leaves_the_old_one_in_force(law_folder, name, old, new, code):
    """A law that fails its trial raises, and the law in force stays the very same; once mended, the new one may be put."""
    law = Law.load(law_folder)
    before, second, sound = law.bundle, law.second, (law_folder / name).read_bytes()
    edit(law_folder, name, old, new)
    with pytest.raises(Invalid) as caught:
        law.put(try_law(Bundle.read(law_folder)))
    assert caught.value.code == code
    assert law.bundle is before
    assert law.second is second
    (law_folder / name).write_bytes(sound)
    edit(law_folder, "bundle.toml", "test-1", "test-2")
    law.put(tried := try_law(Bundle.read(law_folder)))
    assert law.bundle is tried.bundle
    assert law.bundle.version == "test-2"
    assert law.second is not second


def test_a_lost_file_leaves_the_old_law_in_force(law_folder):
    """When the folder goes away, it cannot be read again, and the law in force stays."""
    law = Law.load(law_folder)
    before = law.bundle
    shutil.rmtree(law_folder)
    with pytest.raises(Invalid, match="no such folder"):
        law.put(try_law(Bundle.read(law_folder)))
    assert law.bundle is before


def test_judges_that_differ_keep_a_law_out_of_force(small_law, law_folder):
    """Where table and Cedar differ on a random question, the law is refused with the question and both verdicts."""
    edit(law_folder, "rules/10-permits.cedar", "context.level == 0", "context.level <= 1")
    changed = Bundle.read(law_folder)
    without_cases = Bundle(**{name: getattr(small_law, name) for name in Bundle.__slots__} | {"cases": ()})
    with pytest.raises(Invalid) as caught:
        judge(without_cases, Second(changed.cedar, changed.schema))
    assert caught.value.code == "law_judges"
    assert caught.value.facts["table"] != caught.value.facts["cedar"]
    assert set(caught.value.facts["question"]) == {"door", "purpose", "label", "place", "actor", "evaluated"}


def test_a_second_judge_that_cannot_answer_says_so(small_law):
    """A schema that does not fit the questions makes Cedar refuse them; that is an error, never a silent refusal."""
    schema = small_law.schema.replace("expired: Bool,", "expired: String,")
    question = next(random_questions(random.Random(1), 1, (), "SN"))
    with pytest.raises(Unavailable, match="is not valid for"):
        Second(small_law.cedar, schema).decide(question)


@pytest.mark.parametrize("name", ["bundle.toml", "schema.cedarschema", "hosts.toml"])
def test_a_missing_or_unreadable_file_is_named(law_folder, name):
    """A file that is absent, is a folder, or is no UTF-8 is named in the error."""
    (law_folder / name).write_bytes(b"\xff\xfe")
    with pytest.raises(Invalid, match=f"{name}: not UTF-8 at byte 0"):
        Bundle.read(law_folder)
    (law_folder / name).unlink()
    with pytest.raises(Invalid, match=f"{name}: no such file"):
        Bundle.read(law_folder)
    (law_folder / name).mkdir()
    with pytest.raises(Invalid, match=f"{name}: is a directory"):
        Bundle.read(law_folder)


def test_a_law_without_rules_is_refused(law_folder):
    """A folder without any rule is a mistake, not a law that refuses everything."""
    for file in law_folder.glob("rules/*.cedar"):
        file.unlink()
    with pytest.raises(Invalid, match=r"rules/\*\.cedar: no such file"):
        Bundle.read(law_folder)


@pytest.mark.parametrize("name", ["rules/30-more.cedar~", "rules/40-more.txt", "rules/more", "cases/notes.md"])
def test_no_file_is_passed_over_in_silence(law_folder, name):
    """A file that looks like a part of the law and is none is an error; hidden files are left alone."""
    (law_folder / "rules" / ".hidden").write_text("x", encoding="utf-8")
    Bundle.read(law_folder)
    (law_folder / name).write_text("x", encoding="utf-8")
    with pytest.raises(Invalid, match=name):
        Bundle.read(law_folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "field"),
    [
        ("bundle.toml", 'country = "SN"', 'country = "XX"', "bundle.toml: country"),
        ("bundle.toml", 'country = "SN"', 'country = ["SN"]', "bundle.toml: country"),
        ("bundle.toml", "accept_declared = true", "accept_declared = 1", "bundle.toml: accept_declared"),
        ("bundle.toml", 'ar = "قانون تجريبي"', "", "bundle.toml: title.ar"),
        ("bundle.toml", '"test-1"', '"\\u001b[2J"', "bundle.toml: version"),
        ("hosts.toml", '"eu.example.com"', '"example.com"', "hosts.toml: host 2: suffix"),
        ("hosts.toml", '"eu.example.com"', '"*.example.com"', "hosts.toml: host 2: suffix"),
        ("hosts.toml", 'operator = "IE"', "", "hosts.toml: host 2.operator"),
        ("cases/cases.toml", 'door = "cloud"', 'door = "window"', "cases/cases.toml: home: door"),
        (
            "cases/cases.toml",
            'place = "dakar"\nlabel = "level=restricted; form=raw; basis="',
            'place = "dakkar"\nlabel = ""',
            "home: place",
        ),
        ("cases/cases.toml", "level=restricted; form=raw; basis=", "level=high", "home: level"),
        ("cases/cases.toml", 'why = { fr = "Chez soi.", en = "At home." }', 'why = "x"', "home: why"),
        ("cases/cases.toml", 'id = "treaty"', 'id = "home"', "home: id"),
        ("cases/cases.toml", 'expect = "allow"', 'expect = "maybe"', "public-anywhere: expect"),
        ("cases/cases.toml", "now = 100", 'now = "soon"', "expired: now"),
        ("cases/cases.toml", 'rules = ["F-expired"]', 'rules = ["F-expired"]\ndefault = true', "expired: default"),
        ("cases/places.toml", "qual = 2", "qual = 3", "cases/places.toml: dakar: place.qual"),
        ("cases/places.toml", "qual = 2", "quality = 2", "cases/places.toml: dakar: place.quality"),
        ("cases/places.toml", "[places.paris]", "[places]\nparis = 3\n[places.lyon]", "cases/places.toml: paris"),
    ],
)
def test_a_wrong_field_is_named_with_its_file(law_folder, name, old, new, field):
    """Each wrong value of the data files is an error that names file, entry and field."""
    edit(law_folder, name, old, new)
    with pytest.raises(Invalid) as caught:
        Bundle.read(law_folder)
    assert field in str(caught.value)


def test_cases_judge_the_law(small_law, law_folder):
    """A sound law fails no case; one that was changed against its text fails its case before both judges."""
    assert check_cases(small_law) == []
    edit(law_folder, "rules/20-forbids.cedar", "context.level > 2", "context.level > 3")
    edit(law_folder, "cases/cases.toml", "level=secret", "level=confidential")
    failures = check_cases(Bundle.read(law_folder))
    assert [(failure.case.id, failure.judge, failure.got.allowed) for failure in failures] == [
        ("secret", "table", False),
        ("secret", "cedar", False),
    ]


def test_a_refusal_that_is_no_silence_must_name_a_rule(law_folder):
    """A case that expects a refusal without `default` fails where only silence refuses."""
    edit(law_folder, "cases/cases.toml", "default = true\n", "")
    assert {failure.case.id for failure in check_cases(Bundle.read(law_folder))} == {"silence"}


def test_necessity_is_what_taking_a_rule_out_does(small_law):
    """For each rule: exactly the cases whose deciding set changes without it, and those whose answer turns."""
    found = necessity(small_law)
    for rule in small_law.table.rules:
        without = Table(kept for kept in small_law.table.rules if kept is not rule)
        before = {case.id: small_law.table.decide(case.question) for case in small_law.cases}
        after = {case.id: without.decide(case.question) for case in small_law.cases}
        changed = [name for name in before if before[name].rules != after[name].rules]
        assert list(found[rule.id].decides) == changed
        assert list(found[rule.id].turns) == [name for name in before if before[name].allowed is not after[name].allowed]


def test_a_rule_that_no_case_needs_is_found(law_folder):
    """A rule that decides no case is a fault of the law's cases."""
    edit(
        law_folder,
        "cases/cases.toml",
        'label = "level=public; categories=minors; form=raw"',
        'label = "level=public; expires=0"',
    )
    edit(law_folder, "cases/cases.toml", 'rules = ["F-minors"]', 'rules = ["F-expired"]')
    report = examine(Bundle.read(law_folder), count=50)
    assert (report.idle, report.failures, report.sound) == (("F-minors",), (), False)
    assert report.permits == 4


def test_the_law_of_morocco_is_sound(morocco):
    """The shipped law holds: at least 40 rules and 60 cases; each rule decides a case; both judges agree with every case."""
    report = examine(morocco, count=500)
    assert (report.failures, report.idle, report.differences) == ((), (), ())
    assert len(morocco.rules) >= 40
    assert report.cases >= 60


def test_taking_out_any_rule_of_morocco_changes_a_case(morocco):
    """Each rule is there for a reason: without it a case is answered otherwise, or by other rules."""
    assert [rule for rule, need in necessity(morocco).items() if not need.decides] == []


def test_the_law_of_morocco_may_come_into_force():
    """The shipped law passes its own trial."""
    folder = Path(__file__).parents[2] / "policies" / "ma"
    assert Law.load(folder).bundle.country == "MA"
