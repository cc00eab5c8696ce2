"""Identity: organisations, people, keys, and who bears them. Uses a real database on disk."""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daffa import sentences
from daffa.decision import Basis, Category, Level, Purpose
from daffa.errors import Conflict, Denied, Invalid, NotFound
from daffa.identity import Identity, Key, Organisation, Person, Role
from daffa.storage import Database

PEPPER = b"thirty-two bytes of test pepper!"
NOW = 1_800_000_000.5


@pytest.fixture
async def database(tmp_path):
    """A new database on disk."""
    database = await Database.open(tmp_path / "house.db")
    yield database
    await database.close()


@pytest.fixture
async def identity(database):
    """An identity on a new database."""
    return await Identity.open(database, PEPPER)


async def hospital(identity, floor="level=restricted; categories=health; basis=law,consent"):
    """An organisation with a person, as most tests begin."""
    await identity.create_organisation("chu", "CHU Ibn Sina", now=NOW, region="MA-04", floor=floor)
    await identity.create_person("amina", "chu", "Amina", ["agent", "steward"])


def denied(identity, token, now=NOW):
    """The code with which ``token`` is denied."""
    with pytest.raises(Denied) as caught:
        identity.authenticate(token, now)
    return caught.value.code


# Laws


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["key", "revoke", "roles", "floor"]), st.integers(0, 5)), max_size=14))
async def test_memory_always_says_what_the_database_says(tmp_path_factory, steps):
    """After any sequence of changes, each token is answered the same from memory as by an identity just opened."""
    database = await Database.open(tmp_path_factory.mktemp("law") / "house.db")
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


def answer(identity, token, now):
    """The caller, or the code of the denial."""
    try:
        return identity.authenticate(token, now)
    except Denied as error:
        return error.code


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


async def test_what_was_created_is_told_as_plain_facts(identity):
    """Each creation returns what get and list then tell, in a fixed order."""
    home = await identity.create_organisation("home", "  المملكة المغربية ", now=NOW, region="MA-04", floor=" level=internal ")
    assert home == Organisation("home", "المملكة المغربية", "MA-04", "level=internal", int(NOW))
    chu = await identity.create_organisation("chu", "CHU", now=NOW)
    brahim = await identity.create_person("brahim", "home", "Brahim ⴱⵔⴰⵀⵉⵎ", [Role.AUDITOR, "author"])
    assert brahim == Person("brahim", "home", "Brahim ⴱⵔⴰⵀⵉⵎ", frozenset({Role.AUDITOR, Role.AUTHOR}))
    key, _ = await identity.create_key("home", "laptop", now=NOW, person="brahim", roles=["author"], expires=int(NOW) + 60)
    assert key == Key(
        key.id, "home", "brahim", "laptop", frozenset({Role.AUTHOR}), "", int(NOW), int(NOW) + 60, None
    )  # fmt: skip
    assert await identity.organisations() == [chu, home]
    assert (await identity.organisation("home"), await identity.person("brahim"), await identity.key(key.id)) == (
        home,
        brahim,
        key,
    )
    assert (await identity.people("home"), await identity.keys("home")) == ([brahim], [key])
    assert (await identity.people("chu"), await identity.keys("chu")) == ([], [])
    assert (await identity.people(), await identity.keys()) == ([brahim], [key])


async def test_everything_survives_a_restart_but_not_another_pepper(identity, database):
    """An identity opened on the same database knows the key; with another pepper the key is invalid."""
    await hospital(identity)
    _, token = await identity.create_key("chu", "k", now=NOW, roles=["agent"])
    caller = identity.authenticate(token, NOW)
    assert (await Identity.open(database, PEPPER)).authenticate(token, NOW) == caller
    assert denied(await Identity.open(database, PEPPER[::-1]), token) == "invalid_key"


async def test_the_token_is_nowhere_in_the_files(identity, tmp_path):
    """Neither the token nor its secret stands in any file of the database."""
    await hospital(identity)
    key, token = await identity.create_key("chu", "k", now=NOW, roles=["agent"])
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert key.id.encode() in kept
    assert token.encode() not in kept
    assert token[17:56].encode() not in kept


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


async def test_a_key_cannot_be_born_expired(identity):
    """An expiry at the very instant of creation is Invalid, one second later it is not; ``True`` is no instant."""
    await hospital(identity)
    for now, bad in ((100, 100), (0, True)):
        with pytest.raises(Invalid):
            await identity.create_key("chu", "k", now=now, roles=["agent"], expires=bad)
    key, _ = await identity.create_key("chu", "k", now=100, roles=["agent"], expires=101)
    assert key.expires == 101


async def test_a_changed_floor_holds_for_all_keys_at_once(identity):
    """Another floor of the organisation is under every key of it, seen before or not, and under no key of another."""
    await hospital(identity, floor="basis=law")
    await identity.create_organisation("other", "Other", now=NOW)
    tokens = [(await identity.create_key(where, "k", now=NOW, roles=["agent"]))[1] for where in ("chu", "chu", "other")]
    identity.authenticate(tokens[0], NOW)
    changed = await identity.change_floor("chu", "level=secret")
    assert (changed.floor, await identity.organisation("chu")) == ("level=secret", changed)
    floors = [identity.authenticate(token, NOW).floor for token in tokens]
    assert [floor.level for floor in floors] == [Level.SECRET, Level.SECRET, Level.PUBLIC]
    assert floors[0].basis == frozenset()


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


async def test_what_is_unused_can_be_deleted(identity):
    """A person without keys, then the organisation without people, are deleted and can be made again."""
    await hospital(identity)
    await identity.delete_person("amina")
    await identity.delete_organisation("chu")
    assert await identity.organisations() == []
    await hospital(identity)


async def test_what_is_in_use_cannot_be_deleted(identity):
    """An organisation with people or keys, and a person with a key, stay: a Conflict that counts them, even once revoked."""
    await hospital(identity)
    with pytest.raises(Conflict) as caught:
        await identity.delete_organisation("chu")
    assert (caught.value.code, caught.value.facts["people"], caught.value.facts["keys"]) == ("organisation_in_use", 1, 0)
    key, _ = await identity.create_key("chu", "k", now=NOW, person="amina", roles=["agent"])
    await identity.revoke_key(key.id, NOW)
    with pytest.raises(Conflict) as caught:
        await identity.delete_person("amina")
    assert (caught.value.code, caught.value.facts["keys"]) == ("person_in_use", 1)
    assert [person.id for person in await identity.people("chu")] == ["amina"]


async def test_another_process_is_known_after_refresh(identity, tmp_path):
    """What another identity wrote through its own connection is unknown until ``refresh``, then known."""
    await hospital(identity)
    elsewhere = await Database.open(tmp_path / "house.db")
    other = await Identity.open(elsewhere, PEPPER)
    _, token = await other.create_key("chu", "k", now=NOW, roles=["agent"])
    assert denied(identity, token) == "invalid_key"
    await identity.refresh()
    assert identity.authenticate(token, NOW).organisation == "chu"
    await elsewhere.close()


# The first start


async def test_the_first_start_makes_a_home_and_tells_the_token_before_it_is_kept(identity):
    """An empty database gets an organisation, an administrator and a key; the token is handed over inside the transaction."""
    handed = []
    token = await identity.first_start(now=NOW, organisation="mi", name="Ministère", region="MA-04", keep=handed.append)
    assert handed == [token]
    caller = identity.authenticate(token, NOW)
    assert (caller.actor.id, caller.organisation) == ("administrator", "mi")
    assert caller.roles == {Role.ADMINISTRATOR, Role.OPERATOR, Role.AGENT}
    assert await identity.first_start(now=NOW) is None
    assert [organisation.id for organisation in await identity.organisations()] == ["mi"]


async def test_a_token_that_could_not_be_kept_leaves_the_database_empty(identity):
    """Where writing the token fails, nothing was made, and the next start begins again."""

    def full(_):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        await identity.first_start(now=NOW, keep=full)
    assert await identity.organisations() == []
    token = await identity.first_start(now=NOW)
    assert identity.authenticate(token, NOW).organisation == "home"
    assert (await identity.organisation("home")).name == "home"


def test_a_first_start_killed_before_its_end_begins_again(tmp_path):
    """SIGKILL right after the token was written leaves a token that opens nothing; the next start begins anew."""
    code = """
import asyncio, os, signal, sys
from daffa.identity import Identity
from daffa.storage import Database

async def main():
    database = await Database.open(sys.argv[1])
    identity = await Identity.open(database, b"thirty-two bytes of test pepper!")
    stop = lambda token: os.kill(os.getpid(), signal.SIGKILL)
    token = await identity.first_start(now=1.0, keep=stop if sys.argv[2] == "stop" else print)
    print(identity.authenticate(token, 2.0).actor.id, len(await identity.organisations()))
    await database.close()

asyncio.run(main())
"""
    run = [sys.executable, "-c", code, str(tmp_path / "house.db")]
    assert subprocess.run([*run, "stop"], check=False).returncode == -signal.SIGKILL
    told, known = subprocess.run([*run, "go"], check=True, capture_output=True, text=True).stdout.split("\n", 1)
    assert told.startswith("daffa_")
    assert known == "administrator 1\n"


async def test_two_first_starts_at_once_make_one_home(identity, tmp_path):
    """Of ten first starts on two connections exactly one gets a token."""
    elsewhere = await Database.open(tmp_path / "house.db")
    other = await Identity.open(elsewhere, PEPPER)
    tokens = await asyncio.gather(*(one.first_start(now=NOW) for one in [identity, other] * 5))
    assert len([token for token in tokens if token]) == 1
    assert len(await identity.organisations()) == 1
    await elsewhere.close()


# Many at once


async def test_of_fifty_creations_of_one_id_exactly_one_succeeds(identity, tmp_path):
    """Fifty parallel creations of one organisation, through two connections: one is made, the others are Conflicts."""
    elsewhere = await Database.open(tmp_path / "house.db")
    other = await Identity.open(elsewhere, PEPPER)
    made = await asyncio.gather(
        *(one.create_organisation("same", f"n{n}", now=NOW) for n, one in enumerate([identity, other] * 25)),
        return_exceptions=True,
    )
    kept = [result for result in made if isinstance(result, Organisation)]
    assert len(kept) == 1
    assert {type(result) for result in made} == {Organisation, Conflict}
    assert {result.code for result in made if isinstance(result, Conflict)} == {"organisation_exists"}
    assert await identity.organisations() == kept
    await elsewhere.close()


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


# The edges


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


ORGANISATION = {"organisation": "new", "name": "New", "region": "", "floor": ""}
PERSON = {"person": "new", "organisation": "chu", "name": "New", "roles": ()}
KEY = {"organisation": "chu", "name": "New", "person": None, "roles": ("agent",), "floor": "", "expires": None}
SLUGS = ["", "A", "é", "a b", "-a", "a-", "a_b", "%", "a" * 64, "صحة", "a\n", "../x", None, 7]
NAMES = ["", "  ", "a" * 201, "a\nb", "a\0", "\u202eevil", "\ud800", None, 7, ["a"]]
REGIONS = ["MA", "ma-04", "ZZ-01", "MA-", "MA-1234", "XX-01", "MA-04\n", None]
FLOORS = ["level=9", "nonsense", "level=secret;" * 100, "owners=a\0b", "owners=\ud800", "level=2\n", None]
ROLES = ["agent", ["king"], ["Agent"], [None], [["agent"]], 7, None, ["agent", ""], {"x": 1}]
BAD = [
    *(("create_organisation", ORGANISATION, "organisation", "id", bad) for bad in SLUGS),
    *(("create_organisation", ORGANISATION, "name", "name", bad) for bad in NAMES),
    *(("create_organisation", ORGANISATION, "region", "region", bad) for bad in REGIONS),
    *(("create_organisation", ORGANISATION, "floor", None, bad) for bad in FLOORS),
    *(("create_person", PERSON, "person", "id", bad) for bad in SLUGS),
    *(("create_person", PERSON, "organisation", "organisation", bad) for bad in SLUGS),
    *(("create_person", PERSON, "name", "name", bad) for bad in NAMES),
    *(("create_person", PERSON, "roles", "roles", bad) for bad in ROLES),
    *(("create_key", KEY, "organisation", "organisation", bad) for bad in SLUGS),
    *(("create_key", KEY, "person", "person", bad) for bad in SLUGS if bad is not None),
    *(("create_key", KEY, "name", "name", bad) for bad in NAMES),
    *(("create_key", KEY, "roles", "roles", bad) for bad in [*ROLES, ()]),
    *(("create_key", KEY, "floor", None, bad) for bad in [*FLOORS, "basis=treaty"]),
    *(("create_key", KEY, "expires", "expires", bad) for bad in [0, int(NOW), -1, NOW + 60, True, "2030", 10**30]),
]


async def test_every_bad_field_is_named_and_nothing_is_kept(identity, tmp_path):
    """A bad value in any field of any creation is Invalid, names the field, speaks three languages, and keeps nothing."""
    await hospital(identity)

    def kept():
        with sqlite3.connect(tmp_path / "house.db") as found:
            rows = [found.execute(f"SELECT * FROM {table}").fetchall() for table in ("organisations", "people", "keys")]
        found.close()
        return rows

    before = kept()
    for operation, good, parameter, field, bad in BAD:
        arguments = {**good, parameter: bad} | ({} if operation == "create_person" else {"now": NOW})
        with pytest.raises(Invalid) as caught:
            await getattr(identity, operation)(**arguments)
        if field:
            assert caught.value.facts["field"] == field, (operation, parameter, bad)
        for language in ("fr", "ar", "en"):
            caught.value.say(language).encode()
    assert kept() == before


@pytest.mark.parametrize("name", ["a" * 200, "%_'\"; DROP TABLE keys; --", "وزارة الصحة", "ⵜⴰⵎⴰⵣⵉⵖⵜ", "L’État — d’après", "😀"])
async def test_names_are_kept_as_people_write_them(identity, name):
    """Long names, other scripts, and what SQL would take for a pattern or a statement come back unchanged."""
    await identity.create_organisation("o", name, now=NOW)
    assert (await identity.organisation("o")).name == name


async def test_a_name_written_with_combining_marks_is_kept_composed(identity):
    """Two ways to write the same letter are one name (NFC)."""
    await identity.create_organisation("o", "Sante\u0301", now=NOW)
    assert (await identity.organisation("o")).name == "Santé"


async def test_what_is_not_there_is_not_found(identity):
    """Each operation on an unknown id, wildcards included, is NotFound by the kind of thing."""
    await hospital(identity)
    for unknown in ("nobody", "%", "_hu", "CHU", "", "\0", "\ud800"):
        for operation, code in (
            (identity.organisation, "organisation_not_found"),
            (identity.people, "organisation_not_found"),
            (identity.keys, "organisation_not_found"),
            (identity.delete_organisation, "organisation_not_found"),
            (identity.person, "person_not_found"),
            (identity.delete_person, "person_not_found"),
            (identity.key, "key_not_found"),
        ):
            with pytest.raises(NotFound) as caught:
                await operation(unknown)
            assert caught.value.code == code
            caught.value.say("ar").encode()
    with pytest.raises(NotFound):
        await identity.create_person("new", "nowhere", "New")
    with pytest.raises(NotFound):
        await identity.create_key("nowhere", "k", now=NOW, roles=["agent"])
    with pytest.raises(NotFound):
        await identity.create_key("chu", "k", now=NOW, person="nobody", roles=["agent"])
    for change in (identity.change_floor("no", ""), identity.change_roles("no", []), identity.revoke_key("no", NOW)):
        with pytest.raises(NotFound):
            await change


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


async def test_a_taken_id_is_a_conflict_across_organisations(identity):
    """A person's id is one in the whole house."""
    await hospital(identity)
    await identity.create_organisation("other", "Other", now=NOW)
    with pytest.raises(Conflict) as caught:
        await identity.create_person("amina", "other", "Another Amina")
    assert caught.value.code == "person_exists"


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


def test_the_document_names_every_role_as_the_code_does():
    """The table of roles in docs/identity.md has each role once, and no other."""
    document = Path(__file__).parents[2] / "docs" / "identity.md"
    table = document.read_text(encoding="utf-8").split("## Roles")[1].split("## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(Role)


async def test_the_floors_in_the_document_read_as_it_says(identity):
    """The worked example of docs/identity.md holds: what the hospital grants, what its key keeps."""
    document = (Path(__file__).parents[2] / "docs" / "identity.md").read_text(encoding="utf-8")
    organisation_floor, key_floor, result = re.findall(r"^    ((?:level|basis|purposes)=.*)$", document, re.MULTILINE)
    await identity.create_organisation("chu-rabat", "CHU", now=NOW, floor=organisation_floor)
    _, token = await identity.create_key("chu-rabat", "k", now=NOW, roles=["agent"], floor=key_floor)
    assert str(identity.authenticate(token, NOW).floor) == result
