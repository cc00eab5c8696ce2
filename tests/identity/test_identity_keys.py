"""Keys: who bears them, until when, and what is no key. Uses a real database on disk."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daffa import sentences
from daffa.decision import Basis, Category, Level, Purpose
from daffa.errors import Invalid
from daffa.identity import Identity, Role
from daffa.storage import Database

from .hospital import NOW, PEPPER, answer, denied, hospital

# Laws


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["key", "revoke", "roles", "floor"]), st.integers(0, 5)), max_size=14))
async def test_memory_always_says_what_the_database_says(fresh, steps):
    """After any sequence of changes, each token is answered the same from memory as by an identity just opened."""
    database = await Database.open(fresh())
    identity = await Identity.open(database, PEPPER)
    await hospital(identity)
    minted = []
    for step, number in steps:
        if step == "key":
            held = (await identity.person("amina")).roles
            person, roles = ("amina", held) if number % 2 and held else (None, ["agent"])
            key, token = await identity.create_key(
                "chu", "k", now=NOW, person=person, roles=roles, expires=int(NOW) + 1 + number
            )
            minted.append((key, token))
        elif step == "revoke" and minted:
            await identity.revoke_key(minted[number % len(minted)][0].id, NOW)
        elif step == "roles":
            await identity.change_roles("amina", list(Role)[:number])
        elif step == "floor":
            await identity.change_floor("chu", f"level={min(number, 4)}")
        again = await Identity.open(database, PEPPER)
        for key, token in minted:
            now = NOW + number
            assert answer(identity, token, now) == answer(identity, token, now) == answer(again, token, now)
            assert await identity.key(key.id) in await identity.keys("chu")
    await database.close()


# The walk


async def test_a_person_with_a_key_is_known(identity):
    """The bearer of a person's key is that person, with the key's roles, the organisation's region and the joined floor."""
    await hospital(identity)
    key, token = await identity.create_key(
        "chu", "ward 3", now=NOW, person="amina", roles=["agent"], floor="level=confidential"
    )
    caller = identity.authenticate(token, NOW)
    assert (caller.actor.id, caller.actor.organisation, caller.actor.region) == ("amina", "chu", "MA-04")
    assert caller.roles == caller.actor.roles == {Role.AGENT}
    assert (caller.key_id, caller.organisation) == (key.id, "chu")
    assert caller.floor.level is Level.CONFIDENTIAL
    assert caller.floor.categories == {Category.HEALTH}
    assert caller.floor.basis == {Basis.LAW, Basis.CONSENT}
    assert caller.floor.owners == {"chu"}
    assert Purpose.TRAINING_AI not in caller.floor.purposes
    assert identity.authenticate(token, NOW) is caller


async def test_a_program_with_a_key_is_known_by_its_key(identity):
    """The bearer of a key without a person is the key itself, by a name that no person can have."""
    await hospital(identity)
    key, token = await identity.create_key("chu", "scheduler", now=NOW, roles=[Role.AGENT])
    assert identity.authenticate(token, NOW).actor.id == f"key:{key.id}"
    with pytest.raises(Invalid):
        await identity.create_person(f"key:{key.id}", "chu", "X")


async def test_everything_survives_a_restart_but_not_another_pepper(identity, database):
    """An identity opened on the same database knows the key; with another pepper the key is invalid."""
    await hospital(identity)
    _, token = await identity.create_key("chu", "k", now=NOW, roles=["agent"])
    caller = identity.authenticate(token, NOW)
    assert (await Identity.open(database, PEPPER)).authenticate(token, NOW) == caller
    assert denied(await Identity.open(database, PEPPER[::-1]), token) == "invalid_key"


async def test_the_token_is_nowhere_in_the_files(tmp_path):
    """Neither the token nor its secret stands in any file of the database."""
    database = await Database.open(tmp_path / "house.db")
    identity = await Identity.open(database, PEPPER)
    await hospital(identity)
    key, token = await identity.create_key("chu", "k", now=NOW, roles=["agent"])
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert key.id.encode() in kept
    assert token.encode() not in kept
    assert token[17:56].encode() not in kept
    await database.close()


async def test_a_revoked_key_is_refused_from_that_moment(identity, database):
    """Revoking is known at once, even for a token that was just accepted, and after a restart; others go on."""
    await hospital(identity)
    key, token = await identity.create_key("chu", "lost", now=NOW, roles=["agent"])
    _, other = await identity.create_key("chu", "kept", now=NOW, roles=["agent"])
    identity.authenticate(token, NOW)
    revoked = await identity.revoke_key(key.id, NOW + 5)
    assert revoked.revoked == int(NOW + 5)
    assert (await identity.revoke_key(key.id, NOW + 50)) == revoked == await identity.key(key.id)
    assert denied(identity, token) == denied(await Identity.open(database, PEPPER), token) == "revoked_key"
    identity.authenticate(other, NOW)


async def test_a_key_expires_at_its_instant(identity):
    """A key is good until just before its instant and refused from it on, whether seen before or not."""
    await hospital(identity)
    _, token = await identity.create_key("chu", "k", now=NOW, roles=["agent"], expires=int(NOW) + 10)
    end = float(int(NOW) + 10)
    assert denied(identity, token, end) == "expired_key"
    assert identity.authenticate(token, end - 0.001)
    assert denied(identity, token, end) == "expired_key"
    assert denied(identity, token, end + 1e9) == "expired_key"


async def test_roles_taken_from_a_person_leave_their_keys(identity):
    """A person's key has those of its roles that the person still holds, and never more than it was given."""
    await hospital(identity)
    _, token = await identity.create_key("chu", "k", now=NOW, person="amina", roles=["agent", "steward"])
    identity.authenticate(token, NOW)
    await identity.change_roles("amina", [Role.STEWARD, Role.ADMINISTRATOR])
    assert identity.authenticate(token, NOW).roles == {Role.STEWARD}
    await identity.change_roles("amina", [])
    caller = identity.authenticate(token, NOW)
    assert caller.roles == caller.actor.roles == frozenset()


# The edges


async def test_a_cancelled_revocation_is_whole_in_memory_and_on_disk(identity, database):
    """A revocation whose caller goes away at any moment is in the end either done in both places or in neither."""
    await hospital(identity)
    for turns in range(25):
        key, token = await identity.create_key("chu", "k", now=NOW, roles=["agent"])
        task = asyncio.create_task(identity.revoke_key(key.id, NOW))
        for _ in range(turns):
            await asyncio.sleep(0.0003)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.gather(*identity._changes)
        assert answer(identity, token, NOW) == answer(await Identity.open(database, PEPPER), token, NOW)


async def test_a_key_cannot_be_born_expired(identity):
    """An expiry at the very instant of creation is Invalid, one second later it is not; ``True`` is no instant."""
    await hospital(identity)
    for now, bad in ((100, 100), (0, True)):
        with pytest.raises(Invalid):
            await identity.create_key("chu", "k", now=now, roles=["agent"], expires=bad)
    key, _ = await identity.create_key("chu", "k", now=100, roles=["agent"], expires=101)
    assert key.expires == 101


async def test_a_key_fits_its_person(identity):
    """A key for somebody of another organisation, or with a role that they do not hold, is Invalid."""
    await hospital(identity)
    await identity.create_organisation("other", "Other", now=NOW)
    with pytest.raises(Invalid) as caught:
        await identity.create_key("other", "k", now=NOW, person="amina", roles=["agent"])
    assert caught.value.facts["field"] == "person"
    with pytest.raises(Invalid) as caught:
        await identity.create_key("chu", "k", now=NOW, person="amina", roles=["agent", "administrator"])
    assert (caught.value.facts["field"], caught.value.facts["got"]) == ("roles", "administrator")


@pytest.mark.parametrize(
    "token", ["", "x", "daffa_", "Bearer x", "daffa_aaaaaaaaaa_b", "مفتاح", "\0", "\ud800", "a" * 1_000_000, "%", "' OR 1=1 --"]
)
async def test_what_is_no_key_is_denied(identity, token):
    """An empty key is missing; any other text that is no key is invalid, whatever its letters and length."""
    await hospital(identity)
    await identity.create_key("chu", "k", now=NOW, roles=["agent"])
    assert denied(identity, token) == ("invalid_key" if token else "missing_key")


async def test_the_right_id_with_another_secret_is_invalid(identity):
    """A well-formed token of an unknown key is invalid, and so is one forged with a known id and a right checksum."""
    await hospital(identity)
    key, token = await identity.create_key("chu", "k", now=NOW, roles=["agent"])
    await identity.revoke_key(key.id, NOW)
    from daffa.identity.token import _checksum, key_id_of, mint

    body = f"daffa_{key.id}_{mint()[1][17:56]}"
    forged = body + _checksum(body)
    assert key_id_of(forged) == key.id
    assert denied(identity, forged) == "invalid_key"
    assert denied(identity, mint()[1]) == "invalid_key"
    assert denied(identity, token) == "revoked_key"


async def test_a_short_pepper_is_refused(database):
    """A pepper that could be guessed is Invalid, without being told."""
    with pytest.raises(Invalid) as caught:
        await Identity.open(database, b"secret")
    assert "secret" not in str(caught.value)


async def test_the_memory_of_good_tokens_is_bounded(identity, monkeypatch):
    """Beyond its bound the memory of good tokens begins again, and every key is still known."""
    monkeypatch.setattr("daffa.identity.keyring._MOST", 3)
    await hospital(identity)
    tokens = [(await identity.create_key("chu", f"k{n}", now=NOW, roles=["agent"]))[1] for n in range(8)]
    for token in tokens * 2:
        identity.authenticate(token, NOW)
        assert len(identity._keyring._lately) <= 3


def test_every_denial_says_what_to_do_in_three_languages():
    """The four denials have a sentence in French, Arabic and English, and name the key only once it is proved."""
    for code in ("missing_key", "invalid_key", "expired_key", "revoked_key"):
        said = {
            language: sentences.say(code, language, key="k3y", instant="2026-01-01T00:00:00Z")
            for language in ("fr", "ar", "en")
        }
        assert len(set(said.values())) == 3
        assert all("{" not in sentence for sentence in said.values())
        assert all(("k3y" in sentence) == (code in ("expired_key", "revoked_key")) for sentence in said.values())
