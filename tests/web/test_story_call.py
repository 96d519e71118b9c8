"""A hotline call to a bed in a house, in a real browser: what the people of one network do, page by page."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.networks import Network
from tests.web.browser import needs_chromium
from tests.web.stories import Room, go, menu, press, room
from veil.casework import world
from veil.casework.houses import shelter
from veil.casework.network.roles import Role
from veil.casework.requests import gate, intake

pytestmark = needs_chromium

SAID = {"rules": "Curtains closed.", "ambulance": "Walk to the next street first.", "address": "14 Invented Lane"}
CALM, DURESS = "The soup was good today", "I have run out of salt"


@pytest.fixture
def house(network: Network) -> str:
    """Give the network a house and an open form, and return the house's code."""
    heron = network.hand(Role.COORDINATOR)
    with world.within(heron.store):
        intake.open_form(heron)
        return str(shelter.make_house(heron, network.worker(Role.HOST), 3, SAID).code)


def test_a_hotline_call_to_a_bed_in_a_house(address: str, house: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call becomes a case, a case a move, the move a stay with a check-in; in the end the board is quiet."""
    monkeypatch.setattr(gate, "LEAST_AGE_S", 0)
    with room(address) as told:
        writes_by_keyboard(told)
        wren, heron, plover = (told.worker(role) for role in (Role.OPERATOR, Role.COORDINATOR, Role.CASE_WORKER))
        takes_a_call(wren)
        accepts(heron)
        fills_in_the_case(plover)
        finds_it_credible(heron)
        plans_the_extraction(heron)
        they_go(heron, plover)
        a_bed(heron, house)
        a_sign_of_life(plover, house)
        answers_the_letter(wren)
        a_quiet_board(heron)


def writes_by_keyboard(told: Room) -> None:
    """Somebody writes through the public form without touching a mouse, and gets a receipt."""
    page = told.stranger()
    page.goto(told.address + "/ask/")
    reach(page, "happened")
    page.keyboard.type("My aunt said that you help.")
    page.keyboard.press("Tab")
    for _field in range(40):
        if page.evaluate("document.activeElement.type") == "submit":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".receipt li")).to_have_count(8)


def reach(page: Any, name: str) -> None:
    """Go on by the Tab key until a field has the focus."""
    for _field in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(f"the Tab key never comes to {name}")


def takes_a_call(wren: Any) -> None:
    """The operator writes down a call, screens it and says how soon; what came by the form waits in the queue."""
    menu(wren, "Requests")
    expect(wren.locator("main a.code")).to_have_count(1)
    go(wren, "New call")
    wren.fill("[name=talk]", "in the kitchen, whispers")
    wren.fill("[name=safe]", "after ten")
    wren.fill("[name=ours]", "Is the ferry late?")
    wren.fill("[name=theirs]", "Only on Sundays")
    wren.fill("[name=happened]", "Sleeps in a boat shed; it is getting cold.")
    press(wren, "Save")
    go(wren, "Where to call back")
    wren.fill("[name=where]", "the borrowed phone")
    press(wren, "Save")
    go(wren, "Screening")
    wren.fill("[name=weighed]", "frightened, not rehearsed")
    press(wren, "Screened: save")
    go(wren, "Triage")
    wren.select_option("[name=urgency]", "tonight")
    wren.select_option("[name=second]", label="Heron")
    press(wren, "Triaged: save")
    expect(wren.locator("main")).to_contain_text("triaged")


def accepts(heron: Any) -> None:
    """The coordinator sees on the board that a second look is owed, and opens a case for the case worker."""
    menu(heron, "Today")
    heron.locator("main .due li", has_text="Second look").get_by_role("link").click()
    go(heron, "Answer")
    heron.select_option("[name=worker]", label="Plover")
    press(heron, "Accept and open a case")
    expect(heron.locator("main")).to_contain_text("verification")


def fills_in_the_case(plover: Any) -> None:
    """The case worker lets the person choose an alias, assesses the risk, asks for consent, finds it credible."""
    menu(plover, "Cases")
    plover.locator("main a[href*='/cases/']:not([href$=new])").first.click()
    expect(plover.locator("main")).to_contain_text("boat shed")
    go(plover, "Choose an alias")
    plover.locator("main button[name=alias]").first.click()
    go(plover, "ask for consent to casework")
    expect(plover.locator("main")).to_contain_text("May we work for you")
    plover.locator("[name=answer]").first.check()
    plover.select_option("[name=giver]", "themselves")
    press(plover, "Write down the answer")
    go(plover, "Assess the risk")
    plover.fill("[name=threats]", "an uncle with a car")
    for name in ("threat", "vulnerability", "capacity"):
        plover.select_option(f"[name={name}]", "2")
    press(plover, "Save")
    credible(plover)


def to_the_case(page: Any) -> None:
    """Come to the page of the only case."""
    if not re.search(r"/cases/[0-9a-f-]{36}$", page.url):
        menu(page, "Cases")
        page.locator("main a[href*='/cases/']:not([href$=new])").first.click()


def credible(page: Any) -> None:
    """Find the story credible."""
    go(page, "two workers decide whether the story is credible")  # tonight: an emergency, and owed all the same
    page.select_option("[name=finding]", "credible")
    page.fill("[name=reasons]", "everyday details fit")
    press(page, "This is my finding")


def finds_it_credible(heron: Any) -> None:
    """The second voice is owed on the coordinator's board; then the case is accepted."""
    menu(heron, "Today")
    heron.locator("main .due li", has_text="second voice").get_by_role("link").click()
    credible(heron)
    to_the_case(heron)
    press(heron, "Accepted")
    press(heron, "Extraction planned")


def plans_the_extraction(heron: Any) -> None:
    """Two teams for one extraction: one distracts, one brings out."""
    go(heron, "Plan a move")
    heron.select_option("[name=kind]", "extraction")
    heron.fill("[name=story]", "two cousins on the way to a wedding")
    press(heron, "Save")
    for meet, sign, part in (("under the clock", "Plover", "distraction"), ("at the bakery", "Heron", "extraction")):
        go(heron, "Add a leg")
        heron.fill("[name=meet]", meet)
        press(heron, "Save")
        heron.fill("[name=sign]", sign)
        heron.select_option("[name=part]", part)
        press(heron, "Put in the team")
        go(heron, "The whole plan")
    press(heron, "The plan is ready")
    for line in heron.locator("[name=tick]").all():
        line.check()
    press(heron, "I say go")
    expect(heron.locator("main")).to_contain_text("Said go: Heron")


def they_go(heron: Any, plover: Any) -> None:
    """A second person says go; each team sets out and arrives from the page of its own leg."""
    menu(plover, "Moves")
    plover.locator("main ul a.code").first.click()
    press(plover, "I say go")
    go(plover, "Leg 1")
    press(plover, "We set out")
    press(plover, "This leg is over")
    menu(heron, "Moves")
    go(heron, "Leg 2")
    press(heron, "We set out")
    press(heron, "This leg is over")
    go(heron, "The whole plan")
    expect(heron.locator("main")).to_contain_text("destroys itself")


def a_bed(heron: Any, house: str) -> None:
    """The coordinator places them in the house, and the case is sheltered."""
    to_the_case(heron)
    go(heron, "Find a bed")
    heron.fill("[name=who]", "one adult")
    heron.locator("[name=house]").first.check()
    press(heron, "Give them these beds")
    expect(heron.locator("main")).to_contain_text("sheltered since")
    expect(heron.locator("main")).to_contain_text(house)


def a_sign_of_life(plover: Any, house: str) -> None:
    """The case worker reads the rules with them, agrees on two sentences, and hears the calm one."""
    to_the_case(plover)
    go(plover, house)
    press(plover, "I have read this with them")
    to_the_case(plover)
    go(plover, "Agree on a check-in")
    plover.fill("[name=due]", (datetime.now(UTC) + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M"))
    plover.fill("[name=calm]", CALM)
    plover.fill("[name=duress]", DURESS)
    press(plover, "Save")
    menu(plover, "Check-ins")
    press(plover, CALM)
    expect(plover.locator("main")).to_contain_text("Answered")


def answers_the_letter(wren: Any) -> None:
    """What came by the public form gets its answer too."""
    menu(wren, "Requests")
    press(wren, "I take this call")
    go(wren, "Answer")
    wren.locator("form", has=wren.locator("[value=decline]")).locator("[name=reason]").select_option("outside")
    press(wren, "Declined: save")


def a_quiet_board(heron: Any) -> None:
    """In the morning nothing is due."""
    menu(heron, "Today")
    expect(heron.locator("main")).to_contain_text("Nothing is due today")
