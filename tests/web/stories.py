"""Stories in a real browser: several people of the network, each at a screen of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import expect

from tests.networks import CALL_SIGNS, passphrase_of
from tests.web.browser import _ARGS, CHROMIUM, PATIENCE_MS
from veil.casework.network.roles import Role

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


class Room:
    """One browser in which each worker has a window that knows nothing of the others'."""

    def __init__(self, address: str, chromium: Any) -> None:
        self.address = address
        self._chromium = chromium

    def stranger(self, language: str = "en", *, scripts: bool = True, size: dict[str, int] | None = None) -> Any:
        """Return the page of somebody who has not unlocked anything."""
        context = self._chromium.new_context(locale=language, java_script_enabled=scripts, viewport=size or DESK)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(self.address + "/unlock")
        return page

    def worker(self, role: Role, language: str = "en", **more: Any) -> Any:
        """Return the page of a worker who has come in."""
        page = self.stranger(language, **more)
        page.fill("[name=call_sign]", CALL_SIGNS[role])
        page.fill("[name=passphrase]", passphrase_of(CALL_SIGNS[role]))
        page.locator("main form button").first.click()
        expect(page.locator("[name=passphrase]")).to_have_count(0)
        return page


@contextmanager
def room(address: str) -> Iterator[Room]:
    """Start one browser for everybody."""
    from playwright.sync_api import sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=str(CHROMIUM), args=list(_ARGS))
        try:
            yield Room(address, chromium)
        finally:
            chromium.close()


def press(page: Any, words: str, *, link: bool = False) -> None:
    """Press the first button, or follow the first link, of these words on the page itself."""
    told = page.locator("main").get_by_role("link" if link else "button", name=words).first
    told.click()


def go(page: Any, words: str) -> None:
    """Follow a link of the page."""
    press(page, words, link=True)


def menu(page: Any, words: str) -> None:
    """Go to a place of the menu, unfolding it where the screen is small."""
    fold = page.locator("header details.fold > summary")
    if fold.is_visible():
        fold.click()
    page.get_by_role("navigation").get_by_role("link", name=words, exact=True).locator("visible=true").first.click()
