"""Collections and documents: kept, found, labelled, deleted, on each kind of database with its index."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from databases import sql
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daffa.decision import Basis, Category, Label, Level
from daffa.documents import Document, Section, chunks
from daffa.errors import Conflict, Denied, Invalid, NotFound
from daffa.library import NewDocument

from .libraries import INTERNAL, KINDS, RESTRICTED, Place, ask, document, found

FEW = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LABELS = st.builds(
    Label,
    level=st.sampled_from(Level),
    categories=st.frozensets(st.sampled_from(Category)),
    basis=st.frozensets(st.sampled_from(Basis)),
    owners=st.frozensets(st.sampled_from(["health", "tax"])),
    expires=st.one_of(st.none(), st.integers(0, 10**9)),
)
PROSE = st.text(st.sampled_from("abc déجد.\n😀 "), min_size=1, max_size=300).filter(lambda text: any(map(str.isalnum, text)))


@pytest.fixture(params=KINDS)
def place(request, tmp_path):
    """A place for a library of each kind."""
    place = Place(request.param, tmp_path)
    yield place
    place.end()


@pytest.fixture
async def library(place):
    """An open library."""
    async with place.open() as library:
        yield library


# Laws


@FEW
@given(floor=LABELS, label=LABELS)
def test_a_passage_carries_its_floor_and_its_label(floor, label, tmp_path_factory):
    """What is found is labelled with the join of the collection's floor and the document's label: never lower than either."""

    async def law():
        async with Place("sqlite", tmp_path_factory.mktemp("law")).open() as library:
            await library.create("health", "guides", floor=floor)
            (kept,) = await library.put("health", "guides", [document("d", "carte nationale", label=label)])
            results = await library.find(ask("carte"), await library.scope("health"), 1)
            held = results.passages[0][0]
            assert held.label == kept.label == floor | label
            assert held == await library.passage("health", "guides", held.id)

    asyncio.run(law())


@FEW
@given(texts=st.lists(PROSE, min_size=1, max_size=4))
def test_passages_are_stretches_of_their_document(texts, tmp_path_factory):
    """Each passage's text stands at its offset of the document's text, in code points, and all passages are kept."""

    async def law():
        async with Place("sqlite", tmp_path_factory.mktemp("law")).open() as library:
            await library.create("health", "guides")
            text = "\n\n".join(texts)
            ends = [sum(len(part) + 2 for part in texts[: n + 1]) - 2 for n in range(len(texts))]
            sections = tuple(
                Section(f"H{n}", 1, end - len(part), end) for n, (part, end) in enumerate(zip(texts, ends, strict=True))
            )
            read = Document("d", "Titre", text, "fr-Latn", sections, "text")
            (kept,) = await library.put("health", "guides", [NewDocument("d", read)])
            assert kept.passages == len(chunks(read))
            _, whole = await library.document("health", "guides", "d")
            assert whole == text
            for number, chunk in enumerate(chunks(read)):
                held = await library.passage("health", "guides", f"d@{number}")
                assert (held.text, held.start) == (chunk.text, chunk.start)
                assert whole[held.start : held.start + len(held.text)] == held.text

    asyncio.run(law())


# The walk


async def test_what_is_put_is_found_and_what_is_dropped_is_not(library):
    """A document is found as soon as it is put, with all that was said of it, and no longer once it is dropped."""
    made = await library.create("health", "guides", title="Guides", floor=INTERNAL)
    assert (made.id, made.organisation, made.title, made.documents) == ("health.guides", "health", "Guides", 0)
    text = "L'acte de naissance est délivré par le bureau de l'état civil."
    new = document("d1", text, title="État civil", number="7", work="loi 36-21", link="https://example.org/7", valid_from=10)
    (kept,) = await library.put("health", "guides", [new])
    assert (kept.collection, kept.passages, kept.added) == ("health.guides", 1, 1_700_000_000.0)
    results = await library.find(ask("acte de naissance"), await library.scope("health"), 5)
    ((held, score),) = results.passages
    assert score > 0
    assert (held.collection, held.document, held.id, held.text, held.start) == ("health.guides", "d1", "d1@0", text, 0)
    assert (held.title, held.number, held.work, held.link) == ("État civil", "7", "loi 36-21", "https://example.org/7")
    assert (held.valid_from, held.valid_to, held.language, held.label) == (10, 0, "fr-Latn", INTERNAL)
    assert (await library.collections("health"))[0].documents == 1
    assert (await library.drop("health", "guides", "d1")) == kept
    assert await found(library, "health", "acte de naissance") == []
    assert (await library.find(ask("acte"), await library.scope("health"), 5)).version != results.version


async def test_the_words_of_title_and_heading_are_found_too(library):
    """A passage is found by what its document and its part are called, though its own text does not say it."""
    await library.create("health", "guides")
    read = Document("d", "Passeport", "Deux photos.", "fr-Latn", (Section("Pièces à fournir", 2, 0, 12),), "markdown")
    await library.put("health", "guides", [NewDocument("d", read)])
    assert await found(library, "health", "pièces du passeport") == [("health.guides", "d")]


async def test_a_document_that_is_put_again_takes_its_own_place(library):
    """The older one is found no longer, by none of its passages; its collection has one document."""
    await library.create("health", "guides")
    long = "Carte nationale. " * 150
    await library.put("health", "guides", [document("d", long)])
    assert len(await found(library, "health", "carte")) > 1
    await library.put("health", "guides", [document("d", "passeport")])
    assert await found(library, "health", "carte") == []
    assert await found(library, "health", "passeport") == [("health.guides", "d")]
    assert (await library.collection("health", "guides")).documents == 1


async def test_collections_of_everybody_are_seen_by_all_and_changed_by_none(library):
    """A collection of the house itself is found by every organisation; only the house changes it."""
    await library.create("", "law", title="Textes")
    await library.put("", "law", [document("d", "carte nationale")])
    for organisation in ("health", "tax", ""):
        assert await found(library, organisation, "carte") == [("law", "d")]
        assert [one.id for one in await library.collections(organisation)] == ["law"]
    for change in (
        library.put("health", "law", [document("e", "x")]),
        library.drop("health", "law", "d"),
        library.delete("health", "law"),
    ):
        with pytest.raises(Denied, match="everybody's"):
            await change
    assert await found(library, "tax", "carte") == [("law", "d")]


async def test_an_own_collection_comes_before_everybodys_of_the_same_name(library):
    """A name means one's own collection where there is one; the id of everybody's is its name."""
    await library.create("", "law")
    assert (await library.collection("health", "law")).id == "law"
    await library.create("health", "law")
    assert (await library.collection("health", "law")).id == "health.law"
    assert (await library.collection("tax", "law")).id == "law"
    assert (await library.collection("", "law")).id == "law"


async def test_a_scope_is_all_or_what_was_wanted(library):
    """Without a wish all that one may see is searched; with one, that alone."""
    await library.create("", "law")
    for name in ("a", "b"):
        await library.create("health", name)
        await library.put("health", name, [document("d", "carte")])
    assert (await library.scope("health")).collections == {"law", "health.a", "health.b"}
    scope = await library.scope("health", ["b", "law"], day=3, languages=["fr-Latn"])
    assert (scope.collections, scope.day, scope.languages) == ({"health.b", "law"}, 3, {"fr-Latn"})
    assert await found(library, "health", "carte", "b") == [("health.b", "d")]


async def test_documents_are_listed_page_by_page(library):
    """In the order of their ids, from behind the last one on."""
    await library.create("health", "guides")
    names = [f"d{number:02}" for number in range(30)] + ["é", "文", "😀"]
    await library.put("health", "guides", [document(name, f"carte {name}") for name in names])
    listed, after = [], ""
    while page := await library.documents("health", "guides", after=after, limit=7):
        listed += [one.id for one in page]
        after = listed[-1]
    assert listed == names


# Deletion


@pytest.mark.parametrize("whole", [False, True])
async def test_nothing_is_left_of_what_was_deleted(place, library, whole):
    """Neither in the tables nor in the index; what stands beside it stays."""
    await library.create("health", "guides")
    await library.create("health", "others")
    for name in ("guides", "others"):
        await library.put("health", name, [document("d", "carte nationale"), document("e", "passeport")])
    if whole:
        gone = await library.delete("health", "guides")
        assert gone.documents == 2
    else:
        await library.drop("health", "guides", "d")
    left = {table: sql(place.url, f"SELECT collection FROM library_{table}") for table in ("documents", "passages", "pending")}
    expected = [] if whole else [["health.guides"]]
    assert sorted(left["documents"]) == sorted(left["passages"]) == [*expected, ["health.others"], ["health.others"]]
    assert left["pending"] == []
    assert await found(library, "health", "carte") == [("health.others", "d")]
    with pytest.raises(NotFound):
        await library.document("health", "guides", "d")
    with pytest.raises(NotFound):
        await library.passage("health", "guides", "d@0")


# Edges


async def test_what_cannot_be_kept_is_refused_whole(library):
    """One bad document keeps its call from changing anything; the error names it and the field."""
    await library.create("health", "guides")
    good = document("good", "carte")
    wrong = {
        "id": [
            document("", "x"),
            document(" a", "x"),
            document("a\nb", "x"),
            document("a" * 201, "x"),
            document("a\ud800", "x"),
        ],
        "text": [document("d", "  \n"), document("d", "a\0b"), document("d", "\ud800")],
        "work": [document("d", "x", work="w" * 501)],
        "link": [document("d", "x", link="\0")],
        "valid_to": [document("d", "x", valid_to=10**9)],
    }
    for field, documents in wrong.items():
        for one in documents:
            with pytest.raises(Invalid, match="expected") as error:
                await library.put("health", "guides", [good, one])
            assert field in error.value.facts["field"]
            error.value.say("ar").encode()
    with pytest.raises(Invalid, match="each document once"):
        await library.put("health", "guides", [good, good])
    assert await library.put("health", "guides", []) == []
    assert (await library.collection("health", "guides")).documents == 0
    assert await found(library, "health", "carte") == []


async def test_names_are_checked(library):
    """A collection's name is a slug, its title can be read, and there is one of a name in an organisation."""
    for name in ("", "A", "a b", "-a", "a.b", "a" * 64, "é", "a\0"):
        with pytest.raises(Invalid, match="name"):
            await library.create("health", name)
    for title in ("a\nb", "a" * 201):
        with pytest.raises(Invalid, match="title"):
            await library.create("health", "guides", title=title)
    await library.create("health", "guides")
    with pytest.raises(Conflict, match="already"):
        await library.create("health", "guides")
    await library.create("tax", "guides")


async def test_a_document_without_sections_is_one(library):
    """A text that nobody parted is kept and found whole."""
    await library.create("health", "guides")
    new = document("d", "carte nationale")
    await library.put("health", "guides", [replace(new, document=replace(new.document, sections=()))])
    assert await found(library, "health", "carte") == [("health.guides", "d")]


async def test_a_floor_reaches_what_is_there_already(library, place):
    """A floor that is raised holds for every passage that was put before."""
    await library.create("health", "guides", floor=INTERNAL)
    await library.put("health", "guides", [document("d", "carte")])
    sql(place.url, f"UPDATE library_collections SET floor = '{RESTRICTED}'")
    results = await library.find(ask("carte"), await library.scope("health"), 1)
    assert results.passages[0][0].label == INTERNAL | RESTRICTED


async def test_many_at_once_are_all_kept(library):
    """Puts, drops and searches side by side: at the end exactly what was put and not dropped is found."""
    await library.create("health", "guides")

    async def one(number):
        await library.put("health", "guides", [document(f"d{number}", f"carte commune {number}")])
        if number % 3 == 0:
            await library.drop("health", "guides", f"d{number}")
        await found(library, "health", "commune")

    await asyncio.gather(*(one(number) for number in range(12)))
    names = {name for _, name in await found(library, "health", "commune")}
    assert names == {f"d{number}" for number in range(12) if number % 3}
