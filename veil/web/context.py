"""What every template may use: the worker, the menu of what they may open, and what cannot wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _

from veil.casework import clock, today
from veil.casework.due import Due, Weight
from veil.casework.hand import Hand

# The order is that of the work: what came in, who is looked after, how they travel, where they sleep, who we are.
_PLACES = (
    ("board", _("Today")),
    ("requests", _("Requests")),
    ("cases", _("Cases")),
    ("care-list", _("In my care")),
    ("testimony-list", _("Testimony")),
    ("moves", _("Moves")),
    ("checkins", _("Check-ins")),
    ("houses", _("Houses")),
    ("incidents", _("Incidents")),
    ("custody", _("Envelopes")),
    ("workers", _("Workers")),
    ("keeping", _("Kept until")),
    ("audit", _("Audit")),
)


_FRESH = timedelta(seconds=30)  # as often as an open board looks by itself
_seen: WeakKeyDictionary[Hand, tuple[datetime, int]] = WeakKeyDictionary()  # gone with the session


@dataclass(frozen=True)
class Item:
    """One entry of the menu."""

    page: str
    label: str
    here: str  # "page" where it is open, "true" where something within it is


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """Return what the frame of every page shows; before unlocking that is next to nothing."""
    told: dict[str, Any] = {"hand": None, "same_page": request.get_full_path() if request.method == "GET" else "/"}
    told["demo"] = settings.DEMO
    hand: Hand | None = getattr(request, "hand", None)
    if hand is None:
        return told
    return told | {
        "hand": hand,
        "home": home(hand),
        "menu": partial(_menu, request, hand),
        "own_page": _page_of("worker", hand.id) if hand.may("worker.see own") else None,
        "exit_page": _page_of("exit") or reverse("lock"),
        "alarm_count": partial(_alarms, hand),
        "clock_behind": _behind,
        "clock_ahead": _ahead,
        "may_set_right": hand.may("clock.set right"),
    }


def home(hand: Hand) -> str:
    """Return the first page that a worker may open: the board, for most."""
    return next((page for page, act in _acts().values() if hand.may(act)), str(reverse("own")))


def _menu(request: HttpRequest, hand: Hand) -> list[Item]:
    places = [(*_acts()[name], label) for name, label in _PLACES if name in _acts()]
    nearest = max((page for page, _act, _label in places if request.path.startswith(page)), key=len, default="/")
    here = "page" if request.path == nearest else "true" if nearest != "/" else ""
    return [Item(page, str(label), here if page == nearest else "") for page, act, label in places if hand.may(act)]


@lru_cache(maxsize=1)
def _acts() -> dict[str, tuple[str, str]]:
    """Return the address of each place, and the act that its own page declares: the menu cannot differ from it."""
    told: dict[str, tuple[str, str]] = {}
    for name, _label in _PLACES:
        page = _page_of(name)
        if page is not None:
            told[name] = (page, resolve(page).func.act)
    return told


def _page_of(name: str, *what: Any) -> str | None:
    try:
        return str(reverse(name, args=what))
    except NoReverseMatch:
        return None


def seen(hand: Hand, now: datetime, due: list[Due]) -> None:
    """Remember for some seconds how many alarms wait, so that not every page has to ask for them."""
    _seen[hand] = (now, sum(one.weight == Weight.ALARM for one in due))


def _alarms(hand: Hand) -> int:
    if not hand.may("board.see"):
        return 0
    now = clock.now()
    if hand not in _seen or abs(now - _seen[hand][0]) > _FRESH:
        seen(hand, now, today.alarms(hand, now))
    return _seen[hand][1]


def _behind() -> str:
    behind = clock.set_back()
    return "" if behind is None else in_words(behind.total_seconds())


def _ahead() -> str:
    ahead = clock.ahead()
    return "" if ahead is None else in_words(ahead.total_seconds())


def in_words(seconds: float) -> str:
    """Return a length of time in its largest unit."""
    now = clock.now()
    return str(timesince(now - timedelta(seconds=seconds), now, depth=1))
