"""No page keeps anybody out: seen by a browser, in light and dark, wide and narrow, in English and Russian."""

import os
import re
from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from tests.web.browser import _ARGS, CHROMIUM, needs_chromium, served
from veil.casework.demo import Demo
from veil.web import door

pytestmark = [needs_chromium, pytest.mark.skipif("VEIL_NO_AXE" in os.environ, reason="axe was left out")]
_LEAVES = {"lock", "exit", "language", "unlock"}
_OUTSIDE = ("/unlock", "/ask/", "/ask/again", "/out", "/nothing/here")
_WRONG = {"risk-assess", "request_screening", "workers", "leg-new"}  # whose form is also sent empty: one of each kind
# Who looks, by their place in the invented network.
_WHO = {"coordinator": 0, "operator": 2, "case worker": 4, "host": 6}
_WHO |= {"clinician": 8, "lawyer": 9, "press officer": 10, "auditor": 11}
_NARROW, _WIDE = {"width": 360, "height": 800}, {"width": 1200, "height": 800}
_AXE = """async only => {
    const told = {resultTypes: ["violations"]};
    const found = await axe.run(document, only ? {...told, runOnly: only} : told);
    const say = (one, node) => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary.slice(0, 200)}`;
    return found.violations.flatMap(one => one.nodes.map(node => say(one, node)));
}"""
# What a page is made of: each kind of element, in which kind of element; and its headings in their order.
_MADE_OF = """() => {
    const kind = one => one.tagName + "." + one.className;
    const told = one => [...one.attributes].map(it => it.name).filter(it => /aria|role|for|type|scope/.test(it)).join();
    const heads = [...document.querySelectorAll("h1, h2, h3, h4")].map(one => one.tagName);
    const all = [...document.querySelectorAll("main *")]
        .map(one => kind(one) + told(one) + " in " + kind(one.parentElement));
    return [...new Set([...all, heads.filter((one, at) => one !== heads[at - 1]).join()])];
}"""
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_POINTS = ("aria-describedby", "aria-labelledby", "for")
_LOOSE = """points => [...document.querySelectorAll("[aria-describedby], [aria-labelledby], label[for]")]
    .flatMap(one => points.flatMap(it => (one.getAttribute(it) || "").split(" ")))
    .filter(id => id && document.querySelectorAll("#" + CSS.escape(id)).length !== 1)"""
_BAD = """() => {
    document.querySelector("main").insertAdjacentHTML("beforeend", '<input name="x"><p id="faint">faint</p>');
    document.getElementById("faint").style.cssText = "color: #ccc; background: #fff";
}"""
_SEND = """() => { setTimeout(() => document.querySelector("main form:has([required])").submit()) }"""


@pytest.fixture(scope="module")
def address(demo: Demo) -> Iterator[str]:  # noqa: ARG001  (the network that is served)
    """Serve the invented network, in which something of everything is there."""
    with served() as at:
        yield at


def _name(path: str) -> str:
    try:
        return str(resolve(urlsplit(path).path).url_name)
    except Resolver404:
        return ""


def _reached(client: Client, known: set[str], own: bool) -> dict[str, str]:
    """Return an address of each kind of page that links lead to, by name; known kinds only where they are `own`."""
    found: dict[str, str] = {}
    ahead = deque(["/"])
    while ahead:
        path = ahead.popleft()
        name = _name(path)
        if not name or name in _LEAVES or name in found or (name in known and not own and path.count("/") > 2):
            continue
        found[name] = path
        ahead += re.findall(r'href="(/(?!/|static)[^"#]*)', client.get(path).content.decode())
    return found


def _let_in(demo: Demo, place: int) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.post("/unlock", {"call_sign": demo.workers[place][0], "passphrase": demo.passphrase})
    return client


class _Looker:
    """A browser that looks at pages and writes down what is wrong with them."""

    def __init__(self, browser: Any, address: str) -> None:
        from axe_playwright_python.base import AXE_SCRIPT

        self.address, self.script = address, AXE_SCRIPT
        self.wrong: list[str] = []
        self.known: dict[bool, set[str]] = {True: set(), False: set()}
        self.contexts = [
            browser.new_context(viewport=_WIDE, color_scheme="light", locale="en"),
            browser.new_context(viewport=_NARROW, color_scheme="dark", locale="ru"),
        ]
        self.pages = [one.new_page() for one in self.contexts]
        for page in self.pages:
            page.on("console", self._console)
            page.on("request", lambda one: one.url.startswith(address) or self.wrong.append(f"asks for {one.url}"))

    def _console(self, said: Any) -> None:
        if said.type in {"error", "warning"} and "the server responded with a status" not in said.text:
            self.wrong.append(f"console: {said.text}")

    def be(self, client: Client) -> None:
        """Go on as whoever is in with this client."""
        for one in self.contexts:
            one.add_cookies([{"name": door.COOKIE, "value": client.cookies[door.COOKIE].value, "url": self.address}])

    def look(self, path: str, empty: bool = False) -> None:
        """Look at a page, or at what it says when sent empty: wide, light, in English; narrow, dark, in Russian."""
        for page, only in zip(self.pages, (None, ["color-contrast", "label", "html-has-lang"]), strict=True):
            page.goto(self.address + path)
            if empty:
                with page.expect_navigation():
                    page.evaluate(_SEND)
                if page.evaluate("() => !document.activeElement.matches('main [tabindex]')"):
                    self.wrong.append(f"{path}: what was wrong is not where the reader is")
            if wider := page.evaluate(_WIDER):
                self.wrong.append(f"{path}: {wider} pixels wider than the screen")
            if loose := page.evaluate(_LOOSE, list(_POINTS)):
                self.wrong.append(f"{path}: named, but not there, or twice: {loose}")
            new = set(page.evaluate(_MADE_OF)) - self.known[only is None]
            self.known[only is None] |= new
            self.wrong += [f"{path}: {told}" for told in (self.axe(page, only) if new else ())]

    def axe(self, page: Any, only: list[str] | None = None) -> list[str]:
        """Return what axe finds on a page."""
        page.evaluate(self.script)
        found: list[str] = page.evaluate(_AXE, only)
        return found


def test_nobody_is_kept_out(address: str, demo: Demo) -> None:
    """On no page that any role reaches does axe find anything, is anything cut off, forbidden or fetched elsewhere."""
    from playwright.sync_api import sync_playwright

    kinds: dict[str, dict[str, str]] = {}
    known: set[str] = set()
    clients = {who: _let_in(demo, place) for who, place in _WHO.items()}
    for who, client in clients.items():
        own = who in {"case worker", "host"}
        found = _reached(client, known, own)
        kinds[who] = {name: path for name, path in found.items() if own or name not in known}
        known |= set(found)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=list(_ARGS))
        looker = _Looker(browser, address)
        for path in _OUTSIDE:
            looker.look(path)
        for who, paths in kinds.items():
            looker.be(clients[who])
            for name, path in paths.items():
                looker.look(path)
                if name in _WRONG:
                    looker.look(path, empty=True)
        page = looker.pages[0]
        page.evaluate(_BAD)
        seen = {told.split(":")[0] for told in looker.axe(page)}  # so that silence means something
        browser.close()
    assert looker.wrong == []
    assert {"label", "color-contrast"} <= seen
    assert {"house-state", "leg-seen", "person-alias", "consents", "identity", "care", "testimony", "audit"} <= known
    assert len(known) > 80
