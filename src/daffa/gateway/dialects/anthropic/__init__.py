"""Anthropic Messages: what its models and the clients made for them speak."""

from .idiom import COUNTING_IDIOM, IDIOM
from .listing import LISTING
from .surface import COUNTING, SURFACE

__all__ = ["COUNTING", "COUNTING_IDIOM", "IDIOM", "LISTING", "SURFACE"]
