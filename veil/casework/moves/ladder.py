"""The ladder of a missed check-in: which step is due, told from stored times alone, without network or memory."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veil.casework.due import Weight
from veil.errors import VeilError

Steps = tuple[tuple[int, str], ...]

STEPS = {
    "again": gettext_lazy("Call again"),
    "second": gettext_lazy("Try the second channel"),
    "coordinator": gettext_lazy("Tell a coordinator"),
    "near": gettext_lazy("Ask the trusted person near by"),
    "incident": gettext_lazy("Open the incident playbook"),
}
USUAL: Steps = ((0, "again"), (15, "second"), (30, "coordinator"), (60, "near"), (120, "incident"))
_MOST_STEPS = 12
_LONGEST_MIN = 24 * 60
_DAY_MIN = 24 * 60
AHEAD = timedelta(hours=24)  # how far the board looks
_DOUBT = AHEAD  # what falls due within this is called now, if the clock cannot be believed


@dataclass(frozen=True)
class Watch:
    """What is known of one check-in: it is all that the ladder looks at."""

    due: datetime
    grace: timedelta
    steps: Steps = USUAL
    waiting: bool = True  # nobody has answered yet
    seen: frozenset[int] = frozenset()  # rungs that somebody has taken in hand


@dataclass(frozen=True)
class Rung:
    """One step of a ladder, and whether it is reached."""

    place: int
    step: str
    at: datetime
    reached: bool
    seen: bool


def checked(steps: Iterable[Iterable[object]]) -> Steps:
    """Return the steps in order of time; raise `VeilError` unless they begin at once and reach a coordinator."""
    told = sorted((int(str(minutes)), str(step)) for minutes, step in steps)
    names = [step for _minutes, step in told]
    times = [minutes for minutes, _step in told]
    if not told or len(told) > _MOST_STEPS or times[0] != 0 or times[-1] > _LONGEST_MIN or not set(names) <= set(STEPS):
        raise VeilError(
            _("these steps cannot be used"),
            _("let the first one come at once (0 minutes), and the last one within a day"),
        )
    if "coordinator" not in names:
        raise VeilError(_("nobody would be told"), _("keep the step that tells a coordinator"))
    return tuple(told)


def missed(watch: Watch, now: datetime) -> bool:
    """Tell whether the grace is over and nobody has answered."""
    return watch.waiting and now >= watch.due + watch.grace


def rungs(watch: Watch, now: datetime) -> tuple[Rung, ...]:
    """Return every rung in order: those reached come first, and a later hour never takes one back."""
    start = watch.due + watch.grace
    return tuple(
        Rung(
            place=place,
            step=step,
            at=start + timedelta(minutes=minutes),
            reached=watch.waiting and now >= start + timedelta(minutes=minutes),
            seen=place in watch.seen,
        )
        for place, (minutes, step) in enumerate(watch.steps)
    )


def next_rung(watch: Watch, now: datetime) -> Rung | None:
    """Return the first rung that is reached and that nobody has taken in hand."""
    return next((rung for rung in rungs(watch, now) if rung.reached and not rung.seen), None)


def reaches(watch: Watch, now: datetime, step: str) -> bool:
    """Tell whether the ladder has come to a step."""
    return any(rung.reached and rung.step == step for rung in rungs(watch, now))


def weight(watch: Watch, now: datetime, doubt: bool = False) -> Weight | None:
    """Return how much a check-in matters now; None once it is answered.

    `doubt`: the machine's clock was set back, so nobody knows how late it is; what is near is an alarm.
    """
    if not watch.waiting:
        return None
    if doubt and watch.due - now <= _DOUBT:
        return Weight.ALARM
    if missed(watch, now):
        return Weight.ALARM if next_rung(watch, now) else Weight.URGENT
    if now >= watch.due:
        return Weight.URGENT
    return Weight.TODAY if watch.due - now <= timedelta(hours=12) else Weight.SOON


def following(first: datetime, every_min: int, after: datetime, zone: tzinfo = UTC) -> datetime:
    """Return the first time after `after` of those that repeat from `first`.

    Whole days keep the hour on the wall, through the nights when the clocks change; other spans keep their length.
    """
    if every_min % _DAY_MIN:
        return first + timedelta(minutes=every_min) * max(1, (after - first) // timedelta(minutes=every_min) + 1)
    wall = first.astimezone(zone).replace(tzinfo=None)
    days = every_min // _DAY_MIN
    count = max(1, (after - first).days // days - 1)
    while (told := _from_wall(wall + timedelta(days=days * count), zone)) <= after:
        count += 1
    return told


def taken(watch: Watch, place: int) -> Watch:
    """Return what is known once somebody has a rung in hand; the others stay as they are."""
    return replace(watch, seen=watch.seen | {place})


def _from_wall(wall: datetime, zone: tzinfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)
