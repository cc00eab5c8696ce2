"""How the model of ``arabizi`` is learned and scored. Knows no text that a user has."""
