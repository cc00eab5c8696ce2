"""OpenAI chat completions: what most clients and most upstreams speak."""

from .idiom import IDIOM
from .surface import LISTING, SURFACE

__all__ = ["IDIOM", "LISTING", "SURFACE"]
