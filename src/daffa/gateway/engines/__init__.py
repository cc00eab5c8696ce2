"""Models that the house serves itself, each from a GGUF file in a process of its own. Only ``app`` names this."""

from .engine import Engine, Pace
from .engines import Engines

__all__ = ["Engine", "Engines", "Pace"]
