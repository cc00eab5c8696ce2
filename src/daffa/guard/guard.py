"""The one doorframe: decide, record, and only then hand out a Permit. Knows no door's business.

No entry, no exit: a Permit exists only after the entry of its decision is durable. A refusal is recorded too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from daffa import audit
from daffa.decision import Actor, Door, Label, Place, Purpose, Question, Verdict, ask
from daffa.errors import NotFound, Refused
from daffa.policy import Law

from .permit import Permit, digest

__all__ = ["Candidate", "Guard"]

_PERMIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A receiver that was considered: what was asked about it and the verdict."""

    receiver: str
    question: Question
    verdict: Verdict


class Guard:
    """Decides under the law in force and records in the log; see ``question``, ``ask``, ``admit``, ``refuse``, ``settle``.

    Args:
        law: the law in force.
        log: the audit log of this process.
        places: the places known, by id, with their evidence.
        clock: seconds since 1970 (UTC).
        accept_declared: whether an attribute of a place without evidence counts as given.
    """

    def __init__(
        self,
        law: Law,
        log: audit.Audit,
        places: Mapping[str, Place],
        clock: Callable[[], float],
        *,
        accept_declared: bool = True,
    ) -> None:
        self._law = law
        self._log = log
        self._places = dict(places)
        self._clock = clock
        self._accept_declared = accept_declared
        self._effective: dict[str, Place] = {}
        self._effective_until = 0.0

    def question(
        self, door: Door, purpose: Purpose, label: Label, place: str, actor: Actor, *, evaluated: bool = False
    ) -> Question:
        """The question about a known place, its expired evidence counted at its worst. Raises ``NotFound``."""
        now = self._clock()
        if now >= self._effective_until:
            self._weigh_evidence(now)
        if place not in self._effective:
            raise NotFound("unknown_place", place=place)
        return ask(door, purpose, label, self._effective[place], actor, int(now), evaluated)

    def ask(self, question: Question) -> Verdict:
        """The verdict, without a trace: for previews and for choosing among candidates."""
        return self._law.bundle.table.decide(question)

    async def admit(
        self,
        question: Question,
        receiver: str,
        payload: bytes,
        *,
        refused: Iterable[Candidate] = (),
        details: Mapping[str, Any] | None = None,
    ) -> Permit:
        """Decide, record, and return the Permit for these bytes.

        ``refused`` are candidates kept out beforehand; they are recorded beside the decision. Raises ``Refused``
        (recorded as well) where the law says no, and ``Unavailable`` where the log cannot be written.
        """
        bundle = self._law.bundle
        verdict = bundle.table.decide(question)
        if not verdict.allowed:
            await self.refuse([Candidate(receiver, question, verdict), *refused], details=details)
        fingerprint = digest(payload)
        index = await self._log.decision(
            self._entry(
                question, verdict, question.place.id, refused, bundle.digest, _details(question, receiver, fingerprint, details)
            )
        )
        return Permit(
            reference=self._log.reference(index),
            index=index,
            door=question.door,
            place=question.place.id,
            receiver=receiver,
            digest=fingerprint,
            expires=self._clock() + _PERMIT_SECONDS,
        )

    async def refuse(self, candidates: list[Candidate], *, details: Mapping[str, Any] | None = None) -> NoReturn:
        """Record that none of ``candidates`` (at least one) may receive the data, and raise ``Refused``.

        The error carries the reference of the entry and every candidate with its verdict.
        """
        first = candidates[0]
        place = first.question.place.id if len(candidates) == 1 else ""
        rules = tuple(dict.fromkeys(rule for candidate in candidates for rule in candidate.verdict.rules))
        nearest = tuple(dict.fromkeys(near for candidate in candidates for near in candidate.verdict.nearest))
        verdict = Verdict(False, rules, nearest)
        receivers = ",".join(candidate.receiver for candidate in candidates)
        index = await self._log.decision(
            self._entry(
                first.question,
                verdict,
                place,
                candidates,
                self._law.bundle.digest,
                _details(first.question, receivers, b"", details),
            )
        )
        raise Refused("refused_by_policy", reference=self._log.reference(index), rules=list(rules), candidates=candidates)

    def settle(
        self, permit: Permit, status: str, *, http_status: int = 0, tokens_in: int = 0, tokens_out: int = 0, bytes_out: int = 0
    ) -> None:
        """Record how what the Permit let out has ended. Lazy: it never delays a decision."""
        self._log.outcome(
            audit.Outcome(
                decision=permit.index,
                status=status,
                http_status=http_status,
                tokens_in=tokens_in,
                tokens_out=tokens_out,
                bytes_out=bytes_out,
                time=self._clock(),
                details={},
            )
        )

    def _entry(
        self,
        question: Question,
        verdict: Verdict,
        place: str,
        refused: Iterable[Candidate],
        bundle: str,
        details: Mapping[str, Any],
    ) -> audit.Decision:
        return audit.Decision(
            door=question.door,
            allowed=verdict.allowed,
            rules=verdict.rules,
            nearest=tuple(near.rule for near in verdict.nearest),
            place=place,
            level=int(question.label.level),
            bundle=bundle,
            refused=tuple((candidate.question.place.id, candidate.verdict.rules) for candidate in refused),
            time=self._clock(),
            details=details,
        )

    def _weigh_evidence(self, now: float) -> None:
        self._effective = {name: place.effective(int(now), self._accept_declared) for name, place in self._places.items()}
        ends = [e.until for place in self._places.values() for e in place.evidence.values() if e.until > now]
        self._effective_until = min(ends, default=float("inf"))


def _details(question: Question, receiver: str, fingerprint: bytes, more: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the log only commits to: who, what label, why, which bytes."""
    return {
        "actor": question.actor.id,
        "organisation": question.actor.organisation,
        "roles": sorted(question.actor.roles),
        "label": str(question.label),
        "purpose": str(question.purpose),
        "receiver": receiver,
        "payload": fingerprint.hex(),
        **(more or {}),
    }
