"""The setting that chooses who asks the models' servers."""

from pathlib import Path

import pytest

from daffa.errors import Invalid
from daffa.settings import read_settings


@pytest.mark.parametrize(
    ("text", "client"), [("", "own"), ('upstream_client = "own"', "own"), ('upstream_client = "aiohttp"', "aiohttp")]
)
def test_the_upstream_client_is_chosen_by_name(tmp_path: Path, text: str, client: str):
    """Our own where nothing is said."""
    (tmp_path / "daffa.toml").write_text(text)
    assert read_settings(tmp_path, {}).upstream_client == client


def test_an_unknown_upstream_client_is_a_mistake(tmp_path: Path):
    """The error names the two that there are."""
    (tmp_path / "daffa.toml").write_text('upstream_client = "curl"')
    with pytest.raises(Invalid) as raised:
        read_settings(tmp_path, {})
    assert (raised.value.facts["expected"], raised.value.facts["got"]) == ("own | aiohttp", "'curl'")
