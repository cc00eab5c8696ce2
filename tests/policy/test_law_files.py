"""The files of a law that comes from elsewhere: nothing outside its folder is read, nothing without end or oddly named."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_law import FIRST, UNGUARDED, write

from daffa.errors import Invalid
from daffa.policy import Bundle, Law, LawFiles, try_law


def refused(folder):
    """The reason for which a folder is not read."""
    with pytest.raises(Invalid) as caught:
        LawFiles.read(folder)
    assert caught.value.code == "law_file"
    return caught.value.facts["reason"]


# Laws


def test_a_law_is_the_same_from_a_folder_and_from_texts(tmp_path):
    """Read from a folder or given as texts, in any order, a law has one id, one digest, and the same texts."""
    read = LawFiles.read(write(tmp_path / "law", FIRST))
    given_texts = LawFiles.of(dict(reversed(FIRST.items())))
    assert read == given_texts
    assert list(read.contents) == list(given_texts.contents)
    assert (read.id(), read.texts()) == (given_texts.id(), FIRST)
    assert Bundle.of(read).digest == Bundle.read(tmp_path / "law").digest == read.digest()


def test_what_judges_a_law_is_in_its_id_and_not_in_its_digest():
    """Without its invariants a law decides the same, and is another text."""
    bare = {**UNGUARDED, "bundle.toml": FIRST["bundle.toml"]}
    assert LawFiles.of(bare).digest() == LawFiles.of(FIRST).digest()
    assert LawFiles.of(bare).id() != LawFiles.of(FIRST).id()


@given(st.text(max_size=30), st.sampled_from(["", "rules/", "cases/", "invariants/", "../", "rules/../"]))
def test_no_name_leads_out_of_a_folder(name, kind):
    """Whatever a file is called, it is refused or lies in one of the folders of a law, under one plain name."""
    try:
        files = LawFiles.of({**FIRST, kind + name: ""})
    except Invalid:
        return
    for known in files.contents:
        folder, _, plain = known.rpartition("/")
        assert folder in ("", "rules", "cases", "invariants")
        assert not plain.startswith(".")
        assert not set(plain) & set("/\\\0\n ")


# Edges


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    """A link to a file elsewhere is refused, also by way of a folder; one that stays inside is read, as in a mounted volume."""
    folder = write(tmp_path / "law", FIRST)
    (tmp_path / "secret.cedar").write_text("a secret")
    (folder / "rules" / "20-more.cedar").symlink_to(tmp_path / "secret.cedar")
    assert "link" in refused(folder)
    (folder / "rules" / "20-more.cedar").unlink()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x.toml").write_text("")
    (folder / "cases").symlink_to(tmp_path / "elsewhere")
    assert "link" in refused(folder)
    (folder / "cases").unlink()
    (folder / "rules").rename(folder / "..data")
    (folder / "rules").symlink_to("..data")
    assert LawFiles.read(folder).texts() == FIRST


def test_what_has_no_end_is_not_read(tmp_path):
    """A pipe, a device, a loop of links, a file of gigabytes: each is refused at once."""
    folder = write(tmp_path / "law", FIRST)
    odd = folder / "rules" / "20-more.cedar"
    os.mkfifo(odd)
    assert refused(folder) == "not a plain file"
    odd.unlink()
    odd.symlink_to(odd)
    assert refused(folder)
    odd.unlink()
    with odd.open("wb") as file:
        file.truncate(8 << 30)
    assert "MiB" in refused(folder)


def test_names_that_a_disk_may_take_for_one_are_refused():
    """Two names that differ in case or in how a letter is composed alone: written out, one file would hide the other."""
    for one, other in (("rules/a.cedar", "rules/A.cedar"), ("rules/\u00e9.cedar", "rules/e\u0301.cedar")):
        with pytest.raises(Invalid) as caught:
            LawFiles.of({**FIRST, one: "", other: ""})
        assert caught.value.code == "law_file"


def test_toml_without_a_floor_is_refused():
    """What is nested until Python gives up is an error of the file that it stands in."""
    deep = LawFiles.of({**FIRST, "cases/deep.toml": "a = " + "[" * 10_000 + "]" * 10_000})
    with pytest.raises(Invalid) as caught:
        Bundle.of(deep)
    assert (caught.value.code, caught.value.facts["file"]) == ("law_file", "cases/deep.toml")


def test_too_much_is_refused():
    """More than 500 files, or more than 4 MiB of them, are no law."""
    for more in ({f"rules/{n}.cedar": "" for n in range(500)}, {f"rules/{n}.cedar": "x" * (1 << 20) for n in range(5)}):
        with pytest.raises(Invalid) as caught:
            LawFiles.of({**FIRST, **more})
        assert caught.value.code == "law_file"


def test_a_law_holds_until_it_is_not_confirmed():
    """A law that nobody confirms holds for ever; once it is confirmed until an instant, it decides nothing after that."""
    now = [0.0]
    law = Law(try_law(Bundle.of(LawFiles.of(UNGUARDED))), lambda: now[0])
    now[0] = 1e9
    assert law.bundle.version == "4"
    law.confirm(1e9 + 10)
    now[0] += 9.9
    assert law.second is law.in_force.second
    now[0] += 0.1
    for look in (lambda: law.bundle, lambda: law.second, lambda: law.in_force):
        with pytest.raises(Exception, match="cannot be confirmed"):
            look()
    law.confirm(1e9 + 20)
    assert law.bundle.version == "4"
