"""``daffa policy prove | diff | simulate``: pages, rows, exit codes, and questions that ``decide`` reads."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import daffa, serving

from daffa.audit import Audit, Erasure, load_or_create_key
from daffa.policy import Bundle
from daffa.worlds import World

ROOT = Path(__file__).resolve().parents[2]
MOROCCO = ROOT / "policies" / "ma"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The three simulated providers."""
    with World.in_thread() as world:
        yield world


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The law of Morocco read otherwise: a foreign model keeps an internal prompt ten days at most; children are forgotten."""
    folder = tmp_path_factory.mktemp("laws") / "new"
    shutil.copytree(MOROCCO, folder)
    for name, old, made in (
        ("50-gateway.cedar", "== 1 && resource.retention_days <= 30", "== 1 && resource.retention_days <= 10"),
        ("40-reach.cedar", '["health", "judicial", "minors"]', '["health", "judicial"]'),
    ):
        file = folder / "rules" / name
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1
        file.write_text(text.replace(old, made), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def asked(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder on which a server ran, and what simulate said while it ran."""
    data = tmp_path_factory.mktemp("asked")
    with serving(data, world.config(prefer=("price",))) as server:
        for text in ("hello", "bonjour", "salam"):
            server.chat(text)
        server.chat("agenda", X_Daffa_Label="level=secret")
        running = daffa("policy", "simulate", str(MOROCCO), "--data", str(data), "--json")
    return data, running.stdout


def rows(*words: str) -> list[dict]:
    """The rows that a command prints as JSON."""
    done = daffa("policy", *words, "--json")
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_shipped_law_is_proved_by_a_command():
    """``prove`` prints a page and exits with 0; as rows, each invariant holds and each rule is needed."""
    page = daffa("policy", "prove", "--policies", str(MOROCCO), "--lang", "fr")
    assert (page.returncode, page.stderr) == (0, "")
    assert "✗" not in page.stdout
    invariants = [row for row in rows("prove", "--policies", str(MOROCCO)) if "invariant" in row]
    assert len(invariants) == len(Bundle.read(MOROCCO).invariants)
    assert all(row["holds"] and row["question"] is None and row["shown"] for row in invariants)


def test_a_law_that_is_not_proved_exits_with_1(new, asked):
    """``prove`` exits with 1; its counter-examples are allowed by the broken law and refused by the law in force."""
    done = daffa("policy", "prove", "--policies", str(new), "--lang", "ar")
    assert done.returncode == 1
    assert done.stdout.count("✗") == 1
    (broken,) = [row for row in rows("prove", "--policies", str(new)) if row.get("fault")]
    assert (broken["invariant"], broken["fault"]) == ("never-guarded-persons-abroad", "broken")
    questions = daffa("policy", "prove", "--policies", str(new), "--questions").stdout
    assert [json.loads(line) for line in questions.splitlines()] == [broken["question"]]
    (verdict,) = daffa("decide", "--json", "--data", str(asked[0]), stdin=questions).stdout.splitlines()
    assert json.loads(verdict)["rules"] == ["F-guarded-persons-abroad"]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", ["DAVANTAGE EST PERMIS", "MOINS EST PERMIS", "mineurs", "Avant", "loi 09-08, art. 24 et 49"]),
        ("ar", ["يُسمح بأكثر", "يُسمح بأقل", "القاصرون", "من قبل", "loi 09-08, art. 24 et 49"]),
        ("en", ["MORE IS ALLOWED", "LESS IS ALLOWED", "minors", "Before", "loi 09-08, art. 24 et 49"]),
    ],
)
def test_what_changes_for_whom(new, language, told):
    """``diff`` answers in the language asked for: what is permitted more and less, for which data, on which text of law."""
    done = daffa("policy", "diff", str(MOROCCO), str(new), "--lang", language)
    assert (done.returncode, done.stderr) == (0, "")
    flat = re.sub(r"[\u200f\u2068\u2069]|\s+", " ", done.stdout)
    assert [word for word in told if word not in " ".join(flat.split())] == []


def test_the_examples_of_a_change_are_decided(new, asked):
    """The questions of ``diff``, put to ``decide`` under the old law, get the verdict that ``diff`` says they had before."""
    changes = [row for row in rows("diff", str(MOROCCO), str(new)) if "question" in row]
    questions = daffa("policy", "diff", str(MOROCCO), str(new), "--questions").stdout
    verdicts = daffa("decide", "--json", "--data", str(asked[0]), stdin=questions).stdout.splitlines()
    assert len(verdicts) == len(changes) > 1
    for verdict, change in zip(map(json.loads, verdicts), changes, strict=True):
        assert {name: verdict[name] for name in ("allowed", "rules")} == change["before"]


def test_a_folder_that_is_no_law_is_named(tmp_path):
    """A missing folder is one line on stderr and exit code 1."""
    done = daffa("policy", "diff", str(MOROCCO), str(tmp_path / "none"), "--lang", "en")
    assert (done.returncode, done.stderr) == (1, "daffa: none: no such folder\n")


def test_what_was_asked_is_asked_again(asked, new):
    """``simulate`` counts every recorded question, with a server and without, and turns what the new law would turn."""
    data, running = asked
    first, *turns = [json.loads(line) for line in running.splitlines()]
    assert (first["turned"], turns, set(first["left_out"].values())) == (0, [], {0})
    assert first["asked"] >= 4
    again, *turns = rows("simulate", str(new), "--data", str(data))
    assert again["asked"] == first["asked"]
    assert again["turned"] == sum(turn["count"] for turn in turns) == 3
    (turn,) = turns
    assert turn["verdict"] == {"allowed": False, "rules": []}
    assert turn["examples"][0]["place"]["id"] == "virginia"
    newest, *_ = rows("simulate", str(new), "--data", str(data), "--entries", "1")
    assert 1 <= newest["asked"] < again["asked"]
    page = daffa("policy", "simulate", str(new), "--data", str(data), "--lang", "fr").stdout
    assert "MOINS EST PERMIS" in page


def test_what_cannot_be_asked_again_is_counted(asked, new, tmp_path):
    """Erased details, a place that is gone and a place that has changed are left out, each counted for its reason."""
    data = tmp_path / "data"
    shutil.copytree(asked[0], data)
    whole, *_ = rows("simulate", str(new), "--data", str(data))

    async def erase() -> None:
        log = Audit.open(data / "audit", (data / "origin").read_text(encoding="utf-8"), load_or_create_key(data / "log.key"))
        await log.erase(Erasure(1, time.time(), {}))
        await log.close()

    asyncio.run(erase())
    config = data / "daffa.toml"
    text = config.read_text(encoding="utf-8")
    place = text.index('id = "virginia"')
    changed = text[:place] + re.sub(r"retention_days = \d+", "retention_days = 400", text[place:], count=1)
    assert changed != text
    config.write_text(changed, encoding="utf-8")
    found, *_ = rows("simulate", str(new), "--data", str(data))
    left_out = found["left_out"]
    assert left_out["erased"] >= 1
    assert left_out["drifted"] >= 1
    assert found["asked"] + sum(left_out.values()) == whole["asked"]
