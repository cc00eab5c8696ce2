"""PostgreSQL as the index: shared by processes, and tables that can be lost."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from databases import server

from daffa.errors import Unavailable
from daffa.search.engines.postgres import PostgresIndex
from daffa.search.engines.ranking import bm25, fused, rarity

from .engines_made import Made, found, passage, words


@pytest.fixture
def made(tmp_path):
    """A database."""
    made = Made("postgresql", tmp_path)
    yield made
    made.end()


async def test_several_processes_share_one_index(made):
    """What one puts, all find; changes of several at once are all kept, and the counts stay true."""
    indexes = [await made.open() for _ in range(3)]
    puts = [one.put([passage("carte commune", document=f"{n}-{m}")]) for n, one in enumerate(indexes) for m in range(6)]
    await asyncio.gather(*puts)
    await asyncio.gather(*(one.drop("c", [f"{n}-0"]) for n, one in enumerate(indexes)))
    for one in indexes:
        assert len(await found(one, "commune", k=50)) == 15
    ((passages, having),) = server().sql(
        made.place,
        "SELECT s.passages, f.passages FROM search_shards s JOIN search_frequencies f USING (collection)"
        f" WHERE f.term = '0{words('commune').terms[0].text}'",
    )
    assert (passages, having) == ("15", "15")
    for one in indexes:
        await one.close()


async def test_statistics_are_those_of_what_is_there(made):
    """After puts, replacements and drops the counts equal those of an index that was made of the rest at once."""
    index = await made.open()
    await index.put([passage("carte carte passeport", document="a"), passage("permis route", document="b")])
    await index.put([passage("permis", document="a"), passage("santé", document="c")])
    await index.drop("c", ["b"])
    await index.put([passage("permis", document="a", collection="same"), passage("santé", document="c", collection="same")])
    told = "SELECT {} FROM search_{} WHERE collection = '{}' ORDER BY 1"
    for columns, table in (("term, passages", "frequencies"), ("passages, lengths", "shards")):
        grown, fresh = (server().sql(made.place, told.format(columns, table, name)) for name in ("c", "same"))
        assert grown == fresh
        assert grown
    await index.close()


async def test_tables_that_were_dropped_are_made_again(made):
    """The index can be lost at any time: opened again it has no marks, and takes what is fed."""
    index = await made.open()
    await index.put([passage("carte")])
    await index.close()
    server().sql(made.place, "DROP TABLE search_shards, search_passages, search_frequencies")
    again = await made.open()
    assert await again.marks() == {}
    await again.put([passage("carte")])
    assert await found(again, "carte") == ["d@1"]
    await again.close()


async def test_a_question_of_frequent_words_still_finds(made):
    """Where each word of a question is in nearly all passages, the best of them are found nevertheless."""
    index = await made.open()
    many = [passage("carte nationale " + "texte " * (n % 7), document=f"{n:04}") for n in range(1200)]
    await index.put([*many, passage("carte carte nationale nationale", document="best")])
    assert (await found(index, "carte nationale"))[0] == "best@1"
    await index.close()


async def test_a_server_that_does_not_answer_is_said_so():
    """No server behind the address is an error of ours that keeps the password to itself."""
    with pytest.raises(Unavailable, match="cannot be used") as error:
        await PostgresIndex.open("postgresql://someone:secret@127.0.0.1:9/none")
    assert "secret" not in str(error.value)


# Ranking


def test_a_term_that_comes_again_counts_less_each_time():
    """BM25 saturates, and a longer passage needs more."""
    asked, lengths = [{"a": 1.0}], [4.0]
    scores = [bm25([" ".join(["a"] * n + ["b"] * (4 - n))], asked, lengths) for n in range(1, 5)]
    gains = [after - before for before, after in itertools.pairwise(scores)]
    assert gains == sorted(gains, reverse=True)
    assert all(gain > 0 for gain in gains)
    assert bm25(["a b b b b b b b"], asked, lengths) < scores[0]
    assert bm25([""], asked, lengths) == bm25(["b"], asked, lengths) == 0
    assert rarity(100, 1) > rarity(100, 50) > rarity(100, 100) > 0


def test_what_two_orders_agree_on_comes_first():
    """Fused by rank: first in both beats first in one; nothing is lost and nothing comes twice."""
    order = fused(["a", "b", "c"], ["b", "a", "d"], ["b"])
    assert [name for name, _ in order] == ["b", "a", "c", "d"]
    assert fused() == []
