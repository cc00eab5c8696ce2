"""The pages on the making of law: a proposal as whoever approves it reads it, lists, how things stand. Pure text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from daffa import sentences

from .layout import cut, finish, foreign, heading, marked, title
from .proposal import Dossier, Enactment, Proposal, Standing, State, Taken
from .words import spoken

__all__ = ["render_dossier", "render_history", "render_proposals", "render_standing"]

# So many names stand on the page; the rows have all of them.
_MOST_NAMED = 12
_AGAINST = {"reject", "withdraw"}


def render_dossier(found: Dossier, language: str) -> str:
    """A proposal: who did what, what comes next, what would change for whom, what is proved."""
    language = spoken(language)
    proposal = found.proposal
    facts = {"number": proposal.number, "version": proposal.version, "digest": proposal.digest[:16]}
    lines = title(proposal.title, sentences.say("lawmaking_about", language, **facts))
    lines += heading(sentences.say("lawmaking_steps", language))
    for taken in proposal.steps:
        lines += _taken(taken, proposal, language)
    lines += marked(*_next(proposal, language))
    for judge in ("invariants", "cases"):
        for kind in ("removed", "altered"):
            if names := found.difference[judge][kind]:
                lines += ["", *marked("✗", sentences.say(f"lawmaking_{judge}_{kind}", language, names=_few(names, language)))]
    parts = [("lawmaking_difference", found.difference)]
    parts += [("lawmaking_proof", found.proof)] if found.proof else []
    page = finish(lines, language)
    for code, part in parts:
        page += "\n" + finish(heading(sentences.say(code, language).upper())[1:], language) + "\n" + part["pages"][language]
    return page


def render_proposals(found: Iterable[Proposal], language: str) -> str:
    """Proposals, one below the other."""
    language = spoken(language)
    lines = title(sentences.say("lawmaking_proposals", language), sentences.say("lawmaking_proposals_about", language))
    lines += _listed(found, language)
    return finish(lines, language)


def render_history(found: Iterable[Enactment], language: str) -> str:
    """Every law that came into force, newest first."""
    language = spoken(language)
    lines = title(sentences.say("lawmaking_history", language), sentences.say("lawmaking_history_about", language))
    for number, one in enumerate(found):
        lines += ["", *_enactment(one, "✓" if number == 0 else "·", language)]
    return finish(lines, language)


def render_standing(found: Standing, language: str) -> str:
    """How things stand: the law in force, what calls for attention, the folder, what is proposed."""
    language = spoken(language)
    lines = title(sentences.say("lawmaking_standing", language), sentences.say("lawmaking_standing_about", language))
    lines += ["", *_enactment(found.in_force, "✓", language)]
    if found.attention:
        lines += marked("✗", sentences.say(f"lawmaking_attention_{found.attention}", language))
    mark = "✓" if found.folder == "same" else "✗" if found.folder == "unreadable" else "·"
    lines += marked(mark, sentences.say(f"lawmaking_folder_{found.folder}", language))
    lines += heading(sentences.say("lawmaking_proposals", language))
    lines += _listed(found.open, language)
    return finish(lines, language)


def _few(names: Sequence[str], language: str) -> str:
    said = ", ".join(foreign(name, language) for name in names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return said if more <= 0 else sentences.say("lawmaking_and_more", language, names=said, more=more)


def _listed(found: Iterable[Proposal], language: str) -> Iterator[str]:
    empty = True
    for proposal in found:
        empty = False
        mark, waits = _next(proposal, language)
        yield from marked(mark, f"{proposal.number} · {foreign(proposal.title, language)}")
        yield from cut(sentences.say("lawmaking_author", language, person=proposal.author))
        yield from cut(waits)
    if empty:
        yield from cut(sentences.say("lawmaking_none", language), 0)


def _enactment(one: Enactment, mark: str, language: str) -> Iterator[str]:
    facts = {"number": one.number, "version": one.version, "digest": one.digest[:16], "instant": _instant(one.time)}
    yield from marked(mark, sentences.say("lawmaking_enactment", language, **facts))
    yield from cut(sentences.say(f"lawmaking_way_{one.way}", language, who=one.who, proposal=one.proposal))
    if one.reason:
        yield from cut(sentences.say("lawmaking_reason", language, reason=one.reason))
    yield from cut(sentences.say("lawmaking_entry", language, entry=one.entry))


def _taken(taken: Taken, proposal: Proposal, language: str) -> Iterator[str]:
    disproved = taken.step == "prove" and proposal.state == State.DISPROVED
    code = "lawmaking_step_disprove" if disproved else f"lawmaking_step_{taken.step}"
    said = sentences.say(code, language, who=taken.who, instant=_instant(taken.time))
    yield from marked("✗" if disproved or taken.step in _AGAINST else "✓", said)
    if taken.reason:
        yield from cut(sentences.say("lawmaking_reason", language, reason=taken.reason))
    yield from cut(sentences.say("lawmaking_entry", language, entry=taken.entry))


def _next(proposal: Proposal, language: str) -> tuple[str, str]:
    """What comes next, or how it ended."""
    ended = {State.LOADED: "✓", State.DISPROVED: "✗", State.REJECTED: "✗", State.WITHDRAWN: "✗"}
    state = "stale" if proposal.stale else proposal.state
    return ended.get(State(proposal.state), "·"), sentences.say(f"lawmaking_is_{state}", language, person=proposal.author)


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
