"""Houses with a page for tests: the scripted one (``scripted_house``) as a process of its own; a client like a browser."""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import kept
from forked import Forked
from servers import Server

SCRIPT = Path(__file__).with_name("scripted_house.py")


@contextlib.contextmanager
def scripted_serving(data: Path, config: str | None = None) -> Iterator[Server]:
    """A scripted house on ``data``; stopped at the end if it still runs. Where ``config`` says nothing, any visitor may ask."""
    data.mkdir(parents=True, exist_ok=True)
    if "visitor_questions_per_minute" not in (config or ""):
        config = f"visitor_questions_per_minute = 1000000\n{config or ''}"
    (data / "daffa.toml").write_text(config, encoding="utf-8")
    kept.lend(data)
    process = Forked([str(SCRIPT), "--data", str(data), "--port", "0"], {})
    try:
        line = process.stdout.readline()
        if not line.startswith("ready "):
            raise AssertionError(f"the house did not start: {process.communicate(timeout=30)[1]}")
        yield Server(line.split()[1], data, process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=30)
        kept.take_back(data)
        assert "Traceback" not in complaints, complaints


@contextlib.contextmanager
def browsing(server: Server, language: str = "en") -> Iterator[httpx.Client]:
    """A client that keeps cookies and says where its forms come from, as a browser does; it follows no redirect."""
    headers = {"Accept-Language": language, "Origin": server.url, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=20) as client:
        yield client


def ask(client: httpx.Client, question: str, conversation: str = "") -> str:
    """Ask as a form without scripts does, and say where the answer stands (``/c/ID``)."""
    answer = client.post("/ask", data={"question": question, "conversation": conversation})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("#")[0]


def text_of(page: str) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def signed_in(client: httpx.Client, house: Server, key: str = "") -> httpx.Client:
    """The same browser, with a session of ``key``, or of the administrator's."""
    answer = client.post("/sign-in", data={"key": key or house.key, "next": "/"})
    assert answer.status_code == 303, answer.text
    return client


LANGUAGES = {"fr": "ltr", "ar": "rtl", "zgh": "ltr", "en": "ltr"}
QUESTIONS = {
    "fr": "Quel délai pour le certificat de résidence ?",
    "ar": "شحال كياخد باش نجيب شهادة السكنى؟",
    "zgh": "ⵎⵛⵜⴰ ⵏ ⵡⵓⵙⵙⴰⵏ ⵉ ⵜⴽⵕⴹⴰ ⵏ ⵜⵣⴷⵖⵜ?",
    "en": "How long for a certificate of residence?",
}
"""A question that the scripted house answers, in each language of the page, and the direction of each."""
