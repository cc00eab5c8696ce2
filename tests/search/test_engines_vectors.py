"""Vectors beside the embedded index: fused by rank, kept in step with it, gone with what is deleted."""

from __future__ import annotations

import pytest

from daffa.errors import Unavailable
from daffa.search.engines.tantivy import TantivyIndex
from daffa.search.engines.vectors import FusedIndex

from .engines_made import found, passage, within, words
from .meanings import Meanings


@pytest.fixture
def opened(tmp_path):
    """Opens the index with its vectors in one and the same folder."""

    async def run(name="toy"):
        meanings = Meanings()
        meanings.name = name
        return await FusedIndex.open(await TantivyIndex.open(tmp_path / "index"), tmp_path / "vectors", meanings)

    return run


async def test_meaning_finds_what_words_do_not_beside_tantivy(opened):
    """A passage without any word of the question is found, also after it was opened again; words and meaning add up."""
    index = await opened()
    texts = {"id": "carte identité", "road": "chaussée autoroute", "care": "hôpital soins"}
    await index.put([passage(text, document=name) for name, text in texts.items()])
    for _ in range(2):
        assert (await found(index, "papiers"))[0] == "id@1"
        assert (await found(index, "carte papiers", k=1)) == ["id@1"]
        assert (await index.version()).endswith("+toy")
        await index.close()
        index = await opened()
    assert set(await index.marks()) == {"c"}
    await index.close()


async def test_vectors_beside_tantivy_stay_within_the_scope(opened):
    """Collections, days and languages hold for what is found by meaning."""
    index = await opened()
    await index.put([passage("carte identité", collection="other"), passage("hôpital", valid_to=10)])
    assert await found(index, "papiers") == ["d@1"]
    assert await found(index, "papiers", day=11) == []
    assert await found(index, "papiers", languages=frozenset({"ar-Arab"})) == []
    assert [hit.collection for hit in (await index.search(words("papiers"), within("other"), 5)).hits] == ["other"]
    assert (await index.search(words("papiers"), within(), 5)).hits == ()
    assert (await index.search(words("papiers"), within("c"), 0)).hits == ()
    await index.close()


async def test_what_is_deleted_or_replaced_is_near_nothing(opened, tmp_path):
    """A dropped document's vector goes from memory and from the file; a replaced one has its new vector."""
    index = await opened()
    await index.put([passage("carte identité", document="a"), passage("hôpital", document="b")])
    await index.put([passage("chaussée", document="a")])
    assert (await found(index, "route"))[0] == "a@1"
    await index.drop("c", ["a"])
    assert await found(index, "route") == ["b@1"]
    assert b'"a@1"' not in b"".join(path.read_bytes() for path in (tmp_path / "vectors").iterdir())
    await index.drop("c")
    assert list((tmp_path / "vectors").iterdir()) == []
    assert await found(index, "route") == []
    await index.close()


async def test_vectors_that_do_not_go_with_the_index_cost_it_its_mark(opened, tmp_path):
    """After a kill between the two, a damaged file or another model the collection is fed again."""
    index = await opened()
    await index.put([passage("carte")])
    await index._index.put([passage("permis", document="e")])
    assert await index.marks() == {}
    await index.put([passage("permis", document="e")])
    assert set(await index.marks()) == {"c"}
    await index.close()
    (file,) = (tmp_path / "vectors").iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:50])
    index = await opened()
    assert await index.marks() == {}
    assert not file.exists()
    await index.close()
    file.write_bytes(whole)
    index = await opened("another")
    assert await index.marks() == {}
    await index.close()


async def test_an_embedder_that_does_not_answer_changes_nothing(opened):
    """Where texts cannot be embedded the put fails before anything was changed."""
    index = await opened()
    await index.put([passage("carte")])
    marks = await index.marks()

    async def down(*_):
        raise Unavailable("search_index_unusable", folder="x", reason="no model")

    index._embedder, working = down, index._embedder
    with pytest.raises(Unavailable):
        await index.put([passage("permis")])
    index._embedder = working
    assert await index.marks() == marks
    assert await found(index, "carte") == ["d@1"]
    await index.close()
