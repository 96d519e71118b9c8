"""The hours that people here live by: a check-in at nine is at nine by the clock on the wall."""

import os
import time
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_LINK = Path("/etc/localtime")
_PARTS = {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}


def here(link: Path = _LINK) -> str:
    """Return the time zone of this machine, by name where it has one, else by its hours from Greenwich."""
    for told in (os.environ.get("TZ", ""), str(link.resolve()).rpartition("zoneinfo/")[2]):
        if _is_known(told):
            return told
    hours = round(-time.timezone / 3600)
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


def names() -> list[str]:
    """Return the places that this machine knows the hours of, and its own."""
    told = {name for name in zoneinfo.available_timezones() if name.partition("/")[0] in _PARTS}
    return sorted(told | {here(), "UTC"})


def of(settings: Mapping[str, Any]) -> str:
    """Return the place that a network chose, or this machine's where it chose none that is known here."""
    told = str(settings.get("zone", ""))
    return told if _is_known(told) else here()


def of_this_world() -> zoneinfo.ZoneInfo:
    """Return the hours of the network whose world is worked in; before it is made, this machine's."""
    from veil.casework import world
    from veil.casework.network.models import World

    row = World.objects.values_list("settings", "latest").first()
    settings, latest = row or ({}, None)
    world.noted()["latest"] = latest  # every page asks the clock: one question less
    return zoneinfo.ZoneInfo(of(settings))


def _is_known(name: str) -> bool:
    try:
        return bool(name) and bool(zoneinfo.ZoneInfo(name))
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
