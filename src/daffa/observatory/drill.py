"""The drill: what was asked, asked again without some places. Pure: sends nothing, reads no log, changes nothing.

A request stays with the model that it went to, where the law lets it and the cut does not take that away; else it goes
to the first lawful model of its list, in the order of preference. The same holds before the cut and after it, so that
what differs is the cut's doing alone, and cutting nothing changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from daffa.errors import NotFound
from daffa.gateway import ASSISTANT, AUTO, Model, Route, Scales, asked, order
from daffa.guard import Candidate

from .catalogue import Catalogue, cost
from .recorded import Recorded

__all__ = ["FATES", "Drill", "Group", "Lost", "Replay", "run_drill"]

FATES = ("kept", "moved", "elsewhere", "lost", "without")
"""What becomes of a request: it goes where it went; to another lawful model; nowhere as it was asked, though another
lawful model stands in the catalogue; nowhere at all; or it had no lawful place before the cut either."""

_EXAMPLES = 3
_BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Lost:
    """A request that the cut leaves without an answer: what it was, where it went, and why nothing else may have it.

    Attributes:
        index: of its decision in the log.
        fate: ``lost`` or ``elsewhere``.
        before: the place where it went; ``named`` the model that was asked for.
        rules: by each place that is left, the rules that forbid it; none where the law allows no such thing there.
        elsewhere: models that may have it, asked for by name.
    """

    index: int
    time: float
    fate: str
    organisation: str
    purpose: str
    label: str
    level: int
    categories: tuple[str, ...]
    named: str
    before: str
    rules: Mapping[str, tuple[str, ...]]
    elsewhere: tuple[str, ...]


@dataclass(slots=True)
class Group:
    """How many requests of one organisation, or for one purpose, met which fate (see ``FATES``)."""

    key: str
    fates: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(FATES, 0)))

    @property
    def hit(self) -> int:
        """How many are left without an answer as they were asked."""
        return self.fates["elsewhere"] + self.fates["lost"]


@dataclass(frozen=True, slots=True)
class Drill:
    """What a cut would do.

    Attributes:
        cut: the places that were cut off; ``left`` those that were not.
        asked: how many requests were asked again.
        fates: how many met which fate; they sum to ``asked``.
        drifted: how many are let out today before the cut and were refused when they were made, or the other way round.
        before, after: by place, how many went there and would go there.
        price_before, price_after: what the tokens of those that are still answered cost then and would cost, at present prices.
        price_lost: what those cost that are left without an answer.
        organisations, purposes: the same by who and why, whoever loses most first.
        rules: by rule, how many requests without an answer it keeps from some place that is left.
        examples: the newest requests without an answer, none twice.
    """

    cut: tuple[str, ...]
    left: tuple[str, ...]
    asked: int
    fates: Mapping[str, int]
    drifted: int
    before: Mapping[str, int]
    after: Mapping[str, int]
    price_before: float
    price_after: float
    price_lost: float
    organisations: tuple[Group, ...]
    purposes: tuple[Group, ...]
    rules: Mapping[str, int]
    examples: tuple[Lost, ...]


def run_drill(requests: Iterable[Recorded], catalogue: Catalogue, cut: frozenset[str], prefer: tuple[str, ...]) -> Drill:
    """Ask ``requests`` (newest first) again without the places of ``cut``."""
    replay = Replay(catalogue, cut, prefer)
    for request in requests:
        replay.ask(request)
    return replay.result()


class Replay:
    """Counts while requests are asked again, newest first; keeps none of them."""

    def __init__(self, catalogue: Catalogue, cut: frozenset[str], prefer: tuple[str, ...]) -> None:
        self._catalogue, self._cut, self._prefer = catalogue, cut, prefer
        home = frozenset(model.id for model in catalogue.models.values() if catalogue.is_home(model.place))
        # How quick a model was stands in no log: all count as equally quick.
        self._scales = Scales(home=home, seconds={}, failing=lambda _: False)
        self._total = Group("")
        self._organisations: dict[str, Group] = {}
        self._purposes: dict[str, Group] = {}
        self._drifted = 0
        self._before: Counter[str] = Counter()
        self._after: Counter[str] = Counter()
        self._prices: dict[str, float] = defaultdict(float)
        self._rules: Counter[str] = Counter()
        self._examples: dict[tuple[str, ...], Lost] = {}

    def ask(self, request: Recorded) -> None:
        """Ask one request before and after the cut."""
        verdicts = self._weigh(request)
        listed = self._listed(request)
        lawful = [model for model in listed if model.id in verdicts and verdicts[model.id].verdict.allowed]
        before = self._choice(request, lawful, verdicts)
        after = self._choice(request, [model for model in lawful if model.place not in self._cut], verdicts)
        others = [name for name, candidate in verdicts.items() if candidate.verdict.allowed and self._is_left(name)]
        fate = _fate(before, after, others)
        organisation, purpose = request.actor.organisation, str(request.purpose)
        for group in (
            self._total,
            self._organisations.setdefault(organisation, Group(organisation)),
            self._purposes.setdefault(purpose, Group(purpose)),
        ):
            group.fates[fate] += 1
        self._drifted += (before is not None) is not bool(request.model)
        if before is not None:
            self._count(request, before, after)
        if before is not None and after is None:
            self._lose(request, before, fate, verdicts, others)

    def result(self) -> Drill:
        """What was counted."""
        places = self._catalogue.places
        return Drill(
            cut=tuple(name for name in places if name in self._cut),
            left=tuple(name for name in places if name not in self._cut),
            asked=self._total.fates.total(),
            fates=dict(self._total.fates),
            drifted=self._drifted,
            before=dict(self._before.most_common()),
            after=dict(self._after.most_common()),
            price_before=self._prices["before"],
            price_after=self._prices["after"],
            price_lost=self._prices["lost"],
            organisations=_ranked(self._organisations.values()),
            purposes=_ranked(self._purposes.values()),
            rules=dict(self._rules.most_common()),
            examples=tuple(self._examples.values()),
        )

    def _weigh(self, request: Recorded) -> dict[str, Candidate]:
        """The verdict on every model of the catalogue that holds the request, by its id."""
        weighed = {}
        for model in self._catalogue.models.values():
            if model.wire == ASSISTANT and model.id not in (request.asked, request.model):
                continue  # it stands in for no model: it asks them
            if model.id == request.model or not model.context or request.tokens_in + request.tokens_out <= model.context:
                question = request.question(self._catalogue.places[model.place])
                weighed[model.id] = Candidate(model.id, question, self._catalogue.law.table.decide(question))
        return weighed

    def _listed(self, request: Recorded) -> list[Model]:
        """The models that it may fall back on, the one that it went to among them."""
        try:
            listed = asked(self._catalogue.models, request.asked)
        except NotFound:
            listed = []
        if request.model in self._catalogue.models and all(model.id != request.model for model in listed):
            listed.append(self._catalogue.models[request.model])
        return listed

    def _is_left(self, model: str) -> bool:
        return self._catalogue.models[model].place not in self._cut

    def _choice(self, request: Recorded, lawful: list[Model], verdicts: Mapping[str, Candidate]) -> Model | None:
        for model in lawful:
            if model.id == request.model:
                return model
        if request.asked != AUTO or not lawful:
            return lawful[0] if lawful else None
        routes = [Route(model, verdicts[model.id]) for model in lawful]
        return order(routes, self._prefer, self._scales, request.tokens_in * _BYTES_PER_TOKEN, request.tokens_out)[0].model

    def _count(self, request: Recorded, before: Model, after: Model | None) -> None:
        then = cost(before, request.tokens_in, request.tokens_out)
        self._before[before.place] += 1
        if after is None:
            self._prices["lost"] += then
            return
        self._after[after.place] += 1
        self._prices["before"] += then
        self._prices["after"] += cost(after, request.tokens_in, request.tokens_out)

    def _lose(self, request: Recorded, before: Model, fate: str, verdicts: Mapping[str, Candidate], others: list[str]) -> None:
        rules: dict[str, tuple[str, ...]] = {}
        for name, candidate in verdicts.items():
            if self._is_left(name) and not candidate.verdict.allowed:
                rules[self._catalogue.models[name].place] = candidate.verdict.rules
        self._rules.update({rule for refusal in rules.values() for rule in refusal})
        key = (request.actor.organisation, str(request.purpose), str(request.label), request.asked)
        if len(self._examples) < _EXAMPLES and key not in self._examples:
            self._examples[key] = Lost(
                index=request.index,
                time=request.time,
                fate=fate,
                organisation=request.actor.organisation,
                purpose=str(request.purpose),
                label=str(request.label),
                level=int(request.label.level),
                categories=tuple(sorted(map(str, request.label.categories))),
                named=request.asked,
                before=before.place,
                rules=rules,
                elsewhere=tuple(others),
            )


def _fate(before: Model | None, after: Model | None, others: list[str]) -> str:
    if before is None:
        return "without"
    if after is None:
        return "elsewhere" if others else "lost"
    return "kept" if after.id == before.id else "moved"


def _ranked(groups: Iterable[Group]) -> tuple[Group, ...]:
    return tuple(sorted(groups, key=lambda group: (-group.hit, -group.fates.total(), group.key)))
