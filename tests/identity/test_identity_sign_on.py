"""Single sign-on inside the house: the issuer's keys as they change and fail, and memory against the database."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from daffa.errors import Conflict, DaffaError, Unavailable
from daffa.identity import Identity, Role, SignOn, SignOnRules
from daffa.identity.clients.aiohttp_client import AiohttpIssuerClient
from daffa.identity.handshake import Handshake
from daffa.storage import Database
from daffa.worlds import Issuer, Twist

from .hospital import PEPPER, hospital


class Clock:
    """The time of now, and a little more where a test says so."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def rules(issuer: Issuer, **changes: object) -> SignOnRules:
    """Everybody is of the hospital; ``doctors`` may ask models."""
    given = {
        "issuer": issuer.url,
        "client_id": "daffa",
        "client_secret": "",
        "url": "https://daffa.example.ma",
        "audience": "daffa-api",
        "scopes": ("openid",),
        "organisation_claim": "org",
        "organisations": {"chu-rabat": "chu", "cnss": "cnss"},
        "organisation": "chu",
        "roles_claim": "realm_access.roles",
        "roles": {"doctors": frozenset({Role.AGENT}), "chiefs": frozenset({Role.STEWARD})},
        "default_roles": frozenset({Role.READER}),
        "session_seconds": 3600,
    }
    return SignOnRules(**{**given, **changes})


@pytest.fixture
async def issuer():
    """A real issuer on a real socket."""
    issuer = Issuer({"amina": {"name": "Amina", "realm_access": {"roles": ["doctors"]}}, "quiet": {}})
    await issuer.start()
    yield issuer
    await issuer.stop()


@pytest.fixture
def clock():
    """A clock that can be put forward."""
    return Clock()


@pytest.fixture
async def sign_on(identity, database, issuer, clock):
    """Single sign-on with that issuer, in a house with one hospital."""
    await hospital(identity)
    client = AiohttpIssuerClient(seconds=0.5)
    yield SignOn(identity, database, rules(issuer), client, PEPPER, clock)
    await client.close()


async def why(question) -> str:
    """The code of the error that a question ends in."""
    with pytest.raises(DaffaError) as caught:
        await question
    return str(caught.value.code)


# Keys


async def test_a_new_key_is_learned_when_it_is_met(sign_on, issuer, clock):
    """Tokens under a new key are taken, an algorithm changed included; under a key that was withdrawn, no more in a while."""
    old = issuer.token("amina")
    await sign_on.of_token(old)
    issuer.rotate("EC")
    clock.ahead += 20
    caller, _ = await sign_on.of_token(issuer.token("amina"))
    assert caller.roles == {Role.AGENT, Role.READER}
    issuer.rotate("RSA")
    again = issuer.token("amina", jti="again")
    withdrawn = issuer.token("amina", jti="withdrawn")
    clock.ahead += 20
    await sign_on.of_token(again)
    issuer.rotate("EC")
    clock.ahead += 1000
    issuer.twist.age = -1000
    assert await why(sign_on.of_token(withdrawn)) == "invalid_token"


async def test_unknown_keys_do_not_make_the_house_ask_and_ask(sign_on, issuer, clock):
    """A flood of tokens under keys that nobody knows costs the issuer one question in ten seconds."""
    await sign_on.of_token(issuer.token("amina"))
    asked = issuer.requests.count(("GET", "/keys"))
    forger = Issuer(dict(issuer.people))
    forged = [forger.token("amina", iss=issuer.url, jti=str(number)) for number in range(20)]
    clock.ahead += 20
    answers = await asyncio.gather(*(why(sign_on.of_token(token)) for token in forged))
    assert set(answers) == {"invalid_token"}
    assert issuer.requests.count(("GET", "/keys")) == asked + 1
    # A token that does not even claim to be of this issuer costs nothing.
    forger.rotate()
    clock.ahead += 20
    assert await why(sign_on.of_token(forger.token("amina"))) == "invalid_token"
    assert issuer.requests.count(("GET", "/keys")) == asked + 1


@pytest.mark.parametrize("twist", [Twist(status=503), Twist(hang=True), None])
async def test_an_issuer_that_fails_is_waited_for(sign_on, issuer, clock, twist):
    """While the issuer fails, hangs or is gone its last keys hold, for hours and not for ever; a login says what is wrong."""
    await sign_on.of_token(issuer.token("amina"))
    if twist is None:
        await issuer.stop()
    else:
        issuer.twist = twist
    clock.ahead += 3600
    issuer.twist.age = -3600
    caller, _ = await sign_on.of_token(issuer.token("amina", jti="later"))
    assert caller.actor.organisation == "chu"
    assert await why(sign_on.begin("https://daffa.example.ma", "/")) == "issuer_unavailable"
    clock.ahead += 7 * 3600
    issuer.twist.age = -8 * 3600
    assert await why(sign_on.of_token(issuer.token("amina", jti="last"))) == "issuer_unavailable"


@pytest.mark.parametrize("found", [{"issuer": "https://evil.example"}, {"jwks_uri": "ftp://x"}, {"token_endpoint": 7}])
async def test_a_description_of_somebody_else_is_not_believed(sign_on, issuer, monkeypatch, found):
    """What the issuer's address describes must be that issuer, reached over what it is reached over itself."""
    monkeypatch.setattr(issuer, "_description", lambda: {**Issuer._description(issuer), **found})
    with pytest.raises(Unavailable):
        await sign_on.begin("https://daffa.example.ma", "/")


# People


async def test_a_token_without_groups_says_nothing_of_them(sign_on, issuer, identity):
    """An access token that names no groups leaves somebody's roles as they are; a first one gives none."""
    caller, enrolled = await sign_on.of_token(issuer.token("quiet"))
    assert (caller.roles, enrolled.changes) == (frozenset(), ("created",))
    await identity.change_roles(caller.actor.id, ["agent"])
    caller, enrolled = await sign_on.of_token(issuer.token("quiet", jti="again"))
    assert (caller.roles, enrolled.changes) == ({Role.AGENT}, ())


async def test_a_role_taken_away_leaves_a_token_at_once(sign_on, issuer, identity):
    """What an administrator takes away holds at the next request, remembered or not."""
    token = issuer.token("amina")
    caller, _ = await sign_on.of_token(token)
    assert Role.AGENT in caller.roles
    await identity.change_roles(caller.actor.id, [])
    assert (await sign_on.of_token(token))[0].roles == frozenset()


async def test_a_floor_raised_holds_for_open_tokens(sign_on, issuer, identity):
    """An organisation's floor is that of whoever signs on, at once."""
    token = issuer.token("amina")
    before, _ = await sign_on.of_token(token)
    await identity.change_floor("chu", "level=secret")
    after, _ = await sign_on.of_token(token)
    assert (before.floor.level < after.floor.level, after.floor.owners) == (True, {"chu"})


async def test_a_token_ends_at_its_end_though_it_is_remembered(sign_on, issuer, clock):
    """A token that was good a moment ago is refused from its end on."""
    token = issuer.token("amina")
    await sign_on.of_token(token)
    clock.ahead += 400
    assert await why(sign_on.of_token(token)) == "expired_token"


@pytest.mark.parametrize(
    ("org", "code"),
    [("unknown", "sign_on_organisation"), (["chu-rabat", "cnss"], "sign_on_organisation"), (7, "invalid_token")],
)
async def test_an_organisation_is_one_that_is_mapped(sign_on, issuer, org, code):
    """A claim that names none of the organisations, or several, is nobody's."""
    assert await why(sign_on.of_token(issuer.token("amina", org=org))) == code


async def test_nobody_moves_to_another_organisation_by_a_claim(sign_on, issuer):
    """Somebody known here stays their organisation's, whatever the issuer says later."""
    await sign_on.of_token(issuer.token("amina", org="chu-rabat"))
    issuer.twist.age = -5
    assert await why(sign_on.of_token(issuer.token("amina", org="cnss"))) == "sign_on_other_organisation"


async def test_an_organisation_that_does_not_exist_yet_is_said(identity, database, issuer, clock):
    """A mapping to an organisation that nobody made here lets nobody in."""
    client = AiohttpIssuerClient()
    sign_on = SignOn(identity, database, rules(issuer, organisation="missing"), client, PEPPER, clock)
    assert await why(sign_on.of_token(issuer.token("amina"))) == "organisation_not_found"
    assert await identity.people() == []
    await client.close()


async def test_one_person_is_made_by_many_first_tokens(sign_on, issuer, identity):
    """Tokens of one person that come together make one person."""
    tokens = [issuer.token("amina", jti=str(number)) for number in range(8)]
    callers = [caller for caller, _ in await asyncio.gather(*map(sign_on.of_token, tokens))]
    assert len({caller.actor.id for caller in callers}) == 1
    assert [person.id for person in await identity.people("chu") if person.id.startswith("sso-")] == [callers[0].actor.id]


async def test_who_signs_on_is_not_deleted(sign_on, issuer, identity):
    """A person whom the issuer knows would come back at once: they are barred there."""
    caller, _ = await sign_on.of_token(issuer.token("amina"))
    with pytest.raises(Conflict) as caught:
        await identity.delete_person(caller.actor.id)
    assert caught.value.code == "person_signs_on"


async def test_another_house_on_the_same_database_knows_the_session(sign_on, issuer, clock, url):
    """A session begun at one worker is known to the next, and ended at one it ends at the other within seconds."""
    arrival = await arrive(sign_on, issuer)
    elsewhere = await Database.open(url)
    client = AiohttpIssuerClient()
    other = SignOn(await Identity.open(elsewhere, PEPPER), elsewhere, rules(issuer), client, PEPPER, clock)
    assert (await other.of_session(arrival.token)).actor.id == arrival.enrolled.person.id
    assert await sign_on.end(arrival.token) == arrival.enrolled.person.id
    assert await why(sign_on.of_session(arrival.token)) == "session_ended"
    clock.ahead += 6
    assert await why(other.of_session(arrival.token)) == "session_ended"
    assert await other.end(arrival.token) is None
    await client.close()
    await elsewhere.close()


async def test_a_session_ends_by_itself(sign_on, issuer, clock):
    """A session is refused from its end on, and forgotten at the next login."""
    arrival = await arrive(sign_on, issuer)
    await sign_on.of_session(arrival.token)
    clock.ahead += 3600
    assert await why(sign_on.of_session(arrival.token)) == "session_ended"
    issuer.twist.age = -3600
    await arrive(sign_on, issuer)
    assert await sign_on.end_all(arrival.enrolled.person.id) == 1


async def test_a_login_that_takes_too_long_is_begun_again(sign_on, clock):
    """What a browser keeps of a login is good for ten minutes."""
    leave = await sign_on.begin("http://127.0.0.1:1", "/")
    clock.ahead += 601
    assert await why(sign_on.finish("http://127.0.0.1:1", leave.cookie, {"code": "x"})) == "sign_on_begin_again"


async def arrive(sign_on: SignOn, issuer: Issuer):
    """The whole way of a browser, without one."""
    leave = await sign_on.begin("http://127.0.0.1:1", "/")
    login = Handshake.read(leave.cookie, PEPPER, 0)
    query = {"redirect_uri": "http://127.0.0.1:1/auth/callback", "client_id": "daffa", "response_type": "code"}
    query |= {"code_challenge_method": "S256", "nonce": login.nonce, "state": login.state}
    query["code_challenge"] = parse_qs(urlsplit(leave.url).query)["code_challenge"][0]
    back = parse_qs(urlsplit(issuer._grant(query, "amina")).query)
    return await sign_on.finish("http://127.0.0.1:1", leave.cookie, {name: values[0] for name, values in back.items()})


@pytest.mark.parametrize(
    ("host", "address"),
    [("daffa.example.ma", None), ("127.0.0.1:8000", "http://127.0.0.1:8000"), ("[::1]:8000", "http://[::1]:8000")],
)
async def test_only_a_browser_on_the_same_machine_needs_no_address(identity, database, issuer, clock, host, address):
    """Without its own address the house sends codes to nobody but the machine that it runs on, whatever ``Host`` says."""
    sign_on = SignOn(identity, database, rules(issuer, url=""), AiohttpIssuerClient(), PEPPER, clock)
    if address is None:
        with pytest.raises(DaffaError) as caught:
            sign_on.address(host)
        assert caught.value.code == "sign_on_no_url"
    else:
        assert sign_on.address(host) == address
