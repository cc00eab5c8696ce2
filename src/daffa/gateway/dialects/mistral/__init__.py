"""Mistral's own servers: OpenAI chat completions but for some names, and for what they refuse to read."""

from .idiom import IDIOM

__all__ = ["IDIOM"]
