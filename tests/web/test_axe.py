"""No page keeps anybody out: axe finds nothing on any page that a role can reach, in light and in dark."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, resolve

from tests.casework.houses.conftest import Board
from tests.networks import Network, close
from tests.web.browser import _ARGS, CHROMIUM, log_in, needs_chromium, served
from veil.casework import clock, world
from veil.casework.houses import burning, stays
from veil.casework.network.roles import Role

pytestmark = [needs_chromium, pytest.mark.skipif("VEIL_NO_AXE" in os.environ, reason="axe was left out")]
_LEAVES = {"lock", "exit", "language", "unlock"}


@contextmanager
def _browser() -> Iterator[Any]:
    """Start a browser; it ends within the test, since Django refuses to work beside its event loop."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=list(_ARGS))
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture
def address(network: Network) -> Iterator[str]:
    """Serve a network in which something of everything is there."""
    board = Board(network, network.hand(Role.COORDINATOR))
    with world.within(board.chief.store):
        open_, fire = board.house(6), board.house(3)
        stays.place(board.chief, board.case(), open_.id, 2, said={"who": "two people", "needs": "a quiet room"})
        stays.place(board.chief, board.case(), fire.id, 3, said={"who": "three people"})
        board.house(4, board.join("Dunlin", Role.HOST))
        burning.burn(board.chief, fire.id)
        clock.note()
    close()
    with served() as at:
        yield at


def _name(path: str) -> str:
    try:
        return str(resolve(urlsplit(path).path).url_name)
    except Resolver404:
        return ""


def _violations(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:300]}" for one in found for node in one["nodes"]
    ]


def _walk(page: Any, address: str, known: set[str]) -> dict[str, list[str]]:
    """Look at one page of each kind that can be reached by links and is not known, and return what axe says of it."""
    said: dict[str, list[str]] = {}
    ahead = ["/houses/", "/"]
    while ahead:
        path = ahead.pop(0)
        name = _name(path)
        if not name or name in _LEAVES or name in said:
            continue
        page.goto(address + path)
        said[name] = [] if name in known else _violations(page)
        links = page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))")
        ahead += sorted((link for link in links if re.match(r"/(?!/)", link)), key=lambda link: "rehome" in link)
        if name == "houses":  # the last of the list is one that did not burn
            ahead = [link for link in reversed(links) if _name(link) == "house"] + ahead
    return said


def _as_role(browser: Any, address: str, role: Role, known: set[str]) -> dict[str, list[str]]:
    """Return what axe says of each kind of page, for one role: in the dark on phones, in light on desks."""
    on_phone = role in {Role.HOST, Role.CASE_WORKER}
    scheme, viewport = "dark" if on_phone else "light", {"width": 360 if on_phone else 1200, "height": 800}
    context = browser.new_context(bypass_csp=True, color_scheme=scheme, viewport=viewport)  # axe is a script, too
    try:
        page = context.new_page()
        log_in(page, address, role)
        return _walk(page, address, known)
    finally:
        context.close()


def test_axe_would_find_it(address: str) -> None:
    """A field without a label and words too faint to read are found, so that silence means something."""
    with _browser() as browser:
        page = browser.new_context(bypass_csp=True).new_page()
        page.goto(address + "/unlock")
        assert _violations(page) == []
        bad = '<input name="x"><p style="color:#ccc;background:#fff">faint</p>'
        page.evaluate("bad => document.querySelector('main').insertAdjacentHTML('beforeend', bad)", bad)
        assert {told.split(":")[0] for told in _violations(page)} == {"label", "color-contrast"}


def test_axe_finds_nothing(address: str) -> None:
    """Every kind of page that each role reaches by links is free of what axe calls a violation."""
    said: dict[Role, dict[str, list[str]]] = {}
    known: set[str] = set()
    with _browser() as browser:
        for role in Role:
            anew = role in {Role.COORDINATOR, Role.HOST, Role.CASE_WORKER}
            said[role] = _as_role(browser, address, role, set() if anew else known)
            known |= set(said[role])
    assert {(role, name): told for role, all_ in said.items() for name, told in all_.items() if told} == {}
    assert {"house-state", "house-edit", "place", "rehome", "stay", "case", "worker"} <= set(said[Role.COORDINATOR])
