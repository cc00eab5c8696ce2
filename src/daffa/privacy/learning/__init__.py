"""How the model of ``scorer`` is learned, packed and scored: ``python -m daffa.privacy.learning CORPUS``.

Nothing of it runs when a text is read. It needs scikit-learn (extra ``train``), which is imported by ``make`` alone.
"""
