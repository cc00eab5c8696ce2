"""How the three models of the room are learned, packed and scored: ``identify``, ``arabizi``, ``repair``, a package each.

Each package has ``make`` (lines with their licences in; a model, its card and its licence out) and ``score`` (its figures).
Named by the command line alone; nothing of it runs when a text is read. Making ``identify`` needs scikit-learn (extra
``train``), which is not imported here.
"""
