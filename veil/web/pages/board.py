"""The morning board: the day of whoever is in, in one page, the worst first; and the switch of languages."""

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import date
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.i18n import set_language

from veil.casework import clock, today
from veil.casework.due import Due, Weight
from veil.casework.houses import shelter
from veil.casework.houses.journey import BURNED, OPEN
from veil.casework.network.roles import Role
from veil.web import door
from veil.web.context import seen
from veil.web.pages.declared import PUBLIC, page

_AREAS = {
    "requests": gettext_lazy("Requests"),
    "cases": gettext_lazy("Cases"),
    "moves": gettext_lazy("Moves and check-ins"),
    "houses": gettext_lazy("Houses"),
    "custody": gettext_lazy("Envelopes"),
    "network": gettext_lazy("Workers"),
}
_MOST_SOON = 50  # lines that can wait; the rest comes closer by itself


_MOST = 100  # lines of one day on one page; a filter shows the others


@dataclass(frozen=True)
class Line:
    """One thing that is due, as the board shows it."""

    due: Due
    page: str  # where it is dealt with; empty where there is no page for it
    late: str  # by how much, or since when it waits; empty where it does neither
    red: bool
    tomorrow: bool


@page("board.see")
def board(request: HttpRequest) -> HttpResponse:
    """Show what is due."""
    now = clock.now()
    due = today.today(request.hand, now)
    seen(request.hand, now, due)
    only = request.GET.get("only", "")
    only = only if only in _AREAS else ""
    alarms, day, soon = _in_order([one for one in due if _is_shown(one, only)], now)
    told = {
        "on_board": True,
        "again": "again" in request.GET,
        "heard": request.GET.get("heard", ""),
        "alarms_now": f"{len(alarms)}-{max((int(one.at.timestamp()) for one in alarms), default=0)}",
        "now": now,
        "alarms_due": [_line(one, now) for one in alarms],
        "today": [_line(one, now) for one in day[:_MOST]],
        "today_count": len(day),
        "more": max(0, len(day) - _MOST),
        "soon": [_line(one, now) for one in soon[:_MOST_SOON]],
        "soon_count": len(soon),
        "later": max(0, len(soon) - _MOST_SOON),
        "only": only,
        "areas": _areas(due, only),
        "all": len(due),
        "beds": _beds(request.hand),
        "doors": _doors(request.hand),
    }
    return render(request, "veil/board.html", told)


@page(PUBLIC)
def language(request: HttpRequest) -> HttpResponse:
    """Show the pages in another language from now on."""
    return set_language(request)


@page("own.change")
def sound(request: HttpRequest) -> HttpResponse:
    """Switch the sound of new alarms on or off, until this session ends."""
    session = door.session_of(request)
    if request.method == "POST" and session is not None:
        session.sound = request.POST.get("on") == "yes"
    return redirect("worker", request.hand.id)


def _is_shown(due: Due, only: str) -> bool:
    return not only or due.weight == Weight.ALARM or _area(due.page) == only


def _line(due: Due, now: datetime) -> Line:
    to = _page(due.page, due.what)
    past = due.at < now and due.weight < Weight.SOON
    late = "" if not past else _since(due, now) if due.since else _late(now - due.at)
    red = past and (not due.since or due.weight < Weight.TODAY)
    return Line(due, to, late, red, due.at >= _midnight(now))


def _since(due: Due, now: datetime) -> str:
    """Return since when something waits: the hour, or the day, of another day or where only that is known."""
    at, today_ = timezone.localtime(due.at), timezone.localtime(now).date()
    by_hour = due.since == "hour" and at.date() == today_
    day = get_format("SHORT_DATE_FORMAT").removesuffix(" Y")
    return _("since %(time)s") % {"time": date(at, "H:i" if by_hour else day)}


def _late(by: timedelta) -> str:
    """Return by how much something is late, in the largest unit that says it."""
    minutes = int(by.total_seconds()) // 60
    if minutes < 60:
        return _("%(count)s min late") % {"count": max(1, minutes)}
    if minutes < 48 * 60:
        return _("%(count)s h late") % {"count": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("%(count)s day late", "%(count)s days late", days) % {"count": days}


@lru_cache(maxsize=256)
def _area(name: str) -> str:
    """Return the part of the work that a page belongs to: the first word of its address; nothing without a page."""
    return _page(name, uuid.UUID(int=0)).partition("/")[2].partition("/")[0]


def _page(name: str, what: uuid.UUID) -> str:
    """Return the address of the page of one thing, or of a whole part of the work, or nothing."""
    for told in ([what], []):
        try:
            return str(reverse(name, args=told))
        except NoReverseMatch:
            continue
    return ""


def _in_order(due: list[Due], now: datetime) -> tuple[list[Due], list[Due], list[Due]]:
    """Return alarms, then what belongs to this day by its hour, then the rest by its day."""
    ends = _midnight(now)
    alarms = [one for one in due if one.weight == Weight.ALARM]
    rest = sorted((one for one in due if one.weight != Weight.ALARM), key=lambda one: one.at)
    day: list[Due] = []
    soon: list[Due] = []
    for one in rest:
        (day if one.weight <= Weight.TODAY or now <= one.at < ends else soon).append(one)
    return alarms, day, soon


def _midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _areas(due: list[Due], only: str) -> list[dict[str, Any]]:
    counts = Counter(_area(one.page) for one in due)
    return [
        {"name": name, "label": label, "count": counts[name], "here": name == only}
        for name, label in _AREAS.items()
        if counts[name] or name == only
    ]


def _beds(hand: Any) -> str:
    """Return how many beds are free tonight, for those who place people."""
    if not hand.may("stay.place"):
        return ""
    free = [house.free for house in shelter.houses_of(hand).filter(state=OPEN, free__gt=0)]
    return ngettext("one free bed", "%(beds)s free beds", sum(free)) % {"beds": sum(free)}


def _doors(hand: Any) -> list[tuple[str, str]]:
    """Return where "two men at the door" is sent, and the house it is about: for hosts their own, else which is open.

    The press is one, also for whoever holds no more than the key of one address.
    """
    if not hand.may("incident.raise"):
        return []
    if hand.role == Role.HOST:
        own = shelter.houses_of(hand).exclude(state=BURNED)
        if told := [(str(reverse("incident-new", args=[house.id])), house.code) for house in own]:
            return told
    return [(str(reverse("incident-raise")), "")]


urlpatterns = [
    path("", board, name="board"),
    path("language", language, name="language"),
    path("sound", sound, name="sound"),
]
