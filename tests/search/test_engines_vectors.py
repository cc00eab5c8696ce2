"""The port ``VectorIndex``: the same contract for tantivy with a folder of vectors, and for PostgreSQL with pgvector."""

from __future__ import annotations

import numpy as np
import pytest

from daffa.search import Hit, Scope, Vector
from daffa.search.engines.postgres import PostgresIndex
from daffa.search.engines.ranking import dealt
from daffa.search.engines.tantivy import TantivyIndex
from daffa.search.engines.vector_folder import VectorFolder
from daffa.search.engines.vectors import FusedIndex

from .engines_made import ENGINES, Made, found, passage, within, words
from .meanings import meant, near, put, vectors_of


@pytest.fixture(params=ENGINES)
async def opened(request, tmp_path):
    """Opens the index with its vectors, in one and the same place."""
    made = Made(request.param, tmp_path)

    async def run(model="toy"):
        if made.engine == "postgresql":
            return await PostgresIndex.open(made.place, model=model)
        return await FusedIndex.open(await TantivyIndex.open(made.place), tmp_path / "vectors", model)

    yield run
    made.end()


def record(values):
    """The bytes of a vector in a folder."""
    values = np.array(values, dtype=np.float32)
    return np.rint(values * (127 / np.abs(values).max())).astype(np.int8).tobytes()


async def test_meaning_finds_what_words_do_not(opened):
    """A passage without any word of the question is found, also after it was opened again; words and meaning add up."""
    index = await opened()
    texts = {"id": "carte identité", "road": "chaussée autoroute", "care": "hôpital soins"}
    await put(index, *(passage(text, document=name) for name, text in texts.items()))
    for _ in range(2):
        assert (await near(index, "papiers", within("c")))[0] == "id@1"
        assert (await near(index, "carte papiers", within("c"), k=1)) == ["id@1"]
        assert await found(index, "papiers") == []
        assert "+toy-" in await index.version()
        await index.close()
        index = await opened()
    await index.close()


async def test_what_is_outside_the_scope_changes_nothing_that_is_near(opened):
    """Hits, scores and version are the same to the last bit whatever others have, and days and languages hold too."""
    index = await opened()
    await put(index, passage("carte identité", document="a"), passage("hôpital", document="b", valid_to=10))
    before = await index.search(meant("papiers"), within("c"), 5)
    assert [hit.id for hit in before.hits] == ["a@1", "b@1"]
    await put(index, *(passage("papiers carte", document=f"{n}", collection="hidden") for n in range(120)))
    assert await index.search(meant("papiers"), within("c"), 5) == before
    await index.drop("hidden", ["3"])
    assert await index.search(meant("papiers"), within("c"), 5) == before
    assert (await index.search(meant("papiers"), within("hidden"), 1)).hits[0].collection == "hidden"
    assert await near(index, "papiers", within("c", day=11)) == ["a@1"]
    assert await near(index, "papiers", within("c", languages=frozenset({"ar-Arab"}))) == []
    for scope, k in ((within(), 5), (within("nobody's"), 5), (within("c"), 0)):
        assert (await index.search(meant("papiers"), scope, k)).hits == ()
    await index.close()


async def test_what_is_deleted_or_replaced_is_near_nothing(opened, tmp_path):
    """With a document its vector goes, from the files too; a text that takes its place is without one until it has its own."""
    index = await opened()
    old, other = passage("carte identité", document="a", revision="1"), passage("hôpital", document="b")
    await put(index, old, other)
    version = await index.version(within("c"))
    new = passage("chaussée", document="a", revision="2")
    await index.put([new])
    assert await near(index, "papiers", within("c")) == ["b@1"]
    assert await index.lacking("c", {"a@1": "2", "b@1": ""}, 0) == ["a@1"]
    await index.keep("c", vectors_of([new]))
    assert (await near(index, "route", within("c")))[0] == "a@1"
    assert await index.version(within("c")) != version
    await index.drop("c", ["a"])
    assert await near(index, "route", within("c")) == ["b@1"]
    files = [path.read_bytes() for path in tmp_path.rglob("*.vectors")] + [p.read_bytes() for p in tmp_path.rglob("rows.db")]
    assert not any(gone in kept for kept in files for gone in (b"a@1", record(vectors_of([old])[0].values)))
    await index.drop("c")
    assert await near(index, "route", within("c")) == []
    assert list(tmp_path.rglob("*.vectors")) == []
    assert await index.marks() == {}
    await index.close()


async def test_a_text_that_is_fed_again_as_it_is_may_keep_its_vector(opened):
    """What lacks a vector is told by revision; to put and to drop what has none is as before."""
    index = await opened()
    await index.put([passage("carte", revision="1")])
    assert await index.lacking("c", {"d@1": "1"}, 0) == ["d@1"]
    assert await found(index, "carte") == ["d@1"]
    assert await near(index, "carte papiers", within("c")) == ["d@1"]
    await index.keep("c", vectors_of([passage("carte", revision="1")]))
    assert await index.lacking("c", {"d@1": "1", "e@1": "1"}, 3) == ["e@1"]
    await index.put([passage("carte", revision="1")])
    assert await index.lacking("c", {"d@1": "1"}, 0) in ([], ["d@1"])
    await index.close()


async def test_vectors_of_another_model_or_length_are_never_compared(opened):
    """With another model everything lacks one; vectors of another length take the place of those that were there."""
    index = await opened()
    cards = [passage("carte identité", document=name) for name in "ab"]
    await put(index, *cards)
    revisions = {"a@1": "", "b@1": ""}
    assert await index.lacking("c", revisions, 3) == []
    assert await index.lacking("c", revisions, 4) == ["a@1", "b@1"]
    assert await near(index, "papiers", within("c"), length=4) == []
    await index.keep("c", vectors_of(cards[:1], 4))
    assert await near(index, "papiers", within("c"), length=4) == ["a@1"]
    await index.close()
    index = await opened("another")
    assert await index.lacking("c", revisions, 0) == ["a@1", "b@1"]
    assert await near(index, "papiers", within("c"), length=4) == []
    assert await found(index, "carte") == ["a@1", "b@1"]
    await index.close()


async def test_postgresql_gives_no_vector_to_a_text_that_has_changed_meanwhile(tmp_path):
    """Another process may have put or dropped a document while its old text was embedded: that vector goes nowhere."""
    made = Made("postgresql", tmp_path)
    index = await PostgresIndex.open(made.place, model="toy")
    old = vectors_of([passage("carte", revision="1")])
    await index.put([passage("hôpital", revision="2")])
    await index.keep("c", old)
    assert await index.lacking("c", {"d@1": "2"}, 0) == ["d@1"]
    await index.drop("c", ["d"])
    await index.keep("c", old)
    assert await near(index, "papiers", within("c")) == []
    await index.close()
    made.end()


# The folder


def kept(folder, many):
    """Keep vectors of ``many`` passages, and give their exact cosines with a question, and the question."""
    chance = np.random.default_rng(7)
    rows, asked = chance.standard_normal((many, 48)).astype(np.float32), chance.standard_normal(48).astype(np.float32)
    for at in range(0, many, 700):
        some = rows[at : at + 700]
        folder.keep("c", [Vector(f"{at + n:04}", "d", "", "fr-Latn", 0, 0, row.tolist()) for n, row in enumerate(some)])
    return (rows @ asked) / np.linalg.norm(rows, axis=1) / np.linalg.norm(asked), tuple(asked.tolist())


def test_bytes_order_as_the_vectors_themselves(tmp_path):
    """A vector in bytes is as near as it was, to a hundredth; nearly all of the nearest hundred are the same."""
    folder = VectorFolder(tmp_path / "v", "toy")
    cosines, asked = kept(folder, 2100)
    hits = folder.near(asked, Scope(frozenset({"c"})), 100)
    assert all(abs(hit.score - cosines[int(hit.id)]) < 0.01 for hit in hits)
    assert len({int(hit.id) for hit in hits} & set(np.argsort(-cosines)[:100].tolist())) >= 95
    folder.close()


def test_a_folder_that_was_damaged_or_left_half_written_is_made_again(tmp_path):
    """A file that is cut off costs its collection its vectors, a table that is none all; what no row knows is overwritten."""
    place = tmp_path / "v"
    folder = VectorFolder(place, "toy")
    kept(folder, 20)
    folder.close()
    (file,) = place.glob("*.vectors")
    whole = file.read_bytes()
    file.write_bytes(whole + b"\x07" * 60)  # and a part of one more, as a full disk leaves it
    (place / "x.new").write_bytes(b"left")
    folder = VectorFolder(place, "toy")
    assert file.read_bytes() == whole + bytes(52)
    assert sorted(path.name for path in place.iterdir()) == sorted([file.name, "rows.db"])
    assert folder.lacking("c", {"0001": "", "0021": ""}, 48) == ["0021"]
    folder.close()
    file.write_bytes(whole[:500])
    folder = VectorFolder(place, "toy")
    assert folder.lacking("c", {"0001": ""}, 0) == ["0001"]
    kept(folder, 20)
    folder.close()
    (place / "rows.db").write_bytes(b"no table at all, but bytes " * 200)
    folder = VectorFolder(place, "toy")
    assert folder.collections() == []
    assert list(place.glob("*.vectors")) == []
    folder.close()


def test_half_a_record_behind_the_others_hides_none(tmp_path):
    """What a disk that was full took of a record stands in nobody's way."""
    folder = VectorFolder(tmp_path / "v", "toy")
    _, asked = kept(folder, 20)
    (file,) = (tmp_path / "v").glob("*.vectors")
    with file.open("ab") as records:
        records.write(b"\x07" * 9)
    assert len(folder.near(asked, Scope(frozenset({"c"})), 50)) == 20
    folder.close()


def test_room_that_is_free_is_used_again(tmp_path):
    """Records of what was dropped are taken by what comes; a reader of before sees no error."""
    folder = VectorFolder(tmp_path / "v", "toy")
    _, asked = kept(folder, 30)
    (file,) = (tmp_path / "v").glob("*.vectors")
    size, scope = file.stat().st_size, Scope(frozenset({"c"}))
    assert len(folder.near(asked, scope, 50)) == 30
    folder.keep("c", [Vector("x", "e", "", "", 0, 0, asked), Vector("y", "f", "", "", 0, 0, asked)])
    folder.drop("c", ["e"])
    folder.keep("c", [Vector("z", "g", "", "", 0, 0, asked)])
    assert file.stat().st_size == size // 30 * 32
    assert [hit.id for hit in folder.near(asked, scope, 2)] == ["y", "z"]
    folder.close()


async def test_a_folder_that_fails_costs_a_question_nothing(tmp_path):
    """Where vectors cannot be read passages are found by their words."""
    index = await FusedIndex.open(await TantivyIndex.open(tmp_path / "index"), tmp_path / "v", "toy")
    await put(index, passage("carte identité"))
    (file,) = (tmp_path / "v").glob("*.vectors")
    file.unlink()
    assert await near(index, "carte", within("c")) == ["d@1"]
    await index.close()


def test_scores_of_words_are_dealt_out_to_the_fused_order():
    """Scores stay on the scale of the words and fall from hit to hit; what only meaning found comes with some of them."""
    by_words = [Hit("c", "d", name, score) for name, score in (("a", 9.0), ("b", 5.0), ("c", 1.0))]
    by_meaning = [Hit("c", "d", name, score) for name, score in (("b", 0.9), ("x", 0.8))]
    hits = dealt(by_words, by_meaning, 10)
    assert [hit.id for hit in hits] == ["b", "a", "x", "c"]
    assert [hit.score for hit in hits[:3]] == [9.0, 5.0, 1.0]
    assert 0 < hits[3].score < 0.1
    assert dealt([], by_meaning, 1)[0].id == "b"
    assert dealt(by_words, [], 2) == tuple(by_words[:2])
    assert words("x").vector == ()
