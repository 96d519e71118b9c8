"""The hours that people here live by: a check-in at nine is at nine by the clock on the wall."""

import os
import time
import zoneinfo
from pathlib import Path

_LINK = Path("/etc/localtime")


def here(link: Path = _LINK) -> str:
    """Return the time zone of this machine, by name where it has one, else by its hours from Greenwich."""
    for told in (os.environ.get("TZ", ""), str(link.resolve()).rpartition("zoneinfo/")[2]):
        if _is_known(told):
            return told
    hours = round(-time.timezone / 3600)
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


def _is_known(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return bool(name)
