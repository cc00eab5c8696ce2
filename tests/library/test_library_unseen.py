"""What an organisation may not see is not there: no answer, count, error, score or version tells of it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from daffa.errors import DaffaError, NotFound

from .libraries import KINDS, RESTRICTED, Place, ask, document

FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = ("guides", "wages", "law")
ASKED = [*NAMES, *(f"{organisation}.{name}" for organisation in ("health", "tax", "nobody") for name in NAMES)]
ASKED += ["", ".", "tax.", "a" * 300, "x'; --", "tax.guides\0", "%", "_"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "put", "drop", "delete"]),
        st.sampled_from(NAMES),
        st.sampled_from(["carte nationale", "salaire secret", "impôt"]),
    ),
    max_size=8,
)


@pytest.fixture(params=KINDS)
def place(request, tmp_path):
    """A place for a library of each kind."""
    place = Place(request.param, tmp_path)
    yield place
    place.end()


async def outcome(work):
    """What a call gives: its value, or its error as a caller is told it."""
    try:
        return await work
    except DaffaError as error:
        return type(error), error.code, error.facts


async def seen(library, organisation):
    """Everything that ``organisation`` can learn."""
    scope = await library.scope(organisation)
    told = [await library.collections(organisation), scope]
    told += [await library.find(ask(question), scope, 20) for question in ("carte nationale", "salaire secret impôt")]
    for name in ASKED:
        told += [
            await outcome(library.collection(organisation, name)),
            await outcome(library.scope(organisation, [name])),
            await outcome(library.documents(organisation, name)),
            await outcome(library.document(organisation, name, "d")),
            await outcome(library.passage(organisation, name, "d@0")),
        ]
    return told


async def act(library, organisation, steps):
    """Do what others do, as far as it can be done."""
    for action, name, text in steps:
        work = {
            "create": lambda name=name: library.create(organisation, name, floor=RESTRICTED),
            "put": lambda name=name, text=text: library.put(organisation, name, [document("d", text), document(text, text)]),
            "drop": lambda name=name: library.drop(organisation, name, "d"),
            "delete": lambda name=name: library.delete(organisation, name),
        }[action]
        await outcome(work())


@FEW
@given(mine=STEPS, theirs=STEPS)
def test_what_others_have_cannot_be_learned(mine, theirs, place):
    """Whatever another organisation does, everything that one can ask is answered as before, to the last bit."""

    async def law():
        async with place.open() as library:
            for organisation in ("health", "tax"):
                for one in await library.collections(organisation):
                    await outcome(library.delete(organisation, one.id))
            await act(library, "health", [("create", "guides", ""), *mine])
            before = await seen(library, "health")
            await act(library, "tax", [("create", "wages", ""), *theirs])
            assert await seen(library, "health") == before

    asyncio.run(law())


async def test_changing_what_one_may_not_see_is_changing_what_is_not_there(place):
    """Put, drop and delete say the same of another's collection as of one that nobody has, and change nothing."""
    async with place.open() as library:
        await library.create("tax", "wages")
        await library.put("tax", "wages", [document("d", "salaire")])
        for name in ("tax.wages", "tax.nothing", "wages"):
            for work in (
                library.put("health", name, [document("d", "x")]),
                library.drop("health", name, "d"),
                library.delete("health", name),
                library.scope("health", [name]),
            ):
                with pytest.raises(NotFound) as error:
                    await work
                assert (error.value.code, error.value.facts) == ("unknown_collection", {"collection": name})
        assert (await library.collection("tax", "wages")).documents == 1


async def test_a_name_that_others_use_is_free(place):
    """One may call a collection as another organisation does, and learns nothing by trying."""
    async with place.open() as library:
        await library.create("tax", "wages")
        assert (await library.create("health", "wages")).id == "health.wages"
        with pytest.raises(NotFound):
            await library.collection("health", "tax.wages")


async def test_looking_for_what_is_hidden_takes_the_same_steps(place):
    """For another's collection the database is asked the same statements as for none: no clock tells them apart."""
    async with place.open() as library:
        await library.create("tax", "wages")
        await library.put("tax", "wages", [document("d", "salaire")])
        statements = []
        engine = library._database._reader.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
        runs = []
        for name in ("tax.wages", "tax.nothing"):
            statements.clear()
            for work in (library.collection, library.documents, lambda organisation, one: library.scope(organisation, [one])):
                with pytest.raises(NotFound):
                    await work("health", name)
            runs.append(list(statements))
        assert runs[0] == runs[1]
        assert runs[0]
