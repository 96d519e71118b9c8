"""The hours of the day are those of the machine's own place."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from tests.networks import Network
from veil.casework import zone
from veil.casework.network.roles import Role
from veil.web.pages import network_places


@pytest.mark.parametrize("told", ["Europe/Vilnius", "Asia/Yekaterinburg", "UTC"])
def test_the_place_is_read_from_the_machine(told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The zone is the one that the system's link or the environment names."""
    monkeypatch.setenv("TZ", told)
    assert zone.here() == told
    monkeypatch.setenv("TZ", "nowhere at all")
    (tmp_path / "zoneinfo").mkdir()
    place = tmp_path / "zoneinfo" / told
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    (tmp_path / "localtime").symlink_to(place)
    assert zone.here(tmp_path / "localtime") == told


@pytest.mark.parametrize(("west_s", "told"), [(-10800, "Etc/GMT-3"), (18000, "Etc/GMT+5"), (0, "UTC")])
def test_without_a_name_the_hours_count(
    west_s: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system names no place, the zone is that many hours from Greenwich, with the sign that POSIX gives."""
    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.setattr("time.timezone", west_s)
    assert zone.here(tmp_path / "no link") == told


@pytest.mark.parametrize(("language", "said"), [("en", "Yekaterinburg"), ("ru", "Екатеринбург")])
def test_places_of_the_field_are_named_in_the_readers_language(language: str, said: str) -> None:
    """Each that has a name stands first and once, in the order of the alphabet; all others stay to be chosen."""
    with translation.override(language):
        (_head, named), (_other_head, others) = network_places.choices()
    names = dict(named)
    assert names["Asia/Yekaterinburg"] == said
    assert list(names.values()) == sorted(names.values())
    assert set(names) <= set(zone.names())
    assert sorted([*names, *dict(others)]) == zone.names()
    latin = {name for name, told in names.items() if told.isascii()}
    assert latin == (set(names) if language == "en" else set())


def test_the_settings_page_keeps_a_place_that_has_a_name(network: Network) -> None:
    """In Russian the settings offer it, and take it; one that is nowhere is refused."""
    browser = network.browser(Role.COORDINATOR, "ru")
    page = browser.get("/network/settings").content.decode()
    assert '<option value="Asia/Tbilisi">Тбилиси</option>' in page
    sent: dict[str, str] = dict(re.findall(r'name="([\w-]+)" value="(\d+)"', page))
    for place, status in (("Asia/Tbilisi", 302), ("Nowhere/Else", 400)):
        answer = browser.post("/network/settings", sent | {"zone": place, "second_look": "on"})
        assert answer.status_code == status
    assert '<option value="Asia/Tbilisi" selected>' in browser.get("/network/settings").content.decode()
