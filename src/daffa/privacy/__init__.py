"""Personal data in text: where it stands, how sure that is, taking it out and putting it back. Knows no policy and no place.

``docs/privacy.md`` lists the types, what each is recognised by, and what is mistaken for it; ``docs/masking.md`` says what
can stand for them.
"""

from .finder import anybody, find, find_bytes
from .finding import LIKELY, Finding, Type, categories
from .masking import Masked, MaskedSpan, Masker, Mode, conversation_key, dataset_key
from .matters import Matter, matters, matters_bytes, why
from .originals import ByteRestorer, Originals, Restorer
from .remembered import Recalled
from .scan import Kept
from .warming import warm

__all__ = [
    "LIKELY",
    "ByteRestorer",
    "Finding",
    "Kept",
    "Masked",
    "MaskedSpan",
    "Masker",
    "Matter",
    "Mode",
    "Originals",
    "Recalled",
    "Restorer",
    "Type",
    "anybody",
    "categories",
    "conversation_key",
    "dataset_key",
    "find",
    "find_bytes",
    "matters",
    "matters_bytes",
    "warm",
    "why",
]
