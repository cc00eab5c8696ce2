"""The one doorframe: decide, record, and only then hand out a Permit. Knows no door's business.

No entry, no exit: a Permit exists only after the entry of its decision is durable. A refusal is recorded too.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from daffa import audit
from daffa.decision import Actor, Door, Label, Place, Purpose, Question, Verdict, ask
from daffa.errors import NotFound, Refused, Unavailable
from daffa.policy import Bundle, Law

from .permit import Permit

__all__ = ["Candidate", "Guard"]

_PERMIT_SECONDS = 60.0
# Bytes above which a payload is hashed in a thread, so that the event loop goes on.
_LARGE = 1 << 18

_logger = logging.getLogger(__name__)


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
    """

    def __init__(self, law: Law, log: audit.Audit, places: Mapping[str, Place], clock: Callable[[], float]) -> None:
        self._law = law
        self._log = log
        self._places = dict(places)
        self._clock = clock
        self._weighed_under: Bundle = law.bundle
        self._effective: dict[str, Place] = {}
        self._effective_until = 0.0

    def question(
        self, door: Door, purpose: Purpose, label: Label, place: str, actor: Actor, *, evaluated: bool = False
    ) -> Question:
        """The question about a known place, as things stand now: its expired evidence counts at its worst.

        Raises ``NotFound``.
        """
        now = self._clock()
        if now >= self._effective_until or self._law.bundle is not self._weighed_under:
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
        """Decide as things stand now, record, and return the Permit for these bytes.

        ``refused`` are candidates kept out beforehand; they are recorded beside the decision. Raises ``Refused``
        (recorded as well) where the law says no, and ``Unavailable`` where the log cannot be written. Cancelled while
        the entry is being written, it stays until that is durable, and records that nothing left under it.
        """
        fingerprint = await asyncio.to_thread(_sha256, payload) if len(payload) > _LARGE else _sha256(payload)
        # A model tried before this one may have taken its time: since then evidence may have expired, or the law changed.
        asked = self._asked_again(question)
        bundle = self._weighed_under
        verdict = bundle.table.decide(asked)
        if not verdict.allowed:
            await self.refuse([Candidate(receiver, asked, verdict)], details=details)
        written = _details(asked, receiver, fingerprint, details)
        index = await self._recorded(self._entry(asked, verdict, asked.place.id, refused, bundle.digest, written))
        return Permit(
            reference=self._log.reference(index),
            index=index,
            door=asked.door,
            place=asked.place.id,
            receiver=receiver,
            payload=payload,
            expires=self._clock() + _PERMIT_SECONDS,
        )

    async def refuse(self, candidates: list[Candidate], *, details: Mapping[str, Any] | None = None) -> NoReturn:
        """Record that none of ``candidates`` (at least one) may receive the data, and raise ``Refused``.

        The error carries the reference of the entry, every candidate with its verdict, and the law that was in force.
        """
        bundle, first = self._law.bundle, candidates[0]
        place = first.question.place.id if len(candidates) == 1 else ""
        rules = tuple(dict.fromkeys(rule for candidate in candidates for rule in candidate.verdict.rules))
        nearest = tuple(dict.fromkeys(near for candidate in candidates for near in candidate.verdict.nearest))
        verdict = Verdict(False, rules, nearest)
        receivers = ",".join(candidate.receiver for candidate in candidates)
        written = _details(first.question, receivers, "", details)
        index = await self._log.decision(self._entry(first.question, verdict, place, candidates, bundle.digest, written))
        reference = self._log.reference(index)
        raise Refused("refused_by_policy", reference=reference, rules=list(rules), candidates=candidates, law=bundle)

    def settle(
        self, decision: int, status: str, *, http_status: int = 0, tokens_in: int = 0, tokens_out: int = 0, bytes_out: int = 0
    ) -> None:
        """Record how what a decision (the index of its entry) let out has ended. Lazy: it never delays a decision.

        Where the log can no longer be written, only our own messages say so: what left has left, and whoever waits for
        the answer shall have it. The next decision is refused.
        """
        outcome = audit.Outcome(
            decision=decision,
            status=status,
            http_status=http_status,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            bytes_out=bytes_out,
            time=self._clock(),
            details={},
        )
        try:
            self._log.outcome(outcome)
        except Unavailable as error:
            _logger.warning("the outcome of %s is not recorded: %s", self._log.reference(decision), error)

    async def _recorded(self, entry: audit.Decision) -> int:
        """The index of ``entry`` once it is durable; where its asker leaves meanwhile, with its outcome beside it."""
        writing = asyncio.ensure_future(self._log.decision(entry))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            self.settle(await writing, "client_gone")
            raise

    def _asked_again(self, q: Question) -> Question:
        return self.question(q.door, q.purpose, q.label, q.place.id, q.actor, evaluated=q.facts.evaluated)

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
        self._weighed_under = bundle = self._law.bundle
        self._effective = {name: place.effective(int(now), bundle.accept_declared) for name, place in self._places.items()}
        ends = [e.until for place in self._places.values() for e in place.evidence.values() if e.until > now]
        self._effective_until = min(ends, default=float("inf"))


def _details(question: Question, receiver: str, fingerprint: str, more: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the log only commits to: who, what label, why, which bytes."""
    return {
        "actor": question.actor.id,
        "organisation": question.actor.organisation,
        "roles": sorted(question.actor.roles),
        "region": question.actor.region,
        "evaluated": question.facts.evaluated,
        "label": str(question.label),
        "purpose": str(question.purpose),
        "receiver": receiver,
        "payload": fingerprint,
        **(more or {}),
    }


def _sha256(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()
