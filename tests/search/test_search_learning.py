"""The learned tables: pairs of texts teach which words stand for each other; tables come back as they were packed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.errors import Invalid
from daffa.search import ANALYSER
from daffa.search.learning import HOME, learn, make, tables
from daffa.search.tables import Tables, read, shipped, write

TERM = st.text("abcابج", min_size=1, max_size=4)


def test_pairs_teach_what_stands_for_what() -> None:
    """Of words that always come together in pairs each is the other's translation; what comes everywhere is nobody's."""
    pairs = [
        ("contrat salaire", "عقد أجور"),
        ("contrat divorce", "عقد طلاق"),
        ("salaire divorce", "أجور طلاق"),
        ("contrat impôt", "عقد ضريبة"),
        ("impôt divorce", "ضريبة طلاق"),
    ]
    there, back = learn(pairs)
    assert max(there["contrat"], key=lambda term: there["contrat"][term]) == "عقد"
    assert max(back["طالق"], key=lambda term: back["طالق"][term]) == "divorc"
    assert all(sum(shares.values()) == pytest.approx(1.0) for table in (there, back) for shares in table.values())


def test_no_pairs_teach_nothing() -> None:
    """Without pairs, or of pairs that share no word twice, there is no table."""
    assert learn([]) == ({}, {})
    assert learn([("un contrat", "عقد"), ("", "")]) == ({}, {})


@given(
    st.dictionaries(TERM, st.dictionaries(TERM, st.floats(0.01, 1.0), min_size=1, max_size=3), max_size=5),
    st.dictionaries(TERM, st.integers(2, 60_000), max_size=9),
    st.integers(1, 70_000),
)
def test_tables_come_back(translations: dict[str, dict[str, float]], counts: dict[str, int], texts: int) -> None:
    """What was packed is read again, counts to a tenth and shares to a 200th."""
    packed = BytesIO()
    write(packed, Tables(translations, counts, texts))
    packed.seek(0)
    back = read(packed)
    assert back.texts == texts
    assert back.counts == pytest.approx(counts, rel=0.1, abs=0.5)
    assert {of: set(row) for of, row in back.translations.items()} == {of: set(row) for of, row in translations.items()}
    for of, row in translations.items():
        assert back.translated(of) == pytest.approx(row, abs=0.005)


def test_the_same_tables_give_the_same_bytes() -> None:
    """A packed table says nothing of when it was made."""
    one, other = BytesIO(), BytesIO()
    for packed in (one, other):
        write(packed, Tables({"a": {"b": 0.5}}, {"a": 3}, 10))
    assert one.getvalue() == other.getvalue()


def test_rarity_is_one_for_the_unknown_and_falls_with_every_text() -> None:
    """A term in all texts tells nothing, one in none of them most."""
    found = Tables({}, {"often": 100, "seldom": 2}, 100)
    assert found.rarity("often") == 0.0 < found.rarity("seldom") < found.rarity("never") == 1.0


def test_the_shipped_tables_are_of_this_analyser() -> None:
    """The card names the analyser whose terms the tables hold; with another they would have to be learned anew."""
    assert f"| analyser | {ANALYSER} |" in (HOME / "terms.MODEL_CARD.md").read_text("utf-8")
    assert "طالق" in shipped().translated("divorc")
    assert (HOME / "terms.LICENSE").is_file()


def test_a_folder_without_articles_is_refused(tmp_path: Path) -> None:
    """What is missing is named, and nothing is written."""
    with pytest.raises(Invalid) as refused:
        make(tmp_path, tmp_path / "out")
    assert refused.value.facts["field"] == "--corpus"
    assert not (tmp_path / "out").exists()


@pytest.mark.scale
def test_the_shipped_tables_are_made_again(shared: Path, tmp_path: Path) -> None:
    """The same data give the same bytes."""
    assert make(shared, tmp_path).read_bytes() == (HOME / "terms.npz").read_bytes()
    assert tables(shared, {"fr:code_du_travail#557"}).translations
