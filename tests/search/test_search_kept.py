"""The phrases of a glossary, read once and kept for the next process."""

from __future__ import annotations

from daffa.search import Glossary
from daffa.search.reading import read
from daffa.storage import Cache

HEADER = "fr,ar,ary,ary_latn,zgh,en,asks\n"
LINES = (
    "carte nationale|cin,بطاقة التعريف,لاكارط,la carte,,identity card,\nlocation,كراء,الكرا,lkra,,rent,louer un appartement\n"
)
QUESTIONS = [("chno khassni l la carte", "ary-Latn"), ("je veux louer un appartement", "fr-Latn"), ("بغيت لاكارط", "ary-Arab")]


def never():
    """Nothing is to be read."""
    raise AssertionError("read again")


def test_what_was_kept_brings_in_what_was_read(tmp_path):
    """A glossary whose phrases were kept brings in the same entries as one that reads them, and reads none of them again."""
    file = tmp_path / "glossary.csv"
    file.write_text(HEADER + LINES, encoding="utf-8")
    cache = Cache(tmp_path / "cache")
    fresh, first, second = (Glossary.of(file) for _ in range(3))
    first.warm(cache.kept)
    second.warm(lambda name, made_of, _: cache.kept(name, made_of, never))
    for text, language in QUESTIONS:
        told = fresh.told(read(text, language))
        assert told
        assert first.told(read(text, language)) == second.told(read(text, language)) == told


def test_another_line_is_read_anew(tmp_path):
    """A glossary with another wording does not take what was kept of the one before."""
    file, cache = tmp_path / "glossary.csv", Cache(tmp_path / "cache")
    file.write_text(HEADER + LINES, encoding="utf-8")
    Glossary.of(file).warm(cache.kept)
    file.write_text(HEADER + LINES.replace("louer un appartement", "bail verbal"), encoding="utf-8")
    changed = Glossary.of(file)
    changed.warm(cache.kept)
    assert changed.told(read("un bail verbal", "fr-Latn"))
    assert not changed.told(read("je veux louer un appartement", "fr-Latn"))
