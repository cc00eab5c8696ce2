"""What a house has published to everybody is no free text: nothing is looked for in it, and in everything beside it all is."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.decision import Category
from daffa.gateway.labelling import found_label, without

GUIDE = 'Le tribunal confie la garde de l\'enfant mineur. "Le juge", dit-on,\nest saisi\u00a0; المحكمة تقضي.\t\\ ⴰⵙⵇⵙⵉ'
CIN = "La CIN de M. Alaoui est AB123456."


def body(*texts: str) -> bytes:
    """A request whose one message has ``texts`` in it."""
    content = "\n".join(texts)
    return json.dumps({"model": "x", "messages": [{"role": "user", "content": content}]}, ensure_ascii=False).encode()


def test_a_guide_to_the_courts_tells_of_no_case():
    """Looked through as if somebody had typed it, a guide speaks of courts and children; as what it is, of nobody."""
    assert {Category.JUDICIAL, Category.MINORS} & found_label(body(GUIDE)).categories
    assert found_label(without(body(GUIDE, "Bonjour"), [GUIDE])).categories == frozenset()


@pytest.mark.parametrize("place", [(CIN, GUIDE), (GUIDE, CIN), (CIN, GUIDE, CIN)])
def test_what_stands_beside_it_is_looked_through(place: tuple[str, ...]):
    """Whatever a person typed before or after it is found as if it stood alone."""
    assert found_label(without(body(*place), [GUIDE])) == found_label(body(CIN))


@given(st.text(), st.text(min_size=1), st.text())
def test_only_what_is_published_is_left_out(before: str, published: str, after: str):
    """What is left is the same JSON with each such text as one blank; a text that does not stand there changes nothing."""
    raw = body(f"{before}\x1f{published}\x1f{after}")
    left = json.loads(without(raw, [f"\x1f{published}\x1f"]))
    assert left["messages"][0]["content"] == f"{before}\x1f{published}\x1f{after}".replace(f"\x1f{published}\x1f", " ")
    assert without(raw, ["\x1fnowhere in it\x1f" + published]) == raw
