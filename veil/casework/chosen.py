"""What a network chose for itself: its hours, and numbers within safe bounds; everything else is as it comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from veil.casework import clock, zone
from veil.casework.hand import Hand
from veil.casework.keeping import clocks
from veil.casework.moves import plans
from veil.casework.network import brakes, chiefs, exposure
from veil.casework.network.models import World
from veil.casework.network.opening import NETWORK
from veil.casework.network.roles import Kind
from veil.casework.policy import NotAllowed
from veil.casework.requests import entry

IDLE_MINUTES, GRACE_MINUTES = 10, 15


@dataclass(frozen=True)
class Number:
    """One number that a network may choose: where it is kept, what it is where nobody chose, and its bounds."""

    group: str  # a key of the settings by itself, where it holds no more than this number
    name: str
    usual: int
    least: int
    most: int

    @property
    def key(self) -> str:
        """Return what its field in a form is called."""
        return f"{self.group}-{self.name}".strip("-").replace(" ", "_")


_BOUNDS = {
    "request": (3, 90),
    "declined request": (1, 30),
    "suspected trap": (3, 60),
    "case": (30, 730),
    "closed case": (1, 90),
    "move": (1, 30),
    "house": (30, 730),
    "incident": (7, 365),
}
NUMBERS: tuple[Number, ...] = (
    *(Number("days", name, usual, *_BOUNDS[name]) for name, usual in clocks.DAYS.items()),
    *(Number("move_hours", name, usual, 1, 168) for name, usual in plans.HOURS.items()),
    Number("grace minutes", "", GRACE_MINUTES, 0, 120),
    Number("idle minutes", "", IDLE_MINUTES, 2, 30),
    Number("missed calls", "", entry.MISSED, 2, 10),
    Number("second look", "", 1, 0, 1),
    Number("open", "hour", brakes.HOUR, 5, 500),
    Number("open", "day", brakes.DAY, 10, 2000),
    *(Number("yield", name, usual, 1, 200) for name, usual in exposure.MOST.items()),
)
_BRAKES = {"open-hour": 1, "open-day": 1, "second_look": -1}  # the way in which each is loosened


def settings() -> dict[str, Any]:
    """Return what is kept of the present world's choices, and what it needs beside them."""
    told: dict[str, Any] | None = World.objects.values_list("settings", flat=True).first()
    return told or {}


def number(one: Number) -> int:
    """Return a number as it is now: as it was chosen, within its bounds."""
    kept = settings()
    told = kept.get(one.group, {}).get(one.name) if one.name else kept.get(one.group)
    return min(one.most, max(one.least, int(one.usual if told is None else told)))


def numbers() -> dict[str, int]:
    """Return every number as it is now, by its key."""
    return {one.key: number(one) for one in NUMBERS}


def number_of(key: str) -> int:
    """Return one number as it is now, by its key."""
    return number(next(one for one in NUMBERS if one.key == key))


def asked() -> dict[str, int]:
    """Return which looser numbers a coordinator asked for, that wait for a second one; empty where none do."""
    return dict(settings().get("asked", {}).get("what", {}))


def grace_minutes() -> int:
    """Return how long a check-in is waited for where nobody says otherwise."""
    return number(next(one for one in NUMBERS if one.group == "grace minutes"))


def choose(hand: Hand, told: Mapping[str, int], place: str) -> bool:
    """Keep what a coordinator chose, within its bounds, and tell whether anything is other than before.

    What loosens a brake on coordinators themselves holds when a second one has chosen the same.
    """
    hand.require("settings.change")
    if not hand.holds(NETWORK, Kind.FILE):
        raise NotAllowed  # a coordinator to whom a second one has not agreed yet
    here = World.objects.select_for_update().get()
    before = numbers() | {"zone": zone.of(here.settings)}
    kept: dict[str, Any] = dict(here.settings)
    chosen = {one.key: min(one.most, max(one.least, int(told[one.key]))) for one in NUMBERS}
    loose = {key: chosen[key] for key, way in _BRAKES.items() if (chosen[key] - number_of(key)) * way > 0}
    asked = kept.pop("asked", None)
    agreed = asked is not None and asked["what"] == loose and asked["by"] != hand.id.hex
    if loose and not agreed and chiefs.of_the_network().exclude(id=hand.id).exists():
        kept["asked"] = {"what": loose, "by": hand.id.hex}
        chosen |= {key: number_of(key) for key in loose}
    for one in NUMBERS:
        value = chosen[one.key]
        if one.name:
            kept[one.group] = {**kept.get(one.group, {}), one.name: value}
        else:
            kept[one.group] = value
    kept["zone"] = ZoneInfo(place).key
    World.objects.filter(id=here.id).update(settings=kept)
    if "asked" in kept and kept["asked"] != asked:
        hand.note("looser settings asked for")
    changed = before != numbers() | {"zone": kept["zone"]}
    if changed:
        kept["chosen"] = [hand.id.hex, clock.now().timestamp()]  # for the other coordinators' boards
        World.objects.filter(id=here.id).update(settings=kept)
        hand.note("settings changed")
    return changed
