"""Tokens: what is minted is read back, what is mistyped is seen without any table."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daffa.identity.token import digest_of, key_id_of, mint

CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_- \n\0é٣ⴰ"


# Laws


@given(st.data())
def test_every_change_of_one_character_is_seen(data):
    """A token with one character replaced, dropped, added, or swapped with its neighbour is no key, with no table in sight."""
    key_id, token = mint()
    assert key_id_of(token) == key_id
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(CHARACTERS) | st.characters())
    changed = {
        token[:place] + other + token[place + 1 :],
        token[:place] + token[place + 1 :],
        token[:place] + other + token[place:],
        token + other,
        token[:place] + token[place : place + 2][::-1] + token[place + 2 :],
    }
    for mistyped in changed - {token}:
        assert key_id_of(mistyped) is None


def test_every_replacement_by_a_letter_of_the_alphabet_is_seen():
    """All 63 x 31 tokens that differ from one in a single allowed character are refused."""
    _, token = mint()
    for place, letter in enumerate(token):
        for other in "0123456789abcdefghjkmnpqrstvwxyz":
            if other != letter:
                assert key_id_of(token[:place] + other + token[place + 1 :]) is None


@given(st.text())
def test_any_text_is_read_without_an_error(text):
    """Whatever is shown as a key is answered: an id, or none."""
    assert key_id_of(text) is None


@given(st.binary(min_size=16), st.binary(min_size=16))
def test_a_digest_needs_the_pepper(one, other):
    """Two peppers give two digests of a token, each of 32 bytes; the same pepper gives the same."""
    _, token = mint()
    assert digest_of(token, one) == digest_of(token, one)
    assert len(digest_of(token, one)) == 32
    # RFC 2104 pads a short key with zeros, so such peppers are the same key.
    if one.rstrip(b"\0") != other.rstrip(b"\0") and max(len(one), len(other)) <= 64:
        assert digest_of(token, one) != digest_of(token, other)


# The edges


def test_tokens_are_new_each_time_and_look_as_documented():
    """A thousand tokens have a thousand ids and secrets, and read daffa_<10>_<46> in digits and small letters."""
    minted = [mint() for _ in range(1000)]
    assert len({key_id for key_id, _ in minted}) == len({token[17:56] for _, token in minted}) == 1000
    for key_id, token in minted:
        assert token.startswith(f"daffa_{key_id}_")
        assert len(token) == 63
        assert token.isascii()
        assert token == token.lower()


def test_a_token_shared_between_two_ids_is_no_key():
    """The secret of one key under the id of another does not pass the checksum."""
    (first, token), (second, _) = mint(), mint()
    assert key_id_of(token.replace(first, second)) is None
