"""Laws of masking and restoring: what comes back, what does not leave, who can link. The finder is the real one."""

import copy
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.errors import Invalid
from daffa.privacy import (
    ByteRestorer,
    Finding,
    Masker,
    Mode,
    Originals,
    Restorer,
    Type,
    conversation_key,
    dataset_key,
    find,
    masking,
)
from daffa.privacy.placeholders import PLACEHOLDER, SHAPE

from .identifiers import AROUND, NAMED, WRITTEN

KEY = conversation_key(b"a secret of 16 bytes or more", "commune-1", "conversation-1")
OTHER_KEY = conversation_key(b"a secret of 16 bytes or more", "commune-1", "conversation-2")
SAID = "M. Karim Bennani, CIN AB123456, tél. 06 12 34 56 78, bennani@poste.ma, né le 12/03/1987."

LOOKALIKES = st.one_of(
    st.from_regex(SHAPE, fullmatch=True),
    st.from_regex(PLACEHOLDER, fullmatch=True),
    st.sampled_from(
        ["[", "]", "_", "\\_", "[PHONE_", "PHONE", "[CIN_BCDFGHJK", "PERSON_BCDFGHJK_B]", "[[", "]]", "cin_bcdfghjk"]
    ),
)


@pytest.fixture(scope="module", autouse=True)
def _built():
    """The first look builds the automaton, which no example should be charged with."""
    find("")


PIECES = st.lists(st.one_of(*WRITTEN.values(), *NAMED.values(), AROUND, LOOKALIKES, st.text(max_size=20)), max_size=8)
TEXTS = PIECES.map("".join)


@st.composite
def cut(draw, text):
    """``text`` in pieces of any size, empty ones too."""
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]


@st.composite
def anything_found(draw, text):
    """Findings of any type anywhere in ``text``, overlapping or not."""
    if not text:
        return []
    starts = draw(st.lists(st.integers(0, len(text) - 1), max_size=6))
    kinds = st.sampled_from(Type)
    return [Finding(draw(kinds), start, draw(st.integers(start + 1, len(text))), 1.0, "format") for start in starts]


@given(TEXTS)
def test_restoring_undoes_masking(text):
    """What comes back is the text that was given, exactly, whatever stood in it, placeholders included."""
    masker = Masker(KEY)
    assert masker.originals.restore(masker.mask(text).text) == text


@given(TEXTS, st.data())
def test_restoring_undoes_masking_of_anything(text, data):
    """The same where others found what to mask: any spans, any types, overlapping."""
    masker = Masker(KEY)
    masked = masker.mask(text, data.draw(anything_found(text)))
    assert masker.originals.restore(masked.text) == text


@given(TEXTS, st.data())
def test_a_stream_is_restored_however_it_is_cut(text, data):
    """Pieces of any size give the same text as the whole, in characters and in bytes."""
    masker = Masker(KEY)
    masked = masker.mask(text, data.draw(st.one_of(st.none(), anything_found(text)))).text
    masked += data.draw(LOOKALIKES)
    whole = masker.originals.restore(masked)
    restorer = Restorer(masker.originals)
    assert "".join([*map(restorer.feed, data.draw(cut(masked))), restorer.end()]) == whole
    in_bytes = ByteRestorer(masker.originals)
    pieces = data.draw(cut(masked.encode("utf-8", "surrogatepass")))
    assert b"".join([*map(in_bytes.feed, pieces), in_bytes.end()]) == whole.encode("utf-8", "surrogatepass")


@given(st.lists(TEXTS, max_size=4), st.data())
def test_one_table_restores_what_was_masked_into_it(texts, data):
    """Several texts of one conversation share a table; in each what was there comes back, and in all of them joined."""
    masker = Masker(KEY)
    masked = [masker.mask(text, data.draw(st.one_of(st.none(), anything_found(text)))).text for text in texts]
    assert [masker.originals.restore(text) for text in masked] == texts


@given(TEXTS)
def test_inside_json_the_value_is_escaped(text):
    """In the raw inside of a JSON string, once or twice, a restored value never breaks the string."""
    masker = Masker(KEY)
    masked = masker.mask(text, [Finding(Type.PERSON, 0, len(text), 1.0, "format")] if text else []).text
    arguments = json.dumps({"name": masked})
    assert json.loads(masker.originals.restore(arguments, json_depth=1)) == {"name": text}
    event = json.dumps({"arguments": arguments})
    restored = masker.originals.restore(event, json_depth=2)
    assert json.loads(json.loads(restored)["arguments"]) == {"name": text}


@given(TEXTS)
def test_nothing_that_can_be_found_is_left(text):
    """In masked text the finder finds nothing outside the placeholders, in any mode."""
    for mode in Mode:
        masked = Masker(KEY, mode).mask(text)
        covered = [(span.start, span.end) for span in masked.spans]
        for each in find(masked.text):
            assert any(start <= each.start and each.end <= end for start, end in covered)


@given(st.sampled_from(sorted(WRITTEN)), st.data())
def test_no_value_is_left_in_masked_text(kind, data):
    """An identifier that was found stands nowhere in the masked text, nor do its digits."""
    written = data.draw(WRITTEN[kind])
    masked = Masker(KEY).mask(f"Voir {written} ; merci.")
    assert written not in masked.text
    assert not any(character.isdigit() for character in masked.text)


@given(TEXTS, st.data())
def test_spans_say_what_stood_where(text, data):
    """Each span gives its placeholder in the masked text and its value in the given one; between them the text is the same."""
    masker = Masker(KEY)
    masked = masker.mask(text, data.draw(st.one_of(st.none(), anything_found(text))))
    here = there = 0
    for span in masked.spans:
        assert masked.text[here : span.start] == text[there : span.original_start]
        assert masked.text[span.start : span.end] == span.placeholder
        assert masker.originals.restore(span.placeholder) == text[span.original_start : span.original_end]
        here, there = span.end, span.original_end
    assert masked.text[here:] == text[there:]
    for offset in range(len(masked.text) + 1):
        inside = next((span for span in masked.spans if span.start <= offset < span.end), None)
        back = masked.original_offset(offset)
        assert back == inside.original_start if inside else masked.text[offset : offset + 1] == text[back : back + 1]


@given(TEXTS)
def test_masking_is_a_function_of_key_and_text(text):
    """The same text under the same key is masked alike, by whoever holds the key."""
    assert Masker(KEY).mask(text) == Masker(KEY).mask(text)


@given(st.sampled_from(sorted(WRITTEN)), st.data())
def test_keys_cannot_be_linked(kind, data):
    """Under another key no placeholder of a value is the same, and none restores what the other table holds."""
    written = data.draw(WRITTEN[kind])
    one, other = Masker(KEY), Masker(OTHER_KEY)
    here, there = one.mask(written), other.mask(written)
    assert not {span.placeholder for span in here.spans} & {span.placeholder for span in there.spans}
    assert other.originals.restore(here.text) == here.text


@given(TEXTS, st.data())
def test_a_damaged_placeholder_is_never_a_wrong_value(text, data):
    """One letter of a code changed, left out or added: what is written stays, and no value appears."""
    masker = Masker(KEY)
    masker.mask(SAID + text)
    core = data.draw(st.sampled_from(masker.originals.cores()))
    place = data.draw(st.integers(core.index("_") + 1 if not core.startswith("BIRTH") else 11, len(core) - 1))
    letter = data.draw(st.sampled_from("BCDFGHJKLMNPQRSTVWXZ0aé_ "))
    for damaged in (
        core[:place] + letter + core[place + 1 :],
        core[:place] + core[place + 1 :],
        core[:place] + letter + core[place:],
    ):
        if damaged.upper() not in masker.originals.cores():
            assert masker.originals.restore(f"[{damaged}]") in (f"[{damaged}]", f"[{_restored_part(masker, damaged)}]")


def _restored_part(masker, damaged):
    """Where a letter that is none of a code cuts it off, a shorter placeholder may be left that is known."""
    return PLACEHOLDER.sub(lambda found: masker.originals.of((found[1] or found[2]).upper()) or found[0], damaged)


@pytest.mark.parametrize(
    "written",
    [
        "[{}]",
        "{}",
        "({})",
        "**[{}]**",
        "« {} »",
        "و[{}]",
        "[{}]،",
        "\u2067[{}]\u2069",
        "`{}`",
        "![{}](x)",
        "{}'s",
        "%5B[{}]%5D",
    ],
)
@pytest.mark.parametrize("change", [str, str.lower, str.title, lambda core: core.replace("_", "\\_")])
def test_what_models_do_to_a_placeholder_does_no_harm(written, change):
    """Other brackets or none, another case, a Markdown backslash, Arabic beside it: it is restored."""
    masker = Masker(KEY)
    (span,) = masker.mask("AB123456", [Finding(Type.CIN, 0, 8, 1.0, "prefix")]).spans
    core = span.placeholder[1:-1]
    answered = written.replace("{}", change(core))
    restored = masker.originals.restore(answered)
    assert "AB123456" in restored
    assert core.upper() not in restored.upper().replace("\\", "")


def test_the_writings_of_one_value_share_a_code():
    """A number in three writings has one code, the second and third a letter more; each comes back as it was written."""
    masker = Masker(KEY)
    text = "06 12 34 56 78 puis +212612345678 puis ٠٦١٢٣٤٥٦٧٨ puis 06 12 34 56 78"
    masked = masker.mask(text)
    first, second, third, again = (span.placeholder for span in masked.spans)
    assert (second, third, again) == (f"{first[:-1]}_B]", f"{first[:-1]}_C]", first)
    assert masker.originals.restore(masked.text) == text
    assert masker.originals.restore(f"Appelez {third}.") == "Appelez ٠٦١٢٣٤٥٦٧٨."


@pytest.mark.parametrize(
    ("kind", "writings"),
    [
        (
            Type.PHONE,
            ["0612345678", "+212 6 12 34 56 78", "00212612345678", "+212(0)612345678", "٠٦١٢٣٤٥٦٧٨"],
        ),
        (Type.CIN, ["AB123456", "ab 123456", "AB-123456", "123456AB", "AB١٢٣٤٥٦"]),
        (Type.IBAN, ["MA64011519000001205000534921", "MA64 0115 1900 0001 2050 0053 4921"]),
        (Type.PLATE, ["12345-أ-6", "6 | أ | 12345", "12345 A 6", "12345-a-06"]),
        (Type.BIRTH_DATE, ["12/03/1987", "12-03-1987", "1987-03-12", "١٢/٠٣/١٩٨٧", "12.3.87"]),
        (Type.IP, ["2001:db8::1", "2001:0db8:0:0:0:0:0:1"]),
        (Type.EMAIL, ["Karim@Poste.ma", "karim@poste.ma"]),
        (Type.PERSON, ["Karim Bennani", "BENNANI Karim", "كريم بناني", "karim  bennani"]),
        (Type.ADDRESS, ["12, rue Atlas, Fès", "12 Rue Atlas  FÈS"]),
    ],
)
def test_writings_of_one_value_meet(kind, writings):
    """Separators, digits, case, side and script are no difference between values."""
    masker = Masker(KEY)
    cores = [
        masker.mask(writing, [Finding(kind, 0, len(writing), 1.0, "format")]).spans[0].placeholder[1:-1] for writing in writings
    ]
    assert len({core[: len(cores[0])] for core in cores}) == 1
    assert len(set(cores)) == len(cores)


def test_overlapping_findings_become_one_of_the_longest_type():
    """All that any of them covers is masked, once."""
    text = "Karim Bennani 12 rue Atlas Fès."
    masked = Masker(KEY, Mode.REDACT).mask(
        text, [Finding(Type.PERSON, 0, 15, 0.9, "context"), Finding(Type.ADDRESS, 14, 30, 0.4, "parts")]
    )
    assert masked.text == "[ADDRESS]."


def test_a_placeholder_from_elsewhere_is_put_out_of_the_way():
    """A placeholder in the given text restores to itself, and not to what it would stand for in this conversation."""
    masker = Masker(KEY)
    (span,) = masker.mask("0612345678").spans
    injected = f"Répète {span.placeholder} deux fois"
    masked = masker.mask(injected)
    assert span.placeholder not in masked.text
    assert masker.originals.restore(masked.text) == injected


def test_two_values_never_share_a_placeholder(monkeypatch):
    """Where two values get one code, the second takes its next one."""
    monkeypatch.setattr("daffa.privacy.masking.keyed_code", lambda *made_of: "BCDFGHJ" + "KLMN"[made_of[3]])
    masker = Masker(KEY)
    masked = masker.mask("0612345678 et 0712345678 et 0612345678")
    assert [span.placeholder for span in masked.spans] == ["[PHONE_BCDFGHJK]", "[PHONE_BCDFGHJL]", "[PHONE_BCDFGHJK]"]


def test_a_table_is_kept_and_taken_up_again():
    """After a restart the same placeholders go on, and new values get new ones."""
    masker = Masker(KEY)
    first = masker.mask(f"{SAID} +212612345678")
    kept = json.loads(json.dumps(masker.originals.to_json()))
    again = Masker(KEY, originals=Originals.from_json(kept))
    assert again.mask(f"{SAID} +212612345678") == first
    assert len(again.originals) == len(masker.originals)
    assert again.originals.restore(first.text) == f"{SAID} +212612345678"


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        {},
        {"version": 2, "originals": {}},
        {"version": 1, "originals": {"PHONE_BCDFGHJK": 1}},
        {"version": 1, "originals": {"x": "y"}},
    ],
)
def test_a_table_that_is_none_is_refused(kept):
    """What ``to_json`` did not write is no table."""
    with pytest.raises(Invalid) as refused:
        Originals.from_json(kept)
    assert refused.value.code == "not_originals"


def test_the_table_shows_itself_to_nobody():
    """Neither its repr, nor a masker's, nor a restorer's, says a value; it can be neither pickled nor copied."""
    masker = Masker(KEY)
    masked = masker.mask(SAID)
    restorer = Restorer(masker.originals)
    restorer.feed(masked.text[:-3])
    shown = repr([masker, masker.originals, restorer, ByteRestorer(masker.originals), masked])
    assert not any(value in shown for value in ("AB123456", "06 12", "bennani", "1987"))
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            take(masker.originals)


def test_where_values_stood_is_remembered_without_them():
    """A text that comes again is masked at the same places under any key; what is kept of it is little, and names no value."""
    first, second = (Masker(key).mask(SAID).spans for key in (KEY, OTHER_KEY))
    assert [(each.original_start, each.type) for each in first] == [(each.original_start, each.type) for each in second]
    assert not set(first) & set(second)
    kept = repr(masking._texts.known)
    assert "Type.EMAIL" in kept
    assert not any(value in kept for value in ("Bennani", "AB123456", "06 12"))
    Masker(KEY).mask(" ".join(f"bennani{number}@poste.ma" for number in range(100)))
    assert repr(masking._texts.known) == kept


def test_a_restorer_holds_back_only_what_may_be_a_placeholder():
    """Words that begin no known placeholder pass at once; an open bracket waits for the next piece, and so does half a code."""
    masker = Masker(KEY)
    (span,) = masker.mask("0612345678").spans
    restorer = Restorer(masker.originals)
    assert restorer.feed("Votre numéro") == "Votre numéro"
    assert restorer.feed(" est [") == " est "
    assert restorer.feed(span.placeholder[1:9]) == ""
    assert restorer.feed(span.placeholder[9:] + ". PHO") == "0612345678. "
    assert restorer.feed("TO") == "PHOTO"
    assert restorer.end() == ""


def test_half_a_placeholder_at_the_end_stays_half():
    """A stream that breaks off inside a placeholder gives what was there of it, and no value."""
    masker = Masker(KEY)
    (span,) = masker.mask("0612345678").spans
    restorer = Restorer(masker.originals)
    assert restorer.feed(span.placeholder[:-3]) + restorer.end() == span.placeholder[:-3]


def test_keys_have_their_scope():
    """Organisation, conversation, purpose and kind each make another key; parts cannot be shifted into one another."""
    secret = b"0123456789abcdef"
    keys = {
        conversation_key(secret, "a", "b"),
        conversation_key(secret, "a", "c"),
        conversation_key(secret, "ab", ""),
        conversation_key(secret, "", "ab"),
        dataset_key(secret, "a", "b"),
        dataset_key(secret, "a", "c"),
        dataset_key(b"another secret of 16", "a", "b"),
    }
    assert len(keys) == 7


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (lambda: conversation_key(b"short", "a", "b"), "secret"),
        (lambda: Masker(b"short"), "key"),
        (lambda: Masker(KEY, letters=7), "letters"),
        (lambda: Masker(KEY, letters=17), "letters"),
        (lambda: Masker(KEY, years=0), "years"),
        (lambda: Masker(KEY).mask("abc", [Finding(Type.CIN, 1, 4, 1.0, "format")]), "findings"),
        (lambda: Masker(KEY).mask("abc", [Finding(Type.CIN, 2, 2, 1.0, "format")]), "findings"),
        (lambda: Masker(KEY).mask("abc", [Finding(Type.CIN, -1, 2, 1.0, "format")]), "findings"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong, field):
    """A short secret, a number out of range, a finding outside the text: the error names the field."""
    with pytest.raises(Invalid) as refused:
        wrong()
    assert refused.value.facts["field"] == field
