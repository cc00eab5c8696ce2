"""The log's side of its witnesses: submit what is new, gather cosignatures, publish, say where it stands. Knows no HTTP.

It runs beside the log and never holds up a decision: where too few witnesses answer in time, the standing says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from daffa.errors import DaffaError, Invalid

from .log import Audit
from .note import Checkpoint, only_signed_by
from .site import WitnessClient, WitnessSite, WitnessStanding
from .trust import Trust
from .vkey import WITNESSES, VerifyingKey

__all__ = ["Cosigning", "Standing", "WitnessPolicy"]

# Seconds: between two rounds where all is well, and at most where it is not; how long a round waits for answers.
_EVERY = 1.0
_AT_MOST = 30.0
_PATIENCE = 10.0

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """Who is asked, and how many must have cosigned within how many seconds of a checkpoint.

    Attributes:
        sites: each witness's verifying key and the address under which ``/add-checkpoint`` stands.
        needed: how many of them must have cosigned.
        seconds: after which the standing is degraded.
    """

    sites: tuple[tuple[VerifyingKey, str], ...]
    needed: int
    seconds: float

    @classmethod
    def read(cls, witnesses: Sequence[tuple[str, str]], needed: int, seconds: float) -> WitnessPolicy:
        """From vkey lines with their URLs. Raises ``Invalid`` naming ``vkey``, ``url``, ``quorum`` or ``seconds``."""
        Trust.of([vkey for vkey, _ in witnesses], needed)
        for _, url in witnesses:
            if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
                raise Invalid("invalid_field", field="url", expected="http(s)://host...", got=url[:120])
        if not seconds > 0:
            raise Invalid("invalid_field", field="seconds", expected="more than 0", got=seconds)
        sites = tuple((VerifyingKey.parse(vkey, WITNESSES), url.rstrip("/")) for vkey, url in witnesses)
        return cls(sites, needed, seconds)

    def trust(self, *logs: str) -> Trust:
        """The policy as verifiers take it, for the logs of these vkeys."""
        return Trust.of([str(key) for key, _ in self.sites], self.needed, logs)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the witnesses vouch for the log.

    Attributes:
        size: the quorum has cosigned up to this many entries.
        time: when it had done so, by the witnesses' clocks (Unix seconds); 0 for never.
        behind: entries under the newest checkpoint that the quorum has not cosigned.
        degraded: something has been waiting for the quorum longer than the policy allows.
        degradations: how often that has come about since the start.
    """

    size: int
    time: int
    behind: int
    degraded: bool
    degradations: int
    witnesses: tuple[WitnessStanding, ...]


class Cosigning:
    """Keeps a log cosigned; see ``run``, ``cosign``, ``standing``, ``policy``.

    Args:
        log: the log.
        policy: whom to ask, and how many must answer.
        client: the way to them.
        clock: seconds that only grow.
        every, patience: seconds between rounds, and for one.
    """

    def __init__(
        self,
        log: Audit,
        policy: WitnessPolicy,
        client: WitnessClient,
        clock: Callable[[], float] = time.monotonic,
        *,
        every: float = _EVERY,
        patience: float = _PATIENCE,
    ) -> None:
        self._log = log
        self._policy = policy
        self._trust = policy.trust()
        self._sites = [WitnessSite(key, url, client, log.consistency) for key, url in policy.sites]
        self._clock = clock
        self._every = every
        self._patience = patience
        self._round_runs = asyncio.Lock()
        self._done = Checkpoint(log.origin, 0, b"")
        self._heard = False  # whether a quorum has answered since the start
        self._time = 0
        self._waiting_since: float | None = None
        self._degraded = False
        self._degradations = 0
        if log.cosigned is not None:
            self._reached(log.cosigned)

    async def run(self) -> None:
        """Have every new checkpoint cosigned, for ever. Cancel it to end it."""
        pause = self._every
        while True:
            done = False
            try:
                done = await self._step()
            except DaffaError as error:
                _logger.warning("the log %s was not cosigned: %s", self._log.origin, error)
            except Exception:
                _logger.exception("the log %s was not cosigned", self._log.origin)
            pause = self._every if done else min(2 * pause, _AT_MOST)
            await asyncio.sleep(pause)

    async def cosign(self) -> Standing:
        """Have the newest checkpoint cosigned now, as far as the witnesses answer."""
        await self._step()
        return self.standing()

    def standing(self) -> Standing:
        """Where the log stands."""
        self._look()
        newest, sites = self._log.checkpoint, tuple(site.standing() for site in self._sites)
        behind = max(0, newest.size - self._done.size)
        return Standing(self._done.size, self._time, behind, self._degraded, self._degradations, sites)

    def policy(self) -> str:
        """What verifiers may trust, as a C2SP tlog-policy: the keys that sign the log now, the witnesses, the quorum."""
        return self._policy.trust(*map(str, self._log.signers)).text()

    async def _step(self) -> bool:
        """A round over the newest checkpoint, where it is not cosigned; whether it is now.

        The first one asks in any case: a log that was put back finds its old cosignatures beside it.
        """
        async with self._round_runs:
            checkpoint = self._log.checkpoint
            cosigned = checkpoint.same_tree(self._done)
            if not checkpoint.size or (cosigned and self._heard):
                return True
            if self._waiting_since is None and not cosigned:
                self._waiting_since = self._clock()
            done = await self._round(replace(checkpoint, note=only_signed_by(checkpoint.note, *self._log.signers)))
            self._heard = self._heard or done
            self._look()
            return done

    async def _round(self, checkpoint: Checkpoint) -> bool:
        asked = {asyncio.create_task(site.ask(checkpoint)): site for site in self._sites}
        pending, lines, published = set(asked), dict[str, str](), 0
        loop = asyncio.get_running_loop()
        end = loop.time() + self._patience
        try:
            while pending and (left := end - loop.time()) > 0:
                done, pending = await asyncio.wait(pending, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                lines |= {str(asked[task].key): line for task in done if (line := task.result())}
                if published == 0 and await self._publish(checkpoint, lines):
                    published = len(lines)
                    end = min(end, loop.time() + self._every)  # the others get a moment more
            if published and len(lines) > published:
                await self._publish(checkpoint, lines)
        finally:
            for task in pending:
                asked[task].is_late()
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        return published > 0

    async def _publish(self, checkpoint: Checkpoint, lines: dict[str, str]) -> bool:
        """Publish the checkpoint with its cosignatures, in the order of the policy, where they are enough."""
        ordered = [lines[str(key)] for key, _ in self._policy.sites if str(key) in lines]
        whole = replace(checkpoint, note=checkpoint.note + "".join(ordered))
        if not self._enough(whole):
            return False
        await self._log.publish_cosigned(whole)
        self._reached(whole)
        return True

    def _reached(self, checkpoint: Checkpoint) -> None:
        if self._enough(checkpoint):
            times = [cosignature.time for cosignature in self._trust.check(checkpoint)]
            self._done, self._time = checkpoint, times[self._policy.needed - 1]
            self._waiting_since = None

    def _enough(self, checkpoint: Checkpoint) -> bool:
        try:
            self._trust.check(checkpoint)
        except Invalid:
            return False
        return True

    def _look(self) -> None:
        """Notice that the standing has become worse or better."""
        waited = 0.0 if self._waiting_since is None else self._clock() - self._waiting_since
        degraded = waited > self._policy.seconds
        if degraded and not self._degraded:
            self._degradations += 1
            _logger.warning("too few witnesses have cosigned the log %s for %.0f s", self._log.origin, waited)
        self._degraded = degraded
