"""All law articles of the shared data in the embedded index: every one is found by its own words, and each can go."""

from __future__ import annotations

import gzip
import json
from random import Random

import pytest

from daffa.search import Passage
from daffa.search.engines.tantivy import TantivyIndex

from .engines_made import within, words


@pytest.mark.scale
async def test_sixty_thousand_articles_find_themselves(shared, tmp_path):
    """Stretches of articles find them among the first ten, after the index was opened again, and not once they are dropped."""
    passages = []
    for language in ("fr", "ar"):
        with gzip.open(shared / "docs" / f"laws_{language}_articles.jsonl.gz", "rt", encoding="utf-8") as rows:
            texts = [json.loads(row)["text"] for row in rows]
        passages += [Passage(f"{language}{n}@0", "laws", f"{language}{n}", text) for n, text in enumerate(texts)]
    assert len(passages) == 63_680
    index = await TantivyIndex.open(tmp_path / "index")
    await index.put(passages)
    await index.close()
    index = await TantivyIndex.open(tmp_path / "index")
    chance, found, asked = Random(5), 0, []
    while len(asked) < 200:
        one = chance.choice(passages)
        parts = one.text.split()
        if len(parts) > 40:
            start = chance.randrange(len(parts) - 14)
            asked.append((one, words(" ".join(parts[start : start + 14]))))
    for one, query in asked:
        hits = (await index.search(query, within("laws"), 10)).hits
        found += one.document in {hit.document for hit in hits}
    assert found >= 190
    gone = {one.document for one, _ in asked[:50]}
    await index.drop("laws", gone)
    for _, query in asked[:50]:
        hits = (await index.search(query, within("laws"), 50)).hits
        assert gone.isdisjoint(hit.document for hit in hits)
    await index.close()
