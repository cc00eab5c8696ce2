"""How the lexicon of ``damage`` is learned and scored. Knows no text that a user has."""
