"""Organisations, people and keys as they are kept: created, told, changed, deleted, refused. Uses a real database on disk."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from databases import sql

from daffa.decision import Level
from daffa.errors import Conflict, Invalid, NotFound
from daffa.identity import Identity, Key, Organisation, Person, Role
from daffa.storage import Database

from .hospital import NOW, PEPPER, hospital

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


# The walk


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


# The edges


async def test_of_fifty_creations_of_one_id_exactly_one_succeeds(identity, url):
    """Fifty parallel creations of one organisation, through two connections: one is made, the others are Conflicts."""
    elsewhere = await Database.open(url)
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


async def test_every_bad_field_is_named_and_nothing_is_kept(identity, url):
    """A bad value in any field of any creation is Invalid, names the field, speaks three languages, and keeps nothing."""
    await hospital(identity)

    def kept():
        return [sql(url, f"SELECT * FROM {table}") for table in ("organisations", "people", "keys", "identity_version")]

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


async def test_a_taken_id_is_a_conflict_across_organisations(identity):
    """A person's id is one in the whole house."""
    await hospital(identity)
    await identity.create_organisation("other", "Other", now=NOW)
    with pytest.raises(Conflict) as caught:
        await identity.create_person("amina", "other", "Another Amina")
    assert caught.value.code == "person_exists"
