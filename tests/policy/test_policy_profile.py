"""The restricted profile: what it takes, what it refuses and how it says so."""

from __future__ import annotations

import pytest

from daffa.decision import STATES, Clause, Door, Effect, Op
from daffa.errors import Invalid
from daffa.policy import Bundle

SCOPE = "(principal, action, resource)"


def clauses(folder):
    """The clauses of the first rule."""
    return Bundle.read(folder).table.rules[0].clauses


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("context.level == 3", Clause("context.level", Op.EQ, 3)),
        ("context.level != 3", Clause("context.level", Op.EQ, 3, negated=True)),
        ("context.level < 3", Clause("context.level", Op.LT, 3)),
        ("context.level <= 3", Clause("context.level", Op.LE, 3)),
        ("context.level > 3", Clause("context.level", Op.GT, 3)),
        ("context.level >= 3", Clause("context.level", Op.GE, 3)),
        ("3 > context.level", Clause("context.level", Op.LT, 3)),
        ("3 >= context.level", Clause("context.level", Op.LE, 3)),
        ("3 < context.level", Clause("context.level", Op.GT, 3)),
        ("3 <= context.level", Clause("context.level", Op.GE, 3)),
        ("3 == context.level", Clause("context.level", Op.EQ, 3)),
        ('"FR" != resource.hw', Clause("resource.hw", Op.EQ, "FR", negated=True)),
        ("!(context.level < 3)", Clause("context.level", Op.LT, 3, negated=True)),
        ("!!(context.level < 3)", Clause("context.level", Op.LT, 3)),
        ('!(resource.hw != "FR")', Clause("resource.hw", Op.EQ, "FR")),
        ("resource.trains", Clause("resource.trains", Op.EQ, True)),
        ("!resource.trains", Clause("resource.trains", Op.EQ, True, negated=True)),
        ("resource.trains == true", Clause("resource.trains", Op.EQ, True)),
        ("resource.trains == false", Clause("resource.trains", Op.EQ, True, negated=True)),
        ("resource.trains != false", Clause("resource.trains", Op.EQ, True)),
        ("false == resource.trains", Clause("resource.trains", Op.EQ, True, negated=True)),
        ('["FR", "ES"].contains(resource.hw)', Clause("resource.hw", Op.ONE_OF, frozenset({"FR", "ES"}))),
        ("[1, 2].contains(resource.qual)", Clause("resource.qual", Op.ONE_OF, frozenset({1, 2}))),
        ('resource.reach.contains("US")', Clause("resource.reach", Op.HAS, "US")),
        ('principal.roles.containsAny(["a", "b"])', Clause("principal.roles", Op.HAS_ANY, frozenset({"a", "b"}))),
        ('["a", "b"].containsAny(principal.roles)', Clause("principal.roles", Op.HAS_ANY, frozenset({"a", "b"}))),
        ('principal.roles.containsAll(["a", "b"])', Clause("principal.roles", Op.HAS_ALL, frozenset({"a", "b"}))),
        ('["a", "b"].containsAll(principal.roles)', Clause("principal.roles", Op.WITHIN, frozenset({"a", "b"}))),
        ('resource["hw"] == "FR"', Clause("resource.hw", Op.EQ, "FR")),
    ],
)
def test_a_condition_reads_as_its_clause(with_body, text, clause):
    """Each form of the profile is read as the clause that it says, under `when`, and negated under `unless`."""
    opposite = Clause(clause.attribute, clause.op, clause.operand, not clause.negated)
    folder = with_body(f"permit {SCOPE} when {{ {text} }} unless {{ {text} }};")
    assert clauses(folder) == (clause, opposite)


@pytest.mark.parametrize(
    ("scope", "doors"),
    [
        ("action", frozenset(Door)),
        ('action == Action::"forge"', {Door.FORGE}),
        ('action in [Action::"forge", Action::"cloud"]', {Door.FORGE, Door.CLOUD}),
    ],
)
def test_a_scope_reads_as_its_doors(with_body, scope, doors):
    """The action of a rule says its doors; no action says all five."""
    rule = Bundle.read(with_body(f"forbid (principal, {scope}, resource);")).table.rules[0]
    assert (rule.id, rule.effect, rule.doors, rule.clauses) == ("R", Effect.FORBID, doors, ())


def test_conditions_add_up_in_their_order(with_body):
    """Several `when` and `unless` are one list of clauses, all of which must hold."""
    text = "when { context.level == 1 && context.expired } unless { context.evaluated } when { resource.trains }"
    read = [str(clause) for clause in clauses(with_body(f"permit {SCOPE} {text};"))]
    assert read == [
        "context.level == 1",
        "context.expired == true",
        "not (context.evaluated == true)",
        "resource.trains == true",
    ]


@pytest.mark.parametrize(
    ("body", "construct"),
    [
        (f'permit {SCOPE} when {{ resource.hw like "F*" }};', "like"),
        (f"permit {SCOPE} when {{ resource has hw }};", "has"),
        (f"permit {SCOPE} when {{ context.level == 1 || context.expired }};", "||"),
        (f"permit {SCOPE} unless {{ context.level == 1 && context.expired }};", "&&"),
        (f"permit {SCOPE} when {{ !(context.level == 1 && context.expired) }};", "&&"),
        (f"permit {SCOPE} when {{ if context.expired then true else false }};", "if"),
        (f"permit {SCOPE} when {{ context.level + 1 == 2 }};", "context.level + 1"),
        (f"permit {SCOPE} when {{ context.level == 1 + 1 }};", "1 + 1"),
        (f"permit {SCOPE} when {{ resource.qual == resource.seal }};", "resource.qual == resource.seal"),
        (f"permit {SCOPE} when {{ resource.reach.contains(resource.hw) }};", "resource.reach.contains(resource.hw)"),
        (f"permit {SCOPE} when {{ context.basis.containsAll(context.categories) }};", "containsAll"),
        (f'permit {SCOPE} when {{ resource.reach == ["MA"] }};', '["MA"]'),
        (f"permit {SCOPE} when {{ resource.reach.isEmpty() }};", "isEmpty"),
        (f"permit {SCOPE} when {{ [true].contains(context.expired) }};", "[true]"),
        (f"permit {SCOPE} when {{ true }};", "true"),
        (f"permit {SCOPE} when {{ 1 == 1 }};", "1 == 1"),
        (f'permit {SCOPE} when {{ principal == Actor::"a" }};', "principal =="),
        (f"permit {SCOPE} when {{ principal is Actor }};", "principal is Actor"),
        ("permit (principal is Actor, action, resource);", "principal is"),
        ('permit (principal == Actor::"a", action, resource);', "principal =="),
        ('permit (principal, action, resource == Place::"x");', "resource =="),
        ('permit (principal, action, resource in Place::"x");', "resource in"),
        ('permit (principal, action in Action::"gateway", resource);', "action in"),
        ("permit (principal == ?principal, action, resource);", "?principal"),
    ],
)
def test_what_is_outside_the_profile_is_refused_by_name(with_body, body, construct):
    """A rule outside the profile does not load; the error names file, line, rule and construct."""
    with pytest.raises(Invalid) as caught:
        Bundle.read(with_body(body))
    error = caught.value
    assert error.code == "law_profile"
    assert construct in error.facts["construct"]
    assert (error.facts["file"], error.facts["line"]) == ("rules/only.cedar", 1)
    assert error.facts["rule"] == "R" or construct == "?principal"


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (f"permit {SCOPE} when {{ resource.qal == 1 }};", "law_schema", "attribute `qal` on entity type `Place` not found"),
        (f'permit {SCOPE} when {{ resource.qual > "a" }};', "law_schema", "expected Long but saw String"),
        (f"permit {SCOPE} when {{ resource.hw == 3 }};", "law_schema", "Long and String are not compatible"),
        (f"permit {SCOPE} when {{ [].contains(resource.hw) }};", "law_schema", "empty set"),
        ('permit (principal, action == Action::"window", resource);', "law_schema", "unrecognized action"),
        (f"permit {SCOPE} when {{ context.level == }};", "law_syntax", "unexpected token"),
        (f"permit {SCOPE} when {{ context.level == 99999999999999999999 }};", "law_syntax", "too large"),
        (f"permit {SCOPE}", "law_syntax", "unexpected end"),
    ],
)
def test_cedar_itself_refuses_in_its_own_words(with_body, body, code, words):
    """What Cedar's parser or validator refuses does not load; its words are passed on with file and rule."""
    with pytest.raises(Invalid) as caught:
        Bundle.read(with_body(body))
    assert caught.value.code == code
    assert words in caught.value.facts["reason"]
    assert (caught.value.facts["file"], caught.value.facts["rule"]) == ("rules/only.cedar", "R")


@pytest.mark.parametrize(
    ("condition", "word"),
    [
        ('context.form == "anonymized"', "anonymized"),
        ('context.categories.contains("helth")', "helth"),
        ('context.basis.containsAny(["law", "whim"])', "whim"),
        ('context.purpose == "fun"', "fun"),
        ('resource.hw != "MAR"', "MAR"),
        ('resource.operator == "ma"', "ma"),
        ('["FR", "XX"].containsAll(resource.reach)', "XX"),
        ('resource.key == "nobody"', "nobody"),
        ('resource.region == "Rabat"', "Rabat"),
        ("context.level >= 5", 5),
        ("context.level > -1", -1),
        ("resource.qual == 3", 3),
        ("[4, 5].contains(resource.seal)", 5),
        ("resource.retention_days <= 1000001", 1_000_001),
        ("context.level == 9223372036854775807", 9223372036854775807),
    ],
)
def test_a_word_that_no_question_has_is_refused(with_body, condition, word):
    """A value outside an attribute's vocabulary would never match, so it is an error and not a silent hole in the law."""
    with pytest.raises(Invalid) as caught:
        Bundle.read(with_body(f"forbid {SCOPE} when {{ {condition} }};"))
    assert (caught.value.code, caught.value.facts["word"], caught.value.facts["rule"]) == ("law_word", word, "R")


def test_an_attribute_that_only_the_schema_knows_is_refused(with_body):
    """A schema cannot smuggle in an attribute that questions do not have."""
    folder = with_body(f"permit {SCOPE} when {{ resource.tee }};")
    schema = folder / "schema.cedarschema"
    schema.write_text(schema.read_text(encoding="utf-8").replace("trains: Bool,", "trains: Bool, tee: Bool,"), encoding="utf-8")
    with pytest.raises(Invalid, match=r"resource\.tee"):
        Bundle.read(folder)


def test_errors_name_the_line_of_the_rule_among_comments_and_strings(with_rules):
    """Semicolons in comments and annotations do not end a rule, and the line of the broken rule is right."""
    notes = '@fr("a; b // c") @ar("ع") @en("\\"e\\";") @base("b") @status("s")'
    first, second = f"permit {SCOPE};", f"permit {SCOPE} when {{ context.nil }};"
    text = f'// first; comment\n@id("A") {notes}\n{first}\n\n// second;\n@id("B") {notes}\n{second}\n// end;'
    with pytest.raises(Invalid) as caught:
        Bundle.read(with_rules(text))
    assert (caught.value.facts["line"], caught.value.facts["rule"]) == (6, "B")


@pytest.mark.parametrize(
    "condition",
    [
        "!(" * 3000 + "context.expired" + ")" * 3000,
        "(" * 3000 + "context.expired" + ")" * 3000,
        " && ".join(["context.expired"] * 5000),
        "if true then (" * 3000 + "true" + ") else true" * 3000,
        "context" + ".a" * 3000,
        "!" * 3000 + "context.expired",
        "-" * 3000 + "1 == context.level",
    ],
    ids=["not", "parentheses", "and", "if", "dots", "bangs", "minus"],
)
def test_a_text_that_nests_without_end_never_reaches_the_parser(with_body, condition):
    """Cedar's parser recurses without a bound: a rule that would exhaust the stack is refused before."""
    with pytest.raises(Invalid, match="at most 256"):
        Bundle.read(with_body(f"permit {SCOPE} when {{ {condition} }};"))


def test_a_schema_that_nests_without_end_never_reaches_the_parser(law_folder):
    """The same for the schema."""
    deep = "entity Deep { x: " + "Set<" * 30_000 + "Long" + ">" * 30_000 + " };"
    (law_folder / "schema.cedarschema").write_text(deep, encoding="utf-8")
    with pytest.raises(Invalid, match="nested too deeply"):
        Bundle.read(law_folder)


def test_a_long_list_is_no_deep_rule(with_body):
    """Many literals and many clauses are fine: 40 conditions, each with a list."""
    states = ", ".join(f'"{state}"' for state in sorted(STATES))
    text = " && ".join([f"[{states}].containsAll(resource.reach)"] * 40)
    assert len(clauses(with_body(f"permit {SCOPE} when {{ {text} }};"))) == 40


@pytest.mark.parametrize("missing", ["@fr", "@ar", "@en", "@base", "@status"])
def test_a_rule_without_its_text_is_refused(with_rules, missing):
    """Each rule carries its sentences, its base and its status; an empty one is a missing one."""
    notes = {name: f'{name}("x")' for name in ("@fr", "@ar", "@en", "@base", "@status")}
    for said in ("", f"{missing}", f'{missing}("  ")', f'{missing}("a\\u{{1b}}[2Jb")', f'{missing}("a\\u{{202e}}b")'):
        others = " ".join(said if name == missing else note for name, note in notes.items())
        with pytest.raises(Invalid) as caught:
            Bundle.read(with_rules(f'@id("R") {others} permit {SCOPE};'))
        assert (caught.value.code, caught.value.facts["annotation"], caught.value.facts["rule"]) == (
            "law_annotation",
            missing,
            "R",
        )


@pytest.mark.parametrize("name", ["", "@id", '@id("")', '@id("a b")', '@id("é")', f'@id("{"x" * 65}")'])
def test_a_rule_without_a_plain_id_is_refused(with_rules, name):
    """An id stands in audit entries and headers, so it is short and plain ASCII."""
    with pytest.raises(Invalid) as caught:
        Bundle.read(with_rules(f'{name} @fr("f") @ar("a") @en("e") @base("b") @status("s") permit {SCOPE};'))
    assert (caught.value.code, caught.value.facts["annotation"]) == ("law_annotation", "@id")


def test_two_rules_with_one_id_are_refused(law_folder):
    """An id names one rule in all files of a law; the error says where the other stands."""
    again = law_folder / "rules" / "30-again.cedar"
    again.write_text((law_folder / "rules" / "20-forbids.cedar").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        Bundle.read(law_folder)
    assert caught.value.code == "law_twice"
    assert (caught.value.facts["rule"], caught.value.facts["other"]) == ("F-expired", "rules/20-forbids.cedar:1")
