"""The morning board: what is due, in order, by role, and what it says when nothing is."""

import re
import uuid
from datetime import timedelta

import pytest

from tests.networks import Network, Time
from veil.casework import clock, today, world
from veil.casework.due import Due, Weight
from veil.casework.network.roles import Role


def _due(weight: Weight, hours: float, kind: str, page: str = "house") -> Due:
    return Due(weight, clock.now() + timedelta(hours=hours), kind, "K7Q-2MX", page, uuid.uuid4())


def _board(network: Network, monkeypatch: pytest.MonkeyPatch, due: list[Due], address: str = "/") -> str:
    browser = network.browser(Role.COORDINATOR)
    monkeypatch.setattr(today, "today", lambda _hand, _now: due)
    monkeypatch.setattr(today, "alarms", lambda _hand, _now: [one for one in due if one.weight == Weight.ALARM])
    told: str = browser.get(address).content.decode()
    return told


def test_the_worst_comes_first(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alarms stand before what is due today, that in the order of its hours, and before what comes later."""
    with world.within(network.hand(Role.COORDINATOR).store):
        due = [
            _due(Weight.SOON, 60, "fifth"),
            _due(Weight.TODAY, 2, "fourth"),
            _due(Weight.URGENT, -1, "second"),
            _due(Weight.ALARM, 1, "first"),
            _due(Weight.TODAY, 1, "third"),
        ]
    page = _board(network, monkeypatch, due)
    found = re.findall(r'class="what">(\w+)', page)
    assert found == ["First", "Second", "Third", "Fourth", "Fifth"]
    assert page.count("1 h late") == 1
    assert page.count('href="/houses/') >= 5


def test_a_new_alarm_is_heard_once(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """A board that looks again says a new alarm to whoever listens, and says it no more when it was heard."""
    with world.within(network.hand(Role.COORDINATOR).store):
        due = [_due(Weight.ALARM, 0, "alarm")]
    said = '<div id="heard" class="hidden" role="alert">One alarm</div>'
    assert said not in _board(network, monkeypatch, due)
    page = _board(network, monkeypatch, due, "/?again=1&heard=0-0")
    assert said in page
    heard = re.search(r"heard=(1-\d+)", page)
    assert heard is not None
    assert said not in _board(network, monkeypatch, due, f"/?again=1&heard={heard[1]}")


def test_only_one_part_of_the_work_but_every_alarm(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter leaves the lines of one part; alarms of all parts stay."""
    with world.within(network.hand(Role.COORDINATOR).store):
        due = [_due(Weight.TODAY, 1, "bed"), _due(Weight.TODAY, 1, "risk", "case"), _due(Weight.ALARM, 0, "alarm")]
    page = _board(network, monkeypatch, due, "/?only=cases")
    assert re.findall(r'class="what">(\w+)', page) == ["Alarm", "Risk"]


def test_a_quiet_day_is_said_to_be_one(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without anything due the board says so; a line whose page does not exist is shown without a link."""
    assert "Nothing is due today" in _board(network, monkeypatch, [])
    with world.within(network.hand(Role.COORDINATOR).store):
        lost = _due(Weight.TODAY, 1, "lost", "no such page")
    assert "Lost" in _board(network, monkeypatch, [lost])


def test_an_alarm_is_seen_on_every_page(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever page is open, a strip says that an alarm waits; the board itself shows the alarm instead."""
    with world.within(network.hand(Role.COORDINATOR).store):
        due = [_due(Weight.ALARM, 0, "alarm")]
    assert "look at it now" in _board(network, monkeypatch, due, "/houses/")
    assert "look at it now" not in _board(network, monkeypatch, due)


def test_a_clock_that_was_set_back_is_told(network: Network, time_passes: Time) -> None:
    """Where the machine's clock is behind what was already seen, every page says so and by how much."""
    browser = network.browser(Role.COORDINATOR)
    time_passes.go(hours=-3.5)
    assert "clock was set back by 3" in browser.get("/").content.decode().replace("\xa0", " ")


@pytest.mark.parametrize("role", Role)
def test_the_first_page_after_the_lock_is_open_to_everybody(network: Network, role: Role) -> None:
    """Nobody comes in to be told that the page is not open to them; a custodian of any role is asked there."""
    assert network.browser(role).get("/").status_code == 200
