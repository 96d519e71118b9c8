"""The hours of the day are those of the machine's own place."""

from pathlib import Path

import pytest

from veil.casework import zone


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
