"""The morning board: the day of whoever is in, in one page, the worst first; and the switch of languages."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext
from django.views.i18n import set_language

from veil.casework import clock, today
from veil.casework.due import Due, Weight
from veil.casework.houses import shelter
from veil.casework.houses.journey import OPEN
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


@dataclass(frozen=True)
class Line:
    """One thing that is due: where it is dealt with, and under which part of the work it counts."""

    due: Due
    page: str  # empty where there is no page for it
    area: str
    late: bool
    tomorrow: bool


@page("board.see")
def board(request: HttpRequest) -> HttpResponse:
    """Show what is due."""
    now = clock.now()
    lines = [_line(one, now) for one in today.today(request.hand, now)]
    only = request.GET.get("only", "")
    only = only if only in _AREAS else ""
    shown = [line for line in lines if not only or line.area == only or line.due.weight == Weight.ALARM]
    alarms, day, soon = _in_order(shown, now)
    told = {
        "on_board": True,
        "now": now,
        "alarms_due": alarms,
        "today": day,
        "soon": soon[:_MOST_SOON],
        "later": max(0, len(soon) - _MOST_SOON),
        "only": only,
        "areas": _areas(lines, only),
        "all": len(lines),
        "beds": _beds(request.hand),
    }
    return render(request, "veil/board.html", told)


@page(PUBLIC)
def language(request: HttpRequest) -> HttpResponse:
    """Show the pages in another language from now on."""
    return set_language(request)


def _line(due: Due, now: datetime) -> Line:
    try:
        to = str(reverse(due.page, args=[due.what]))
    except NoReverseMatch:
        to = ""
    late = due.at < now and due.weight < Weight.SOON
    return Line(due, to, to.split("/")[1] if to else "", late, due.at >= _midnight(now))


def _in_order(lines: list[Line], now: datetime) -> tuple[list[Line], list[Line], list[Line]]:
    """Return alarms, then what belongs to this day by its hour, then the rest by its day."""
    ends = _midnight(now)
    alarms = [line for line in lines if line.due.weight == Weight.ALARM]
    rest = sorted((line for line in lines if line.due.weight != Weight.ALARM), key=lambda line: line.due.at)
    day = [line for line in rest if line.due.weight <= Weight.TODAY or now <= line.due.at < ends]
    return alarms, day, [line for line in rest if line not in day]


def _midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _areas(lines: list[Line], only: str) -> list[dict[str, Any]]:
    counts = Counter(line.area for line in lines)
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


urlpatterns = [path("", board, name="board"), path("language", language, name="language")]
