"""Labelling: what the bytes show, and what a client may say."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.decision import Category, Form, Label, Level, Purpose
from daffa.errors import Invalid
from daffa.gateway import labelling
from daffa.gateway.dialects.openai_chat import SURFACE

PERSONAL = frozenset({Category.PERSONAL})


def body(text: str, *, escaped: bool = False) -> bytes:
    """A chat body with one message."""
    return json.dumps({"messages": [{"role": "user", "content": text}]}, ensure_ascii=escaped).encode()


def found(raw: bytes) -> Label:
    """The found label of a body that is all text."""
    return labelling.found_label(raw, opaque=False)


def test_text_is_raw_and_otherwise_says_nothing():
    """A text without identifiers is raw, public, and of no category."""
    assert found(body("bonjour")) == labelling.FREE_TEXT


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize(
    "text", ["ma CIN AB123456 svp", "رقم البطاقة AB123456", "سطر\nAB123456", 'dit "AB123456"', "tab\tAB123456\\"]
)
def test_an_identifier_is_found_however_json_writes_it(text: str, escaped: bool):
    """Quotes, line ends and unicode escapes hide nothing."""
    label = found(body(text, escaped=escaped))
    assert label.categories == PERSONAL
    assert label.level is Level.INTERNAL
    assert label.form is Form.RAW


def test_letters_written_as_escapes_are_read():
    """An identifier whose every letter is an escape is found too."""
    hidden = "".join(f"\\u{ord(letter):04x}" for letter in "AB123456")
    assert found(b'{"messages":[{"role":"user","content":"' + hidden.encode() + b'"}]}').categories == PERSONAL


def test_the_first_of_two_equal_keys_is_searched_as_well():
    """A parser that keeps the first key would see what ours drops; the scan sees both."""
    hidden = "".join(f"\\u{ord(letter):04x}" for letter in "AB123456").encode()
    assert found(b'{"content":"' + hidden + b'","content":"hello"}').categories == PERSONAL


def test_identifiers_outside_of_messages_are_found():
    """Tool arguments, names and metadata are searched like any other byte."""
    raw = json.dumps({"tools": [{"default": "007780000123456789012396"}], "metadata": {"rib": "AB123456"}}).encode()
    assert found(raw).categories == PERSONAL


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
@pytest.mark.parametrize("text", ["ligne\nAB123456", "tel\t٠٦١٢٣٤٥٦٧٨", "AB١٢٣٤٥٦"])
def test_an_identifier_in_json_inside_of_json_is_found(text: str, depth: int):
    """The arguments of a tool, or its answer, are often JSON themselves: each level of writing is undone."""
    for _ in range(depth):
        text = json.dumps({"said": text})
    assert found(body(text, escaped=True)).categories == PERSONAL


def test_an_identifier_in_the_words_of_a_program_is_found():
    """Source code writes line ends as JSON does, between whatever quotes."""
    assert found(body(repr({"note": "ligne\nAB123456"}))).categories == PERSONAL


def test_an_identifier_in_two_parts_of_a_message_is_found():
    """What a model reads as one text is searched as one text."""
    parts = [{"type": "text", "text": "CIN AB12"}, {"type": "text", "text": "3456 svp"}]
    raw = json.dumps({"model": "m", "messages": [{"role": "user", "content": parts}]}).encode()
    assert found(raw).categories == frozenset()
    assert labelling.found_label(raw, SURFACE.read(raw).joined).categories == PERSONAL


@given(st.integers(1, 3), st.integers(-40, 40), st.sampled_from(["AB123456", "007 780 0001234567890123 96", "abc@def.ma"]))
def test_no_identifier_is_lost_between_two_windows(window: int, place: int, identifier: str):
    """Long bodies are searched in windows of 64 KiB; what lies across the end of one is found as well."""
    raw = body(identifier.rjust(window * 65_536 + place) + " y" * 40_000)
    assert found(raw).categories == PERSONAL


@pytest.mark.parametrize("run", ["\\", "\\n", "\\\\n", '\\"', "\\u0041"])
def test_runs_of_escapes_take_no_longer_than_they_are_long(run: str):
    """A megabyte of backslashes is searched as any megabyte is."""
    assert found(body(run * (1_000_000 // len(run)) + " AB123456")).categories == PERSONAL


def test_what_cannot_be_read_counts_as_restricted():
    """An image could hold anything."""
    label = labelling.found_label(body("look"), opaque=True)
    assert label.level is Level.RESTRICTED


@given(st.text(), st.text())
def test_more_text_never_lowers_what_is_found(one: str, other: str):
    """The label of two texts put together is at least that of each apart."""
    both = found(json.dumps([one, other]).encode())
    assert both == both | found(json.dumps([one]).encode()) | found(json.dumps([other]).encode())


def test_header_and_metadata_are_both_heard():
    """A label may be declared in either place; both are joined."""
    label = labelling.declared_label("level=restricted", {"daffa_label": "categories=health"})
    assert (label.level, label.categories) == (Level.RESTRICTED, frozenset({Category.HEALTH}))
    assert labelling.declared_purpose(None, {"daffa_purpose": "justice"}, Purpose.RESEARCH) is Purpose.JUSTICE
    assert labelling.declared_purpose(None, {}, Purpose.RESEARCH) is Purpose.RESEARCH


def test_a_label_longer_than_a_header_is_refused():
    """What was decided on goes back in a header: a declaration that would burst it is named as too long, wherever it stands."""
    long = "owners=" + ",".join(f"o{number}" for number in range(1_000))
    for header, metadata, field in ((long, {}, "x-daffa-label"), (None, {"daffa_label": long}, "metadata.daffa_label")):
        with pytest.raises(Invalid) as raised:
            labelling.declared_label(header, metadata)
        assert raised.value.facts["field"] == field


@pytest.mark.parametrize("metadata", [{"daffa_label": 7}, {"daffa_label": "level=top"}])
def test_a_bad_declaration_is_refused(metadata: dict):
    """A declared label that does not parse stops the request."""
    with pytest.raises(Invalid):
        labelling.declared_label(None, metadata)


def test_two_purposes_are_refused():
    """A purpose cannot be joined as a label can: header and metadata name the same one, or the request is refused."""
    assert labelling.declared_purpose("justice", {"daffa_purpose": "justice"}, Purpose.RESEARCH) is Purpose.JUSTICE
    with pytest.raises(Invalid) as raised:
        labelling.declared_purpose("justice", {"daffa_purpose": "taxation"}, Purpose.RESEARCH)
    assert raised.value.facts["expected"] == "justice"


@pytest.mark.parametrize("purpose", ["gossip", "", ["justice"], {"a": 1}])
def test_a_purpose_that_does_not_exist_is_refused(purpose: object):
    """The error lists the purposes that do."""
    with pytest.raises(Invalid) as raised:
        labelling.declared_purpose(None, {"daffa_purpose": purpose}, Purpose.RESEARCH)
    assert "public_service" in raised.value.facts["expected"]


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Mon père est diabétique,\nque faire ?", Category.HEALTH),
        ("ولدي فيه السكر", Category.HEALTH),
        ("cheddouh lboulis", Category.JUDICIAL),
        ("نسخة من السجل العدلي", Category.JUDICIAL),
        ("des élèves de ma classe", Category.MINORS),
    ],
)
def test_what_a_text_is_about_raises_its_label(text: str, category: Category, escaped: bool):
    """Words of health, of courts and of children raise their category, however JSON writes them."""
    label = found(body(text, escaped=escaped))
    assert category in label.categories
    assert label.level is Level.INTERNAL


def test_what_a_long_conversation_said_before_is_not_looked_for_again():
    """A turn more brings one stretch that is new; the rest is known by a digest, and no text is kept."""
    said = [{"role": "user", "content": f"number {number} of many, all of them plain"} for number in range(3_000)]
    first = json.dumps({"model": "m", "messages": said}).encode()
    labelling._stretches.known.clear()
    once = labelling.found_label(first)
    known = set(labelling._stretches.known)
    assert len(known) > 5
    more = json.dumps(
        {"model": "m", "messages": [*said, {"role": "user", "content": "my mail is s.amrani@example.ma"}]}
    ).encode()
    twice = labelling.found_label(more)
    assert (once.categories, twice.categories) == (frozenset(), PERSONAL)
    assert len(set(labelling._stretches.known) - known) == 1
    assert {len(digest) for digest in labelling._stretches.known} == {16}


def test_what_was_not_looked_for_once_is_looked_for_when_it_counts():
    """A stretch in which nobody was looked for, somebody having been seen before, is searched when nothing else names one."""
    plain, personal = "my mail is not given here at all", "my mail is s.amrani@example.ma ."
    long = json.dumps({"messages": [personal, *["all of it plain"] * 2_000, personal]}).encode()
    assert len(plain) == len(personal)
    labelling._stretches.known.clear()
    assert labelling.found_label(long).categories == PERSONAL
    assert labelling.found_label(long.replace(personal.encode(), plain.encode(), 1)).categories == PERSONAL
    assert labelling.found_label(long.replace(personal.encode(), plain.encode())).categories == frozenset()


def test_an_escape_is_no_letter_of_the_word_behind_it():
    """Lines of numbers, as JSON writes them, are about nobody's health: the n of a line end is not read as a letter."""
    lines = "\n".join(f"06{number:08d}" for number in range(0, 200_000, 37))
    body = json.dumps({"messages": [{"role": "user", "content": lines}]}).encode()
    assert labelling.found_label(body).categories == PERSONAL
