"""Laws of finding personal data, over generated identifiers, texts and bytes."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.privacy import LIKELY, anybody, find, find_bytes

from .identifiers import AROUND, NAMED, WRITTEN, grouped, ibans, ices, ribs


def spans(text):
    """What is found, as (type, text) pairs."""
    return [(each.type, text[each.start : each.end]) for each in find(text)]


anything = st.lists(st.one_of(*WRITTEN.values(), *NAMED.values(), AROUND, st.text(max_size=20)), max_size=6).map("".join)


@pytest.mark.parametrize("kind", WRITTEN)
@given(data=st.data())
def test_a_valid_identifier_is_found_in_any_text(kind, data):
    """A valid identifier, however written, inside text that is part of none is found once, by its type, at its span."""
    written = data.draw(WRITTEN[kind])
    before, behind = data.draw(AROUND), data.draw(AROUND)
    whole = written[written.index("+") :] if kind == "phone" and "+" in written else written
    assert spans(before + written + behind) == [(kind, whole)]


@pytest.mark.parametrize("kind", sorted(NAMED.keys() - {"ip"}))
@given(data=st.data())
def test_a_named_number_is_found_in_a_sentence(kind, data):
    """A number behind the word that names it is found once, whatever the number, and so is a plate and an address."""
    text = data.draw(NAMED[kind])
    assert [(found, text.endswith(part)) for found, part in spans(f"Voir {text} ; merci.")] == [(kind, True)]


@given(st.ip_addresses())
def test_an_address_that_somebody_can_be_reached_at_is_found(address):
    """An address of a network is found, in either version, unless it names nobody; what is found is the address."""
    text = f"Connexion depuis l'adresse IP {address} ce matin"
    found = spans(text)
    assert found in ([("ip", str(address))], [])
    reachable = (
        re.match("[23][0-9a-f]{3}:", str(address)) if address.version == 6 else address.is_global and not address.is_multicast
    )
    assert bool(found) >= bool(reachable)


@given(st.sampled_from([(ribs, "rib"), (ices, "ice"), (ibans, "iban")]), st.data())
def test_a_false_digit_is_no_account_and_no_company(which, data):
    """An account or company number with one false digit is reported neither as such nor as another controlled number."""
    valid = data.draw(which[0])
    place = data.draw(st.integers(2 if which[1] == "iban" else 0, len(valid) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != valid[place]]))
    found = spans(valid[:place] + other + valid[place + 1 :])
    assert not [kind for kind, _ in found if kind in ("rib", "ice", "iban")]


@given(grouped(ribs), st.data())
def test_a_false_digit_in_groups_is_no_account(written, data):
    """The same in groups: no part of a false account number passes for another number with control digits."""
    place = data.draw(st.sampled_from([place for place, character in enumerate(written) if character.isdigit()]))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != written[place]]))
    found = spans(written[:place] + other + written[place + 1 :])
    assert not [kind for kind, _ in found if kind in ("rib", "ice", "iban")]


@given(anything, st.sampled_from([0.0, LIKELY, 0.9, 1.0]))
def test_whether_anybody_is_found_is_whether_something_is_found(text, least):
    """``anybody`` says of any text, at any sureness, whether ``find_bytes`` finds something in it."""
    data = text.encode("utf-8", "surrogatepass")
    assert anybody(data, least=least) is bool(find_bytes(data, least=least))


@given(anything)
def test_offsets_in_bytes_and_in_code_points_agree(text):
    """``find_bytes`` finds in the UTF-8 of a text what ``find`` finds in the text, at the same places."""
    data = text.encode("utf-8", "surrogatepass")
    by_bytes = [(each.type, data[each.start : each.end].decode("utf-8", "surrogatepass")) for each in find_bytes(data)]
    assert by_bytes == spans(text)


@given(
    st.lists(st.one_of(st.binary(max_size=12), anything.map(lambda text: text.encode("utf-8", "surrogatepass"))), max_size=8)
)
def test_any_bytes_are_read(pieces):
    """Bytes that are no UTF-8 are passed over; findings lie inside the data, in order, without overlap or emptiness."""
    data = b"".join(pieces)
    end = 0
    for each in find_bytes(data):
        assert end <= each.start < each.end <= len(data)
        assert 0.0 < each.confidence <= 1.0
        end = each.end


@given(anything, anything)
@settings(max_examples=200)
def test_what_is_far_away_changes_nothing(first, second):
    """Two texts far from each other in one are found in as each alone is."""
    apart = "ⵣ" * 60
    assert spans(first + apart + second) == spans(first + apart) + spans(apart + second)
