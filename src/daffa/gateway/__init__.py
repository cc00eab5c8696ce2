"""Door one: a prompt goes to a model. Knows labels, lawful places and models; no web framework and no administrator."""

from .door import Answer, Declared, Gateway, Offer
from .egress_lock import Destination, destinations, network_policy, nftables, systemd
from .exchange import Wire
from .model import CAPABILITIES, PREFERENCES, Model
from .refusal import explain
from .routing import AUTO, Scales, asked, order
from .surfaces import openai_chat
from .upstream import Response, Upstream

__all__ = [
    "AUTO",
    "CAPABILITIES",
    "PREFERENCES",
    "Answer",
    "Declared",
    "Destination",
    "Gateway",
    "Model",
    "Offer",
    "Response",
    "Scales",
    "Upstream",
    "Wire",
    "asked",
    "destinations",
    "explain",
    "network_policy",
    "nftables",
    "openai_chat",
    "order",
    "systemd",
]
