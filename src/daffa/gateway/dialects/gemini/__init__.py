"""Google Gemini, ``generateContent`` and ``countTokens``: what its clients and its upstreams speak."""

from .fields import resource
from .idiom import COUNTING_IDIOM, IDIOM
from .listing import LISTING
from .surface import COUNTING, SURFACE

__all__ = ["COUNTING", "COUNTING_IDIOM", "IDIOM", "LISTING", "SURFACE", "resource"]
