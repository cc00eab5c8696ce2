"""A toy model of meanings: each text is how much it is about identity, roads and health. Knows nine words."""

from dataclasses import replace

from daffa.search import Vector

from .engines_made import words

THEMES = (("carte", "identité", "papiers"), ("route", "chaussée", "autoroute"), ("santé", "hôpital", "soins"))
ABOUT = {word: axis for axis, theme in enumerate(THEMES) for word in theme}


def meaning(text, length=3):
    """The vector of a text."""
    vector = [0.01] * length
    for word in text.split():
        if word in ABOUT:
            vector[ABOUT[word]] += 1.0
    return tuple(vector)


def meant(text, length=3):
    """A query of the words of ``text`` that has its vector."""
    return replace(words(text), vector=meaning(text, length))


def vectors_of(passages, length=3):
    """What is to be kept beside passages."""
    return [
        Vector(one.id, one.document, one.revision, one.language, one.valid_from, one.valid_to, meaning(one.text, length))
        for one in passages
    ]


async def put(index, *passages, length=3):
    """Put passages of one collection and keep the vectors that they lack."""
    await index.put(passages)
    (collection,) = {one.collection for one in passages}
    lacking = await index.lacking(collection, {one.id: one.revision for one in passages}, length)
    await index.keep(collection, vectors_of([one for one in passages if one.id in lacking], length))


async def near(index, text, scope, k=10, length=3):
    """The ids that ``text`` finds by its words and its vector."""
    return [hit.id for hit in (await index.search(meant(text, length), scope, k)).hits]
