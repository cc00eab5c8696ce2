"""The Permit: sabotage of every binding."""

import pytest

from daffa.decision import Door
from daffa.errors import Conflict, DaffaError, Refused
from daffa.guard.permit import Permit

BYTES = b'{"model":"x"}'


def a_permit(expires: float = 100.0) -> Permit:
    """A Permit for BYTES to ``model`` at ``rabat``."""
    return Permit(
        reference="log#7", index=7, door=Door.GATEWAY, place="rabat", receiver="model", payload=BYTES, expires=expires
    )


def use(permit: Permit, **changed: object) -> None:
    """Use it as it is meant, but for what is changed."""
    meant = {"door": Door.GATEWAY, "place": "rabat", "receiver": "model", "payload": BYTES, "now": 1.0}
    permit.use(**{**meant, **changed})


def test_a_permit_lets_its_own_bytes_out_once():
    """The first use passes and the second is a conflict."""
    permit = a_permit()
    use(permit)
    with pytest.raises(Conflict) as raised:
        use(permit)
    assert raised.value.code == "permit_used"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"place": "virginia"}, "permit_mismatch"),
        ({"receiver": "other"}, "permit_mismatch"),
        ({"door": Door.CLOUD}, "permit_mismatch"),
        ({"payload": BYTES + b" "}, "permit_mismatch"),
        ({"now": 100.0}, "permit_expired"),
    ],
)
def test_a_permit_for_something_else_is_refused_and_not_spent(changed: dict, code: str):
    """Another place, receiver, door, other bytes or a later hour are refused; the true use still works afterwards."""
    permit = a_permit()
    with pytest.raises(Refused) as raised:
        use(permit, **changed)
    assert raised.value.code == code
    use(permit)


def test_every_refusal_has_a_sentence_in_three_languages():
    """What a sabotaged Permit says can be read in French, Arabic and English."""
    permit = a_permit()
    with pytest.raises(DaffaError) as raised:
        use(permit, place="virginia")
    said = {raised.value.say(language) for language in ("fr", "ar", "en")}
    assert len(said) == 3
    assert all("virginia" in sentence for sentence in said)
