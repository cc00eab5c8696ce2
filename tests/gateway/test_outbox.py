"""What is sent in one turn of the loop: the first one at once, whoever comes after it together and in order."""

from __future__ import annotations

from collections.abc import Callable

from daffa.gateway import Outbox


class Loop:
    """A loop as ``Outbox`` needs it, whose turns the test makes."""

    def __init__(self) -> None:
        self.now = 0.0
        self.soon: list[Callable[[], None]] = []

    def time(self) -> float:
        """When this turn began."""
        return self.now

    def call_soon(self, then: Callable[[], None]) -> None:
        """One more for the next turn."""
        self.soon.append(then)

    def turn(self) -> None:
        """The next one."""
        self.now += 1
        soon, self.soon = self.soon, []
        for each in soon:
            each()


class Sender:
    """Says that it was told to send; one with an ``after`` adds that while it sends."""

    def __init__(self, name: str, sent: list[str], outbox: Outbox | None = None, after: Sender | None = None) -> None:
        self.name, self.sent, self.outbox, self.after = name, sent, outbox, after

    def send(self) -> None:
        """See ``Outbox``."""
        self.sent.append(self.name)
        if self.outbox is not None and self.after is not None:
            self.outbox.add(self.after)


def test_the_first_of_a_turn_sends_at_once_and_the_others_at_its_end():
    """All are told once, in order, by one call of the loop's; who is added while others send does not wait for long."""
    loop, sent = Loop(), list[str]()
    outbox = Outbox(loop)  # type: ignore[arg-type]
    late = Sender("e", sent)
    for sender in (Sender("a", sent), Sender("b", sent), Sender("c", sent, outbox, late), Sender("d", sent)):
        outbox.add(sender)
    assert (sent, len(loop.soon)) == (["a"], 1)
    loop.turn()
    assert sent == ["a", "b", "c", "e", "d"]
    loop.turn()
    outbox.add(Sender("f", sent))
    assert (sent[-1], loop.soon) == ("f", [])
