"""OpenAI embeddings: texts in, vectors out. Only passed through: no other protocol is translated to or from it."""

from .idiom import IDIOM
from .surface import SURFACE

__all__ = ["IDIOM", "SURFACE"]
