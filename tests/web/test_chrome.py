"""The frame around every page."""

import errno
import re

import pytest
from django.db import DatabaseError, OperationalError
from django.test import Client

from tests.networks import CALL_SIGNS, Network, passphrase_of
from veil.casework import today, world
from veil.casework.hand import Hand
from veil.casework.network.models import AuditEvent
from veil.casework.network.roles import Role
from veil.casework.requests.models import Request
from veil.vault.sqlcipher.base import DatabaseWrapper


def test_every_page_has_the_way_out(network: Network) -> None:
    """Whoever is in finds lock, quick exit, skip link, their call sign and role on the page; nobody else does."""
    page = network.browser(Role.COORDINATOR).get("/").content.decode()
    for told in ("Lock", "Quick exit", "Skip to the content", "Heron", "coordinator"):
        assert told in page
    outside = Client(SERVER_NAME="localhost").get("/unlock").content.decode()
    assert "Quick exit" not in outside
    assert "htmx.min" not in outside


@pytest.mark.parametrize("role", Role)
def test_the_menu_leads_nowhere_that_is_closed(network: Network, role: Role) -> None:
    """Each entry of the menu opens for the role that sees it, and a role without the board does not see it."""
    browser = network.browser(role)
    page = browser.get("/no/such/page").content.decode()
    entries = re.findall(r'<li><a href="([^"]+)"', page)
    assert all(browser.get(entry).status_code == 200 for entry in entries)
    assert ("/" in entries) == (browser.get("/").status_code == 200)


def test_the_language_changes_without_a_script(network: Network) -> None:
    """The switch stores the language for this browser's session and leads back to the same page."""
    browser = network.browser(Role.COORDINATOR)
    answer = browser.post("/language", {"language": "ru", "next": "/"})
    assert answer.headers["Location"] == "/"
    page = browser.get("/", headers={"accept-language": "en"}).content.decode()
    assert '<html lang="ru">' in page
    assert "Быстрый выход" in page
    away = browser.post("/language", {"language": "ru", "next": "https://elsewhere.example/"})
    assert away.headers["Location"] == "/"


def test_titles_say_nothing(network: Network) -> None:
    """The title that stays in a browser's history is the neutral one on every page."""
    for browser, title in ((network.browser(Role.HOST), "Notes"), (network.browser(Role.HOST, "ru"), "Заметки")):
        for address in ("/", "/houses/", "/nothing/here"):
            assert f"<title>{title}</title>" in browser.get(address).content.decode()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OperationalError("database or disk is full"), "the disk is full"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (DatabaseError("database disk image is malformed"), "damaged"),
        (OperationalError("database is locked"), "somebody else was saving"),
        (RuntimeError("Lena lives here"), "something went wrong that should not"),
    ],
)
def test_what_nobody_foresaw_is_told_in_plain_words(
    network: Network, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception, said: str
) -> None:
    """A full disk, a damaged store and a bug end on a page with a next step: undone, and not logged."""
    browser = network.browser(Role.COORDINATOR)
    browser.raise_request_exception = False

    def fails(hand: Hand, _now: object) -> list[object]:
        hand.note("half written")
        raise error

    monkeypatch.setattr(today, "today", fails)
    answer = browser.get("/")
    page = answer.content.decode()
    assert answer.status_code == 503
    assert said in page.lower()
    assert caplog.text == ""
    assert "Lena" not in page
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        assert not AuditEvent.objects.filter(act="half written").exists()


@pytest.mark.parametrize("role", Role)
def test_whoever_gets_in_stands_before_an_open_door(network: Network, role: Role) -> None:
    """The first page after unlocking, and the one that an error leads back to, are open to every role."""
    browser = network.browser(role)
    told = {"call_sign": CALL_SIGNS[role], "passphrase": passphrase_of(CALL_SIGNS[role])}
    first = browser.post("/unlock", told).headers["Location"]
    assert browser.get(first).status_code == 200
    lost = browser.get("/no/such/page").content.decode()
    assert f'<a class="button" href="{first}"' in lost


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_was_typed_is_given_back_when_the_disk_is_full(
    network: Network, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    """The store cannot keep it at the last moment: the page says so with every word; with room it is saved once."""
    browser = network.browser(Role.OPERATOR, language)
    browser.raise_request_exception = False
    sent = {"happened": "two men asked for her at the bakery"}
    with monkeypatch.context() as patch:
        patch.setattr(DatabaseWrapper, "_commit", _full)
        answer = browser.post("/requests/new", sent)
    assert answer.status_code == 503
    assert {"en": "disk is full", "ru": "на диске нет места"}[language] in answer.content.decode().casefold()
    assert sent["happened"] in answer.content.decode()
    with world.within(network.hand(Role.OPERATOR).store):
        assert not Request.objects.exists()
    assert browser.post("/requests/new", sent).status_code == 302


def _full(_self: object) -> None:
    raise OperationalError("database or disk is full")
