"""Door one: a prompt goes to a model. Knows labels, lawful places and models; no web framework and no administrator."""

from . import egress
from .door import Answer, Declared, Gateway, Offer
from .exchange import Wire
from .model import CAPABILITIES, PREFERENCES, Model
from .routing import AUTO
from .surfaces import openai_chat
from .upstream import Response, Upstream

__all__ = [
    "AUTO",
    "CAPABILITIES",
    "PREFERENCES",
    "Answer",
    "Declared",
    "Gateway",
    "Model",
    "Offer",
    "Response",
    "Upstream",
    "Wire",
    "egress",
    "openai_chat",
]
