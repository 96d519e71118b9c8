"""The story of a worker who is forced, in a real browser: the second passphrase, the alarm, and the way out."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.networks import Network, passphrase_of
from tests.web.browser import chromium, log_in, needs_chromium, served
from veil.casework import clock, world
from veil.casework.network import coercion
from veil.casework.network.roles import Role
from veil.web import door

pytestmark = needs_chromium
SECOND = "marble ferry lantern oyster quilt raven"
VIRTUAL = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "hasPrf": True,
}
CANARY = "zhuravlik-quxxotl"


def leave(page: Any) -> None:
    """Take the way out, and be there: else going on could be overtaken by it."""
    page.click("form.exit button")
    page.wait_for_selector("text=There are no notes yet.")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_worker_coerced(network: Network, tmp_path: Path, scripts: bool) -> None:
    """She sets a second passphrase, is forced, gives it; the coordinator's board rings; her keys are taken back."""
    with served() as address, chromium(tmp_path / "hers", scripts=scripts) as context:
        page = context.new_page()
        log_in(page, address, Role.OPERATOR)
        page.goto(address + "/network/i")
        page.fill("#own", passphrase_of("Wren"))
        page.fill("#other", SECOND)
        page.fill("#other2", SECOND)
        page.click("text=Set it")
        page.wait_for_selector("[role=status]")
        leave(page)
        assert not door._sessions

        log_in(page, address, Role.OPERATOR, SECOND)
        page.wait_for_url(address + "/")
        assert "Wren" in page.content()
        forced = page.content()
        for word in ("forced", "decoy", "alarm"):
            assert word not in forced.casefold()

        with chromium(tmp_path / "the coordinator's") as other:
            board = other.new_page()
            log_in(board, address, Role.COORDINATOR)
            board.wait_for_selector("text=One alarm")
            hand = network.hand(Role.COORDINATOR)
            with world.within(hand.store):
                (due,) = coercion.due(hand, clock.now())
            board.goto(address + reverse(due.page, args=[due.what]))
            board.wait_for_selector("text=Wren is being forced")
            assert "Do not call" in board.content()
            with world.within(hand.store):
                coercion.forget_worker(hand, network.worker(Role.OPERATOR))
            board.click("text=We have done this")
            board.wait_for_url(address + "/")
            assert "One alarm" not in board.content()
        page.goto(address + "/requests/")
        assert page.url.endswith("/requests/")  # nothing falls shut before the eyes of those who forced it


def test_nothing_stays_in_the_browser(network: Network, tmp_path: Path) -> None:
    """After typing, reading, the way out and closing, no file of the browser's profile holds a word or a title."""
    from veil.casework.requests import entry

    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        request = entry.enter(hand, {"happened": f"{CANARY} was read", "safe": f"{CANARY} after six"})
    with served() as address, chromium(tmp_path / "profile") as context:
        page = context.new_page()
        log_in(page, address, Role.COORDINATOR)
        page.goto(f"{address}/requests/{request.id}")
        assert CANARY in page.content()
        page.goto(address + "/requests/new")
        for field in page.query_selector_all("main input[type=text], main textarea"):
            field.fill(f"{CANARY} was typed")
        assert page.title() == "Notes"
        page.goto(f"{address}/requests/{request.id}")
        out = page.get_by_text("There are no notes yet.")
        for _again in range(12):  # twice within seven tenths of a second, which a busy machine may miss
            page.keyboard.press("Escape")
            page.keyboard.press("Escape")
            with suppress(PlaywrightTimeout):
                out.wait_for(timeout=5_000)
            if out.count():
                break
        assert out.count() == 1
        assert not door._sessions
        page.go_back()
        assert CANARY not in page.content()
    found = left_in(tmp_path / "profile")
    assert found == {}


def left_in(folder: Path) -> dict[str, list[str]]:
    """Return which of the words that nobody may find are in which files, in any of the ways a browser writes them."""
    # the call sign is one of five letters: one of four stands in some profile of ten megabytes by chance
    words = [CANARY, passphrase_of("Heron"), "Heron", "What happened?", "recognition"]
    forms = {word: [word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")] for word in words}
    found: dict[str, list[str]] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if hits := [word for word in words if any(form in data for form in forms[word])]:
                found[os.fspath(path.relative_to(folder))] = hits
    return found


def test_a_screen_that_nobody_sits_before_goes_dark(network: Network, address: str, browser: Any) -> None:
    """What stood unsent in it is sealed first, and offered after unlocking."""
    hand = network.hand(Role.COORDINATOR)
    with world.within(hand.store):
        from veil.casework.network.models import World

        World.objects.update(settings=World.objects.get().settings | {"idle minutes": 1})
    page = browser.new_page()
    log_in(page, address, Role.OPERATOR)
    page.goto(address + "/requests/new")
    box = page.query_selector("main textarea") or page.query_selector("main input[type=text]")
    box.fill(f"{CANARY} was typed and never sent")
    page.evaluate("() => { const real = Date.now; Date.now = () => real() + 61000; }")
    page.wait_for_url(address + "/unlock")
    assert not [one for one in door._sessions.values() if one.hand.call_sign == "Wren"]
    page.fill("[name=call_sign]", "Wren")
    page.fill("[name=passphrase]", passphrase_of("Wren"))
    page.click("main form button.large")
    page.wait_for_url(address + "/again")
    assert CANARY in page.content()


def test_a_security_key_is_set_up_and_needed(network: Network, address: str, browser: Any) -> None:
    """Set up on one's own page with a touch, needed from then on beside the passphrase; the second one needs none."""
    hand = network.hand(Role.HOST)
    with world.within(hand.store):
        coercion.set_decoy(hand, passphrase_of("Martin"), SECOND, Role.HOST)
    address = address.replace("127.0.0.1", "localhost")
    page = browser.new_page()
    devtools = browser.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL})
    log_in(page, address, Role.HOST)
    page.goto(address + "/network/i")
    for button in ("Set up a key", "Need the key from now on"):
        form = page.locator("form", has=page.get_by_role("button", name=button))
        form.get_by_role("button", name="Use a security key").click()
        form.get_by_text("The security key has answered.").wait_for()
        if button.startswith("Need"):
            form.locator("[name=passphrase]").fill(passphrase_of("Martin"))
        form.get_by_role("button", name=button).click()
        page.wait_for_load_state()
    page.wait_for_selector("text=It is set.")
    leave(page)
    log_in(page, address, Role.HOST)
    page.wait_for_selector("text=The vault did not open")
    page.fill("[name=passphrase]", passphrase_of("Martin"))
    page.get_by_role("button", name="Use a security key").click()
    page.get_by_text("The security key has answered.").wait_for()
    page.click("main form button.large")
    leave(page)
    log_in(page, address, Role.HOST, SECOND)
    page.wait_for_selector("form.exit")
