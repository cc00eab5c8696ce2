"""Darija in Latin letters and digits, read into Arabic letters. Knows no other language and no language identification."""

from .candidates import Candidate, arabizi_candidates

__all__ = ["Candidate", "arabizi_candidates"]
