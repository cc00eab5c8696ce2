"""The wire to Mistral's own servers. Knows nothing that the wire to OpenAI's does not, but the idiom."""

from __future__ import annotations

from collections.abc import Mapping

from ..dialect import Idiom
from ..dialects import mistral, openai_embeddings
from ..request import Kind
from .openai import OpenAIWire

__all__ = ["MistralWire"]


class MistralWire(OpenAIWire):
    """Sends the requests of one model to its upstream."""

    idioms: Mapping[Kind, Idiom] = {"chat": mistral.IDIOM, "embeddings": openai_embeddings.IDIOM}
