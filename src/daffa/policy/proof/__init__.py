"""The proof by solver, in a process of its own: ``python -m daffa.policy.proof`` reads a law and answers, both as JSON.

Knows rules as data and the world in which they are asked; no Cedar text and no table. Nothing of the house imports it:
``daffa.policy.solver`` starts it, so that neither the solver's memory nor its faults are those of the server.
"""
