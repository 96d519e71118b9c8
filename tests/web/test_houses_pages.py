"""Houses in the browser: made, filled, burned in three taps; and their address on no page but its own."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.casework.houses.conftest import SAID, Board, board
from tests.networks import Network
from veil.casework import clock, world
from veil.casework.houses import stays
from veil.casework.houses.models import House, Stay
from veil.casework.network.models import AuditEvent
from veil.casework.network.roles import Role

__all__ = ["board"]

_NEW = SAID | {"capacity": "3", "address": "14 Invented Lane"}


def _text(client: Any, address: str) -> str:
    told: str = client.get(address).content.decode()
    return told


def test_a_house_is_made_filled_and_emptied(network: Network, board: Board) -> None:
    """Through the pages: a house, two people in it for two weeks, the host is told how many, and they leave."""
    chief, host = network.browser(Role.COORDINATOR), network.browser(Role.HOST)
    with world.within(board.chief.store):
        host_id, case = network.worker(Role.HOST).id, board.case()
    made = chief.post("/houses/new", _NEW | {"host": str(host_id)})
    assert made.status_code == 302, made.content.decode()
    with world.within(board.chief.store):
        house = House.objects.get()
        until = (clock.now() + timedelta(days=14)).date().isoformat()
    told = {"beds": "2", "until": until, "house": str(house.id), "who": "two people, no names", "needs": ""}
    assert chief.post(f"/houses/place/{case}", told | {"beds": "4"}).status_code == 200
    assert chief.post(f"/houses/place/{case}", told).headers["Location"] == f"/cases/{case}"
    assert "two people, no names" in _text(host, f"/houses/{house.id}")
    assert str(case) not in _text(host, f"/houses/{house.id}")
    assert house.code in _text(chief, f"/cases/{case}")
    with world.within(board.chief.store):
        stay = Stay.objects.get()
    assert chief.post(f"/houses/stays/{stay.id}/end").status_code == 302
    assert "two people, no names" not in _text(host, f"/houses/{house.id}")


def test_a_fire_takes_three_taps(network: Network, board: Board) -> None:
    """From the houses: burned, yes, move them there; then everybody has another bed and the address is gone."""
    with world.within(board.chief.store):
        fire, other = board.house(3), board.house(4, board.join("Dunlin", Role.HOST))
        for beds in (2, 1):
            stays.place(board.chief, board.case(), fire.id, beds, said={"who": "people"})
    chief = network.browser(Role.COORDINATOR)
    assert f"/houses/{fire.id}/burned" in _text(chief, "/houses/")
    assert "Yes, it is burned" in _text(chief, f"/houses/{fire.id}/burned")
    then = str(chief.post(f"/houses/{fire.id}/burned").headers["Location"])
    page = _text(chief, then)
    form: dict[str, str] = dict(re.findall(r'name="(to-[-\w]+)">\s*<option value="([-\w]+)" selected', page))
    assert len(form) == 2
    assert set(form.values()) == {str(other.id)}
    assert "Everybody has another bed." in chief.post(then, form).content.decode()
    with world.within(board.chief.store):
        assert set(Stay.objects.values_list("house", flat=True)) == {other.id}
    assert network.browser(Role.HOST).get(f"/houses/{fire.id}").status_code == 403
    assert "Martin is told" in _text(chief, f"/houses/{fire.id}")


def test_who_has_no_bed_comes_first(network: Network, board: Board) -> None:
    """Where no house has room the page says for how many, before anything else, and moves nobody."""
    with world.within(board.chief.store):
        fire = board.house(5)
        stays.place(board.chief, board.case(), fire.id, 4)
    chief = network.browser(Role.COORDINATOR)
    page = _text(chief, str(chief.post(f"/houses/{fire.id}/burned").headers["Location"]))
    assert "Still without a bed: 4 people" in page
    assert "Move them there" not in page


@pytest.mark.parametrize("role", Role)
def test_the_address_stands_on_one_page_only(network: Network, board: Board, role: Role) -> None:
    """For nobody is the address on another page than its own, and that page opens for its host and one coordinator."""
    with world.within(board.chief.store):
        house = board.house()
        stay = stays.place(board.chief, board.case(), house.id, 1)
    browser = network.browser(role)
    for page in ("", f"{house.id}", f"{house.id}/edit", f"{house.id}/burned", f"{house.id}/state", f"stays/{stay.id}"):
        assert SAID["address"] not in _text(browser, f"/houses/{page}")
    knows = role in {Role.COORDINATOR, Role.HOST}
    assert (SAID["address"] in _text(browser, f"/houses/{house.id}/where")) == knows


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.HOST])
def test_each_look_at_an_address_is_noted(network: Network, board: Board, role: Role) -> None:
    """On its own page, in the form that changes it, and where that form comes back: one event each."""
    with world.within(board.chief.store):
        house = board.house()
        looks = AuditEvent.objects.filter(act="address read", what=house.id)
        assert looks.count() == 0
    browser = network.browser(role)
    where = f"/houses/{house.id}/where"
    for number, ask in enumerate((browser.get, browser.get, browser.post), 1):
        at = where if number == 1 else f"{where}/edit"
        assert SAID["address"] in ask(at, {"address": SAID["address"]}).content.decode()
        with world.within(board.chief.store):
            assert looks.count() == number


@pytest.mark.parametrize("role", [one for one in Role if one != Role.COORDINATOR])
def test_only_coordinators_place(network: Network, board: Board, role: Role) -> None:
    """No other role makes a house, changes one, or moves anybody, whatever it sends."""
    with world.within(board.chief.store):
        house, case = board.house(), board.case()
        stay = stays.place(board.chief, case, house.id, 1)
    browser = network.browser(role)
    for page in (
        "new",
        f"place/{case}",
        f"{house.id}/edit",
        f"{house.id}/beds",
        f"{house.id}/state",
        f"{house.id}/rehome",
        f"{house.id}/told/{uuid.uuid4()}",
        *([] if role == Role.HOST else [f"{house.id}/pass-on"]),  # a host gives their own place
        f"stays/{stay.id}/until",
        f"stays/{stay.id}/move",
        f"stays/{stay.id}/end",
        "seen",
    ):
        assert browser.post(f"/houses/{page}", {"state": "full", "capacity": "9"}).status_code == 403, page
