"""The one doorframe: decide, record, and only then hand out a Permit. Knows no door's business.

No entry, no exit: a Permit exists only after the entry of its decision is durable. A refusal is recorded too.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from daffa import audit
from daffa.decision import Actor, Door, Label, Place, Purpose, Question, Verdict, ask
from daffa.errors import NotFound, Refused, Unavailable
from daffa.policy import Bundle, Law

from .finding import DIFFER, SILENT, Finding
from .permit import Permit
from .shadow import Shadow

__all__ = ["Candidate", "Guard"]

_PERMIT_SECONDS = 60.0
# Bytes above which a payload is hashed in a thread, so that the event loop goes on.
_LARGE = 1 << 18
# So many findings of one decision stand in its sealed details, which have a limit.
_MOST_TOLD = 10
# Verdicts are remembered while law and evidence stand; so many, for a stranger's labels must not fill the memory.
_MOST_KNOWN = 4_096
# Of a question on which the judges differ: no rule refused it.
_UNDECIDED = Verdict(False, ())

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A receiver that was considered: what was asked about it, the verdict, and the digest of the law that gave it."""

    receiver: str
    question: Question
    verdict: Verdict
    bundle: str = ""


class Guard:
    """Decides under the law in force and records in the log; see ``question``, ``ask``, ``admit``, ``refuse``, ``settle``.

    Args:
        law: the law in force.
        log: the audit log of this process.
        places: the places known, by id, with their evidence.
        clock: seconds since 1970 (UTC).
        shadow: who asks the second judge too; without one the table decides alone.
    """

    def __init__(
        self,
        law: Law,
        log: audit.Audit,
        places: Mapping[str, Place],
        clock: Callable[[], float],
        shadow: Shadow | None = None,
    ) -> None:
        self._law = law
        self._log = log
        self._places = dict(places)
        self._clock = clock
        self._shadow = shadow
        self._refusing: set[asyncio.Task[int]] = set()
        self._known: dict[tuple[object, ...], Candidate] = {}
        self._standing: dict[int, Candidate] = {}  # the same by their questions' addresses: they live as long as this does
        self._weighed_under = law.in_force
        self._effective: dict[str, Place] = {}
        self._effective_until = 0.0

    def question(
        self, door: Door, purpose: Purpose, label: Label, place: str, actor: Actor, *, evaluated: bool = False
    ) -> Question:
        """The question about a known place, as things stand now: its expired evidence counts at its worst.

        Raises ``NotFound``.
        """
        now = self._up_to_date()
        if place not in self._effective:
            raise NotFound("unknown_place", place=place)
        return ask(door, purpose, label, self._effective[place], actor, int(now), evaluated)

    def ask(self, question: Question) -> Verdict:
        """The verdict, without a trace: for previews and for choosing among candidates."""
        return self._law.bundle.table.decide(question)

    def consider(self, receiver: str, question: Question) -> Candidate:
        """A receiver with its verdict under the law in force, without a trace."""
        bundle = self._law.bundle
        return Candidate(receiver, question, bundle.table.decide(question), bundle.digest)

    def weigh(self, receiver: str, door: Door, purpose: Purpose, label: Label, place: str, actor: Actor) -> Candidate:
        """``consider`` the ``question``, as things stand now: remembered until the law is another or evidence runs out.

        Raises ``NotFound``.
        """
        self._up_to_date()
        key = (receiver, door, purpose, label, place, actor)
        candidate = self._known.get(key)
        if candidate is None:
            candidate = self.consider(receiver, self.question(door, purpose, label, place, actor))
            if label.expires is None:  # else the same question has another answer in a moment
                self._remember(key, candidate)
        return candidate

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

        ``refused`` are candidates kept out beforehand; those still kept out are recorded beside the decision. Raises
        ``Refused`` (recorded as well) where the law says no, or where its two judges were both asked and do not say the same
        (``judges_differ``, ``judge_silent``; an incident is raised), and ``Unavailable`` where the log cannot be written.
        Cancelled while the entry is being written, it stays until that is durable, and records that nothing left under it.
        """
        fingerprint = await asyncio.to_thread(_sha256, payload) if len(payload) > _LARGE else _sha256(payload)
        # A model tried before this one may have taken its time: since then evidence may have expired, or the law changed.
        asked, verdict = self._judged_now(question)
        law = self._weighed_under
        bundle = law.bundle
        findings = self._shadow.look((asked,), bundle, law.second) if self._shadow else ()
        if findings or not verdict.allowed:
            await self._refuse([Candidate(receiver, asked, verdict)], bundle, findings, details)
        written = _details(asked, receiver, fingerprint, details)
        kept_out = list(self._kept_out(refused, bundle)) if refused else ()
        index = await self._recorded(self._entry(asked, verdict, asked.place.id, kept_out, bundle.digest, written))
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
        Where the judges do not say the same of one of them, its code is as from ``admit``, and an incident is raised.
        """
        law = self._law.in_force
        questions = (candidate.question for candidate in candidates)
        findings = self._shadow.look(questions, law.bundle, law.second) if self._shadow else ()
        await self._refuse(candidates, law.bundle, findings, details)

    def settle(
        self,
        decision: int,
        status: str,
        *,
        http_status: int = 0,
        tokens_in: int = 0,
        tokens_out: int = 0,
        bytes_out: int = 0,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Record how what a decision (the index of its entry) let out has ended. Lazy: it never delays a decision.

        ``details`` are sealed, as those of the decision are.

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
            details=details or {},
        )
        try:
            self._log.outcome(outcome)
        except Unavailable as error:
            _logger.warning("the outcome of %s is not recorded: %s", self._log.reference(decision), error)

    async def end(self) -> None:
        """Wait for what was begun and nobody waits for any more: before the log is closed."""
        await asyncio.gather(*self._refusing, return_exceptions=True)

    async def _refuse(
        self,
        candidates: list[Candidate],
        bundle: Bundle,
        findings: tuple[Finding, ...],
        details: Mapping[str, Any] | None,
    ) -> NoReturn:
        reason = findings[0].kind if findings else ""
        if findings:
            doubtful = [finding.question for finding in findings]
            candidates = [replace(c, verdict=_UNDECIDED) if c.question in doubtful else c for c in candidates]
            details = {"judges": [finding.details() for finding in findings[:_MOST_TOLD]], **(details or {})}
        first = candidates[0]
        rules = tuple(dict.fromkeys(rule for candidate in candidates for rule in candidate.verdict.rules))
        nearest = tuple(dict.fromkeys(near for candidate in candidates for near in candidate.verdict.nearest))
        place = first.question.place.id if len(candidates) == 1 else ""
        written = _details(first.question, ",".join(candidate.receiver for candidate in candidates), "", details)
        verdict = Verdict(False, rules, nearest)
        entry = self._entry(first.question, verdict, place, candidates, bundle.digest, written, reason)
        reference = self._log.reference(await self._refused(entry, findings))
        facts: dict[str, Any] = {"reference": reference, "rules": list(rules), "candidates": candidates, "law": bundle}
        if reason == DIFFER:
            raise Refused("judges_differ", **facts)
        if reason == SILENT:
            raise Refused("judge_silent", **facts)
        raise Refused("refused_by_policy", **facts)

    async def _refused(self, entry: audit.Decision, findings: tuple[Finding, ...]) -> int:
        """The index of ``entry`` once it is durable, and with it what was found; for that no client needs to stay."""
        if not findings or self._shadow is None:
            return await self._log.decision(entry)
        task = asyncio.create_task(self._reported(entry, findings, self._shadow))
        self._refusing.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    async def _reported(self, entry: audit.Decision, findings: tuple[Finding, ...], shadow: Shadow) -> int:
        index = await self._log.decision(entry)
        await shadow.report(findings, self._log.reference(index))
        return index

    def _forget(self, task: asyncio.Task[int]) -> None:
        self._refusing.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits for it hears of it

    async def _recorded(self, entry: audit.Decision) -> int:
        """The index of ``entry`` once it is durable; where its asker leaves meanwhile, with its outcome beside it."""
        index, durable = self._log.enter(entry)
        try:
            await durable
        except asyncio.CancelledError:  # it was told earlier: what is firm comes first
            self.settle(index, "client_gone")
            raise
        return index

    def _kept_out(self, refused: Iterable[Candidate], bundle: Bundle) -> Iterator[Candidate]:
        """Those that this law keeps out too: a rule of the one before has no place in an entry that names this one."""
        for candidate in refused:
            if candidate.bundle in ("", bundle.digest):
                yield candidate
                continue
            question = self._asked_again(candidate.question)
            if not (verdict := bundle.table.decide(question)).allowed:
                yield Candidate(candidate.receiver, question, verdict, bundle.digest)

    def _judged_now(self, question: Question) -> tuple[Question, Verdict]:
        """The same question and its verdict as things stand now."""
        self._up_to_date()
        standing = self._standing.get(id(question))
        if standing is not None and standing.question is question:
            return question, standing.verdict
        asked = self._asked_again(question)
        return asked, self._weighed_under.bundle.table.decide(asked)

    def _remember(self, key: tuple[object, ...], candidate: Candidate) -> None:
        if len(self._known) >= _MOST_KNOWN:
            self._forget_all()
        self._known[key] = self._standing[id(candidate.question)] = candidate

    def _forget_all(self) -> None:
        self._known.clear()
        self._standing.clear()

    def _up_to_date(self) -> float:
        """The time now, at which law and evidence are known to stand as they are weighed. Raises ``Unavailable``."""
        now = self._clock()
        if now >= self._effective_until or self._law.in_force is not self._weighed_under:
            self._weigh_evidence(now)
        return now

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
        reason: str = "",
    ) -> audit.Decision:
        return audit.Decision(
            door=question.door,
            allowed=verdict.allowed,
            rules=verdict.rules,
            nearest=tuple([near.rule for near in verdict.nearest]),
            place=place,
            level=int(question.label.level),
            bundle=bundle,
            refused=tuple([(candidate.question.place.id, candidate.verdict.rules) for candidate in refused]),
            time=self._clock(),
            details=details,
            reason=reason,
        )

    def _weigh_evidence(self, now: float) -> None:
        self._weighed_under = self._law.in_force
        self._forget_all()
        bundle = self._weighed_under.bundle
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
