"""The port ``Index``: the same contract for tantivy and for PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daffa.errors import Unavailable
from daffa.search import Because, Passage, Query, Term, fields_of

from .engines_made import ENGINES, Made, found, passage, within, words

FEW = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORDS = ("carte", "passeport", "naissance", "mariage", "impôt", "retraite", "école", "permis")
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
LIBRARIES = st.dictionaries(st.sampled_from("abcdefgh"), TEXTS, min_size=1, max_size=6)


@pytest.fixture(params=ENGINES)
def made(request, tmp_path):
    """A place for an index of each engine."""
    made = Made(request.param, tmp_path)
    yield made
    made.end()


@pytest.fixture
async def index(made):
    """An open, empty index of each engine."""
    index = await made.open()
    yield index
    await index.close()


def of(collection, library):
    """A library of the strategy as passages."""
    return [passage(text, document=name, collection=collection) for name, text in library.items()]


# Laws


@FEW
@given(mine=LIBRARIES, theirs=LIBRARIES, question=TEXTS)
def test_what_is_outside_the_scope_changes_nothing(mine, theirs, question, made):
    """Hits, scores and version within a scope are the same, to the last bit, whatever other collections hold."""

    async def law():
        index = await made.open()
        try:
            for name in await index.marks():
                await index.drop(name)
            await index.put(of("mine", mine))
            before = await index.search(words(question), within("mine"), 20)
            await index.put(of("theirs", theirs))
            assert await index.search(words(question), within("mine"), 20) == before
            await index.drop("theirs")
            assert await index.search(words(question), within("mine"), 20) == before
        finally:
            await index.close()

    asyncio.run(law())


@FEW
@given(
    steps=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.one_of(st.none(), TEXTS)), max_size=8),
    again=st.booleans(),
)
def test_an_index_finds_what_was_put_and_not_dropped(steps, again, made):
    """After any puts, replacements and drops each word finds the documents that have it now, also when opened again."""

    async def law():
        index = await made.open()
        held = {}
        try:
            for name in await index.marks():
                await index.drop(name)
            for document, collection, text in steps:
                if text is None:
                    held.pop((collection, document), None)
                    await index.drop(collection, [document])
                else:
                    held[collection, document] = text
                    await index.put([passage(text, document=document, collection=collection)])
            if again:
                await index.close()
                index = await made.open()
            for word in WORDS:
                hits = (await index.search(words(word), within("x", "y"), 50)).hits
                assert {(hit.collection, hit.document) for hit in hits} == {key for key, text in held.items() if word in text}
        finally:
            await index.close()

    asyncio.run(law())


# The walk


async def test_the_passage_that_says_it_best_comes_first(index):
    """A rare word and a short passage weigh more; the best ``k`` are given, the best first."""
    texts = ["la carte", "la carte nationale et le passeport", "la carte nationale nationale", "le permis"]
    await index.put([passage(text, document=str(number)) for number, text in enumerate(texts)])
    assert await found(index, "carte nationale") == ["2@1", "1@1", "0@1"]
    assert await found(index, "carte nationale", k=1) == ["2@1"]
    result = await index.search(words("carte nationale"), within("c"), 10)
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)


async def test_a_heavier_term_weighs_more(index):
    """Weights of terms and their fields decide between passages that are alike otherwise."""
    await index.put(
        [passage("carte et passeport", document="a", number="7"), passage("carte et permis", document="b", number="8")]
    )
    because = Because("", "", "word")

    def query(*terms):
        return Query("", "fr-Latn", tuple(Term(*term, because) for term in terms), ())

    for first, second in (("passeport", "permis"), ("permis", "passeport")):
        light, heavy = words(first).terms[0].text, words(second).terms[0].text
        hits = (await index.search(query(("stem", light, 1.0), ("stem", heavy, 3.0)), within("c"), 2)).hits
        assert [hit.document for hit in hits] == (["b", "a"] if second == "permis" else ["a", "b"])
    hits = (await index.search(query(("number", "8", 1.0)), within("c"), 2)).hits
    assert [hit.document for hit in hits] == ["b"]


async def test_collections_of_a_scope_are_weighed_as_one(index):
    """A word that is rare in the whole scope is rare, though the collection that has it has it often."""
    await index.put([passage("retraite anticipée", document=f"r{n}", collection="small") for n in range(3)])
    await index.put([passage("mariage civil", document=f"m{n}", collection="large") for n in range(30)])
    await index.put([passage("mariage retraite", document="both", collection="large")])
    alone = await index.search(words("retraite"), within("small"), 1)
    together = await index.search(words("retraite"), within("small", "large"), 1)
    assert together.hits[0].score > alone.hits[0].score
    hits = (await index.search(words("mariage retraite"), within("small", "large"), 40)).hits
    assert hits[0].id == "both@1"
    assert {hit.collection for hit in hits[1:4]} == {"small"}


async def test_the_first_of_many_collections_are_the_first_of_all(index):
    """However few are asked for, they are those that stand first among all, those of one score too."""
    names = [f"c{n}" for n in range(6)]
    for n, name in enumerate(names):
        texts = [f"mariage {'civil ' * ((n * 5 + m * 7) % 11)}" for m in range(4)]
        await index.put([passage(text, document=f"d{m}", collection=name) for m, text in enumerate(texts)])
    everything = (await index.search(words("mariage"), within(*names), 99)).hits
    assert len(everything) == 24
    assert len({hit.score for hit in everything}) < 24
    for k in (1, 2, 3, 7, 23):
        assert (await index.search(words("mariage"), within(*names), k)).hits == everything[:k]


async def test_a_hit_carries_what_its_passage_is_made_of(index):
    """Language, number and terms of the passage as the analyser made them, the same for each engine, also when written anew."""
    held = [
        passage("Le divorce est prononcé par le juge. " * 3, document="fr", title="Du divorce", number="24 bis"),
        Passage("ar@1", "c", "ar", "يحكم القاضي بالطلاق", language="ar-Arab", number="٢٤"),
        Passage("bare@1", "other", "bare", "divorce"),
    ]
    asked = words("divorce القاضي")
    await index.put([*held, passage("divorce", document="gone")])
    for gone in (["nobody's"], ["gone"]):
        await index.drop("c", gone)
        hits = {hit.id: hit for hit in (await index.search(asked, within("c", "other"), 9)).hits if hit.document != "gone"}
        assert set(hits) == {one.id for one in held}
        for one in held:
            fields = fields_of(one)
            carried = (hits[one.id].language, hits[one.id].number, hits[one.id].terms)
            assert carried == (one.language, " ".join(fields["number"]), " ".join(fields["stem"]))


async def test_a_passage_without_words_has_no_terms(index):
    """What its number alone has found carries empty terms."""
    await index.put([passage("", number="7")])
    (hit,) = (
        await index.search(Query("", "", (Term("number", "7", 1.0, Because("", "", "number")),), ()), within("c"), 1)
    ).hits
    assert (hit.number, hit.terms) == ("7", "")


# Filters


async def test_a_passage_is_found_on_the_days_on_which_it_is_valid(index):
    """Both ends are included, 0 is open, and a scope without a day finds all."""
    spans = {"always": (0, 0), "until": (0, 100), "from": (101, 0), "between": (50, 60), "before": (-400, -300)}
    await index.put([passage("impôt", document=name, valid_from=a, valid_to=b) for name, (a, b) in spans.items()])
    for day, valid in (
        (50, {"always", "until", "between"}),
        (60, {"always", "until", "between"}),
        (61, {"always", "until"}),
        (100, {"always", "until"}),
        (101, {"always", "from"}),
        (-350, {"always", "until", "before"}),
        (0, {"always", "until"}),
        (None, set(spans)),
    ):
        assert {name.removesuffix("@1") for name in await found(index, "impôt", day=day)} == valid, day


async def test_a_passage_is_found_in_the_languages_of_the_scope(index):
    """A scope with languages leaves the others out."""
    await index.put([passage("impôt", document="fr"), Passage("ar@1", "c", "ar", "impôt", language="ar-Arab")])
    assert await found(index, "impôt", languages=frozenset({"ar-Arab"})) == ["ar@1"]
    assert len(await found(index, "impôt", languages=frozenset({"ar-Arab", "fr-Latn"}))) == 2
    assert await found(index, "impôt", languages=frozenset({"en-Latn"})) == []


# Edges


async def test_nothing_asked_or_nowhere_to_look_finds_nothing(index):
    """No terms, fields that nobody knows, no collections, unknown collections, no ``k``: empty, with a version."""
    await index.put([passage("carte")])
    strange = Query("", "", (Term("colour", "carte", 1.0, Because("", "", "word")),), ())
    for query, scope, k in (
        (words(""), within("c"), 5),
        (words("carte"), within(), 5),
        (words("carte"), within("nobody's"), 5),
        (words("carte"), within("c"), 0),
        (strange, within("c"), 5),
    ):
        result = await index.search(query, scope, k)
        assert result.hits == ()
        assert result.version


async def test_a_document_is_put_whole(index):
    """A document that is put again loses the passages that it had, and other documents keep theirs."""
    await index.put([passage(text, name=str(number)) for number, text in enumerate(("carte", "passeport", "permis"))])
    await index.put([passage("mariage", document="other")])
    await index.put([passage("naissance", name="0")])
    assert await found(index, "carte passeport permis naissance") == ["d@0"]
    assert await found(index, "mariage") == ["other@1"]


async def test_terms_with_marks_of_query_languages_are_only_terms(index):
    """Quotes, backslashes and operators in a term are letters like others."""
    because = Because("", "", "word")
    await index.put([passage("texte", number="l.12'\\b"), passage("texte", document="e", number="a&b|!(c:*)")])
    for text, document in (("l.12'\\b", "d"), ("a&b|!(c:*)", "e")):
        query = Query("", "", (Term("number", text, 1.0, because),), ())
        assert [hit.document for hit in (await index.search(query, within("c"), 5)).hits] == [document]


async def test_versions_and_marks_follow_the_changes(index, made):
    """Each change makes another version of its own scope alone; counters grow, and are kept."""
    await index.put([passage("carte"), passage("carte", collection="other")])
    version, marks = await index.version(within("c")), await index.marks()
    assert set(marks) == {"c", "other"}
    assert (await index.search(words("carte"), within("c"), 1)).version == version
    await index.put([passage("permis", collection="other")])
    assert await index.version(within("c")) == version
    await index.drop("c", ["d"])
    assert await index.version(within("c")) != version
    after = await index.marks()
    for name in ("c", "other"):
        (epoch, _, counter), (then, _, count) = marks[name].rpartition("-"), after[name].rpartition("-")
        assert epoch == then
        assert int(count) > int(counter)
    await index.close()
    again = await made.open()
    assert await again.marks() == after
    await again.drop("c")
    assert set(await again.marks()) == {"other"}
    await again.put([passage("carte")])
    assert (await again.marks())["c"].rpartition("-")[0] != after["c"].rpartition("-")[0]
    await again.close()


async def test_dropping_what_is_not_there_is_harmless(index):
    """An unknown collection or document leaves everything as it is."""
    await index.put([passage("carte")])
    await index.drop("nobody's")
    await index.drop("nobody's", ["x"])
    await index.drop("c", ["x"])
    assert await found(index, "carte") == ["d@1"]


async def test_another_analyser_begins_anew(index, made):
    """What an analyser of another version has made is not searched; its marks are gone, so that it is fed again."""
    await index.put([passage("carte"), passage("permis", collection="other")])
    await index.close()
    newer = await made.open(analyser="2999-01-01.1")
    assert await newer.marks() == {}
    assert await found(newer, "carte") == []
    await newer.put([passage("carte", document="new")])
    assert await found(newer, "carte permis", "c", "other") == ["new@1"]
    assert (await newer.version()).startswith("2999-01-01.1-")
    await newer.close()


async def test_many_passages_are_analysed_beside_and_found_the_same(index):
    """A put that is large enough for other processes makes the index that small ones make."""
    many = [passage(f"carte numéro {number}", document=str(number), collection="many") for number in range(2100)]
    await index.put(many)
    few = [passage(f"carte numéro {number}", document=str(number), collection="few") for number in range(2100)]
    for at in range(0, len(few), 700):
        await index.put(few[at : at + 700])
    hits = [(await index.search(words("carte 777"), within(name), 3)).hits for name in ("many", "few")]
    assert hits[0][0].document == hits[1][0].document == "777"
    assert [hit.score for hit in hits[0]] == pytest.approx([hit.score for hit in hits[1]])


async def test_searches_go_on_while_it_is_changed(index):
    """Whoever searches during changes sees each of them whole: a document is never there twice, or by half."""
    await index.put([passage("carte", name=str(n)) for n in range(5)])
    seen = set()

    async def search():
        for _ in range(40):
            seen.add(len(await found(index, "carte", k=50)))
            await asyncio.sleep(0.001)

    async def change():
        for _ in range(4):
            await index.put([passage("carte", name=str(n)) for n in range(9)])
            await index.put([passage("carte", name=str(n)) for n in range(5)])

    await asyncio.gather(search(), change(), search())
    assert seen <= {5, 9}
    assert seen


async def test_a_closed_index_says_so(made):
    """After it was closed a change is refused; closing again is harmless."""
    index = await made.open()
    await index.put([passage("carte")])
    await index.close()
    await index.close()
    with pytest.raises(Unavailable, match="cannot be used"):
        await index.put([passage("carte")])
