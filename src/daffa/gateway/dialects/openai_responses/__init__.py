"""OpenAI responses: what newer clients of OpenAI's speak. Always translated; nothing is stored here."""

from .surface import SURFACE

__all__ = ["SURFACE"]
