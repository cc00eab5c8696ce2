"""The three providers together: in the loop, in a thread, in a process of their own."""

import os
import signal
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request

import openai
import pytest

from daffa.worlds import World


def ask(url, text="bonjour"):
    """One question by the synchronous client."""
    with openai.OpenAI(base_url=url, api_key="k", max_retries=0) as client:
        answer = client.chat.completions.create(model="sim", messages=[{"role": "user", "content": text}])
    return answer.choices[0].message.content


async def test_the_configuration_names_three_places_and_three_models():
    """The configuration is TOML; each model stands at its place, with its price and the address of its provider."""
    async with World() as world:
        config = tomllib.loads(world.config(prefer=("price",)))
        assert config["prefer"] == ["price"]
        places = {place["id"]: place for place in config["place"]}
        models = {model["id"]: model for model in config["model"]}
        assert [models[name]["url"] for name in models] == [world.home.url, world.paris.url, world.virginia.url]
    assert [place["hw"] for place in config["place"]] == ["MA", "FR", "US"]
    assert places["rabat"] == {
        "id": "rabat", "hw": "MA", "region": "MA-04", "operator": "MA", "reach": ["MA"], "qual": 2, "seal": 4,
        "key": "state", "retention_days": 0, "trains": False,
    }  # fmt: skip
    assert [places[model["place"]]["hw"] for model in models.values()] == ["MA", "FR", "US"]
    prices = {name: (model["price_in"], model["price_out"]) for name, model in models.items()}
    assert prices == {"atlas-home": (0.6, 1.2), "seine-paris": (0.4, 0.9), "potomac-virginia": (0.1, 0.3)}
    assert {model["upstream_model"] for model in models.values()} == {"sim"}


def test_a_synchronous_caller_uses_a_thread():
    """In a thread the providers answer a synchronous client, each by its name, and count; afterwards they are gone."""
    with World.in_thread() as world:
        for provider, city in zip(world.providers, ("Rabat", "Paris", "Virginia"), strict=True):
            assert f"simulated provider in {city}" in ask(provider.url)
        world.home.behaviour.fail_status = 500
        with pytest.raises(openai.InternalServerError):
            ask(world.home.url)
        url, counted = world.paris.url, world.paris.bytes_received
        assert counted > 0
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url + "/models", timeout=2)


def start(*arguments):
    """The three providers as a child process."""
    return subprocess.Popen([sys.executable, "-m", "daffa.worlds", *arguments], stdout=subprocess.PIPE, text=True)


def test_a_child_process_prints_its_configuration_and_ends_when_told():
    """As a process of its own it prints the configuration, then a line that it is ready, serves, and ends on SIGTERM."""
    with start("--prefer", "price,home") as child:
        lines = []
        while not lines or lines[-1] != "# ready\n":
            lines.append(child.stdout.readline())
            assert lines[-1], "the child ended early"
        config = tomllib.loads("".join(lines))
        assert config["prefer"] == ["price", "home"]
        assert "Virginia" in ask(config["model"][2]["url"])
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0


def test_a_child_process_does_not_outlive_its_parent():
    """A parent that dies without a word takes its providers with it."""
    code = (
        "import subprocess, sys, os\n"
        "child = subprocess.Popen([sys.executable, '-m', 'daffa.worlds'], stdout=subprocess.PIPE, text=True)\n"
        "while child.stdout.readline() != '# ready\\n': pass\n"
        "os.write(1, b'up\\n'); os.read(0, 1); os._exit(0)"
    )
    # The grandchild holds the write end of the second pipe: end of file there is its end.
    read, write = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", code.replace("text=True", f"text=True, pass_fds=({write},)")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(write,),
    ) as parent:
        os.close(write)
        assert parent.stdout.readline() == b"up\n"
        parent.stdin.close()
        assert parent.wait(10) == 0
    with os.fdopen(read, "rb") as end:
        assert end.read() == b""
