"""Tasks on one's own files, by the page of a real house without a model: nothing here is scripted."""

from __future__ import annotations

import re

import pytest
from page_servers import browsing, text_of
from servers import serving

NOTE = """# Note de service

Le guichet de l'état civil ouvre à 8 h 30 du lundi au vendredi, sans interruption.
La demande d'acte de naissance se dépose au bureau du lieu de naissance, avec la carte nationale.
L'agent remet un récépissé daté qui porte le nom de l'usager et la liste des pièces reçues.
Le délai de traitement est de 3 jours ouvrables à compter du dépôt d'un dossier complet.
"""
FACTS = """Nom : El Fassi
Prénom : Amina
Date de naissance : 12/03/1990
Lieu de naissance : Salé
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """One house for all."""
    with serving(tmp_path_factory.mktemp("files")) as server:
        yield server


@pytest.fixture
def client(house):
    """A browser."""
    with browsing(house, "fr") as client:
        yield client


def work(client, files=None, **fields):
    """Send the form of a task, and open what came of it."""
    answer = client.post("/files", data=fields, files=files or {"file": ("", b"")})
    assert answer.status_code == 303, text_of(answer.text)
    return client.get(answer.headers["location"].partition("#")[0]).text


def choices(client, task):
    """The letters or forms that the page offers."""
    return re.findall(rf"task={task}&amp;choice=([^\"]+)\"", client.get(f"/files?task={task}").text)


def test_a_file_is_summarised_with_its_places(client):
    """Each point of the summary points into the file, and the place opens with the words marked."""
    page = work(client, task="summarise", files={"file": ("note.md", NOTE.encode())})
    assert "Résumer : \u2068note.md\u2069" in text_of(page)
    marks = re.findall(r'class="mark" href="([^"]+)"', page)
    assert marks
    opened = client.get(marks[0].replace("&amp;", "&"))
    assert opened.status_code == 200
    assert "<mark>" in opened.text
    assert "note.md" in opened.text


def test_a_letter_keeps_its_paragraphs_when_it_is_told(client):
    """The event that ends an answer has the blank lines of a letter: its paragraphs stay apart as on the page."""
    choice = choices(client, "draft")[0].replace("%2F", "/")
    page = work(client, task="draft", choice=choice, text=FACTS)
    address = re.search(r'action="/c/(\w+)/(\d+)/feedback"', page)
    told = client.get(f"/answers/{address[1]}.{address[2]}").text
    lines = "\n".join(line.removeprefix("data: ") for line in told.splitlines())
    letter = re.compile(r'<div class="letter"[^>]*>(.*?)</div>', re.DOTALL)
    assert "\n\n" in letter.search(page)[1]
    assert letter.search(lines)[1] == letter.search(page)[1]


def test_the_file_itself_is_not_kept(client, house):
    """What the answer does not cite is in no file of the house."""
    secret = "grenadine-et-safran"
    text = NOTE + "\n\n" + " ".join(f"{secret}{n}" for n in range(3))
    work(client, task="summarise", files={"file": ("note.md", text.encode())})
    assert secret.encode() not in b"".join(file.read_bytes() for file in house.data.glob("daffa.db*"))


def test_a_letter_is_drafted_from_facts(client):
    """A letter of a pack, with the facts that were given; what is missing is named."""
    offered = choices(client, "draft")
    assert offered
    form = client.get(f"/files?task=draft&choice={offered[0]}").text
    fields = re.findall(r'name="(fact\.[^"]+)"', form)
    assert fields
    types = dict(re.findall(r'name="(fact\.[^"]+)" type="(\w+)"', form))
    first = next(field for field in fields if types[field] == "text")
    page = work(client, task="draft", choice=offered[0].replace("%2F", "/"), **{first: "Amina El Fassi"})
    assert '<div class="letter"' in page
    assert "Amina El Fassi" in page
    assert "Il manque encore" in text_of(page)


def test_a_form_is_filled_from_a_file_and_never_guessed(client):
    """A field shows what the file says, with its place; what the file does not say stays empty, with the reason."""
    offered = choices(client, "fill")
    birth = next(choice for choice in offered if "birth" in choice)
    page = work(client, task="fill", choice=birth.replace("%2F", "/"), files={"file": ("fiche.txt", FACTS.encode())})
    said = text_of(page)
    assert '<table class="filled">' in page
    assert "absent du fichier" in said
    assert "12/03/1990" in said


def test_a_translation_needs_a_model_and_says_so(client):
    """Without a model nothing is translated, and the page says why."""
    said = text_of(work(client, task="translate", to="ar", text="Le délai est de 3 jours."))
    assert "La réponse n'a pas pu être préparée" in said.replace("&#39;", "'")


@pytest.mark.parametrize(
    ("fields", "files"),
    [
        ({"task": "summarise"}, None),
        ({"task": "nothing"}, None),
        ({"task": "fill", "text": "x", "choice": "no/such"}, None),
        ({"task": "summarise"}, {"file": ("x.bin", b"\x00\x01\x02" * 50)}),
        ({"task": "summarise"}, {"file": ("x.pdf", b"%PDF-1.4 broken")}),
        ({"task": "summarise"}, {"file": ("x.txt", b"")}),
    ],
)
def test_what_cannot_be_done_is_said_on_a_page(client, fields, files):
    """No text, an unknown task or form, a file that cannot be read: a page says it, and nothing is kept."""
    answer = client.post("/files", data=fields, files=files or {"file": ("", b"")})
    assert answer.status_code == 400
    assert "<h1>" in answer.text
    assert "set-cookie" not in answer.headers


def test_a_form_of_another_site_has_no_task_done(house):
    """As every form of the page, this one is taken from the page alone."""
    import httpx

    answer = httpx.post(house.url + "/files", data={"task": "summarise", "text": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
