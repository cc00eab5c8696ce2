"""The second look: it orders what was found and loses nothing, and both languages are weighed together, in each engine."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.search import Because, Concept, Hit, Planner, Query, Reranker, Term, everyday, search_across, shipped_reranker
from daffa.search.across import SEEN
from daffa.search.learning import HOME
from daffa.search.reranking import Network, read, write
from daffa.search.traits import TRAITS

from .engines_made import ENGINES, Made, passage, within

CONCEPTS = tuple(Concept(word, frozenset({word}), 0.5) for word in ("divorc", "tribunal"))
QUESTION = Query("", "fr-Latn", (Term("stem", "divorc", 1.0, Because("divorce", "divorce", "word")),), CONCEPTS)

hits = st.lists(
    st.builds(
        Hit,
        st.sampled_from("ab"), st.sampled_from("xy"), st.text("0123", min_size=1, max_size=2), st.sampled_from((0.0, 2.5, 7.0)),
        st.sampled_from(("fr-Latn", "ar-Arab")), st.sampled_from(("", "1", "2")), st.sampled_from(("divorc", "tribunal", "")),
    ),
    max_size=20, unique_by=lambda hit: (hit.collection, hit.id),
)  # fmt: skip


def by(**weights: float) -> Reranker:
    """A second look that weighs these traits alone."""
    matrix = np.zeros((len(TRAITS), 1), np.float32)
    for name, weight in weights.items():
        matrix[TRAITS.index(name)] = weight
    return Reranker(Network(((matrix, np.zeros(1, np.float32)),)))


def network(seed: int, *sizes: int) -> Network:
    """Layers of chance."""
    chance = np.random.default_rng(seed)
    steps = zip((len(TRAITS), *sizes), (*sizes, 1), strict=True)
    return Network(
        tuple((chance.normal(size=step).astype(np.float32), chance.normal(size=step[1]).astype(np.float32)) for step in steps)
    )


# Laws


@settings(max_examples=60)
@given(found=hits, seed=st.integers(0, 99))
def test_every_hit_is_there_once_as_it_was(found: list[Hit], seed: int) -> None:
    """Whatever weighs, nothing is lost, doubled or changed."""
    assert Counter(Reranker(network(seed, 5)).order(QUESTION, found)) == Counter(found)


@settings(max_examples=60)
@given(found=hits, chance=st.randoms(use_true_random=False))
def test_without_anything_to_weigh_it_is_the_order_of_scores(found: list[Hit], chance: Any) -> None:
    """What is worth the same stands by its score, then by collection and id, however it was given."""
    mixed = list(found)
    chance.shuffle(mixed)
    assert by().order(QUESTION, mixed) == tuple(sorted(found, key=lambda hit: (-hit.score, hit.collection, hit.id)))


@given(st.integers(0, 99), st.lists(st.integers(1, 9), max_size=3))
def test_a_network_comes_back(seed: int, sizes: list[int]) -> None:
    """What was packed is read again to the last bit, of however many layers, and the same network gives the same bytes."""
    made = network(seed, *sizes)
    packed, again = BytesIO(), BytesIO()
    write(packed, made)
    write(again, made)
    assert packed.getvalue() == again.getvalue()
    packed.seek(0)
    back = read(packed)
    assert len(back.layers) == len(made.layers)
    for layer, other in zip(back.layers, made.layers, strict=True):
        assert all(np.array_equal(one, two) for one, two in zip(layer, other, strict=True))


# What it takes, and what is read


def test_the_network_weighs() -> None:
    """The hit that it holds to be worth most comes first, with its own score."""
    found = [Hit("c", "d", str(number), 9.0 - number, "fr-Latn", terms="loi " * number) for number in range(1, 5)]
    assert [(hit.id, hit.score) for hit in by(length=1.0).order(QUESTION, found)] == [("4", 5), ("3", 6), ("2", 7), ("1", 8)]
    assert [hit.id for hit in by(length=-1.0).order(QUESTION, found)] == ["1", "2", "3", "4"]


def test_what_is_below_nothing_inside_is_nothing() -> None:
    """Between layers what is negative becomes zero; what goes in and what comes out does not."""
    layer, last = np.array([[1.0, -1.0]], np.float32), np.array([[1.0], [1.0]], np.float32)
    made = Network(((layer, np.zeros(2, np.float32)), (last, np.full(1, -9.0, np.float32))))
    assert made.scores(np.array([[3.0], [-2.0]], np.float32)).tolist() == [-6.0, -7.0]


@pytest.mark.parametrize(
    ("query", "taken"),
    [
        (QUESTION, True),
        (replace(QUESTION, concepts=CONCEPTS * 15), True),
        (replace(QUESTION, concepts=CONCEPTS * 15 + CONCEPTS[:1]), False),
        (replace(QUESTION, concepts=()), False),
        (replace(QUESTION, vector=(0.1, 0.2)), False),
        (replace(QUESTION, terms=(*QUESTION.terms, Term("number", "24", 3.0, Because("24", "24", "number")))), False),
    ],
)
def test_it_takes_questions_in_words(query: Query, taken: bool) -> None:
    """A text, no concept, a vector or the number of an article is not what it has learned."""
    assert Reranker.takes(query) is taken


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("Mon employeur peut-il me licencier sans préavis ?", True),
        ("بغيت نطلق شنو خاصني ندير", True),
        ("bghit ntelle9 f lm7kama", True),
        ("article 24 du code du travail", False),
        ("المادة 24 من مدونة الشغل", False),
        (" ".join(f"licenciement{number}" for number in range(40)), False),
        ("", False),
        ("?!", False),
    ],
)
def test_it_takes_planned_questions(text: str, taken: bool) -> None:
    """As the planner makes them: questions of every tongue, no article by its number, no long text, nothing of nothing."""
    assert Reranker.takes(Planner(everyday()).plan(text)) is taken


def test_a_network_of_other_traits_is_refused() -> None:
    """What was learned of other traits, or of ours in another order, would weigh the wrong ones."""
    for names in (TRAITS[:-1], (*TRAITS, "colour"), TRAITS[::-1]):
        packed = BytesIO()
        write(packed, network(1, 3))
        packed.seek(0)
        with np.load(packed) as own:
            arrays = {**own, "traits": np.frombuffer("\n".join(names).encode(), dtype=np.uint8)}
        other = BytesIO()
        np.savez_compressed(other, **arrays)
        other.seek(0)
        with pytest.raises(ValueError, match="other traits"):
            read(other)


def test_the_shipped_network_is_there_with_its_papers() -> None:
    """Its card names the digest of the very file and of each file of questions, and its licence stands beside it."""
    card = (HOME / "reranker.MODEL_CARD.md").read_text("utf-8")
    assert f"| `{hashlib.sha256((HOME / 'reranker.npz').read_bytes()).hexdigest()}` |" in card
    for file in (HOME.parent / "learning" / "asked").glob("*.tsv"):
        assert f"| `{file.name}` | `{hashlib.sha256(file.read_bytes()).hexdigest()}` |" in card
    assert "Apache" in (HOME / "reranker.LICENSE").read_text("utf-8")
    assert shipped_reranker() is shipped_reranker()


# Through the engines

FRENCH = [f"Le divorce est prononcé par le tribunal, {'chambre ' * (number % 7)}{number}." for number in range(60)]
ARABIC = [f"تحكم المحكمة بالطلاق {'في الغرفة ' * (number % 7)}{number}." for number in range(60)]


@pytest.fixture(params=ENGINES)
async def index(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    """Sixty passages in French and sixty in Arabic that speak of divorce, a few that speak of wages; searches are counted."""
    made = Made(request.param, tmp_path)
    index = await made.open()
    await index.put([passage(text, document=f"fr{number}") for number, text in enumerate(FRENCH)])
    arabic = [passage(text, document=f"ar{number}") for number, text in enumerate(ARABIC)]
    await index.put([replace(one, language="ar-Arab") for one in arabic])
    few = [passage("Le salaire est payé. " * n, document=f"fr{n}", collection="few") for n in range(1, 6)]
    theirs = [passage("يؤدى الأجر. " * n, document=f"ar{n}", collection="few") for n in range(1, 6)]
    await index.put([*few, *(replace(one, language="ar-Arab") for one in theirs)])
    yield Counted(index)
    await index.close()
    made.end()


class Counted:
    """Passes each search on to an engine, and counts."""

    def __init__(self, index: Any) -> None:
        self._index, self.searches = index, 0

    async def search(self, *asked: Any) -> Any:
        """As the engine."""
        self.searches += 1
        return await self._index.search(*asked)


def ask(text: str, language: str) -> Query:
    """A planned question."""
    return Planner(everyday()).plan(text, language)


@pytest.mark.parametrize(("text", "language"), [("divorce au tribunal", "fr-Latn"), ("الطلاق أمام المحكمة", "ar-Arab")])
async def test_both_languages_are_weighed_together(index: Counted, text: str, language: str) -> None:
    """What is looked at of either search stand in one order: whichever language its words are in, either can come first."""
    query, scope = ask(text, language), within("c")
    (other,) = {"fr-Latn", "ar-Arab"} - {language}
    alone = (await index.search(query, scope, SEEN)).hits
    assert Counter(hit.language for hit in alone)[language] > SEEN / 2
    theirs = (await index.search(query, within("c", languages=frozenset({other})), SEEN)).hits
    both = list(dict.fromkeys([*alone, *theirs]))
    for again in (by(spoken=-1.0), by(spoken=1.0), by(length=1.0), by(length=-1.0, score=0.1)):
        for k in (1, 6, SEEN):
            before = index.searches
            hits = (await search_across(index, query, scope, k, again)).hits
            assert index.searches == before + 2
            assert hits == again.order(query, both)[:k]
            assert len({hit.id for hit in hits}) == len(hits) == k
    for worth, first in ((-1.0, other), (1.0, language)):
        hits = (await search_across(index, query, scope, 20, by(spoken=worth))).hits
        assert {hit.language for hit in hits} == {first}


async def test_more_places_than_are_looked_at_are_all_given(index: Counted) -> None:
    """Who asks for more than is looked at has as many as fit, each once."""
    query, french = ask("divorce au tribunal", "fr-Latn"), frozenset({"fr-Latn"})
    for scope, count in ((within("c"), 70), (within("c", languages=french), len(FRENCH))):
        hits = (await search_across(index, query, scope, 70, by(length=1.0))).hits
        assert len({hit.id for hit in hits}) == len(hits) == count


async def test_it_is_weighed_beside_the_event_loop(index: Counted) -> None:
    """Others go on meanwhile: some hundred passages, or long ones, take a while."""

    class Watched(Reranker):
        def order(self, query: Query, hits: Sequence[Hit]) -> tuple[Hit, ...]:
            threads.append(threading.get_ident())
            return super().order(query, hits)

    threads: list[int] = []
    await search_across(index, ask("divorce au tribunal", "fr-Latn"), within("c"), 6, Watched(network(0)))
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


async def test_a_scope_of_languages_is_kept(index: Counted) -> None:
    """Where the scope says which languages, the second look sees no other, and there is one search."""
    query, scope = ask("divorce au tribunal", "fr-Latn"), within("c", languages=frozenset({"ar-Arab"}))
    again = by(spoken=1.0)
    hits = (await search_across(index, query, scope, 6, again)).hits
    assert index.searches == 1
    assert {hit.language for hit in hits} == {"ar-Arab"}
    assert hits == again.order(query, (await index.search(query, scope, 2 * SEEN)).hits)[:6]


@pytest.mark.parametrize(
    ("text", "language", "collection"), [("salaire", "fr-Latn", "few"), ("bghit ntelle9 f lm7kama", "ary-Latn", "c")]
)
async def test_nobody_is_crowded_out_where_all_fit(index: Counted, text: str, language: str, collection: str) -> None:
    """Where fewer fit than are looked at, and for Darija in Latin letters, there is one search, and it is looked at again."""
    query, scope, again = ask(text, language), within(collection), by(length=1.0)
    found = await search_across(index, query, scope, 4, again)
    assert index.searches == 1
    alone = await index.search(query, scope, 2 * SEEN)
    assert {hit.language for hit in alone.hits} == {"fr-Latn", "ar-Arab"}
    assert found.hits == again.order(query, alone.hits)[:4] != alone.hits[:4]
    assert found.version == alone.version


@pytest.mark.parametrize(
    ("text", "k"),
    [
        ("article 24", 6),
        ("divorce au tribunal", 0),
        ("divorce au tribunal", -1),
        (" ".join(f"divorce{n}" for n in range(40)), 6),
    ],
)
async def test_what_it_does_not_take_is_as_without_it(index: Counted, text: str, k: int) -> None:
    """An article number, no place at all, a long text: what would be found without a second look is found."""
    query, scope = ask(text, "fr-Latn"), within("c")
    assert await search_across(index, query, scope, k, by(length=1.0)) == await search_across(index, query, scope, k)
