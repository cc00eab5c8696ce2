"""The languages of Morocco: which one a text is in, its scripts, its search keys, its sentences, its repair.

Pure functions over text and small packed models. Knows no label, no person, no network.
"""

from .arabizi import Candidate, arabizi_candidates
from .damage import Change, Repaired, repair, repair_lines
from .identification import Identified, Span, by_sentence, identify, identify_many, spans
from .keys import normalise, normalise_with_map
from .scripts import (
    base_direction,
    convert_digits,
    isolate,
    latin_names,
    latin_to_tifinagh,
    name_key,
    strip_marks,
    tifinagh_to_latin,
)
from .segment import sentences
from .stemming import stem

__all__ = [
    "Candidate",
    "Change",
    "Identified",
    "Repaired",
    "Span",
    "arabizi_candidates",
    "base_direction",
    "by_sentence",
    "convert_digits",
    "identify",
    "identify_many",
    "isolate",
    "latin_names",
    "latin_to_tifinagh",
    "name_key",
    "normalise",
    "normalise_with_map",
    "repair",
    "repair_lines",
    "sentences",
    "spans",
    "stem",
    "strip_marks",
    "tifinagh_to_latin",
]
