"""The language of the question chooses among lawful models, where the configuration prefers quality."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from servers import Server, serving

from daffa.worlds import World

QUALITY = {"atlas-home": "{ fr = 0.6, ary = 0.8, zgh = 0.5 }", "seine-paris": "{ fr = 0.9, ary = 0.3, zgh = 0.2 }"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that prefers quality, with two models that are good at different languages."""
    with World.in_thread() as world:
        config = world.config(prefer=("quality",))
        for model, quality in QUALITY.items():
            config = config.replace(f'id = "{model}"\n', f'id = "{model}"\nquality = {quality}\n')
        assert config.count("quality = {") == len(QUALITY)
        with serving(tmp_path_factory.mktemp("house"), config) as server:
            yield server


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("Comment renouveler ma carte nationale ?", "seine-paris"),
        ("كيفاش نجدد لاكارط ديالي؟", "atlas-home"),
        ("kifach njadded lakart dyali?", "atlas-home"),
        ("ⵎⴰⵎⴽ ⵔⴰⴷ ⵙⴽⵔⵖ ⵜⴰⴽⴰⵔⴹⴰ ⵜⴰⵏⴰⵎⵓⵔⵜ?", "atlas-home"),
    ],
)
def test_the_model_that_is_best_in_the_language_answers(house: Server, text: str, model: str):
    """French goes to the model that is better at French; Darija, in either script, and Tamazight to the other."""
    reply = house.chat(text)
    assert (reply.status, reply.headers["x-daffa-model"]) == (200, model)
