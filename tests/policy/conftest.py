"""The law of the tests, and how a test writes a law of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from daffa.policy import Bundle

HERE = Path(__file__).parent
MOROCCO = HERE.parents[1] / "policies" / "ma"
NOTES = '@fr("f") @ar("ع") @en("e") @base("b") @status("s")'


def copied(folder: Path) -> Path:
    """The small law of the tests (eight rules that use every comparison), copied to ``folder``."""
    shutil.copytree(HERE / "law", folder)
    shutil.copy(MOROCCO / "schema.cedarschema", folder)
    return folder


@pytest.fixture
def law_folder(tmp_path: Path) -> Path:
    """The folder of a small law, free to be broken."""
    return copied(tmp_path / "law")


@pytest.fixture
def small_law(law_folder: Path) -> Bundle:
    """The law of `law_folder` as it was before the test broke it."""
    return Bundle.read(law_folder)


@pytest.fixture(scope="session")
def shared_law(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The small law once for all tests, for those that draw many examples."""
    return Bundle.read(copied(tmp_path_factory.mktemp("shared") / "law"))


@pytest.fixture(scope="session")
def morocco() -> Bundle:
    """The law of Morocco as shipped."""
    return Bundle.read(MOROCCO)


@pytest.fixture
def with_rules(law_folder: Path) -> Callable[[str], Path]:
    """Write a law whose only rules are these Cedar statements (without cases); say its folder."""

    def write(text: str) -> Path:
        for file in [*law_folder.glob("rules/*.cedar"), *law_folder.glob("cases/*.toml")]:
            file.unlink()
        (law_folder / "rules" / "only.cedar").write_text(text, encoding="utf-8")
        return law_folder

    return write


@pytest.fixture
def with_body(with_rules: Callable[[str], Path]) -> Callable[[str], Path]:
    """Write a law of one rule ``R`` that goes on like this after its annotations; say its folder."""
    return lambda body: with_rules(f'@id("R") {NOTES}\n{body}')
