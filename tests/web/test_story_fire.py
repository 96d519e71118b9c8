"""A house burned at night, in a real browser and in Russian: the host on a telephone, without scripts."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext as _
from playwright.sync_api import expect

from tests.networks import Network, passphrase_of
from tests.web.browser import needs_chromium
from tests.web.stories import PHONE, go, menu, press, room
from veil.casework import world
from veil.casework.cases.opening import open_case
from veil.casework.houses import shelter, stays
from veil.casework.houses.models import House, Stay
from veil.casework.moves.models import CheckIn
from veil.casework.network import opening
from veil.casework.network.models import Compartment
from veil.casework.network.roles import Kind, Role

pytestmark = needs_chromium

SAID = {"rules": "Curtains closed.", "ambulance": "Walk to the next street first.", "address": "14 Invented Lane"}


@dataclass(frozen=True)
class Night:
    """A house with two stays, another one of another host, and the world that they are in."""

    store: str
    burns: uuid.UUID
    code: str
    other: uuid.UUID
    case: uuid.UUID


@pytest.fixture
def night(network: Network) -> Night:
    """Let people of two cases sleep in one house."""
    heron = network.hand(Role.COORDINATOR)
    with world.within(heron.store):
        other_host = opening.join(heron, opening.Member("Dunnock", passphrase_of("Dunnock"), Role.HOST))
        burns = shelter.make_house(heron, network.worker(Role.HOST), 4, SAID)
        other = shelter.make_house(heron, other_host, 6, SAID)
        holders = [network.worker(Role.CASE_WORKER), network.worker(Role.COORDINATOR)]
        cases = [open_case(heron, None, holders).id for _case in range(2)]
        for case, beds in zip(cases, (3, 1), strict=True):
            stays.place(heron, case, burns.id, beds, said={"who": "people"})
    return Night(heron.store, burns.id, burns.code, other.id, cases[0])


@pytest.fixture
def _russian(network: Network) -> Iterator[None]:  # noqa: ARG001  (it begins in no language)
    with translation.override("ru"):
        yield


@pytest.mark.usefixtures("_russian")
def test_a_house_burned_at_night(address: str, night: Night) -> None:
    """The host's one press is an alarm on the board; one click burns the house, one moves everybody, all are told."""
    with room(address) as told:
        martin = told.worker(Role.HOST, "ru", scripts=False, size=PHONE)
        heron = told.worker(Role.COORDINATOR, "ru")
        two_men_at_the_door(martin)
        gives_the_house_up(heron, night)
        everybody_has_a_bed(heron, night)
        all_are_told(heron)
        nothing_leads_there(martin, address, night)
    with world.within(night.store):
        assert House.objects.get(id=night.burns).state == "burned"
        assert set(Stay.objects.values_list("house", "state")) == {(night.other, "staying")}
        assert not Compartment.objects.filter(owner=night.burns, kind=Kind.HOUSE).exists()
        assert CheckIn.objects.filter(root=night.case, state="waiting").count() == 2


def two_men_at_the_door(martin: Any) -> None:
    """The host finds the house and presses once; the telephone says what to do, in large words."""
    menu(martin, _("Houses"))
    martin.locator("main a.code").first.click()
    press(martin, _("Two men at the door"))
    expect(martin.locator("main h1")).to_contain_text(_("Two men at the door"))
    first = _("Do not open and do not answer. Away from door and windows, shoes on.")
    expect(martin.locator("main ol li").first).to_contain_text(first)
    assert martin.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def gives_the_house_up(heron: Any, night: Night) -> None:
    """The coordinator sees the alarm, opens the playbook, goes on to the house and burns it."""
    menu(heron, _("Today"))
    alarm = heron.locator("main section.danger .due li").first
    expect(alarm).to_contain_text(_("Two men at the door"))
    expect(alarm).to_contain_text(night.code)
    alarm.get_by_role("link").click()
    heron.locator("#s-burned").get_by_role("link", name=_("Open that page")).click()
    go(heron, _("Burned…"))
    press(heron, _("Yes, it is burned"))


def everybody_has_a_bed(heron: Any, night: Night) -> None:
    """Each stay has a bed proposed; one press moves all."""
    expect(heron.locator("main select")).to_have_count(2)
    press(heron, _("Move them there tonight"))
    expect(heron.locator("main h1")).to_contain_text(_("Everybody has another bed."))
    press(heron, _("Expect these check-ins"))
    expect(heron).to_have_url(heron.url.split("/houses/")[0] + f"/houses/{night.burns}")


def all_are_told(heron: Any) -> None:
    """Everybody who knew the house is told, one after the other."""
    untold = heron.locator("main form[action*='/told/'] button")
    expect(untold.first).to_be_visible()
    for left in reversed(range(untold.count())):
        untold.first.click()
        expect(untold).to_have_count(left)  # the page after the click, before the next one
    press(heron, _("Close the incident"), link=True)
    press(heron, _("Close it"))
    expect(heron.locator("main .badge.danger")).to_have_count(1)  # the host's alarm and the fire: one is closed


def nothing_leads_there(martin: Any, address: str, night: Night) -> None:
    """Neither the host nor anybody else can read any more where the house was."""
    menu(martin, _("Houses"))
    expect(martin.locator(f"main a[href='/houses/{night.burns}']")).to_have_count(0)
    answer = martin.goto(f"{address}/houses/{night.burns}/address")
    assert answer.status in {403, 404}
    expect(martin.locator("body")).not_to_contain_text("Invented Lane")
