"""What Guichet says by numpy: what an engine must say too. Knows no engine."""

from __future__ import annotations

from .llama import Shape, Weights, lead
from .vocabulary import ASSISTANT, BEGIN, END, Vocabulary

__all__ = ["prompt", "sureness"]


def prompt(vocabulary: Vocabulary, question: str) -> list[int]:
    """The tokens of a conversation that waits for the answer to ``question``."""
    return [BEGIN, *vocabulary.message("user", question), ASSISTANT]


def sureness(shape: Shape, weights: Weights, vocabulary: Vocabulary, question: str, answer: str) -> float:
    """The least lead, in logits, of a token of ``answer`` over every other; above 0 it is the greedy answer."""
    return lead(shape, weights, prompt(vocabulary, question), [*vocabulary.encode(answer), END])
