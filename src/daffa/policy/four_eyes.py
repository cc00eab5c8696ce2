"""Who may take which step, when: the four eyes, as a few pure functions. Knows no table, no clock, no law.

Nothing of it is left to whoever calls: these are the words that count.
"""

from __future__ import annotations

from daffa.errors import Conflict, Denied

from .fields import text, wrong
from .proposal import Proposal, Signer, State, Step
from .written import fit_to_print

__all__ = ["OPEN", "check_rollback", "check_room", "check_signer", "check_step", "outcome_of", "reason_of", "title_of"]

OPEN = frozenset({State.PROPOSED, State.PROVED, State.APPROVED})
"""The states of a proposal on which something can still be done."""

# Whoever approves has to see what there is; and each proposal keeps a whole law.
_MOST_OPEN = 20
_FROM = {
    Step.PROVE: {State.PROPOSED},
    Step.APPROVE: {State.PROVED},
    Step.REJECT: OPEN,
    Step.WITHDRAW: OPEN,
    Step.LOAD: {State.APPROVED},
}
_ROLES = {
    Step.PROPOSE: ("author",),
    Step.PROVE: ("author", "approver"),
    Step.APPROVE: ("approver",),
    Step.REJECT: ("approver",),
    Step.WITHDRAW: ("author",),
    Step.LOAD: ("approver", "operator"),
}
_ROLLBACK = ("approver", "operator")
# Whose judgement counts is a person. To prove and to load are works of a machine, on what people have judged.
_BY_A_PERSON = {Step.PROPOSE, Step.APPROVE, Step.REJECT, Step.WITHDRAW}
_NOT_NOW = {
    State.PROPOSED: "law_proposal_unproved",
    State.PROVED: "law_proposal_proved",
    State.DISPROVED: "law_proposal_disproved",
    State.APPROVED: "law_proposal_approved",
    State.REJECTED: "law_proposal_rejected",
    State.WITHDRAWN: "law_proposal_withdrawn",
    State.LOADED: "law_proposal_loaded",
}
_OUTCOME = {
    Step.APPROVE: State.APPROVED,
    Step.REJECT: State.REJECTED,
    Step.WITHDRAW: State.WITHDRAWN,
    Step.LOAD: State.LOADED,
}


def check_signer(step: Step, signer: Signer) -> None:
    """Raise ``Denied`` unless the signer could take such a step at all: ``forbidden``, ``law_needs_a_person``."""
    _check(signer, _ROLES[step], person=step in _BY_A_PERSON)


def check_rollback(signer: Signer) -> None:
    """Raise ``Denied`` unless the signer may bring an earlier law back: one person does, who answers for it."""
    _check(signer, _ROLLBACK, person=True)


def check_step(step: Step, signer: Signer, proposal: Proposal) -> None:
    """Raise unless the signer may take this step on the proposal as it stands.

    ``Denied`` as ``check_signer``, and ``law_own_proposal``, ``law_not_the_author``; ``Conflict``: ``law_proposal_...`` where
    its state does not let it, ``law_proposal_stale`` where the law has changed since. What is stale can still be put aside.
    """
    check_signer(step, signer)
    if step in (Step.APPROVE, Step.REJECT) and signer.person == proposal.author:
        raise Denied("law_own_proposal", proposal=proposal.number, person=proposal.author)
    if step is Step.WITHDRAW and signer.person != proposal.author:
        raise Denied("law_not_the_author", proposal=proposal.number, person=proposal.author)
    if proposal.state not in _FROM[step]:
        raise Conflict(_NOT_NOW[State(proposal.state)], proposal=proposal.number)
    if proposal.stale and step not in (Step.REJECT, Step.WITHDRAW):
        raise Conflict("law_proposal_stale", proposal=proposal.number)


def check_room(author: str, opened: int) -> None:
    """Raise ``Conflict`` (``law_too_many_open``) unless the author may have one more proposal open than these."""
    if opened >= _MOST_OPEN:
        raise Conflict("law_too_many_open", person=author, most=_MOST_OPEN)


def outcome_of(step: Step, *, proved: bool = True) -> State:
    """The state of a proposal after a step."""
    if step is Step.PROVE:
        return State.PROVED if proved else State.DISPROVED
    return _OUTCOME.get(step, State.PROPOSED)


def title_of(given: str) -> str:
    """The title of a proposal: 1 to 200 characters that can be seen. Raises ``Invalid``."""
    return _plain(given, "title", 200)


def reason_of(given: str) -> str:
    """Why a step is taken: 1 to 2000 characters that can be seen. Raises ``Invalid``."""
    return _plain(given, "reason", 2000)


def _plain(given: str, field: str, longest: int) -> str:
    # It stands on the page that others decide by: nothing in it may turn the direction or hide what follows.
    said = text(given.strip(), field, longest=longest)
    if not fit_to_print(said):
        wrong(field, "plain text", ascii(said))
    return said


def _check(signer: Signer, roles: tuple[str, ...], *, person: bool) -> None:
    if signer.roles.isdisjoint(roles):
        raise Denied("forbidden", expected=", ".join(roles))
    if person and signer.person is None:
        raise Denied("law_needs_a_person", key=signer.key)
