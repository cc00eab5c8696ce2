"""Takes the pictures of ``docs/screens``: the page of a real house without a model, on the shipped packs, in a real browser.

    .venv/bin/python scripts/screens.py [NAME ...]

Needs Chromium and what ``scripts/assets`` fetches. A picture is what anybody sees who starts the house and asks the same.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "screens"
WIDE, NARROW = (1280, 780), (390, 844)
MOST_BYTES = 150_000

DELAY = {
    "fr": "Combien de temps pour la réponse de l'administration ?",
    "ar": "كم من الوقت لدى الإدارة لكي ترد على ملفي الكامل؟",
    "zgh": "ⵎⵛⵜⴰ ⵏ ⵡⵓⵙⵙⴰⵏ ⵖⵔ ⵜⵎⵙⵙⵓⴳⵓⵔⵜ ⵃⵎⴰ ⴰⴷ ⵜⵔⴰⵔ ⵅⴼ ⵓⵙⵓⵜⵔ ⵉⵏⵓ?",
    "en": "How long may the administration take to answer my request?",
}
TAX = "Combien d'impôt sur le revenu pour 12000 dirhams par mois ?"


@dataclass(frozen=True)
class Picture:
    """A picture: its language, its size, whether it is dark, and how one gets there."""

    name: str
    language: str
    size: tuple[int, int]
    dark: bool
    steps: Callable[[Page], None]


def nothing(page: Page) -> None:
    """The first page, as it is."""
    page.locator("h1").wait_for()


def asked(question: str) -> Callable[[Page], None]:
    """A question, and its whole answer."""

    def steps(page: Page) -> None:
        page.locator("#question").fill(question)
        page.keyboard.press("Enter")
        page.locator(".turn .status").wait_for()
        page.locator(".turn").evaluate("turn => turn.scrollIntoView({block: 'start'})")

    return steps


def opened(question: str) -> Callable[[Page], None]:
    """A question, and its first source opened beside the answer."""

    def steps(page: Page) -> None:
        asked(question)(page)
        page.evaluate("scrollTo(0, 0)")
        page.locator("a.mark").first.click()
        page.locator("#panel[open] mark").first.wait_for()

    return steps


def proved(question: str) -> Callable[[Page], None]:
    """A question, and the decision on it with its receipt."""

    def steps(page: Page) -> None:
        asked(question)(page)
        page.locator("summary").last.click()
        page.locator(".decision a").click()
        page.locator("pre").first.wait_for()

    return steps


def at(path: str) -> Callable[[Page], None]:
    """Another page."""

    def steps(page: Page) -> None:
        page.goto(page.url.split("/?")[0] + path)

    return steps


PICTURES = [
    Picture("home-fr", "fr", WIDE, False, nothing),
    Picture("home-zgh-phone", "zgh", NARROW, False, nothing),
    Picture("home-ar-dark", "ar", WIDE, True, nothing),
    Picture("answer-fr", "fr", WIDE, False, asked(DELAY["fr"])),
    Picture("answer-ar-phone-dark", "ar", NARROW, True, asked(DELAY["ar"])),
    Picture("answer-zgh", "zgh", WIDE, False, asked(DELAY["zgh"])),
    Picture("source-ar", "ar", WIDE, False, opened(DELAY["ar"])),
    Picture("calculation-fr-dark", "fr", WIDE, True, asked(TAX)),
    Picture("not-covered-fr-phone", "fr", NARROW, False, asked("Qui a gagné la coupe du monde en 1998 ?")),
    Picture("decision-en", "en", WIDE, False, proved(DELAY["en"])),
    Picture("files-fr", "fr", WIDE, False, at("/files")),
    Picture("sign-in-ar-phone", "ar", NARROW, False, at("/sign-in")),
]


@contextlib.contextmanager
def house() -> Iterator[str]:
    """The address of a real house, without any model."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "daffa", "up", "--data", data, "--port", "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own program
        try:
            assert process.stdout is not None  # noqa: S101
            yield process.stdout.readline().split()[1]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def take(browser: Browser, url: str, picture: Picture) -> None:
    """Take one picture."""
    width, height = picture.size
    context = browser.new_context(
        locale=picture.language,
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{url}/?lang={picture.language}")
    picture.steps(page)
    page.evaluate("document.fonts.ready")
    page.evaluate("document.activeElement.blur()")
    path = FOLDER / f"{picture.name}.png"
    page.screenshot(path=path)
    context.close()
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}  {size // 1000} kB")
    if size > MOST_BYTES:
        sys.exit(f"{path.name} has {size} bytes, more than {MOST_BYTES}")


def main(names: list[str]) -> None:
    """Take the pictures of these names, or all."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        sys.exit("no chromium here")
    FOLDER.mkdir(exist_ok=True)
    with house() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for picture in PICTURES:
            if not names or picture.name in names:
                take(browser, url, picture)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
