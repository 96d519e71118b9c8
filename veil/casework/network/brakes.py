"""Brakes on infiltration: how many different records somebody may open, and baits that nobody should."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count
from django.utils.translation import gettext as _

from veil.casework import clock, world
from veil.casework.hand import Hand
from veil.casework.network.models import Opened, Worker, World
from veil.casework.network.opening import NETWORK
from veil.casework.network.roles import Kind
from veil.errors import VeilError

HOUR, DAY = 80, 300  # different records; a network may set its own
_BAITS = uuid.UUID(int=2)
_KEPT = timedelta(days=7)
_NEVER = datetime.min.replace(tzinfo=UTC)


class TooMany(VeilError):
    """More different records were opened than this work needs."""

    def __init__(self) -> None:
        super().__init__(
            _("you have opened very many different records in a short time"),
            _("what you opened already stays open to you; a coordinator can lift this on your page"),
        )


@dataclass(frozen=True)
class Limits:
    """How many different records one worker may open."""

    hour: int
    day: int


def limits() -> Limits:
    """Return the limits of this network."""
    told = World.objects.values_list("settings", flat=True).get().get("open", {})
    return Limits(int(told.get("hour", HOUR)), int(told.get("day", DAY)))


def check(hand: Hand, what: uuid.UUID) -> None:
    """Raise `TooMany` where another record would be more than this worker may open now."""
    now = clock.now()
    if _last(hand, what) > now - timedelta(days=1):
        return
    mine = Opened.objects.filter(worker_id=hand.id)
    allowed = limits()
    if _since(mine, now, hours=1) >= allowed.hour or _since(mine, now, hours=24) >= allowed.day:
        raise TooMany


def note(hand: Hand, what: uuid.UUID) -> None:
    """Remember for a few days that this worker opened a record; opening it again within the hour writes nothing."""
    now = clock.now()
    if _last(hand, what) > now - timedelta(hours=1):
        return
    Opened.objects.filter(at__lt=now - _KEPT).delete()
    Opened.objects.update_or_create(worker_id=hand.id, what=what, defaults={"at": now})
    world.noted().pop("opened", None)


def _last(hand: Hand, what: uuid.UUID) -> datetime:
    """Return when this worker last opened a record; both questions of one page are answered by one look."""
    asked: dict[tuple[uuid.UUID, uuid.UUID], datetime] = world.noted().setdefault("opened", {})
    if (hand.id, what) not in asked:
        rows = Opened.objects.filter(worker_id=hand.id, what=what).values_list("at", flat=True)
        asked[hand.id, what] = rows.first() or _NEVER
    return asked[hand.id, what]


def at_the_limit() -> list[uuid.UUID]:
    """Return the workers who have reached a limit."""
    now, allowed = clock.now(), limits()
    found: set[uuid.UUID] = set()
    for hours, most in ((1, allowed.hour), (24, allowed.day)):
        rows = Opened.objects.filter(at__gt=now - timedelta(hours=hours)).values("worker")
        found.update(rows.annotate(n=Count("id")).filter(n__gte=most).values_list("worker", flat=True))
    return sorted(found)


def lift(hand: Hand, worker_id: uuid.UUID) -> None:
    """Let a worker go on after they reached the limit; nobody lifts their own while another coordinator is there."""
    hand.require("worker.limits")
    others = Worker.objects.filter(role=hand.role, ended=None).exclude(id=hand.id)
    if worker_id == hand.id and others.exists():
        raise VeilError(_("nobody lifts their own limit"), _("ask another coordinator"))
    long_ago = clock.now() - timedelta(days=2)  # baits that were opened stay in sight
    Opened.objects.filter(worker_id=worker_id, at__gt=long_ago).update(at=long_ago)
    world.noted().pop("opened", None)
    hand.note("limit lifted", worker_id)


@dataclass(frozen=True)
class Bite:
    """Somebody opened a bait."""

    worker: uuid.UUID
    at: datetime


def is_bait(hand: Hand, case: uuid.UUID) -> bool:
    """Tell whether a case is a bait; only coordinators can tell."""
    return str(case) in _baits(hand)


def set_bait(hand: Hand, case: uuid.UUID, on: bool) -> None:
    """Mark a case of nobody as a bait, or take the mark away; the mark is sealed to coordinators."""
    hand.require("bait.set")
    if not hand.within(case):
        raise VeilError(_("this case is not open to you"), _("make the bait yourself, as a case of nobody"))
    told = _baits(hand)
    told.pop(str(case), None)
    if on:
        told[str(case)] = clock.now().isoformat()
    hand.write(_BAITS, NETWORK, Kind.FILE, told)


def bites(hand: Hand) -> list[Bite]:
    """Return who opened a bait after it was set; coordinators, who know them, do not count. Silent to the worker."""
    if not hand.holds(NETWORK, Kind.FILE):
        return []
    told = _baits(hand)
    rows = Opened.objects.filter(what__in=[uuid.UUID(case) for case in told]).exclude(worker__role=hand.role)
    return [
        Bite(row.worker_id, row.at)
        for row in rows.order_by("at")
        if row.at >= datetime.fromisoformat(told[str(row.what)])
    ]


def _baits(hand: Hand) -> dict[str, str]:
    return dict(hand.read(_BAITS, NETWORK, Kind.FILE).said)


def _since(rows: object, now: datetime, hours: int) -> int:
    return int(rows.filter(at__gt=now - timedelta(hours=hours)).count())  # type: ignore[attr-defined]
