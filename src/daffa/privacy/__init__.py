"""Personal data in text: where it stands and how sure that is. Knows Moroccan identifiers; knows no policy and no place.

Found so far: identity-card numbers (cin), bank accounts (rib, iban), company identifiers (ice), phone
numbers and e-mail addresses.
"""

from .finder import find, find_bytes
from .finding import Finding, Type, categories

__all__ = ["Finding", "Type", "categories", "find", "find_bytes"]
