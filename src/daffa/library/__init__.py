"""The library: collections of documents, kept in the database and found by the index. Knows organisations by id alone."""

from .days import date_of, day_of, today_in
from .library import Library
from .records import VISITORS, Collection, Held, NewDocument, Results, Shelved

__all__ = ["VISITORS", "Collection", "Held", "Library", "NewDocument", "Results", "Shelved", "date_of", "day_of", "today_in"]
