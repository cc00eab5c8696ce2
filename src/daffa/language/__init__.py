"""The languages of Morocco: which one a text is in, its scripts, its search keys, its sentences, its repair.

Pure functions over text and small packed models. Knows no label, no person, no network.
"""

__all__: list[str] = []
