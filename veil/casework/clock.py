"""The time, never going back: a computer's clock that was set back must not silence an alarm.

Nor does it leap ahead (see `hours`): one that did must not destroy what the network keeps.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

from veil.casework import hours, world
from veil.casework.network.models import World

_SLACK = timedelta(minutes=5)
_as_of: ContextVar[datetime | None] = ContextVar("as of", default=None)
_pace: ContextVar[Callable[[], timedelta] | None] = ContextVar("pace", default=None)


def now() -> datetime:
    """Return the later of the machine's time and the last time at which anything was written here."""
    told, last = _as_of.get() or hours.believed(_told()), _latest()
    return max(told, last) if last else told


def note() -> datetime:
    """Remember the present time as the latest that was seen, and return it."""
    at = now()
    World.objects.update(latest=at)
    world.noted()["latest"] = at
    pace = _pace.get()
    if pace is not None:  # nobody does two things in one instant
        _as_of.set(min(at + pace(), max(at, hours.believed(_told()))))
    return at


def set_back() -> timedelta | None:
    """Return by how much the machine's clock is behind what was already seen, or None where it is not."""
    last = _latest()
    behind = (last - _told()) if last else timedelta(0)
    return behind if behind > _SLACK else None


def ahead() -> timedelta | None:
    """Return by how much the machine's clock leapt ahead, or None where it is believed."""
    return hours.ahead(_told())


def told() -> datetime:
    """Return what the machine's clock says, right or wrong."""
    return _told()


def in_doubt() -> bool:
    """Tell whether the machine's clock is not what it should be: what it says of a check-in is not relied on."""
    return set_back() is not None or ahead() is not None


def today() -> date:
    """Return the day; for whoever is in no world."""
    return hours.believed(_told()).date()


def set_right() -> None:
    """Go on, in the present world, from the time that the machine tells now, whatever was seen before."""
    at = _told()
    hours.believe(at)
    World.objects.update(latest=at)
    world.noted()["latest"] = at


@contextmanager
def at(moment: datetime, pace: Callable[[], timedelta] | None = None) -> Iterator[None]:
    """Write, until the block ends, as it would have been written at a moment; never before what was seen already.

    With a `pace` time goes on by as much as it says after each thing that is done, up to the present.
    """
    token, paced = _as_of.set(moment), _pace.set(pace)
    try:
        yield
    finally:
        _pace.reset(paced)
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
