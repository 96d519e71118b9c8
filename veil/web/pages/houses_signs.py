"""After a house burned and everybody was moved: a sign of life from each, tonight and in the morning, in one click."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone

from veil.casework import clock
from veil.casework.hand import Hand
from veil.casework.houses import burning, shelter
from veil.casework.houses.journey import STAYING
from veil.casework.houses.models import Stay
from veil.casework.moves import checkins
from veil.casework.moves.models import CheckIn, Incident
from veil.casework.network.roles import Kind
from veil.web.pages.declared import page
from veil.web.pages.houses_shared import stay_line

_GRACE = timedelta(minutes=30)


def hours(now: datetime) -> tuple[datetime, datetime]:
    """Return when everybody ought to be there, and nine in the morning after it."""
    tonight = (now + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    local = timezone.localtime(tonight)
    morning = local.replace(hour=9, minute=0)
    return tonight, morning if morning > local + timedelta(hours=2) else morning + timedelta(days=1)


def moved(request: HttpRequest, what: uuid.UUID, stay_ids: Iterable[uuid.UUID]) -> HttpResponse:
    """Show who has another bed now, and offer to expect a sign of life from each; nothing keeps where they were."""
    hand = request.hand
    there = _there(hand, stay_ids)
    mine = [one for one in there if hand.holds(one.case, Kind.MOVEMENT)]
    tonight, morning = hours(clock.now())
    told = {
        "house": shelter.house_of(hand, what),
        "left": burning.must_move(what).exists(),
        "lines": [stay_line(hand, one) for one in there],
        "mine": mine,
        "others": len(there) - len(mine),
        "tonight": tonight,
        "morning": morning,
    }
    return render(request, "houses/moved.html", told)


@page("stay.place")
def signs(request: HttpRequest, what: uuid.UUID) -> HttpResponse:
    """Expect a sign of life of each case that was moved, tonight and in the morning; once only."""
    hand = request.hand
    shelter.house_of(hand, what)
    if request.method == "POST":
        for case in sorted({one.case for one in _there(hand, _ids(request.POST.getlist("stay")))}):
            if hand.holds(case, Kind.MOVEMENT):
                _expect(hand, case)
    return redirect("house", what)


def _expect(hand: Hand, case: uuid.UUID) -> None:
    for due in hours(clock.now()):
        near = CheckIn.objects.filter(of=case, state="waiting", due__gte=due - _GRACE, due__lte=due + _GRACE)
        if not near.exists():
            checkins.set_check_in(hand, case, case, due, _GRACE, checkins.renewed(hand, case, checkins.Agreed()))


def _there(hand: Hand, stay_ids: Iterable[uuid.UUID]) -> list[Any]:
    found = Stay.objects.filter(id__in=list(stay_ids), state=STAYING).select_related("house").order_by("-beds", "id")
    return [one for one in found if any(hand.holds(owner, Kind.FILE) for owner in (one.case, one.id))]


def to_close(hand: Hand, house: uuid.UUID) -> Incident | None:
    """Return the open incident of a burned house that this worker may close."""
    if not hand.may("incident.close"):
        return None
    found = Incident.objects.filter(of=house, state="open", id__in=hand.held(Kind.MOVEMENT)).order_by("since")
    told: Incident | None = found.first()
    return told


def _ids(told: Iterable[str]) -> list[uuid.UUID]:
    found = []
    for one in told:
        try:
            found.append(uuid.UUID(one))
        except ValueError:
            continue
    return found


urlpatterns = [path("<uuid:what>/signs", signs, name="house-signs")]
