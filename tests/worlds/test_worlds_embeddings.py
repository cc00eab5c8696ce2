"""Simulated embeddings: equal texts have equal vectors of length 1, in the shapes of the public reference."""

from __future__ import annotations

import base64
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.worlds.embeddings_speech import EmbeddingsTongue
from daffa.worlds.speech import Complaint
from daffa.worlds.tongue import Asked

TONGUE = EmbeddingsTongue()


def answer(**fields: Any) -> dict[str, Any]:
    """What the simulated provider answers."""
    body = {"model": "sim", "input": "نص", **fields}
    return TONGUE.answer(Asked("/v1/embeddings", {}, body, "simulated", ("sim",))).document


@given(st.text(max_size=40), st.integers(1, 40))
def test_a_vector_depends_on_the_text_alone(text: str, count: int):
    """The same text has the same vector of length 1, alone and among others, as numbers and in base64."""
    (row,) = answer(input=text, dimensions=count)["data"]
    others = answer(input=["x", text], dimensions=count, encoding_format="base64")["data"]
    packed = base64.b64decode(others[1]["embedding"])
    assert list(struct.unpack(f"<{count}f", packed)) == row["embedding"]
    assert math.isclose(sum(number**2 for number in row["embedding"]), 1, rel_tol=1e-5)


def test_usage_counts_words_and_different_texts_differ():
    """Tokens are words; rows come in order."""
    said = answer(input=["one two", "three"])
    assert said["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
    assert [row["index"] for row in said["data"]] == [0, 1]
    assert said["data"][0]["embedding"] != said["data"][1]["embedding"]


@pytest.mark.parametrize(
    ("fields", "status", "param"),
    [
        ({"model": "x"}, 404, "model"),
        ({"input": []}, 400, "input"),
        ({"dimensions": 5000}, 400, "dimensions"),
        ({"encoding_format": "text"}, 400, "encoding_format"),
    ],
)
def test_what_is_wrong_is_refused(fields: dict, status: int, param: str):
    """As the reference says, with the parameter."""
    with pytest.raises(Complaint) as raised:
        answer(**fields)
    assert (raised.value.status, raised.value.param) == (status, param)
