"""Hypothesis strategies for the words of the decision."""

from hypothesis import strategies as st

from daffa.decision import (
    ATTRIBUTES,
    FOREVER,
    Actor,
    Basis,
    Category,
    Clause,
    Door,
    Effect,
    Form,
    KeyHolder,
    Label,
    Level,
    Op,
    Place,
    Purpose,
    Rule,
    ask,
)

STATES = ["MA", "FR", "US", "CN", "AE", "ZZ"]

labels = st.builds(
    Label,
    level=st.sampled_from(Level),
    categories=st.frozensets(st.sampled_from(Category)),
    form=st.sampled_from(Form),
    purposes=st.frozensets(st.sampled_from(Purpose)),
    basis=st.frozensets(st.sampled_from(Basis)),
    owners=st.frozensets(st.sampled_from(["health", "justice", "tax"])),
    expires=st.none() | st.integers(0, 2_000_000_000),
)

places = st.builds(
    Place,
    id=st.sampled_from(["a", "b", "c"]),
    hw=st.sampled_from(STATES),
    operator=st.sampled_from(STATES),
    reach=st.frozensets(st.sampled_from(STATES)),
    qual=st.integers(0, 2),
    seal=st.integers(0, 4),
    key=st.sampled_from(KeyHolder),
    retention_days=st.integers(0, FOREVER),
    trains=st.booleans(),
)

actors = st.builds(
    Actor,
    id=st.just("someone"),
    organisation=st.sampled_from(["health", "justice", "tax"]),
    roles=st.frozensets(st.sampled_from(["agent", "steward"])),
    region=st.sampled_from(["", "MA-04"]),
)

questions = st.builds(
    ask,
    door=st.sampled_from(Door),
    purpose=st.sampled_from(Purpose),
    label=labels,
    place=places,
    actor=actors,
    now=st.integers(0, 2_000_000_000),
    evaluated=st.booleans(),
)

_WORDS = {
    "context.categories": [*Category],
    "context.basis": [*Basis],
    "context.form": ["raw", "pseudonymised", "deidentified"],
    "context.purpose": [*Purpose],
    "principal.roles": ["agent", "steward"],
    "principal.organisation": ["health", "justice", "tax"],
    "resource.key": [*KeyHolder],
    "resource.region": ["MA-04", ""],
}


def _clause(attribute: str) -> st.SearchStrategy[Clause]:
    kind, _ = ATTRIBUTES[attribute]
    words = [str(word) for word in _WORDS.get(attribute, STATES)]
    if kind == "Boolean":
        return st.builds(Clause, st.just(attribute), st.just(Op.EQ), st.booleans(), st.booleans())
    if kind == "Long":
        compared = st.sampled_from([Op.EQ, Op.LT, Op.LE, Op.GT, Op.GE])
        return st.builds(Clause, st.just(attribute), compared, st.integers(0, 4), st.booleans())
    some = st.frozensets(st.sampled_from(words), min_size=1)
    if kind == "String":
        return st.builds(Clause, st.just(attribute), st.just(Op.ONE_OF), some, st.booleans())
    many = st.sampled_from([Op.HAS_ANY, Op.HAS_ALL, Op.WITHIN])
    return st.builds(Clause, st.just(attribute), many, some, st.booleans())


clauses = st.sampled_from(sorted(ATTRIBUTES)).flatmap(_clause)

rules = st.lists(
    st.builds(
        Rule,
        id=st.text("abcdefgh", min_size=1, max_size=6),
        effect=st.sampled_from(Effect),
        doors=st.frozensets(st.sampled_from(Door), min_size=1),
        clauses=st.lists(clauses, max_size=3).map(tuple),
    ),
    max_size=12,
    unique_by=lambda rule: rule.id,
)
