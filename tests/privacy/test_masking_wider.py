"""Masking that cannot be undone: what is wider than a value, and that nothing is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.privacy import Finding, Masker, Mode, Type, conversation_key, find

from .identifiers import AROUND, NAMED, WRITTEN

KEY = conversation_key(b"a secret of 16 bytes or more", "commune-1", "conversation-1")
TEXTS = st.lists(st.one_of(*WRITTEN.values(), *NAMED.values(), AROUND, st.text(max_size=20)), max_size=8).map("".join)


@pytest.fixture(scope="module", autouse=True)
def _built():
    """The first look builds the automaton, which no example should be charged with."""
    find("")


@pytest.mark.parametrize(
    ("kind", "writing", "wider"),
    [
        (Type.BIRTH_DATE, "12/03/1987", "[BIRTH_DATE 1987]"),
        (Type.BIRTH_DATE, "12 mars 1987", "[BIRTH_DATE 1987]"),
        (Type.BIRTH_DATE, "١٢/٠٣/١٩٨٧", "[BIRTH_DATE 1987]"),
        (Type.BIRTH_DATE, "12/03/87", "[BIRTH_DATE 1987]"),
        (Type.ADDRESS, "12, rue Atlas, Hay Salam, Fès", "[ADDRESS Fès]"),
        (Type.ADDRESS, "زنقة الأطلس رقم 12 فاس", "[ADDRESS فاس]"),
        (Type.ADDRESS, "12, rue Atlas", "[ADDRESS]"),
        (Type.IP, "196.200.131.77", "[IP 196.200.131.0/24]"),
        (Type.IP, "2001:db8:1:2::7", "[IP 2001:db8:1::/48]"),
        (Type.PHONE, "+212 6 12 34 56 78", "[PHONE 06]"),
        (Type.PHONE, "+33612345678", "[PHONE]"),
        (Type.PLATE, "12345-أ-6", "[PLATE 6]"),
        (Type.RIB, "011519000001205000534921", "[RIB 011]"),
        (Type.IBAN, "MA64011519000001205000534921", "[IBAN 011]"),
        (Type.CIN, "ab 123456", "[CIN AB]"),
        (Type.EMAIL, "karim@poste.ma", "[EMAIL]"),
        (Type.PERSON, "Karim Bennani", "[PERSON]"),
        (Type.CNSS, "123456789", "[CNSS]"),
    ],
)
def test_generalising_says_something_wider(kind, writing, wider):
    """By type: what stands for the value, as the page of masking says."""
    masked = Masker(KEY, Mode.GENERALISE).mask(writing, [Finding(kind, 0, len(writing), 1.0, "format")])
    assert masked.text == wider


def test_years_of_birth_come_in_bands():
    """With a width of five years, 1987 is one of 1985-1989."""
    masked = Masker(KEY, Mode.GENERALISE, years=5).mask("12/03/1987", [Finding(Type.BIRTH_DATE, 0, 10, 1.0, "context")])
    assert masked.text == "[BIRTH_DATE 1985-1989]"


@pytest.mark.parametrize("mode", [Mode.REDACT, Mode.GENERALISE])
@given(text=TEXTS)
def test_what_is_not_pseudonymised_leaves_no_table(mode, text):
    """Neither redacting nor generalising keeps anything: there is no way back."""
    masker = Masker(KEY, mode)
    masker.mask(text)
    assert len(masker.originals) == 0
