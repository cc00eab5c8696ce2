"""The page in a real browser: the newcomer's path in four languages, streaming, keyboard, accessibility, no other origin.

Needs Chromium and what ``scripts/assets --dev`` fetches (htmx, fonts, axe-core); without them the tests say so and are skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from page_servers import QUESTIONS, scripted_serving
from servers import Server

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
AXE = ROOT / "var" / "assets" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
FONTS = {"fr": "latin", "ar": "arabic", "zgh": "tifinagh", "en": "latin"}
# What a page says of itself while it breaks its own policy.
_TELL = "window.broken = []; document.addEventListener('securitypolicyviolation', e => window.broken.push(e.violatedDirective))"
FILES = ["/files", "/files?task=translate", "/files?task=draft", "/files?task=draft&choice=administration/complaint.fr"]
STATES = ["réponse partielle", "quel certificat", "parle-moi de la lune", "mon impôt", "panne", "piège", QUESTIONS["fr"]]


def fetched() -> bool:
    """Whether what the page takes from others is here, fetched now where it can be."""
    subprocess.run(["sh", str(ROOT / "scripts" / "assets"), "--dev"], check=False, capture_output=True, timeout=120)
    return AXE.is_file()


@pytest.fixture(scope="module")
def chromium():
    """A browser for all."""
    if not CHROMIUM:
        pytest.skip("no Chromium here: apt-get install chromium")
    if not fetched():
        pytest.skip("no htmx and no axe-core: scripts/assets --dev needs npm and its registry")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def house(chromium, tmp_path_factory) -> Iterator[Server]:  # noqa: ARG001 - without a browser no house is needed
    """One house for all."""
    with scripted_serving(tmp_path_factory.mktemp("browser")) as server:
        yield server


@contextmanager
def watched(chromium, house, language="fr", **settings):
    """A page whose every request is watched: at the end none went elsewhere, none was forbidden, nothing complained."""
    context = chromium.new_context(locale=language, **settings)
    context.set_default_timeout(15_000)
    context.add_init_script(_TELL)
    asked, complaints = [], []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    # One page that is not there is asked for on purpose.
    absent = "Failed to load resource: the server responded with a status of 404 (Not Found)"
    yield page
    if settings.get("java_script_enabled", True):
        assert page.evaluate("window.broken") == []
    context.close()
    assert [url for url in asked if not url.startswith((house.url + "/", "data:"))] == []
    assert [said for said in complaints if said != absent] == []


def ask(page, question):
    """Ask with the keyboard, and wait for the whole answer; its element."""
    before = page.locator(".turn .status").count()
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    page.locator(".turn .status").nth(before).wait_for()
    return page.locator(".turn").last


def violations(page):
    """What axe-core finds wrong, in one line each."""
    found = page.evaluate(
        "async rules => (await axe.run(document, {runOnly: {type: 'tag', values: rules}})).violations"
        ".flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 160)))",
        RULES,
    )
    return list(found)


def with_axe(page):
    """The same page, with axe-core in it: as the browser's owner, whom its policy does not bind."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_newcomer_walks_through_in_each_language(chromium, house, language):
    """Ask, read, open a source beside the text, close it, open the decision, say that it helped: in the language's own font."""
    with watched(chromium, house, language) as page:
        page.goto(f"{house.url}/?lang={language}")
        assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        answer = ask(page, QUESTIONS[language])
        page.wait_for_url("**/c/*")
        assert answer.locator(".sentence").count() >= 1
        loaded = page.evaluate("[...document.fonts].filter(f => f.status == 'loaded').length")
        assert loaded >= 1
        names = page.evaluate("performance.getEntriesByType('resource').map(r => r.name)")
        assert any(FONTS[language] in name for name in names)
        answer.locator("a.mark").first.click()
        panel = page.locator("#panel[open]")
        panel.locator("mark").first.wait_for()
        page.keyboard.press("Escape")
        assert page.locator("#panel[open]").count() == 0
        assert page.evaluate("document.activeElement.classList.contains('mark')")
        answer.locator("summary").click()
        answer.locator(".decision a").click()
        page.locator("pre").first.wait_for()
        page.go_back()
        page.locator(".feedback button").first.click()
        page.locator(".feedback [role=status]").wait_for()


def test_sentences_come_one_by_one_and_are_told_politely(chromium, house):
    """While the answer is under way its sentences stand in a polite live region, the first before the last has come."""
    with watched(chromium, house) as page:
        page.goto(f"{house.url}/?lang=fr")
        page.locator("#question").fill("lentement, " + QUESTIONS["fr"])
        page.keyboard.press("Enter")
        page.locator(".sentences[aria-live=polite] .sentence").first.wait_for()
        assert page.locator(".sentence").count() == 1
        assert page.locator(".answer[aria-busy=true]").count() == 1
        page.locator(".sources").wait_for()
        assert page.locator("[aria-live=polite]").count() == 0
        assert page.locator(".sentence").count() == 2
        assert page.locator("#said").inner_text() == "La réponse est complète."


def test_the_keyboard_alone_is_enough(chromium, house):
    """From the first key on: skip to the content, ask, ask again, open a source and come back to where one was."""
    with watched(chromium, house, "en") as page:
        page.goto(f"{house.url}/?lang=en")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "question"
        page.keyboard.type("first line")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("about residence")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.locator(".sources").wait_for()
        assert "first line\nabout residence" in page.locator(".question").inner_text()
        ask(page, "parle-moi de la lune")
        assert page.evaluate("document.activeElement.id") == "question"
        assert page.locator("#question").input_value() == ""
        page.locator("a.mark").first.focus()
        page.keyboard.press("Enter")
        page.locator("#panel[open] mark").wait_for()
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.className") == "mark"


def test_without_scripts_the_same_forms_do_everything(chromium, house):
    """Ask, read, choose, open the source as a page, judge, delete, sign in and out: no script runs."""
    with watched(chromium, house, "en", java_script_enabled=False) as page:
        page.goto(f"{house.url}/?lang=en")
        page.locator("#question").fill("quel certificat")
        page.locator(".send").click()
        page.get_by_role("button", name="Le certificat de résidence").click()
        page.locator(".turn").nth(1).wait_for()
        assert page.locator(".turn").count() == 2
        page.locator("a.mark").first.click()
        page.locator("mark").first.wait_for()
        page.locator("a.back").click()
        page.locator(".feedback").last.get_by_role("button", name="No").click()
        page.locator("textarea[name=reason]").fill("trop court")
        page.get_by_role("button", name="Send").click()
        page.locator(".feedback").last.filter(has_text="Thank you").wait_for()
        page.get_by_role("button", name="Delete").click()
        page.wait_for_url("**/c")
        page.goto(f"{house.url}/sign-in")
        page.locator("#key").fill(house.key)
        page.locator("main").get_by_role("button", name="Sign in").click()
        page.locator(".who").filter(has_text="administrator").wait_for()
        page.get_by_role("button", name="Sign out").click()
        page.locator(".who").filter(has_text="Sign in").wait_for()


@pytest.mark.parametrize(("scheme", "language"), [("light", "fr"), ("dark", "ar")])
def test_axe_finds_nothing_in_any_state(chromium, house, scheme, language):
    """No violation of WCAG 2.2 A and AA: every page, every kind of answer, open and closed, in light and in dark."""
    with watched(chromium, house, language, color_scheme=scheme) as page:
        wrong = {}
        page.goto(f"{house.url}/?lang={language}")
        wrong["home"] = violations(with_axe(page))
        for question in STATES:
            ask(page, question)
        with_axe(page)
        for summary in page.locator("summary").all():
            summary.click()
        page.locator(".feedback").first.get_by_role("button").last.click()
        page.locator("textarea[name=reason]").wait_for()
        wrong["conversation"] = violations(page)
        page.locator("a.mark").last.click()
        page.locator("#panel[open] mark").first.wait_for()
        wrong["panel"] = violations(page)
        page.keyboard.press("Escape")
        decision = page.locator(".decision a").first.get_attribute("href")
        passage = page.locator("a.mark").last.get_attribute("href")
        for path in (decision, passage, "/c", "/sign-in", "/c/nowhere", *FILES):
            page.goto(house.url + path)
            wrong[path] = violations(with_axe(page))
        page.locator("body").wait_for()
        assert {state: found for state, found in wrong.items() if found} == {}


def test_axe_sees_what_is_wrong(chromium, house):
    """The judge itself is awake: a picture without words and grey on white are found."""
    with watched(chromium, house) as page:
        page.goto(f"{house.url}/?lang=fr")
        page.evaluate("document.querySelector('main').append(new Image())")
        found = violations(with_axe(page))
        assert [line for line in found if line.startswith("image-alt")]


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_nothing_is_cut_off_at_any_width(chromium, house, width, language):
    """No page needs to be moved sideways to be read (WCAG 2.2, 1.4.10)."""
    with watched(chromium, house, language, viewport={"width": width, "height": 800}) as page:
        page.goto(f"{house.url}/?lang={language}")
        ask(page, QUESTIONS[language])
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1]


def test_a_page_that_is_loaded_anew_follows_the_answer_on(chromium, house):
    """Whoever loads the page again in the middle of an answer sees it come to its end."""
    with watched(chromium, house) as page:
        page.goto(f"{house.url}/?lang=fr")
        page.locator("#question").fill("lentement, " + QUESTIONS["fr"])
        page.keyboard.press("Enter")
        page.wait_for_url("**/c/*")
        page.reload()
        page.locator(".sources").wait_for()
        assert page.locator(".turn").count() == 1


def test_the_style_has_no_sides():
    """Our style sheet is small, and says start and end, never which side that is."""
    for name in ("page.css", "fonts.css"):
        text = (ROOT / "src" / "daffa" / "web" / "page" / "static" / name).read_text(encoding="utf-8")
        assert len(text.encode()) < 20_000
        assert re.findall(r"(?i)\b(?:left|right)\b", text) == []
        assert re.findall(r"url\((?!\"(?:latin|arabic|tifinagh)[-a-z]*\.woff2\")[^)]*", text) == []
