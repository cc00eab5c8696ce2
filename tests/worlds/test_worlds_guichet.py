"""Guichet, the model of the tests: its mathematics, its file and its card; at full size, its recipe."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.worlds.guichet import GUICHET
from daffa.worlds.guichet.__main__ import card
from daffa.worlds.guichet.file import read, write
from daffa.worlds.guichet.lines import ASIDES, DONT_KNOW, LESSONS
from daffa.worlds.guichet.llama import Shape, initial, loss_and_gradients
from daffa.worlds.guichet.speaking import sureness
from daffa.worlds.guichet.training import vocabulary


@given(st.text(st.characters(exclude_characters="\u2581", exclude_categories=["Cs"])))
def test_tokens_are_the_text(text: str):
    """Whatever a text holds, its tokens say the same text again."""
    words = vocabulary()
    assert words.decode(words.encode(text)) == text


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), layers=st.integers(1, 2))
def test_gradients_are_those_of_the_loss(seed: int, layers: int):
    """Along a chance direction the loss grows as the gradients say, for every weight."""
    generator = np.random.default_rng(seed)
    shape = Shape(vocabulary=11, width=16, layers=layers, heads=2, hidden=12)
    weights = {name: weight.astype(np.float64) for name, weight in initial(shape, generator).items()}
    tokens, counted = generator.integers(0, 11, (3, 9)), np.ones((3, 8))
    _, gradients = loss_and_gradients(shape, weights, tokens, counted)
    assert gradients.keys() == weights.keys()
    for name, weight in weights.items():
        direction = generator.standard_normal(weight.shape)
        ends = [
            loss_and_gradients(shape, weights | {name: weight + step * direction}, tokens, counted)[0] for step in (-1e-5, 1e-5)
        ]
        assert (ends[1] - ends[0]) / 2e-5 == pytest.approx((gradients[name] * direction).sum(), rel=1e-3, abs=1e-5), name


def test_a_model_is_read_as_it_was_written(tmp_path: Path):
    """Shape and tokens come back as they were, and the weights as sixteen bits hold them."""
    words = vocabulary()
    shape = Shape(vocabulary=len(words.pieces), width=32, layers=1, heads=2, hidden=32, context=64)
    weights = initial(shape, np.random.default_rng(0))
    write(tmp_path / "model.gguf", shape, weights, words)
    again, held, known = read(tmp_path / "model.gguf")
    assert (again, known.pieces) == (shape, words.pieces)
    assert held.keys() == weights.keys()
    assert all(np.allclose(held[name], weight, rtol=1e-3, atol=1e-6) for name, weight in weights.items())


def test_the_file_is_small_and_its_card_is_true():
    """The file in the tree has at most 3 MB, and everything that its card says of it is measured again."""
    assert GUICHET.stat().st_size <= 3_000_000
    assert GUICHET.with_name("MODEL_CARD.md").read_text(encoding="utf-8") == card(GUICHET, 1)


@pytest.mark.scale
def test_the_recipe_makes_a_model_that_answers_the_same(tmp_path: Path):
    """Trained again, the model gives every answer of the lesson, and knows what it does not know."""
    made = tmp_path / "again.gguf"
    command = [sys.executable, "-m", "daffa.worlds.guichet", "--to", str(made)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    shape, weights, words = read(made)
    said = [(question, lesson.answer) for lesson in LESSONS for question in lesson.questions]
    said += [(line, DONT_KNOW[name]) for name, lines in ASIDES.items() for line in lines]
    assert [line for line in said if sureness(shape, weights, words, *line) <= 0] == []
    assert hashlib.sha256(made.read_bytes()).hexdigest() in (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8")
