"""Door one: a prompt goes to a model. Knows labels, lawful places and models; no web framework and no administrator."""

from .breaker import Limits, State
from .call import Call, Teller, TurnedAway
from .counters import Counters, Histogram
from .dialect import Idiom, Surface
from .dialects import LISTINGS, OPENAI_CHAT, SURFACES
from .door import Answer, Declared, Gateway, Offer
from .egress_lock import Destination, destinations, network_policy, nftables, systemd
from .energy import watt_hours
from .exchange import Asker, Wire
from .intake import Intake
from .labelling import found_label
from .model import ASSISTANT, CAPABILITIES, EMBEDDINGS, PREFERENCES, LocalFile, Model
from .outbox import Outbox
from .probing import Probing
from .refusal import explain
from .request import Kind
from .retrying import Patience
from .routing import AUTO, Route, Scales, asked, order
from .running import Running
from .upstream import Response, Upstream

__all__ = [
    "ASSISTANT", "AUTO", "CAPABILITIES", "EMBEDDINGS", "LISTINGS", "OPENAI_CHAT", "PREFERENCES", "SURFACES", "Answer", "Asker",
    "Call", "Counters", "Declared", "Destination", "Gateway", "Histogram", "Idiom", "Intake", "Kind", "Limits", "LocalFile",
    "Model", "Offer", "Outbox", "Patience", "Probing", "Response", "Route", "Running", "Scales", "State", "Surface", "Teller",
    "TurnedAway", "Upstream", "Wire", "asked", "destinations", "explain", "found_label", "network_policy", "nftables", "order",
    "systemd", "watt_hours",
]  # fmt: skip
