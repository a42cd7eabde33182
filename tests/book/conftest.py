"""A server, a real browser and the list of pages, for the checks of the built book."""

import functools
import http.server
import os
import shutil
import threading
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
HTML = ROOT / "_build" / "html"
PATIENCE = 120_000  # milliseconds: what takes seconds on two idle cores takes longer on busy ones
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def toc_pages():
    """Return every page that the table of contents names, in reading order."""
    toc = yaml.safe_load((BOOK / "_toc.yml").read_text(encoding="utf-8"))
    found = [toc["root"]]

    def walk(entries):
        for entry in entries:
            found.append(entry["file"])
            walk(entry.get("sections", []))

    for part in toc["parts"]:
        walk(part["chapters"])
    return found


def notebooks():
    """Return every notebook of the book."""
    return [BOOK / f"{page}.ipynb" for page in toc_pages() if (BOOK / f"{page}.ipynb").exists()]


@pytest.fixture(scope="session")
def built():
    """Give the folder of built pages; without it there is nothing to check."""
    if not (HTML / "index.html").exists():
        pytest.fail("there are no built pages: run `make book` first", pytrace=False)
    return HTML


@pytest.fixture(scope="session")
def site(built):
    """Serve the built pages on this machine alone, and give their address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=str(built))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    """Start the Chromium of this machine; in CI a missing one is a failure."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("no Chromium found: install it (Debian: apt install chromium) to test the pages")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


class Visit:
    """One page opened once, with everything that went wrong on the way."""

    def __init__(self, browser, site, name):
        self.name, self.site, self.errors, self.foreign = name, site, [], []
        self.tab = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="light")
        self.tab.set_default_timeout(PATIENCE)
        self.tab.on("console", self._note_console)
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tab.on("request", self._note_request)
        self.tab.on("response", self._note_response)
        self.tab.goto(f"{site}/{name}.html", wait_until="load")
        self.settle()

    def _note_response(self, response):
        if response.status >= 400:
            self.errors.append(f"{response.status} {response.url}")

    def _note_console(self, message):
        if message.type == "error":
            self.errors.append(message.text)

    def _note_request(self, request):
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.foreign.append(request.url)

    def settle(self):
        """Wait until nothing moves on the network any more."""
        self.tab.wait_for_load_state("networkidle")

    def rest(self):
        """Wait until nothing on the page moves or fades any more, however slow the machine."""
        self.tab.evaluate("new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)))")
        self.tab.wait_for_function(
            """() => document.getAnimations().every(one => one.playState !== 'running' ||
                one.effect.getComputedTiming().endTime === Infinity)"""
        )

    def theme(self, name):
        """Switch between the light and the dark mode, as the theme's button does."""
        self.tab.evaluate(
            "name => Object.assign(document.documentElement.dataset, {theme: name, mode: name})",
            name,
        )
        self.rest()  # the theme fades from one to the other


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Start JupyterLab once for all tests."""
    from .lab import Lab

    lab = Lab(tmp_path_factory.mktemp("lab"))
    yield lab
    lab.close()


@pytest.fixture(scope="module")
def visit(request, browser, site):
    """Open the page that the test is parametrised with; its tests share the one visit."""
    visit = Visit(browser, site, request.param)
    yield visit
    visit.tab.close()
