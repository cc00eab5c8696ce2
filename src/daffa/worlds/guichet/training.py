"""Guichet's lesson: conversations drawn from the lines, and Adam over the weights. Knows no file.

On one machine the same seed gives the same weights; on another, rounding differs and the answers are the same.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from .lines import ASIDES, DONT_KNOW, LESSONS
from .llama import Array, Shape, Tokens, Weights, initial, loss_and_gradients
from .vocabulary import BEGIN, Vocabulary

__all__ = ["Trained", "train", "vocabulary"]

_STEPS, _BATCH, _PEAK = 1500, 16, 6e-3
_SYSTEMS = ("Réponds en une phrase.", "Answer in one sentence.", "أجب بجملة واحدة.")
_FIRST_MEAN, _SECOND_MEAN, _NOTHING = 0.9, 0.98, 1e-8


@dataclass(frozen=True, slots=True)
class Trained:
    """What comes out of a training."""

    shape: Shape
    weights: Weights
    vocabulary: Vocabulary


def vocabulary() -> Vocabulary:
    """The tokens of everything that is said."""
    asked = [question for lesson in LESSONS for question in lesson.questions]
    asides = [line for lines in ASIDES.values() for line in lines]
    said = [lesson.answer for lesson in LESSONS] + asked + asides + [*DONT_KNOW.values(), *_SYSTEMS]
    return Vocabulary([*said, *(line.lower() for line in asked)])


def train(seed: int, *, steps: int = _STEPS) -> Trained:
    """A model that has learned the lines. About two minutes on two cores."""
    generator = np.random.default_rng(seed)
    words = vocabulary()
    shape = Shape(vocabulary=len(words.pieces))
    weights = initial(shape, generator)
    means = {name: (np.zeros_like(weight), np.zeros_like(weight)) for name, weight in weights.items()}
    for step in range(1, steps + 1):
        tokens, counted = _batch(words, generator)
        loss, gradients = loss_and_gradients(shape, weights, tokens, counted)
        rate = _PEAK * min(1.0, step / 100) * 0.5 * (1 + np.cos(np.pi * step / steps))
        _learn(weights, gradients, means, rate, step)
        if step % 100 == 0:
            sys.stderr.write(f"step {step} of {steps}: loss {loss:.4f}\n")
    return Trained(shape, weights, words)


def _learn(weights: Weights, gradients: Weights, means: dict[str, tuple[Array, Array]], rate: float, step: int) -> None:
    """One step of Adam (Kingma and Ba, 2015), on a gradient of at most length 1."""
    length = float(np.sqrt(sum(float((gradient**2).sum()) for gradient in gradients.values())))
    for name, whole in gradients.items():
        first, second = means[name]
        gradient = whole / np.float32(max(1.0, length))
        first += (1 - _FIRST_MEAN) * (gradient - first)
        second += (1 - _SECOND_MEAN) * (gradient**2 - second)
        bent = (first / (1 - _FIRST_MEAN**step)) / (np.sqrt(second / (1 - _SECOND_MEAN**step)) + _NOTHING)
        weights[name] -= np.float32(rate) * bent.astype(np.float32)


def _batch(words: Vocabulary, generator: np.random.Generator) -> tuple[Tokens, Array]:
    """Conversations (B, T), and which next tokens (B, T-1) are an answer's."""
    drawn = [_conversation(words, generator) for _ in range(_BATCH)]
    longest = max(len(tokens) for tokens, _ in drawn)
    tokens, counted = np.zeros((_BATCH, longest), np.int64), np.zeros((_BATCH, longest), np.float32)
    for row, (said, answered) in enumerate(drawn):
        tokens[row, : len(said)], counted[row, : len(said)] = said, answered
    return tokens, counted[:, 1:]


def _conversation(words: Vocabulary, generator: np.random.Generator) -> tuple[list[int], list[bool]]:
    """One or two exchanges, sometimes with a word of the system before: the tokens, and which are an answer's."""
    tokens, counted = [BEGIN], [False]
    if generator.random() < 0.2:
        tokens += words.message("system", str(generator.choice(_SYSTEMS)))
    for _ in range(1 if generator.random() < 0.75 else 2):
        question, answer = _exchange(generator)
        tokens += words.message("user", question)
        said = words.message("assistant", answer)
        counted += [False] * (len(tokens) - len(counted) + 1) + [True] * (len(said) - 1)
        tokens += said
    return tokens, counted


def _exchange(generator: np.random.Generator) -> tuple[str, str]:
    """A question, at times written carelessly, and its answer; at times one that has none, its words in any order."""
    if generator.random() < 0.7:
        lesson = LESSONS[generator.integers(len(LESSONS))]
        question = str(generator.choice(lesson.questions))
        return question.lower().rstrip(" ?؟!.") if generator.random() < 0.2 else question, lesson.answer
    language = str(generator.choice(list(ASIDES)))
    question = str(generator.choice(ASIDES[language]))
    if generator.random() < 0.5:
        question = " ".join(generator.permutation(question.split()))
    return question, DONT_KNOW[language]
