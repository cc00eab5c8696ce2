"""Whether a text points at somebody, asked alone: the same as whether anything is found in it. Labels rest on that."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daffa.privacy import anybody, find_bytes

# Of each reader something that it finds, something nearly so, and nothing of the kind.
SAID = [
    "M. Karim Alaoui", "السيد محمد العلوي", "Dr Salma", "Ahmed", "my name is John Smith", "né le 12/03/1985", "née en 1990",
    "مولود في 1980", "CIN AB123456", "CIN", "dossier n° 45/2023", "permis 12/345678", "immatriculée 12345-A-6", "12345 أ 6",
    "CNSS 123456789", "ICE 001234567000089", "RIB 011780000012345678901234", "0661234567", "a.b@exemple.ma", "192.168.10.4",
    "4111 1111 1111 1111", "12, rue Mohammed V, 10000 Rabat", "شارع محمد الخامس الرباط", "nom :", "la loi 09-08", "article 12",
    "bonjour tout le monde", "2024-01-01", "x " * 200,
]  # fmt: skip


@given(st.lists(st.sampled_from(SAID), max_size=6), st.sampled_from([" ", ", ", "\n", " : ", "", '"']), st.integers(0, 9))
def test_somebody_is_seen_where_something_is_found_and_nowhere_else(said: list[str], between: str, cut: int):
    """Whatever stands beside what, and wherever the text is cut."""
    data = between.join(said).encode()[cut:]
    assert anybody(data) == bool(find_bytes(data))
