"""A row of the catalogue: one model at one place, behind one wire. Knows no protocol and no law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["CAPABILITIES", "PREFERENCES", "Model"]

CAPABILITIES = frozenset({"tools", "json_schema", "images", "audio", "files"})
"""What a request may need that not every model can do."""

PREFERENCES = ("home", "price", "speed", "energy", "quality")
"""By what lawful models may be ordered."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that clients may ask for.

    Attributes:
        id: what clients ask for.
        wire: the protocol that its upstream speaks (``openai``).
        url: base address of the upstream, up to and without the path of the call.
        upstream_model: the model's name there.
        place: id of the place where it runs.
        key: secret that the upstream asks for, or ``""``.
        price_in, price_out: per million tokens, all models in one currency.
        context: tokens that fit into one request, prompt and answer; 0 where unknown.
        capabilities: what it can do beyond text.
        params_active: active parameters, for the estimate of energy; 0 where unknown.
        quality: 0 to 1 by language.
        fallback: models to try in this order when it fails; ``auto`` needs none.
    """

    id: str
    wire: str
    url: str
    upstream_model: str
    place: str
    key: str = ""
    price_in: float = 0.0
    price_out: float = 0.0
    context: int = 0
    capabilities: frozenset[str] = frozenset()
    params_active: float = 0.0
    quality: Mapping[str, float] = field(default_factory=dict)
    fallback: tuple[str, ...] = ()
