"""The protocols that models are spoken to in, one package each: what clients speak and what upstreams do. Pure.

``SURFACES`` are what clients may speak, by name; ``LISTINGS`` how each vendor's clients read the list of models.
"""

from collections.abc import Mapping

from ..dialect import Listing, Surface
from . import anthropic, gemini, openai_chat, openai_embeddings, openai_responses

__all__ = ["LISTINGS", "OPENAI_CHAT", "SURFACES"]

OPENAI_CHAT = openai_chat.IDIOM
"""How upstreams of OpenAI's chat are spoken to: also the assistant, which is one of them inside the house."""

SURFACES: Mapping[str, Surface] = {
    surface.name: surface
    for surface in (
        openai_chat.SURFACE,
        openai_responses.SURFACE,
        openai_embeddings.SURFACE,
        anthropic.SURFACE,
        anthropic.COUNTING,
        gemini.SURFACE,
        gemini.COUNTING,
    )
}
LISTINGS: Mapping[str, Listing] = {"openai": openai_chat.LISTING, "anthropic": anthropic.LISTING, "gemini": gemini.LISTING}
