"""The packs of a house: put in whole, taken out whole, and never half of either."""

import datetime
import shutil
from pathlib import Path

import pytest

from daffa.errors import Conflict, Invalid, NotFound
from daffa.packs import Origin, Shelf, read_pack, shipped, stage


@pytest.fixture
def data(tmp_path):
    """The folder of a house."""
    folder = tmp_path / "house"
    folder.mkdir()
    return folder


@pytest.fixture
def shelf(data):
    """Its packs."""
    with Shelf.open(data) as opened:
        yield opened


def put(shelf, data, folder, **options):
    """Stage and install."""
    token = stage(folder, data)
    return shelf.install(token, shelf.arrival(token, **options))


def names(data):
    """What lies in the folder of packs."""
    return sorted(path.name for path in (data / "packs").iterdir())


def test_an_installed_pack_is_there_whole(shelf, data, data_pack):
    """Every file is copied as it is, and the pack is among the packs, as data."""
    pack = put(shelf, data, data_pack)
    assert pack.origin is Origin.FOLDER
    assert shelf.packs["example"] is pack
    for path in data_pack.rglob("*"):
        if path.is_file():
            assert (data / "packs/example" / path.relative_to(data_pack)).read_bytes() == path.read_bytes()
    assert names(data) == [".incoming", "example"]
    assert list((data / "packs/.incoming").iterdir()) == []


def test_the_shipped_packs_are_on_every_shelf(shelf):
    """A new house has the packs that come along."""
    assert {folder.name for folder in shipped()} <= set(shelf.packs)


def test_a_pack_with_an_error_changes_nothing(shelf, data, data_pack, spoil):
    """What lint refuses is not installed, and an older version stays as it was."""
    put(shelf, data, data_pack)
    before = (data / "packs/example/pack.toml").read_bytes()
    spoil(data_pack, "pack.toml", 'version = "2026.1"', 'version = "2026.2"')
    spoil(data_pack, "questions.jsonl", "60 jours", "61 jours")
    token = stage(data_pack, data)
    with pytest.raises(Invalid) as refused:
        shelf.arrival(token)
    assert refused.value.facts["file"] == "questions.jsonl"
    shelf.discard(token)
    assert (data / "packs/example/pack.toml").read_bytes() == before
    assert shelf.packs["example"].version == "2026.1"
    assert list((data / "packs/.incoming").iterdir()) == []


def test_tools_do_not_come_with_a_folder(shelf, data, tool_pack):
    """A folder with a tools.py is refused."""
    with pytest.raises(Invalid, match="no tool"):
        put(shelf, data, tool_pack)


@pytest.mark.parametrize(
    ("version", "goes"),
    [("2026.2", True), ("2026.10", True), ("2027.0", True), ("2026.1.1", True), ("2026.0", False), ("2025.9", False)],
)
def test_only_a_newer_version_replaces_an_older_one(shelf, data, data_pack, spoil, version, goes):
    """Versions are compared number by number; going back needs force."""
    put(shelf, data, data_pack)
    spoil(data_pack, "pack.toml", 'version = "2026.1"', f'version = "{version}"')
    token = stage(data_pack, data)
    if not goes:
        with pytest.raises(Conflict) as refused:
            shelf.arrival(token)
        assert refused.value.code == "pack_not_newer"
    arrival = shelf.arrival(token, force=not goes)
    assert arrival.replaces == "2026.1"
    assert shelf.install(token, arrival).version == version
    assert names(data) == [".incoming", "example"]


def test_one_version_is_one_content(shelf, data, data_pack, spoil):
    """The same files may come again; other files under the same version may not."""
    put(shelf, data, data_pack)
    assert put(shelf, data, data_pack).version == "2026.1"
    spoil(data_pack, "documents/delays.fr.md", "une seule fois", "une fois")
    with pytest.raises(Conflict) as refused:
        put(shelf, data, data_pack)
    assert refused.value.code == "pack_not_newer"
    spoil(data_pack, "pack.toml", 'version = "2026.1"', 'version = "2026.1.0"')
    with pytest.raises(Conflict):
        put(shelf, data, data_pack)


def test_the_id_of_a_shipped_pack_is_taken(shelf, data, data_pack, spoil):
    """A folder of data does not stand in for a pack that came along."""
    taken = shipped()[0].name
    spoil(data_pack, "pack.toml", 'id = "example"', f'id = "{taken}"')
    folder = data_pack.rename(data_pack.parent / taken)
    with pytest.raises(Conflict) as refused:
        put(shelf, data, folder)
    assert refused.value.code == "pack_id_taken"


def test_what_was_looked_at_is_what_is_installed(shelf, data, data_pack):
    """Files that change between the look and the installation stop it."""
    token = stage(data_pack, data)
    arrival = shelf.arrival(token)
    staged = data / "packs/.incoming" / token / "example/documents/delays.fr.md"
    staged.write_text(staged.read_text(encoding="utf-8") + "\nplus\n", encoding="utf-8")
    with pytest.raises(Conflict) as refused:
        shelf.install(token, arrival)
    assert refused.value.code == "pack_changed"
    assert "example" not in shelf.packs


@pytest.mark.parametrize("token", ["", "..", "../../x", "0" * 15, "0" * 16, "zz/../../../x", "\0", "é" * 16])
def test_a_token_leads_nowhere_else(shelf, token):
    """Only what was staged can be named; nothing outside of the folder is looked at."""
    with pytest.raises(NotFound):
        shelf.arrival(token)


def test_staging_follows_no_link(data, data_pack):
    """A link in the folder is refused and leaves nothing behind."""
    (data_pack / "documents/secret.fr.md").symlink_to("/etc/passwd")
    with pytest.raises(Invalid):
        stage(data_pack, data)
    assert list((data / "packs/.incoming").iterdir()) == []


def test_a_removed_pack_is_gone(shelf, data, data_pack):
    """Its files and its place among the packs; a second time it is not found."""
    put(shelf, data, data_pack)
    shelf.remove("example")
    assert "example" not in shelf.packs
    assert names(data) == [".incoming"]
    with pytest.raises(NotFound):
        shelf.remove("example")


@pytest.mark.parametrize("name", ["..", ".incoming", "../house", "", "x/y", "nothing"])
def test_only_installed_packs_can_be_removed(shelf, name):
    """No name leads out of the folder; what came along stays."""
    with pytest.raises(NotFound):
        shelf.remove(name)
    with pytest.raises(Conflict) as refused:
        shelf.remove(shipped()[0].name)
    assert refused.value.code == "pack_not_installed"


def test_a_broken_pack_does_not_keep_the_others_away(data, data_pack):
    """A folder that was spoiled by hand is told, and removed by name; the others are read."""
    with Shelf.open(data) as shelf:
        put(shelf, data, data_pack)
    (data / "packs/example/pack.toml").write_text("id = 5", encoding="utf-8")
    with Shelf.open(data) as shelf:
        assert "example" not in shelf.packs
        assert [Path(folder).name for folder in shelf.faults] == ["example"]
        assert set(shelf.packs) >= {folder.name for folder in shipped()} - {"example"}
        shelf.remove("example")
        assert dict(shelf.faults) == {}


def test_an_installation_that_is_killed_leaves_the_old_pack_or_the_new(data, data_pack, spoil, killed_at):
    """Killed before each change of the folder in turn: the next start finds one whole version, and no remains."""
    with Shelf.open(data) as shelf:
        put(shelf, data, data_pack)
    spoil(data_pack, "pack.toml", 'version = "2026.1"', 'version = "2026.2"')
    kept = data.parent / "kept"
    shutil.copytree(data, kept)
    found = []
    for at in range(1, 12):
        shutil.rmtree(data)
        shutil.copytree(kept, data)
        with Shelf.open(data) as shelf:
            token = stage(data_pack, data)
            arrival = shelf.arrival(token)
            ended = not killed_at(at, lambda shelf=shelf, token=token, arrival=arrival: shelf.install(token, arrival))
        with Shelf.open(data) as shelf:
            pack = shelf.packs["example"]
            assert dict(shelf.faults) == {}
        assert [len(pack.documents), len(pack.questions)] == [2, 2]
        assert names(data) == ["example"]
        found.append(pack.version)
        if ended:
            break
    assert found == sorted(found)
    assert set(found) == {"2026.1", "2026.2"}


def test_a_pack_holds_its_days(shelf, data, data_pack):
    """What was read is what is written."""
    pack = put(shelf, data, data_pack)
    assert (pack.valid_from, pack.valid_to) == (datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))
    assert read_pack(data / "packs/example").version == pack.version
    assert (data / "packs").stat().st_mode & 0o077 == 0
