"""How the model of ``identification`` is learned and scored. Knows no text that a user has."""
