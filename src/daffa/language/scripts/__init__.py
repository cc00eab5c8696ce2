"""From one writing to another: Tifinagh and Latin, names in Latin letters, digits, direction marks. Knows no meaning."""

from .bidi import base_direction, isolate, strip_marks
from .digits import DIGITS, convert_digits
from .name_key import name_key
from .names import latin_names
from .tifinagh import latin_to_tifinagh, tifinagh_to_latin

__all__ = [
    "DIGITS",
    "base_direction",
    "convert_digits",
    "isolate",
    "latin_names",
    "latin_to_tifinagh",
    "name_key",
    "strip_marks",
    "tifinagh_to_latin",
]
