"""Repair of Arabic that came damaged out of a PDF. Knows no file format: it reads text and gives text back."""

from .changes import Change, Repaired
from .repairing import repair, repair_lines

__all__ = ["Change", "Repaired", "repair", "repair_lines"]
