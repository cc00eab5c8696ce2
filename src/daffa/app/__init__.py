"""The wiring: ``build`` opens every room of a house and closes them. Knows all rooms, and alone names adapters."""

from .adapters import embedded_index
from .house import House, build

__all__ = ["House", "build", "embedded_index"]
