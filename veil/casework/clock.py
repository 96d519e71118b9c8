"""The time, never going back: a computer's clock that was set back must not silence an alarm."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from veil.casework import world
from veil.casework.network.models import World

_SLACK = timedelta(minutes=5)
_as_of: ContextVar[datetime | None] = ContextVar("as of", default=None)


def now() -> datetime:
    """Return the later of the machine's time and the last time at which anything was written here."""
    told, last = _as_of.get() or _told(), _latest()
    return max(told, last) if last else told


def note() -> datetime:
    """Remember the present time as the latest that was seen, and return it."""
    at = now()
    World.objects.update(latest=at)
    world.noted()["latest"] = at
    return at


def set_back() -> timedelta | None:
    """Return by how much the machine's clock is behind what was already seen, or None where it is not."""
    last = _latest()
    behind = (last - _told()) if last else timedelta(0)
    return behind if behind > _SLACK else None


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Write, until the block ends, as it would have been written at a moment; never before what was seen already."""
    token = _as_of.set(moment)
    try:
        yield
    finally:
        _as_of.reset(token)


def _latest() -> datetime | None:
    # asked for dozens of times for one page; what others write meanwhile is later, and does not matter to this page
    noted = world.noted()
    if noted.get("latest") is None:
        noted["latest"] = World.objects.values_list("latest", flat=True).first()
    last: datetime | None = noted["latest"]
    return last


def _told() -> datetime:
    return datetime.fromtimestamp(time.time(), tz=UTC)
