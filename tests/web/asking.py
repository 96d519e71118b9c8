"""The public form for tests: a vault whose form is open, the gate's clock, and somebody who writes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests.networks import Network, close
from veil.casework import world
from veil.casework.network.roles import Role
from veil.casework.requests import gate, intake

CANARY = "kestrel-over-the-river"


class Hours:
    """The gate's clocks, which go on only when a test says so."""

    def __init__(self) -> None:
        self.ahead = 0

    def go(self, seconds: int) -> None:
        """Let time pass at the gate, or (negative) set the machine's clock back."""
        self.ahead += seconds


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    """Give a test the gate's clocks."""
    told = Hours()
    began, beat = gate._now(), gate._beat
    monkeypatch.setattr(gate, "_now", lambda: began + told.ahead)
    monkeypatch.setattr(gate, "_beat", lambda: beat() + max(0, told.ahead))
    return told


@pytest.fixture
def opened(network: Network) -> Iterator[Network]:
    """Open the public form, then lock the vault: nobody is in."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        intake.open_form(hand)
    close()
    gate._lines.clear()
    intake._looked.clear()
    yield network
    gate._lines.clear()


def somebody() -> Client:
    """Return a browser that keeps no cookies and passes every check of forms for real."""
    return Client(enforce_csrf_checks=True, SERVER_NAME="localhost")


def carried(page: str) -> dict[str, str]:
    """Return what a form carries along."""
    return {
        name: found.group(1)
        for name in ("ticket", "seed", "lang")
        if (found := re.search(rf'name="{name}" value="([^"]*)"', page))
    }


def receipt_in(page: str) -> str:
    """Return the words of the receipt on a page."""
    return " ".join(re.findall(r"<li>(\w+)</li>", page.split('class="receipt"')[1].split("</ol>", maxsplit=1)[0]))


def send(hours: Hours, language: str = "en", **words: Any) -> tuple[Client, str]:
    """Write and send as a person would, and return the last page."""
    browser = somebody()
    form = carried(browser.get(f"/ask/?lang={language}").content.decode())
    hours.go(60)
    answer = browser.post("/ask/sent", form | {"happened": CANARY} | words)
    assert answer.status_code == 200
    assert not browser.cookies
    return browser, answer.content.decode()
